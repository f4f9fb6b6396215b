//! A line of chrony.conf -> a directive with its words, or the reason chronyd refuses it.

use super::words::{Options, SOURCE, Shape, Value, names, shape};
use crate::config::finding::{Edit, Finding, Place};
use crate::config::near::{joined, nearest};
use crate::config::rules::{BAD_VALUE, OUT_OF_RANGE, TOO_LONG, TRAILING_COMMENT, UNKNOWN_WORD};
use std::net::IpAddr;

/// The longest line that chronyd reads, in octets.
const LONGEST_LINE: usize = 2047;

/// A word of a line.
#[derive(Clone, Debug)]
pub struct Word {
    /// Its text.
    pub text: String,
    /// Offset of its start in the line, in octets.
    pub start: usize,
    /// Offset of its end in the line, in octets.
    pub end: usize,
}

/// A directive that chronyd accepts.
#[derive(Clone, Debug)]
pub struct Directive {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The directive's name, in lower case.
    pub name: String,
    /// The words after it.
    pub words: Vec<Word>,
    /// Offset of the directive in the line, in octets.
    pub start: usize,
}

impl Directive {
    /// Its place.
    pub fn place(&self) -> Place {
        self.place_at(self.start)
    }

    /// The place of an offset in the line.
    pub fn place_at(&self, start: usize) -> Place {
        Place { file: self.file.clone(), line: self.line, column: start + 1 }
    }

    /// The text of the word at this position, or an empty string.
    pub fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| &word.text)
    }

    /// The option's word and the word after it.
    pub fn option(&self, name: &str) -> Option<(&Word, Option<&Word>)> {
        let at = self.words.iter().skip(1).position(|word| word.text.eq_ignore_ascii_case(name))? + 1;
        Some((self.words.get(at)?, self.words.get(at + 1)))
    }

    /// Appends words to the line.
    pub fn append(&self, text: &str) -> Edit {
        let end = self.words.last().map_or(self.start + self.name.len(), |word| word.end);
        Edit::Replace { line: self.line, start: end, end, text: format!(" {text}") }
    }
}

/// Parses a line; `None` for a comment or an empty line.
pub fn read(file: &str, number: usize, line: &[u8]) -> Option<Result<Directive, Box<Finding>>> {
    let place = |start: usize| Place { file: file.to_owned(), line: number, column: start + 1 };
    if line.len() > LONGEST_LINE {
        let what = format!("a line of more than {LONGEST_LINE} octets");
        return Some(Err(Box::new(Finding::new(&TOO_LONG, place(0), what))));
    }
    let mut words = split(line);
    if words.first().is_none_or(|word| word.text.starts_with(['!', ';', '#', '%'])) {
        return None;
    }
    let first = words.remove(0);
    let name = first.text.to_ascii_lowercase();
    let directive = Directive { file: file.to_owned(), line: number, name, words, start: first.start };
    let refusal = match shape(&directive.name) {
        Some(shape) => check(&directive, shape).err(),
        None => Some(Refusal::unknown(&first, names().collect())),
    };
    Some(match refusal {
        None => Ok(directive),
        Some(refusal) => Err(Box::new(into_finding(&directive, refusal))),
    })
}

fn split(line: &[u8]) -> Vec<Word> {
    let is_blank = |octet: &u8| octet.is_ascii_whitespace() || *octet == 0x0b;
    let (mut words, mut at) = (Vec::new(), 0);
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let blanks = rest.iter().take_while(|octet| is_blank(octet)).count();
        let length = rest.iter().skip(blanks).take_while(|octet| !is_blank(octet)).count();
        if let Some(text) = rest.get(blanks..blanks + length).filter(|text| !text.is_empty()) {
            let (start, text) = (at + blanks, String::from_utf8_lossy(text).into_owned());
            words.push(Word { text, start, end: start + length });
        }
        at += blanks + length;
    }
    words
}

/// Why chronyd refuses a line.
struct Refusal {
    found: Option<Word>,
    what: &'static str,
    known: Vec<&'static str>,
    /// Whether the word is a number but out of range.
    is_range: bool,
}

impl Refusal {
    fn unknown(word: &Word, known: Vec<&'static str>) -> Self {
        Self { found: Some(word.clone()), what: "", known, is_range: false }
    }

    fn value(word: Option<&Word>, what: &'static str) -> Self {
        Self { found: word.cloned(), what, known: Vec::new(), is_range: false }
    }
}

fn into_finding(directive: &Directive, refusal: Refusal) -> Finding {
    let Refusal { found, what, known, is_range } = refusal;
    let end = directive.words.last().map_or(directive.start + directive.name.len(), |word| word.end);
    let place = directive.place_at(found.as_ref().map_or(end, |word| word.start));
    let comment = directive.words.iter().find(|word| word.text.starts_with(['#', '!', ';', '%']));
    if let Some(comment) =
        comment.filter(|comment| found.as_ref().is_none_or(|found| found.start >= comment.start))
    {
        let edit = Edit::Replace {
            line: directive.line,
            start: comment.start.saturating_sub(1),
            end,
            text: String::new(),
        };
        let place = directive.place_at(comment.start);
        return Finding::new(&TRAILING_COMMENT, place, format!("a comment after `{}`", directive.name))
            .edit(edit);
    }
    let Some(found) = found else {
        return Finding::new(&BAD_VALUE, place, format!("`{}` lacks {what}", directive.name));
    };
    let word = &found.text;
    if known.is_empty() {
        let rule = if is_range { &OUT_OF_RANGE } else { &BAD_VALUE };
        let finding = Finding::new(rule, place, format!("`{word}` after `{}` is not {what}", directive.name));
        return finding.better(format!("use {what}"));
    }
    let is_directive = found.start == directive.start;
    let what = if is_directive {
        format!("unknown directive `{word}`")
    } else {
        format!("`{}` has no option `{word}`", directive.name)
    };
    let replace =
        |text: String| Edit::Replace { line: directive.line, start: found.start, end: found.end, text };
    let finding = Finding::new(&UNKNOWN_WORD, place, what);
    if let Some((name, number)) = joined(word, known.iter().copied()) {
        let apart = format!("{name} {number}");
        return finding.better(format!("write `{apart}`, with a space")).edit(replace(apart));
    }
    match nearest(word, known) {
        Some(meant) => finding.better(format!("did you mean `{meant}`?")).edit(replace(meant.to_owned())),
        None => finding,
    }
}

fn check(directive: &Directive, shape: Shape) -> Result<(), Refusal> {
    let words = &directive.words;
    let only = |count: usize| match words.get(count) {
        Some(further) => Err(Refusal::value(Some(further), "the end of the line")),
        None => Ok(()),
    };
    match shape {
        Shape::Ignored => Ok(()),
        Shape::Nothing => only(0),
        Shape::Word => words.first().map_or(Err(Refusal::value(None, "an argument")), |_| only(1)),
        Shape::Integer(least, most) => integer(words.first(), least, most).and_then(|()| only(1)),
        Shape::Integers => {
            let all = words.iter().try_for_each(|word| integer(Some(word), 0, i64::from(i32::MAX)));
            words.first().map_or(Err(Refusal::value(None, "a whole number")), |_| all)
        }
        Shape::Number => number(words.first()).and_then(|()| only(1)),
        Shape::List(kinds) => {
            for (at, kind) in kinds.chars().enumerate() {
                match kind {
                    'f' => number(words.get(at))?,
                    'i' => integer(words.get(at), i64::MIN, i64::MAX)?,
                    _ => drop(words.get(at).ok_or(Refusal::value(None, "a word"))?),
                }
            }
            only(kinds.len())
        }
        Shape::Choice(choice) => one_of(words.first(), choice).and_then(|()| only(1)),
        Shape::Words(choice) => words.iter().try_for_each(|word| one_of(Some(word), choice)),
        Shape::Address => address(words.first()).and_then(|()| only(1)),
        Shape::AddressOrPath => match words.first() {
            Some(word) if word.text.starts_with('/') => only(1),
            word => address(word).and_then(|()| only(1)),
        },
        Shape::Network => network(words),
        Shape::Source => options(words, 1, SOURCE),
        Shape::Options(count, known) => options(words, count, known),
        Shape::Folders => words.first().map_or(Err(Refusal::value(None, "a directory")), |_| Ok(())),
        Shape::DriftFile => match (words.first(), words.get(1)) {
            (None, _) => Err(Refusal::value(None, "a file")),
            (Some(_), None) => Ok(()),
            (Some(_), Some(option)) => {
                one_of(Some(option), "interval")?;
                integer(words.get(2), i64::MIN, i64::MAX)?;
                only(3)
            }
        },
    }
}

fn options(words: &[Word], count: usize, known: Options) -> Result<(), Refusal> {
    if words.len() < count {
        return Err(Refusal::value(None, "an argument"));
    }
    let mut at = count;
    while let Some(word) = words.get(at) {
        let name = word.text.to_ascii_lowercase();
        let kind = known
            .iter()
            .find(|(_, names)| names.split(' ').any(|known| known == name))
            .map(|(kind, _)| *kind);
        let Some(kind) = kind else {
            return Err(Refusal::unknown(
                word,
                known.iter().flat_map(|(_, names)| names.split(' ')).collect(),
            ));
        };
        let value = words.get(at + 1);
        match kind {
            Value::Flag => {}
            Value::Integer(least, most) => integer(value, least, most)?,
            Value::Strict(least, most) => {
                integer(value, least, most).map_err(|refusal| Refusal { is_range: false, ..refusal })?;
            }
            Value::Number => number(value)?,
            Value::Choice(choice) => one_of(value, choice)?,
            Value::ReferenceId => match value {
                Some(word) if word.text.len() <= 4 => {}
                other => return Err(Refusal::value(other, "a reference ID of up to four letters")),
            },
            Value::Field => {
                let is_known = |text: &str| {
                    matches!(
                        text.trim_start_matches("0x").trim_start_matches("0X").to_ascii_lowercase().as_str(),
                        "f323" | "f324" | "f325" | "f326"
                    )
                };
                if !value.is_some_and(|word| is_known(&word.text)) {
                    return Err(Refusal::value(value, "an extension field number that chronyd supports"));
                }
            }
        }
        at += if kind == Value::Flag { 1 } else { 2 };
    }
    Ok(())
}

fn integer(word: Option<&Word>, least: i64, most: i64) -> Result<(), Refusal> {
    let value = word.and_then(|word| word.text.parse::<i64>().ok());
    match value {
        Some(value) if (least..=most).contains(&value) => Ok(()),
        // chronyd 4.3 accepts it; the 2026 development version refuses it.
        Some(_) => Err(Refusal { is_range: true, ..Refusal::value(word, "a whole number in its range") }),
        None => Err(Refusal::value(word, "a whole number")),
    }
}

fn number(word: Option<&Word>) -> Result<(), Refusal> {
    let fits = word.is_some_and(|word| word.text.parse::<f64>().is_ok());
    if fits { Ok(()) } else { Err(Refusal::value(word, "a number")) }
}

fn one_of(word: Option<&Word>, choice: &'static str) -> Result<(), Refusal> {
    match word {
        Some(word) if choice.split(' ').any(|name| word.text.eq_ignore_ascii_case(name)) => Ok(()),
        Some(word) => Err(Refusal::unknown(word, choice.split(' ').collect())),
        None => Err(Refusal::value(None, "an argument")),
    }
}

fn address(word: Option<&Word>) -> Result<(), Refusal> {
    let fits = word.is_some_and(|word| word.text.parse::<IpAddr>().is_ok());
    if fits { Ok(()) } else { Err(Refusal::value(word, "an address")) }
}

/// An optional `all`, then an address, a network, the start of an IPv4 address, or a host.
fn network(words: &[Word]) -> Result<(), Refusal> {
    let rest =
        if words.first().is_some_and(|word| word.text == "all") { words.get(1..) } else { Some(words) };
    match rest.unwrap_or_default() {
        [] => Ok(()),
        [network] => {
            let (address, bits) = network.text.split_once('/').unwrap_or((&network.text, "0"));
            let is_short =
                address.split('.').count() <= 3 && address.split('.').all(|part| part.parse::<u8>().is_ok());
            let is_host = !network.text.contains('/') && address.contains(char::is_alphabetic);
            let fits =
                bits.parse::<u8>().is_ok() && (address.parse::<IpAddr>().is_ok() || is_short || is_host);
            if fits {
                Ok(())
            } else {
                Err(Refusal::value(Some(network), "an address or a network such as 192.0.2.0/24"))
            }
        }
        [_, further, ..] => Err(Refusal::value(Some(further), "the end of the line")),
    }
}
