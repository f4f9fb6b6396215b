//! Whole key exchanges with a TLS server in the same process.

mod association;

use super::fault::CertificateFault;
use super::*;
use crate::auth::aead::{Aead, AeadKey};
use crate::wire::nts::record::{MessageFault, Record, RecordType, records};
use crate::wire::nts::{ALPN, EXPORTER_LABEL};
use proptest::prelude::*;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use std::io::{Read, Write};
use std::sync::Arc;

/// Made with OpenSSL; the server's certificate is valid from June to the end of August 2026.
const CA: &[u8] = include_bytes!("tests/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("tests/server.pem");
const KEY: &[u8] = include_bytes!("tests/server.key");
const NOT_BEFORE: i64 = 1_780_272_000;
const NOT_AFTER: i64 = 1_788_220_800;
const JULY: i64 = NOT_BEFORE + 30 * 86_400;

fn terms() -> Terms {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CA).unwrap()).unwrap();
    Terms::new(roots, JULY)
}

/// A scripted server.
struct Server {
    tls: ServerConnection,
    asked: Vec<u8>,
    answer: Vec<u8>,
}

impl Server {
    fn new(alpn: &[&[u8]], answer: Vec<u8>) -> Self {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
                PrivateKeyDer::from_pem_slice(KEY).unwrap(),
            )
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Self { tls: ServerConnection::new(Arc::new(config)).unwrap(), asked: Vec::new(), answer }
    }

    fn granting(records: &[(u16, &[u8])]) -> Self {
        Self::new(&[ALPN], grant(records))
    }

    /// Processes octets; returns those to send.
    fn turn(&mut self, mut octets: &[u8]) -> Vec<u8> {
        while !octets.is_empty() {
            self.tls.read_tls(&mut octets).unwrap();
            if self.tls.process_new_packets().is_err() {
                break;
            }
        }
        let mut text = [0; 1024];
        if let Ok(count) = self.tls.reader().read(&mut text) {
            self.asked.extend(&text[..count]);
            if !self.asked.is_empty() && !self.answer.is_empty() {
                self.tls.writer().write_all(&std::mem::take(&mut self.answer)).unwrap();
            }
        }
        let mut sent = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut sent).unwrap();
        }
        sent
    }

    fn key(&self, aead: Aead, exported_as: Aead, from_server: u8) -> AeadKey {
        let number = exported_as.number().to_be_bytes();
        let context = [0, 0, number[0], number[1], from_server];
        let octets = vec![0; aead.key_length()];
        let octets = self.tls.export_keying_material(octets, EXPORTER_LABEL, Some(&context)).unwrap();
        AeadKey::new(aead, &octets).unwrap()
    }
}

fn grant(records: &[(u16, &[u8])]) -> Vec<u8> {
    let mut message = Vec::new();
    for (kind, body) in records {
        Record { critical: false, kind: RecordType(*kind), body }.write(&mut message);
    }
    Record { critical: true, kind: RecordType::END_OF_MESSAGE, body: &[] }.write(&mut message);
    message
}

const PROTOCOL: (u16, &[u8]) = (1, &[0, 0]);
const SIV: (u16, &[u8]) = (4, &[0, 15]);
const COOKIE: (u16, &[u8]) = (5, &[7; 100]);

/// Plays an exchange to its end; `pieces`: how many octets arrive here at a time.
fn play(
    terms: &Terms,
    name: &str,
    server: &mut Server,
    pieces: usize,
) -> (KeyExchange, Result<Agreement, ExchangeFault>) {
    let mut exchange = KeyExchange::new(terms, name).unwrap();
    for _ in 0..10 {
        let sent = exchange.poll_transmit();
        for piece in server.turn(&sent).chunks(pieces) {
            exchange.handle_octets(piece);
        }
        if let Some(outcome) = exchange.poll_outcome() {
            return (exchange, outcome);
        }
    }
    exchange.handle_close();
    let outcome = exchange.poll_outcome().unwrap();
    (exchange, outcome)
}

/// TLS 1.3 takes one round trip, and the request leaves together with its last message: the answer is there after the
/// second.
#[test]
fn a_key_exchange_takes_two_round_trips_after_the_connection() {
    let mut exchanges: Vec<(KeyExchange, Server)> = (0..8)
        .map(|_| {
            (KeyExchange::new(&terms(), "nts.example").unwrap(), Server::granting(&[PROTOCOL, SIV, COOKIE]))
        })
        .collect();
    let mut flights = 0;
    let mut outcomes = 0;
    while outcomes < exchanges.len() {
        flights += 1;
        assert!(flights <= 2, "{outcomes} of {} have ended", exchanges.len());
        for (exchange, server) in &mut exchanges {
            let sent = exchange.poll_transmit();
            assert!(!sent.is_empty());
            exchange.handle_octets(&server.turn(&sent));
            outcomes += usize::from(exchange.poll_outcome().is_some_and(|outcome| outcome.is_ok()));
        }
    }
    assert_eq!(flights, 2);
}

fn fault(terms: &Terms, name: &str, server: &mut Server) -> ExchangeFault {
    play(terms, name, server, usize::MAX).1.unwrap_err()
}

#[test]
fn an_exchange_yields_the_servers_keys() {
    for (number, compliant, algorithm, exported_as) in [
        (&[0, 15], false, Aead::AesSivCmac256, Aead::AesSivCmac256),
        (&[0, 15], true, Aead::AesSivCmac256, Aead::AesSivCmac256),
        (&[0, 30], true, Aead::Aes128GcmSiv, Aead::Aes128GcmSiv),
        (&[0, 30], false, Aead::Aes128GcmSiv, Aead::AesSivCmac256),
    ] {
        let mut said = vec![PROTOCOL, (4, &number[..]), (6, b"ntp.example"), (7, &[0, 99]), COOKIE, COOKIE];
        if compliant {
            said.push((1024, &[]));
        }
        for pieces in [1, 7, usize::MAX] {
            let mut server = Server::granting(&said);
            let (_, agreement) = play(&terms(), "nts.example", &mut server, pieces);
            let agreement = agreement.unwrap();
            assert_eq!((agreement.algorithm, agreement.compliant), (algorithm, compliant));
            assert_eq!((agreement.server.as_deref(), agreement.port), (Some("ntp.example"), Some(99)));
            assert_eq!(agreement.association.cookies().len(), 2);
            let (ours, theirs) = agreement.association.keys();
            assert_eq!(ours.octets(), server.key(algorithm, exported_as, 0).octets());
            assert_eq!(theirs.octets(), server.key(algorithm, exported_as, 1).octets());
            let asked: Vec<u16> = records(&server.asked).map(|record| record.kind.0).collect();
            assert_eq!(asked, [1, 4, 1024, 0]);
            let certificate = agreement.certificate.unwrap();
            assert_eq!(
                (certificate.subject.as_str(), certificate.issuer.as_str()),
                ("CN=nts.example", "CN=Example CA")
            );
            assert_eq!(certificate.names, ["nts.example", "192.0.2.1"]);
            assert_eq!(agreement.validity, Some(Validity { not_before: NOT_BEFORE, not_after: NOT_AFTER }));
            assert!(!agreement.clock_disbelieved);
        }
    }
}

#[test]
fn certificates_for_addresses_work_too() {
    let mut server = Server::granting(&[PROTOCOL, SIV, COOKIE]);
    play(&terms(), "192.0.2.1", &mut server, usize::MAX).1.unwrap();
    assert!(matches!(KeyExchange::new(&terms(), "a b"), Err(ExchangeFault::Name)));
}

#[test]
fn each_failure_names_its_layer() {
    let ok = || Server::granting(&[PROTOCOL, SIV, COOKIE]);
    let at = |now| Terms { now, ..terms() };
    let nobody = Terms { roots: Arc::new(RootCertStore::empty()), ..terms() };
    // An empty store is an error of its own.
    assert!(KeyExchange::new(&nobody, "nts.example").is_err());
    let (expired, early) = (at(NOT_AFTER + 1), at(NOT_BEFORE - 1));
    let only_siv = Terms { algorithms: vec![Aead::AesSivCmac256], ..terms() };
    let certificate = ExchangeFault::Certificate;
    for (terms, name, mut server, expected, layer) in vec![
        (
            &expired,
            "nts.example",
            ok(),
            certificate(CertificateFault::Expired(Some(NOT_AFTER))),
            Layer::Certificate,
        ),
        (
            &early,
            "nts.example",
            ok(),
            certificate(CertificateFault::NotYetValid(Some(NOT_BEFORE))),
            Layer::Certificate,
        ),
        (
            &terms(),
            "other.example",
            ok(),
            certificate(CertificateFault::WrongName(vec!["nts.example".to_owned(), "192.0.2.1".to_owned()])),
            Layer::Certificate,
        ),
        (
            &terms(),
            "nts.example",
            Server::new(&[], grant(&[PROTOCOL, SIV, COOKIE])),
            ExchangeFault::Alpn,
            Layer::Alpn,
        ),
        (&terms(), "nts.example", Server::new(&[b"http/1.1"], Vec::new()), ExchangeFault::Alpn, Layer::Alpn),
        (
            &terms(),
            "nts.example",
            Server::new(&[ALPN], Vec::new()),
            ExchangeFault::Closed("without answering"),
            Layer::Records,
        ),
        (
            &terms(),
            "nts.example",
            Server::new(&[ALPN], vec![0x80, 1, 0, 2]),
            ExchangeFault::Closed("before its answer was complete"),
            Layer::Records,
        ),
        (
            &terms(),
            "nts.example",
            Server::new(&[ALPN], vec![0; 20_000]),
            ExchangeFault::Message(MessageFault::Malformed("the server specified no protocol")),
            Layer::Records,
        ),
        (
            &terms(),
            "nts.example",
            Server::new(&[ALPN], vec![9; 20_000]),
            ExchangeFault::TooLong,
            Layer::Records,
        ),
        (
            &terms(),
            "nts.example",
            Server::granting(&[PROTOCOL, (4, &[]), COOKIE]),
            ExchangeFault::Message(MessageFault::NoAlgorithm),
            Layer::Algorithm,
        ),
        (
            &only_siv,
            "nts.example",
            Server::granting(&[PROTOCOL, (4, &[0, 30]), COOKIE]),
            ExchangeFault::NotOffered(30),
            Layer::Algorithm,
        ),
        (
            &terms(),
            "nts.example",
            Server::granting(&[PROTOCOL, SIV]),
            ExchangeFault::Message(MessageFault::NoCookies),
            Layer::Cookies,
        ),
        (
            &terms(),
            "nts.example",
            Server::granting(&[(2, &[0, 1])]),
            ExchangeFault::Message(MessageFault::Refused(1)),
            Layer::Records,
        ),
    ] {
        let found = fault(terms, name, &mut server);
        assert_eq!((found.layer(), found), (layer, expected));
    }
}

#[test]
fn plaintext_and_old_tls_are_distinguished() {
    for (said, expected) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], ExchangeFault::NotTls),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ExchangeFault::NotTls),
        // An alert: protocol_version.
        (&[21, 3, 1, 0, 2, 2, 70], ExchangeFault::OldTls),
        (&[21, 3, 3, 0, 2, 2, 120], ExchangeFault::Alpn),
    ] {
        let mut exchange = KeyExchange::new(&terms(), "nts.example").unwrap();
        exchange.poll_transmit();
        exchange.handle_octets(said);
        assert_eq!(exchange.poll_outcome().unwrap().unwrap_err(), expected);
        assert!(exchange.is_over() && exchange.poll_outcome().is_none());
    }
    let mut exchange = KeyExchange::new(&terms(), "nts.example").unwrap();
    exchange.handle_close();
    let fault = exchange.poll_outcome().unwrap().unwrap_err();
    assert_eq!((fault.layer(), fault), (Layer::Tls, ExchangeFault::Closed("during the TLS handshake")));
}

#[test]
fn disbelieving_the_clock_excuses_nothing_else() {
    for now in [NOT_AFTER + 86_400 * 365 * 8, 0, NOT_BEFORE - 1] {
        let terms = Terms { now, disbelieve_clock: true, ..terms() };
        let (_, agreement) =
            play(&terms, "nts.example", &mut Server::granting(&[PROTOCOL, SIV, COOKIE]), usize::MAX);
        let agreement = agreement.unwrap();
        assert!(agreement.clock_disbelieved);
        assert_eq!(agreement.validity, Some(Validity { not_before: NOT_BEFORE, not_after: NOT_AFTER }));
        let wrong = fault(&terms, "other.example", &mut Server::granting(&[PROTOCOL, SIV, COOKIE]));
        assert!(matches!(wrong, ExchangeFault::Certificate(CertificateFault::WrongName(_))), "{wrong}");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(CERTIFICATE).unwrap()).unwrap();
        let others = Terms { roots: Arc::new(roots), ..terms };
        let mut exchange_server = Server::granting(&[PROTOCOL, SIV, COOKIE]);
        // Trusting only the server's own certificate does not make it an authority for another name.
        let found = play(&others, "other.example", &mut exchange_server, usize::MAX).1;
        assert!(found.is_err());
    }
    // With a correct clock, nothing has to be excused.
    let terms = Terms { disbelieve_clock: true, ..terms() };
    let (_, agreement) =
        play(&terms, "nts.example", &mut Server::granting(&[PROTOCOL, SIV, COOKIE]), usize::MAX);
    assert!(!agreement.unwrap().clock_disbelieved);
}

#[test]
fn a_failed_exchange_still_returns_the_certificate() {
    let terms = Terms { now: NOT_AFTER + 1, ..terms() };
    let (exchange, _) = play(&terms, "nts.example", &mut Server::granting(&[]), usize::MAX);
    assert_eq!(exchange.certificate().unwrap().validity.not_after, NOT_AFTER);
}

proptest! {
    #[test]
    fn any_stream_ends_the_exchange_or_waits(octets in proptest::collection::vec(any::<u8>(), 1..400)) {
        let mut exchange = KeyExchange::new(&terms(), "nts.example").unwrap();
        exchange.poll_transmit();
        exchange.handle_octets(&octets);
        exchange.handle_close();
        prop_assert!(exchange.poll_outcome().unwrap().is_err());
    }
}
