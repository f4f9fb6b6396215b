//! Conversations with servers of every kind over a network in memory.

use super::*;
use crate::session::drive::{Hooks, Network, converse};
use crate::session::memory::{MemoryNetwork, Place, Weather};
use proptest::prelude::*;

const COMMAND_PORT: u16 = 323;
const INTERVAL: Duration = Duration::from_millis(100);

fn server() -> SocketAddr {
    ([192, 0, 2, 1], 123).into()
}

/// An old daemon that answers everything; `None` for chronyd's port.
fn open_daemon(request: &[u8]) -> Vec<Vec<u8>> {
    if let Ok(packet) = TimePacket::parse(request)
        && packet.mode == Mode::CLIENT
    {
        let reply = TimePacket {
            mode: Mode::SERVER,
            stratum: 2,
            origin_timestamp: packet.transmit_timestamp,
            ..packet
        };
        return vec![reply.to_bytes()];
    }
    if let Ok(message) = control::Message::parse(request) {
        let header = control::Header { response: true, ..message.header };
        return match header.opcode {
            Opcode::READ_VARIABLES => vec![header.encode(&[b'x'; 400])],
            Opcode::REQUEST_NONCE => vec![header.encode(b"nonce=0123456789abcdef\r\n")],
            Opcode::READ_MRU if message.data.starts_with(b"nonce=0123456789abcdef, frags=") => {
                (0..4).map(|_| header.encode(&[b'x'; 440])).collect()
            }
            _ => Vec::new(),
        };
    }
    let Ok(message) = mode7::Message::parse(request) else { return Vec::new() };
    let reply = |size, count| {
        let header = mode7::Header { response: true, item_count: 1, item_size: size, ..message.header };
        let items = vec![0; usize::from(size)];
        (0..count).map(|_| header.encode(&items)).collect()
    };
    match message.header.request {
        RequestCode::MON_LIST_1 => reply(432, 100),
        _ => reply(80, 1),
    }
}

fn chronyd(request: &[u8], status: u8) -> Vec<Vec<u8>> {
    let mut reply = vec![6, 2, 0, 0, 0, request[5], 0, 5, 0, status, 0, 0, 0, 0, 0, 0];
    reply.extend(&request[8..12]);
    reply.resize(104, 0);
    vec![reply]
}

/// The answers of a server, the reason why its NTP port cannot be reached, and the time that this took.
fn ask(mut network: MemoryNetwork) -> (Vec<Answer>, Option<io::Error>, Duration) {
    let mut session =
        ExposureSession::new(server(), COMMAND_PORT, Pace::new(INTERVAL), [7; 32], Duration::ZERO);
    let mut watch = Hooks {
        event: &mut |_: &mut ExposureSession, event: Infallible| match event {},
        datagram: &mut |_, _| {},
        turned: &mut |_| {},
        tick: None,
    };
    converse(&mut network, &mut Place::at(server()), &mut session, &mut watch).unwrap();
    let (answers, fault) = session.into_answers();
    (answers, fault, network.now())
}

fn network(mut answer: impl FnMut(SocketAddr, &[u8]) -> Vec<Vec<u8>> + 'static) -> MemoryNetwork {
    let mut network = MemoryNetwork::new(Weather { delay: Duration::from_millis(10), ..Weather::default() });
    network.answer_with(move |to, request, _| answer(to, request));
    network
}

fn treatments(answers: &[Answer]) -> Vec<(Treatment, u64, u64)> {
    answers.iter().map(|answer| (answer.treatment, answer.sent, answer.received)).collect()
}

#[test]
fn an_open_server_is_measured() {
    use Treatment::{Answered, Refused};
    let network = network(|to, request| match to.port() {
        COMMAND_PORT => chronyd(request, 2),
        _ => open_daemon(request),
    });
    let (answers, fault, took) = ask(network);
    assert!(fault.is_none());
    assert_eq!(
        treatments(&answers),
        [
            (Answered, 48, 48),
            (Answered, 12, 412),
            // The requests for a nonce and for the list.
            (Answered, 12 + 48, 36 + 4 * 452),
            (Answered, 8, 88),
            (Answered, 8, 100 * 440),
            (Refused, 104, 104),
        ]
    );
    assert_eq!(answers[4].amplification(), Some(5500.0));
    assert!(took >= INTERVAL * 6 && took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_closed_server_gets_each_question_once() {
    let (answers, fault, took) = ask(network(|_, _| Vec::new()));
    assert!(fault.is_none());
    assert!(answers.iter().all(|answer| answer.treatment == Treatment::Silent && answer.received == 0));
    assert_eq!(answers.iter().map(|answer| answer.sent).collect::<Vec<_>>(), [48, 12, 12, 8, 8, 104]);
    assert_eq!(took, INTERVAL * 5 + QUIET);
}

#[test]
fn refusals_are_distinguished_from_answers() {
    use Treatment::{Refused, Silent};
    let network = network(|to, request| {
        if to.port() == COMMAND_PORT {
            return Vec::new();
        }
        if let Ok(message) = control::Message::parse(request) {
            return vec![control::Header { response: true, error: true, ..message.header }.encode(b"")];
        }
        let Ok(message) = mode7::Message::parse(request) else { return Vec::new() };
        let error = mode7::ErrorCode::NO_DATA;
        vec![mode7::Header { response: true, error, ..message.header }.encode(&[])]
    });
    let (answers, ..) = ask(network);
    let expected = [
        (Silent, 48, 0),
        (Refused, 12, 12),
        (Refused, 12, 12),
        (Refused, 8, 8),
        (Refused, 8, 8),
        (Silent, 104, 0),
    ];
    assert_eq!(treatments(&answers), expected);
}

#[test]
fn a_closed_port_ends_the_questions_to_it() {
    let mut network = network(|_, request| chronyd(request, 0));
    network.refuse(server());
    let (answers, fault, _) = ask(network);
    assert_eq!(fault.unwrap().kind(), io::ErrorKind::ConnectionRefused);
    assert_eq!(answers[5].treatment, Treatment::Answered);
    assert_eq!(answers[4].sent, 0, "nobody listens there");
}

#[test]
fn an_endless_answer_is_cut_short() {
    let network = network(|to, request| match control::Message::parse(request) {
        Ok(message) if to == server() && message.header.opcode == Opcode::READ_VARIABLES => {
            let reply = control::Header { response: true, ..message.header }.encode(&[b'x'; 468]);
            vec![reply; 5000]
        }
        _ => Vec::new(),
    });
    let (answers, _, took) = ask(network);
    assert!((MAX_OCTETS..MAX_OCTETS + 500).contains(&answers[1].received));
    assert!(took < LONGEST, "{took:?}");
}

#[test]
fn conversations_share_one_pace() {
    let pace = Pace::new(INTERVAL);
    let session = |host| {
        let server = ([192, 0, 2, host], 123).into();
        ExposureSession::new(server, COMMAND_PORT, pace.clone(), [host; 32], Duration::ZERO)
    };
    let (mut one, mut other) = (session(1), session(2));
    let mut sent = 0;
    for step in 0..20 {
        let now = INTERVAL / 2 * step;
        sent +=
            usize::from(one.poll_transmit(now).is_some()) + usize::from(other.poll_transmit(now).is_some());
        assert!(sent <= usize::try_from(step / 2 + 1).unwrap(), "{sent} at {now:?}");
    }
    assert_eq!(sent, 10);
}

proptest! {
    /// Whatever arrives, the conversation ends in bounded time, and only questions that were asked have answers.
    #[test]
    fn any_datagrams_end_the_conversation(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..20),
        repeat in 1_usize..5,
    ) {
        let network = network(move |_, _| packets.iter().flat_map(|packet| vec![packet.clone(); repeat]).collect());
        let (answers, _, took) = ask(network);
        prop_assert_eq!(answers.len(), Question::ALL.len());
        prop_assert!(took <= INTERVAL * 8 + LONGEST + QUIET);
    }
}
