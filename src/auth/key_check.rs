//! What daemons would make of a key file, and what a person should know about it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::digest::KeyType;
use super::key::{Key, KeyError, LONGEST_HEXADECIMAL, LONGEST_LITERAL};
use super::key_file::{KeyFileError, LineError, parse_line, text_of, words};

/// The fewest octets of a secret that is not called short: 128 bits (RFC 8573, section 2).
const SHORTEST: usize = 16;

/// The fewest different octets of a secret that is not called monotonous.
const FEWEST_DIFFERENT: usize = 6;

/// The most findings that are kept of one file.
const MOST_FINDINGS: usize = 1000;

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFileReview {
    /// Identifiers for which there is a usable key.
    pub keys: usize,
    /// What was found, in the order of the lines; the first thousand.
    pub findings: Vec<Finding>,
}

/// Something about a line of a key file, or about the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line's number from 1; none if it is about the whole file.
    pub line: Option<usize>,
    /// The identifier on the line, if there is a key.
    pub id: Option<u32>,
    /// What it is.
    pub kind: FindingKind,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The key works, but not as well as it could.
    Warning,
    /// Daemons leave out this row.
    RowIgnored,
    /// The classic ntpd refuses the whole file because of this, NTPsec's the row.
    FileRefused,
}

/// What can be found. No text of it quotes a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindingKind {
    /// No usable key stands on the line.
    #[error("{0}")]
    Line(LineError),
    /// An earlier line has the same identifier.
    #[error(
        "the same identifier as on line {first}: the classic ntpd takes that key, NTPsec's the later one"
    )]
    Duplicate {
        /// The line that had it first.
        first: usize,
    },
    /// A `#` within the secret begins a comment: the secret ends before it.
    #[error("a `#` within the secret cuts it off: daemons take only what stands before")]
    CutByComment,
    /// The secret has few octets.
    #[error("a short secret: {octets} octets; 16 or more are advised")]
    Short {
        /// How many it has.
        octets: usize,
    },
    /// The secret has few different octets.
    #[error("a weak secret: few different characters")]
    Monotonous,
    /// AES-128 takes exactly 16 octets.
    #[error(
        "AES128CMAC takes exactly 16 octets, this secret has {octets}: longer ones are cut, shorter ones the classic ntpd \
         fills up with zeros and NTPsec's with what happens to be in memory"
    )]
    AesLength {
        /// How many the secret has.
        octets: usize,
    },
    /// An odd number of hexadecimal digits.
    #[error("an odd number of hexadecimal digits: daemons drop the last")]
    OddHexadecimal,
    /// More hexadecimal digits than the classic ntpd takes.
    #[error("more than 64 hexadecimal digits: the classic ntpd drops the rest, NTPsec's only from 128 on")]
    LongHexadecimal,
    /// Keys of type MD5.
    #[error("{count} keys of type MD5, which RFC 8573 advises against; AES128CMAC takes its place")]
    Md5 {
        /// How many there are.
        count: usize,
    },
}

impl FindingKind {
    /// How much it matters.
    pub fn severity(self) -> Severity {
        match self {
            // Both daemons only leave out rows with a type that they do not know.
            Self::Line(LineError::KeyType(_)) => Severity::RowIgnored,
            Self::Line(_) => Severity::FileRefused,
            _ => Severity::Warning,
        }
    }

    /// A word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Line(LineError::Identifier | LineError::Key(KeyError::IdentifierOutOfRange(_))) => {
                "identifier"
            }
            Self::Line(LineError::NoKeyType | LineError::KeyType(_)) => "type",
            Self::Line(LineError::NoSecret | LineError::Key(_)) => "secret",
            Self::Duplicate { .. } => "duplicate",
            Self::CutByComment => "comment-in-secret",
            Self::Short { .. } => "short",
            Self::Monotonous => "weak",
            Self::AesLength { .. } => "aes-length",
            Self::OddHexadecimal => "odd-hexadecimal",
            Self::LongHexadecimal => "long-hexadecimal",
            Self::Md5 { .. } => "md5",
        }
    }
}

impl KeyFileReview {
    /// Reads and checks a key file.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file cannot be read or is larger than any key file.
    pub fn read(source: impl Read) -> Result<Self, KeyFileError> {
        Ok(Self::of(&text_of(source)?))
    }

    /// Checks the text of a key file.
    pub fn of(text: &[u8]) -> Self {
        let mut review = Self::default();
        let mut first_lines: BTreeMap<u32, usize> = BTreeMap::new();
        let mut md5 = BTreeSet::new();
        for (line, index) in text.split(|octet| *octet == b'\n').zip(1..) {
            match parse_line(line) {
                Ok(None) => {}
                Ok(Some(key)) => {
                    let id = key.id();
                    if let Some(&first) = first_lines.get(&id) {
                        review.note(Some(index), Some(id), FindingKind::Duplicate { first });
                    } else {
                        first_lines.insert(id, index);
                    }
                    if key.key_type() == KeyType::Md5 {
                        md5.insert(id)
                    } else {
                        md5.remove(&id)
                    };
                    for kind in about_secret(line, &key) {
                        review.note(Some(index), Some(id), kind);
                    }
                }
                Err(error) => review.note(Some(index), None, FindingKind::Line(error)),
            }
        }
        review.keys = first_lines.len();
        if !md5.is_empty() {
            review.note(None, None, FindingKind::Md5 { count: md5.len() });
        }
        review
    }

    /// The worst of the findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.kind.severity()).max()
    }

    fn note(&mut self, line: Option<usize>, id: Option<u32>, kind: FindingKind) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { line, id, kind });
        }
    }
}

/// What there is to say about the secret of a key.
fn about_secret(line: &[u8], key: &Key) -> Vec<FindingKind> {
    let mut kinds = Vec::new();
    let written = words(line).nth(2).unwrap_or_default();
    let bare = line.split(|octet| *octet == b'#').next().unwrap_or_default();
    let is_last = words(line).nth(3).is_none();
    if bare.len() < line.len() && is_last && bare.ends_with(written) {
        kinds.push(FindingKind::CutByComment);
    }
    if written.len() > LONGEST_LITERAL {
        if written.len() > 2 * LONGEST_HEXADECIMAL {
            kinds.push(FindingKind::LongHexadecimal);
        } else if written.len() % 2 == 1 {
            kinds.push(FindingKind::OddHexadecimal);
        }
    }
    let octets = key.secret().len();
    if octets < SHORTEST {
        kinds.push(FindingKind::Short { octets });
    } else if key.secret().iter().collect::<BTreeSet<_>>().len() < FEWEST_DIFFERENT {
        kinds.push(FindingKind::Monotonous);
    }
    if key.key_type() == KeyType::Aes128Cmac && octets != 16 {
        kinds.push(FindingKind::AesLength { octets });
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<(Option<usize>, &'static str, Severity)> {
        let review = KeyFileReview::of(text.as_bytes());
        review.findings.iter().map(|found| (found.line, found.kind.code(), found.kind.severity())).collect()
    }

    #[test]
    fn a_good_file_has_nothing_to_say_about() {
        let text = "# keys\n 1 SHA1 8a98caf52b5ab97beb7f654e33ffd938e54e0bec  # SHA1 key\n\
                    2 AES128CMAC 8a98caf52b5ab97beb7f654e33ffd938\n3 SHA256 Nyj)HcVmPI5p%6OuDUf= 192.0.2.1 # x\n";
        assert_eq!(KeyFileReview::of(text.as_bytes()), KeyFileReview { keys: 3, findings: Vec::new() });
    }

    #[test]
    fn rows_that_daemons_refuse_are_told_from_rows_they_leave_out() {
        assert_eq!(
            found("x SHA1 a\n70000 SHA1 a\n14 SHA1\n15\n16 ROT13 a\n17 SHA1 thisisnothexadecimal!\n"),
            [
                (Some(1), "identifier", Severity::FileRefused),
                (Some(2), "identifier", Severity::FileRefused),
                (Some(3), "secret", Severity::FileRefused),
                (Some(4), "type", Severity::FileRefused),
                (Some(5), "type", Severity::RowIgnored),
                (Some(6), "secret", Severity::FileRefused),
            ]
        );
    }

    #[test]
    fn secrets_are_looked_at() {
        let codes: Vec<&str> = found(
            "1 SHA1 0123456789abcdef#hidden\n2 SHA1 0123456789abcdef # told\n3 SHA1 short\n4 SHA1 aaaaaaaaaaaaaaaaaaaa\n\
             5 AES128CMAC 0123456789abcdefgh\n6 SHA1 0123456789abcdef0123456789abcdef0\n6 SHA1 0123456789abcdefghij",
        )
        .into_iter()
        .map(|(_, code, _)| code)
        .collect();
        assert_eq!(
            codes,
            ["comment-in-secret", "short", "weak", "aes-length", "odd-hexadecimal", "duplicate"]
        );
        let long = format!("7 SHA1 {}\n", "0123456789abcdef".repeat(5));
        assert_eq!(found(&long), [(Some(1), "long-hexadecimal", Severity::Warning)]);
    }

    #[test]
    fn md5_is_mentioned_once() {
        let text = "1 MD5 0123456789abcdefghij\n2 M 0123456789abcdefghij\n2 SHA1 0123456789abcdefghij\n";
        let review = KeyFileReview::of(text.as_bytes());
        let last = review.findings.last().unwrap();
        assert_eq!((last.line, last.kind), (None, FindingKind::Md5 { count: 1 }));
        assert_eq!(review.keys, 2);
        assert_eq!(review.worst(), Some(Severity::Warning));
    }

    proptest! {
        #[test]
        fn any_file_is_checked_and_no_secret_told(text in prop::collection::vec(any::<u8>(), 0..400)) {
            let review = KeyFileReview::of(&text);
            prop_assert!(review.findings.len() <= MOST_FINDINGS);
            let secret = "verysecretxyzzy";
            let told = KeyFileReview::of(format!("1 MD5 {secret}\n2 {secret} a\n{secret} MD5 a\n").as_bytes());
            for finding in told.findings {
                prop_assert!(!finding.kind.to_string().contains("xyzzy"));
            }
        }
    }
}
