//! What can go wrong between a server's name and its authentic time, and in which layer.

use crate::wire::nts::record::MessageFault;
use rustls::{AlertDescription, CertificateError, Error as TlsError, PeerIncompatible};
use std::fmt;
use thiserror::Error;

/// A layer of what has to work before there is an authentic time, in the order in which they are passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The server's name leads to addresses.
    Name,
    /// A TCP connection to the port of the key exchange.
    Connection,
    /// TLS 1.3.
    Tls,
    /// The certificate: signed by whom we trust, for this name, valid now.
    Certificate,
    /// TLS's agreement that NTS key exchange is what is spoken.
    Alpn,
    /// The records of the key exchange.
    Records,
    /// An algorithm that both sides have.
    Algorithm,
    /// Cookies for the requests.
    Cookies,
    /// The NTP server that the key exchange names.
    Server,
    /// The exchange of NTP packets.
    Exchange,
}

impl Layer {
    /// A word for programs.
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

/// The word for people.
impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CertificateFault {
    /// It is too old; the end of its validity in Unix time, if known.
    #[error("the certificate has expired")]
    Expired(Option<i64>),
    /// It is too new, or the clock is behind; the begin of its validity in Unix time, if known.
    #[error("the certificate is not yet valid")]
    NotYetValid(Option<i64>),
    /// Nobody we trust signed it.
    #[error("the certificate is not signed by an authority that is trusted here")]
    UnknownIssuer,
    /// It is for others.
    #[error("the certificate is not for this name, but for {}", listed(.0))]
    WrongName(Vec<String>),
    /// Something else.
    #[error("the certificate is not acceptable: {0}")]
    Other(String),
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Why there are no keys.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExchangeFault {
    /// What was given is not a name that a certificate can have.
    #[error("not a name that a certificate can have")]
    Name,
    /// What answers does not speak TLS.
    #[error("what answers on this port does not speak TLS")]
    NotTls,
    /// The server has older versions of TLS alone.
    #[error("the server does not speak TLS 1.3, which NTS requires (RFC 8915 section 3)")]
    OldTls,
    /// Another fault of TLS.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The certificate is not believed.
    #[error("{0}")]
    Certificate(CertificateFault),
    /// TLS did not agree upon the key exchange.
    #[error("the server does not offer NTS key exchange (ALPN ntske/1) on this port")]
    Alpn,
    /// The connection ended too early.
    #[error("the server closed the connection {0}")]
    Closed(&'static str),
    /// The server sends without end.
    #[error("the server's answer is too long")]
    TooLong,
    /// The server's message grants nothing.
    #[error("{0}")]
    Message(MessageFault),
    /// The server chose an algorithm that was not offered.
    #[error("the server chose AEAD algorithm {0}, which was not offered")]
    NotOffered(u16),
}

impl ExchangeFault {
    /// In which layer it is.
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
            // The names are those that the certificate itself shows.
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::WrongName(Vec::new())
            }
            error => Self::Other(error.to_string()),
        }
    }
}
