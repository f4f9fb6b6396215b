//! How daemons would read a key file, and what its author should know about it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::digest::{KeyType, UnknownKeyType};
use super::key::{Key, LONGEST_HEXADECIMAL, LONGEST_LITERAL};
use super::key_file::{KeyFileError, text_of};
use super::key_row::{CarriageReturns, LineError, Row, rows};
use super::key_types::{Standing, TypeName};

/// Secrets with fewer octets are reported as short: 128 bits (RFC 8573, section 2).
const SHORTEST: usize = 16;

/// Secrets with fewer distinct octets are reported as monotonous.
const MIN_DIFFERENT: u32 = 6;

/// The maximum number of digits in an identifier.
const LONGEST_IDENTIFIER: usize = 5;

/// The maximum number of findings kept for one file.
const MAX_FINDINGS: usize = 1000;

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFileReview {
    /// Identifiers for which classic ntpd has a key; none if it refuses the file.
    pub classic_keys: usize,
    /// Identifiers for which NTPsec's ntpd has a key.
    pub ntpsec_keys: usize,
    /// The findings in line order; at most the first thousand.
    pub findings: Vec<Finding>,
}

/// A finding about a line of a key file, or about the whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line number, from 1; `None` for the whole file.
    pub line: Option<usize>,
    /// The identifier on the line, if there is a key.
    pub id: Option<u32>,
    /// The finding itself.
    pub kind: FindingKind,
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The key works, but not as well as it could.
    Warning,
    /// One of the daemons, or both, ignores this row.
    RowIgnored,
    /// Classic ntpd refuses the whole file because of this.
    FileRefused,
}

/// The kinds of finding. Their texts never quote a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindingKind {
    /// The row is invalid.
    #[error("{0}")]
    Line(LineError),
    /// Classic ntpd does not know the type.
    #[error("a key type that only NTPsec's ntpd takes: the classic ntpd leaves out this row")]
    TypeOfNtpsec,
    /// NTPsec's ntpd does not know the type.
    #[error("a key type that only the classic ntpd takes: NTPsec's leaves out this row")]
    TypeOfClassic,
    /// NTPsec's OpenSSL no longer has the digest.
    #[error(
        "{count} keys of types that OpenSSL 3 names but does not provide, such as MD4: NTPsec's ntpd cannot verify with them"
    )]
    TypeWithoutDigest {
        /// How many there are.
        count: usize,
    },
    /// A carriage return ends the line.
    #[error("a carriage return ends the line: daemons take it for a part of the last word")]
    CarriageReturn,
    /// The identifier is followed by other characters.
    #[error("the key identifier is more than a number: daemons read it as {read}")]
    OddIdentifier {
        /// The number daemons read.
        read: u32,
    },
    /// An earlier line has the same identifier.
    #[error("duplicate identifier of line {first}: classic ntpd uses the first key, NTPsec's ntpd the last")]
    Duplicate {
        /// The line that uses it first.
        first: usize,
    },
    /// A `#` within the secret starts a comment, so the secret ends there.
    #[error("a `#` within the secret cuts it off: daemons take only what stands before")]
    CutByComment,
    /// The secret is short.
    #[error("a short secret: {octets} octets; 16 or more are advised")]
    Short {
        /// Its length in octets.
        octets: usize,
    },
    /// The secret has few distinct octets.
    #[error("a weak secret: few different characters")]
    Monotonous,
    /// AES-128 uses exactly 16 octets.
    #[error(
        "AES128CMAC takes exactly 16 octets, this secret has {octets}: longer ones are cut, shorter ones the classic ntpd \
         fills up with zeros and NTPsec's with what happens to be in memory"
    )]
    AesLength {
        /// The length of the secret in octets.
        octets: usize,
    },
    /// An odd number of hexadecimal digits.
    #[error("an odd number of hexadecimal digits: daemons drop the last")]
    OddHexadecimal,
    /// More hexadecimal digits than classic ntpd accepts.
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
    /// Its severity.
    pub fn severity(self) -> Severity {
        match self {
            // Daemons merely ignore rows whose type they do not know.
            Self::Line(LineError::KeyType(_)) | Self::TypeOfNtpsec | Self::TypeOfClassic => {
                Severity::RowIgnored
            }
            // The address is ignored, so the key is accepted from any address.
            Self::Line(LineError::LongPrefix) => Severity::Warning,
            Self::Line(_) => Severity::FileRefused,
            _ => Severity::Warning,
        }
    }

    /// A stable name for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Line(LineError::Identifier | LineError::IdentifierOutOfRange) => "identifier",
            Self::Line(LineError::NoKeyType | LineError::KeyType(_)) => "type",
            Self::Line(LineError::NoSecret | LineError::NotHexadecimal) => "secret",
            Self::Line(LineError::Address | LineError::Prefix | LineError::LongPrefix) => "addresses",
            Self::TypeOfNtpsec | Self::TypeOfClassic => "type-of-one-daemon",
            Self::TypeWithoutDigest { .. } => "type-without-digest",
            Self::CarriageReturn => "carriage-return",
            Self::OddIdentifier { .. } => "odd-identifier",
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
        let (mut md5, mut useless) = (BTreeSet::new(), BTreeSet::new());
        let (mut classic, mut ntpsec) = (BTreeSet::new(), BTreeSet::new());
        let lines: Vec<&[u8]> = text.split(|octet| *octet == b'\n').collect();
        for row in rows(text, CarriageReturns::Kept) {
            let line = lines.get(row.line.saturating_sub(1)).copied().unwrap_or_default();
            let faults = row.faults();
            let (Some(standing), Ok(id)) = (row.type_name(), row.id()) else {
                review.note_all(&row, None, faults.into_iter().map(FindingKind::Line));
                continue;
            };
            let taken_by = |standing| matches!(standing, Standing::Taken | Standing::Useless);
            let is_secret = row.check_secret().is_ok();
            let has_key = is_secret.then_some(id);
            review.note_all(&row, has_key, about_type(standing));
            review.note_all(&row, has_key, faults.into_iter().map(FindingKind::Line));
            if !is_secret || !taken_by(standing.classic) && !taken_by(standing.ntpsec) {
                continue;
            }
            review.note_all(&row, Some(id), about_word(&row, line));
            if let Some(&first) = first_lines.get(&id) {
                review.note(Some(row.line), Some(id), FindingKind::Duplicate { first });
            } else {
                first_lines.insert(id, row.line);
            }
            for (standing, keys) in [(standing.classic, &mut classic), (standing.ntpsec, &mut ntpsec)] {
                if taken_by(standing) {
                    keys.insert(id);
                }
            }
            if standing.ntpsec == Standing::Useless {
                useless.insert(id);
            }
            match row.key() {
                Ok(key) => {
                    if key.key_type() == KeyType::Md5 {
                        md5.insert(id)
                    } else {
                        md5.remove(&id)
                    };
                    review.note_all(&row, Some(id), about_secret(&row, line, &key));
                }
                Err(_) => drop(md5.remove(&id)),
            }
        }
        review.ntpsec_keys = ntpsec.len();
        review.classic_keys = if review.is_refused() { 0 } else { classic.len() };
        if !useless.is_empty() {
            review.note(None, None, FindingKind::TypeWithoutDigest { count: useless.len() });
        }
        if !md5.is_empty() {
            review.note(None, None, FindingKind::Md5 { count: md5.len() });
        }
        review
    }

    /// Whether classic ntpd refuses the file.
    pub fn is_refused(&self) -> bool {
        self.worst() == Some(Severity::FileRefused)
    }

    /// The most severe finding.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.kind.severity()).max()
    }

    fn note_all(&mut self, row: &Row<'_>, id: Option<u32>, kinds: impl IntoIterator<Item = FindingKind>) {
        for kind in kinds {
            self.note(Some(row.line), id, kind);
        }
    }

    fn note(&mut self, line: Option<usize>, id: Option<u32>, kind: FindingKind) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding { line, id, kind });
        }
    }
}

/// Findings about the name of a key type.
fn about_type(name: TypeName) -> Option<FindingKind> {
    use Standing::{NoAlgorithm, Taken, Unknown, Useless};
    match (name.classic, name.ntpsec) {
        (Taken | Useless, Taken | Useless) => None,
        (Taken | Useless, Unknown | NoAlgorithm) => Some(FindingKind::TypeOfClassic),
        (Unknown | NoAlgorithm, Taken) => Some(FindingKind::TypeOfNtpsec),
        (Unknown | NoAlgorithm, Unknown | NoAlgorithm | Useless) => {
            Some(FindingKind::Line(LineError::KeyType(UnknownKeyType)))
        }
    }
}

/// Findings about how the row is written.
fn about_word(row: &Row<'_>, line: &[u8]) -> Vec<FindingKind> {
    let mut kinds = Vec::new();
    let is_number =
        row.identifier.iter().all(u8::is_ascii_digit) && row.identifier.len() <= LONGEST_IDENTIFIER;
    if let (false, Ok(read)) = (is_number, row.id()) {
        kinds.push(FindingKind::OddIdentifier { read });
    }
    let last = row.addresses.or(row.secret).unwrap_or_default();
    if line.ends_with(b"\r") && last.ends_with(b"\r") {
        kinds.push(FindingKind::CarriageReturn);
    }
    kinds
}

/// How many different octets there are.
fn different(octets: &[u8]) -> u32 {
    let seen = octets.iter().fold([0_u128; 2], |[low, high], octet| {
        let bit = 1 << (octet & 127);
        if octet.is_ascii() { [low | bit, high] } else { [low, high | bit] }
    });
    seen.into_iter().map(u128::count_ones).sum()
}

/// Findings about the secret of a key.
fn about_secret(row: &Row<'_>, line: &[u8], key: &Key) -> Vec<FindingKind> {
    let mut kinds = Vec::new();
    let written = row.secret.unwrap_or_default();
    let bare = line.split(|octet| *octet == b'#').next().unwrap_or_default();
    if bare.len() < line.len() && row.addresses.is_none() && bare.ends_with(written) {
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
    } else if different(key.secret()) < MIN_DIFFERENT {
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
    fn a_good_file_has_no_findings() {
        let text = "# keys\n 1 SHA1 8a98caf52b5ab97beb7f654e33ffd938e54e0bec  # SHA1 key\n\
                    2 AES128CMAC 8a98caf52b5ab97beb7f654e33ffd938\n3 SHA256 Nyj)HcVmPI5p%6OuDUf= 192.0.2.1 # x\n";
        assert_eq!(
            KeyFileReview::of(text.as_bytes()),
            KeyFileReview { classic_keys: 3, ntpsec_keys: 3, findings: Vec::new() }
        );
    }

    #[test]
    fn refused_and_ignored_rows_are_distinguished() {
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
        assert_eq!((review.classic_keys, review.ntpsec_keys), (2, 2));
        assert_eq!(review.worst(), Some(Severity::Warning));
    }

    /// Recorded from 4.2.8p15 and NTPsec 1.2.2.
    #[test]
    fn differences_between_the_daemons_are_reported() {
        let secret = "0123456789abcdefghij";
        for (row, code, classic, ntpsec) in [
            ("2 AES 0123456789abcdef", "type-of-one-daemon", 1, 2),
            ("2 SHA-1 0123456789abcdefghij", "type-of-one-daemon", 1, 2),
            ("2 CMAC 0123456789abcdef", "type-of-one-daemon", 2, 1),
            ("2 NOSUCH 0123456789abcdefghij", "type", 1, 1),
            ("2 SHA1 0123456789abcdef two words", "addresses", 0, 2),
            ("2 SHA1 0123456789abcdef 192.0.2.0/99", "addresses", 2, 2),
            ("2x SHA1 0123456789abcdefghij", "odd-identifier", 2, 2),
            ("2 SHA1 0123456789abcdefgh\r", "carriage-return", 2, 2),
        ] {
            let review = KeyFileReview::of(format!("1 SHA1 {secret}\n{row}\n").as_bytes());
            let codes: Vec<_> = review.findings.iter().map(|found| (found.line, found.kind.code())).collect();
            assert_eq!(codes, [(Some(2), code)], "{row:?}");
            assert_eq!((review.classic_keys, review.ntpsec_keys), (classic, ntpsec), "{row:?}");
        }
        let review = KeyFileReview::of(b"2 MD4 0123456789abcdefghij\n");
        assert_eq!(review.findings[0].kind, FindingKind::TypeWithoutDigest { count: 1 });
        // Rows that both ignore are checked too: classic ntpd refuses the whole file for them.
        let review = KeyFileReview::of(b"1 SHA1 0123456789abcdefghij\n6 NOSUCH\n");
        assert_eq!((review.is_refused(), review.ntpsec_keys), (true, 1));
    }

    proptest! {
        #[test]
        fn any_file_is_checked_without_quoting_a_secret(text in prop::collection::vec(any::<u8>(), 0..400)) {
            let review = KeyFileReview::of(&text);
            prop_assert!(review.findings.len() <= MAX_FINDINGS);
            let secret = "verysecretxyzzy";
            let reported = KeyFileReview::of(format!("1 MD5 {secret}\n2 {secret} a\n{secret} MD5 a\n").as_bytes());
            for finding in reported.findings {
                prop_assert!(!finding.kind.to_string().contains("xyzzy"));
            }
        }
    }
}
