//! What happened -> exit status.

use crate::cli::output::Output;
use crate::compat::{Dialect, Quirk};

/// How a run of `ntpq` ended.
#[derive(Debug)]
pub enum Ending {
    /// All commands ran; whether anything failed on the way.
    Ran {
        /// A host could not be opened, a query failed, or a command was unknown or ill-used.
        failed: bool,
    },
    /// The command line was wrong.
    Usage,
    /// The classic program breaks off here.
    Aborted,
    /// An interrupt ended it; what there was is printed.
    Interrupted,
}

/// What a shell calls the end through an interrupt.
const INTERRUPTED: u8 = 130;

/// The exit status of `ntpq`: 0, or 1 when anything failed. The classic knows only wrong usage and its own
/// abortion as failures.
pub fn ntpq(ending: &Ending, dialect: Dialect) -> u8 {
    match ending {
        Ending::Ran { failed } => u8::from(*failed && !dialect.keeps(Quirk::FAILURES_END_WITH_0)),
        Ending::Usage | Ending::Aborted => 1,
        Ending::Interrupted => INTERRUPTED,
    }
}

/// Writes out what is held back, and returns `status`, or `unwritten` if the results could not be written.
///
/// Every program has a status of its own for that: what means "not synchronised" or "warning" must not be it.
pub fn conclude(output: &mut Output, name: &str, status: u8, unwritten: u8) -> u8 {
    match output.finish() {
        Ok(()) => status,
        Err(fault) => {
            output.message(format!("{name}: write error: {}\n", crate::cli::output::reason(&fault)));
            unwritten
        }
    }
}

/// How a run of `ntp-keygen` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// All was made that was asked for.
    Done,
    /// The command line was wrong.
    Usage,
    /// Something could not be made.
    Failed,
}

/// The exit status of `ntp-keygen`.
pub fn ntp_keygen(generation: Generation) -> u8 {
    match generation {
        Generation::Done => 0,
        Generation::Usage => 1,
        Generation::Failed => 255,
    }
}

/// What was found out about a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFileVerdict {
    /// A daemon takes every row, though there may be warnings.
    Usable,
    /// A daemon refuses a row or the whole file.
    Faulty,
    /// The file could not be read.
    Unreadable,
}

/// The exit status of `ntpkit keys check`.
pub fn keys_check(verdict: KeyFileVerdict) -> u8 {
    match verdict {
        KeyFileVerdict::Usable => 0,
        KeyFileVerdict::Faulty => 1,
        KeyFileVerdict::Unreadable => 2,
    }
}
