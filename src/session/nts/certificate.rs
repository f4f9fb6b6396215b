//! The contents of a server's certificate.

use super::distinguished;
use rustls::pki_types::CertificateDer;
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// Maximum number of names kept per certificate.
const MAX_NAMES: usize = 16;

/// The validity of a certificate, or of a whole chain: seconds of Unix time, both ends included (RFC 5280 section
/// 4.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The beginning.
    pub not_before: i64,
    /// The end.
    pub not_after: i64,
}

impl Validity {
    /// Whether it is valid at this time.
    pub fn contains(&self, time: i64) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }

    /// Returns the valid time nearest to this one; `None` if the interval is empty.
    pub fn nearest(&self, time: i64) -> Option<i64> {
        (self.not_before <= self.not_after).then(|| time.clamp(self.not_before, self.not_after))
    }
}

/// The parts of a certificate that people want to see. Its strings come from the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The subject.
    pub subject: String,
    /// The issuer.
    pub issuer: String,
    /// The names and addresses that it is valid for.
    pub names: Vec<String>,
    /// Its validity.
    pub validity: Validity,
}

impl Certificate {
    /// Parses a certificate; `None` if it is malformed.
    pub fn parse(certificate: &[u8]) -> Option<Self> {
        let parsed = Parsed::from_der(certificate).ok()?;
        let certificate = parsed.tbs_certificate();
        let names = certificate.get_extension::<SubjectAltName>().ok().flatten();
        let names = names.map_or(Vec::new(), |(_, names)| names.0);
        let seconds = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
        Some(Self {
            subject: distinguished::text(certificate.subject()),
            issuer: distinguished::text(certificate.issuer()),
            names: names.iter().filter_map(name).take(MAX_NAMES).collect(),
            validity: Validity {
                not_before: seconds(certificate.validity().not_before)?,
                not_after: seconds(certificate.validity().not_after)?,
            },
        })
    }
}

fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        GeneralName::IpAddress(address) => match address.as_bytes().len() {
            4 => <[u8; 4]>::try_from(address.as_bytes())
                .ok()
                .map(|octets| std::net::IpAddr::from(octets).to_string()),
            _ => <[u8; 16]>::try_from(address.as_bytes())
                .ok()
                .map(|octets| std::net::IpAddr::from(octets).to_string()),
        },
        _ => None,
    }
}

/// Returns when all of these are valid; `None` if one of them is not a certificate.
pub(super) fn common_validity<'a>(
    chain: impl IntoIterator<Item = &'a CertificateDer<'a>>,
) -> Option<Validity> {
    let mut common = Validity { not_before: i64::MIN, not_after: i64::MAX };
    for certificate in chain {
        let validity = Certificate::parse(certificate)?.validity;
        common.not_before = common.not_before.max(validity.not_before);
        common.not_after = common.not_after.min(validity.not_after);
    }
    Some(common)
}
