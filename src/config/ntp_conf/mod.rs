//! ntp.conf, in the languages of ntp.org's ntpd and of NTPsec's.

mod access;
mod grammar;
mod keys;
mod practice;
mod scanner;
mod syntax;
mod words;

use self::grammar::Statement;
use super::finding::{Edit, Finding, Place};
use super::rules::{INCLUDE_LOOP, TOO_MANY, UNKNOWN_WORD, UNREADABLE};
use super::surroundings::{Surroundings, Unreadable};
use super::{MAX_FILES, MAX_FINDINGS, MAX_STATEMENTS};
use words::Words;

/// The maximum nesting of included files, as in the daemons.
const DEEPEST: usize = 5;

/// The daemon whose language is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daemon {
    /// ntp.org's ntpd.
    Classic,
    /// NTPsec's ntpd.
    Ntpsec,
}

impl Daemon {
    fn words(self) -> &'static Words {
        match self {
            Self::Classic => &words::CLASSIC,
            Self::Ntpsec => &words::NTPSEC,
        }
    }

    fn other(self) -> (&'static Words, &'static str) {
        match self {
            Self::Classic => (&words::NTPSEC, "NTPsec"),
            Self::Ntpsec => (&words::CLASSIC, "the classic ntpd"),
        }
    }
}

/// A statement and the file it is in.
struct Line {
    file: String,
    statement: Statement,
}

impl Line {
    /// The place of its command.
    fn place(&self) -> Place {
        self.place_of(&self.statement.command)
    }

    /// The place of one of its words.
    fn place_of(&self, token: &scanner::Token) -> Place {
        Place { file: self.file.clone(), line: token.line, column: token.start + 1 }
    }

    /// Appends a word to the statement.
    fn append(&self, text: &str) -> Edit {
        let statement = &self.statement;
        let options =
            statement.options.iter().flat_map(|setting| [Some(&setting.word), setting.value.as_ref()]);
        let others = [Some(&statement.command), statement.subject.as_ref(), statement.mask.as_ref()];
        let end = options.chain(others).flatten().map(|token| token.end).max().unwrap_or_default();
        Edit::Replace { line: statement.command.line, start: end, end, text: format!(" {text}") }
    }

    /// Removes a word and the blank before it.
    fn remove(token: &scanner::Token) -> Edit {
        let start = token.start.saturating_sub(1);
        Edit::Replace { line: token.line, start, end: token.end, text: String::new() }
    }
}

/// All lines of a configuration.
struct Configuration<'a> {
    daemon: Daemon,
    file: String,
    lines: Vec<Line>,
    /// The number of lines in the main file.
    length: usize,
    surroundings: &'a dyn Surroundings,
    findings: Vec<Finding>,
    files: usize,
    has_ended: bool,
}

/// Checks a configuration.
pub fn check(daemon: Daemon, file: &str, text: &[u8], surroundings: &dyn Surroundings) -> Vec<Finding> {
    let mut configuration = Configuration {
        daemon,
        file: file.to_owned(),
        lines: Vec::new(),
        length: text.split_inclusive(|octet| *octet == b'\n').count(),
        surroundings,
        findings: Vec::new(),
        files: 0,
        has_ended: false,
    };
    configuration.read(file, text, &mut Vec::new());
    practice::review(&mut configuration);
    access::review(&mut configuration);
    keys::review(&mut configuration);
    configuration.findings
}

impl Configuration<'_> {
    /// Reads a file and the files it includes.
    fn read(&mut self, file: &str, text: &[u8], above: &mut Vec<String>) {
        self.files += 1;
        above.push(file.to_owned());
        let words = self.daemon.words();
        for (at, line) in text.split(|octet| *octet == b'\n').enumerate() {
            if self.lines.len() >= MAX_STATEMENTS && !self.has_ended {
                let place = Place { file: file.to_owned(), line: at + 1, column: 1 };
                let what = format!("more than {MAX_STATEMENTS} statements");
                self.findings.push(Finding::new(&TOO_MANY, place, what));
                self.has_ended = true;
            }
            if self.has_ended || self.findings.len() > MAX_FINDINGS {
                break;
            }
            let (tokens, oddities) = scanner::scan(line, at + 1, words);
            self.findings.extend(oddities.iter().map(|oddity| syntax::oddity(file, at + 1, oddity)));
            let (statement, refusal) = grammar::parse(&tokens, words);
            if let Some(refusal) = &refusal {
                self.findings.push(syntax::refused(self.daemon, file, at + 1, statement.as_ref(), refusal));
            }
            let Some(statement) = statement else { continue };
            if refusal.is_none() && words.unbuilt.contains(&statement.command.text.as_str()) {
                self.findings.push(syntax::unbuilt(file, &statement));
            }
            let line = Line { file: file.to_owned(), statement };
            if line.statement.is(&["includefile"]) && refusal.is_none() {
                self.include(&line, above);
            }
            if line.statement.is(&["end"]) && refusal.is_none() {
                let what = "`end` is treated as an error, and nothing after it is read";
                let finding = Finding::new(&UNKNOWN_WORD, line.place(), what);
                self.findings.push(finding.better("remove it and everything after it"));
            }
            // The rest of the including files is not read either.
            self.has_ended |= line.statement.is(&["end"]);
            self.lines.push(line);
        }
        above.pop();
    }

    fn include(&mut self, line: &Line, above: &mut Vec<String>) {
        let Some(subject) = &line.statement.subject else { return };
        let path = subject.text.clone();
        let place = line.place_of(subject);
        if above.contains(&path) || above.len() > DEEPEST || self.files >= MAX_FILES {
            let what = if above.contains(&path) {
                format!("{path} includes itself")
            } else {
                format!("{path} is included too deeply")
            };
            self.findings.push(Finding::new(&INCLUDE_LOOP, place, what));
            return;
        }
        match self.surroundings.read(&path) {
            Ok(text) => self.read(&path, &text, above),
            Err(Unreadable::NotLooked) => {}
            Err(Unreadable::Because(reason)) => {
                let what = format!("{path} cannot be included: {reason}");
                self.findings.push(Finding::new(&UNREADABLE, place, what));
            }
        }
    }

    /// The lines with one of these commands.
    fn commands<'a>(&'a self, names: &'a [&'a str]) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.statement.is(names))
    }

    /// The place of something missing: the whole file.
    fn whole(&self) -> Place {
        Place { file: self.file.clone(), line: 0, column: 0 }
    }
}

#[cfg(test)]
mod tests;
