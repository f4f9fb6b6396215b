//! Whole key exchanges with a TLS server in the same process, and the NTP part that follows them.

use super::association::{AnswerFault, MOST_COOKIES, Request, Shape};
use super::fault::CertificateFault;
use super::*;
use crate::auth::aead::{Aead, AeadKey};
use crate::wire::nts::extension::{Authenticator, FieldType, fields, push};
use crate::wire::nts::record::{MessageFault, Record, RecordType, records};
use crate::wire::nts::{ALPN, EXPORTER_LABEL, NAK};
use crate::wire::packet::{HEADER_LENGTH, Mode, TimePacket};
use proptest::prelude::*;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use std::io::{Read, Write};
use std::sync::Arc;

/// The certificates were made by OpenSSL; the server's is valid from June to the end of August 2026.
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

/// A server that says what it is told to say.
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

    /// Takes octets in, and gives those that are to be sent.
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

fn fault(terms: &Terms, name: &str, server: &mut Server) -> ExchangeFault {
    play(terms, name, server, usize::MAX).1.unwrap_err()
}

#[test]
fn an_exchange_gives_the_keys_that_the_server_has() {
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
fn addresses_have_certificates_too() {
    let mut server = Server::granting(&[PROTOCOL, SIV, COOKIE]);
    play(&terms(), "192.0.2.1", &mut server, usize::MAX).1.unwrap();
    assert!(matches!(KeyExchange::new(&terms(), "a b"), Err(ExchangeFault::Name)));
}

#[test]
fn each_failure_names_its_layer() {
    let ok = || Server::granting(&[PROTOCOL, SIV, COOKIE]);
    let at = |now| Terms { now, ..terms() };
    let nobody = Terms { roots: Arc::new(RootCertStore::empty()), ..terms() };
    // A store without anybody is a fault of its own.
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
            ExchangeFault::Closed("without an answer"),
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
            ExchangeFault::Message(MessageFault::Malformed("the server names no protocol")),
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
fn what_is_no_tls_and_what_is_old_is_told_apart() {
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
fn a_clock_may_be_disbelieved_and_nothing_else() {
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
        // The server's own certificate as the only authority is none for it in another's name.
        let found = play(&others, "other.example", &mut exchange_server, usize::MAX).1;
        assert!(found.is_err());
    }
    // Where the clock is right there is nothing to disbelieve.
    let terms = Terms { disbelieve_clock: true, ..terms() };
    let (_, agreement) =
        play(&terms, "nts.example", &mut Server::granting(&[PROTOCOL, SIV, COOKIE]), usize::MAX);
    assert!(!agreement.unwrap().clock_disbelieved);
}

#[test]
fn a_failed_exchange_still_shows_the_certificate() {
    let terms = Terms { now: NOT_AFTER + 1, ..terms() };
    let (exchange, _) = play(&terms, "nts.example", &mut Server::granting(&[]), usize::MAX);
    assert_eq!(exchange.certificate().unwrap().validity.not_after, NOT_AFTER);
}

fn keys(aead: Aead) -> (AeadKey, AeadKey) {
    let key = |octet| AeadKey::new(aead, &vec![octet; aead.key_length()]).unwrap();
    (key(1), key(2))
}

fn association(aead: Aead, cookies: usize) -> Association {
    let (to_server, from_server) = keys(aead);
    Association::new(
        to_server,
        from_server,
        (0..cookies).map(|number| vec![u8::try_from(number).unwrap(); 100]),
    )
}

/// Octets that are all different.
fn counting() -> impl FnMut(&mut [u8]) {
    let mut count = 0_u8;
    move |octets| {
        for octet in octets {
            count = count.wrapping_add(1);
            *octet = count;
        }
    }
}

/// What a server makes of a request: it verifies it as RFC 8915 says, and gives as many cookies as there is room for.
fn answer(aead: Aead, request: &Request) -> Vec<u8> {
    let (to_server, from_server) = keys(aead);
    let asked = fields(&request.datagram).unwrap();
    let authenticator = asked.iter().find(|field| field.kind == FieldType::AUTHENTICATOR).unwrap();
    let proof = Authenticator::parse(authenticator.body).unwrap();
    assert_eq!(proof.nonce.len(), aead.nonce_length());
    let proved = to_server.open(proof.nonce, &request.datagram[..authenticator.offset], proof.ciphertext);
    assert_eq!(proved, Some(Vec::new()), "the server verifies the request");
    let room =
        asked.iter().filter(|field| [FieldType::COOKIE, FieldType::COOKIE_PLACEHOLDER].contains(&field.kind));
    let header = TimePacket::parse(&request.datagram).unwrap();
    let header = TimePacket {
        mode: Mode::SERVER,
        stratum: 1,
        origin_timestamp: header.transmit_timestamp,
        receive_timestamp: 5,
        transmit_timestamp: 6,
        ..header
    };
    let mut packet = header.to_bytes();
    push(&mut packet, FieldType::UNIQUE_IDENTIFIER, &request.identifier);
    let mut inner = Vec::new();
    for field in room {
        push(&mut inner, FieldType::COOKIE, &vec![99; field.body.len()]);
    }
    let nonce = vec![3; aead.nonce_length()];
    let ciphertext = from_server.seal(&nonce, &packet, &inner).unwrap();
    let body = Authenticator { nonce: &nonce, ciphertext: &ciphertext }.to_body(0).unwrap();
    push(&mut packet, FieldType::AUTHENTICATOR, &body);
    packet
}

#[test]
fn a_request_uses_up_a_cookie_and_asks_for_those_that_are_missing() {
    for (aead, length) in [(Aead::AesSivCmac256, 228), (Aead::Aes128GcmSiv, 224)] {
        let mut association = association(aead, 3);
        let header = TimePacket::request(7);
        let plain = association.request(&header, Shape::default(), &mut counting()).unwrap();
        assert_eq!(plain.datagram.len(), length);
        assert_eq!(association.cookies().len(), 2);
        let refill = Shape { refill: true, padding: 0 };
        let refilling = association.request(&header, refill, &mut counting()).unwrap();
        let kinds: Vec<u16> = fields(&refilling.datagram).unwrap().iter().map(|field| field.kind.0).collect();
        assert_eq!(kinds, [&[0x0104, 0x0204][..], &[0x0304; 6], &[0x0404]].concat());
        let cookies = association.verify(&answer(aead, &refilling), &refilling.identifier).unwrap();
        assert_eq!(cookies, vec![vec![99; 100]; 7]);
        association.add_cookies(cookies);
        assert_eq!(association.cookies().len(), MOST_COOKIES);
        let padded =
            association.request(&header, Shape { refill: false, padding: 41 }, &mut counting()).unwrap();
        assert_eq!(padded.datagram.len(), length + 44);
        let cookies = association.verify(&answer(aead, &padded), &padded.identifier).unwrap();
        assert_eq!(cookies.len(), 1);
        let again = association.request_again(&header, 0, &mut counting()).unwrap();
        assert_eq!((again.datagram.len(), association.cookies().len()), (length, 7));
    }
    let mut empty = association(Aead::AesSivCmac256, 0);
    assert!(empty.request(&TimePacket::request(7), Shape::default(), &mut counting()).is_none());
}

#[test]
fn placeholders_do_not_make_a_request_that_must_be_divided() {
    let (to_server, from_server) = keys(Aead::AesSivCmac256);
    let mut association = Association::new(to_server, from_server, [vec![1; 600]]);
    let refill = Shape { refill: true, padding: 0 };
    let request = association.request(&TimePacket::request(7), refill, &mut counting()).unwrap();
    assert!(request.datagram.len() < 1280, "{}", request.datagram.len());
}

#[test]
fn an_answer_must_be_proved() {
    let aead = Aead::AesSivCmac256;
    let mut association = association(aead, 2);
    let header = TimePacket::request(7);
    let request = association.request(&header, Shape::default(), &mut counting()).unwrap();
    let other = association.request(&header, Shape::default(), &mut |octets| octets.fill(9)).unwrap();
    let good = answer(aead, &request);
    let verify = |packet: &[u8]| association.verify(packet, &request.identifier);
    assert!(verify(&good).is_ok());
    // Of another request: a replay.
    assert_eq!(verify(&answer(aead, &other)), Err(AnswerFault::OtherIdentifier));
    assert_eq!(verify(&good[..HEADER_LENGTH]), Err(AnswerFault::NoIdentifier));
    assert_eq!(verify(&good[..HEADER_LENGTH - 1]), Err(AnswerFault::Malformed));
    let bare = &good[..HEADER_LENGTH + 36];
    assert_eq!(verify(bare), Err(AnswerFault::NoAuthenticator));
    let mut nak = bare.to_vec();
    nak[1] = 0;
    nak[12..16].copy_from_slice(&NAK);
    assert_eq!(verify(&nak), Err(AnswerFault::Nak));
    // Behind the authenticator nothing is proved, an identifier neither.
    let proof = &good[HEADER_LENGTH + 36..];
    let moved = [&good[..HEADER_LENGTH], proof, &good[HEADER_LENGTH..HEADER_LENGTH + 36]].concat();
    assert_eq!(verify(&moved), Err(AnswerFault::NoIdentifier));
    // The request itself, sent back.
    assert_eq!(verify(&request.datagram), Err(AnswerFault::NotAuthentic));
}

#[test]
fn a_change_of_any_octet_is_noticed() {
    for aead in Aead::ALL {
        let mut association = association(aead, 1);
        let request =
            association.request(&TimePacket::request(7), Shape::default(), &mut counting()).unwrap();
        let good = answer(aead, &request);
        for place in 0..good.len() {
            let mut changed = good.clone();
            changed[place] ^= 0x10;
            assert!(association.verify(&changed, &request.identifier).is_err(), "octet {place}");
        }
    }
}

proptest! {
    #[test]
    fn any_answer_is_judged(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        let association = association(Aead::AesSivCmac256, 1);
        prop_assert!(association.verify(&octets, &[0; 32]).is_err());
    }

    #[test]
    fn any_stream_ends_the_exchange_or_waits(octets in proptest::collection::vec(any::<u8>(), 1..400)) {
        let mut exchange = KeyExchange::new(&terms(), "nts.example").unwrap();
        exchange.poll_transmit();
        exchange.handle_octets(&octets);
        exchange.handle_close();
        prop_assert!(exchange.poll_outcome().unwrap().is_err());
    }
}
