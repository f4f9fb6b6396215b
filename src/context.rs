//! What an applet was given to work with.

use crate::dialect::Dialect;
use crate::output::Output;
use std::ffi::{OsStr, OsString};

/// The name of the environment variable that chooses the dialect.
pub const COMPAT_VARIABLE: &str = "NTPKIT_COMPAT";

/// One call of an applet.
pub struct Context {
    /// The program as it was called, for messages that name it.
    pub called: OsString,
    /// What follows the applet's name.
    pub arguments: Vec<OsString>,
    /// The dialect that the caller or the environment chose.
    pub dialect: Dialect,
    /// Whether the environment forbids colour (`NO_COLOR` is set and not empty).
    pub no_color: bool,
    /// Which of standard input, output and error are terminals.
    pub terminals: Terminals,
    /// Where results and messages go.
    pub output: Output,
}

/// Which of the standard streams are terminals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminals {
    /// Standard input.
    pub input: bool,
    /// Standard output.
    pub output: bool,
    /// Standard error.
    pub error: bool,
    /// Columns of standard output, if that is a terminal that says.
    pub columns: Option<u16>,
}

/// The dialect that a release's name stands for, as `--compat` and [`COMPAT_VARIABLE`] give it.
///
/// # Errors
/// A name that is none of them.
pub fn dialect_of(release: &OsStr) -> Result<Dialect, String> {
    match release.to_str() {
        Some("4.2.8p15") => Ok(Dialect::Classic),
        Some("" | "none") => Ok(Dialect::Unsigned),
        _ => Err(format!("'{}' is no known release: 4.2.8p15, or none", release.to_string_lossy())),
    }
}
