//! Detects words that look like options but would be taken as operands.
//!
//! Guides on the web print dashes in place of hyphens, and many people write options after the host. Taken as a host
//! name, such a word at best fails to resolve, and the option has no effect: `ntpdate HOST -q` would set the clock.

use std::ffi::{OsStr, OsString};
use std::fmt;

/// Characters that look like a hyphen, with their Unicode names.
const LOOKALIKES: [(char, &str); 10] = [
    ('\u{2010}', "hyphen"),
    ('\u{2011}', "non-breaking hyphen"),
    ('\u{2012}', "figure dash"),
    ('\u{2013}', "en dash"),
    ('\u{2014}', "em dash"),
    ('\u{2015}', "horizontal bar"),
    ('\u{2212}', "minus sign"),
    ('\u{fe58}', "small em dash"),
    ('\u{fe63}', "small hyphen-minus"),
    ('\u{ff0d}', "fullwidth hyphen-minus"),
];

/// A word that cannot be meant as an operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// It starts with a character that looks like a hyphen.
    Lookalike {
        /// The word.
        word: String,
        /// Its first character and the name of that character.
        character: (char, &'static str),
        /// What was probably meant.
        meant: String,
    },
    /// It looks like an option but follows the first operand.
    Late {
        /// The word.
        word: String,
        /// The first operand.
        operand: String,
    },
}

impl fmt::Display for Misplaced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lookalike { word, character: (character, name), meant } => {
                let code = u32::from(*character);
                write!(
                    formatter,
                    "'{word}' begins with U+{code:04X} ({name}), not with a hyphen; did you mean '{meant}'?"
                )
            }
            Self::Late { word, operand } => {
                write!(formatter, "'{word}' comes after '{operand}': options must come first")
            }
        }
    }
}

/// Whether [`check`] could reject one of these words. A quick test, because listing the options takes time.
pub fn need_check(words: &[OsString]) -> bool {
    let mut operand = false;
    words.iter().any(|word| {
        let text = word.to_string_lossy();
        let is_option = text.len() > 1 && text.starts_with('-');
        let is_suspect =
            operand && is_option || LOOKALIKES.iter().any(|(character, _)| text.starts_with(*character));
        operand |= !is_option;
        is_suspect
    })
}

/// Checks the words that a parser for this command would take as operands.
///
/// `takes_late` reports whether the program gives a word after the first operand a meaning even though it looks like an
/// option; it is `None` if the program takes options anywhere, or takes such words as the classic program does.
///
/// # Errors
/// The first word that cannot be meant as an operand.
pub fn check(
    command: &clap::Command,
    words: &[OsString],
    takes_late: Option<fn(&str) -> bool>,
) -> Result<(), Misplaced> {
    let mut first: Option<String> = None;
    let mut ended = false;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.to_string_lossy();
        if let Some(lookalike) = lookalike(command, &text) {
            return Err(lookalike);
        }
        let is_option = !ended && text.len() > 1 && text.starts_with('-');
        if text == "--" && !ended {
            ended = true;
        } else if !is_option {
            first.get_or_insert_with(|| text.clone().into_owned());
        } else if let (Some(operand), Some(takes_late)) = (&first, takes_late) {
            if !takes_late(&text) {
                return Err(Misplaced::Late { word: text.into_owned(), operand: operand.clone() });
            }
        } else if wants_next(command, word)
            || may_take_number(command, &text) && rest.as_slice().first().is_some_and(|next| is_number(next))
        {
            rest.next();
        }
    }
    Ok(())
}

fn lookalike(command: &clap::Command, word: &str) -> Option<Misplaced> {
    let first = word.chars().next()?;
    let character = *LOOKALIKES.iter().find(|(character, _)| *character == first)?;
    let rest = word
        .trim_start_matches(|letter| letter == '-' || LOOKALIKES.iter().any(|(known, _)| *known == letter));
    // Typesetters turn two hyphens into one dash.
    let stem = rest.split('=').next().unwrap_or(rest);
    let is_long = stem.chars().nth(1).is_some()
        && command.get_arguments().any(|option| option.get_long().is_some_and(|name| name.starts_with(stem)));
    let hyphens = if is_long { "--" } else { "-" };
    Some(Misplaced::Lookalike { word: word.to_owned(), character, meant: format!("{hyphens}{rest}") })
}

/// Whether an option takes the next word as its value.
fn wants_next(command: &clap::Command, word: &OsStr) -> bool {
    let text = word.to_string_lossy();
    let takes = |option: &clap::Arg| option.get_action().takes_values() && !option.is_require_equals_set();
    let mut options = command.get_arguments().filter(|option| !option.is_positional());
    if let Some(long) = text.strip_prefix("--") {
        if let Some(named) = command.get_arguments().find(|option| option.get_long() == Some(long)) {
            return takes(named);
        }
        return !long.contains('=')
            && options
                .any(|option| takes(option) && option.get_long().is_some_and(|name| name.starts_with(long)));
    }
    let valued: Vec<char> = options.filter(|option| takes(option)).filter_map(clap::Arg::get_short).collect();
    text.char_indices()
        .skip(1)
        .find(|(_, letter)| valued.contains(letter))
        .is_some_and(|(at, letter)| at + letter.len_utf8() == text.len())
}

/// Whether a long option's number may be a separate word (see [`super::getopt::joined`]).
fn may_take_number(command: &clap::Command, word: &str) -> bool {
    word.strip_prefix("--").is_some_and(|long| {
        command
            .get_arguments()
            .any(|option| option.is_require_equals_set() && option.get_long() == Some(long))
    })
}

fn is_number(word: &OsStr) -> bool {
    word.to_str().is_some_and(|text| text.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Arg, ArgAction, Command};

    fn checked(words: &[&str], takes_late: Option<fn(&str) -> bool>) -> Result<(), String> {
        let command = Command::new("x")
            .arg(Arg::new("q").short('q').long("query").action(ArgAction::SetTrue))
            .arg(Arg::new("c").short('c').long("command").action(ArgAction::Append))
            .arg(Arg::new("query-file").long("query-file").action(ArgAction::Append))
            .arg(Arg::new("host").action(ArgAction::Append));
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        check(&command, &words, takes_late).map_err(|misplaced| misplaced.to_string())
    }

    #[test]
    fn dashes_are_refused_wherever_an_operand_is_allowed() {
        for (character, name) in LOOKALIKES {
            let word = format!("{character}d");
            let code = u32::from(character);
            let text =
                format!("'{word}' begins with U+{code:04X} ({name}), not with a hyphen; did you mean '-d'?");
            for words in
                [vec![word.as_str()], vec!["host", &word], vec!["-q", &word, "host"], vec!["--", &word]]
            {
                assert_eq!(checked(&words, None), Err(text.clone()), "{words:?}");
            }
        }
        let meant =
            |word: &str| checked(&[word], None).unwrap_err().rsplit_once("mean ").unwrap().1.to_owned();
        assert_eq!(meant("–pn"), "'-pn'?");
        assert_eq!(meant("–-query"), "'--query'?");
        assert_eq!(meant("—query"), "'--query'?");
        assert_eq!(meant("–"), "'-'?");
    }

    #[test]
    fn option_values_may_start_with_anything() {
        assert_eq!(checked(&["-c", "–x", "host"], None), Ok(()));
        assert_eq!(checked(&["-qc", "–x"], None), Ok(()));
        assert_eq!(checked(&["--comm", "–x", "--command=–x", "-c–x"], None), Ok(()));
    }

    #[test]
    fn a_whole_name_is_no_abbreviation() {
        let only_families: Option<fn(&str) -> bool> = Some(|word| word == "-4");
        assert_eq!(checked(&["--query", "--command", "x", "-q", "host"], only_families), Ok(()));
        assert_eq!(checked(&["--query-f", "--command", "-q", "host"], only_families), Ok(()));
    }

    #[test]
    fn options_after_an_operand_are_refused_if_they_would_be_ignored() {
        let only_families: Option<fn(&str) -> bool> = Some(|word| word == "-4");
        assert_eq!(
            checked(&["host", "-q"], only_families).unwrap_err(),
            "'-q' comes after 'host': options must come first"
        );
        assert_eq!(checked(&["host", "-q"], None), Ok(()));
        assert_eq!(checked(&["-c", "rv", "host", "-4", "other", "-"], only_families), Ok(()));
        assert_eq!(checked(&["--", "host", "-q"], only_families), Ok(()), "explicitly an operand");
    }
}
