//! The NTP phase: requests as a server verifies them, and authentic and other replies.

use crate::auth::aead::{Aead, AeadKey};
use crate::session::nts::Association;
use crate::session::nts::association::{AnswerFault, Filler, MAX_COOKIES, Request};
use crate::wire::nts::NAK;
use crate::wire::nts::extension::{Authenticator, FieldType, fields, push};
use crate::wire::packet::{HEADER_LENGTH, Mode, TimePacket};
use proptest::prelude::*;

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

/// A source of octets that are all different.
fn counting() -> impl FnMut(&mut [u8]) {
    let mut count = 0_u8;
    move |octets| {
        for octet in octets {
            count = count.wrapping_add(1);
            *octet = count;
        }
    }
}

/// A server's reply: verifies the request according to RFC 8915, and returns as many cookies as there is room for.
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
fn a_request_uses_up_a_cookie_and_asks_for_the_missing_ones() {
    for (aead, length) in [(Aead::AesSivCmac256, 228), (Aead::Aes128GcmSiv, 224)] {
        let mut association = association(aead, 3);
        let header = TimePacket::request(7);
        let plain = association.request(&header, false, &mut counting()).unwrap();
        assert_eq!(plain.datagram.len(), length);
        assert_eq!(association.cookies().len(), 2);
        let refilling = association.request(&header, true, &mut counting()).unwrap();
        let kinds: Vec<u16> = fields(&refilling.datagram).unwrap().iter().map(|field| field.kind.0).collect();
        assert_eq!(kinds, [&[0x0104, 0x0204][..], &[0x0304; 6], &[0x0404]].concat());
        let cookies = association.verify(&answer(aead, &refilling), &refilling.identifier).unwrap();
        assert_eq!(cookies, vec![vec![99; 100]; 7]);
        association.add_cookies(cookies);
        assert_eq!(association.cookies().len(), MAX_COOKIES);
        let padded = association
            .request_again(&header, Filler { padding: 41, placeholders: 0 }, &mut counting())
            .unwrap();
        assert_eq!(padded.datagram.len(), length + 44);
        let cookies = association.verify(&answer(aead, &padded), &padded.identifier).unwrap();
        assert_eq!(cookies.len(), 1);
        let again = association.request_again(&header, Filler::default(), &mut counting()).unwrap();
        assert_eq!((again.datagram.len(), association.cookies().len()), (length, 8));
        let three = Filler { placeholders: 3, padding: 0 };
        let longer = association.request_again(&header, three, &mut counting()).unwrap();
        assert_eq!(longer.datagram.len(), length + 3 * 104);
        let cookies = association.verify(&answer(aead, &longer), &longer.identifier).unwrap();
        assert_eq!(cookies.len(), 4, "and as many cookies in the reply");
    }
    let mut empty = association(Aead::AesSivCmac256, 0);
    assert!(empty.request(&TimePacket::request(7), false, &mut counting()).is_none());
}

#[test]
fn placeholders_never_cause_fragmentation() {
    let (to_server, from_server) = keys(Aead::AesSivCmac256);
    let mut association = Association::new(to_server, from_server, [vec![1; 600]]);
    let request = association.request(&TimePacket::request(7), true, &mut counting()).unwrap();
    assert!(request.datagram.len() < 1280, "{}", request.datagram.len());
}

#[test]
fn an_answer_must_be_authentic() {
    let aead = Aead::AesSivCmac256;
    let mut association = association(aead, 2);
    let header = TimePacket::request(7);
    let request = association.request(&header, false, &mut counting()).unwrap();
    let other = association.request(&header, false, &mut |octets| octets.fill(9)).unwrap();
    let good = answer(aead, &request);
    let verify = |packet: &[u8]| association.verify(packet, &request.identifier);
    assert!(verify(&good).is_ok());
    // The reply to another request: a replay.
    assert_eq!(verify(&answer(aead, &other)), Err(AnswerFault::OtherIdentifier));
    assert_eq!(verify(&good[..HEADER_LENGTH]), Err(AnswerFault::NoIdentifier));
    assert_eq!(verify(&good[..HEADER_LENGTH - 1]), Err(AnswerFault::Malformed));
    let bare = &good[..HEADER_LENGTH + 36];
    assert_eq!(verify(bare), Err(AnswerFault::NoAuthenticator));
    let mut nak = bare.to_vec();
    nak[1] = 0;
    nak[12..16].copy_from_slice(&NAK);
    assert_eq!(verify(&nak), Err(AnswerFault::Nak));
    // Nothing after the authenticator is authenticated, not even an identifier.
    let proof = &good[HEADER_LENGTH + 36..];
    let moved = [&good[..HEADER_LENGTH], proof, &good[HEADER_LENGTH..HEADER_LENGTH + 36]].concat();
    assert_eq!(verify(&moved), Err(AnswerFault::NoIdentifier));
    // The request itself, sent back.
    assert_eq!(verify(&request.datagram), Err(AnswerFault::NotAuthentic));
}

#[test]
fn a_change_to_any_octet_is_detected() {
    for aead in Aead::ALL {
        let mut association = association(aead, 1);
        let request = association.request(&TimePacket::request(7), false, &mut counting()).unwrap();
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
    fn any_answer_is_safe(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        let association = association(Aead::AesSivCmac256, 1);
        prop_assert!(association.verify(&octets, &[0; 32]).is_err());
    }
}
