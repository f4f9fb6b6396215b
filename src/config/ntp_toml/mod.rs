//! ntp.toml of ntpd-rs.

mod practice;
mod schema;
mod value;

use super::finding::{Edit, Finding, Place};
use super::near::nearest;
use super::rules::{BAD_VALUE, NOT_BUILT, TOML_SYNTAX, TOO_MANY, UNKNOWN_WORD, UNREADABLE_CERTIFICATE};
use super::surroundings::{Surroundings, Unreadable};
use super::{MAX_FINDINGS, MAX_STATEMENTS};
use schema::{Kind, MODE, MODES, SECTIONS, Section, Setting};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

type Key<'i> = Spanned<DeString<'i>>;
type Value<'i> = Spanned<DeValue<'i>>;

/// The maximum number of syntax errors reported.
const MAX_SYNTAX: usize = 20;

/// Checks a configuration.
pub fn check(file: &str, text: &[u8], surroundings: &dyn Surroundings) -> Vec<Finding> {
    let mut review =
        Review { file, text: "", lines: vec![0], surroundings, findings: Vec::new(), settings: 0 };
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + text.iter().take(error.valid_up_to()).filter(|octet| **octet == b'\n').count();
            let place = Place { file: file.to_owned(), line, column: 0 };
            return vec![Finding::new(&TOML_SYNTAX, place, "not UTF-8")];
        }
    };
    review.text = text;
    review.lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(MAX_SYNTAX) {
        let place = review.place(error.span().unwrap_or(0..0));
        review.add(Finding::new(&TOML_SYNTAX, place, error.message().to_owned()));
    }
    review.document(document.get_ref());
    if errors.is_empty() {
        practice::review(&mut review, document.get_ref());
    }
    review.findings
}

/// The addresses of the sources, as they are written.
pub fn addresses(text: &str) -> Vec<String> {
    let (document, _) = DeTable::parse_recoverable(text);
    let sources = value::get(document.get_ref(), "source").and_then(|sources| sources.get_ref().as_array());
    let address = |source: &Value<'_>| {
        let address = value::get(source.get_ref().as_table()?, "address")?;
        address.get_ref().as_str().map(str::to_owned)
    };
    sources.into_iter().flatten().filter_map(address).collect()
}

/// A configuration, and what was found in it.
struct Review<'t> {
    file: &'t str,
    text: &'t str,
    /// The offsets at which lines start.
    lines: Vec<usize>,
    surroundings: &'t dyn Surroundings,
    findings: Vec<Finding>,
    /// The number of settings checked.
    settings: usize,
}

impl Review<'_> {
    /// Adds a finding, unless the line has no meaning at all: what its parser made of it is of no interest.
    fn add(&mut self, finding: Finding) {
        let is_void = |known: &Finding| known.rule == &TOML_SYNTAX && known.place.line == finding.place.line;
        if self.findings.len() < MAX_FINDINGS && !self.findings.iter().take(MAX_SYNTAX).any(is_void) {
            self.findings.push(finding);
        }
    }

    /// The place where this part of the text begins.
    fn place(&self, span: Range<usize>) -> Place {
        let line = self.lines.partition_point(|start| *start <= span.start);
        let start = line.checked_sub(1).and_then(|at| self.lines.get(at)).copied().unwrap_or(0);
        Place { file: self.file.to_owned(), line, column: span.start - start + 1 }
    }

    /// The change of this part of the text, if it is within a line.
    fn replace(&self, span: Range<usize>, text: &str) -> Edit {
        let place = self.place(span.clone());
        let start = place.column - 1;
        Edit::Replace { line: place.line, start, end: start + span.len(), text: text.to_owned() }
    }

    fn document(&mut self, document: &DeTable<'_>) {
        for (key, value) in document {
            let name = key.get_ref().as_ref();
            let Some((_, section)) = SECTIONS.iter().find(|(known, _)| *known == name) else {
                self.unknown(key, "section", SECTIONS.iter().map(|(known, _)| *known));
                continue;
            };
            match section {
                Section::Sources => self.list(key, value, |review, header, table| {
                    review.source(header, table);
                }),
                Section::List(settings) => self.list(key, value, |review, header, table| {
                    review.table(header, table, settings);
                }),
                Section::Table(settings) => self.section(key, value, settings),
                Section::SpecialBuild(settings) => {
                    let what = format!("[{name}] needs a daemon that is built with hardware-timestamping");
                    self.add(Finding::new(&NOT_BUILT, self.place(key.span()), what));
                    self.section(key, value, settings);
                }
            }
        }
    }

    fn section(&mut self, key: &Key<'_>, value: &Value<'_>, settings: &[Setting]) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(key.span(), table, settings),
            _ => {
                let what = format!("`{0}` must be a table: [{0}]", key.get_ref());
                self.add(Finding::new(&BAD_VALUE, self.place(key.span()), what));
            }
        }
    }

    fn list(
        &mut self,
        key: &Key<'_>,
        value: &Value<'_>,
        check: impl Fn(&mut Self, Range<usize>, &DeTable<'_>),
    ) {
        let name = key.get_ref();
        let Some(all) = value.get_ref().as_array() else {
            let what = format!("`{name}` must be a list: [[{name}]]");
            let mut finding = Finding::new(&BAD_VALUE, self.place(key.span()), what);
            let header = format!("[{name}]");
            let at = self.place(key.span());
            let start = self.lines.get(at.line - 1).copied().unwrap_or(0);
            let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            if line.trim_end() == header {
                finding = finding.better(format!("write [[{name}]]"));
                finding = finding.edit(self.replace(start..start + header.len(), &format!("[[{name}]]")));
            }
            self.add(finding);
            return;
        };
        for one in all {
            match one.get_ref() {
                DeValue::Table(table) => check(self, one.span(), table),
                _ => {
                    let what = format!("each `{name}` must be a table: [[{name}]]");
                    self.add(Finding::new(&BAD_VALUE, self.place(one.span()), what));
                }
            }
        }
    }

    fn source(&mut self, header: Range<usize>, table: &DeTable<'_>) {
        let Some(mode) = value::get(table, MODE.name) else {
            self.missing(header, MODE.name);
            return;
        };
        let word = mode.get_ref().as_str().unwrap_or_default();
        match MODES.iter().find(|(known, _)| *known == word) {
            Some((_, settings)) => {
                self.table(header.clone(), table, settings);
                if ["sock", "pps"].contains(&word)
                    && [schema::NOISE, schema::PRECISION]
                        .iter()
                        .all(|one| value::get(table, one.name).is_none())
                {
                    let place = self.place(header);
                    self.add(Finding::new(&BAD_VALUE, place, "precision is missing").better(
                        "add precision = ..., in seconds (before 1.5: measurement_noise_estimate = its square)",
                    ));
                }
            }
            None => {
                let words = MODES.iter().map(|(known, _)| *known);
                let all: Vec<&str> = words.clone().collect();
                let what = format!("mode must be one of {}", all.join(", "));
                let mut finding = Finding::new(&BAD_VALUE, self.place(mode.span()), what);
                if let Some(meant) = nearest(word, words).filter(|_| mode.get_ref().is_str()) {
                    finding = finding
                        .better(format!("did you mean \"{meant}\"?"))
                        .edit(self.replace(mode.span(), &format!("\"{meant}\"")));
                }
                self.add(finding);
            }
        }
    }

    fn table(&mut self, header: Range<usize>, table: &DeTable<'_>, settings: &[Setting]) {
        for (key, value) in table {
            self.settings += 1;
            if self.settings == MAX_STATEMENTS {
                self.add(Finding::new(&TOO_MANY, self.place(key.span()), "too many settings"));
            }
            if self.settings >= MAX_STATEMENTS {
                return;
            }
            let name = key.get_ref().as_ref();
            match settings.iter().find(|setting| setting.name == name) {
                None => self.unknown(key, "setting", settings.iter().map(|setting| setting.name)),
                Some(Setting { kind: Kind::Table(inner), .. }) => self.section(key, value, inner),
                Some(setting) => self.value(setting, value),
            }
        }
        for setting in settings.iter().filter(|setting| setting.is_required) {
            if value::get(table, setting.name).is_none() {
                self.missing(header.clone(), setting.name);
            }
        }
    }

    fn value(&mut self, setting: &Setting, value: &Value<'_>) {
        if let Some(fault) = value::fault(setting.kind, value.get_ref()) {
            let mut finding =
                Finding::new(&BAD_VALUE, self.place(value.span()), format!("{} {fault}", setting.name));
            if let (Kind::Word(words), Some(word)) = (setting.kind, value.get_ref().as_str())
                && let Some(meant) = nearest(word, words.iter().copied())
            {
                finding = finding
                    .better(format!("did you mean \"{meant}\"?"))
                    .edit(self.replace(value.span(), &format!("\"{meant}\"")));
            }
            self.add(finding);
        } else if setting.kind == Kind::Certificate
            && let Some(path) = value.get_ref().as_str()
            && let Err(Unreadable::Because(why)) = self.surroundings.read(path)
        {
            let place = self.place(value.span());
            self.add(Finding::new(&UNREADABLE_CERTIFICATE, place, format!("{path}: {why}")));
        }
    }

    fn missing(&mut self, header: Range<usize>, name: &str) {
        let place = self.place(header);
        self.add(
            Finding::new(&BAD_VALUE, place, format!("{name} is missing")).better(format!("add {name} = ...")),
        );
    }

    fn unknown(&mut self, key: &Key<'_>, what: &str, known: impl Iterator<Item = &'static str>) {
        let name = key.get_ref().as_ref();
        let mut finding =
            Finding::new(&UNKNOWN_WORD, self.place(key.span()), format!("unknown {what} `{name}`"));
        if let Some(meant) = nearest(name, known) {
            finding = finding.better(format!("did you mean `{meant}`?"));
            // A quoted name stays quoted: only a plain one is replaced.
            if self.text.get(key.span()) == Some(name) {
                finding = finding.edit(self.replace(key.span(), meant));
            }
        }
        self.add(finding);
    }
}

#[cfg(test)]
mod tests;
