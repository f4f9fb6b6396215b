//! The option parser of the classic Perl programs: names with one or two hyphens or a plus, abbreviated,
//! case-insensitive, anywhere on the command line; a message for each error.

use crate::compact;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// The kind of value an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A decimal integer with an optional sign.
    Integer,
    /// Any text.
    Text,
}

/// An option: its names, of which the parser uses the first, and its value.
pub type PerlOption = (&'static [&'static str], Takes);

/// A normalised command line, for a parser of long options.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Normal {
    /// The options as `--name` and `--name=value`, then `--`, then the operands.
    pub words: Vec<OsString>,
    /// One line per error.
    pub errors: Vec<u8>,
}

/// Normalises a command line.
pub fn normalize(words: &[OsString], options: &[PerlOption]) -> Normal {
    let mut reading = Normal::default();
    let mut operands = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let octets = word.as_bytes();
        if octets == b"--" {
            operands.extend(rest.by_ref().cloned());
            break;
        }
        let option = octets.strip_prefix(b"--").or_else(|| octets.strip_prefix(b"-"));
        match option.or_else(|| octets.strip_prefix(b"+")).filter(|option| !option.is_empty()) {
            Some(option) => reading.option(option, &mut rest, options),
            None => operands.push(word.clone()),
        }
    }
    reading.words.push("--".into());
    reading.words.append(&mut operands);
    reading
}

impl Normal {
    fn option<'a>(
        &mut self,
        option: &[u8],
        rest: &mut impl Iterator<Item = &'a OsString>,
        options: &[PerlOption],
    ) {
        let at = option.iter().position(|octet| *octet == b'=').filter(|at| *at > 0);
        let (name, attached) = match at.and_then(|at| option.split_at_checked(at)) {
            Some((name, value)) => (name, value.get(1..)),
            None => (option, None),
        };
        let name = name.to_ascii_lowercase();
        let (typed, primary, takes) = match find(&name, options) {
            Ok(found) => found,
            Err(hits) if hits.is_empty() => return self.error(&[b"Unknown option: ", &name]),
            Err(hits) => {
                let hits = hits.join(", ");
                return self.error(&[b"Option ", &name, b" is ambiguous (", hits.as_bytes(), b")"]);
            }
        };
        if takes == Takes::Nothing {
            return match attached {
                Some(_) => self.error(&[b"Option ", typed.as_bytes(), b" does not take an argument"]),
                None => self.words.push(format!("--{primary}").into()),
            };
        }
        let value = match attached {
            Some(value) => Some(value).filter(|value| !value.is_empty()),
            None => rest.next().map(|word| word.as_bytes()),
        };
        let Some(value) = value else {
            return self.error(&[b"Option ", typed.as_bytes(), b" requires an argument"]);
        };
        let value = match takes {
            Takes::Integer => match integer(value) {
                Some(number) => number,
                None => {
                    return self.error(&[
                        b"Value \"",
                        value,
                        b"\" invalid for option ",
                        typed.as_bytes(),
                        b" (number expected)",
                    ]);
                }
            },
            Takes::Text | Takes::Nothing => OsStr::from_bytes(value).to_owned(),
        };
        let mut word = OsString::from(format!("--{primary}="));
        word.push(value);
        self.words.push(word);
    }

    fn error(&mut self, parts: &[&[u8]]) {
        self.errors.extend(parts.concat());
        self.errors.push(b'\n');
    }
}

/// The option that a name or abbreviation stands for: its name in messages, its first name, and its value. Otherwise
/// the names that start with this text.
fn find(
    name: &[u8],
    options: &[PerlOption],
) -> Result<(&'static str, &'static str, Takes), Vec<&'static str>> {
    let named = |(names, takes): &PerlOption, known: &'static str| {
        (known, names.first().copied().unwrap_or(known), *takes)
    };
    let all = || options.iter().flat_map(|option| option.0.iter().map(move |known| (option, *known)));
    if let Some((option, known)) = all().find(|(_, known)| known.as_bytes() == name) {
        return Ok(named(option, known));
    }
    let mut hits: Vec<_> = all().filter(|(_, known)| known.as_bytes().starts_with(name)).collect();
    compact::sort_by_key(&mut hits, |(_, known)| *known);
    match hits.as_slice() {
        [(option, known), more @ ..] if more.iter().all(|(other, _)| other.0 == option.0) => {
            Ok(named(option, known))
        }
        _ => Err(hits.into_iter().map(|(_, known)| known).collect()),
    }
}

/// Parses digits with an optional sign and underscores; drops the underscores and a plus.
fn integer(text: &[u8]) -> Option<OsString> {
    let (sign, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (&b"-"[..], digits),
        None => (&b""[..], text.strip_prefix(b"+").unwrap_or(text)),
    };
    let is_number = digits.iter().any(u8::is_ascii_digit)
        && digits.iter().all(|octet| octet.is_ascii_digit() || *octet == b'_');
    let kept = sign.iter().chain(digits).copied().filter(|octet| *octet != b'_');
    is_number.then(|| OsString::from_vec(kept.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: &[PerlOption] = &[
        (&["numeric", "n"], Takes::Nothing),
        (&["max-hosts", "m"], Takes::Integer),
        (&["host", "r"], Takes::Text),
        (&["help", "?"], Takes::Nothing),
        (&["more-help"], Takes::Nothing),
    ];

    fn read(words: &[&str]) -> (String, String) {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let Normal { words, errors } = normalize(&words, OPTIONS);
        let words: Vec<String> = words.into_iter().map(|word| word.into_string().unwrap()).collect();
        (words.join(" "), String::from_utf8(errors).unwrap())
    }

    /// What Perl 5.36 makes of the same words.
    #[test]
    fn words_are_read_as_perl_reads_them() {
        for (words, expected) in [
            (&["+n"][..], "--numeric --"),
            (&["-N", "x", "-NUMeric"], "--numeric --numeric -- x"),
            (&["--", "-n"], "-- -n"),
            (&["-", "-n"], "--numeric -- -"),
            (
                &["-m", "1", "-m=-1", "--m", "+5", "--ma", "1_000"],
                "--max-hosts=1 --max-hosts=-1 --max-hosts=5 --max-hosts=1000 --",
            ),
            (&["-r", "", "-r", "-n", "-r", "--", "y"], "--host= --host=-n --host=-- -- y"),
            (&["--ho", "x", "--he", "--more", "-?"], "--host=x --help --more-help --help --"),
            (&["a", "-n", "--", "-b", "c"], "--numeric -- a -b c"),
        ] {
            assert_eq!(read(words), (expected.to_owned(), String::new()), "{words:?}");
        }
    }

    #[test]
    fn each_error_has_the_line_that_perl_prints() {
        for (words, expected) in [
            (&["-n=1"][..], "Option n does not take an argument\n"),
            (&["--numeric="], "Option numeric does not take an argument\n"),
            (&["--m", "0x10"], "Value \"0x10\" invalid for option m (number expected)\n"),
            (&["-m", ""], "Value \"\" invalid for option m (number expected)\n"),
            (&["--max-hosts="], "Option max-hosts requires an argument\n"),
            (&["--MA"], "Option max-hosts requires an argument\n"),
            (&["-m=1.5"], "Value \"1.5\" invalid for option m (number expected)\n"),
            (&["--nonumeric"], "Unknown option: nonumeric\n"),
            (&["-X", "-m1", "-="], "Unknown option: x\nUnknown option: m1\nUnknown option: =\n"),
            (&["-h", "x"], "Option h is ambiguous (help, host)\n"),
            (&["---n", "---"], "Unknown option: -n\nUnknown option: -\n"),
            (&["-x", "-y", "-m"], "Unknown option: x\nUnknown option: y\nOption m requires an argument\n"),
        ] {
            assert_eq!(read(words).1, expected, "{words:?}");
        }
    }
}
