//! Whether to trust a server's certificate, and at which time.

use super::certificate::{Certificate, Validity, common_validity};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is remembered of a certificate, trusted or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The server's own certificate.
    pub certificate: Option<Certificate>,
    /// When the trusted chain is valid.
    pub validity: Option<Validity>,
    /// Whether it was trusted only because the clock was not.
    pub clock_disbelieved: bool,
}

/// The usual verification, at a time given by the caller. If the clock may be wrong, as at boot, a chain that is valid
/// at some other time is trusted too; everything else about it is verified as usual.
#[derive(Debug)]
pub(super) struct Verifier {
    usual: Arc<WebPkiServerVerifier>,
    now: i64,
    disbelieve_clock: bool,
    seen: Mutex<Seen>,
}

impl Verifier {
    pub(super) fn new(usual: Arc<WebPkiServerVerifier>, now: i64, disbelieve_clock: bool) -> Self {
        Self { usual, now, disbelieve_clock, seen: Mutex::default() }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn unix_time(seconds: i64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// Whether the time is the only thing wrong with a certificate.
fn is_about_time(error: &Error) -> bool {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(
        error,
        Error::InvalidCertificate(Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. })
    )
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.remember(|seen| seen.certificate = Certificate::parse(end_entity));
        let verify = |now| {
            let now = unix_time(now);
            self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let whole = common_validity(std::iter::once(end_entity).chain(intermediates));
        let own = common_validity([end_entity]);
        let mut verified = verify(self.now);
        let mut believed = own;
        if self.disbelieve_clock && verified.as_ref().is_err_and(is_about_time) {
            // A chain may contain irrelevant certificates, which need not be valid at any time.
            for validity in [whole, own].into_iter().flatten() {
                let Some(time) = validity.nearest(self.now) else { continue };
                let again = verify(time);
                let is_believed = again.is_ok();
                // Any other error counts.
                if !again.as_ref().is_err_and(is_about_time) {
                    verified = again;
                }
                if is_believed {
                    believed = Some(validity);
                    self.remember(|seen| seen.clock_disbelieved = true);
                    break;
                }
            }
        }
        if verified.is_ok() {
            self.remember(|seen| seen.validity = believed);
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
