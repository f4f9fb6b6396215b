//! Looks at hosts of every kind over a network in memory.

use super::*;
use crate::session::drive::{Hooks, Network, converse};
use crate::session::memory::{MemoryNetwork, Place, Weather};
use crate::wire::control::{ErrorCode, Header, Message};
use crate::wire::packet::{Mode, TimePacket};

const MS: fn(u64) -> Duration = Duration::from_millis;
const PATIENCE: Duration = Duration::from_secs(5);
const CHRONY_PORT: u16 = 323;

fn address() -> SocketAddr {
    ([192, 0, 2, 1], 123).into()
}

/// What a host answers on the NTP port.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the services are independent of one another")]
struct Answers {
    time: bool,
    control: bool,
    refuses: bool,
    chrony: bool,
    kiss: bool,
    alarm: bool,
}

fn answer(answers: Answers, to: SocketAddr, request: &[u8], now: Duration) -> Vec<Vec<u8>> {
    if to.port() == CHRONY_PORT {
        return if answers.chrony { chronyd(request) } else { Vec::new() };
    }
    if let Ok(message) = Message::parse(request) {
        let header =
            Header { response: true, status: if answers.alarm { 0xc016 } else { 0x0615 }, ..message.header };
        if answers.refuses {
            let status = u16::from(ErrorCode::PROHIBITED.0) << 8;
            return vec![Header { error: true, status, ..header }.encode(b"")];
        }
        let data: &[u8] = match (message.header.opcode, message.header.association.0) {
            (Opcode::READ_STATUS, _) => &[0x40, 1, 0x96, 0x1a, 0x40, 2, 0x93, 0x1a],
            (_, 0) if message.data == b"ss_uptime" => b"ss_uptime=7",
            (_, 0) => b"version=\"ntpd 4.2.8p15\", leap=0, stratum=2, offset=0.125",
            (_, 0x4001) => b"srcadr=192.0.2.9, reach=0x3f",
            _ => b"",
        };
        return if answers.control { vec![header.encode(data)] } else { Vec::new() };
    }
    let Ok(packet) = TimePacket::parse(request) else { return Vec::new() };
    // The clock of the network in memory, shared by the host.
    let stamp =
        MemoryNetwork::new(Weather::default()).stamp().0 + (u64::from(now.subsec_millis()) * 4_294_967);
    let reply = TimePacket {
        mode: Mode::SERVER,
        stratum: if answers.kiss { 0 } else { 2 },
        leap: if answers.kiss { 3 } else { 0 },
        reference_id: if answers.kiss { *b"RATE" } else { [192, 0, 2, 9] },
        origin_timestamp: packet.transmit_timestamp,
        receive_timestamp: stamp,
        transmit_timestamp: stamp,
        ..packet
    };
    if answers.time { vec![reply.to_bytes()] } else { Vec::new() }
}

/// A chronyd without sources whose clock is not synchronised.
fn chronyd(request: &[u8]) -> Vec<Vec<u8>> {
    let (layout, data) = match request[5] {
        33 => (5, vec![0; 76]),
        14 => (2, vec![0; 4]),
        _ => return Vec::new(),
    };
    let mut reply = vec![6, 2, 0, 0, 0, request[5], 0, layout, 0, 0, 0, 0, 0, 0, 0, 0];
    reply.extend(&request[8..12]);
    reply.extend([0; 8]);
    reply.extend(data);
    vec![reply]
}

/// Looks at a host; returns the result, when it was known, and how many datagrams were sent.
fn look(
    answers: Answers,
    change: impl FnOnce(&mut MemoryNetwork, &mut Questions),
) -> (Seen, Duration, usize) {
    let mut network = MemoryNetwork::new(Weather { delay: MS(10), ..Weather::default() });
    network.answer_with(move |to, request, now| answer(answers, to, request, now));
    let mut questions = Questions {
        control: true,
        chrony: Some(CHRONY_PORT),
        time: true,
        sources: false,
        patience: PATIENCE,
    };
    change(&mut network, &mut questions);
    let mut session = LookSession::new(address(), questions, [7; 32], Duration::ZERO);
    let mut watch = Hooks {
        event: &mut |_: &mut LookSession, event: Infallible| match event {},
        datagram: &mut |_, _| {},
        turned: &mut |_| {},
        tick: None,
    };
    converse(&mut network, &mut Place::at(address()), &mut session, &mut watch).unwrap();
    (session.into_seen(), network.now(), network.sent())
}

fn is_measured(seen: &Seen) -> bool {
    seen.time.as_ref().is_some_and(|server| server.answers() == 1)
}

#[test]
fn a_daemon_that_answers_everything_takes_two_round_trips() {
    let (seen, took, sent) = look(Answers { time: true, control: true, ..Answers::default() }, |_, _| {});
    assert!(is_measured(&seen) && took == MS(40), "{took:?}");
    assert_eq!(sent, 4, "chronyd was not queried");
    let followed = seen.control.followed.unwrap().unwrap();
    assert_eq!(followed.data, b"srcadr=192.0.2.9, reach=0x3f");
    let associations = seen.control.associations.unwrap();
    assert_eq!((associations.len(), associations[0].1.selection()), (2, Selection::SystemPeer));
}

#[test]
fn only_a_daemon_without_synchronisation_is_asked_about_all_its_sources() {
    let asks = |_: &mut MemoryNetwork, questions: &mut Questions| questions.sources = true;
    let all = Answers { time: true, control: true, ..Answers::default() };
    let (seen, _, sent) = look(all, asks);
    assert!(seen.control.sources.is_empty() && seen.control.uptime.is_none());
    assert_eq!(sent, 4);
    let (seen, took, _) = look(Answers { alarm: true, ..all }, asks);
    assert_eq!(took, MS(40), "one more round trip");
    assert_eq!(seen.control.uptime.unwrap().unwrap().data, b"ss_uptime=7");
    let read: Vec<u16> = seen
        .control
        .sources
        .iter()
        .filter(|(_, read)| matches!(read, Some(Ok(_))))
        .map(|(id, _)| id.0)
        .collect();
    assert_eq!(read, [0x4001, 0x4002]);
    let (seen, ..) = look(Answers { alarm: true, ..all }, |_, _| {});
    assert!(seen.control.sources.is_empty(), "unless that is wanted");
}

#[test]
fn a_silent_host_takes_exactly_the_patience() {
    let (seen, took, _) = look(Answers::default(), |_, _| {});
    assert_eq!((took, seen.heard, seen.fault.is_none()), (PATIENCE, 0, true));
    assert!(matches!(seen.control.system, Some(Err(Failure::TimedOut))));
    assert!(matches!(seen.chrony.tracking, Some(Err(chrony::Failure::Silent))));
}

#[test]
fn a_server_that_only_answers_time_requests_takes_less() {
    let (seen, took, _) = look(Answers { time: true, ..Answers::default() }, |_, _| {});
    assert!(is_measured(&seen) && took < Duration::from_secs(2), "{took:?}");
    // The other port is closed. The round trip that was measured sets the interval of the further requests.
    let (seen, took, _) = look(Answers { time: true, ..Answers::default() }, |network, _| {
        network.refuse(([192, 0, 2, 1], CHRONY_PORT).into());
    });
    assert!(is_measured(&seen) && took < MS(700), "{took:?}");
}

#[test]
fn chronyd_is_queried_if_mode_6_stays_unanswered() {
    let (seen, took, _) = look(Answers { time: true, chrony: true, ..Answers::default() }, |_, _| {});
    assert!(matches!(seen.chrony.tracking, Some(Ok(_))) && seen.chrony.source_count == Some(0));
    assert!(is_measured(&seen) && took < MS(400), "{took:?}");
    // At once if nothing else is asked.
    let (seen, took, sent) = look(Answers { chrony: true, ..Answers::default() }, |_, questions| {
        (questions.control, questions.time) = (false, false);
    });
    assert!(matches!(seen.chrony.tracking, Some(Ok(_))) && took == MS(40) && sent == 2, "{took:?}");
}

#[test]
fn refusals_end_a_look() {
    let (seen, took, _) = look(Answers { time: true, refuses: true, ..Answers::default() }, |_, _| {});
    assert!(matches!(seen.control.system, Some(Err(Failure::Refused(ErrorCode::PROHIBITED)))));
    assert_eq!((is_measured(&seen), took), (true, MS(20)));
    let (seen, took, _) =
        look(Answers { time: true, control: true, kiss: true, ..Answers::default() }, |_, _| {});
    let server = seen.time.unwrap();
    assert_eq!((server.rate_limited, server.answers(), took), (true, 0, MS(40)));
}

#[test]
fn a_closed_port_ends_the_wait_at_once() {
    let (seen, took, _) = look(Answers::default(), |network, _| {
        network.refuse(address());
        network.refuse(([192, 0, 2, 1], CHRONY_PORT).into());
    });
    assert!(seen.fault.is_some() && seen.heard == 0 && took < MS(400), "{took:?}");
}

#[test]
fn answers_from_other_addresses_do_not_count() {
    let questions = Questions { control: true, chrony: None, time: true, sources: false, patience: PATIENCE };
    let mut session = LookSession::new(address(), questions, [7; 32], Duration::ZERO);
    let requests: Vec<Vec<u8>> = std::iter::from_fn(|| session.poll_transmit(Duration::ZERO))
        .map(|transmit| transmit.payload)
        .collect();
    let all = Answers { time: true, control: true, ..Answers::default() };
    for from in [None, Some(([192, 0, 2, 2], 123).into()), Some(([192, 0, 2, 1], 124).into())] {
        for reply in requests.iter().flat_map(|request| answer(all, address(), request, MS(10))) {
            session.handle(&Received {
                from,
                stamp: Some(crate::wire::timestamp::NtpTimestamp(1)),
                ..Received::new(&reply, MS(20))
            });
        }
    }
    assert!(!session.is_done());
    let seen = session.into_seen();
    assert!(seen.heard == 0 && !is_measured(&seen) && seen.control.system.is_none());
}
