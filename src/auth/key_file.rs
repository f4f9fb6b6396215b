//! Key files (`ntp.keys`): one key per line, `ID TYPE SECRET [ADDRESSES]`, with `#` comments.

use std::collections::BTreeMap;
use std::io::{self, Read};

use zeroize::Zeroizing;

use super::key::Key;
use super::key_row::{CarriageReturns, LineError, rows};

/// The maximum size of a key file in octets: room for 65535 keys with the longest secrets.
const LONGEST_FILE: usize = 8 << 20;

/// The maximum number of faults kept for one file.
const MAX_FAULTS: usize = 100;

/// The keys in a key file.
///
/// A line without a usable key is a fault and does not affect the other keys, as in NTPsec's ntpd; classic ntpd rejects
/// the whole file. If an identifier is repeated, the first key counts, as in classic ntpd; in NTPsec's, the last one.
/// Addresses after a secret restrict its use in a daemon; they are ignored here.
#[derive(Debug, Default)]
pub struct KeyFile {
    keys: BTreeMap<u32, Key>,
    faults: Vec<KeyFileFault>,
}

impl KeyFile {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file cannot be read or is larger than any key file.
    pub fn read(source: impl Read) -> Result<Self, KeyFileError> {
        Ok(Self::parse(&text_of(source)?))
    }

    /// Parses the text of a key file, which need not be UTF-8.
    pub fn parse(text: &[u8]) -> Self {
        let mut file = Self::default();
        for row in rows(text, CarriageReturns::Dropped) {
            match row.key() {
                Ok(key) => drop(file.keys.entry(key.id()).or_insert(key)),
                Err(_) if file.faults.len() >= MAX_FAULTS => {}
                Err(kind) => file.faults.push(KeyFileFault { line: row.line, kind }),
            }
        }
        file
    }

    /// The key with this identifier.
    pub fn key(&self, id: u32) -> Option<&Key> {
        self.keys.get(&id)
    }

    /// The keys, sorted by identifier.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    /// The lines without a usable key, in order; at most the first hundred.
    pub fn faults(&self) -> &[KeyFileFault] {
        &self.faults
    }
}

/// Reads the text of a key file.
///
/// # Errors
/// [`KeyFileError`] when the file cannot be read or is larger than any key file.
pub fn text_of(source: impl Read) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let mut text = Zeroizing::new(Vec::with_capacity(1 << 16));
    let most = u64::try_from(LONGEST_FILE).unwrap_or(u64::MAX);
    source.take(most.saturating_add(1)).read_to_end(&mut text)?;
    if text.len() > LONGEST_FILE {
        return Err(KeyFileError::TooLarge);
    }
    Ok(text)
}

/// Why a key file cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// It is larger than 8 MiB.
    #[error("too large for a key file")]
    TooLarge,
}

/// A line of a key file without a usable key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct KeyFileFault {
    /// The line number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: LineError,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::digest::KeyType;
    use super::*;

    fn key(id: u32, key_type: KeyType, secret: &[u8]) -> Key {
        Key::new(id, key_type, secret).unwrap()
    }

    #[test]
    fn keys_are_read_as_ntpd_reads_them() {
        let file = KeyFile::parse(
            b"# a comment\n\
              1 MD5 secretmd5key\r\n\
              \n\
              \x20\t2\tsha1  0102030405060708090a0b0c0d0e0f1011121314   # trailing\n\
              3 AES128CMAC cmacasciikey 127.0.0.1,192.0.2.0/24\n\
              4 M old#style\n\
              5 AES-128 sixteen-octets!!\n\
              6 SHA256 \xff\xfe\n\
              1 SHA512 too-late",
        );
        assert_eq!(file.faults(), []);
        let expected = [
            key(1, KeyType::Md5, b"secretmd5key"),
            key(2, KeyType::Sha1, &(1..=20).collect::<Vec<_>>()),
            key(3, KeyType::Aes128Cmac, b"cmacasciikey"),
            key(4, KeyType::Md5, b"old"),
            key(5, KeyType::Aes128Cmac, b"sixteen-octets!!"),
            key(6, KeyType::Sha256, b"\xff\xfe"),
        ];
        assert!(file.keys().eq(&expected), "{:?}", file.keys().collect::<Vec<_>>());
        assert_eq!(file.key(3), Some(&expected[2]));
        assert_eq!(file.key(7), None);
    }

    #[test]
    fn faults_name_their_lines_and_leave_the_other_keys() {
        let file = KeyFile::parse(
            b"x MD5 a\n70000 MD5 a\n0 MD5 a\n- MD5 a\n14 SHA1\n15\n16 MDC2 a\n\
              17 SHA1 thisisnothexadecimal!\n18 SHA1 fine\n99999999999 MD5 a\n19 SHA1 #none",
        );
        let faults: Vec<_> = file.faults().iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            [
                "line 1: the key identifier is not a number from 1 to 65535",
                "line 2: the key identifier is above 65535",
                "line 3: the key identifier is not a number from 1 to 65535",
                "line 4: the key identifier is not a number from 1 to 65535",
                "line 5: the key's secret is missing",
                "line 6: the key type is missing",
                "line 7: unknown key type",
                "line 8: the key's secret is longer than 20 characters and not hexadecimal",
                "line 10: the key identifier is above 65535",
                "line 11: the key's secret is missing",
            ]
        );
        assert!(file.keys().eq(&[key(18, KeyType::Sha1, b"fine")]));
    }

    #[test]
    fn endless_files_are_refused() {
        assert!(matches!(KeyFile::read(io::repeat(b'#')), Err(KeyFileError::TooLarge)));
        assert_eq!(KeyFile::parse(&b"x\n".repeat(1000)).faults().len(), MAX_FAULTS);
    }

    proptest! {
        #[test]
        fn any_file_is_read(text in prop::collection::vec(any::<u8>(), 0..400)) {
            let lines = text.split(|octet| *octet == b'\n').count();
            let file = KeyFile::read(text.as_slice()).unwrap();
            prop_assert!(file.keys().count() + file.faults().len() <= lines);
        }
    }
}
