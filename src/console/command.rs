//! What a command of the shell is: how it is called, how its arguments are read, and what else it does.
//!
//! Everything that treats commands differently decides by their rows: which run side by side, which lines are
//! remembered, which forms there are, and what completes a word.

use super::Shell;
pub use super::findings::{CommandResult, Failed, Outcome};
use crate::compat::{Dialect, Quirk};
use std::net::IpAddr;

/// One command.
#[derive(Debug)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// What it may be given.
    pub parameters: &'static [Parameter],
    /// What it does, in one line.
    pub description: &'static str,
    /// What follows its description in `help`: the words to choose from.
    pub choices: Option<fn(Dialect) -> String>,
    /// Whether it needs no daemon.
    pub local: bool,
    /// Whether its requests carry a key. It is asked for if it is not known.
    pub authenticated: bool,
    /// What it does besides asking and printing.
    pub effects: Effects,
    /// What it has for the forms other than the classic one.
    pub forms: Forms,
    /// Does it.
    pub run: fn(&mut Shell, &[Argument]) -> CommandResult,
}

/// What a command does besides asking and printing. Nobody leaves this out: a command that did would run beside
/// others, and be remembered, without anyone having thought of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an effect of its own")]
pub struct Effects {
    /// It can make another host the current one.
    pub changes_host: bool,
    /// It ends the run.
    pub ends_run: bool,
    /// It changes the key that later requests carry, or whether they carry one.
    pub changes_key: bool,
    /// It may have to ask at the terminal, whatever is known of the key.
    pub may_prompt: bool,
    /// Whether its line may hold a secret.
    pub secret: Secret,
    /// It can print rows while it still reads, so that they need not be kept.
    pub streams_rows: bool,
}

/// Where a command's line may hold a secret. Such a line is not remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Nowhere.
    Never,
    /// Among its arguments.
    Argument,
    /// Behind this word.
    After(&'static str),
}

impl Effects {
    /// None at all.
    pub const NONE: Self = Self {
        changes_host: false,
        ends_run: false,
        changes_key: false,
        may_prompt: false,
        secret: Secret::Never,
        streams_rows: false,
    };
    /// Those of a command that makes another host the current one.
    pub const CHANGES_HOST: Self = Self { changes_host: true, ..Self::NONE };
    /// Those of a command that ends the run.
    pub const ENDS_RUN: Self = Self { ends_run: true, ..Self::NONE };
    /// Those of a command about the key.
    pub const CHANGES_KEY: Self = Self { changes_key: true, ..Self::NONE };
    /// Those of a command that takes the key's secret, or asks for it.
    pub const TAKES_SECRET: Self = Self { may_prompt: true, secret: Secret::Argument, ..Self::CHANGES_KEY };
    /// Those of a command that prints rows as they come.
    pub const STREAMS_ROWS: Self = Self { streams_rows: true, ..Self::NONE };
}

/// What a command has for the forms other than the classic one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// A report for each of them.
    Report,
    /// A report, but no metrics.
    ReportWithoutMetrics,
    /// No results for programs: what it says is a message.
    Messages,
    /// Nothing: it prints for people alone.
    ClassicOnly,
}

/// What a command may be given at one place.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// How the usage line calls it.
    pub label: &'static str,
    /// How the usage line of 4.2.8p15 calls it, where that is not what it takes.
    pub stale_label: Option<&'static str>,
    /// What it must look like.
    pub kind: Kind,
    /// Whether it may be missing.
    pub optional: bool,
}

/// What an argument must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Text,
    /// A number of 32 bits, or `&N`, the N-th association.
    Unsigned,
    /// A number with a sign.
    Integer,
    /// `-4` or `-6`.
    IpVersion,
    /// A host, after `-4` or `-6` perhaps.
    Address,
    /// Names of variables, with values perhaps, parted by commas.
    Variables(Whose),
    /// A file on this machine.
    File,
    /// A password.
    Secret,
}

/// Whose variables are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The system's, or those of the association that an earlier argument names.
    Association,
    /// A reference clock's.
    Clock,
    /// Anybody's.
    Any,
}

/// An argument that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// As given.
    Text(Vec<u8>),
    /// A number.
    Unsigned(u32),
    /// A number with a sign.
    Integer(i64),
    /// 4 or 6.
    IpVersion(u8),
    /// The address of a host.
    Address(IpAddr),
}

/// What a word means as a command.
pub enum Lookup {
    /// This one.
    Found(&'static Command),
    /// None.
    Unknown,
    /// Several.
    Ambiguous,
}

pub(crate) const fn required(label: &'static str, kind: Kind) -> Parameter {
    Parameter { label, stale_label: None, kind, optional: false }
}

pub(crate) const fn optional(label: &'static str, kind: Kind) -> Parameter {
    Parameter { label, stale_label: None, kind, optional: true }
}

/// What a command runs.
type Run = fn(&mut Shell, &[Argument]) -> CommandResult;

/// A command that asks the daemon and reports what it says.
pub(crate) const fn asks(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    run: Run,
) -> Command {
    let (effects, forms) = (Effects::NONE, Forms::Report);
    Command {
        name,
        parameters,
        description,
        choices: None,
        local: false,
        authenticated: false,
        effects,
        forms,
        run,
    }
}

/// A command whose requests carry a key, most often because it changes the daemon.
pub(crate) const fn changes(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    effects: Effects,
    run: Run,
) -> Command {
    let forms = Forms::ClassicOnly;
    Command {
        name,
        parameters,
        description,
        choices: None,
        local: false,
        authenticated: true,
        effects,
        forms,
        run,
    }
}

/// A command that needs no daemon.
pub(crate) const fn local(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    effects: Effects,
    run: Run,
) -> Command {
    let forms = Forms::Messages;
    Command {
        name,
        parameters,
        description,
        choices: None,
        local: true,
        authenticated: false,
        effects,
        forms,
        run,
    }
}

/// What `help` does.
pub(crate) const HELP: &str = "list the commands, or explain one";

impl Parameter {
    /// The same, called otherwise by 4.2.8p15.
    pub(crate) const fn once(self, stale_label: &'static str) -> Self {
        Self { stale_label: Some(stale_label), ..self }
    }
}

impl Command {
    /// The same command, whose `help` lists the words to choose from.
    pub(crate) const fn with_choices(mut self, choices: fn(Dialect) -> String) -> Self {
        self.choices = Some(choices);
        self
    }

    /// The same command with these forms.
    pub(crate) const fn with_forms(mut self, forms: Forms) -> Self {
        self.forms = forms;
        self
    }

    /// The same command with these effects.
    pub(crate) const fn with_effects(mut self, effects: Effects) -> Self {
        self.effects = effects;
        self
    }

    /// Whether a line of this command, with these further words, may hold a secret.
    pub fn may_hold_secret<'a>(&self, mut words: impl Iterator<Item = &'a str>) -> bool {
        match self.effects.secret {
            Secret::Never => false,
            Secret::Argument => true,
            Secret::After(word) => words.any(|given| given == word),
        }
    }

    /// The line that says how it is called.
    pub fn usage(&self, dialect: Dialect) -> String {
        let mut line = format!("usage: {}", self.name);
        let first_address = self.parameters.iter().position(|parameter| parameter.kind == Kind::Address);
        for (at, Parameter { label, stale_label, optional, .. }) in self.parameters.iter().enumerate() {
            let label = match stale_label {
                Some(stale) if dialect.keeps(Quirk::STALE_USAGE) => stale,
                _ => label,
            };
            if first_address == Some(at) {
                line += " [ -4|-6 ]";
            }
            line += &if *optional { format!(" [ {label} ]") } else { format!(" {label}") };
        }
        line + "\n"
    }
}
