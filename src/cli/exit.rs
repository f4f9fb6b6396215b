//! What happened -> exit status.

use crate::cli::output::Output;
use crate::compat::{Dialect, Quirk};

/// How a run of commands ended.
#[derive(Debug)]
pub enum RunOutcome {
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
pub const INTERRUPTED: u8 = 130;

impl RunOutcome {
    /// The exit status: 0, or 1 when anything failed. The classic knows only wrong usage and its own abortion as
    /// failures.
    pub fn status(&self, dialect: Dialect) -> u8 {
        match self {
            Self::Ran { failed } => u8::from(*failed && !dialect.keeps(Quirk::FAILURES_END_WITH_0)),
            Self::Usage | Self::Aborted => 1,
            Self::Interrupted => INTERRUPTED,
        }
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
