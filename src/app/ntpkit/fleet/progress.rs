//! A progress line on the terminal.

use crate::cli::output::Output;
use crate::clock::monotonic;
use std::time::Duration;

/// The time between two updates.
const INTERVAL: Duration = Duration::from_millis(200);
/// Moves the cursor to the start of the line and clears it.
const CLEAR: &str = "\r\x1b[K";

/// The progress line.
#[derive(Debug)]
pub struct Progress {
    all: usize,
    /// When the next update is due; `None` if nobody sees it.
    due: Option<Duration>,
    is_shown: bool,
}

impl Progress {
    /// Progress for this many hosts, if it is visible.
    pub fn new(all: usize, is_seen: bool) -> Self {
        Self { all, due: is_seen.then(|| monotonic() + INTERVAL), is_shown: false }
    }

    /// Shows that this many are done.
    pub fn show(&mut self, output: &mut Output, done: usize, lost: usize) {
        let now = monotonic();
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        self.due = Some(now + INTERVAL);
        self.is_shown = true;
        output.progress(format!("{CLEAR}{done} of {} hosts, {lost} lost", self.all));
    }

    /// Removes the line.
    pub fn clear(&mut self, output: &mut Output) {
        if std::mem::take(&mut self.is_shown) {
            output.progress(CLEAR);
        }
    }
}
