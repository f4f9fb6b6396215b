//! A line at the terminal that says how far the work is.

use crate::cli::output::Output;
use crate::clock::monotonic;
use std::time::Duration;

/// Between two lines.
const INTERVAL: Duration = Duration::from_millis(200);
/// Puts the cursor at the beginning of an empty line.
const CLEAR: &str = "\r\x1b[K";

/// The line.
#[derive(Debug)]
pub struct Progress {
    all: usize,
    /// When the next line is due; nothing if nobody sees it.
    due: Option<Duration>,
    is_shown: bool,
}

impl Progress {
    /// For this many hosts, if it can be seen.
    pub fn new(all: usize, is_seen: bool) -> Self {
        Self { all, due: is_seen.then(|| monotonic() + INTERVAL), is_shown: false }
    }

    /// So many are done.
    pub fn show(&mut self, output: &mut Output, done: usize, lost: usize) {
        let now = monotonic();
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        self.due = Some(now + INTERVAL);
        self.is_shown = true;
        output.message(format!("{CLEAR}{done} of {} hosts, {lost} lost", self.all));
    }

    /// Takes the line away.
    pub fn clear(&mut self, output: &mut Output) {
        if std::mem::take(&mut self.is_shown) {
            output.message(CLEAR);
        }
    }
}
