//! Conversations played without a socket.

use super::*;
use crate::auth::KeyType;
use crate::wire::mode7::{DATA_LIMIT, PACKET_LIMIT};
use crate::wire::packet::TimePacket;
use proptest::prelude::*;

const CONFIG: Config =
    Config { silence: Duration::from_secs(5), patience: Duration::from_secs(10), probe: Some(0x1234) };
const MS: fn(u64) -> Duration = Duration::from_millis;

/// Returns the payload of the next datagram.
trait NextPayload: Session {
    fn next_payload(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.poll_transmit(now).map(|transmit| transmit.payload)
    }
}

impl NextPayload for Mode7Session {}

fn question() -> Request {
    Request {
        code: RequestCode::PEER_LIST,
        items: Items::default(),
        old_items: Some(Items::default()),
        seal: None,
        gives_up_early: false,
    }
}

fn asked() -> Mode7Session {
    let mut session = Mode7Session::new(CONFIG);
    session.submit(question());
    assert_eq!(session.next_payload(MS(0)).map(|packet| packet.len()), Some(192));
    assert_eq!(session.next_payload(MS(0)), None);
    session
}

fn reply(sequence: u8, more: bool, items: &[u8]) -> Vec<u8> {
    let header = Header {
        response: true,
        more,
        sequence,
        item_count: u16::try_from(items.len()).unwrap(),
        item_size: 1,
        ..Header::request(Implementation::CURRENT, RequestCode::PEER_LIST)
    };
    header.encode(items)
}

fn refusal(implementation: Implementation, error: ErrorCode) -> Vec<u8> {
    Header { response: true, error, ..Header::request(implementation, RequestCode::PEER_LIST) }.encode(b"")
}

#[test]
fn packets_in_any_order_are_one_reply() {
    let mut session = asked();
    session.handle(&Received::new(&reply(1, false, b"c"), MS(3)));
    assert_eq!(session.poll_event(), None);
    session.handle(&Received::new(&reply(0, true, b"ab"), MS(4)));
    let answer = session.poll_event().unwrap().unwrap();
    assert_eq!(answer.items.concat(), b"abc");
    assert!(session.is_done());
}

#[test]
fn lost_requests_are_resent() {
    let mut session = asked();
    session.handle(&Received::new(&reply(1, false, b"c"), MS(3)));
    let wakeup = session.poll_timeout().unwrap();
    assert!(wakeup < MS(100), "{wakeup:?}");
    assert!(session.next_payload(wakeup).is_some());
    session.handle(&Received::new(&reply(0, true, b"ab"), wakeup + MS(1)));
    assert!(session.poll_event().unwrap().is_ok());
}

#[test]
fn replies_to_other_requests_are_strays() {
    let mut session = asked();
    let mut other = reply(0, false, b"x");
    other[3] = 9;
    session.handle(&Received::new(&other, MS(1)));
    other = reply(0, false, b"x");
    other[2] = 2;
    session.handle(&Received::new(&other, MS(1)));
    other = reply(0, false, b"x");
    other[1] |= 0x80;
    session.handle(&Received::new(&other, MS(1)));
    other = reply(0, false, b"x");
    other[0] &= 0x7f;
    session.handle(&Received::new(&other, MS(1)));
    session.handle(&Received::new(b"\x97", MS(1)));
    assert_eq!(session.poll_event(), None);
    assert_eq!(session.silence().unmatched, 5);
    assert!(!session.silence().heard);
}

#[test]
fn an_old_implementation_is_asked_in_the_old_format_from_then_on() {
    let mut session = asked();
    session.handle(&Received::new(&refusal(Implementation::CURRENT, ErrorCode::IMPLEMENTATION), MS(1)));
    let packet = session.next_payload(MS(1)).unwrap();
    assert_eq!(packet[2], 2);
    session.handle(&Received::new(&refusal(Implementation::OLD, ErrorCode::IMPLEMENTATION), MS(2)));
    assert_eq!(session.poll_event(), Some(Err(Failure::Refused(ErrorCode::IMPLEMENTATION, false))));
    session.submit(question());
    assert_eq!(session.next_payload(MS(3)).unwrap()[2], 2);
    session.submit(Request { old_items: None, ..question() });
    assert_eq!(session.next_payload(MS(4)), None);
    assert_eq!(session.poll_event(), Some(Err(Failure::Ipv4Only)));
}

#[test]
fn format_errors_shorten_the_packet_twice() {
    let mut session = asked();
    session.handle(&Received::new(&refusal(Implementation::CURRENT, ErrorCode::FORMAT), MS(1)));
    assert_eq!(session.next_payload(MS(1)).unwrap().len(), 160);
    session.handle(&Received::new(&refusal(Implementation::OLD, ErrorCode::FORMAT), MS(2)));
    assert_eq!(session.next_payload(MS(2)).unwrap().len(), 48);
    session.handle(&Received::new(&refusal(Implementation::OLD, ErrorCode::FORMAT), MS(3)));
    assert_eq!(session.poll_event(), Some(Err(Failure::Refused(ErrorCode::FORMAT, false))));
    assert_eq!(session.take_notes(), [Note::OlderImplementation, Note::ShorterPacket(160, 48)]);
}

fn play_silence(
    session: &mut Mode7Session,
    mut on_sent: impl FnMut(&mut Mode7Session, &[u8], Duration),
) -> Duration {
    loop {
        let now = session.poll_timeout().unwrap();
        while let Some(packet) = session.next_payload(now) {
            on_sent(session, &packet, now);
        }
        session.handle_timeout(now);
        if session.is_done() {
            return now;
        }
    }
}

#[test]
fn silence_ends_with_the_timeout() {
    let mut session = asked();
    let mut sent = Vec::new();
    let end = play_silence(&mut session, |_, packet, _| sent.push(packet.len()));
    assert_eq!(end, Duration::from_secs(5));
    assert_eq!(session.poll_event(), Some(Err(Failure::TimedOut)));
    assert_eq!(sent.iter().filter(|&&length| length == 48).count(), 1, "{sent:?}");
    assert!(sent.len() > 3);
}

#[test]
fn a_server_that_only_answers_time_requests_is_recognised() {
    let mut session = asked();
    let end = play_silence(&mut session, |session, packet, now| {
        if let Ok(asked) = TimePacket::parse(packet)
            && asked.mode == Mode::CLIENT
        {
            let answer =
                TimePacket { mode: Mode::SERVER, origin_timestamp: asked.transmit_timestamp, ..asked };
            session.handle(&Received::new(&answer.to_bytes(), now));
        }
    });
    assert!(end < Duration::from_secs(3), "{end:?}");
    assert!(session.silence().time.is_some());
}

#[test]
fn an_incomplete_reply_does_not_count() {
    let mut session = asked();
    session.handle(&Received::new(&reply(0, true, b"ab"), MS(1)));
    play_silence(&mut session, |_, _, _| {});
    assert_eq!(session.poll_event(), Some(Err(Failure::Incomplete)));
}

#[test]
fn a_refusal_of_a_retransmission_is_marked() {
    let mut session = asked();
    let again = session.poll_timeout().unwrap();
    while session.next_payload(again).is_some() {}
    session.handle(&Received::new(&refusal(Implementation::CURRENT, ErrorCode::NO_DATA), again + MS(1)));
    assert_eq!(session.poll_event(), Some(Err(Failure::Refused(ErrorCode::NO_DATA, true))));
}

#[test]
fn retransmissions_carry_their_own_timestamp() {
    let key = Arc::new(Key::from_text(1, KeyType::Md5, "secret").unwrap());
    let start = 0xeeab_0000_8000_0000;
    let mut session = Mode7Session::new(CONFIG);
    session.submit(Request { seal: Some((Arc::clone(&key), start)), ..question() });
    let stamp = |packet: &[u8]| u64::from_be_bytes(*packet[..192].last_chunk().unwrap());
    let first = session.next_payload(MS(700)).unwrap();
    assert_eq!((first.len(), stamp(&first)), (212, start));
    let again = session.poll_timeout().unwrap();
    let second =
        std::iter::from_fn(|| session.next_payload(again)).find(|packet| packet.len() == 212).unwrap();
    let passed = again.checked_sub(MS(700)).unwrap().as_nanos();
    let stamped = (u128::from(stamp(&second) - start) * 1_000_000_000) >> 32;
    assert!(passed > 0 && stamped.abs_diff(passed) <= 1, "{stamped} {passed}");
    let (message, mac) = second.split_at(second.len() - 16);
    assert!(key.verify(&message[..192], mac), "the MAC covers the new timestamp");
}

/// Generates datagrams that are part of a reply, or nearly.
fn datagrams() -> impl Strategy<Value = Vec<u8>> {
    let header = (any::<bool>(), 0..130_u8, 0..4_u8, 0..2_u8, prop_oneof![9 => Just(0), 1 => 1..9_u8]);
    let sizes = (0..12_u16, prop_oneof![4 => 0..40_u16, 1 => any::<u16>()]);
    let shaped = (header, sizes, proptest::collection::vec(any::<u8>(), 0..600)).prop_map(
        |((more, sequence, implementation, request, error), (item_count, item_size), items)| {
            let header = Header {
                response: true,
                more,
                sequence,
                error: ErrorCode(error),
                item_count,
                item_size,
                ..Header::request(Implementation(implementation), RequestCode(request))
            };
            header.encode(&items)
        },
    );
    prop_oneof![9 => shaped, 1 => proptest::collection::vec(any::<u8>(), 0..64)]
}

proptest! {
    /// Whatever a server sends, and whenever, the conversation ends with one outcome, and a reply has no more items
    /// than packets can carry.
    #[test]
    fn every_conversation_ends(steps in proptest::collection::vec((0..400_u64, datagrams()), 0..60)) {
        let mut session = Mode7Session::new(CONFIG);
        session.submit(question());
        let (mut now, mut sent, mut outcomes) = (Duration::ZERO, 0, Vec::new());
        for (pause, datagram) in steps {
            while session.next_payload(now).is_some() {
                sent += 1;
            }
            now += MS(pause);
            session.handle_timeout(now);
            session.handle(&Received::new(&datagram, now));
            outcomes.extend(session.poll_event());
        }
        while let Some(next) = session.poll_timeout() {
            now = now.max(next);
            while session.next_payload(now).is_some() {
                sent += 1;
            }
            session.handle_timeout(now);
            outcomes.extend(session.poll_event());
        }
        outcomes.extend(session.poll_event());
        prop_assert_eq!(outcomes.len(), 1);
        prop_assert!(sent <= 4 * SENDINGS + 1, "{} sent", sent);
        if let Some(Ok(reply)) = outcomes.first() {
            prop_assert!(reply.items.iter().all(|item| item.len() == reply.item_size && !item.is_empty()));
            prop_assert!(reply.items.concat().len() <= PACKET_LIMIT * DATA_LIMIT);
        }
    }
}
