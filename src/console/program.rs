//! The programs that the shell serves.

use super::command::{Command, Lookup, Secret};
use super::explanations::{self, Explanation};
use super::tokens;
use crate::client::diagnosis::Diagnosis;
use crate::compat::Dialect;
use std::time::Duration;

/// A word that begins with as many letters of a command may be that command, mistyped.
const COMMON_LETTERS: usize = 3;

/// A program: what it is called, what it can do, and how it differs from the other.
#[derive(Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its commands, by name.
    pub commands: &'static [Command],
    /// What its own commands are good for.
    pub explanations: &'static [Explanation],
    /// How it reads a command line.
    pub grammar: Grammar,
    /// How results and messages tell several hosts apart.
    pub several: SeveralHosts,
    /// Whether an empty line sets the results of the commands of a queue apart.
    pub separates_commands: bool,
    /// Columns of the list of commands.
    pub help_width: usize,
    /// Whether the trace of an opened host names the family of its address.
    pub traces_family: bool,
    /// Its words where the original programs differ.
    pub words: Words,
    /// How long 4.2.8p15 waits for a first answer, and in all, given the time-out in force.
    pub slow_timeouts: fn(Duration) -> (Duration, Duration),
    /// What the silence of a host means, given the command that was asked.
    pub explain_silence: fn(Diagnosis, &str, &str) -> String,
}

/// How a program reads a command line.
#[derive(Clone, Copy, Debug)]
pub struct Grammar {
    /// Whether quotes hold the words between them together.
    pub has_quotes: bool,
    /// Which words of the line a command gets.
    pub arguments: Arguments,
    /// Whether `&N` stands for the N-th association.
    pub has_association_places: bool,
}

/// Which words of a line a command gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// Those that it declares, up to this many on a line. Others are skipped with a message.
    Declared(usize),
    /// All, up to this many. A family (`-4`, `-6`) may stand before an address.
    All(usize),
}

/// How results and messages tell several hosts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeveralHosts {
    /// Lines begin with the host.
    Prefixed,
    /// Each command's results have the host in a heading.
    Headed,
}

/// What a program says where the original programs differ.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Of an identifier that no key can have, among the results.
    pub bad_key_id: &'static str,
    /// Of a key type that is none.
    pub bad_key_type: &'static str,
    /// Of a line that is too long.
    pub long_line: fn(&str) -> String,
}

impl Program {
    /// The paragraph about the command of a name.
    pub fn explanation(&self, name: &str) -> Option<&'static str> {
        explanations::find(self.explanations, name).or_else(|| explanations::find(explanations::SHARED, name))
    }

    /// What asks for the next command.
    pub fn prompt(&self) -> String {
        format!("{}> ", self.name)
    }

    /// Cuts a command line into tokens.
    pub fn tokenize(&self, line: &[u8], dialect: Dialect) -> Vec<Vec<u8>> {
        if self.grammar.has_quotes { tokens::tokenize(line, dialect) } else { tokens::words(line) }
    }

    /// Whether a line may hold a secret: an argument that is one, or what may have been meant as such. A word that is no
    /// command is taken for a mistyped one where it begins alike.
    pub fn may_hold_secret(&self, line: &str) -> bool {
        let mut words = line.split(|letter: char| letter.is_whitespace() || letter == '"');
        let Some(word) = words.find(|word| !word.is_empty()) else { return false };
        if let Lookup::Found(command) = self.look_up(word.as_bytes()) {
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

    /// The names of the commands that a word may be the beginning of.
    pub fn candidates(&self, word: &[u8]) -> String {
        let begun = self.commands.iter().map(|command| command.name);
        begun.filter(|name| name.as_bytes().starts_with(word)).collect::<Vec<_>>().join(", ")
    }

    /// The command that a word names: exactly, or as an unambiguous beginning.
    pub fn look_up(&self, word: &[u8]) -> Lookup {
        if word.is_empty() {
            return Lookup::Unknown;
        }
        let named = self.commands.iter().find(|command| command.name.as_bytes() == word);
        let mut begun = self.commands.iter().filter(|command| command.name.as_bytes().starts_with(word));
        match (named, begun.next(), begun.next()) {
            (Some(command), ..) | (None, Some(command), None) => Lookup::Found(command),
            (None, None, _) => Lookup::Unknown,
            (None, Some(_), Some(_)) => Lookup::Ambiguous,
        }
    }
}
