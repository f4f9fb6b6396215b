//! The names of key types, and what the classic program makes of each.

use crate::auth::KeyType;
use crate::auth::key_types::{Standing, TypeName};
use crate::compat::{Dialect, Quirk};

/// The longest digest that the classic program accepts.
const CLASSIC_DIGEST_LIMIT: usize = 20;

/// The key types that the classic program accepts and lists.
const CLASSIC_KEY_TYPES: [KeyType; 6] =
    [KeyType::Aes128Cmac, KeyType::Md4, KeyType::Md5, KeyType::Ripemd160, KeyType::Sha1, KeyType::Shake128];

/// Why a word is not a key type, in the classic words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoKeyType {
    /// Unknown; the classic program has no message for this case.
    #[error("unknown")]
    Unknown,
    /// Known, but the classic program's library lacks the algorithm.
    #[error("key type {0} is not supported by OpenSSL")]
    NoAlgorithm(String),
    /// The digest is too long for the classic program.
    #[error("key type {0} {1} octet digests are too big, max {CLASSIC_DIGEST_LIMIT}")]
    TooLong(String, usize),
}

/// The key type of a name in capitals, or the classic program's objection to it.
pub(super) fn key_type_of(name: &str, dialect: Dialect) -> Result<KeyType, NoKeyType> {
    let known = TypeName::of(name.as_bytes());
    if !dialect.keeps(Quirk::SHORT_DIGESTS) {
        return known.key_type.ok_or(NoKeyType::Unknown);
    }
    match known.classic {
        Standing::NoAlgorithm => return Err(NoKeyType::NoAlgorithm(name.to_owned())),
        Standing::Unknown => return Err(NoKeyType::Unknown),
        Standing::Taken | Standing::Useless => {}
    }
    // To the classic program, a name that others give a different meaning is just a word that starts with `m`.
    let key_type = known.key_type.unwrap_or(KeyType::Md5);
    match key_type.digest_length() {
        length if length > CLASSIC_DIGEST_LIMIT => Err(NoKeyType::TooLong(name.to_owned(), length)),
        _ => Ok(key_type),
    }
}

/// The text after the summary of `keytype`: the key types to choose from.
pub(crate) fn key_types_text(dialect: Dialect) -> String {
    let known: &[KeyType] =
        if dialect.keeps(Quirk::SHORT_DIGESTS) { &CLASSIC_KEY_TYPES } else { &KeyType::ALL };
    let lines: Vec<String> = known
        .chunks(8)
        .map(|line| {
            let names: Vec<&str> = line.iter().map(|key_type| key_type.name()).collect();
            format!("\n    {}", names.join(", "))
        })
        .collect();
    format!(", one of:{}", lines.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_type_names() {
        let ours = |name| key_type_of(name, Dialect::Native);
        let classic = |name| key_type_of(name, Dialect::Classic);
        assert_eq!(ours("SHA256"), Ok(KeyType::Sha256));
        assert_eq!(ours("AES-CMAC"), Ok(KeyType::Aes128Cmac));
        assert_eq!(ours("SHA-1"), Ok(KeyType::Sha1));
        assert_eq!(ours("NOPE"), Err(NoKeyType::Unknown));
        assert_eq!(classic("SHA1"), Ok(KeyType::Sha1));
        assert_eq!(classic("M"), Ok(KeyType::Md5));
        assert_eq!(classic("CMAC"), Ok(KeyType::Aes128Cmac));
        let refused = |name| classic(name).map_err(|error| error.to_string());
        assert_eq!(refused("SHA256"), Err("key type SHA256 32 octet digests are too big, max 20".into()));
        assert_eq!(refused("MDC2"), Err("key type MDC2 is not supported by OpenSSL".into()));
        assert_eq!(refused("RSA-SM3"), Err("key type RSA-SM3 32 octet digests are too big, max 20".into()));
        assert_eq!(classic("MD4WITHRSAENCRYPTION"), Ok(KeyType::Md5));
        for name in ["AES-CMAC", "AES", "SHA-1", "RIPEMD", "NOPE"] {
            assert_eq!(classic(name), Err(NoKeyType::Unknown), "{name}");
        }
    }

    #[test]
    fn key_type_list() {
        assert_eq!(
            key_types_text(Dialect::Classic),
            ", one of:\n    AES128CMAC, MD4, MD5, RIPEMD160, SHA1, SHAKE128"
        );
        assert!(key_types_text(Dialect::Native).ends_with("SHAKE128, SHAKE256, SM3"));
    }
}
