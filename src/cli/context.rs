//! What an applet is, and the context it runs in.

use crate::cli::output::Output;
use crate::compat::{Dialect, Layout, Quirk};
use std::ffi::{OsStr, OsString};

/// The environment variable that selects the dialect.
pub const COMPAT_VARIABLE: &str = "NTPKIT_COMPAT";

/// One of the programs in this binary.
pub struct Applet {
    /// Its name, also the name of the link through which it is called.
    pub name: &'static str,
    /// A one-line summary.
    pub purpose: &'static str,
    /// Runs it and returns the exit status.
    pub run: fn(&mut Context) -> u8,
    /// Its options, for the manual page and the completions.
    pub command: fn() -> clap::Command,
    /// The exit status for a usage error.
    pub usage_status: u8,
    /// Where options are allowed.
    pub options: Options,
}

/// Where a program looks for options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Options {
    /// Anywhere.
    Anywhere,
    /// Before the first operand.
    First,
    /// Before the first operand; after it, `-4` and `-6` set the address family for the operands that follow.
    FirstButFamilies,
}

/// One call of an applet.
pub struct Context {
    /// All applets.
    pub applets: &'static [Applet],
    /// The program name as it was called, for messages.
    pub called: OsString,
    /// The arguments after the applet's name.
    pub arguments: Vec<OsString>,
    /// The dialect selected by the caller or the environment.
    pub dialect: Dialect,
    /// The table layout selected by the caller or the environment.
    pub layout: Layout,
    /// Whether the environment forbids colour (`NO_COLOR`, or a `TERM` without colours).
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
    /// Columns of standard output, if it is a terminal of known width.
    pub columns: Option<u16>,
    /// Columns of standard error, if it is a terminal of known width.
    pub error_columns: Option<u16>,
}

/// The dialect and the table layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compat {
    /// The dialect.
    pub dialect: Dialect,
    /// The table layout.
    pub layout: Layout,
}

impl From<Dialect> for Compat {
    /// A dialect with the classic tables.
    fn from(dialect: Dialect) -> Self {
        Self { dialect, ..Self::default() }
    }
}

#[cfg(test)]
impl Context {
    /// A call without a terminal whose results and messages are recorded.
    pub fn recording(called: &str, words: &[&str], dialect: Dialect) -> Self {
        Self {
            applets: &[],
            called: called.into(),
            arguments: words.iter().map(OsString::from).collect(),
            dialect,
            layout: Layout::default(),
            no_color: false,
            terminals: Terminals::default(),
            output: Output::record(),
        }
    }
}

impl Context {
    /// Returns the applet with exactly this name.
    pub fn applet(&self, name: &OsStr) -> Option<&'static Applet> {
        self.applets.iter().find(|applet| name == applet.name)
    }

    /// Applies a choice made on the command line, if any.
    pub fn choose(&mut self, compat: Option<Compat>) {
        if let Some(Compat { dialect, layout }) = compat {
            (self.dialect, self.layout) = (dialect, layout);
        }
        self.fold_messages();
    }

    /// Folds messages to the width of the terminal where the dialect allows it.
    pub fn fold_messages(&mut self) {
        let width = self.terminals.error_columns.filter(|_| !self.dialect.keeps(Quirk::NO_HINTS));
        self.output.fold_messages(width);
    }
}

/// Returns what a release or project name stands for, as [`COMPAT_VARIABLE`] takes it, and `--compat` in the programs
/// that NTPsec also has.
///
/// # Errors
/// The name is unknown.
pub fn compat_of(name: &OsStr) -> Result<Compat, String> {
    match name.to_str() {
        Some("ntpsec") => Ok(Compat { dialect: Dialect::Native, layout: Layout::Ntpsec }),
        _ => dialect_among(name, "4.2.8p15, ntpsec, or none").map(Compat::from),
    }
}

/// The dialect of a release's name, as passed to `--compat`.
///
/// # Errors
/// The name is unknown.
pub fn dialect_of(release: &OsStr) -> Result<Dialect, String> {
    dialect_among(release, "4.2.8p15, or none")
}

fn dialect_among(release: &OsStr, known: &str) -> Result<Dialect, String> {
    match release.to_str() {
        Some("4.2.8p15") => Ok(Dialect::Classic),
        Some("" | "none") => Ok(Dialect::Native),
        _ => Err(format!("unknown release '{}': {known}", release.to_string_lossy())),
    }
}
