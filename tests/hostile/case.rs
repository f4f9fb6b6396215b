//! What every case must satisfy, in every form of output.

use crate::checker;
use crate::server::Server;
use crate::support::{Ran, Run};
use ntpkit::sim::Delivery;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The forms of output, each with the dialect it belongs to.
pub const FORMS: [(&str, bool); 5] =
    [("classic", false), ("table", false), ("json", false), ("openmetrics", false), ("classic", true)];
/// No conversation of this suite needs more datagrams, unless its case says so.
pub const DATAGRAMS: usize = 60;
/// The cases that run at the same time: mostly they wait.
const AT_ONCE: usize = 8;

/// The length of a message about a failed case, in characters.
const MESSAGE: usize = 800;

/// A server's answer to a request.
pub type Answer = fn(&[u8]) -> Vec<Delivery>;

/// One hostile server, and what a program makes of it.
pub struct Case {
    /// What the server does; begins with the CVE's identifier if it has one.
    pub name: &'static str,
    /// The command that is run against it.
    pub command: &'static str,
    /// What the server answers.
    pub answer: Answer,
    /// What comes out.
    pub expected: Expected,
}

/// What comes out, in the default dialect.
#[derive(Clone, Copy)]
pub enum Expected {
    /// The run succeeds, and the classic form contains this.
    Shows(&'static str),
    /// The run fails with status 1, and standard error contains this.
    Fails(&'static str),
}

/// Runs all cases, some at a time, and reports all that fail.
pub fn run_all(cases: &[Case], words: &(dyn Fn(&str) -> Vec<String> + Sync)) {
    in_parallel(cases, |case| run(case, &words(case.command)));
}

/// Checks all of these, some at a time, and reports all that fail.
pub fn in_parallel<T: Sync>(all: &[T], check: impl Fn(&T) -> Result<(), String> + Sync) {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = check(one) {
                        failed.lock().unwrap().push(error);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), all.len(), failed.join("\n"));
}

/// Runs one case in all forms.
fn run(case: &Case, words: &[String]) -> Result<(), String> {
    let server = Server::start(case.answer);
    let mut before = 0;
    for (form, is_classic) in FORMS {
        let words = words.iter().map(String::as_str).chain(["--format", form]);
        let host = server.address().to_string();
        let run = Run::called("ntpq", words.chain([host.as_str()]));
        let ran = if is_classic { run.classic() } else { run }.run();
        let about = format!("{} ({form}{})", case.name, if is_classic { ", 4.2.8p15" } else { "" });
        check_output(&about, form, &ran)?;
        let requests = server.requests() - before;
        before += requests;
        ensure(requests <= DATAGRAMS, || format!("{about}: {requests} requests"))?;
        if is_classic {
            continue;
        }
        let shown = |text: &str| form != "classic" || ran.stdout.contains(text);
        let met = match case.expected {
            Expected::Shows(text) => ran.status == Some(0) && shown(text),
            Expected::Fails(error) => ran.status == Some(1) && ran.stderr.contains(error),
        };
        ensure(met, || format!("{about}: {ran}"))?;
    }
    Ok(())
}

/// Fails with this message unless the condition is met.
pub fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(message().chars().take(MESSAGE).collect()) }
}

/// Checks that the run has ended by itself, has printed nothing that a terminal obeys, and that its output is what its form
/// promises.
pub fn check_output(about: &str, form: &str, ran: &Ran) -> Result<(), String> {
    ensure(matches!(ran.status, Some(0..=3)) && !ran.stderr.contains("panicked"), || {
        format!("{about}: {ran}")
    })?;
    for octets in [ran.octets.as_slice(), ran.stderr.as_bytes()] {
        let text = str::from_utf8(octets).map_err(|_| format!("{about}: not UTF-8: {ran}"))?;
        if let Some((at, letter)) = text.char_indices().find(|&(_, letter)| is_obeyed(letter)) {
            let near: Vec<char> = text[..at].chars().rev().take(40).collect();
            return Err(format!("{about}: {letter:?} after {:?}", near.iter().rev().collect::<String>()));
        }
    }
    let text = str::from_utf8(&ran.octets).unwrap_or_default();
    match form {
        "json" => {
            for line in text.lines() {
                let parsed: Result<serde_json::Value, _> = serde_json::from_str(line);
                ensure(parsed.is_ok(), || format!("{about}: {line}"))?;
            }
        }
        "openmetrics" => {
            let checked = std::panic::catch_unwind(|| checker::check_form(text));
            ensure(checked.is_ok_and(|samples| samples.iter().all(|one| !one.name.is_empty())), || {
                format!("{about}: {text}")
            })?;
        }
        _ => {}
    }
    Ok(())
}

/// Whether a terminal, a pager or a reader may take the character for something else than a letter: control characters, and
/// those that are invisible or change the direction.
fn is_obeyed(letter: char) -> bool {
    matches!(letter, '\0'..='\u{9}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
