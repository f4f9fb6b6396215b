//! The structures of keys and certificates (RFC 5208, RFC 5280, RFC 8017, RFC 3279).

use super::AutokeyError;
use super::number::Number;
use der::asn1::{ObjectIdentifier, OctetString, SetOfVec, Uint, UintRef};
use der::{Any, Decode as _, Encode as _, Sequence};
use zeroize::Zeroizing;

/// The object identifier of RSA keys.
pub const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// The object identifier of DSA keys.
pub const DSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// An algorithm and its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Algorithm {
    /// The algorithm.
    pub oid: ObjectIdentifier,
    /// Its parameters.
    pub parameters: Option<Any>,
}

/// An encrypted private key (RFC 5208, section 6).
#[derive(Clone, Debug, Sequence)]
pub struct Encrypted {
    /// The encryption algorithm.
    pub algorithm: Algorithm,
    /// The octets.
    pub octets: OctetString,
}

/// A digest with its algorithm.
#[derive(Clone, Debug, Sequence)]
pub struct DigestInfo {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The digest.
    pub digest: OctetString,
}

/// An RSA public key.
#[derive(Clone, Sequence)]
pub struct RsaPublic {
    /// The modulus.
    pub n: Uint,
    /// The exponent.
    pub e: Uint,
}

/// DSA parameters.
#[derive(Clone, Sequence)]
pub struct DsaParameters {
    /// The modulus.
    pub p: Uint,
    /// The order of the generator.
    pub q: Uint,
    /// The generator.
    pub g: Uint,
}

/// A DSA signature.
#[derive(Clone, Sequence)]
pub struct DsaSignature {
    /// The first number, `r`.
    pub r: Uint,
    /// The second number, `s`.
    pub s: Uint,
}

/// A public key and its algorithm.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct PublicKeyInfo {
    /// The algorithm of the key.
    pub algorithm: Algorithm,
    /// The key.
    pub public_key: der::asn1::BitString,
}

/// One attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Sequence, der::ValueOrd)]
pub struct Attribute {
    /// Its object identifier.
    pub oid: ObjectIdentifier,
    /// Its text.
    pub value: Any,
}

/// A name: sets of attributes.
pub type Name = Vec<SetOfVec<Attribute>>;

/// The validity of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Validity {
    /// Not before this.
    pub not_before: Any,
    /// Not after this.
    pub not_after: Any,
}

/// An extension of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Extension {
    /// Its object identifier.
    pub oid: ObjectIdentifier,
    /// Whether a reader must understand it.
    #[asn1(default = "bool::default")]
    pub critical: bool,
    /// Its value, encoded.
    pub value: OctetString,
}

/// The signed part of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertificateBody {
    /// 2 means version 3.
    #[asn1(context_specific = "0", optional = "true")]
    pub version: Option<u8>,
    /// The serial number.
    pub serial: Any,
    /// The signature algorithm.
    pub signature: Algorithm,
    /// The issuer.
    pub issuer: Name,
    /// Its validity.
    pub validity: Validity,
    /// The subject.
    pub subject: Name,
    /// The subject's public key.
    pub public_key: PublicKeyInfo,
    /// The extensions.
    #[asn1(context_specific = "3", optional = "true")]
    pub extensions: Option<Vec<Extension>>,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SignedCertificate {
    /// The signed part.
    pub body: CertificateBody,
    /// The signature algorithm.
    pub algorithm: Algorithm,
    /// The signature.
    pub signature: der::asn1::BitString,
}

/// Encodes a non-negative number.
///
/// # Errors
/// [`AutokeyError::Structure`] for a number that is too large to encode.
pub fn uint(number: &Number) -> Result<Uint, AutokeyError> {
    Ok(Uint::new(&number.octets())?)
}

/// Decodes a number.
pub fn number(uint: &Uint) -> Number {
    Number::from_octets(uint.as_bytes())
}

/// Encodes a sequence of numbers, the form of private keys.
///
/// # Errors
/// [`AutokeyError::Structure`] for numbers that are too large to encode.
pub fn sequence(numbers: &[&Number]) -> Result<Zeroizing<Vec<u8>>, AutokeyError> {
    let octets: Vec<_> = numbers.iter().map(|number| number.octets()).collect();
    let numbers: Vec<UintRef<'_>> =
        octets.iter().map(|octets| UintRef::new(octets)).collect::<Result<_, _>>()?;
    Ok(Zeroizing::new(numbers.to_der()?))
}

/// Decodes a sequence of exactly this many integers.
///
/// # Errors
/// [`AutokeyError::Structure`] if it is not such a sequence.
pub fn numbers<const COUNT: usize>(sequence: &[u8]) -> Result<[Number; COUNT], AutokeyError> {
    let numbers = Vec::<UintRef<'_>>::from_der(sequence)?;
    let numbers: Vec<Number> = numbers.iter().map(|number| Number::from_octets(number.as_bytes())).collect();
    numbers.try_into().map_err(|_| AutokeyError::Structure)
}
