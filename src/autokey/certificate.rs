//! Self-signed certificates as Autokey uses them (RFC 5906, appendix H; RFC 5280).

use super::AutokeyError;
use super::asn1::{
    Attribute, CertificateBody, Extension, Name, PublicKeyInfo, SignedCertificate, Validity, number,
};
use super::number::Number;
use super::private_key::PrivateKey;
use super::scheme::Scheme;
use der::asn1::{
    BitString, GeneralizedTime, ObjectIdentifier, OctetString, SetOfVec, Uint, UtcTime, Utf8StringRef,
};
use der::{Any, DateTime, Decode as _, Encode as _, Tag, Tagged as _};
use std::time::Duration;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");

/// The first year without a two-digit form (RFC 5280, section 4.1.2.5).
const FIRST_LONG_YEAR: u16 = 2050;

/// The longest common name (RFC 5280, appendix A.1).
pub const LONGEST_NAME: usize = 64;

/// The role a certificate gives its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A root of trust (`trustRoot`).
    Trusted,
    /// A member of a group that keeps the certificate secret (`private`).
    Private,
}

impl Role {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trusted => "trustRoot",
            Self::Private => "private",
        }
    }

    fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Trusted => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.11"),
            Self::Private => ObjectIdentifier::new_unwrap("1.3.6.1.4"),
        }
    }
}

/// A certificate to generate.
pub struct Request<'a> {
    /// Subject and issuer; empty for a certificate without names.
    pub name: &'a str,
    /// Its serial number.
    pub serial: u32,
    /// Its validity in Unix seconds.
    pub validity: (i64, i64),
    /// The key that is certified and signs the certificate.
    pub key: &'a PrivateKey,
    /// The signature scheme.
    pub scheme: &'static Scheme,
    /// GQ's public number, if that scheme is used.
    pub gq_public: Option<&'a Number>,
    /// Its role, if it has one.
    pub role: Option<Role>,
}

impl Request<'_> {
    /// Generates, verifies and encodes the certificate.
    ///
    /// # Errors
    /// [`AutokeyError::DigestTooBig`] and [`AutokeyError::DigestType`] if key and scheme do not match;
    /// [`AutokeyError::Structure`] for a name or a date that does not fit.
    pub fn issue(&self) -> Result<Vec<u8>, AutokeyError> {
        let algorithm = self.key.signature_algorithm(self.scheme)?;
        let body = CertificateBody {
            version: Some(2),
            serial: Any::encode_from(&Uint::new(&self.serial.to_be_bytes())?)?,
            signature: algorithm.clone(),
            issuer: self.distinguished_name()?,
            validity: Validity { not_before: time(self.validity.0)?, not_after: time(self.validity.1)? },
            subject: self.distinguished_name()?,
            public_key: self.key.public_key()?,
            extensions: Some(self.extensions()?),
        };
        let digest = self.scheme.digest(&body.to_der()?);
        let signature = self.key.sign(&digest)?;
        if !self.key.verify(&digest, &signature) {
            return Err(AutokeyError::Parameters);
        }
        Ok(SignedCertificate { body, algorithm, signature: BitString::from_bytes(&signature)? }.to_der()?)
    }

    fn distinguished_name(&self) -> Result<Name, AutokeyError> {
        if self.name.is_empty() {
            return Ok(Vec::new());
        }
        if self.name.chars().count() > LONGEST_NAME {
            return Err(AutokeyError::Structure);
        }
        let value = Any::encode_from(&Utf8StringRef::new(self.name)?)?;
        Ok(vec![SetOfVec::try_from(vec![Attribute { oid: COMMON_NAME, value }])?])
    }

    fn extensions(&self) -> Result<Vec<Extension>, AutokeyError> {
        // A certificate authority whose key signs data and certificates.
        let mut extensions = vec![
            extension(BASIC_CONSTRAINTS, true, vec![0x30, 3, 1, 1, 0xff])?,
            extension(KEY_USAGE, false, vec![3, 2, 2, 0x84])?,
        ];
        if let Some(public) = self.gq_public {
            let value = OctetString::new(public.octets().as_slice())?.to_der()?;
            extensions.push(extension(SUBJECT_KEY_IDENTIFIER, false, value)?);
        }
        if let Some(role) = self.role {
            extensions.push(extension(EXTENDED_KEY_USAGE, false, vec![role.oid()].to_der()?)?);
        }
        Ok(extensions)
    }
}

fn extension(oid: ObjectIdentifier, critical: bool, value: Vec<u8>) -> Result<Extension, AutokeyError> {
    Ok(Extension { oid, critical, value: OctetString::new(value)? })
}

/// Encodes a time in the form required for its year.
fn time(unix_seconds: i64) -> Result<Any, AutokeyError> {
    let seconds = u64::try_from(unix_seconds).map_err(|_| AutokeyError::Structure)?;
    let date = DateTime::from_unix_duration(Duration::from_secs(seconds))?;
    Ok(if date.year() < FIRST_LONG_YEAR {
        Any::encode_from(&UtcTime::from_date_time(date)?)?
    } else {
        Any::encode_from(&GeneralizedTime::from_date_time(date))?
    })
}

/// A certificate that was read. Its signature is not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate(CertificateBody);

impl Certificate {
    /// Reads an encoded certificate.
    ///
    /// # Errors
    /// [`AutokeyError::Structure`].
    pub fn from_der(octets: &[u8]) -> Result<Self, AutokeyError> {
        Ok(Self(SignedCertificate::from_der(octets)?.body))
    }

    /// The subject's common name.
    pub fn common_name(&self) -> Option<String> {
        let attributes = self.0.subject.iter().flat_map(SetOfVec::iter);
        let name = attributes.into_iter().find(|attribute| attribute.oid == COMMON_NAME)?;
        matches!(name.value.tag(), Tag::Utf8String | Tag::PrintableString | Tag::Ia5String)
            .then(|| String::from_utf8(name.value.value().to_vec()).ok())?
    }

    /// The signature scheme.
    pub fn signature(&self) -> ObjectIdentifier {
        self.0.signature.oid
    }

    /// Its Autokey role, if it has one.
    pub fn role(&self) -> Option<Role> {
        let extension = self.extension(EXTENDED_KEY_USAGE)?;
        let usages = Vec::<ObjectIdentifier>::from_der(extension.value.as_bytes()).ok()?;
        [Role::Trusted, Role::Private].into_iter().find(|role| usages.contains(&role.oid()))
    }

    /// The serial number.
    pub fn serial(&self) -> Option<Number> {
        Some(number(&self.0.serial.decode_as::<Uint>().ok()?))
    }

    /// Its validity in Unix seconds.
    pub fn validity(&self) -> Option<(u64, u64)> {
        let read = |time: &Any| {
            let date = match time.tag() {
                Tag::UtcTime => time.decode_as::<UtcTime>().ok()?.to_date_time(),
                _ => time.decode_as::<GeneralizedTime>().ok()?.to_date_time(),
            };
            Some(date.unix_duration().as_secs())
        };
        Some((read(&self.0.validity.not_before)?, read(&self.0.validity.not_after)?))
    }

    /// The subject's public key.
    pub fn public_key(&self) -> &PublicKeyInfo {
        &self.0.public_key
    }

    fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension> {
        self.0.extensions.iter().flatten().find(|extension| extension.oid == oid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autokey::rsa::RsaKey;
    use proptest::prelude::*;

    fn request(key: &PrivateKey) -> Request<'_> {
        Request {
            name: "alice@grp",
            serial: 4_004_178_162,
            validity: (1_795_189_362, 1_826_725_362),
            key,
            scheme: Scheme::named("RSA-MD5").unwrap(),
            gq_public: None,
            role: Some(Role::Trusted),
        }
    }

    #[test]
    fn certificates_contain_the_requested_fields() {
        let key = PrivateKey::Rsa(RsaKey::generate(512).unwrap());
        let octets = request(&key).issue().unwrap();
        let certificate = Certificate::from_der(&octets).unwrap();
        assert_eq!(certificate.common_name().as_deref(), Some("alice@grp"));
        assert_eq!(certificate.role(), Some(Role::Trusted));
        assert_eq!(certificate.serial(), Some(Number::from(4_004_178_162)));
        assert_eq!(certificate.validity(), Some((1_795_189_362, 1_826_725_362)));
        assert_eq!(Scheme::signature_name(certificate.signature()), Some("RSA-MD5"));
        assert_eq!(certificate.public_key(), &key.public_key().unwrap());
    }

    #[test]
    fn the_encoding_matches_the_classic_program() {
        let key = PrivateKey::Rsa(RsaKey::generate(512).unwrap());
        let octets = request(&key).issue().unwrap();
        let hexadecimal: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        for part in [
            // Version 3, the serial number, MD5 with RSA.
            "a003020102020500eeaae8f2300d06092a864886f70d0101040500",
            // A single common name, in UTF-8.
            "30143112301006035504030c09616c69636540677270",
            // The dates with two-digit years.
            "301e170d3236313132303135343234325a170d3237313132303135343234325a",
            // The extensions.
            "a336303430 0f0603551d130101ff040530030101ff 300b0603551d0f040403020284 30140603551d25040d300b06092b060105050730010b",
        ] {
            assert!(hexadecimal.contains(&part.replace(' ', "")), "{part}\n{hexadecimal}");
        }
    }

    #[test]
    fn dates_from_2050_have_four_digit_years() {
        let key = PrivateKey::Rsa(RsaKey::generate(512).unwrap());
        let late = Request { validity: (1_795_189_362, 2_600_000_000), role: None, ..request(&key) };
        let certificate = Certificate::from_der(&late.issue().unwrap()).unwrap();
        assert_eq!(certificate.validity(), Some((1_795_189_362, 2_600_000_000)));
        assert_eq!(certificate.role(), None);
        for validity in [(-1, 5), (0, i64::MAX)] {
            assert_eq!(Request { validity, ..request(&key) }.issue(), Err(AutokeyError::Structure));
        }
        let long = "x".repeat(65);
        assert_eq!(Request { name: &long, ..request(&key) }.issue(), Err(AutokeyError::Structure));
    }

    proptest! {
        #[test]
        fn any_octets_are_read(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Certificate::from_der(&octets).is_err());
        }
    }
}
