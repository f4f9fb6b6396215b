//! A symmetric key, as given by a line of a key file or by ntpq's `keyid`, `keytype` and `passwd`.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::digest::{Digest, KeyType};

/// Secrets with more characters than this are hexadecimal; shorter ones are literal.
pub(super) const LONGEST_LITERAL: usize = 20;

/// The maximum length of a hexadecimal secret in octets; daemons drop the rest.
pub(super) const LONGEST_HEXADECIMAL: usize = 32;

/// A symmetric key. Its secret is wiped from memory on drop and is never shown.
#[derive(Clone, Eq)]
pub struct Key {
    id: u32,
    algorithm: KeyType,
    secret: Zeroizing<Vec<u8>>,
}

impl Key {
    /// Creates a key whose secret is exactly these octets.
    ///
    /// # Errors
    /// [`KeyError`] when the identifier is out of range or the secret is empty.
    pub fn new(id: u32, key_type: KeyType, secret: impl Into<Vec<u8>>) -> Result<Self, KeyError> {
        let secret = Zeroizing::new(secret.into());
        if !(1..=u32::from(u16::MAX)).contains(&id) {
            return Err(KeyError::IdentifierOutOfRange(id));
        }
        if secret.is_empty() {
            return Err(KeyError::EmptySecret);
        }
        Ok(Self { id, algorithm: key_type, secret })
    }

    /// Creates a key from a secret that was typed: text that looks like a hexadecimal secret of a key file (more than 20
    /// characters, all hexadecimal digits) is read as the daemon reads that file; anything else is literal.
    ///
    /// # Errors
    /// Those of [`Key::new`].
    pub fn from_text(id: u32, key_type: KeyType, text: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let text = text.as_ref();
        match Self::from_key_file(id, key_type, text) {
            Err(KeyError::NotHexadecimal) => Self::new(id, key_type, text),
            read => read,
        }
    }

    /// Creates a key from a secret as written in a key file: up to 20 characters are literal, more are hexadecimal. As in
    /// ntpd, an odd last digit and anything beyond 32 octets are dropped.
    ///
    /// # Errors
    /// Those of [`Key::new`], and [`KeyError::NotHexadecimal`].
    pub fn from_key_file(id: u32, key_type: KeyType, text: &[u8]) -> Result<Self, KeyError> {
        if text.len() <= LONGEST_LITERAL {
            return Self::new(id, key_type, text);
        }
        if !text.iter().all(u8::is_ascii_hexdigit) {
            return Err(KeyError::NotHexadecimal);
        }
        let mut secret = Zeroizing::new(Vec::with_capacity(LONGEST_HEXADECIMAL));
        secret.extend(
            text.chunks_exact(2)
                .take(LONGEST_HEXADECIMAL)
                .map(|pair| pair.iter().fold(0, |octet, digit| (octet << 4) | hexadecimal_digit(*digit))),
        );
        Self::new(id, key_type, std::mem::take(&mut *secret))
    }

    /// The key's identifier, 1 to 65535.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The algorithm the key is used with.
    pub fn key_type(&self) -> KeyType {
        self.algorithm
    }

    /// The octets of the secret, for the checks of this module.
    pub(super) fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The message authentication code of a message under this key.
    pub fn compute(&self, message: &[u8]) -> Digest {
        self.algorithm.compute(&self.secret, message)
    }

    /// Whether `mac` is the code of `message`, compared in constant time.
    pub fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        self.compute(message).matches(mac)
    }
}

/// The value of an ASCII hexadecimal digit; callers have checked that it is one.
fn hexadecimal_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10) & 0x0f,
    }
}

impl PartialEq for Key {
    /// Compares secrets in a time that depends only on their lengths.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
            && self.algorithm == other.algorithm
            && bool::from(self.secret.as_slice().ct_eq(other.secret.as_slice()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Key")
            .field("id", &self.id)
            .field("key_type", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Why a key is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The identifier is 0 or above 65535 (higher ones belong to Autokey).
    #[error("key identifier {0} is not within 1 to 65535")]
    IdentifierOutOfRange(u32),
    /// The secret is empty.
    #[error("the key's secret is empty")]
    EmptySecret,
    /// A key file's secret of more than 20 characters is not hexadecimal.
    #[error("the key's secret is longer than {LONGEST_LITERAL} characters and not hexadecimal")]
    NotHexadecimal,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sha1(text: &str) -> Key {
        Key::from_text(7, KeyType::Sha1, text).unwrap()
    }

    #[test]
    fn secrets_of_more_than_twenty_characters_are_hexadecimal() {
        for (text, secret) in [
            ("0123456789abcdef0123", b"0123456789abcdef0123".as_slice()),
            ("0102030405060708090A0b", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            ("0102030405060708090a0bf", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            ("twenty-one characters", b"twenty-one characters"),
            (&"5a".repeat(40), &[0x5a; 32]),
        ] {
            assert_eq!(&**sha1(text).secret, secret, "{text}");
        }
    }

    #[test]
    fn key_files_hold_no_long_literals() {
        assert_eq!(
            Key::from_key_file(7, KeyType::Sha1, b"twenty-one characters"),
            Err(KeyError::NotHexadecimal)
        );
    }

    #[test]
    fn identifiers_and_secrets_are_checked() {
        let key = |id, secret: &str| Key::from_text(id, KeyType::Md5, secret).map(|key| key.id());
        assert_eq!(key(0, "x"), Err(KeyError::IdentifierOutOfRange(0)));
        assert_eq!(key(65536, "x"), Err(KeyError::IdentifierOutOfRange(65536)));
        assert_eq!(key(65535, "x"), Ok(65535));
        assert_eq!(key(1, ""), Err(KeyError::EmptySecret));
    }

    #[test]
    fn nothing_shows_the_secret() {
        let shown = format!("{:?}", sha1("tell nobody"));
        assert_eq!(shown, "Key { id: 7, key_type: Sha1, .. }");
    }

    proptest! {
        #[test]
        fn a_code_verifies_and_an_altered_one_does_not(
            secret in "[ -~]{1,40}", message in prop::collection::vec(any::<u8>(), 0..600),
            which in 0..KeyType::ALL.len(), at in any::<prop::sample::Index>(), bit in 0..8_u32,
        ) {
            let key = Key::from_text(1, KeyType::ALL[which], &secret).unwrap();
            let mut mac = key.compute(&message).as_bytes().to_vec();
            prop_assert!(key.verify(&message, &mac));
            let at = at.index(mac.len());
            mac[at] ^= 1_u8 << bit;
            prop_assert!(!key.verify(&message, &mac));
        }
    }
}
