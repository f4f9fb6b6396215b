//! What a command of the shell is, how it is called, and how its arguments are read.

use super::Shell;
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
    /// Whether it needs no daemon.
    pub local: bool,
    /// Whether its requests carry a key.
    pub authenticated: bool,
    /// Does it.
    pub run: fn(&mut Shell, &[Argument]) -> Verdict,
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

/// Whether a command did what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Done,
    /// It did not, and has said so.
    Failed,
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

pub(crate) const fn asks(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    run: fn(&mut Shell, &[Argument]) -> Verdict,
) -> Command {
    Command { name, parameters, description, local: false, authenticated: false, run }
}

pub(crate) const fn changes(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    run: fn(&mut Shell, &[Argument]) -> Verdict,
) -> Command {
    Command { name, parameters, description, local: false, authenticated: true, run }
}

pub(crate) const fn local(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    run: fn(&mut Shell, &[Argument]) -> Verdict,
) -> Command {
    Command { name, parameters, description, local: true, authenticated: false, run }
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
