//! Outcome of a run -> exit status.

use crate::cli::output::Output;
use crate::compat::{Dialect, Quirk};

/// How a run of commands ended.
#[derive(Debug)]
pub enum RunOutcome {
    /// All commands ran.
    Ran {
        /// Whether a host could not be opened, a query failed, or a command was unknown or misused.
        failed: bool,
    },
    /// The command line was wrong.
    Usage,
    /// The point where the classic program aborts.
    Aborted,
    /// Interrupted; the results so far have been printed.
    Interrupted,
}

/// The exit status a shell reports for SIGINT (128 + 2).
pub const INTERRUPTED: u8 = 130;

impl RunOutcome {
    /// The exit status: 0, or 1 if anything failed. The classic program fails only on wrong usage or when it aborts.
    pub fn status(&self, dialect: Dialect) -> u8 {
        match self {
            Self::Ran { failed } => u8::from(*failed && !dialect.keeps(Quirk::FAILURES_END_WITH_0)),
            Self::Usage | Self::Aborted => 1,
            Self::Interrupted => INTERRUPTED,
        }
    }
}

/// How a run of a command that prints its results at the end was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this exit status.
    Status(u8),
    /// Interrupted; the results so far have been printed.
    Interrupted,
}

impl Ending {
    /// The exit status.
    pub fn status(self) -> u8 {
        match self {
            Self::Status(status) => status,
            Self::Interrupted => INTERRUPTED,
        }
    }
}

/// Flushes the output and returns `status`, or `unwritten` if the results could not be written.
///
/// Each program has its own `unwritten` status: it must not be one that means "not synchronised" or "warning".
pub fn conclude(output: &mut Output, name: &str, status: u8, unwritten: u8) -> u8 {
    match output.finish() {
        Ok(()) => status,
        Err(fault) => {
            output.message(format!("{name}: write error: {}\n", crate::cli::output::reason(&fault)));
            unwritten
        }
    }
}
