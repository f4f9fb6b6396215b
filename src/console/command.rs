//! The commands of the shell: their syntax, how their arguments are parsed, and their side effects.
//!
//! Everything that treats commands differently uses their table rows: which ones run in parallel, which lines are saved
//! in the history, which output formats there are, and what completes a word.

use super::Shell;
pub use super::findings::{CommandResult, Failed, Outcome};
use crate::compat::{Dialect, Quirk};
use std::net::IpAddr;

/// A command.
#[derive(Debug)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// A one-line summary.
    pub description: &'static str,
    /// Text after the summary in `help`: the words to choose from.
    pub choices: Option<fn(Dialect) -> String>,
    /// Whether it works without a daemon.
    pub local: bool,
    /// Whether its requests carry a key, which is prompted for if it is not set.
    pub authenticated: bool,
    /// Its side effects.
    pub effects: Effects,
    /// Its support for formats other than the classic one.
    pub forms: Forms,
    /// Whether 4.2.8p15 lacks it.
    pub is_new: bool,
    /// Runs the command.
    pub run: fn(&mut Shell, &[Argument]) -> CommandResult,
}

/// What a command does besides querying and printing. There is no default, so that no side effect is overlooked and no
/// such command runs in parallel or is saved in the history by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an effect of its own")]
pub struct Effects {
    /// It can make another host the current one.
    pub changes_host: bool,
    /// It ends the run.
    pub ends_run: bool,
    /// It changes the key that later requests carry, or whether they carry one.
    pub changes_key: bool,
    /// It may have to prompt at the terminal, whatever is known of the key.
    pub may_prompt: bool,
    /// Whether its line may contain a secret.
    pub secret: Secret,
    /// It can print rows while still reading, so that they need not be buffered.
    pub streams_rows: bool,
}

/// Where a command line may contain a secret. Such a line is not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Nowhere.
    Never,
    /// Among its arguments.
    Argument,
    /// After this word.
    After(&'static str),
}

impl Effects {
    /// No side effects.
    pub const NONE: Self = Self {
        changes_host: false,
        ends_run: false,
        changes_key: false,
        may_prompt: false,
        secret: Secret::Never,
        streams_rows: false,
    };
    /// The effects of a command that makes another host the current one.
    pub const CHANGES_HOST: Self = Self { changes_host: true, ..Self::NONE };
    /// The effects of a command that ends the run.
    pub const ENDS_RUN: Self = Self { ends_run: true, ..Self::NONE };
    /// The effects of a command about the key.
    pub const CHANGES_KEY: Self = Self { changes_key: true, ..Self::NONE };
    /// The effects of a command that takes the key's secret, or prompts for it.
    pub const TAKES_SECRET: Self = Self { may_prompt: true, secret: Secret::Argument, ..Self::CHANGES_KEY };
    /// The effects of a command that prints rows as they arrive.
    pub const STREAMS_ROWS: Self = Self { streams_rows: true, ..Self::NONE };
}

/// A command's support for formats other than the classic one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// A report, in every format.
    Report,
    /// A report, but no metrics.
    ReportWithoutMetrics,
    /// No structured results: its output is a message.
    Messages,
    /// None: its output is for people only.
    ClassicOnly,
}

/// A parameter of a command.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in the usage line.
    pub label: &'static str,
    /// Its name in the usage line of 4.2.8p15, where that is misleading.
    pub stale_label: Option<&'static str>,
    /// What it accepts.
    pub kind: Kind,
    /// Whether it is optional.
    pub optional: bool,
}

/// What an argument must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Text,
    /// A 32-bit number, or `&N`, the N-th association.
    Unsigned,
    /// A signed number.
    Integer,
    /// `-4` or `-6`.
    IpVersion,
    /// A host, optionally after `-4` or `-6`.
    Address,
    /// Names of variables, optionally with values, separated by commas.
    Variables(Whose),
    /// A file on this machine.
    File,
    /// A password.
    Secret,
}

/// Whose variables are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The system's, or those of the association given by an earlier argument.
    Association,
    /// A reference clock's.
    Clock,
    /// Anybody's.
    Any,
}

/// A parsed argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// As typed.
    Text(Vec<u8>),
    /// A number.
    Unsigned(u32),
    /// A signed number.
    Integer(i64),
    /// 4 or 6.
    IpVersion(u8),
    /// The address of a host.
    Address(IpAddr),
}

/// The command that a word refers to.
pub enum Lookup {
    /// This command.
    Found(&'static Command),
    /// No command.
    Unknown,
    /// Several commands.
    Ambiguous,
}

pub(crate) const fn required(label: &'static str, kind: Kind) -> Parameter {
    Parameter { label, stale_label: None, kind, optional: false }
}

pub(crate) const fn optional(label: &'static str, kind: Kind) -> Parameter {
    Parameter { label, stale_label: None, kind, optional: true }
}

/// The function that runs a command.
type Run = fn(&mut Shell, &[Argument]) -> CommandResult;

/// A command that queries the daemon and prints the reply.
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
        is_new: false,
        run,
    }
}

/// A command whose requests carry a key, usually because it changes the daemon.
pub(crate) const fn changes(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    effects: Effects,
    run: Run,
) -> Command {
    Command {
        authenticated: true,
        effects,
        forms: Forms::ClassicOnly,
        ..asks(name, parameters, description, run)
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
    Command { local: true, effects, forms: Forms::Messages, ..asks(name, parameters, description, run) }
}

/// The summary of `help`.
pub(crate) const HELP: &str = "list the commands, or explain one";

impl Parameter {
    /// The same parameter, with another name in the usage line of 4.2.8p15.
    pub(crate) const fn formerly(self, stale_label: &'static str) -> Self {
        Self { stale_label: Some(stale_label), ..self }
    }
}

impl Command {
    /// The same command, with a list of words to choose from in `help`.
    pub(crate) const fn with_choices(mut self, choices: fn(Dialect) -> String) -> Self {
        self.choices = Some(choices);
        self
    }

    /// The same command with this format support.
    pub(crate) const fn with_forms(mut self, forms: Forms) -> Self {
        self.forms = forms;
        self
    }

    /// The same command, marked as one that 4.2.8p15 lacks.
    pub(crate) const fn since_then(mut self) -> Self {
        self.is_new = true;
        self
    }

    /// The same command with these side effects.
    pub(crate) const fn with_effects(mut self, effects: Effects) -> Self {
        self.effects = effects;
        self
    }

    /// Whether a line with this command and these further words may contain a secret.
    pub fn may_hold_secret<'a>(&self, mut words: impl Iterator<Item = &'a str>) -> bool {
        match self.effects.secret {
            Secret::Never => false,
            Secret::Argument => true,
            Secret::After(word) => words.any(|given| given == word),
        }
    }

    /// The usage line.
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
