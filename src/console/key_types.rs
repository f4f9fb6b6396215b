//! The names of key types: ours, and what the classic makes of each.

use crate::auth::KeyType;
use crate::compat::{Dialect, Quirk};

/// The longest digest that the classic takes.
const CLASSIC_DIGEST_LIMIT: usize = 20;

/// What the classic takes; it lists these.
const CLASSIC_KEY_TYPES: [KeyType; 6] =
    [KeyType::Aes128Cmac, KeyType::Md4, KeyType::Md5, KeyType::Ripemd160, KeyType::Sha1, KeyType::Shake128];

/// Digests that the classic knows and refuses as too long, with their octets.
const CLASSIC_TOO_LONG: [(&str, usize); 14] = [
    ("MD5-SHA1", 36),
    ("SHA224", 28),
    ("SHA256", 32),
    ("SHA3-224", 28),
    ("SHA3-256", 32),
    ("SHA3-384", 48),
    ("SHA3-512", 64),
    ("SHA384", 48),
    ("SHA512", 64),
    ("SHA512-224", 28),
    ("SHA512-256", 32),
    ("SHAKE256", 32),
    ("SM3", 32),
    ("RSA-SHA256", 32),
];

/// Digests that the classic knows by name only.
const CLASSIC_UNSUPPORTED: [&str; 4] = ["DSA", "MD2", "MDC2", "SHA"];

/// Further spellings, which NTPsec takes.
const OTHER_SPELLINGS: [(&str, KeyType); 11] = [
    ("AES", KeyType::Aes128Cmac),
    ("AES-128", KeyType::Aes128Cmac),
    ("AES-CMAC", KeyType::Aes128Cmac),
    ("CMAC", KeyType::Aes128Cmac),
    ("RIPEMD", KeyType::Ripemd160),
    ("RMD160", KeyType::Ripemd160),
    ("SHA-1", KeyType::Sha1),
    ("SHA-224", KeyType::Sha224),
    ("SHA-256", KeyType::Sha256),
    ("SHA-384", KeyType::Sha384),
    ("SHA-512", KeyType::Sha512),
];

/// The key type of a name in capitals; else what the classic has to say about it, if it has.
pub(super) fn key_type_of(name: &str, dialect: Dialect) -> Result<KeyType, String> {
    let parsed = name.parse::<KeyType>().ok();
    if !dialect.keeps(Quirk::SHORT_DIGESTS) {
        let spelling = OTHER_SPELLINGS.iter().find(|(known, _)| *known == name);
        return parsed.or(spelling.map(|&(_, key_type)| key_type)).ok_or_else(String::new);
    }
    if let Some((_, length)) = CLASSIC_TOO_LONG.iter().find(|(known, _)| *known == name) {
        return Err(format!(
            "key type {name} {length} octet digests are too big, max {CLASSIC_DIGEST_LIMIT}\n"
        ));
    }
    if CLASSIC_UNSUPPORTED.contains(&name) {
        return Err(format!("key type {name} is not supported by OpenSSL\n"));
    }
    match parsed {
        Some(key_type) if CLASSIC_KEY_TYPES.contains(&key_type) => Ok(key_type),
        None if name == "CMAC" => Ok(KeyType::Aes128Cmac),
        _ => Err(String::new()),
    }
}

/// What follows the description of the command `keytype`: the key types to choose from.
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
    fn names_of_key_types() {
        let ours = |name| key_type_of(name, Dialect::Unsigned);
        let classic = |name| key_type_of(name, Dialect::Classic);
        assert_eq!(ours("SHA256"), Ok(KeyType::Sha256));
        assert_eq!(ours("AES-CMAC"), Ok(KeyType::Aes128Cmac));
        assert_eq!(ours("SHA-1"), Ok(KeyType::Sha1));
        assert_eq!(ours("NOPE"), Err(String::new()));
        assert_eq!(classic("SHA1"), Ok(KeyType::Sha1));
        assert_eq!(classic("M"), Ok(KeyType::Md5));
        assert_eq!(classic("CMAC"), Ok(KeyType::Aes128Cmac));
        assert_eq!(classic("SHA256"), Err("key type SHA256 32 octet digests are too big, max 20\n".into()));
        assert_eq!(classic("MDC2"), Err("key type MDC2 is not supported by OpenSSL\n".into()));
        assert_eq!(classic("AES-CMAC"), Err(String::new()));
    }

    #[test]
    fn the_list_of_key_types() {
        assert_eq!(
            key_types_text(Dialect::Classic),
            ", one of:\n    AES128CMAC, MD4, MD5, RIPEMD160, SHA1, SHAKE128"
        );
        assert!(key_types_text(Dialect::Unsigned).ends_with("SHAKE128, SHAKE256, SM3"));
    }
}
