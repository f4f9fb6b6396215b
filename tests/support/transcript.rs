//! Several runs in one snapshot.

use super::{Ran, Run};
use ntpkit::sim::SimulatedDaemon;
use std::fmt;

/// What command lines print, one after the other. Lines of standard error begin with `! `, the exit status
/// stands in brackets. What depends on our own clock or on the build is blotted out.
#[derive(Default)]
pub struct Transcript(String);

impl Transcript {
    /// Runs `ntpq` with each of these arguments against a daemon, in the default dialect and in the classic.
    pub fn of(daemon: &SimulatedDaemon, lines: &[&[&str]]) -> (Self, Self) {
        let (mut unsigned, mut classic) = (Self::default(), Self::default());
        for words in lines {
            unsigned.add(Run::ntpq(*words).of(daemon));
            classic.add(Run::ntpq(*words).of(daemon).classic());
        }
        (unsigned, classic)
    }

    /// Runs this and adds what it prints.
    pub fn add(&mut self, run: Run) {
        let line = run.to_string();
        self.note(&line, &run.run());
    }

    /// Adds what a run has printed.
    pub fn note(&mut self, line: &str, ran: &Ran) {
        let reported: String = ran.to_string().lines().map(|line| blot(line) + "\n").collect();
        self.0 += &format!("{line}\n{reported}\n");
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The length of what follows the second column of a billboard: ` %2ld %c %4.4s %4.4s  %3lo  %7.7s %8.7s %7.7s`.
const NUMBERS: usize = 46;

/// Blots out the column `when` of a billboard's row, and the release and the date of the version line.
fn blot(line: &str) -> String {
    if let Some(at) = line.find("@ntpkit-") {
        let (before, _) = line.split_at(at);
        return format!("{before}@ntpkit-[version]");
    }
    let (rest, numbers) = line.split_at_checked(line.len().saturating_sub(NUMBERS)).unwrap_or((line, ""));
    let (Some(kind), Some(when), Some(after)) = (numbers.get(3..6), numbers.get(6..10), numbers.get(10..))
    else {
        return line.to_owned();
    };
    let is_row = matches!(kind.as_bytes(), [b' ', letter, b' '] if letter.is_ascii_alphabetic());
    let age = when.trim_start().trim_end_matches(['m', 'h', 'd', 'y']);
    if !is_row || age.is_empty() || !age.bytes().all(|byte| byte.is_ascii_digit()) {
        return line.to_owned();
    }
    let (before, _) = numbers.split_at(6);
    format!("{rest}{before}WHEN{after}")
}
