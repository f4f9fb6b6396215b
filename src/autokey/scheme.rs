//! Signature schemes: a digest, and its names in OpenSSL and Autokey for each kind of key.

use super::AutokeyError;
use super::asn1::DigestInfo;
use der::asn1::{Null, ObjectIdentifier, OctetString};
use der::{Any, Encode as _};
use md4::Md4;
use md5::Md5;
use ripemd::Ripemd160;
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

/// A digest for signing certificates.
#[derive(Debug)]
pub struct Scheme {
    /// The name in file names and messages, such as `RSA-SHA256`, for any kind of key.
    pub name: &'static str,
    /// Aliases, in any case.
    aliases: &'static [&'static str],
    /// Whether signatures with this digest can be forged, or soon will be.
    pub is_weak: bool,
    /// The digest.
    digest_oid: ObjectIdentifier,
    /// The signature algorithm with an RSA key.
    pub rsa_oid: ObjectIdentifier,
    /// The signature algorithm with a DSA key and its name, if there is one.
    pub dsa: Option<(ObjectIdentifier, &'static str)>,
    compute: fn(&[u8]) -> Vec<u8>,
}

/// A digest and its scheme.
#[derive(Clone, Debug)]
pub struct SignedDigest {
    scheme: &'static Scheme,
    /// The digest.
    pub octets: Vec<u8>,
}

impl Scheme {
    /// Finds a scheme by name.
    pub fn named(name: &str) -> Option<&'static Self> {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        SCHEMES.iter().find(|scheme| is(scheme.name) || scheme.aliases.iter().any(|alias| is(alias)))
    }

    /// The names of all schemes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SCHEMES.iter().map(|scheme| scheme.name)
    }

    /// Finds the scheme whose signatures with a DSA key have this name.
    pub fn named_for_dsa(name: &str) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.dsa.is_some_and(|(_, known)| known.eq_ignore_ascii_case(name)))
    }

    /// The name of a signature algorithm, as the classic program reads it from a certificate.
    pub fn signature_name(oid: ObjectIdentifier) -> Option<&'static str> {
        SCHEMES.iter().find_map(|scheme| match scheme.dsa {
            Some((known, name)) if known == oid => Some(name),
            _ => (scheme.rsa_oid == oid).then_some(scheme.name),
        })
    }

    /// Computes the digest of a message.
    pub fn digest(&'static self, message: &[u8]) -> SignedDigest {
        SignedDigest { scheme: self, octets: (self.compute)(message) }
    }
}

impl SignedDigest {
    /// The digest with its algorithm identifier (RFC 8017, appendix A.2.4).
    ///
    /// # Errors
    /// [`AutokeyError::Structure`]; does not happen in practice.
    pub fn info(&self) -> Result<Vec<u8>, AutokeyError> {
        let algorithm = super::asn1::Algorithm {
            oid: self.scheme.digest_oid,
            parameters: Some(Any::encode_from(&Null)?),
        };
        Ok(DigestInfo { algorithm, digest: OctetString::new(self.octets.as_slice())? }.to_der()?)
    }

    /// Whether DSA keys can sign this digest.
    pub fn suits_dsa(&self) -> bool {
        self.scheme.dsa.is_some()
    }
}

fn of<D: Digest>(message: &[u8]) -> Vec<u8> {
    D::digest(message).to_vec()
}

/// The OID arcs of RSA Security and NIST for digests and signatures.
const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

static SCHEMES: &[Scheme] = &[
    Scheme {
        name: "RSA-MD4",
        aliases: &["MD4", "md4WithRSAEncryption"],
        is_weak: true,
        digest_oid: oid("1.2.840.113549.2.4"),
        rsa_oid: oid("1.2.840.113549.1.1.3"),
        dsa: None,
        compute: of::<Md4>,
    },
    Scheme {
        name: "RSA-MD5",
        aliases: &["MD5", "md5WithRSAEncryption", "ssl3-md5"],
        is_weak: true,
        digest_oid: oid("1.2.840.113549.2.5"),
        rsa_oid: oid("1.2.840.113549.1.1.4"),
        dsa: None,
        compute: of::<Md5>,
    },
    Scheme {
        name: "RSA-SHA1",
        aliases: &["SHA1", "sha1WithRSAEncryption", "RSA-SHA1-2", "ssl3-sha1"],
        is_weak: true,
        digest_oid: oid("1.3.14.3.2.26"),
        rsa_oid: oid("1.2.840.113549.1.1.5"),
        dsa: Some((oid("1.2.840.10040.4.3"), "DSA-SHA1")),
        compute: of::<Sha1>,
    },
    Scheme {
        name: "RSA-SHA224",
        aliases: &["SHA224", "sha224WithRSAEncryption"],
        is_weak: false,
        digest_oid: oid("2.16.840.1.101.3.4.2.4"),
        rsa_oid: oid("1.2.840.113549.1.1.14"),
        dsa: Some((oid("2.16.840.1.101.3.4.3.1"), "dsa_with_SHA224")),
        compute: of::<Sha224>,
    },
    Scheme {
        name: "RSA-SHA256",
        aliases: &["SHA256", "sha256WithRSAEncryption"],
        is_weak: false,
        digest_oid: oid("2.16.840.1.101.3.4.2.1"),
        rsa_oid: oid("1.2.840.113549.1.1.11"),
        dsa: Some((oid("2.16.840.1.101.3.4.3.2"), "dsa_with_SHA256")),
        compute: of::<Sha256>,
    },
    Scheme {
        name: "RSA-SHA384",
        aliases: &["SHA384", "sha384WithRSAEncryption"],
        is_weak: false,
        digest_oid: oid("2.16.840.1.101.3.4.2.2"),
        rsa_oid: oid("1.2.840.113549.1.1.12"),
        dsa: Some((oid("2.16.840.1.101.3.4.3.3"), "id-dsa-with-sha384")),
        compute: of::<Sha384>,
    },
    Scheme {
        name: "RSA-SHA512",
        aliases: &["SHA512", "sha512WithRSAEncryption"],
        is_weak: false,
        digest_oid: oid("2.16.840.1.101.3.4.2.3"),
        rsa_oid: oid("1.2.840.113549.1.1.13"),
        dsa: Some((oid("2.16.840.1.101.3.4.3.4"), "id-dsa-with-sha512")),
        compute: of::<Sha512>,
    },
    Scheme {
        name: "RSA-RIPEMD160",
        aliases: &["RIPEMD160", "RIPEMD", "RMD160", "ripemd160WithRSA"],
        is_weak: true,
        digest_oid: oid("1.3.36.3.2.1"),
        rsa_oid: oid("1.3.36.3.3.1.2"),
        dsa: None,
        compute: of::<Ripemd160>,
    },
    Scheme {
        name: "id-rsassa-pkcs1-v1_5-with-sha3-224",
        aliases: &["SHA3-224", "RSA-SHA3-224"],
        is_weak: false,
        digest_oid: oid("2.16.840.1.101.3.4.2.7"),
        rsa_oid: oid("2.16.840.1.101.3.4.3.13"),
        dsa: Some((oid("2.16.840.1.101.3.4.3.5"), "id-dsa-with-sha3-224")),
        compute: of::<Sha3_224>,
    },
    Scheme {
        name: "id-rsassa-pkcs1-v1_5-with-sha3-256",
        aliases: &["SHA3-256", "RSA-SHA3-256"],
        is_weak: false,
        digest_oid: oid("2.16.840.1.101.3.4.2.8"),
        rsa_oid: oid("2.16.840.1.101.3.4.3.14"),
        dsa: Some((oid("2.16.840.1.101.3.4.3.6"), "id-dsa-with-sha3-256")),
        compute: of::<Sha3_256>,
    },
    Scheme {
        name: "id-rsassa-pkcs1-v1_5-with-sha3-384",
        aliases: &["SHA3-384", "RSA-SHA3-384"],
        is_weak: false,
        digest_oid: oid("2.16.840.1.101.3.4.2.9"),
        rsa_oid: oid("2.16.840.1.101.3.4.3.15"),
        dsa: Some((oid("2.16.840.1.101.3.4.3.7"), "id-dsa-with-sha3-384")),
        compute: of::<Sha3_384>,
    },
    Scheme {
        name: "id-rsassa-pkcs1-v1_5-with-sha3-512",
        aliases: &["SHA3-512", "RSA-SHA3-512"],
        is_weak: false,
        digest_oid: oid("2.16.840.1.101.3.4.2.10"),
        rsa_oid: oid("2.16.840.1.101.3.4.3.16"),
        dsa: Some((oid("2.16.840.1.101.3.4.3.8"), "id-dsa-with-sha3-512")),
        compute: of::<Sha3_512>,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_the_classic_program() {
        let name = |text: &str| Scheme::named(text).map(|scheme| scheme.name);
        assert_eq!(name("MD5"), Some("RSA-MD5"));
        assert_eq!(name("rsa-md5"), Some("RSA-MD5"));
        assert_eq!(name("RSA-SHA3-256"), Some("id-rsassa-pkcs1-v1_5-with-sha3-256"));
        for unknown in ["RSA-MD2", "RSA-SHA", "RSA-MDC2", "DSA-SHA", "DSA-SHA1", "bogus", ""] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
        assert_eq!(Scheme::named_for_dsa("dsa-sha1").map(|scheme| scheme.name), Some("RSA-SHA1"));
        assert_eq!(Scheme::signature_name(oid("1.2.840.10040.4.3")), Some("DSA-SHA1"));
        assert_eq!(Scheme::signature_name(oid("1.2.840.113549.1.1.11")), Some("RSA-SHA256"));
    }

    #[test]
    fn digests_bear_their_names() {
        // RFC 8017, section 9.2, note 1.
        let info = Scheme::named("SHA256").unwrap().digest(b"").info().unwrap();
        assert_eq!(info[..19], [48, 49, 48, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32]);
        assert_eq!(info[19..23], [0xe3, 0xb0, 0xc4, 0x42]);
    }
}
