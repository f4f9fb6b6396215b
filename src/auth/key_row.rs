//! A row of a key file (`ID TYPE SECRET [ADDRESSES]`), split and validated as the daemons do.

use std::net::IpAddr;

use super::digest::UnknownKeyType;
use super::key::{Key, KeyError, LONGEST_HEXADECIMAL, LONGEST_LITERAL};
use super::key_types::TypeName;

/// The maximum number of octets daemons read at once; they treat the rest of the line as another row.
const LONGEST_ROW: usize = 511;

/// The maximum number of digits in a prefix length.
const LONGEST_PREFIX: usize = 9;

/// A non-empty row. Any of its words may be secret.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// Its line number, from 1.
    pub line: usize,
    /// Its first word.
    pub identifier: &'a [u8],
    /// Its second word.
    pub key_type: Option<&'a [u8]>,
    /// Its third word.
    pub secret: Option<&'a [u8]>,
    /// Its fourth word: the addresses from which a daemon accepts the key.
    pub addresses: Option<&'a [u8]>,
}

/// How to treat a carriage return at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarriageReturns {
    /// Part of the last word, as in the daemons.
    Kept,
    /// Part of the line end, as in files from other systems.
    Dropped,
}

/// Splits a key file into rows.
pub fn rows(text: &[u8], returns: CarriageReturns) -> impl Iterator<Item = Row<'_>> {
    let lines = text.split(|octet| *octet == b'\n').zip(1..);
    let pieces = lines.flat_map(move |(line, number)| {
        let line = match returns {
            CarriageReturns::Kept => line,
            CarriageReturns::Dropped => line.strip_suffix(b"\r").unwrap_or(line),
        };
        line.chunks(LONGEST_ROW).map(move |piece| (piece, number))
    });
    pieces.filter_map(|(piece, line)| {
        // A comment begins at any `#`, even inside a word: no secret in a key file contains one.
        let before = piece.split(|octet| matches!(octet, b'#' | 0)).next().unwrap_or_default();
        let mut words = before.split(|octet| matches!(octet, b' ' | b'\t')).filter(|word| !word.is_empty());
        let identifier = words.next()?;
        Some(Row { line, identifier, key_type: words.next(), secret: words.next(), addresses: words.next() })
    })
}

impl Row<'_> {
    /// The identifier as the daemons read it: the number at the start of its word.
    ///
    /// # Errors
    /// [`LineError::Identifier`] or [`LineError::IdentifierOutOfRange`].
    pub fn id(&self) -> Result<u32, LineError> {
        let number = leading_number(self.identifier);
        if number == 0 {
            return Err(LineError::Identifier);
        }
        u16::try_from(number).map(u32::from).map_err(|_| LineError::IdentifierOutOfRange)
    }

    /// The key type, if the row has a valid one.
    pub fn type_name(&self) -> Option<TypeName> {
        self.key_type.map(TypeName::of)
    }

    /// The key of the row.
    ///
    /// # Errors
    /// The first fault that makes the key unusable.
    pub fn key(&self) -> Result<Key, LineError> {
        let id = self.id()?;
        let key_type = self.type_name().ok_or(LineError::NoKeyType)?.key_type;
        let key_type = key_type.ok_or(LineError::KeyType(UnknownKeyType))?;
        Key::from_key_file(id, key_type, self.secret.ok_or(LineError::NoSecret)?).map_err(LineError::from)
    }

    /// Faults in the identifier, the secret or the addresses, regardless of the type. Classic ntpd rejects the whole file for
    /// any of these; for every other fault it skips only the row.
    pub fn faults(&self) -> Vec<LineError> {
        let whole = || {
            self.id()?;
            self.key_type.ok_or(LineError::NoKeyType)?;
            self.check_secret()
        };
        match whole() {
            Ok(()) => self.addresses.map(address_faults).unwrap_or_default(),
            Err(fault) => vec![fault],
        }
    }

    /// Checks the third word as a secret, regardless of the type.
    ///
    /// # Errors
    /// The reason.
    pub fn check_secret(&self) -> Result<(), LineError> {
        let secret = self.secret.ok_or(LineError::NoSecret)?;
        // The daemons check only the digits they use.
        let digits = secret.get(..2 * LONGEST_HEXADECIMAL).unwrap_or(secret);
        if secret.len() > LONGEST_LITERAL && !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(LineError::NotHexadecimal);
        }
        Ok(())
    }
}

/// A fault in a row of a key file. None quotes the row, which may contain a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The first word does not begin with a nonzero number.
    #[error("the key identifier is not a number from 1 to 65535")]
    Identifier,
    /// The identifier is reserved for Autokey.
    #[error("the key identifier is above 65535")]
    IdentifierOutOfRange,
    /// Nothing follows the identifier.
    #[error("the key type is missing")]
    NoKeyType,
    /// The second word is not a known key type.
    #[error(transparent)]
    KeyType(#[from] UnknownKeyType),
    /// Nothing follows the key type.
    #[error("the key's secret is missing")]
    NoSecret,
    /// The secret is longer than 20 characters but not hexadecimal.
    #[error("the key's secret is longer than {LONGEST_LITERAL} characters and not hexadecimal")]
    NotHexadecimal,
    /// The secret is not followed by a valid list of addresses.
    #[error("invalid address after the secret: a secret cannot contain blanks")]
    Address,
    /// A prefix length is not a number.
    #[error("the length of a network's prefix is not a number")]
    Prefix,
    /// A prefix length exceeds the number of bits in the address; the address is skipped.
    #[error("the prefix of a network is longer than its address")]
    LongPrefix,
}

impl From<KeyError> for LineError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::IdentifierOutOfRange(_) => Self::IdentifierOutOfRange,
            KeyError::EmptySecret => Self::NoSecret,
            KeyError::NotHexadecimal => Self::NotHexadecimal,
        }
    }
}

/// Validates a list of addresses as classic ntpd does.
fn address_faults(list: &[u8]) -> Vec<LineError> {
    let fault = |item: &[u8]| {
        let mut parts = item.splitn(2, |octet| *octet == b'/');
        let address = parts.next().unwrap_or_default();
        let prefix = parts.next().unwrap_or_default();
        if prefix.len() > LONGEST_PREFIX || !prefix.iter().all(u8::is_ascii_digit) {
            return Some(LineError::Prefix);
        }
        let Some(address) = address_of(address) else { return Some(LineError::Address) };
        let longest = if address.is_ipv4() { 32 } else { 128 };
        (leading_number(prefix) > longest).then_some(LineError::LongPrefix)
    };
    list.split(|octet| *octet == b',').filter_map(fault).collect()
}

/// Parses an address; IPv6 addresses may have brackets or a zone.
fn address_of(word: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(word).ok()?;
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let bare = text.strip_prefix('[').map_or(text, |text| text.split(']').next().unwrap_or(text));
    bare.split('%').next()?.parse().ok().map(IpAddr::V6)
}

/// The number at the beginning of a word, modulo 2^32, as C's `atoi` reads it; 0 without digits.
fn leading_number(word: &[u8]) -> u32 {
    let (sign, digits) = match word.split_first() {
        Some((b'-', digits)) => (-1_i64, digits),
        Some((b'+', digits)) => (1, digits),
        _ => (1, word),
    };
    let value = digits
        .iter()
        .take_while(|octet| octet.is_ascii_digit())
        .fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(sign * i64::from(digit - b'0')));
    // The lower half of C's 64-bit `strtol`.
    let octets = value.to_le_bytes();
    octets.first_chunk().map_or(0, |low| u32::from_le_bytes(*low))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(line: &str) -> Vec<LineError> {
        rows(line.as_bytes(), CarriageReturns::Kept).flat_map(|row| row.faults()).collect()
    }

    /// Recorded from 4.2.8p15.
    #[test]
    fn rows_are_validated_as_by_classic_ntpd() {
        use LineError::{Address, Identifier, IdentifierOutOfRange, LongPrefix, NoKeyType, NoSecret};
        use LineError::{NotHexadecimal, Prefix};
        for (line, expected) in [
            ("6 NOSUCH", vec![NoSecret]),
            ("6 NOSUCH thisisnothexbutverylongwords", vec![NotHexadecimal]),
            ("6 NOSUCH 0123", vec![]),
            ("6 MD5 my secret", vec![Address]),
            ("6 MD5 abc 10.0.0.0/8,::1", vec![]),
            ("6 MD5 abc 10.0.0.0/40", vec![LongPrefix]),
            ("6 MD5 abc ::1/129", vec![LongPrefix]),
            ("6 MD5 abc 10.0.0.1 extra", vec![]),
            ("6 MD5 abc 10.0.0.1,bad", vec![Address]),
            ("6 MD5 abc ,", vec![Address, Address]),
            ("6 MD5 abc 10.0.0.0/x", vec![Prefix]),
            ("6 MD5 abc 10.0.0.0/-1", vec![Prefix]),
            ("6 MD5 abc [::1]", vec![]),
            ("6 MD5 abc 10.0.0.0/", vec![]),
            ("6 MD5 abc fe80::1%lo", vec![]),
            ("6 MD5 abc 127.1", vec![Address]),
            ("6 MD5 abc bad/x", vec![Prefix]),
            ("6 MD5 abc 10.0.0.0/8/9", vec![Prefix]),
            ("6 MD5 abc 10.0.0.0/99999999999", vec![Prefix]),
            ("6 MD5 abc ::1]", vec![Address]),
            ("6 MD5 abc [::1", vec![]),
            ("6 MD5 abc [10.0.0.1]", vec![Address]),
            ("6 MD5 abc 10.0.0.1%eth", vec![Address]),
            ("6x MD5 abc", vec![]),
            ("+6 MD5 abc", vec![]),
            ("-6 MD5 abc", vec![IdentifierOutOfRange]),
            ("0x6 MD5 abc", vec![Identifier]),
            ("99999999999 MD5 abc", vec![IdentifierOutOfRange]),
            ("18446744073709551622 MD5 abc", vec![IdentifierOutOfRange]),
            ("-18446744073709551622 MD5 abc", vec![Identifier]),
            ("4294967302 MD5 abc", vec![]),
            ("65536 MD5 abc", vec![IdentifierOutOfRange]),
            ("6 MD5\x0babc", vec![NoSecret]),
            ("6 MD5 \0", vec![NoSecret]),
            ("6,MD5,abc", vec![NoKeyType]),
            ("6 #", vec![NoKeyType]),
            ("6 MD5 #abc", vec![NoSecret]),
            ("\u{feff}6 MD5 abc", vec![Identifier]),
            (&format!("6 MD5 {}", "ab".repeat(300)), vec![Identifier]),
            (&format!("6 MD5 {}", "z".repeat(600)), vec![NotHexadecimal, Identifier]),
            (&format!("6 MD5 {}zz", "ab".repeat(32)), vec![]),
        ] {
            assert_eq!(faults(line), expected, "{line}");
        }
    }

    #[test]
    fn carriage_returns_are_part_of_the_secret_or_of_the_line_end() {
        let secret = |returns| rows(b"6 MD5 abc\r\n", returns).next().and_then(|row| row.secret);
        assert_eq!(secret(CarriageReturns::Kept), Some(b"abc\r".as_slice()));
        assert_eq!(secret(CarriageReturns::Dropped), Some(b"abc".as_slice()));
    }
}
