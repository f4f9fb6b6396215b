//! chrony.conf and the fragments it includes.

mod line;
mod practice;
mod words;

use self::line::Directive;
use super::finding::{Finding, Place};
use super::rules::{INCLUDE_LOOP, OBSOLETE, TOO_MANY, UNREADABLE};
use super::surroundings::{Surroundings, Unreadable};
use super::{Edit, MAX_FILES, MAX_FINDINGS, MAX_STATEMENTS};

/// The maximum nesting of included files, as in chronyd.
const DEEPEST: usize = 10;

/// All directives of a configuration.
struct Configuration<'a> {
    file: String,
    directives: Vec<Directive>,
    /// The number of lines in the main file.
    length: usize,
    surroundings: &'a dyn Surroundings,
    findings: Vec<Finding>,
    files: usize,
    /// Whether further directives may be in files that were not read.
    has_unseen: bool,
    /// Whether the limit is reached and nothing more is read.
    is_full: bool,
}

/// Checks a configuration.
pub fn check(file: &str, text: &[u8], surroundings: &dyn Surroundings) -> Vec<Finding> {
    let mut configuration = Configuration {
        file: file.to_owned(),
        directives: Vec::new(),
        length: text.split_inclusive(|octet| *octet == b'\n').count(),
        surroundings,
        findings: Vec::new(),
        files: 0,
        has_unseen: false,
        is_full: false,
    };
    configuration.read(file, text, &mut Vec::new());
    // A fragment need not contain everything that a configuration needs.
    let is_fragment = file.ends_with(".sources") || file.contains("/conf.d/");
    practice::review(&mut configuration, is_fragment);
    configuration.findings
}

impl Configuration<'_> {
    fn read(&mut self, file: &str, text: &[u8], above: &mut Vec<String>) {
        self.files += 1;
        above.push(file.to_owned());
        for (at, octets) in text.split(|octet| *octet == b'\n').enumerate() {
            if self.directives.len() >= MAX_STATEMENTS && !self.is_full {
                let place = Place { file: file.to_owned(), line: at + 1, column: 1 };
                let what = format!("more than {MAX_STATEMENTS} directives");
                self.findings.push(Finding::new(&TOO_MANY, place, what));
                self.is_full = true;
            }
            if self.is_full || self.findings.len() > MAX_FINDINGS {
                break;
            }
            match line::read(file, at + 1, octets) {
                None => {}
                Some(Err(finding)) => self.findings.push(*finding),
                Some(Ok(directive)) => {
                    self.include(&directive, above);
                    self.directives.push(directive);
                }
            }
        }
        above.pop();
    }

    /// Reads the files that a directive includes.
    fn include(&mut self, directive: &Directive, above: &mut Vec<String>) {
        let (ending, folders) = match directive.name.as_str() {
            "confdir" => (".conf", true),
            "sourcedir" => (".sources", true),
            "include" => ("", false),
            _ => {
                if words::OBSOLETE.contains(&directive.name.as_str()) {
                    let what = format!("chronyd ignores `{}`", directive.name);
                    let edit = Edit::Remove { line: directive.line };
                    self.findings.push(Finding::new(&OBSOLETE, directive.place(), what).edit(edit));
                }
                return;
            }
        };
        for word in &directive.words {
            let paths = match (folders, word.text.contains(['*', '?', '['])) {
                (true, _) => self.surroundings.list(&word.text, ending),
                (false, false) => Ok(vec![word.text.clone()]),
                (false, true) => match word.text.rsplit_once('/') {
                    // The usual pattern: all files with one suffix.
                    Some((folder, pattern)) if pattern.starts_with('*') => {
                        self.surroundings.list(folder, pattern.trim_start_matches('*'))
                    }
                    _ => Err(Unreadable::NotLooked),
                },
            };
            match paths {
                Ok(paths) => paths.iter().for_each(|path| self.fragment(directive, path, above)),
                // chronyd accepts a missing directory.
                Err(_) => self.has_unseen = true,
            }
        }
    }

    fn fragment(&mut self, directive: &Directive, path: &str, above: &mut Vec<String>) {
        let place = directive.place_at(directive.words.first().map_or(0, |word| word.start));
        if above.iter().any(|other| other == path) || above.len() > DEEPEST || self.files >= MAX_FILES {
            let what = format!("{path} is included in a circle or too deeply");
            self.findings.push(Finding::new(&INCLUDE_LOOP, place, what));
            return;
        }
        match self.surroundings.read(path) {
            Ok(text) => self.read(path, &text, above),
            Err(Unreadable::NotLooked) => self.has_unseen = true,
            Err(Unreadable::Because(reason)) => {
                self.has_unseen = true;
                let what = format!("{path} cannot be included: {reason}");
                self.findings.push(Finding::new(&UNREADABLE, place, what));
            }
        }
    }

    /// The directives with these names.
    fn named<'a>(&'a self, names: &'a [&'a str]) -> impl Iterator<Item = &'a Directive> {
        self.directives.iter().filter(move |directive| names.contains(&directive.name.as_str()))
    }

    /// The place of something missing: the whole file.
    fn whole(&self) -> Place {
        Place { file: self.file.clone(), line: 0, column: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::surroundings::Elsewhere;
    use super::*;

    const CLEAN: &str = "pool a.example iburst\ndriftfile /d\nmakestep 1 3\nrtcsync\n";

    fn rules(text: &str) -> Vec<&'static str> {
        check("chrony.conf", text.as_bytes(), &Elsewhere).iter().map(|finding| finding.rule.id()).collect()
    }

    #[test]
    fn each_rule_finds_its_fault() {
        assert_eq!(rules(CLEAN), [""; 0]);
        for (text, rule) in [
            ("server b.example iburst perfer\n", "unknown-word"),
            ("server b.example iburst minpoll3\n", "unknown-word"),
            ("mkestep 1 3\n", "unknown-word"),
            ("rtcsync # comment\n", "trailing-comment"),
            ("makestep 1\n", "bad-value"),
            ("local stratum 16\n", "bad-value"),
            ("server b.example\n", "no-iburst"),
            ("server b.example iburst minpoll 11\n", "poll-range"),
            ("server time.google.com iburst\n", "smear-mix"),
            ("server b.example iburst key 3\n", "no-keys-file"),
            ("makestep 1 -1\n", "always-step"),
            ("local stratum 3\n", "local-stratum"),
            ("cmdallow all\nbindcmdaddress 0.0.0.0\n", "commands-open"),
            ("commandkey 1\n", "obsolete"),
        ] {
            assert!(
                rules(&format!("{CLEAN}{text}")).contains(&rule),
                "{text}: {:?}",
                rules(&format!("{CLEAN}{text}"))
            );
        }
        for text in [
            "# c\n! c\n; c\n% c\n\n  \n",
            "SERVER b.example IBURST\n",
            "allow\nallow 10\nallow 10.1/16\nallow 2001:db8::/32\ndeny all\n",
            "local stratum 10 orphan\n",
            "log tracking measurements\nlogdir /l\n",
            "refclock PPS /dev/pps0 lock NMEA refid GPS\n",
        ] {
            assert_eq!(rules(&format!("{CLEAN}{text}")), [""; 0], "{text}");
        }
        assert_eq!(
            rules("server a.example iburst\n"),
            ["few-sources", "no-driftfile", "no-makestep", "no-rtcsync"]
        );
        assert_eq!(rules("confdir /c\n"), [""; 0], "the rest may be elsewhere");
    }

    #[test]
    fn hostile_files_are_checked_in_bounded_time() {
        for text in [
            "server a.example iburst\n".repeat(20_000),
            "x".repeat(1 << 20),
            "a ".repeat(1000),
            "\u{0}\u{ff}".repeat(99),
        ] {
            let _ = check("chrony.conf", text.as_bytes(), &Elsewhere);
        }
    }
}
