//! Execution of one command line.

use super::command::{Argument, Command, Kind, Lookup};
use super::program::Arguments;
use super::tokens::LINE_LIMIT;
use super::{Interruption, Shell, host};
use crate::compat::Quirk;
use crate::model::report::FaultCause;
use crate::net::host::AddressFamily;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

impl Shell {
    /// Runs one command line.
    pub(super) fn execute_line(&mut self, line: &[u8]) {
        let program = self.settings.program;
        if line.len() >= LINE_LIMIT {
            return self.error(&(program.words.long_line)(&String::from_utf8_lossy(line)));
        }
        let mut tokens = program.tokenize(line, self.settings.dialect);
        if let Arguments::Declared(limit) = program.grammar.arguments
            && self.settings.dialect.keeps(Quirk::SEVEN_WORDS)
        {
            // A command, its arguments, `>` and a file.
            tokens.truncate(1 + limit + 2);
        }
        let Some((word, arguments)) = tokens.split_first() else { return };
        let command = match program.look_up(word, self.settings.dialect) {
            Lookup::Found(command) => command,
            Lookup::Unknown => return self.reject("***Command `", word, "' unknown\n"),
            Lookup::Ambiguous if self.settings.dialect.keeps(Quirk::NO_SUGGESTIONS) => {
                return self.reject("***Command `", word, "' ambiguous\n");
            }
            Lookup::Ambiguous => {
                let candidates = program.candidates(word, self.settings.dialect);
                return self.reject("***Command `", word, &format!("' ambiguous: {candidates}\n"));
            }
        };
        self.reporting.command = Some(command.name);
        match program.grammar.arguments {
            Arguments::Declared(limit) => self.run_with_declared(command, arguments, limit),
            Arguments::All(limit) => self.run_with_all(command, arguments, limit),
        }
    }

    /// Runs a command with the words that it declares. Extra words are ignored, with a message.
    fn run_with_declared(&mut self, command: &Command, arguments: &[Vec<u8>], limit: usize) {
        let taken = if self.settings.dialect.keeps(Quirk::LATE_REDIRECTION) {
            limit
        } else {
            limit.max(redirection_end(arguments, limit))
        };
        for extra in arguments.iter().skip(taken) {
            self.say("***Extra arg `", extra, "' ignored\n");
        }
        let ordinary = arguments.get(..limit).unwrap_or(arguments);
        if let Some(read) = self.read_arguments(command, ordinary) {
            let rest = arguments.get(read.len()..).unwrap_or_default();
            self.run(command, &read, rest);
        }
    }

    /// Runs a command with all words except a redirection. In the classic dialect a redirection is just more words.
    fn run_with_all(&mut self, command: &Command, arguments: &[Vec<u8>], limit: usize) {
        let redirection = if self.settings.dialect.keeps(Quirk::NO_REDIRECTION) {
            None
        } else {
            arguments.iter().position(|word| word.starts_with(b">"))
        };
        let (words, rest) = arguments.split_at(redirection.unwrap_or(arguments.len()));
        if let Some(read) = self.read_words(command, words.get(..limit).unwrap_or(words)) {
            self.run(command, &read, rest);
        }
    }

    /// Parses the arguments of a command that takes all words. A family before an address also applies to the addresses
    /// after it.
    fn read_words(&mut self, command: &Command, words: &[Vec<u8>]) -> Option<Vec<Argument>> {
        let mut words = words.iter();
        let mut read = Vec::new();
        let mut family = AddressFamily::Any;
        for parameter in command.parameters {
            let mut rest = words.clone();
            let mut word = rest.next();
            while let (Kind::Address, Some(chosen)) = (parameter.kind, word.and_then(|word| family_of(word)))
            {
                family = chosen;
                words = rest.clone();
                word = rest.next();
            }
            let Some(word) = word else {
                if parameter.optional {
                    break;
                }
                self.error(&command.usage(self.settings.dialect));
                return None;
            };
            // Such a word gets here only in the classic dialect, which counts it but does not parse it.
            let unread = parameter.optional && word.starts_with(b">");
            read.push(match parameter.kind {
                Kind::Address if unread => break,
                Kind::Unsigned if unread => Argument::Unsigned(0),
                Kind::Integer if unread => Argument::Integer(0),
                Kind::IpVersion if unread => Argument::IpVersion(0),
                Kind::Address => Argument::Address(self.read_address(word, family)?),
                kind => self.read_argument(kind, word)?,
            });
            words = rest;
        }
        read.extend(words.map(|word| Argument::Text(word.clone())));
        Some(read)
    }

    fn read_address(&mut self, word: &[u8], family: AddressFamily) -> Option<IpAddr> {
        let text = String::from_utf8_lossy(word);
        let found = text.parse().ok().or_else(|| host::address(&self.names, &text, family));
        if found.is_none() {
            self.reject("***Can't find host ", word, "\n");
        }
        found
    }

    fn run(&mut self, command: &Command, read: &[Argument], rest: &[Vec<u8>]) {
        if !command.local && !self.ensure_open() {
            return self.report_fault(Some(FaultCause::NoHost));
        }
        if !self.redirect(rest) {
            return;
        }
        if self.perform(command, read).is_err() {
            self.failed = true;
        }
        self.conclude_reporting();
        self.output.end_redirect();
        self.output.flush();
        if self.interruption == Interruption::Command
            && self.interrupt.as_ref().is_some_and(|interrupt| interrupt.take())
        {
            self.error("\n\n >>> command aborted <<<\n");
        }
    }

    /// Redirects the results to a file if `> FILE` or `>FILE` follows the last argument used.
    fn redirect(&mut self, rest: &[Vec<u8>]) -> bool {
        let Some(file) = rest.first().and_then(|token| token.strip_prefix(b">")) else {
            self.separates = true;
            return true;
        };
        let file = match (file, rest.get(1)) {
            ([], None) => {
                self.error("***No file for redirect\n");
                return false;
            }
            ([], Some(next)) => next.as_slice(),
            (file, _) => file,
        };
        self.separates = false;
        let path = Path::new(OsStr::from_bytes(file));
        match self.output.redirect_to(path) {
            Ok(()) => true,
            Err(error) => {
                let reason = crate::cli::output::reason(&error);
                self.error(&format!("***Error opening {}: {reason}\n", path.display()));
                false
            }
        }
    }

    /// Parses the arguments according to the command's parameters; reports any error.
    fn read_arguments(&mut self, command: &Command, given: &[Vec<u8>]) -> Option<Vec<Argument>> {
        let mut read = Vec::with_capacity(command.parameters.len());
        for parameter in command.parameters {
            let Some(text) = given.get(read.len()) else {
                if parameter.optional {
                    break;
                }
                self.error(&command.usage(self.settings.dialect));
                return None;
            };
            if parameter.optional && text.starts_with(b">") {
                break;
            }
            read.push(self.read_argument(parameter.kind, text)?);
        }
        Some(read)
    }

    fn read_argument(&mut self, kind: Kind, text: &[u8]) -> Option<Argument> {
        match kind {
            Kind::Text | Kind::Variables(_) | Kind::File | Kind::Secret | Kind::Address => {
                Some(Argument::Text(text.to_vec()))
            }
            Kind::Unsigned => {
                match text.strip_prefix(b"&").filter(|_| self.settings.program.grammar.has_association_places)
                {
                    Some(index) => self.read_index(text, index),
                    None => {
                        let number = decimal(text).and_then(|number| u32::try_from(number).ok());
                        if number.is_none() {
                            self.reject("***Illegal unsigned value ", text, "\n");
                        }
                        number.map(Argument::Unsigned)
                    }
                }
            }
            Kind::Integer => {
                let (sign, digits) = match text {
                    [b'-', digits @ ..] => (-1, digits),
                    [b'+', digits @ ..] if !self.settings.dialect.keeps(Quirk::NO_PLUS) => (1, digits),
                    digits => (1, digits),
                };
                let number = decimal(digits).and_then(|number| i32::try_from(number).ok());
                if number.is_none() {
                    self.reject("***Illegal integer value ", text, "\n");
                }
                number.map(|number| Argument::Integer(sign * i64::from(number)))
            }
            Kind::IpVersion => match text {
                b"-4" => Some(Argument::IpVersion(4)),
                b"-6" => Some(Argument::IpVersion(6)),
                _ => {
                    self.error("***Version must be either 4 or 6\n");
                    None
                }
            },
        }
    }

    /// `&N`: the identifier of the N-th association, or of the last one if there are fewer; `&0` is the daemon itself.
    fn read_index(&mut self, whole: &[u8], index: &[u8]) -> Option<Argument> {
        let Some(index) = decimal(index) else {
            self.reject("***Association index `", whole, "' invalid/undecodable\n");
            return None;
        };
        if self.associations.is_empty() {
            if !self.ensure_open() {
                return None;
            }
            self.know_associations();
        }
        if index == 0 {
            return Some(Argument::Unsigned(0));
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX).min(self.associations.len());
        let Some(association) = at.checked_sub(1).and_then(|at| self.associations.get(at)) else {
            let server = self.daemon_prefix();
            self.reject(&format!("{server}***No associations found, `"), whole, "' unknown\n");
            return None;
        };
        Some(Argument::Unsigned(association.id.0.into()))
    }
}

/// The address family that a word stands for.
fn family_of(word: &[u8]) -> Option<AddressFamily> {
    match word {
        b"-4" => Some(AddressFamily::Ipv4),
        b"-6" => Some(AddressFamily::Ipv6),
        _ => None,
    }
}

/// The number of words up to the end of a redirection that starts after at most `limit` arguments; 0 if there is none.
fn redirection_end(arguments: &[Vec<u8>], limit: usize) -> usize {
    let at = arguments.iter().take(limit + 1).position(|word| word.starts_with(b">"));
    at.map_or(0, |at| at + if arguments.get(at).is_some_and(|word| word == b">") { 2 } else { 1 })
}

/// A number in decimal digits only.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}
