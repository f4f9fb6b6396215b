//! The manners of the classic command lines: abbreviated long options, and the wording of usage errors.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::{OsStr, OsString};

/// What the classic program of an applet says about itself when it is misused.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Its name.
    pub name: &'static str,
    /// Its title line.
    pub title: &'static str,
    /// The long options that may be abbreviated, each with whether it takes a value.
    pub long_options: &'static [(&'static str, bool)],
    /// The letters of the short options that take a value.
    pub valued_letters: &'static str,
}

impl Manners {
    /// Writes abbreviated long options out and sets a `--` before the first operand, for the classic
    /// programs look for options no further. What matches no option, or several, is left to the parser.
    pub fn normalize(&self, arguments: &[OsString]) -> Vec<OsString> {
        let mut normal = Vec::with_capacity(arguments.len() + 1);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let text = argument.to_string_lossy();
            let valued = if let Some(long) = text.strip_prefix("--").filter(|long| !long.is_empty()) {
                let (written, takes_value) = self.write_out(long);
                normal.push(written.map_or_else(|| argument.clone(), OsString::from));
                takes_value && !long.contains('=')
            } else if text.len() > 1 && text.starts_with('-') && text != "--" {
                normal.push(argument.clone());
                self.ends_wanting_a_value(&text)
            } else {
                if text != "--" {
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

    /// The classic words for what is wrong with a command line: the program as it was called stands first
    /// where the classic puts it, three lines about the usage follow.
    pub fn explain(&self, called: &OsStr, error: &clap::Error) -> String {
        let complaint = self.complaint(&called.to_string_lossy(), error);
        let Self { name, title, .. } = self;
        format!(
            "{complaint}\n{title}\nUsage:  {name} [ -<flag> [<val>] | --<name>[{{=| }}<val>] ]... [ host ...]\n\
             Try '{name} --help' for more information.\n"
        )
    }

    fn complaint(&self, called: &str, error: &clap::Error) -> String {
        let name = self.name;
        let culprit = text_of(error, ContextKind::InvalidArg);
        let option = bare(&culprit);
        match error.kind() {
            ErrorKind::UnknownArgument => match self.candidates(option).as_slice() {
                several @ [_, _, ..] => {
                    let lines: String = several.iter().map(|name| format!("\n  --{name}")).collect();
                    format!(
                        "{called}: ambiguous option name: {option} (matches {} options)\n  The following options match:{lines}",
                        several.len()
                    )
                }
                _ => format!("{called}: illegal option -- {option}"),
            },
            ErrorKind::ArgumentConflict => {
                let other = text_of(error, ContextKind::PriorArg);
                match bare(&other) {
                    same if same == option => format!("{name} error:  only one {option} option allowed"),
                    other => {
                        // The classic names the options in the order of its own list.
                        let place =
                            |name: &str| self.long_options.iter().position(|(known, _)| *known == name);
                        let (first, second) =
                            if place(option) <= place(other) { (option, other) } else { (other, option) };
                        format!("{name} error:  the '{first}' and '{second}' options conflict")
                    }
                }
            }
            ErrorKind::TooManyValues => format!("{called}: The '{option}' option cannot have an argument."),
            ErrorKind::InvalidValue if text_of(error, ContextKind::InvalidValue).is_empty() => {
                format!("{called}: The '{option}' option requires an argument.")
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

    /// A long option in full, when it is an unambiguous abbreviation, and whether it takes a value.
    fn write_out(&self, long: &str) -> (Option<String>, bool) {
        let (stem, value) = long.split_once('=').map_or((long, None), |(stem, value)| (stem, Some(value)));
        let takes_value =
            |name: &str| self.long_options.iter().any(|&(known, valued)| known == name && valued);
        match self.candidates(stem).as_slice() {
            [name] => {
                let tail = value.map(|value| format!("={value}")).unwrap_or_default();
                (Some(format!("--{name}{tail}")), takes_value(name))
            }
            _ => (None, false),
        }
    }

    /// The long options that this may be the beginning of; an exact name is only itself.
    fn candidates(&self, stem: &str) -> Vec<&'static str> {
        let names = || self.long_options.iter().map(|&(name, _)| name);
        match names().find(|&name| name == stem) {
            Some(exact) => vec![exact],
            None => names().filter(|name| name.starts_with(stem)).collect(),
        }
    }

    /// Whether a cluster of short options ends with one whose value is the next argument.
    fn ends_wanting_a_value(&self, cluster: &str) -> bool {
        let valued = cluster.char_indices().skip(1).find(|&(_, letter)| self.valued_letters.contains(letter));
        valued.is_some_and(|(at, letter)| at + letter.len_utf8() == cluster.len())
    }
}

fn text_of(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.first().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The name alone of an option that is written as `--name <VALUE>` or `-n`.
fn bare(option: &str) -> &str {
    let name = option.trim_start_matches('-');
    name.split([' ', '=', '<', '[']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANNERS: Manners = Manners {
        name: "ntpq",
        title: "title",
        long_options: &[("command", true), ("numeric", false), ("compat", true), ("peers", false)],
        valued_letters: "cD",
    };

    fn normal(arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        MANNERS.normalize(&arguments).into_iter().map(|text| text.into_string().unwrap()).collect()
    }

    #[test]
    fn abbreviations_are_written_out() {
        assert_eq!(
            normal(&["--num", "--comm", "rv", "--comm=rv"]),
            ["--numeric", "--command", "rv", "--command=rv"]
        );
        assert_eq!(normal(&["--com", "rv"]), ["--com", "--", "rv"], "two options begin so");
    }

    #[test]
    fn options_end_at_the_first_operand() {
        assert_eq!(normal(&["-nc", "rv", "host", "-p"]), ["-nc", "rv", "--", "host", "-p"]);
        assert_eq!(normal(&["-crv", "host"]), ["-crv", "--", "host"]);
        assert_eq!(normal(&["-p", "--", "-4"]), ["-p", "--", "-4"]);
        assert_eq!(normal(&["-c", "--", "-n", "-"]), ["-c", "--", "-n", "--", "-"]);
    }
}
