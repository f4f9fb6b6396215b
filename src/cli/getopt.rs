//! The option reader of the small classic programs: short options in clusters, up to the first operand, and a
//! complaint for each mistake.

use clap::ArgAction;
use std::ffi::OsString;

/// How a program's command line is read.
pub struct Getopt<'a> {
    /// The options that there are.
    pub command: &'a clap::Command,
    /// The program as it was called.
    pub called: &'a str,
    /// The letters that the classic program knows, if no others shall be known.
    pub letters: Option<&'a str>,
    /// Long options that are none today.
    pub unknown: &'a [&'a str],
}

impl Getopt<'_> {
    /// The words as the parser of [`Getopt::command`] wants them: a `--` before the first operand. `check`
    /// looks at each value of a short option and says what is wrong with it.
    ///
    /// # Errors
    /// The complaints, a line each: reading goes on after a mistake.
    pub fn scan(
        &self,
        words: &[OsString],
        check: &mut dyn FnMut(char, &str) -> Option<String>,
    ) -> Result<Vec<OsString>, String> {
        let mut complaints = String::new();
        let mut normal = Vec::with_capacity(words.len() + 1);
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let text = word.to_string_lossy();
            if text == "--" {
                break;
            }
            let Some(cluster) = text.strip_prefix('-').filter(|cluster| !cluster.is_empty()) else {
                normal.push("--".into());
                normal.push(word.clone());
                normal.extend(rest.cloned());
                return if complaints.is_empty() { Ok(normal) } else { Err(complaints) };
            };
            if let Some(valued) = cluster.strip_prefix('-').and_then(|long| self.long_takes_value(long)) {
                normal.push(word.clone());
                if valued && !cluster.contains('=') {
                    normal.extend(rest.next().cloned());
                }
                continue;
            }
            let mut letters = cluster.chars();
            while let Some(letter) = letters.next() {
                match self.short_takes_value(letter) {
                    None => complaints += &format!("{}: unknown option -{letter}\n", self.called),
                    Some(false) => normal.push(format!("-{letter}").into()),
                    Some(true) => {
                        let attached = letters.as_str();
                        let value = if attached.is_empty() {
                            rest.next().map(|value| value.to_string_lossy().into_owned())
                        } else {
                            Some(attached.to_owned())
                        };
                        match value {
                            None => {
                                complaints +=
                                    &format!("{}: option requires argument -{letter}\n", self.called);
                            }
                            Some(value) => {
                                if let Some(wrong) = check(letter, &value) {
                                    complaints += &format!("{}: {wrong}\n", self.called);
                                }
                                normal.push(format!("-{letter}").into());
                                normal.push(value.into());
                            }
                        }
                        break;
                    }
                }
            }
        }
        normal.push("--".into());
        normal.extend(rest.cloned());
        if complaints.is_empty() { Ok(normal) } else { Err(complaints) }
    }

    fn long_takes_value(&self, long: &str) -> Option<bool> {
        let name = long.split('=').next().unwrap_or(long);
        if name.is_empty() || self.unknown.contains(&name) {
            return None;
        }
        let option = self.command.get_arguments().find(|option| option.get_long() == Some(name))?;
        Some(takes_value(option))
    }

    fn short_takes_value(&self, letter: char) -> Option<bool> {
        if self.letters.is_some_and(|known| !known.contains(letter)) {
            return None;
        }
        let option = self.command.get_arguments().find(|option| option.get_short() == Some(letter))?;
        Some(takes_value(option))
    }
}

fn takes_value(option: &clap::Arg) -> bool {
    matches!(option.get_action(), ArgAction::Set | ArgAction::Append) && !option.is_require_equals_set()
}

/// The words, in which a number that follows this long option belongs to it. For options whose number may be left
/// out: what is no number is the next word.
pub fn joined(words: &[OsString], option: &str) -> Vec<OsString> {
    let mut all: Vec<OsString> = Vec::with_capacity(words.len());
    for word in words {
        let is_number = word.to_str().is_some_and(|text| text.parse::<f64>().is_ok());
        match all.last_mut().filter(|last| is_number && last.as_os_str() == option) {
            Some(last) => {
                last.push("=");
                last.push(word);
            }
            None => all.push(word.clone()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Arg, Command};

    fn scan(words: &[&str]) -> Result<Vec<String>, String> {
        let command = Command::new("x")
            .arg(Arg::new("q").short('q').action(ArgAction::SetTrue))
            .arg(Arg::new("t").short('t').action(ArgAction::Set))
            .arg(Arg::new("form").long("form").action(ArgAction::Set))
            .arg(Arg::new("help").long("help").action(ArgAction::SetTrue));
        let getopt = Getopt { command: &command, called: "x", letters: None, unknown: &["help"] };
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let scanned = getopt.scan(&words, &mut |letter, value| {
            (letter == 't' && value == "bad").then(|| format!("timeout {value} is undecodeable"))
        })?;
        Ok(scanned.into_iter().map(|word| word.into_string().unwrap()).collect())
    }

    #[test]
    fn clusters_and_values_are_taken_apart() {
        assert_eq!(scan(&["-qt3", "host", "-q"]).unwrap(), ["-q", "-t", "3", "--", "host", "-q"]);
        assert_eq!(scan(&["-t", "-1", "--", "-q"]).unwrap(), ["-t", "-1", "--", "-q"]);
        assert_eq!(scan(&["--form", "json", "-"]).unwrap(), ["--form", "json", "--", "-"]);
        assert_eq!(scan(&["--form=json"]).unwrap(), ["--form=json", "--"]);
    }

    #[test]
    fn a_number_belongs_to_the_option_before_it() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        for (given, expected) in [
            ("--wait 5 host", "--wait=5 host"),
            ("--wait host 5", "--wait host 5"),
            ("--wait=1 5", "--wait=1 5"),
            ("-m 5 --wait .5", "-m 5 --wait=.5"),
            ("--wait --wait", "--wait --wait"),
        ] {
            assert_eq!(joined(&words(given), "--wait"), words(expected), "{given}");
        }
    }

    #[test]
    fn every_mistake_has_its_line() {
        assert_eq!(
            scan(&["-zq", "-t", "bad", "--help", "-t"]).unwrap_err(),
            "x: unknown option -z\nx: timeout bad is undecodeable\nx: unknown option --\nx: unknown option -h\n\
             x: unknown option -e\nx: unknown option -l\nx: unknown option -p\nx: option requires argument -t\n"
        );
    }
}
