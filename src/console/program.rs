//! The programs that the shell serves.

use super::command::{Command, Lookup, Secret};
use super::explanations::{self, Explanation};
use super::tokens;
use crate::compat::Dialect;

/// A word that begins with as many letters of a command may be that command, mistyped.
const COMMON_LETTERS: usize = 3;

/// A program: what it is called, what it can do, and in what it differs from the other.
#[derive(Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its commands, by name.
    pub commands: &'static [Command],
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

#[cfg(test)]
mod tests {
    use super::super::command::{Effects, Forms, Kind};
    use super::*;
    use crate::app::ntpdc::NTPDC;
    use crate::app::ntpq::NTPQ;

    #[test]
    fn every_command_with_an_effect_is_known() {
        let effects = |program: &Program| -> Vec<(&str, Effects)> {
            let rows = program.commands.iter().filter(|command| command.effects != Effects::NONE);
            rows.map(|command| (command.name, command.effects)).collect()
        };
        let shared = [
            ("exit", Effects::ENDS_RUN),
            ("host", Effects::CHANGES_HOST),
            ("keyid", Effects::CHANGES_KEY),
            ("keytype", Effects::CHANGES_KEY),
            ("passwd", Effects::TAKES_SECRET),
            ("quit", Effects::ENDS_RUN),
        ];
        assert_eq!(effects(&NTPDC), shared);
        let own = [
            (":config", Effects { secret: Secret::After("pw"), ..Effects::NONE }),
            ("authenticate", Effects::CHANGES_KEY),
            ("mrulist", Effects::STREAMS_ROWS),
        ];
        let mut all = [shared.as_slice(), &own].concat();
        all.sort_unstable_by_key(|(name, _)| *name);
        assert_eq!(effects(&NTPQ), all);
    }

    #[test]
    fn rows_agree_with_themselves() {
        for command in NTPQ.commands.iter().chain(NTPDC.commands) {
            let takes_secret = command.parameters.iter().any(|parameter| parameter.kind == Kind::Secret);
            assert_eq!(takes_secret, command.effects.secret == Secret::Argument, "{}", command.name);
            assert!(!(command.local && command.authenticated), "{}", command.name);
            let says_nothing = matches!(command.forms, Forms::Messages) && !command.local;
            assert!(!says_nothing, "{}: what a daemon says is a report or has one form", command.name);
        }
    }

    #[test]
    fn commands_without_a_form_are_known() {
        let classic_only = |program: &Program| -> Vec<&str> {
            let rows = program.commands.iter().filter(|command| command.forms == Forms::ClassicOnly);
            rows.filter(|command| !command.authenticated).map(|command| command.name).collect()
        };
        assert_eq!(classic_only(&NTPQ), ["?", "help", "version"]);
        assert_eq!(
            classic_only(&NTPDC),
            [
                "?",
                "authinfo",
                "clkbug",
                "clockstat",
                "ctlstats",
                "help",
                "listpeers",
                "memstats",
                "pstats",
                "timerstats",
                "traps",
                "version"
            ]
        );
    }

    #[test]
    fn lines_with_secrets_are_known() {
        for line in [
            "passwd secret",
            "passw secret",
            "  passwd secret",
            "\"passwd\" secret",
            "passwrd secret",
            "PASSWD secret",
            ":config crypto pw secret",
            ":confg crypto pw secret",
        ] {
            assert!(NTPQ.may_hold_secret(line), "{line}");
        }
        for line in [
            "peers",
            "passociations",
            "passo",
            "rv 0 stratum",
            "host passwd",
            "",
            ":config server x",
            "zzz",
            "p x",
        ] {
            assert!(!NTPQ.may_hold_secret(line), "{line}");
        }
        assert!(NTPDC.may_hold_secret("passwd x") && !NTPDC.may_hold_secret("presets"));
    }
}
