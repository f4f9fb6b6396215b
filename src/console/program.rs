//! The programs that the shell serves.

use super::command::{Command, Lookup};
use super::explanations::{self, Explanation};
use super::tokens;
use crate::compat::Dialect;

/// A program: what it is called, what it can do, and in what it differs from the other.
#[derive(Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its commands, by name.
    pub commands: &'static [Command],
    /// The names of the commands that make reports.
    pub reporting: &'static [&'static str],
    /// What its own commands are good for.
    pub explanations: &'static [Explanation],
    /// Whether it speaks mode 7. Then command lines have no quotes, commands take more words than they declare,
    /// and of several hosts each command's results have a heading.
    pub is_private: bool,
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

    /// The words that a command takes from one line.
    pub fn argument_limit(&self) -> usize {
        if self.is_private { 14 } else { 4 }
    }

    /// Cuts a command line into tokens.
    pub fn tokenize(&self, line: &[u8], dialect: Dialect) -> Vec<Vec<u8>> {
        if self.is_private { tokens::words(line) } else { tokens::tokenize(line, dialect) }
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
