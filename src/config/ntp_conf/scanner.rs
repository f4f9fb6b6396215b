//! Octets of an ntp.conf -> tokens, following ntpd's scanner: the kind of a word depends on the word before it.

use super::words::{Follow, Words};

/// The longest item in octets; a daemon that reads a longer one exits.
pub const LONGEST_ITEM: usize = 1023;

/// The kind of an item according to the scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word of the language.
    Keyword,
    /// A whole number.
    Integer,
    /// A whole number too large for a signed integer, or hexadecimal.
    Unsigned,
    /// A number with a fraction or exponent.
    Double,
    /// `-4` or `-6`.
    Family,
    /// One of `{}(),;|=`.
    Special,
    /// Anything else.
    Text,
}

/// An item of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its kind.
    pub kind: Kind,
    /// Its text, without quotes.
    pub text: String,
    /// The line, from 1.
    pub line: usize,
    /// Offset of its start in the line, in octets.
    pub start: usize,
    /// Offset of its end in the line, in octets.
    pub end: usize,
}

impl Token {
    /// Whether it is this word of the language.
    pub fn is(&self, word: &str) -> bool {
        matches!(self.kind, Kind::Keyword | Kind::Family | Kind::Special) && self.text == word
    }
}

/// A fault in a line that is found before its grammar is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// An item that is too long.
    TooLong {
        /// Offset in the line, in octets.
        start: usize,
    },
    /// An octet above 127, which the daemon drops.
    NotAscii {
        /// Offset in the line, in octets.
        start: usize,
    },
}

/// The tokens of one line, and the faults found.
pub fn scan(line: &[u8], number: usize, words: &Words) -> (Vec<Token>, Vec<Oddity>) {
    let mut scanner = Scanner { line, at: 0, number, words, follow: Follow::Token };
    let (mut tokens, mut oddities) = (Vec::new(), Vec::new());
    let mut foreign = None;
    while let Some(read) = scanner.next(&mut foreign) {
        match read {
            Ok(token) => tokens.push(token),
            Err(oddity) => {
                oddities.push(oddity);
                break;
            }
        }
    }
    oddities.extend(foreign.map(|start| Oddity::NotAscii { start }));
    (tokens, oddities)
}

struct Scanner<'a> {
    line: &'a [u8],
    at: usize,
    number: usize,
    words: &'a Words,
    follow: Follow,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn next(&mut self, foreign: &mut Option<usize>) -> Option<Result<Token, Oddity>> {
        let mut is_quoted = false;
        let (start, text) = loop {
            while self.peek().is_some_and(is_blank) {
                self.at += 1;
            }
            let start = self.at;
            let octet = self.peek()?;
            if is_special(octet) && self.follow == Follow::Token {
                self.at += 1;
                if octet == b'=' {
                    self.follow = Follow::Text;
                }
                return Some(Ok(self.token(Kind::Special, char::from(octet).to_string(), start)));
            }
            let mut text = String::new();
            while let Some(octet) = self.peek() {
                let is_end =
                    is_blank(octet) || octet == b'"' || self.follow == Follow::Token && is_special(octet);
                if is_end {
                    break;
                }
                if octet == b'#' {
                    self.line = self.line.get(..self.at).unwrap_or_default();
                    break;
                }
                self.take(octet, &mut text, foreign);
            }
            if self.peek() == Some(b'"') {
                is_quoted = true;
                self.at += 1;
                while let Some(octet) = self.peek().filter(|octet| *octet != b'"') {
                    self.take(octet, &mut text, &mut None);
                }
                self.at = (self.at + 1).min(self.line.len());
            }
            if text.len() > LONGEST_ITEM {
                return Some(Err(Oddity::TooLong { start }));
            }
            // An empty quotation is no token, but what follows counts as quoted.
            if !text.is_empty() {
                break (start, text);
            }
        };
        if self.follow == Follow::Token && !is_quoted {
            let kind = if let Some(follow) = self.words.follow(&text) {
                self.follow = follow;
                if matches!(text.as_str(), "-4" | "-6") { Kind::Family } else { Kind::Keyword }
            } else {
                number_kind(&text)
            };
            return Some(Ok(self.token(kind, text, start)));
        }
        if text.starts_with("-4") || text.starts_with("-6") {
            text.get(..2)?;
            let family = text.chars().take(2).collect();
            return Some(Ok(self.token(Kind::Family, family, start)));
        }
        if self.follow == Follow::Text {
            self.follow = Follow::Token;
        }
        Some(Ok(self.token(Kind::Text, text, start)))
    }

    fn take(&mut self, octet: u8, text: &mut String, foreign: &mut Option<usize>) {
        if octet.is_ascii() {
            text.push(char::from(octet));
        } else {
            foreign.get_or_insert(self.at);
        }
        self.at += 1;
    }

    fn token(&self, kind: Kind, text: String, start: usize) -> Token {
        Token { kind, text, line: self.number, start, end: self.at }
    }
}

fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | 0x0b | 0x0c)
}

fn is_special(octet: u8) -> bool {
    b"{}(),;|=".contains(&octet)
}

/// The kind of number, or text.
fn number_kind(text: &str) -> Kind {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.chars().all(|letter| letter.is_ascii_digit()) {
        let fits = text.starts_with('-') || text.parse::<i32>().is_ok();
        return if fits { Kind::Integer } else { Kind::Unsigned };
    }
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    if hexadecimal.is_some_and(|digits| digits.chars().all(|letter| letter.is_ascii_hexdigit())) {
        return Kind::Unsigned;
    }
    if is_double(text) { Kind::Double } else { Kind::Text }
}

fn is_double(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (body.get(..at).unwrap_or_default(), body.get(at + 1..)),
        None => (body, None),
    };
    let is_digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(is_digits)
}

#[cfg(test)]
mod tests {
    use super::super::words::CLASSIC;
    use super::*;

    fn kinds(line: &str) -> Vec<(Kind, String)> {
        scan(line.as_bytes(), 1, &CLASSIC).0.into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn the_kind_depends_on_the_word_before() {
        let expected =
            [(Kind::Keyword, "server"), (Kind::Text, "key"), (Kind::Keyword, "key"), (Kind::Integer, "3")];
        let expected: Vec<(Kind, String)> = expected.map(|(kind, text)| (kind, text.to_owned())).into();
        assert_eq!(kinds("server key key 3 # 4"), expected);
        assert_eq!(kinds("server key\tkey  3#4"), expected);
        assert_eq!(kinds("setvar a=b")[1], (Kind::Text, "a=b".to_owned()));
        assert_eq!(kinds("server -6x a")[1], (Kind::Family, "-6".to_owned()));
        assert_eq!(kinds("driftfile \"/a b\"")[1], (Kind::Text, "/a b".to_owned()));
        assert_eq!(kinds("tinker \"panic\"")[1], (Kind::Text, "panic".to_owned()));
    }

    #[test]
    fn numbers_are_classified() {
        for (text, kind) in [
            ("3", Kind::Integer),
            ("-3", Kind::Integer),
            ("4294967295", Kind::Unsigned),
            ("0x1f", Kind::Unsigned),
            (".5", Kind::Double),
            ("1e-3", Kind::Double),
            ("+1.", Kind::Double),
            (".", Kind::Text),
            ("1.2.3.4", Kind::Text),
        ] {
            assert_eq!(number_kind(text), kind, "{text}");
        }
    }

    #[test]
    fn oddities_are_found() {
        let (_, oddities) = scan(&[b'x'; 1024], 1, &CLASSIC);
        assert_eq!(oddities, [Oddity::TooLong { start: 0 }]);
        let (tokens, oddities) = scan(b"ser\xc3\xa9ver a", 1, &CLASSIC);
        assert_eq!(tokens[0].text, "server");
        assert_eq!(oddities, [Oddity::NotAscii { start: 3 }]);
        assert_eq!(scan("server a # é".as_bytes(), 1, &CLASSIC).1, []);
    }
}
