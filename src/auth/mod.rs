//! Symmetric authentication: key types, keys, key files, and the authenticator of mode 6 packets.
//!
//! An NTP message authentication code is a digest over the secret followed by the message (RFC 5905,
//! section 7.3), or AES-CMAC keyed with the secret (RFC 8573). On the wire it follows the identifier of the
//! key, a `u32`. Longer digests are truncated to [`MAXIMUM_MAC_LENGTH`] octets.

#[cfg(feature = "nts")]
pub mod aead;
pub mod control;
pub mod digest;
pub mod key;
pub mod key_check;
pub mod key_file;
pub mod key_row;
pub mod key_types;
pub mod mode7;

pub use control::AuthenticationError;
pub use digest::{Digest, KeyType, MAXIMUM_MAC_LENGTH, UnknownKeyType};
pub use key::{Key, KeyError};
pub use key_file::{KeyFile, KeyFileError, KeyFileFault};

#[cfg(test)]
mod tests {
    /// Decodes hexadecimal digits; blanks are ignored.
    pub(super) fn octets(text: &str) -> Vec<u8> {
        let digits: Vec<_> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
        digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
    }
}
