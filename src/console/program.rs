//! The programs that use the shell.

use super::command::{Command, Lookup, Secret};
use super::explanations::{self, Explanation};
use super::tokens;
use crate::client::diagnosis::Diagnosis;
use crate::compat::{Dialect, Quirk};
use std::net::SocketAddr;
use std::time::Duration;

/// A word that shares this many leading letters with a command may be that command, mistyped.
const COMMON_LETTERS: usize = 3;

/// A program: its name, its commands, and how it differs from the other program.
#[derive(Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its commands, by name.
    pub commands: &'static [Command],
    /// Explanations of its own commands.
    pub explanations: &'static [Explanation],
    /// How it parses a command line.
    pub grammar: Grammar,
    /// How results and messages distinguish several hosts.
    pub several: SeveralHosts,
    /// Whether an empty line separates the results of queued commands.
    pub separates_commands: bool,
    /// The width of the list of commands, in columns.
    pub help_width: usize,
    /// Whether the trace of an opened host names its address family.
    pub traces_family: bool,
    /// Messages in which the original programs differ.
    pub words: Words,
    /// How long 4.2.8p15 waits for the first answer, and in all, given the current timeout.
    pub slow_timeouts: fn(Duration) -> (Duration, Duration),
    /// What the silence of a host at this address means, given its name and the command that was sent; and the next step.
    pub explain_silence: fn(Diagnosis, Option<SocketAddr>, &str, &str) -> String,
}

/// How a program parses a command line.
#[derive(Clone, Copy, Debug)]
pub struct Grammar {
    /// Whether quotes group words.
    pub has_quotes: bool,
    /// Which words of the line are passed to a command.
    pub arguments: Arguments,
    /// Whether `&N` refers to the N-th association.
    pub has_association_places: bool,
}

/// Which words of a line are passed to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// Those that it declares, up to this many on a line. Extra words are ignored with a message.
    Declared(usize),
    /// All, up to this many. A family (`-4`, `-6`) may precede an address.
    All(usize),
}

/// How results and messages distinguish several hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeveralHosts {
    /// Lines start with the host's name.
    Prefixed,
    /// Each command's results have the host's name in a heading.
    Headed,
}

/// Messages in which the original programs differ.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// For an invalid key identifier, among the results.
    pub bad_key_id: &'static str,
    /// For an invalid key type.
    pub bad_key_type: &'static str,
    /// For a line that is too long.
    pub long_line: fn(&str) -> String,
}

impl Program {
    /// The explanation of the command with this name.
    pub fn explanation(&self, name: &str) -> Option<&'static str> {
        explanations::find(self.explanations, name).or_else(|| explanations::find(explanations::SHARED, name))
    }

    /// The prompt for commands.
    pub fn prompt(&self) -> String {
        format!("{}> ", self.name)
    }

    /// Splits a command line into tokens.
    pub fn tokenize(&self, line: &[u8], dialect: Dialect) -> Vec<Vec<u8>> {
        if self.grammar.has_quotes { tokens::tokenize(line, dialect) } else { tokens::words(line) }
    }

    /// The commands in a dialect, by name.
    pub fn commands(&self, dialect: Dialect) -> impl Iterator<Item = &'static Command> + Clone {
        let lacks = dialect.keeps(Quirk::NO_NTS_COUNTERS);
        self.commands.iter().filter(move |command| !(lacks && command.is_new))
    }

    /// Whether a line may contain a secret: an argument that is one, or one that may have been meant as such. An
    /// unknown word is taken as a mistyped command if it starts like one.
    pub fn may_hold_secret(&self, line: &str) -> bool {
        let mut words = line.split(|letter: char| letter.is_whitespace() || letter == '"');
        let Some(word) = words.find(|word| !word.is_empty()) else { return false };
        if let Lookup::Found(command) = self.look_up(word.as_bytes(), Dialect::default()) {
            return command.may_hold_secret(words);
        }
        let word = word.to_ascii_lowercase();
        self.commands.iter().any(|command| match command.effects.secret {
            Secret::Never => false,
            Secret::Argument => {
                let beginning = command.name.get(..COMMON_LETTERS).unwrap_or(command.name);
                word.starts_with(beginning)
            }
            Secret::After(_) => command.may_hold_secret(words.clone()),
        })
    }

    /// The names of the commands that a word may abbreviate.
    pub fn candidates(&self, word: &[u8], dialect: Dialect) -> String {
        let begun = self.commands(dialect).map(|command| command.name);
        begun.filter(|name| name.as_bytes().starts_with(word)).collect::<Vec<_>>().join(", ")
    }

    /// The command that a word names: exactly, or as an unambiguous abbreviation. Commands that 4.2.8p15 lacks leave its
    /// abbreviations as they are.
    pub fn look_up(&self, word: &[u8], dialect: Dialect) -> Lookup {
        if word.is_empty() {
            return Lookup::Unknown;
        }
        let begun = self.commands(dialect).filter(|command| command.name.as_bytes().starts_with(word));
        if let Some(command) = begun.clone().find(|command| command.name.len() == word.len()) {
            return Lookup::Found(command);
        }
        let (new, old): (Vec<_>, Vec<_>) = begun.partition(|command| command.is_new);
        match if old.is_empty() { new } else { old }.as_slice() {
            [] => Lookup::Unknown,
            [command] => Lookup::Found(command),
            _ => Lookup::Ambiguous,
        }
    }
}
