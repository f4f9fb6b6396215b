//! Requests to hosts with several addresses, under a virtual clock.

use super::*;
use crate::session::drive::{Hooks, Network, converse};
use crate::session::memory::{MemoryNetwork, Place, Weather};
use crate::wire::AssociationId;
use crate::wire::control::{Header, Message, Opcode};
use crate::wire::packet::Mode;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn address(number: u8) -> SocketAddr {
    ([192, 0, 2, number], 123).into()
}

fn read(names: &[u8]) -> Request {
    Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, names.to_vec())
}

fn question(probe: Option<u64>) -> Question {
    Question {
        config: Config { version: 2, first_sequence: 9, silence: MS(1000), patience: MS(1000), probe },
        acceptance: Acceptance::Numbered,
        request: read(b"stratum,tc"),
        otherwise: Some(read(b"")),
        turn: MS(250),
    }
}

/// A network with a delay of 10 ms each way.
fn network(answer: impl FnMut(SocketAddr, &[u8], Duration) -> Vec<Vec<u8>> + 'static) -> MemoryNetwork {
    let mut network = MemoryNetwork::new(Weather { delay: MS(10), ..Weather::default() });
    network.answer_with(answer);
    network
}

/// The reply to a request.
fn reply(request: &[u8], data: &[u8]) -> Vec<Vec<u8>> {
    let Ok(message) = Message::parse(request) else { return Vec::new() };
    vec![Header { response: true, status: 0x0615, ..message.header }.encode(data)]
}

/// Runs an inquiry; returns its outcomes, the number of datagrams sent, and when it ended.
fn asked(network: &mut MemoryNetwork, inquiry: &mut Inquiry) -> (Vec<Outcome>, usize, Duration) {
    let mut outcomes = Vec::new();
    let mut watch = Hooks {
        event: &mut |_, outcome| outcomes.push(outcome),
        datagram: &mut |_, _| {},
        turned: &mut |_| {},
        tick: None,
    };
    converse(&mut *network, &mut Place::at(address(1)), inquiry, &mut watch).unwrap();
    (outcomes, network.sent(), network.now())
}

fn data(outcomes: Vec<Outcome>) -> Vec<Vec<u8>> {
    outcomes.into_iter().map(|outcome| outcome.unwrap().data).collect()
}

#[test]
fn one_datagram_each_way_suffices_if_the_first_address_answers() {
    let mut network = network(|_, request, _| reply(request, b"stratum=2, tc=6"));
    let mut inquiry = Inquiry::new(question(None), &[address(1), address(2)]);
    let (outcomes, sent, ended) = asked(&mut network, &mut inquiry);
    assert_eq!((data(outcomes), sent, ended), (vec![b"stratum=2, tc=6".to_vec()], 1, MS(20)));
}

#[test]
fn the_next_address_is_tried_after_a_silence_and_at_once_after_a_refusal() {
    let answer = |to: SocketAddr, request: &[u8], _: Duration| {
        if to == address(2) { reply(request, b"stratum=2, tc=6") } else { Vec::new() }
    };
    let mut silent = network(answer);
    let mut inquiry = Inquiry::new(question(None), &[address(1), address(2), address(3)]);
    let (outcomes, sent, ended) = asked(&mut silent, &mut inquiry);
    assert_eq!((data(outcomes).len(), sent, ended), (1, 2, MS(270)));

    let mut refusing = network(answer);
    refusing.refuse(address(1));
    let mut inquiry = Inquiry::new(question(None), &[address(1), address(2), address(3)]);
    let (outcomes, sent, ended) = asked(&mut refusing, &mut inquiry);
    assert_eq!((data(outcomes).len(), sent, ended), (1, 2, MS(40)));
}

#[test]
fn a_refusal_is_reported_at_once_and_silence_at_the_deadline() {
    let mut refusing = network(|_, _, _| Vec::new());
    refusing.refuse(address(1));
    let mut inquiry = Inquiry::new(question(None), &[address(1)]);
    let (outcomes, _, ended) = asked(&mut refusing, &mut inquiry);
    assert_eq!((outcomes.len(), ended, inquiry.is_silent()), (0, MS(20), false));
    assert_eq!(inquiry.fault().unwrap().kind(), io::ErrorKind::ConnectionRefused);

    let mut silent = network(|_, _, _| Vec::new());
    let mut inquiry = Inquiry::new(question(None), &[address(1)]);
    let (outcomes, _, ended) = asked(&mut silent, &mut inquiry);
    assert_eq!((outcomes.len(), ended, inquiry.is_silent()), (0, MS(1000), true));
    assert!(inquiry.fault().is_none());
}

#[test]
fn a_daemon_that_does_not_know_all_names_is_asked_for_all_variables() {
    let mut network = network(|_, request, _| {
        let message = Message::parse(request).unwrap();
        if message.data.is_empty() {
            return reply(request, b"stratum=3");
        }
        let refusal = Header { response: true, error: true, status: 0x0500, ..message.header };
        vec![refusal.encode(b"")]
    });
    let mut inquiry = Inquiry::new(question(None), &[address(1), address(2)]);
    let (outcomes, sent, _) = asked(&mut network, &mut inquiry);
    assert_eq!((data(outcomes), sent), (vec![b"stratum=3".to_vec()], 2));
}

#[test]
fn stray_datagrams_neither_end_nor_extend_the_wait() {
    let mut network = network(|_, request, _| {
        let message = Message::parse(request).unwrap();
        let foreign = Header { response: true, sequence: message.header.sequence ^ 1, ..message.header };
        let noise = [b"noise".to_vec(), foreign.encode(b"stratum=1"), Vec::new()];
        noise.into_iter().chain(reply(request, b"stratum=2, tc=6")).collect()
    });
    let mut inquiry = Inquiry::new(question(None), &[address(1)]);
    let (outcomes, _, ended) = asked(&mut network, &mut inquiry);
    assert_eq!((data(outcomes), ended), (vec![b"stratum=2, tc=6".to_vec()], MS(20)));
}

/// A lost datagram costs a retransmission, not the answer.
#[test]
fn lost_datagrams_are_resent() {
    let mut lost = true;
    let mut network =
        network(
            move |_, request, _| {
                if std::mem::take(&mut lost) { Vec::new() } else { reply(request, b"stratum=2, tc=6") }
            },
        );
    let mut inquiry = Inquiry::new(question(None), &[address(1)]);
    let (outcomes, sent, ended) = asked(&mut network, &mut inquiry);
    assert_eq!((data(outcomes).len(), sent), (1, 2));
    assert!(ended < MS(500), "{ended:?}");
}

#[test]
fn only_the_reply_to_our_own_time_request_counts() {
    for (origin, counts) in [(7, true), (8, false)] {
        let mut network = network(move |_, request, _| match TimePacket::parse(request) {
            Ok(time) if time.mode == Mode::CLIENT => {
                let answer = TimePacket { mode: Mode::SERVER, stratum: 4, origin_timestamp: origin, ..time };
                vec![answer.to_bytes()]
            }
            _ => Vec::new(),
        });
        let mut inquiry = Inquiry::new(question(Some(7)), &[address(1)]);
        let (outcomes, ..) = asked(&mut network, &mut inquiry);
        assert_eq!(outcomes.len(), 0);
        assert_eq!(inquiry.time_server().map(|packet| packet.stratum), counts.then_some(4));
        assert!(inquiry.is_silent(), "the host is there, though it answers no queries");
    }
}
