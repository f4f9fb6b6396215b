//! The names of key types in key files, and how each daemon reads them.
//!
//! Classic ntpd 4.2.8p15 accepts the short names of its OpenSSL and `CMAC`; NTPsec's accepts every digest name that its
//! OpenSSL knows, and `AES`. Both read any other word that begins with `m` as MD5.

use super::digest::{KeyType, UnknownKeyType};
use std::str::FromStr;

/// The meaning of a key type's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeName {
    /// The algorithm, if this program has it and every daemon that accepts the name means it.
    pub key_type: Option<KeyType>,
    /// How classic ntpd reads it.
    pub classic: Standing,
    /// How NTPsec's ntpd reads it.
    pub ntpsec: Standing,
}

/// How a daemon reads the name of a key type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It accepts the key.
    Taken,
    /// It accepts the row, but nothing verifies under the key: its OpenSSL no longer has the digest.
    Useless,
    /// It ignores the row because it does not know the name.
    Unknown,
    /// It ignores the row because its OpenSSL knows the name but lacks the digest.
    NoAlgorithm,
}

use Standing::{NoAlgorithm, Taken, Unknown, Useless};

/// Names that both daemons accept.
const BOTH: [(&str, KeyType); 12] = [
    ("RSA-MD5", KeyType::Md5),
    ("RSA-RIPEMD160", KeyType::Ripemd160),
    ("RSA-SHA1", KeyType::Sha1),
    ("RSA-SHA1-2", KeyType::Sha1),
    ("RSA-SHA224", KeyType::Sha224),
    ("RSA-SHA256", KeyType::Sha256),
    ("RSA-SHA384", KeyType::Sha384),
    ("RSA-SHA512", KeyType::Sha512),
    ("RSA-SHA512/224", KeyType::Sha512_224),
    ("RSA-SHA512/256", KeyType::Sha512_256),
    ("RSA-SM3", KeyType::Sm3),
    ("MD5WITHRSAENCRYPTION", KeyType::Md5),
];

/// Names that only NTPsec's ntpd accepts: OpenSSL 3 knows them as digest names.
const NTPSEC: [(&str, KeyType); 39] = [
    ("AES", KeyType::Aes128Cmac),
    ("AES-128", KeyType::Aes128Cmac),
    ("ID-RSASSA-PKCS1-V1_5-WITH-SHA3-224", KeyType::Sha3_224),
    ("ID-RSASSA-PKCS1-V1_5-WITH-SHA3-256", KeyType::Sha3_256),
    ("ID-RSASSA-PKCS1-V1_5-WITH-SHA3-384", KeyType::Sha3_384),
    ("ID-RSASSA-PKCS1-V1_5-WITH-SHA3-512", KeyType::Sha3_512),
    ("RIPEMD", KeyType::Ripemd160),
    ("RIPEMD-160", KeyType::Ripemd160),
    ("RIPEMD160WITHRSA", KeyType::Ripemd160),
    ("RMD160", KeyType::Ripemd160),
    ("RSA-SHA3-224", KeyType::Sha3_224),
    ("RSA-SHA3-256", KeyType::Sha3_256),
    ("RSA-SHA3-384", KeyType::Sha3_384),
    ("RSA-SHA3-512", KeyType::Sha3_512),
    ("SHA-1", KeyType::Sha1),
    ("SHA-224", KeyType::Sha224),
    ("SHA-256", KeyType::Sha256),
    ("SHA-384", KeyType::Sha384),
    ("SHA-512", KeyType::Sha512),
    ("SHA-512/224", KeyType::Sha512_224),
    ("SHA-512/256", KeyType::Sha512_256),
    ("SHA1WITHRSAENCRYPTION", KeyType::Sha1),
    ("SHA2-224", KeyType::Sha224),
    ("SHA2-256", KeyType::Sha256),
    ("SHA2-384", KeyType::Sha384),
    ("SHA2-512", KeyType::Sha512),
    ("SHA2-512/224", KeyType::Sha512_224),
    ("SHA2-512/256", KeyType::Sha512_256),
    ("SHA224WITHRSAENCRYPTION", KeyType::Sha224),
    ("SHA256WITHRSAENCRYPTION", KeyType::Sha256),
    ("SHA384WITHRSAENCRYPTION", KeyType::Sha384),
    ("SHA512WITHRSAENCRYPTION", KeyType::Sha512),
    ("SHAKE-128", KeyType::Shake128),
    ("SHAKE-256", KeyType::Shake256),
    ("SM3WITHRSAENCRYPTION", KeyType::Sm3),
    ("SSL3-MD5", KeyType::Md5),
    ("SSL3-SHA1", KeyType::Sha1),
    ("SHA512-224WITHRSAENCRYPTION", KeyType::Sha512_224),
    ("SHA512-256WITHRSAENCRYPTION", KeyType::Sha512_256),
];

/// Names that the daemons read differently or not at all: the algorithm here, then classic ntpd's and NTPsec's reading.
const OTHERS: [(&str, Option<KeyType>, Standing, Standing); 23] = [
    // NTPsec's ntpq accepts this name; no daemon does.
    ("AES-CMAC", Some(KeyType::Aes128Cmac), Unknown, Unknown),
    ("CMAC", Some(KeyType::Aes128Cmac), Taken, Unknown),
    ("MD4", Some(KeyType::Md4), Taken, Useless),
    ("RSA-MD4", Some(KeyType::Md4), Taken, Useless),
    // MD5 for classic ntpd, MD4 for NTPsec's.
    ("MD4WITHRSAENCRYPTION", None, Taken, Useless),
    // For NTPsec's ntpd these are just words that begin with `m`.
    ("MD2", None, NoAlgorithm, Taken),
    ("MDC2", None, NoAlgorithm, Taken),
    ("AES-192", None, Unknown, Taken),
    ("AES-256", None, Unknown, Taken),
    ("BLAKE2B-512", None, Unknown, Taken),
    ("BLAKE2B512", None, Unknown, Taken),
    ("BLAKE2S-256", None, Unknown, Taken),
    ("BLAKE2S256", None, Unknown, Taken),
    ("WHIRLPOOL", None, Unknown, Useless),
    ("AES-128-CBC", None, NoAlgorithm, Unknown),
    ("DSA", None, NoAlgorithm, Unknown),
    ("DSA-SHA", None, NoAlgorithm, Unknown),
    ("DSA-SHA1", None, NoAlgorithm, Unknown),
    ("HMAC", None, NoAlgorithm, Unknown),
    ("HMAC-MD5", None, NoAlgorithm, Unknown),
    ("HMAC-SHA1", None, NoAlgorithm, Unknown),
    ("NULL", None, NoAlgorithm, Unknown),
    ("SHA", None, NoAlgorithm, Unknown),
];

impl TypeName {
    /// The meaning of a word, ignoring case.
    pub fn of(word: &[u8]) -> Self {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        if let Some(&(_, key_type, classic, ntpsec)) = OTHERS.iter().find(|(name, ..)| is(name)) {
            return Self { key_type, classic, ntpsec };
        }
        let taken = |key_type, classic| Self { key_type: Some(key_type), classic, ntpsec: Taken };
        if let Some(&(_, key_type)) = NTPSEC.iter().find(|(name, _)| is(name)) {
            return taken(key_type, Unknown);
        }
        let own = KeyType::ALL.iter().map(|key_type| (key_type.name(), *key_type));
        let known = own.chain(BOTH).find(|(name, _)| is(name)).map(|(_, key_type)| key_type);
        // Old key files use `M`.
        let word = word.first().filter(|letter| letter.eq_ignore_ascii_case(&b'm')).map(|_| KeyType::Md5);
        known.or(word).map_or(Self { key_type: None, classic: Unknown, ntpsec: Unknown }, |key_type| {
            taken(key_type, Taken)
        })
    }
}

impl FromStr for KeyType {
    type Err = UnknownKeyType;

    /// Parses a name as written in key files; see [`TypeName`].
    fn from_str(name: &str) -> Result<Self, UnknownKeyType> {
        TypeName::of(name.as_bytes()).key_type.ok_or(UnknownKeyType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_names_of_this_program_are_read_in_any_case() {
        for key_type in KeyType::ALL {
            assert_eq!(key_type.name().parse(), Ok(key_type));
            assert_eq!(key_type.name().to_lowercase().parse(), Ok(key_type));
        }
    }

    /// Recorded from 4.2.8p15 with OpenSSL 1.1.1 and NTPsec 1.2.2 with OpenSSL 3.
    #[test]
    fn names_stand_for_what_the_daemons_take_them_for() {
        let name = |key_type, classic, ntpsec| TypeName { key_type, classic, ntpsec };
        for (word, expected) in [
            ("M", name(Some(KeyType::Md5), Taken, Taken)),
            ("mouse", name(Some(KeyType::Md5), Taken, Taken)),
            ("MD5SHA1", name(Some(KeyType::Md5), Taken, Taken)),
            ("md5-sha1", name(Some(KeyType::Md5Sha1), Taken, Taken)),
            ("rsa-sha256", name(Some(KeyType::Sha256), Taken, Taken)),
            ("aes", name(Some(KeyType::Aes128Cmac), Unknown, Taken)),
            ("sha-1", name(Some(KeyType::Sha1), Unknown, Taken)),
            ("SHA2-512/256", name(Some(KeyType::Sha512_256), Unknown, Taken)),
            ("ripemd", name(Some(KeyType::Ripemd160), Unknown, Taken)),
            ("CMAC", name(Some(KeyType::Aes128Cmac), Taken, Unknown)),
            ("MD4", name(Some(KeyType::Md4), Taken, Useless)),
            ("MDC2", name(None, NoAlgorithm, Taken)),
            ("SHA", name(None, NoAlgorithm, Unknown)),
            ("AES-256", name(None, Unknown, Taken)),
            ("SHA512/224", name(None, Unknown, Unknown)),
            ("nosuch", name(None, Unknown, Unknown)),
            ("", name(None, Unknown, Unknown)),
        ] {
            assert_eq!(TypeName::of(word.as_bytes()), expected, "{word}");
        }
    }

    #[test]
    fn every_name_is_listed_once() {
        let names = BOTH.iter().chain(&NTPSEC).map(|(name, _)| *name).chain(OTHERS.iter().map(|row| row.0));
        let mut seen = BTreeSet::new();
        for name in names {
            assert!(name.to_ascii_uppercase() == name && seen.insert(name), "{name}");
        }
    }
}
