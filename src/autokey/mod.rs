//! Autokey's keys (RFC 5906): RSA and DSA keys, self-signed certificates, the parameters of the identity
//! schemes IFF, GQ and MV, and the files that hold them.
//!
//! Computations on secrets take a time that depends only on their lengths ([`number`]), and secrets are wiped from memory
//! on drop, but not what libraries leave on the stack and the heap.

#![expect(clippy::many_single_char_names, reason = "the letters of the standards")]

pub mod asn1;
mod budget;
pub mod certificate;
pub mod cipher;
pub mod dsa;
pub mod gq;
pub mod iff;
pub mod mv;
pub mod number;
pub mod pem;
pub mod prime;
pub mod private_key;
pub mod rsa;
pub mod scheme;

/// Why a key or certificate cannot be generated, read or used to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AutokeyError {
    /// The system's random source failed.
    #[error("no randomness")]
    Randomness,
    /// The file has no such PEM block, or it is damaged.
    #[error("no PEM block")]
    Pem,
    /// The password is wrong, or the encrypted data is damaged.
    #[error("bad decrypt")]
    Password,
    /// The decoded data does not have the expected structure.
    #[error("unexpected structure")]
    Structure,
    /// The file is encrypted with an unsupported method.
    #[error("its encryption is not supported")]
    Encryption,
    /// Reading the file would take too much time or memory: more than OpenSSL permits, or many seconds.
    #[error("reading it takes too much work or memory")]
    Costly,
    /// A modulus or an exponent has more bits than OpenSSL permits.
    #[error("more bits than OpenSSL permits")]
    TooManyBits,
    /// The digest with its algorithm identifier is longer than the key.
    #[error("digest too big for rsa key")]
    DigestTooBig,
    /// A key of this kind cannot sign this digest.
    #[error("invalid digest type")]
    DigestType,
    /// A number that must have an inverse has none: the parameters are invalid.
    #[error("unsuitable parameters")]
    Parameters,
}

impl From<der::Error> for AutokeyError {
    fn from(_: der::Error) -> Self {
        Self::Structure
    }
}
