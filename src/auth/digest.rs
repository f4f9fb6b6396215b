//! The message digests that NTP's symmetric keys use, and the message authentication codes made with them.

use std::fmt;

use aes::Aes128;
use cmac::{Cmac, KeyInit as _, Mac as _};
use md4::Md4;
use md5::Md5;
use ripemd::Ripemd160;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use shake::{ExtendableOutput, Shake128, Shake256, XofReader as _};
use sm3::Sm3;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The maximum length of a digest in a packet, in octets; daemons truncate longer digests.
pub const MAXIMUM_MAC_LENGTH: usize = 20;

/// Length of the shorter digests in octets, and of the prefix used of an extendable-output function.
const SHORT_DIGEST_LENGTH: usize = 16;

/// The key length of AES-128 in octets (RFC 8573).
const AES_128_KEY_LENGTH: usize = 16;

/// The algorithm of a key: those that both daemons accept when built with OpenSSL 3.
///
/// The names are those of key files and of ntpq's `keytype`; aliases are accepted too (see
/// [`TypeName`](super::key_types::TypeName)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyType {
    /// AES-CMAC with a 128-bit key, 16 octets (RFC 8573).
    Aes128Cmac,
    /// MD4 over secret and message, 16 octets.
    Md4,
    /// MD5 over secret and message, 16 octets (RFC 5905, section 7.3).
    Md5,
    /// MD5 followed by SHA-1 over secret and message, 36 octets of which a packet carries 20.
    Md5Sha1,
    /// RIPEMD-160 over secret and message, 20 octets.
    Ripemd160,
    /// SHA-1 over secret and message, 20 octets.
    Sha1,
    /// SHA-224 over secret and message, 28 octets of which a packet carries 20.
    Sha224,
    /// SHA-256 over secret and message, 32 octets of which a packet carries 20.
    Sha256,
    /// SHA3-224.
    Sha3_224,
    /// SHA3-256 over secret and message, 32 octets of which a packet carries 20.
    Sha3_256,
    /// SHA3-384 over secret and message, 48 octets of which a packet carries 20.
    Sha3_384,
    /// SHA3-512 over secret and message, 64 octets of which a packet carries 20.
    Sha3_512,
    /// SHA-384 over secret and message, 48 octets of which a packet carries 20.
    Sha384,
    /// SHA-512 over secret and message, 64 octets of which a packet carries 20.
    Sha512,
    /// SHA-512/224 over secret and message, 28 octets of which a packet carries 20.
    Sha512_224,
    /// SHA-512/256 over secret and message, 32 octets of which a packet carries 20.
    Sha512_256,
    /// The first 16 octets of SHAKE128 over secret and message.
    Shake128,
    /// The first 32 octets of SHAKE256 over secret and message, of which a packet carries 20.
    Shake256,
    /// SM3 over secret and message, 32 octets of which a packet carries 20.
    Sm3,
}

impl KeyType {
    /// All key types, sorted by name.
    pub const ALL: [Self; 19] = [
        Self::Aes128Cmac,
        Self::Md4,
        Self::Md5,
        Self::Md5Sha1,
        Self::Ripemd160,
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha3_224,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
        Self::Sha384,
        Self::Sha512,
        Self::Sha512_224,
        Self::Sha512_256,
        Self::Shake128,
        Self::Shake256,
        Self::Sm3,
    ];

    /// The name as ntpq prints it and key files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes128Cmac => "AES128CMAC",
            Self::Md4 => "MD4",
            Self::Md5 => "MD5",
            Self::Md5Sha1 => "MD5-SHA1",
            Self::Ripemd160 => "RIPEMD160",
            Self::Sha1 => "SHA1",
            Self::Sha224 => "SHA224",
            Self::Sha256 => "SHA256",
            Self::Sha3_224 => "SHA3-224",
            Self::Sha3_256 => "SHA3-256",
            Self::Sha3_384 => "SHA3-384",
            Self::Sha3_512 => "SHA3-512",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
            Self::Sha512_224 => "SHA512-224",
            Self::Sha512_256 => "SHA512-256",
            Self::Shake128 => "SHAKE128",
            Self::Shake256 => "SHAKE256",
            Self::Sm3 => "SM3",
        }
    }

    /// Length of the whole digest in octets, as reported by ntpq's `keytype`.
    pub const fn digest_length(self) -> usize {
        match self {
            Self::Aes128Cmac | Self::Md4 | Self::Md5 | Self::Shake128 => SHORT_DIGEST_LENGTH,
            Self::Ripemd160 | Self::Sha1 => 20,
            Self::Sha224 | Self::Sha3_224 | Self::Sha512_224 => 28,
            Self::Sha256 | Self::Sha3_256 | Self::Sha512_256 | Self::Shake256 | Self::Sm3 => 32,
            Self::Md5Sha1 => 36,
            Self::Sha3_384 | Self::Sha384 => 48,
            Self::Sha3_512 | Self::Sha512 => 64,
        }
    }

    /// Length of the code in a packet in octets: the digest's, at most [`MAXIMUM_MAC_LENGTH`].
    pub const fn mac_length(self) -> usize {
        if self.digest_length() > MAXIMUM_MAC_LENGTH { MAXIMUM_MAC_LENGTH } else { self.digest_length() }
    }

    /// The message authentication code of `message` under `secret`.
    pub(super) fn compute(self, secret: &[u8], message: &[u8]) -> Digest {
        match self {
            Self::Aes128Cmac => {
                let mut key = Zeroizing::new([0; AES_128_KEY_LENGTH]);
                key.iter_mut().zip(secret).for_each(|(to, from)| *to = *from);
                let mut cmac = Cmac::<Aes128>::new((&*key).into());
                cmac.update(message);
                Digest::cut(&cmac.finalize().into_bytes())
            }
            Self::Md4 => keyed::<Md4>(secret, message),
            Self::Md5 => keyed::<Md5>(secret, message),
            Self::Ripemd160 => keyed::<Ripemd160>(secret, message),
            Self::Sha1 => keyed::<Sha1>(secret, message),
            Self::Sha256 => keyed::<Sha256>(secret, message),
            Self::Sha384 => keyed::<Sha384>(secret, message),
            Self::Sha512 => keyed::<Sha512>(secret, message),
            Self::Shake128 => extended::<Shake128, SHORT_DIGEST_LENGTH>(secret, message),
            Self::Shake256 => extended::<Shake256, MAXIMUM_MAC_LENGTH>(secret, message),
            Self::Md5Sha1 => Digest::cut(
                &[keyed::<Md5>(secret, message).as_bytes(), keyed::<Sha1>(secret, message).as_bytes()]
                    .concat(),
            ),
            Self::Sha224 => keyed::<Sha224>(secret, message),
            Self::Sha3_224 => keyed::<Sha3_224>(secret, message),
            Self::Sha3_256 => keyed::<Sha3_256>(secret, message),
            Self::Sha3_384 => keyed::<Sha3_384>(secret, message),
            Self::Sha3_512 => keyed::<Sha3_512>(secret, message),
            Self::Sha512_224 => keyed::<Sha512_224>(secret, message),
            Self::Sha512_256 => keyed::<Sha512_256>(secret, message),
            Self::Sm3 => keyed::<Sm3>(secret, message),
        }
    }
}

fn keyed<D: sha1::Digest>(secret: &[u8], message: &[u8]) -> Digest {
    Digest::cut(&D::new().chain_update(secret).chain_update(message).finalize())
}

/// Extendable-output functions.
fn extended<X: Default + shake::Update + ExtendableOutput, const LENGTH: usize>(
    secret: &[u8],
    message: &[u8],
) -> Digest {
    let mut digest = [0; LENGTH];
    X::default().chain(secret).chain(message).finalize_xof().read(&mut digest);
    Digest::cut(&digest)
}

impl fmt::Display for KeyType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The name is not one of [`KeyType`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown key type")]
pub struct UnknownKeyType;

/// A message authentication code as a packet carries it: 16 or 20 octets.
#[derive(Clone, Copy)]
pub struct Digest {
    octets: [u8; MAXIMUM_MAC_LENGTH],
    length: usize,
}

impl Digest {
    /// The first [`MAXIMUM_MAC_LENGTH`] octets of a digest.
    fn cut(digest: &[u8]) -> Self {
        let mut octets = [0; MAXIMUM_MAC_LENGTH];
        octets.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
        Self { octets, length: digest.len().min(MAXIMUM_MAC_LENGTH) }
    }

    /// The octets in network order.
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or(&self.octets)
    }

    /// Whether `other` has the same octets, in a time that depends only on the lengths.
    pub fn matches(&self, other: &[u8]) -> bool {
        self.as_bytes().ct_eq(other).into()
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.as_bytes())
    }
}

impl Eq for Digest {}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Digest(")?;
        self.as_bytes().iter().try_for_each(|octet| write!(formatter, "{octet:02x}"))?;
        formatter.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::octets;
    use super::*;

    /// The examples of RFC 4493, section 4.
    #[test]
    fn aes_cmac_follows_rfc_4493() {
        let key = octets("2b7e151628aed2a6abf7158809cf4f3c");
        let message = octets(
            "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
             30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710",
        );
        for (length, mac) in [
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
            (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ] {
            assert_eq!(KeyType::Aes128Cmac.compute(&key, &message[..length]).as_bytes(), octets(mac));
        }
    }

    /// The digests of "abc" (RFC 1320, 1321; FIPS 180, 202), split at every position into secret and message.
    #[test]
    fn digests_cover_the_secret_and_then_the_message() {
        for (key_type, digest) in [
            (KeyType::Md4, "a448017aaf21d8525fc10ae87aa6729d"),
            (KeyType::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (KeyType::Ripemd160, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
            (KeyType::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (KeyType::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a3"),
            (KeyType::Sha384, "cb00753f45a35e8bb5a03d699ac65007272c32ab"),
            (KeyType::Sha512, "ddaf35a193617abacc417349ae20413112e6fa4e"),
            (KeyType::Shake128, "5881092dd818bf5cf8a3ddb793fbcba7"),
            (KeyType::Md5Sha1, "900150983cd24fb0d6963f7d28e17f72a9993e36"),
            (KeyType::Sha224, "23097d223405d8228642a477bda255b32aadbce4"),
            (KeyType::Sha3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a516"),
            (KeyType::Sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e"),
            (KeyType::Sha3_384, "ec01498288516fc926459f58e2c6ad8df9b473cb"),
            (KeyType::Sha3_512, "b751850b1a57168a5693cd924b6b096e08f62182"),
            (KeyType::Sha512_224, "4634270f707b6a54daae7530460842e20e37ed26"),
            (KeyType::Sha512_256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c6"),
            (KeyType::Shake256, "483366601360a8771c6863080cc4114d8db44530"),
            (KeyType::Sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c487"),
        ] {
            for at in 0..=3 {
                let (secret, message) = b"abc".split_at(at);
                assert_eq!(key_type.compute(secret, message).as_bytes(), octets(digest), "{key_type}");
            }
        }
    }

    #[test]
    fn lengths_agree_with_the_digests() {
        for key_type in KeyType::ALL {
            assert_eq!(
                key_type.compute(b"secret", b"").as_bytes().len(),
                key_type.mac_length(),
                "{key_type}"
            );
        }
        assert_eq!(KeyType::Sha512.digest_length(), 64);
        assert_eq!(KeyType::Sha512.mac_length(), 20);
    }

    #[test]
    fn cmac_secrets_are_padded_with_zeros_or_cut() {
        let cmac = |secret: &[u8]| KeyType::Aes128Cmac.compute(secret, b"message");
        assert_eq!(cmac(b"short"), cmac(b"short\0\0\0\0\0\0\0\0\0\0\0"));
        assert_eq!(cmac(b"0123456789abcdefgh"), cmac(b"0123456789abcdef"));
        assert_ne!(cmac(b"0123456789abcdef"), cmac(b"0123456789abcde"));
    }

    #[test]
    fn a_code_matches_only_itself() {
        let digest = KeyType::Sha1.compute(b"abc", b"");
        assert!(digest.matches(digest.as_bytes()));
        assert!(!digest.matches(&digest.as_bytes()[..19]));
        assert!(!digest.matches(&[digest.as_bytes(), &[0]].concat()));
        assert!(!digest.matches(&[]));
        assert_eq!(format!("{digest:?}"), "Digest(a9993e364706816aba3e25717850c26c9cd0d89d)");
    }
}
