//! The key exchange (RFC 8915 section 4) over a TCP stream that the caller reads and writes.

use super::association::Association;
use super::certificate::{Certificate, Validity};
use super::fault::{CertificateFault, ExchangeFault, Layer};
use super::trust::Verifier;
use crate::auth::aead::{Aead, AeadKey};
use crate::wire::nts::record::{self, Grant, MESSAGE_LIMIT};
use crate::wire::nts::{ALPN, EXPORTER_LABEL, PROTOCOL_NTPV4};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Maximum number of octets accepted from the stream, including TLS overhead.
const STREAM_LIMIT: usize = 1 << 17;
/// Octets read from TLS at a time.
const PIECE: usize = 4096;

/// Parameters common to all key exchanges.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The trusted certification authorities.
    pub roots: Arc<RootCertStore>,
    /// The algorithms to offer, in order of preference.
    pub algorithms: Vec<Aead>,
    /// This machine's time, in seconds of Unix time.
    pub now: i64,
    /// Whether to accept certificates that are valid at another time than now, because the clock may be wrong.
    pub disbelieve_clock: bool,
}

impl Terms {
    /// Creates terms with these authorities and this time that offer all algorithms.
    pub fn new(roots: RootCertStore, now: i64) -> Self {
        Self { roots: Arc::new(roots), algorithms: Aead::ALL.to_vec(), now, disbelieve_clock: false }
    }
}

/// What TLS negotiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The name of the cipher suite.
    pub cipher_suite: String,
    /// The name of the key exchange group.
    pub group: String,
}

/// The result of a key exchange.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Keys and cookies.
    pub association: Association,
    /// The NTP server to use, if not the key exchange server.
    pub server: Option<String>,
    /// Its port, if not 123.
    pub port: Option<u16>,
    /// The algorithm.
    pub algorithm: Aead,
    /// Whether the keys of `AEAD_AES_128_GCM_SIV` were exported under its own number.
    pub compliant: bool,
    /// The codes of the server's warnings.
    pub warnings: Vec<u16>,
    /// What TLS negotiated.
    pub handshake: Handshake,
    /// The server's certificate.
    pub certificate: Option<Certificate>,
    /// When the server's certificate chain is valid.
    pub validity: Option<Validity>,
    /// Whether the certificate was accepted only because the clock may be wrong; if so, the time obtained must lie
    /// within [`Agreement::validity`].
    pub clock_disbelieved: bool,
    /// The server's message, for display.
    pub message: Vec<u8>,
}

/// The stage of an exchange.
#[derive(Debug)]
enum Stage {
    Handshake,
    Answer,
    Over,
}

/// One key exchange.
#[derive(Debug)]
pub struct KeyExchange {
    tls: ClientConnection,
    verifier: Arc<Verifier>,
    offer: Vec<Aead>,
    stage: Stage,
    taken: usize,
    message: Vec<u8>,
    outcome: Option<Result<Agreement, ExchangeFault>>,
}

impl KeyExchange {
    /// Starts an exchange with the server of this name, or address if the certificate is for one.
    ///
    /// # Errors
    /// The name is invalid, or TLS cannot start.
    pub fn new(terms: &Terms, name: &str) -> Result<Self, ExchangeFault> {
        let name = name.strip_suffix('.').unwrap_or(name);
        let name = name.split_once('%').map_or(name, |(address, _)| address);
        let name = ServerName::try_from(name.to_owned()).map_err(|_| ExchangeFault::Name)?;
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let usual = WebPkiServerVerifier::builder_with_provider(terms.roots.clone(), provider.clone())
            .build()
            .map_err(|error| ExchangeFault::Tls(error.to_string()))?;
        let verifier = Arc::new(Verifier::new(usual, terms.now, terms.disbelieve_clock));
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(verifier.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.resumption = Resumption::disabled();
        let tls = ClientConnection::new(Arc::new(config), name)?;
        Ok(Self {
            tls,
            verifier,
            offer: terms.algorithms.clone(),
            stage: Stage::Handshake,
            taken: 0,
            message: Vec::new(),
            outcome: None,
        })
    }

    /// Returns the octets to send next; empty if there are none.
    pub fn poll_transmit(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        while self.tls.wants_write() {
            // Writing to a vector always succeeds.
            match self.tls.write_tls(&mut octets) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        octets
    }

    /// Returns the outcome, once.
    pub fn poll_outcome(&mut self) -> Option<Result<Agreement, ExchangeFault>> {
        self.outcome.take()
    }

    /// Returns the server's certificate, if it arrived, trusted or not.
    pub fn certificate(&self) -> Option<Certificate> {
        self.verifier.seen().certificate
    }

    /// Returns the layer that is being waited for.
    pub fn awaited(&self) -> Layer {
        if matches!(self.stage, Stage::Handshake) { Layer::Tls } else { Layer::Records }
    }

    /// Whether the outcome is known.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Processes octets that arrived.
    pub fn handle_octets(&mut self, mut octets: &[u8]) {
        self.taken = self.taken.saturating_add(octets.len());
        while !octets.is_empty() && !self.is_over() {
            if let Err(mut fault) = self.advance(&mut octets) {
                if let ExchangeFault::Certificate(CertificateFault::WrongName(names)) = &mut fault {
                    *names = self.certificate().map_or(Vec::new(), |certificate| certificate.names);
                }
                self.end(Err(fault));
            }
        }
        if self.taken > STREAM_LIMIT {
            self.end(Err(ExchangeFault::TooLong));
        }
    }

    /// Records that the server closed the stream.
    pub fn handle_close(&mut self) {
        self.end(Err(ExchangeFault::Closed(match self.stage {
            Stage::Handshake => "during the TLS handshake",
            _ if self.message.is_empty() => "without answering",
            _ => "before its answer was complete",
        })));
    }

    fn end(&mut self, outcome: Result<Agreement, ExchangeFault>) {
        if !self.is_over() {
            self.stage = Stage::Over;
            self.outcome = Some(outcome);
            self.tls.send_close_notify();
        }
    }

    fn advance(&mut self, octets: &mut &[u8]) -> Result<(), ExchangeFault> {
        let read = self.tls.read_tls(octets).map_err(|error| ExchangeFault::Tls(error.to_string()))?;
        self.tls.process_new_packets()?;
        if matches!(self.stage, Stage::Handshake) && !self.tls.is_handshaking() {
            if self.tls.alpn_protocol() != Some(ALPN) {
                return Err(ExchangeFault::Alpn);
            }
            let numbers: Vec<u16> = self.offer.iter().map(|aead| aead.number()).collect();
            let compliant = self.offer.contains(&Aead::Aes128GcmSiv);
            let asked = self.tls.writer().write_all(&record::request(&numbers, compliant));
            asked.map_err(|error| ExchangeFault::Tls(error.to_string()))?;
            self.stage = Stage::Answer;
        }
        let ended = self.take_text()?;
        if let Some(length) = record::message_length(&self.message) {
            self.message.truncate(length);
            let agreement = self.agreement()?;
            self.end(Ok(agreement));
        } else if ended || read == 0 {
            // Some servers mark the end of the message by closing the stream.
            if matches!(Grant::parse(&self.message), Err(record::MessageFault::Refused(_))) {
                return self.agreement().map(|_| ());
            }
            self.handle_close();
        }
        Ok(())
    }

    /// Takes the decrypted octets; returns whether they were the last.
    fn take_text(&mut self) -> Result<bool, ExchangeFault> {
        let mut piece = [0; PIECE];
        loop {
            match self.tls.reader().read(&mut piece) {
                Ok(0) => return Ok(true),
                Ok(count) => {
                    self.message.extend(piece.get(..count).unwrap_or_default());
                    if self.message.len() > MESSAGE_LIMIT {
                        return Err(ExchangeFault::TooLong);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(true),
                Err(error) => return Err(ExchangeFault::Tls(error.to_string())),
            }
        }
    }

    fn agreement(&self) -> Result<Agreement, ExchangeFault> {
        let grant = Grant::parse(&self.message).map_err(ExchangeFault::Message)?;
        let offered = |aead: &Aead| self.offer.contains(aead);
        let algorithm = Aead::from_number(grant.algorithm)
            .filter(offered)
            .ok_or(ExchangeFault::NotOffered(grant.algorithm))?;
        // Before the record for it existed, chrony exported keys for the shorter algorithm under the other one's
        // number.
        let exported_as = if grant.compliant { algorithm } else { Aead::AesSivCmac256 };
        let key = |from_server| self.key(algorithm, exported_as, from_server);
        let seen = self.verifier.seen();
        let suite = self.tls.negotiated_cipher_suite();
        let group = self.tls.negotiated_key_exchange_group();
        Ok(Agreement {
            association: Association::new(key(false)?, key(true)?, grant.cookies),
            server: grant.server,
            port: grant.port,
            algorithm,
            compliant: grant.compliant,
            warnings: grant.warnings,
            handshake: Handshake {
                cipher_suite: suite.map_or(String::new(), |suite| format!("{:?}", suite.suite())),
                group: group.map_or(String::new(), |group| format!("{:?}", group.name())),
            },
            certificate: seen.certificate,
            validity: seen.validity,
            clock_disbelieved: seen.clock_disbelieved,
            message: self.message.clone(),
        })
    }

    /// Exports the key for one direction (RFC 8915 section 5.1).
    fn key(&self, algorithm: Aead, exported_as: Aead, from_server: bool) -> Result<AeadKey, ExchangeFault> {
        let [protocol_high, protocol_low] = PROTOCOL_NTPV4.to_be_bytes();
        let [high, low] = exported_as.number().to_be_bytes();
        let context = [protocol_high, protocol_low, high, low, u8::from(from_server)];
        let octets = zeroize::Zeroizing::new(vec![0; algorithm.key_length()]);
        let octets = self.tls.export_keying_material(octets, EXPORTER_LABEL, Some(&context))?;
        AeadKey::new(algorithm, &octets).ok_or(ExchangeFault::NotOffered(algorithm.number()))
    }
}
