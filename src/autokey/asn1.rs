//! The structures of keys and certificates (RFC 5208, RFC 5280, RFC 8017, RFC 3279).

use super::AutokeyError;
use super::number::Number;
use der::asn1::{ObjectIdentifier, OctetString, SetOfVec, Uint, UintRef};
use der::{Any, Decode as _, Encode as _, Sequence};
use zeroize::Zeroizing;

/// The name of RSA keys.
pub const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// The name of DSA keys.
pub const DSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// An algorithm and its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Algorithm {
    /// The algorithm.
    pub oid: ObjectIdentifier,
    /// Its parameters.
    pub parameters: Option<Any>,
}

/// Octets that are encrypted somehow (RFC 5208, section 6).
#[derive(Clone, Debug, Sequence)]
pub struct Encrypted {
    /// How.
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

/// The public key of RSA.
#[derive(Clone, Sequence)]
pub struct RsaPublic {
    /// The modulus.
    pub n: Uint,
    /// The exponent.
    pub e: Uint,
}

/// The parameters of DSA.
#[derive(Clone, Sequence)]
pub struct DsaParameters {
    /// The modulus.
    pub p: Uint,
    /// The order of the generator.
    pub q: Uint,
    /// The generator.
    pub g: Uint,
}

/// A signature of DSA.
#[derive(Clone, Sequence)]
pub struct DsaSignature {
    /// The first number.
    pub r: Uint,
    /// The second number.
    pub s: Uint,
}

/// A public key and its algorithm.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct PublicKeyInfo {
    /// The kind of key.
    pub algorithm: Algorithm,
    /// The key.
    pub public_key: der::asn1::BitString,
}

/// One attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Sequence, der::ValueOrd)]
pub struct Attribute {
    /// What it is.
    pub oid: ObjectIdentifier,
    /// Its text.
    pub value: Any,
}

/// A name: sets of attributes.
pub type Name = Vec<SetOfVec<Attribute>>;

/// From when to when a certificate holds.
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
    /// What it is.
    pub oid: ObjectIdentifier,
    /// Whether a reader must understand it.
    #[asn1(default = "bool::default")]
    pub critical: bool,
    /// Its value, encoded.
    pub value: OctetString,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertificateBody {
    /// 2 means version 3.
    #[asn1(context_specific = "0", optional = "true")]
    pub version: Option<u8>,
    /// The serial number.
    pub serial: Any,
    /// How it is signed.
    pub signature: Algorithm,
    /// By whom it is signed.
    pub issuer: Name,
    /// From when to when it holds.
    pub validity: Validity,
    /// Whom it certifies.
    pub subject: Name,
    /// The key it certifies.
    pub public_key: PublicKeyInfo,
    /// The extensions.
    #[asn1(context_specific = "3", optional = "true")]
    pub extensions: Option<Vec<Extension>>,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SignedCertificate {
    /// What it says.
    pub body: CertificateBody,
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The signature.
    pub signature: der::asn1::BitString,
}

/// A number that is not negative, encoded.
///
/// # Errors
/// [`AutokeyError::Structure`] for a number beyond all sizes.
pub fn uint(number: &Number) -> Result<Uint, AutokeyError> {
    Ok(Uint::new(&number.octets())?)
}

/// The number that is encoded.
pub fn number(uint: &Uint) -> Number {
    Number::from_octets(uint.as_bytes())
}

/// A sequence of numbers, encoded: what private keys are.
///
/// # Errors
/// [`AutokeyError::Structure`] for numbers beyond all sizes.
pub fn sequence(numbers: &[&Number]) -> Result<Zeroizing<Vec<u8>>, AutokeyError> {
    let octets: Vec<_> = numbers.iter().map(|number| number.octets()).collect();
    let numbers: Vec<UintRef<'_>> =
        octets.iter().map(|octets| UintRef::new(octets)).collect::<Result<_, _>>()?;
    Ok(Zeroizing::new(numbers.to_der()?))
}

/// The integers of an encoded sequence with exactly this many of them.
///
/// # Errors
/// [`AutokeyError::Structure`] if it is none.
pub fn numbers<const COUNT: usize>(sequence: &[u8]) -> Result<[Number; COUNT], AutokeyError> {
    let numbers = Vec::<UintRef<'_>>::from_der(sequence)?;
    let numbers: Vec<Number> = numbers.iter().map(|number| Number::from_octets(number.as_bytes())).collect();
    numbers.try_into().map_err(|_| AutokeyError::Structure)
}
