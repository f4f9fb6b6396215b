//! The option reader of the classic Perl programs: names with one or two hyphens or a plus, abbreviated, in any case of
//! letters, anywhere on the command line; a complaint for each mistake.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A decimal integer, with a sign perhaps.
    Integer,
    /// Any text.
    Text,
}

/// An option: its names, the first of which is the parser's, and what it takes.
pub type PerlOption = (&'static [&'static str], Takes);

/// A command line as a parser of long options wants it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Normal {
    /// The options as `--name` and `--name=value`, a `--`, and the operands.
    pub words: Vec<OsString>,
    /// A line for each mistake.
    pub complaints: Vec<u8>,
}

/// Reads a command line.
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
            Err(hits) if hits.is_empty() => return self.complain(&[b"Unknown option: ", &name]),
            Err(hits) => {
                let hits = hits.join(", ");
                return self.complain(&[b"Option ", &name, b" is ambiguous (", hits.as_bytes(), b")"]);
            }
        };
        if takes == Takes::Nothing {
            return match attached {
                Some(_) => self.complain(&[b"Option ", typed.as_bytes(), b" does not take an argument"]),
                None => self.words.push(format!("--{primary}").into()),
            };
        }
        let value = match attached {
            Some(value) => Some(value).filter(|value| !value.is_empty()),
            None => rest.next().map(|word| word.as_bytes()),
        };
        let Some(value) = value else {
            return self.complain(&[b"Option ", typed.as_bytes(), b" requires an argument"]);
        };
        let value = match takes {
            Takes::Integer => match integer(value) {
                Some(number) => number,
                None => {
                    return self.complain(&[
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

    fn complain(&mut self, parts: &[&[u8]]) {
        self.complaints.extend(parts.concat());
        self.complaints.push(b'\n');
    }
}

/// The option that a name, or the beginning of one, stands for: as it is called in complaints, its first name, and what it
/// takes. Else the names that begin so.
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
    hits.sort_by_key(|(_, known)| *known);
    match hits.as_slice() {
        [(option, known), more @ ..] if more.iter().all(|(other, _)| other.0 == option.0) => {
            Ok(named(option, known))
        }
        _ => Err(hits.into_iter().map(|(_, known)| known).collect()),
    }
}

/// Digits with a sign and underscores, without the underscores and a plus.
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
        let Normal { words, complaints } = normalize(&words, OPTIONS);
        let words: Vec<String> = words.into_iter().map(|word| word.into_string().unwrap()).collect();
        (words.join(" "), String::from_utf8(complaints).unwrap())
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
    fn every_mistake_has_the_line_that_perl_prints() {
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
