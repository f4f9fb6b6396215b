//! What happened -> exit status.

use crate::dialect::Dialect;
use std::io;

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
}

/// The exit status of `ntpq`: 0, or 1 when anything failed. The classic knows only wrong usage and its own
/// abortion as failures.
pub fn ntpq(ending: &Ending, dialect: Dialect) -> u8 {
    match ending {
        Ending::Ran { failed } => u8::from(*failed && !dialect.is_classic()),
        Ending::Usage | Ending::Aborted => 1,
    }
}

/// The status and the message of results that could not be written.
pub fn unwritten(name: &str, fault: &io::Error) -> (u8, String) {
    (1, format!("{name}: write error: {}\n", crate::output::reason(fault)))
}
