//! What an applet is, and what it is given to work with.

use crate::cli::output::Output;
use crate::compat::{Dialect, Layout, Quirk};
use std::ffi::{OsStr, OsString};

/// The name of the environment variable that chooses the dialect.
pub const COMPAT_VARIABLE: &str = "NTPKIT_COMPAT";

/// One of the programs in this binary.
pub struct Applet {
    /// Its name, also that of the link through which it is called.
    pub name: &'static str,
    /// What it is for, in one line.
    pub purpose: &'static str,
    /// Runs it and gives the exit status.
    pub run: fn(&mut Context) -> u8,
    /// Its options, for the manual page and the completions.
    pub command: fn() -> clap::Command,
    /// The exit status of wrong usage.
    pub usage_status: u8,
    /// Where options may stand.
    pub options: Options,
}

/// Where a program looks for options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Options {
    /// Anywhere.
    Anywhere,
    /// Before the first operand.
    First,
    /// Before the first operand; behind it, `-4` and `-6` say how the operands that follow are looked up.
    FirstButFamilies,
}

/// One call of an applet.
pub struct Context {
    /// The applets that there are.
    pub applets: &'static [Applet],
    /// The program as it was called, for messages that name it.
    pub called: OsString,
    /// What follows the applet's name.
    pub arguments: Vec<OsString>,
    /// The dialect that the caller or the environment chose.
    pub dialect: Dialect,
    /// Whose tables the caller or the environment chose.
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
    /// Columns of standard output, if that is a terminal that says.
    pub columns: Option<u16>,
    /// Columns of standard error, likewise.
    pub error_columns: Option<u16>,
}

/// How a program speaks and what its tables look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compat {
    /// How it speaks.
    pub dialect: Dialect,
    /// What its tables look like.
    pub layout: Layout,
}

impl From<Dialect> for Compat {
    /// A dialect, with the classic tables.
    fn from(dialect: Dialect) -> Self {
        Self { dialect, ..Self::default() }
    }
}

#[cfg(test)]
impl Context {
    /// A call whose results and messages are recorded, away from any terminal.
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
    /// The applet of exactly this name.
    pub fn applet(&self, name: &OsStr) -> Option<&'static Applet> {
        self.applets.iter().find(|applet| name == applet.name)
    }

    /// Lets a choice of the command line hold, if there is one.
    pub fn choose(&mut self, compat: Option<Compat>) {
        if let Some(Compat { dialect, layout }) = compat {
            (self.dialect, self.layout) = (dialect, layout);
        }
        self.fold_messages();
    }

    /// Lets messages fit the terminal that shows them, as the dialect allows.
    pub fn fold_messages(&mut self) {
        let width = self.terminals.error_columns.filter(|_| !self.dialect.keeps(Quirk::NO_HINTS));
        self.output.fold_messages(width);
    }
}

/// What the name of a release or of a project stands for, as [`COMPAT_VARIABLE`] and the options `--compat` give
/// it of what NTPsec has a program for.
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
