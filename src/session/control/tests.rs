//! Whole conversations, played without a socket.

use super::*;
use crate::auth::control::{seal, verify_reply};
use crate::auth::digest::KeyType;
use crate::wire::control::{DATA_LIMIT, Header, Message};
use crate::wire::packet::Mode;
use crate::wire::packet::TimePacket;
use proptest::prelude::*;

mod lossy;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn config() -> Config {
    Config { version: 2, first_sequence: 65_534, silence: MS(5000), patience: MS(10_000), probe: Some(99) }
}

fn read(association: u16) -> Request {
    Request::open(Opcode::READ_VARIABLES, AssociationId(association), b"stratum".to_vec())
}

fn header_of(packet: &[u8]) -> Header {
    Message::parse(packet).unwrap().header
}

/// The fragments of a server's reply to a request.
fn answer(request: &[u8], data: &[u8]) -> Vec<Vec<u8>> {
    let header = Header { response: true, status: 0x0615, ..header_of(request) };
    let mut fragments = Vec::new();
    let mut offset = 0;
    loop {
        let part = &data[offset..data.len().min(offset + DATA_LIMIT)];
        let more = offset + part.len() < data.len();
        let header = Header { more, offset: u16::try_from(offset).unwrap(), ..header };
        fragments.push(header.encode(part));
        offset += part.len();
        if !more {
            return fragments;
        }
    }
}

fn sent(session: &mut ControlSession, now: Duration) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| session.poll_transmit(now)).map(|transmit| transmit.payload).collect()
}

/// Changes one field of a packet's header.
fn forged(packet: &[u8], change: impl Fn(&mut Header)) -> Vec<u8> {
    let message = Message::parse(packet).unwrap();
    let mut header = message.header;
    change(&mut header);
    header.encode(message.data)
}

#[test]
fn all_questions_are_in_flight_at_once_within_the_window() {
    let mut session = ControlSession::new(config());
    for n in 1..=100 {
        session.submit(read(n));
    }
    let first = sent(&mut session, MS(0));
    assert_eq!(first.len(), WINDOW);
    let sequences: BTreeSet<u16> = first.iter().map(|packet| header_of(packet).sequence).collect();
    assert_eq!(sequences.len(), WINDOW, "sequence numbers are unique, also past 65535");
    for request in &first[..40] {
        session.handle(&Received::new(&answer(request, b"stratum=2")[0], MS(20)));
    }
    assert_eq!(sent(&mut session, MS(20)).len(), 36, "answers make room for the rest");
}

#[test]
fn a_lost_request_is_sent_again_under_a_new_number_and_either_answer_counts() {
    for late in [false, true] {
        let mut session = ControlSession::new(config());
        let id = session.submit(read(7));
        let first = sent(&mut session, MS(0));
        let wakeup = session.poll_timeout().unwrap();
        assert_eq!(wakeup, MS(350));
        assert!(sent(&mut session, MS(349)).is_empty());
        let again = sent(&mut session, wakeup);
        assert_eq!(again.len(), 2, "the probe for a time server, and the question");
        assert_eq!(TimePacket::parse(&again[0]).unwrap(), TimePacket::request(99));
        assert_ne!(header_of(&first[0]).sequence, header_of(&again[1]).sequence);
        let answered = if late { &first[0] } else { &again[1] };
        session.handle(&Received::new(&answer(answered, b"stratum=3")[0], MS(500)));
        assert_eq!(session.poll_event().unwrap().0, id);
        assert!(session.is_done() && session.poll_timeout().is_none());
    }
}

#[test]
fn fragments_of_two_answers_are_never_mixed() {
    let mut session = ControlSession::new(config());
    session.submit(read(7));
    let first = sent(&mut session, MS(0)).remove(0);
    let old = answer(&first, &[b'o'; 900]);
    session.handle(&Received::new(&old[0], MS(10)));
    let wakeup = session.poll_timeout().unwrap();
    let again = sent(&mut session, wakeup).remove(0);
    let new = answer(&again, &[b'n'; 900]);
    session.handle(&Received::new(&new[1], MS(400)));
    assert_eq!(session.poll_event(), None);
    session.handle(&Received::new(&new[0], MS(401)));
    let (_, reply) = session.poll_event().unwrap();
    assert_eq!(reply.unwrap().data, [b'n'; 900]);
}

#[test]
fn only_replies_that_match_the_request_are_accepted() {
    let mut session = ControlSession::new(config());
    session.submit(read(7));
    let request = sent(&mut session, MS(0)).remove(0);
    let good = answer(&request, b"stratum=2").remove(0);
    for stray in [
        forged(&good, |header| header.sequence ^= 1),
        forged(&good, |header| header.opcode = Opcode::READ_CLOCK),
        forged(&good, |header| header.association = AssociationId(8)),
        forged(&good, |header| header.response = false),
        forged(&good, |header| header.version = 0),
        good[..11].to_vec(),
        Vec::new(),
    ] {
        session.handle(&Received::new(&stray, MS(5)));
        assert_eq!(session.poll_event(), None);
        assert!(!session.silence().heard);
    }
    session.handle(&Received::new(&good, MS(6)));
    let expected =
        Reply { status: 0x0615, association: AssociationId(7), data: b"stratum=2".to_vec(), doubt: None };
    assert_eq!(session.poll_event().unwrap().1, Ok(expected));
    session.handle(&Received::new(&good, MS(7)));
    assert_eq!(session.poll_event(), None, "a second answer is skipped");
}

#[test]
fn authenticated_questions_are_sealed_and_their_answers_verified() {
    let key = Arc::new(Key::new(5, KeyType::Sha1, *b"sha1asciikey").unwrap());
    let other = Key::new(5, KeyType::Sha1, *b"another").unwrap();
    let cases = [
        (Some(&*key), None),
        (Some(&other), Some(AuthenticationError::Mismatch)),
        (None, Some(AuthenticationError::Missing)),
    ];
    for (servers_key, doubt) in cases {
        let mut session = ControlSession::new(config());
        session.submit(Request { key: Some(Arc::clone(&key)), ..read(7) });
        let request = sent(&mut session, MS(0)).remove(0);
        assert_eq!(request.len(), 24 + 4 + 20, "header and data padded to 8, key identifier, digest");
        assert_eq!(verify_reply(&key, &request, 19), Ok(()));
        for fragment in answer(&request, &[b'x'; 600]) {
            let fragment = match servers_key {
                Some(key) => seal(key, fragment),
                None => fragment,
            };
            session.handle(&Received::new(&fragment, MS(5)));
        }
        assert_eq!(session.poll_event().is_none(), doubt.is_some(), "the session waits for an authentic one");
        session.handle_timeout(MS(504));
        if let Some(doubt) = doubt {
            session.submit(read(8));
            assert!(session.poll_timeout().is_some_and(|wakeup| wakeup == MS(505)));
            session.handle_timeout(MS(505));
            assert_eq!(session.poll_event().unwrap().1.unwrap().doubt, Some(doubt));
            assert_eq!(session.take_notes(), [Note::Unverified(doubt)]);
        }
    }
}

/// Whatever arrives first, and however much of it: only the authentic answer counts.
#[test]
fn forged_answers_and_refusals_are_skipped() {
    let key = Arc::new(Key::new(5, KeyType::Sha1, *b"sha1asciikey").unwrap());
    for forgery in ["answer", "refusal", "overstated", "too large", "late refusal"] {
        let mut session = ControlSession::new(config());
        session.submit(Request { key: Some(Arc::clone(&key)), ..read(7) });
        let request = sent(&mut session, MS(0)).remove(0);
        let authentic: Vec<_> =
            answer(&request, &[b'x'; 900]).into_iter().map(|part| seal(&key, part)).collect();
        let refusal = forged(&answer(&request, b"")[0], |header| {
            (header.error, header.status) = (true, 0x100);
        });
        let mut overstated = answer(&request, b"stratum=1").remove(0);
        overstated[11] = 40;
        let forgeries: Vec<Vec<u8>> = match forgery {
            "answer" => answer(&request, b"stratum=1"),
            "overstated" => vec![overstated; 5],
            "too large" => answer(&request, &vec![b'z'; 468 * 40]),
            _ => vec![refusal],
        };
        let late = forgery == "late refusal";
        if late {
            session.handle(&Received::new(&authentic[0], MS(1)));
        }
        for datagram in &forgeries {
            session.handle(&Received::new(datagram, MS(1)));
        }
        assert_eq!(session.poll_event(), None, "{forgery}");
        session.handle_timeout(MS(400));
        for part in &authentic[usize::from(late)..] {
            session.handle(&Received::new(part, MS(400)));
        }
        let (_, outcome) = session.poll_event().unwrap();
        let reply = outcome.unwrap();
        assert_eq!((reply.data, reply.doubt), (vec![b'x'; 900], None), "{forgery}");
        assert!(session.take_notes().contains(&Note::PassedOver(AuthenticationError::Missing)), "{forgery}");
    }
}

#[test]
fn once_a_fragment_is_verified_nothing_unverified_is_believed() {
    let key = Arc::new(Key::new(5, KeyType::Sha1, *b"sha1asciikey").unwrap());
    let mut session = ControlSession::new(config());
    session.submit(Request { key: Some(Arc::clone(&key)), ..read(7) });
    let request = sent(&mut session, MS(0)).remove(0);
    session.handle(&Received::new(&seal(&key, answer(&request, &[b'x'; 900]).remove(0)), MS(1)));
    session.handle(&Received::new(&answer(&request, b"stratum=1")[0], MS(2)));
    while !session.is_done() {
        let now = session.poll_timeout().unwrap();
        sent(&mut session, now);
        session.handle_timeout(now);
    }
    assert_eq!(session.poll_event().unwrap().1, Err(Failure::Incomplete));
}

/// One fragment of each reply, with the M bit set, takes no longer than a single request.
#[test]
fn all_requests_share_one_deadline() {
    for (speaks, limit) in [(true, MS(10_000)), (false, MS(5000))] {
        let mut session = ControlSession::new(config());
        for n in 1..=320 {
            session.submit(read(n));
        }
        let mut now = MS(0);
        let mut outcomes = 0;
        while !session.is_done() {
            for packet in sent(&mut session, now).iter().filter(|packet| speaks && packet[0] & 7 == 6) {
                session.handle(&Received::new(&answer(packet, &[b'x'; 900])[0], now));
            }
            now = session.poll_timeout().unwrap();
            session.handle_timeout(now);
            outcomes += std::iter::from_fn(|| session.poll_event()).count();
        }
        assert_eq!((now, outcomes), (limit, 320));
    }
}

#[test]
fn each_answer_extends_the_deadline() {
    let mut session = ControlSession::new(config());
    for n in 1..=3840 {
        session.submit(read(n));
    }
    let (mut now, mut whole) = (MS(0), 0);
    let mut arriving = VecDeque::new();
    while !session.is_done() {
        for packet in sent(&mut session, now).iter().filter(|packet| packet[0] & 7 == 6) {
            arriving.push_back((now + MS(1800), answer(packet, b"stratum=2").remove(0)));
        }
        now = arriving.front().map_or(now, |(at, _)| now.max(*at).min(session.poll_timeout().unwrap()));
        while let Some((_, datagram)) = arriving.pop_front_if(|(at, _)| *at <= now) {
            session.handle(&Received::new(&datagram, now));
        }
        session.handle_timeout(now);
        whole += std::iter::from_fn(|| session.poll_event()).filter(|(_, outcome)| outcome.is_ok()).count();
    }
    assert!(now > MS(60_000), "{now:?}");
    assert_eq!(whole, 3840);
}

#[test]
fn finished_requests_leave_nothing_behind() {
    let mut session = ControlSession::new(config());
    for round in 0..100 {
        let id = session.submit(read(7));
        let request = sent(&mut session, MS(round)).remove(0);
        session.handle(&Received::new(&answer(&request, b"stratum=2")[0], MS(round)));
        assert_eq!(session.poll_event().unwrap().0, id);
        session.submit(read(8));
        sent(&mut session, MS(round));
        session.abandon();
    }
    assert!(session.requests.is_empty() && session.sendings.is_empty() && session.outcomes.is_empty());
}

#[test]
fn the_next_address_gets_the_same_chances_as_the_first() {
    let mut session = ControlSession::new(config());
    session.submit(read(0));
    sent(&mut session, MS(0));
    sent(&mut session, MS(350));
    let time = TimePacket { mode: Mode::SERVER, origin_timestamp: 99, stratum: 3, ..TimePacket::request(5) };
    session.handle(&Received::new(&time.to_bytes(), MS(400)));
    session.restart();
    let mut now = MS(500);
    while !session.is_done() {
        sent(&mut session, now);
        now = session.poll_timeout().unwrap();
        session.handle_timeout(now);
    }
    assert_eq!(now, MS(5500), "not the 1.5 s for a server that only answers time requests");
    assert_eq!(session.silence().time, None);
    assert_eq!(session.poll_event().unwrap().1, Err(Failure::TimedOut));
}

#[test]
fn a_refusal_ends_the_question() {
    let mut session = ControlSession::new(config());
    session.submit(read(7));
    let request = sent(&mut session, MS(0)).remove(0);
    let mut refusal = answer(&request, b"").remove(0);
    (refusal[1], refusal[4]) = (refusal[1] | 0x40, 5);
    session.handle(&Received::new(&refusal, MS(6)));
    assert_eq!(session.poll_event().unwrap().1, Err(Failure::Refused(ErrorCode::UNKNOWN_VARIABLE)));
}

#[test]
fn silence_times_out_and_reveals_whether_there_is_a_time_server() {
    for answers_time in [false, true] {
        let mut session = ControlSession::new(config());
        session.submit(read(0));
        let mut now = MS(0);
        let mut count = 0;
        while !session.is_done() {
            for packet in sent(&mut session, now) {
                count += 1;
                if answers_time && packet.len() == 48 {
                    let reply = TimePacket {
                        mode: Mode::SERVER,
                        origin_timestamp: 99,
                        stratum: 3,
                        ..TimePacket::request(5)
                    };
                    let foreign = TimePacket { origin_timestamp: 98, stratum: 1, ..reply };
                    session.handle(&Received::new(&foreign.to_bytes(), now));
                    session.handle(&Received::new(&reply.to_bytes(), now));
                }
            }
            now = session.poll_timeout().unwrap();
            session.handle_timeout(now);
        }
        if answers_time {
            assert_eq!((now, count), (MS(350 + 8 * 75), 10), "a time server would have answered by now");
        } else {
            assert_eq!((now, count), (MS(5000), 9), "eight transmissions and the probe");
        }
        assert_eq!(session.poll_event().unwrap().1, Err(Failure::TimedOut));
        assert_eq!(session.silence().time.map(|packet| packet.stratum), answers_time.then_some(3));
    }
}

#[test]
fn a_reply_with_a_hole_ends_up_incomplete() {
    let mut session = ControlSession::new(config());
    session.submit(read(0));
    let mut now = MS(0);
    while !session.is_done() {
        for packet in sent(&mut session, now).iter().filter(|packet| packet[0] & 7 == 6) {
            let fragments = answer(packet, &[b'x'; 1200]);
            session.handle(&Received::new(&fragments[0], now));
            session.handle(&Received::new(&fragments[2], now));
        }
        now = session.poll_timeout().unwrap();
        session.handle_timeout(now);
    }
    assert!(now > MS(9000) && now <= MS(10_000), "a responsive server gets more patience: {now:?}");
    assert_eq!(session.poll_event().unwrap().1, Err(Failure::Incomplete));
}

#[test]
fn endless_fragments_and_overstated_counts_end_at_once() {
    let mut session = ControlSession::new(config());
    session.submit(read(0));
    let request = sent(&mut session, MS(0)).remove(0);
    for fragment in answer(&request, &vec![b'z'; 468 * 40]) {
        session.handle(&Received::new(&forged(&fragment, |header| header.more = true), MS(1)));
    }
    assert_eq!(session.poll_event().unwrap().1, Err(Failure::TooLarge));

    session.submit(read(0));
    for _ in 0..2 {
        let request = sent(&mut session, MS(2)).remove(0);
        let mut overstated = answer(&request, b"stratum=4").remove(0);
        overstated[11] = 40;
        session.handle(&Received::new(&overstated, MS(2)));
    }
    assert_eq!(session.poll_event().unwrap().1, Err(Failure::Malformed));
    assert_eq!(session.take_notes(), vec![Note::Overstated { claimed: 40, received: 12 }; 2]);
}

#[test]
fn a_hint_that_the_server_is_unreachable_is_noted_and_a_fault_ends_the_conversation() {
    use crate::session::{PathError, Unreachable};
    let mut session = ControlSession::new(config());
    session.submit(read(0));
    let no_route = || std::io::Error::from_raw_os_error(113);
    let hint = PathError::Hint(no_route());
    let notice = Unreachable { to: None, payload: &[], error: &hint };
    assert!(session.handle_unreachable(&notice).is_continue());
    assert!(!session.is_done(), "a route may be back in a moment");
    assert_eq!(session.silence().unreachable, Some(113));
    let fault = PathError::Read(no_route());
    let notice = Unreachable { to: None, payload: &[], error: &fault };
    assert!(session.handle_unreachable(&notice).is_break());
}
