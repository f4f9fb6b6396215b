//! What can go wrong between a server's name and its authentic time, and in which layer.

use crate::wire::nts::record::MessageFault;
use rustls::{AlertDescription, CertificateError, Error as TlsError, PeerIncompatible};
use std::fmt;
use thiserror::Error;

/// A layer on the way to an authentic time, in the order in which they are passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The server's name leads to addresses.
    Name,
    /// A TCP connection to the port of the key exchange.
    Connection,
    /// TLS 1.3.
    Tls,
    /// The certificate: signed by a trusted authority, for this name, valid now.
    Certificate,
    /// ALPN: TLS agrees on the NTS key exchange protocol.
    Alpn,
    /// The records of the key exchange.
    Records,
    /// An algorithm that both sides support.
    Algorithm,
    /// Cookies for the requests.
    Cookies,
    /// The NTP server that the key exchange names.
    Server,
    /// The exchange of NTP packets.
    Exchange,
}

impl Layer {
    /// Returns a keyword for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Connection => "tcp",
            Self::Tls => "tls",
            Self::Certificate => "certificate",
            Self::Alpn => "alpn",
            Self::Records => "records",
            Self::Algorithm => "aead",
            Self::Cookies => "cookies",
            Self::Server => "server",
            Self::Exchange => "ntp",
        }
    }
}

/// The name of the layer, for people.
impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CertificateFault {
    /// It has expired; when, in Unix time, if known.
    #[error("the certificate has expired")]
    Expired(Option<i64>),
    /// It is not yet valid, or the clock is behind; when it becomes valid, in Unix time, if known.
    #[error("the certificate is not yet valid")]
    NotYetValid(Option<i64>),
    /// It is not signed by a trusted authority.
    #[error("the certificate is not signed by an authority that is trusted here")]
    UnknownIssuer,
    /// It is for other names.
    #[error("the certificate is not for this name, but for {}", listed(.0))]
    WrongName(Vec<String>),
    /// Another problem.
    #[error("the certificate is not acceptable: {0}")]
    Other(String),
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Why the key exchange failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExchangeFault {
    /// The name is not one that a certificate can have.
    #[error("not a name that a certificate can have")]
    Name,
    /// The service does not speak TLS.
    #[error("what answers on this port does not speak TLS")]
    NotTls,
    /// The server supports only older versions of TLS.
    #[error("the server does not speak TLS 1.3, which NTS requires (RFC 8915 section 3)")]
    OldTls,
    /// Another TLS error.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The certificate was rejected.
    #[error("{0}")]
    Certificate(CertificateFault),
    /// TLS did not agree on the key exchange protocol.
    #[error("the server does not offer NTS key exchange (ALPN ntske/1) on this port")]
    Alpn,
    /// The connection ended too early.
    #[error("the server closed the connection {0}")]
    Closed(&'static str),
    /// The server's answer has no end.
    #[error("the server's answer is too long")]
    TooLong,
    /// The server's message does not grant keys and cookies.
    #[error("{0}")]
    Message(MessageFault),
    /// The server chose an algorithm that was not offered.
    #[error("the server chose AEAD algorithm {0}, which was not offered")]
    NotOffered(u16),
}

impl ExchangeFault {
    /// Returns the layer that failed.
    pub fn layer(&self) -> Layer {
        match self {
            Self::Name => Layer::Name,
            Self::NotTls | Self::OldTls | Self::Tls(_) | Self::Closed("during the TLS handshake") => {
                Layer::Tls
            }
            Self::Certificate(_) => Layer::Certificate,
            Self::Alpn => Layer::Alpn,
            Self::Message(MessageFault::NoAlgorithm) | Self::NotOffered(_) => Layer::Algorithm,
            Self::Message(MessageFault::NoCookies) => Layer::Cookies,
            Self::Closed(_) | Self::TooLong | Self::Message(_) => Layer::Records,
        }
    }
}

impl From<TlsError> for ExchangeFault {
    fn from(error: TlsError) -> Self {
        match error {
            TlsError::InvalidMessage(_) => Self::NotTls,
            TlsError::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::SupportedVersionsExtensionRequired,
            )
            | TlsError::AlertReceived(AlertDescription::ProtocolVersion) => Self::OldTls,
            TlsError::AlertReceived(AlertDescription::NoApplicationProtocol)
            | TlsError::NoApplicationProtocol => Self::Alpn,
            TlsError::InvalidCertificate(error) => Self::Certificate(error.into()),
            error => Self::Tls(error.to_string()),
        }
    }
}

impl From<CertificateError> for CertificateFault {
    fn from(error: CertificateError) -> Self {
        let seconds = |time: rustls::pki_types::UnixTime| i64::try_from(time.as_secs()).ok();
        match error {
            CertificateError::Expired => Self::Expired(None),
            CertificateError::ExpiredContext { not_after, .. } => Self::Expired(seconds(not_after)),
            CertificateError::NotValidYet => Self::NotYetValid(None),
            CertificateError::NotValidYetContext { not_before, .. } => Self::NotYetValid(seconds(not_before)),
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
            // The names that the certificate itself contains.
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::WrongName(Vec::new())
            }
            error => Self::Other(error.to_string()),
        }
    }
}
