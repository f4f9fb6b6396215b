//! The classic command-line conventions: abbreviated long options, and the wording of usage errors.

use crate::compat::{Dialect, Quirk};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

/// The texts a classic program prints about itself on wrong usage.
#[derive(Clone, Copy, Debug)]
pub struct ProgramInfo {
    /// Its name.
    pub name: &'static str,
    /// Its title line.
    pub title: &'static str,
    /// The operands in its usage line, preceded by a blank; may be empty.
    pub operands: &'static str,
    /// Its long options in the order of its own list. These may be abbreviated; newer ones must be written in full, so
    /// that no abbreviation in an old script changes its meaning.
    pub long_options: &'static [&'static str],
    /// Options that prohibit others; when two conflict they are named first, in this order.
    pub prohibitive: &'static [&'static str],
}

impl ProgramInfo {
    /// Expands abbreviated long options and inserts `--` before the first operand, where the classic programs stop
    /// looking for options. Anything that matches no option, or several, is left to the parser.
    pub fn normalize(&self, command: &clap::Command, arguments: &[OsString]) -> Vec<OsString> {
        let mut normal = Vec::with_capacity(arguments.len() + 1);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let octets = argument.as_bytes();
            let valued = if let Some(long) = octets.strip_prefix(b"--").filter(|long| !long.is_empty()) {
                let (name, value) = split_value(long);
                match name.to_str().and_then(|name| self.write_out(command, name)) {
                    Some(written) => {
                        normal.push(joined(&[OsStr::new("--"), OsStr::new(written), value]));
                        value.is_empty() && wants_value(command, |option| option.get_long() == Some(written))
                    }
                    None => {
                        normal.push(argument.clone());
                        false
                    }
                }
            } else if let Some(file) = octets.strip_prefix(b"->").filter(|file| !file.is_empty()) {
                // An optional value is in the same word, and no other letter follows it.
                normal.push(joined(&[OsStr::new("--save-opts="), OsStr::from_bytes(file)]));
                false
            } else if octets.len() > 1 && octets.starts_with(b"-") && octets != b"--" {
                normal.push(argument.clone());
                ends_wanting_a_value(command, octets)
            } else {
                if octets != b"--" {
                    normal.push("--".into());
                }
                normal.push(argument.clone());
                normal.extend(rest.cloned());
                return normal;
            };
            if valued {
                normal.extend(rest.next().cloned());
            }
        }
        normal
    }

    /// The classic message for a wrong command line: starts with the program's name where the classic one does, and
    /// ends with three lines about usage.
    pub fn explain(&self, called: &OsStr, error: &clap::Error, dialect: Dialect) -> String {
        self.refuse(&self.message(&called.to_string_lossy(), error, dialect))
    }

    /// Adds the three lines about usage to a message.
    pub fn refuse(&self, message: &str) -> String {
        let Self { name, title, operands, .. } = self;
        format!(
            "{message}\n{title}\nUsage:  {name} [ -<flag> [<val>] | --<name>[{{=| }}<val>] ]...{operands}\n\
             Try '{name} --help' for more information.\n"
        )
    }

    fn message(&self, called: &str, error: &clap::Error, dialect: Dialect) -> String {
        let name = self.name;
        let culprit = text_of(error, ContextKind::InvalidArg);
        let option = bare(&culprit);
        match error.kind() {
            // An abbreviation of the `no-` prefix that disables options is indistinguishable from an option, and a
            // single letter is not an abbreviation.
            ErrorKind::UnknownArgument
                if culprit.starts_with("--") && ("no-".starts_with(option) || is_letter(option)) =>
            {
                format!("{name}: invalid option name: {option}")
            }
            ErrorKind::UnknownArgument => match self.candidates(option).as_slice() {
                several @ [_, _, ..] => {
                    let lines: String = several.iter().map(|name| format!("\n  --{name}")).collect();
                    format!(
                        "{called}: ambiguous option name: {option} (matches {} options)\n  The following options match:{lines}",
                        several.len()
                    )
                }
                _ => {
                    let meant = suggestion(error).filter(|_| !dialect.keeps(Quirk::NO_SUGGESTIONS));
                    let meant = meant.map_or_else(String::new, |name| format!("; did you mean --{name}?"));
                    format!("{called}: illegal option -- {option}{meant}")
                }
            },
            ErrorKind::ArgumentConflict => {
                let other = text_of(error, ContextKind::PriorArg);
                match bare(&other) {
                    same if same == option => format!("{name} error:  only one {option} option allowed"),
                    other => {
                        let place = |option| {
                            let place = self.prohibitive.iter().position(|name| *name == option);
                            place.unwrap_or(usize::MAX)
                        };
                        let (first, second) =
                            if place(option) < place(other) { (option, other) } else { (other, option) };
                        format!("{name} error:  the '{first}' and '{second}' options conflict")
                    }
                }
            }
            ErrorKind::TooManyValues => format!("{called}: The '{option}' option cannot have an argument."),
            ErrorKind::InvalidValue if text_of(error, ContextKind::InvalidValue).is_empty() => {
                format!("{called}: The '{option}' option requires an argument.")
            }
            ErrorKind::InvalidValue => {
                let value = text_of(error, ContextKind::InvalidValue);
                let valid = match error.get(ContextKind::ValidValue) {
                    Some(ContextValue::Strings(texts)) => texts.join(", "),
                    _ => String::new(),
                };
                format!("{name} error:  invalid value '{value}' for {option}; choose from {valid}")
            }
            ErrorKind::ValueValidation => match std::error::Error::source(error) {
                Some(source) => format!("{name} error:  {source}"),
                None => format!("{name} error:  bad value for {option}"),
            },
            _ => {
                let text = error.render().to_string();
                let line = text.lines().next().unwrap_or_default();
                format!("{name} error:  {}", line.trim_start_matches("error: "))
            }
        }
    }

    /// The full name of a long option that is complete or unambiguously abbreviated; otherwise `None`.
    fn write_out<'a>(&self, command: &'a clap::Command, stem: &str) -> Option<&'a str> {
        let named =
            |name: &str| command.get_arguments().filter_map(clap::Arg::get_long).find(|long| *long == name);
        named(stem).or_else(|| match self.candidates(stem).as_slice() {
            [name] if !is_letter(stem) => named(name),
            _ => None,
        })
    }

    /// The classic long options that start with this text.
    fn candidates(&self, stem: &str) -> Vec<&'static str> {
        self.long_options.iter().filter(|name| name.starts_with(stem)).copied().collect()
    }
}

/// Parses a number like the classic option parser: after blanks and a sign, octal with a leading `0`, hexadecimal with
/// `0x`.
///
/// # Errors
/// The message for a text that is not a number.
pub fn number(text: &str) -> Result<i64, String> {
    let wrong = || format!("'{text}' is not a recognizable number.");
    let signed = text.trim_start();
    let digits = signed.strip_prefix(['-', '+']).unwrap_or(signed);
    let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if digits.starts_with('0') => (digits, 8),
        None => (digits, 10),
    };
    if !digits.starts_with(|digit: char| digit.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let amount = i64::from_str_radix(digits, radix).map_err(|_| wrong())?;
    Ok(if signed.starts_with('-') { -amount } else { amount })
}

/// Whether the option takes the next argument as its value.
fn wants_value(command: &clap::Command, is_it: impl Fn(&clap::Arg) -> bool) -> bool {
    let option =
        command.get_arguments().filter(|option| !option.is_positional()).find(|option| is_it(option));
    option.is_some_and(|option| option.get_action().takes_values() && !option.is_require_equals_set())
}

/// Whether a cluster of short options ends with one that takes the next argument as its value.
fn ends_wanting_a_value(command: &clap::Command, cluster: &[u8]) -> bool {
    let mut letters = cluster.iter().skip(1);
    let valued = letters.find(|&&letter| {
        letter.is_ascii() && wants_value(command, |option| option.get_short() == Some(char::from(letter)))
    });
    valued.is_some() && letters.next().is_none()
}

/// Splits a long option without its hyphens into its name and the rest: `=` and the value, or nothing.
fn split_value(long: &[u8]) -> (&OsStr, &OsStr) {
    let end = long.iter().position(|&octet| octet == b'=').unwrap_or(long.len());
    let (name, value) = long.split_at_checked(end).unwrap_or((long, b""));
    (OsStr::from_bytes(name), OsStr::from_bytes(value))
}

fn joined(parts: &[&OsStr]) -> OsString {
    let mut whole = OsString::new();
    for part in parts {
        whole.push(part);
    }
    whole
}

/// The known long option nearest to an unknown name.
pub(super) fn nearest(command: &clap::Command, name: &str) -> Option<String> {
    let words = [OsString::from("x"), OsString::from(format!("--{name}"))];
    let error = command.clone().try_get_matches_from(words).err()?;
    suggestion(&error)
}

/// The long option that the parser suggests in place of an unknown one.
fn suggestion(error: &clap::Error) -> Option<String> {
    let meant = text_of(error, ContextKind::SuggestedArg);
    Some(bare(&meant).to_owned()).filter(|name| !name.is_empty())
}

fn is_letter(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some() && letters.next().is_none()
}

fn text_of(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.first().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The bare name of an option written as `--name <VALUE>` or `-n`.
fn bare(option: &str) -> &str {
    let name = option.trim_start_matches('-');
    name.split([' ', '=', '<', '[', '.']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM_INFO: ProgramInfo = ProgramInfo {
        name: "ntpq",
        title: "title",
        operands: " [ host ...]",
        long_options: &["command", "compatible", "numeric", "peers"],
        prohibitive: &[],
    };

    fn normal(arguments: &[&str]) -> Vec<String> {
        let command = clap::Command::new("ntpq")
            .arg(clap::Arg::new("command").short('c').long("command"))
            .arg(clap::Arg::new("format").long("format"))
            .arg(clap::Arg::new("numeric").short('n').long("numeric").action(clap::ArgAction::SetTrue));
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let normal = PROGRAM_INFO.normalize(&command, &arguments);
        normal.into_iter().map(|text| text.into_string().unwrap()).collect()
    }

    #[test]
    fn abbreviations_are_expanded() {
        assert_eq!(
            normal(&["--num", "--comm", "rv", "--comm=rv"]),
            ["--numeric", "--command", "rv", "--command=rv"]
        );
        assert_eq!(normal(&["--com", "rv"]), ["--com", "--", "rv"], "two options start like this");
        assert_eq!(normal(&["--format", "json", "x"]), ["--format", "json", "--", "x"]);
        assert_eq!(
            normal(&["--for", "json"]),
            ["--for", "--", "json"],
            "newer options cannot be abbreviated"
        );
        assert_eq!(normal(&["--n"]), ["--n"], "one letter is not an abbreviation");
    }

    #[test]
    fn values_stay_octets() {
        let command = clap::Command::new("ntpq")
            .arg(clap::Arg::new("command").short('c').long("command"))
            .arg(clap::Arg::new("numeric").short('n').long("numeric").action(clap::ArgAction::SetTrue))
            .arg(clap::Arg::new("save").long("save-opts").num_args(0..=1).require_equals(true));
        let word = |octets: &[u8]| OsString::from(OsStr::from_bytes(octets));
        let normal = |words: &[&[u8]]| {
            PROGRAM_INFO.normalize(&command, &words.iter().map(|octets| word(octets)).collect::<Vec<_>>())
        };
        for (given, expected) in [
            (b"--comm=k\xe9".as_slice(), b"--command=k\xe9".as_slice()),
            (b"--command=k\xe9", b"--command=k\xe9"),
            (b"->k\xe9", b"--save-opts=k\xe9"),
            (b"-nck\xe9", b"-nck\xe9"),
            (b"-k\xe9", b"-k\xe9"),
            (b"--k\xe9=x", b"--k\xe9=x"),
        ] {
            assert_eq!(normal(&[given, b"-n"]), [word(expected), word(b"-n")], "{expected:?}");
        }
        assert_eq!(
            normal(&[b"--comm", b"k\xe9", b"h"]),
            ["--command".into(), word(b"k\xe9"), "--".into(), "h".into()]
        );
        assert_eq!(
            normal(&[b"-nc", b"-k\xe9", b"h"]),
            ["-nc".into(), word(b"-k\xe9"), "--".into(), "h".into()]
        );
    }

    #[test]
    fn unknown_options_get_a_suggestion_except_in_the_classic_dialect() {
        let command = clap::Command::new("ntpq")
            .arg(clap::Arg::new("numeric").long("numeric").action(clap::ArgAction::SetTrue));
        let error = command.try_get_matches_from(["ntpq", "--nuemric"]).unwrap_err();
        let first = |dialect| {
            let text = PROGRAM_INFO.explain(OsStr::new("ntpq"), &error, dialect);
            text.lines().next().unwrap_or_default().to_owned()
        };
        assert_eq!(first(Dialect::Native), "ntpq: illegal option -- nuemric; did you mean --numeric?");
        assert_eq!(first(Dialect::Classic), "ntpq: illegal option -- nuemric");
    }

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        for (text, amount) in
            [("512", 512), (" +512", 512), ("-5", -5), ("01000", 512), ("0x200", 512), ("0X1f", 31), ("0", 0)]
        {
            assert_eq!(number(text), Ok(amount), "{text}");
        }
        for text in ["", "x", "512 ", "512k", "0b1", "09", "0x", "--5", "- 5", "99999999999999999999"] {
            assert_eq!(number(text), Err(format!("'{text}' is not a recognizable number.")));
        }
    }

    #[test]
    fn options_end_at_the_first_operand() {
        assert_eq!(normal(&["-nc", "rv", "host", "-p"]), ["-nc", "rv", "--", "host", "-p"]);
        assert_eq!(normal(&["-crv", "host"]), ["-crv", "--", "host"]);
        assert_eq!(normal(&["-p", "--", "-4"]), ["-p", "--", "-4"]);
        assert_eq!(normal(&["-c", "--", "-n", "-"]), ["-c", "--", "-n", "--", "-"]);
    }
}
