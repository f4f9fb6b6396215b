//! Servers authenticated by NTS.

use super::*;

/// The reply of an NTS server whose keys are all ones and all twos.
fn proved(request: &Request, packet: TimePacket) -> Vec<u8> {
    use crate::wire::nts::extension::{Authenticator, FieldType, fields, push};
    let (_, from_server) = nts_keys();
    let identifier = fields(&request.datagram).unwrap()[0].body.to_vec();
    let mut datagram = packet.to_bytes();
    push(&mut datagram, FieldType::UNIQUE_IDENTIFIER, &identifier);
    let ciphertext = from_server.seal(&[3; 16], &datagram, &[]).unwrap();
    let body = Authenticator { nonce: &[3; 16], ciphertext: &ciphertext }.to_body(0).unwrap();
    push(&mut datagram, FieldType::AUTHENTICATOR, &body);
    datagram
}

fn nts_keys() -> (crate::auth::aead::AeadKey, crate::auth::aead::AeadKey) {
    use crate::auth::aead::{Aead, AeadKey};
    let key = |octet| AeadKey::new(Aead::AesSivCmac256, &[octet; 32]).unwrap();
    (key(1), key(2))
}

#[test]
fn replies_that_nts_does_not_authenticate_never_count() {
    use crate::session::nts::Association;
    use crate::session::nts::association::AnswerFault;
    for old in [false, true] {
        let rules = Rules { forgeries_count: old, copies_count: old, ..Rules::default() };
        let asking = Asking { rules, ..asking(2) };
        let mut session = SntpSession::new(asking, &addresses(2), [7; 32], Duration::ZERO);
        let (to_server, from_server) = nts_keys();
        let association = Association::new(to_server, from_server, [vec![9; 100], vec![8; 100]]);
        session = session.with_nts([Some(NtsPart::new(association, false)), None]);
        let mut play = Play { session };
        let requests = play.requests(Duration::ZERO);
        let lengths: Vec<usize> = requests.iter().map(|request| request.datagram.len()).collect();
        assert_eq!(lengths, [228, 48], "each server has requests of its own");
        // Kernel notices about requests of both lengths are understood.
        for request in &requests {
            play.depart(&[&[0x45; 28], request.datagram.as_slice()].concat(), 98 << 32);
        }
        let request = &requests[0];
        let good = answer(request);
        let kiss = TimePacket { leap: 3, stratum: 0, reference_id: RATE, ..good };
        for forged in [good.to_bytes(), kiss.to_bytes(), request.datagram.clone()] {
            play.receive(&forged, request.address);
        }
        play.unreachable(request.address, &request.datagram, 111);
        let server = &play.session.servers()[0];
        assert_eq!((server.reply, server.answers(), server.complete, server.verified), (None, 0, false, 0));
        assert_eq!(server.nts.as_ref().unwrap().fault, Some(AnswerFault::NoIdentifier));
        let authentic = proved(request, good);
        play.receive(&authentic, request.address);
        play.receive(&authentic, request.address);
        let server = &play.session.servers()[0];
        assert_eq!((server.answers(), server.verified, server.exchanges[0].sent), (1, 1, 98 << 32));
        assert_eq!(server.authentic(), Some(true), "the accepted reply");
        // The other server needs no authentication.
        play.hear(&answer(&requests[1]), requests[1].address);
        assert_eq!(play.session.servers()[1].answers(), 1);
        // A server that ran out of cookies is not asked any more.
        let requests = play.requests(SECOND * 2);
        assert_eq!(requests.len(), 2);
    }
}

#[test]
fn a_server_without_cookies_is_not_asked() {
    let (to_server, from_server) = nts_keys();
    let association = crate::session::nts::Association::new(to_server, from_server, []);
    let session = SntpSession::new(asking(1), &addresses(1), [7; 32], Duration::ZERO);
    let mut play = Play { session: session.with_nts([Some(NtsPart::new(association, false))]) };
    assert!(play.requests(Duration::ZERO).is_empty() && play.session.is_done());
}

fn part() -> NtsPart {
    let (to_server, from_server) = nts_keys();
    NtsPart::new(crate::session::nts::Association::new(to_server, from_server, [vec![9; 100]]), false)
}

#[test]
fn a_server_joins_a_running_round() {
    let mut session = SntpSession::new(asking(1), &addresses(1), [7; 32], Duration::ZERO);
    session.expect_more(true);
    let mut play = Play { session };
    let first = play.requests(Duration::ZERO);
    play.hear(&answer(&first[0]), first[0].address);
    assert!(play.session.servers()[0].complete && !play.session.is_done(), "another server is expected");
    let joining = addresses(2)[1];
    play.session.add_nts(joining, 5, part(), SECOND);
    play.session.expect_more(false);
    assert!(!play.session.is_done());
    let requests = play.requests(SECOND);
    assert_eq!((requests.len(), requests[0].address, requests[0].datagram.len()), (1, joining, 228));
    play.receive(&proved(&requests[0], answer(&requests[0])), joining);
    assert!(play.session.is_done());
    let servers = play.session.servers();
    assert_eq!((servers[1].authentic(), servers[1].voters.as_slice()), (Some(true), &[5][..]));
}

#[test]
fn what_a_server_replied_without_nts_does_not_count_once_it_has_keys() {
    let mut session = SntpSession::new(asking(1), &addresses(1), [7; 32], Duration::ZERO);
    session.expect_more(true);
    let mut play = Play { session };
    let plain = play.requests(Duration::ZERO);
    play.hear(&answer(&plain[0]), plain[0].address);
    assert_eq!(play.session.servers()[0].answers(), 1);
    play.session.add_nts(plain[0].address, 1, part(), Duration::ZERO);
    play.session.add_nts(plain[0].address, 2, part(), Duration::ZERO);
    play.session.expect_more(false);
    let server = &play.session.servers()[0];
    assert_eq!((play.session.servers().len(), server.answers(), server.reply), (1, 0, None));
    assert_eq!(server.voters, [0, 1, 2]);
    // A late copy of the plain reply counts no more.
    play.hear(&answer(&plain[0]), plain[0].address);
    assert!(play.requests(Duration::ZERO).is_empty(), "two requests keep their distance");
    let requests = play.requests(SECOND * 10);
    assert_eq!(requests[0].datagram.len(), 228);
    play.receive(&proved(&requests[0], answer(&requests[0])), requests[0].address);
    let server = &play.session.servers()[0];
    assert_eq!((server.answers(), server.authentic()), (1, Some(true)));
}
