//! Autokey's keys (RFC 5906): RSA and DSA keys, self-signed certificates, the parameters of the identity
//! schemes IFF, GQ and MV, and the files that hold them.
//!
//! Secrets are computed with in a time that depends on their lengths alone ([`number`]), and wiped from memory
//! when they are dropped; what the libraries leave on the stack and the heap is not.

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

/// Why something cannot be made, read or signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AutokeyError {
    /// The system's source of randomness fails.
    #[error("no randomness")]
    Randomness,
    /// There is no such block of PEM in the file, or it is damaged.
    #[error("no PEM block")]
    Pem,
    /// The password does not fit, or the encrypted octets are damaged.
    #[error("bad decrypt")]
    Password,
    /// The decrypted or decoded data has none of the expected structures.
    #[error("unexpected structure")]
    Structure,
    /// The file is encrypted, but not by a method that is known here.
    #[error("its encryption is not supported")]
    Encryption,
    /// Reading the file would take too much time or memory: more than OpenSSL permits, or many seconds.
    #[error("reading it takes too much work or memory")]
    Costly,
    /// A modulus or an exponent has more bits than OpenSSL permits.
    #[error("more bits than OpenSSL permits")]
    TooManyBits,
    /// The digest and its name need more octets than the key has.
    #[error("digest too big for rsa key")]
    DigestTooBig,
    /// A key of this kind does not sign this digest.
    #[error("invalid digest type")]
    DigestType,
    /// A number that must have an inverse has none: the parameters are no good.
    #[error("unsuitable parameters")]
    Parameters,
}

impl From<der::Error> for AutokeyError {
    fn from(_: der::Error) -> Self {
        Self::Structure
    }
}
