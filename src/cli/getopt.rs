//! The option parser of the small classic programs: clusters of short options before the first operand, and a message
//! for each error.

use super::usage::nearest;
use clap::ArgAction;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// The shortest cluster of letters that may be a long option with a missing hyphen.
const SHORTEST_NAME: usize = 4;

/// How a program's command line is read.
pub struct Getopt<'a> {
    /// The known options.
    pub command: &'a clap::Command,
    /// The program name as it was called.
    pub called: &'a str,
    /// The option letters of the original program, if only those are accepted.
    pub letters: Option<&'a str>,
    /// Former long options, now rejected.
    pub unknown: &'a [&'a str],
    /// Whether an unknown long option is read as a cluster of letters starting with `-`, as the classic program does.
    pub bundles: bool,
}

impl Getopt<'_> {
    /// Prepares the words for the parser of [`Getopt::command`], with a `--` before the first operand. `check`
    /// validates the value of each short option and returns an error message.
    ///
    /// # Errors
    /// The error messages, one per line; parsing continues after an error.
    pub fn scan(
        &self,
        words: &[OsString],
        check: &mut dyn FnMut(char, &str) -> Option<String>,
    ) -> Result<Vec<OsString>, String> {
        let mut problems = String::new();
        let mut normal = Vec::with_capacity(words.len() + 1);
        let mut rest = words.iter();
        let mut first = None;
        while let Some(word) = rest.next() {
            let Some(cluster) = word.as_bytes().strip_prefix(b"-").filter(|cluster| !cluster.is_empty())
            else {
                first = Some(word.clone());
                break;
            };
            if cluster == b"-" {
                break;
            }
            if let Some(long) = cluster.strip_prefix(b"-") {
                if let Some(valued) = self.long_takes_value(long) {
                    normal.push(word.clone());
                    if valued && !long.contains(&b'=') {
                        normal.extend(rest.next().cloned());
                    }
                    continue;
                }
                if !self.bundles {
                    problems += &self.unknown_long(long);
                    continue;
                }
            }
            let before = problems.len();
            let mut letters = cluster;
            while let Some((letter, attached)) = split_letter(letters) {
                letters = attached;
                match self.short_takes_value(letter) {
                    None => problems += &format!("{}: unknown option -{letter}\n", self.called),
                    Some(false) => normal.push(format!("-{letter}").into()),
                    Some(true) => {
                        let value = if attached.is_empty() {
                            rest.next().cloned()
                        } else {
                            Some(OsString::from_vec(attached.to_vec()))
                        };
                        match value {
                            None => {
                                problems += &format!("{}: option requires argument -{letter}\n", self.called);
                            }
                            Some(value) => {
                                if let Some(wrong) = check(letter, &value.to_string_lossy()) {
                                    problems += &format!("{}: {wrong}\n", self.called);
                                }
                                normal.push(format!("-{letter}").into());
                                normal.push(value);
                            }
                        }
                        break;
                    }
                }
            }
            if problems.len() > before
                && let Some(instead) = self.long_meant(cluster)
            {
                problems.truncate(before);
                problems += &instead;
            }
        }
        normal.push("--".into());
        normal.extend(first.into_iter().chain(rest.cloned()));
        if problems.is_empty() { Ok(normal) } else { Err(problems) }
    }

    fn unknown_long(&self, long: &[u8]) -> String {
        let name = name_of(long).to_string_lossy();
        let hint = match nearest(self.command, &name).filter(|name| !self.unknown.contains(&name.as_str())) {
            Some(name) => format!("; did you mean --{name}?"),
            None => String::new(),
        };
        format!("{}: unknown option --{name}{hint}\n", self.called)
    }

    /// The message for a cluster that was meant as a long option: its letters are not valid, and it is close to the
    /// name of one.
    fn long_meant(&self, cluster: &[u8]) -> Option<String> {
        let name =
            std::str::from_utf8(cluster).ok().filter(|name| name.len() >= SHORTEST_NAME && !self.bundles)?;
        let is_exact = self.long_takes_value(cluster).is_some();
        let meant = if is_exact { Some(name.to_owned()) } else { nearest(self.command, name) };
        let meant = meant.filter(|name| !self.unknown.contains(&name.as_str()))?;
        Some(format!("{}: unknown option -{name}; did you mean --{meant}?\n", self.called))
    }

    fn long_takes_value(&self, long: &[u8]) -> Option<bool> {
        let name = name_of(long).to_str()?;
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

/// The name of a long option without its value.
fn name_of(long: &[u8]) -> &OsStr {
    OsStr::from_bytes(long.split(|&octet| octet == b'=').next().unwrap_or(long))
}

/// Splits off the first letter; an octet that is not part of a character counts as a letter.
fn split_letter(text: &[u8]) -> Option<(char, &[u8])> {
    let chunk = text.utf8_chunks().next()?;
    let letter = chunk.valid().chars().next();
    let length = letter.map_or(1, char::len_utf8);
    Some((letter.unwrap_or(char::REPLACEMENT_CHARACTER), text.get(length..)?))
}

fn takes_value(option: &clap::Arg) -> bool {
    matches!(option.get_action(), ArgAction::Set | ArgAction::Append) && !option.is_require_equals_set()
}

/// Joins a number that follows this long option to it, for options whose number is optional. Anything but a number
/// remains a separate word.
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
        let getopt =
            Getopt { command: &command, called: "x", letters: None, unknown: &["help"], bundles: true };
        let scanned = scan_octets(&getopt, words)?;
        Ok(scanned.into_iter().map(|word| word.into_string().unwrap()).collect())
    }

    fn scan_octets(getopt: &Getopt, words: &[impl AsRef<OsStr>]) -> Result<Vec<OsString>, String> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        getopt.scan(&words, &mut |letter, value| {
            (letter == 't' && value == "bad").then(|| format!("timeout {value} is undecodeable"))
        })
    }

    fn native() -> Command {
        Command::new("x")
            .disable_help_flag(true)
            .arg(Arg::new("t").short('t').action(ArgAction::Set))
            .arg(Arg::new("e").short('e').action(ArgAction::Set))
            .arg(Arg::new("explain").long("explain").action(ArgAction::SetTrue))
            .arg(Arg::new("help").long("help").action(ArgAction::SetTrue))
    }

    #[test]
    fn values_are_octets() {
        let command = native();
        let getopt = Getopt { command: &command, called: "x", letters: None, unknown: &[], bundles: false };
        let odd = OsStr::from_bytes(b"k\xe9");
        let attached = OsStr::from_bytes(b"-tk\xe9");
        let expected: Vec<OsString> = vec!["-t".into(), odd.into(), "--".into(), odd.into()];
        assert_eq!(scan_octets(&getopt, &[OsStr::new("-t"), odd, odd]), Ok(expected.clone()));
        assert_eq!(scan_octets(&getopt, &[attached, odd]), Ok(expected));
        let unknown = "x: unknown option -\u{fffd}\nx: unknown option -\u{fc}\n".to_owned();
        assert_eq!(scan_octets(&getopt, &[OsStr::from_bytes(b"-\xe9\xc3\xbc")]), Err(unknown));
    }

    #[test]
    fn misspelt_long_options_get_a_suggestion() {
        let command = native();
        let getopt = Getopt { command: &command, called: "x", letters: None, unknown: &[], bundles: false };
        let wrong = |word: &str| scan_octets(&getopt, &[word]).unwrap_err();
        assert_eq!(wrong("--explian"), "x: unknown option --explian; did you mean --explain?\n");
        assert_eq!(wrong("--hepl=5"), "x: unknown option --hepl; did you mean --help?\n");
        assert_eq!(wrong("-hepl"), "x: unknown option -hepl; did you mean --help?\n");
        assert_eq!(wrong("-help"), "x: unknown option -help; did you mean --help?\n");
        assert_eq!(wrong("-zt"), "x: unknown option -z\nx: option requires argument -t\n");
        assert_eq!(wrong("--quite-another"), "x: unknown option --quite-another\n");
    }

    #[test]
    fn clusters_and_values_are_split() {
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
    fn each_error_has_its_own_line() {
        assert_eq!(
            scan(&["-zq", "-t", "bad", "--help", "-t"]).unwrap_err(),
            "x: unknown option -z\nx: timeout bad is undecodeable\nx: unknown option --\nx: unknown option -h\n\
             x: unknown option -e\nx: unknown option -l\nx: unknown option -p\nx: option requires argument -t\n"
        );
    }
}
