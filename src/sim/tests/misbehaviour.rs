//! What happens to replies, and the daemon on a socket.

use super::*;
use crate::wire::control::HEADER_LENGTH;
use crate::wire::packet::{Mode, TimePacket};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

proptest! {
    #[test]
    fn nothing_received_hurts(bytes in proptest::collection::vec(any::<u8>(), 0..700), seed: u64) {
        let faults = Faults { seed, faults: ALL_FAULTS.to_vec(), decoys: ALL_FAULTS.to_vec(), ..Faults::default() };
        let mut mischiefs = FaultInjector::new(faults);
        for name in ["campus", "ntpsec", "young", "restless"] {
            let mut daemon = daemon(name);
            let mut mode_6 = bytes.clone();
            if let [first, second, ..] = mode_6.as_mut_slice() {
                (*first, *second) = (0x16, *second & 0x1f);
            }
            for request in [&bytes, &mode_6] {
                let replies = daemon.answer(request, NOW);
                prop_assert!(replies.iter().all(|reply| reply.len() <= HEADER_LENGTH + DATA_LIMIT));
                prop_assert!(mischiefs.deliveries(replies).len() < 16 * ENDLESS);
            }
        }
    }
}

const ALL_FAULTS: [Fault; 11] = [
    Fault::WrongSequence,
    Fault::WrongAssociation,
    Fault::WrongOpcode,
    Fault::NoReply,
    Fault::Overlapping,
    Fault::Missing,
    Fault::Reversed,
    Fault::Elsewhere,
    Fault::Endless,
    Fault::Truncated,
    Fault::Junk,
];

/// Replies of two fragments, to be spoiled.
fn replies() -> Vec<Vec<u8>> {
    let replies = daemon("campus").answer(&request(READ, 44159, b""), NOW);
    assert_eq!(replies.len(), 2);
    replies
}

fn spoilt(faults: Faults) -> Vec<Delivery> {
    FaultInjector::new(faults).deliveries(replies())
}

fn with_fault(fault: Fault) -> Vec<Vec<u8>> {
    let faults = Faults { faults: vec![fault], ..Faults::default() };
    spoilt(faults).into_iter().map(|delivery| delivery.datagram).collect()
}

#[test]
fn no_mischief_changes_nothing() {
    let sent = spoilt(Faults::default());
    assert!(sent.iter().all(|delivery| delivery.after.is_zero() && !delivery.elsewhere));
    assert_eq!(sent.into_iter().map(|delivery| delivery.datagram).collect::<Vec<_>>(), replies());
}

#[test]
fn each_fault_does_what_it_says() {
    let header = |datagram: &[u8]| Message::parse(datagram).unwrap().header;
    assert!(with_fault(Fault::WrongSequence).iter().all(|datagram| header(datagram).sequence == 0x4712));
    assert!(
        with_fault(Fault::WrongAssociation).iter().all(|datagram| header(datagram).association.0 == 44158)
    );
    assert!(with_fault(Fault::WrongOpcode).iter().all(|datagram| header(datagram).opcode == Opcode(1)));
    assert!(with_fault(Fault::NoReply).iter().all(|datagram| !header(datagram).response));
    assert!(with_fault(Fault::Truncated).iter().zip(replies()).all(|(cut, whole)| cut.len() < whole.len()));
    assert!(with_fault(Fault::Junk).iter().zip(replies()).all(|(junk, whole)| *junk != whole));
    assert_eq!(with_fault(Fault::Missing).len(), 1);
    assert_eq!(with_fault(Fault::Reversed).into_iter().rev().collect::<Vec<_>>(), replies());
    let endless = with_fault(Fault::Endless);
    assert_eq!(endless.len(), 2 + ENDLESS);
    assert!(endless.iter().all(|datagram| header(datagram).more));

    let faults = Faults { decoys: vec![Fault::Elsewhere], ..Faults::default() };
    let elsewhere: Vec<bool> = spoilt(faults).iter().map(|delivery| delivery.elsewhere).collect();
    assert_eq!(elsewhere, [true, true, false, false]);
}

#[test]
fn overlapping_fragments_cover_the_whole_consistently() {
    let whole: Vec<u8> =
        replies().iter().flat_map(|reply| Message::parse(reply).unwrap().data.to_vec()).collect();
    let mut end = 0;
    let mut overlaps = 0;
    for datagram in with_fault(Fault::Overlapping) {
        let message = Message::parse(&datagram).unwrap();
        let begin = usize::from(message.header.offset);
        overlaps += usize::from(begin < end);
        assert_eq!(whole[begin..begin + message.data.len()], *message.data);
        end = begin + message.data.len();
        assert_eq!(message.header.more, end < whole.len());
    }
    assert_eq!(end, whole.len());
    assert!(overlaps > 0);
}

#[test]
fn chance_is_the_same_for_the_same_seed() {
    let plan = |seed| Faults {
        seed,
        loss: 0.3,
        duplication: 0.3,
        corruption: 0.3,
        delay: Duration::from_millis(5),
        jitter: Duration::from_millis(50),
        ..Faults::default()
    };
    let run = |seed| {
        let mut mischiefs = FaultInjector::new(plan(seed));
        (0..50).map(|_| mischiefs.deliveries(replies())).collect::<Vec<_>>()
    };
    let first = run(7);
    assert_eq!(first, run(7));
    assert_ne!(first, run(8));
    let all: Vec<&Delivery> = first.iter().flatten().collect();
    assert!((50..110).contains(&all.len()), "{}", all.len());
    let span = Duration::from_millis(5)..=Duration::from_millis(55);
    assert!(all.iter().all(|delivery| span.contains(&delivery.after)));
    assert!(all.iter().any(|delivery| !replies().contains(&delivery.datagram)));
    assert!(first.iter().all(|sent| sent.is_sorted_by_key(|delivery| delivery.after)));
}

#[test]
fn requests_may_take_their_time_and_some_are_punctual() {
    let (delay, jitter) = (Duration::from_millis(10), Duration::from_millis(50));
    let one_way = Faults { delay, ..Faults::default() };
    assert_eq!(FaultInjector::new(one_way.clone()).way_here(), Duration::ZERO);
    let mut both = FaultInjector::new(Faults { both_ways: true, ..one_way.clone() });
    assert_eq!((both.way_here(), both.deliveries(replies())[0].after), (delay, delay));
    let mut half = FaultInjector::new(Faults { both_ways: true, jitter, punctual: 0.5, ..one_way });
    let ways: Vec<Duration> = (0..200).map(|_| half.way_here()).collect();
    let punctual = ways.iter().filter(|way| **way == delay).count();
    assert!((60..140).contains(&punctual), "{punctual}");
    assert!(ways.iter().all(|way| (delay..=delay + jitter).contains(way)));
}

#[test]
fn delays_may_be_absurd() {
    let plan = Faults {
        delay: Duration::MAX,
        jitter: Duration::MAX,
        loss: f64::NAN,
        corruption: 7.0,
        ..Faults::default()
    };
    assert!(spoilt(plan.clone()).iter().all(|delivery| delivery.after == Duration::MAX));
    let server = SimulatedDaemon::start_on_loopback(scenario("young"), plan).unwrap();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    socket.send_to(&request(READ, 0, b"leap"), server.local_address()).unwrap();
    assert!(socket.recv(&mut [0; 64]).is_err());
    let patience = std::time::Instant::now();
    while server.control_requests() == 0 && patience.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.control_requests(), 1);
}

#[test]
fn silence_and_refusal() {
    let mut mischiefs = FaultInjector::new(Faults { silent_after: Some(1), ..Faults::default() });
    assert_eq!(mischiefs.deliveries(replies()).len(), 2);
    assert!(mischiefs.deliveries(replies()).is_empty());
    let mut mischiefs = FaultInjector::new(Faults { refuses_queries: true, ..Faults::default() });
    assert!(mischiefs.deliveries(replies()).is_empty());
    let time = TimePacket { mode: Mode::SERVER, ..TimePacket::request(1) }.to_bytes();
    assert_eq!(mischiefs.deliveries(vec![time]).len(), 1);
}

fn exchange(socket: &UdpSocket, request: &[u8]) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 1024];
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (length, source) = loop {
        if !request.is_empty() {
            socket.send(request).unwrap_or_default();
        }
        if let Ok(received) = socket.recv_from(&mut buffer) {
            break received;
        }
    };
    (buffer[..length].to_vec(), source)
}

#[test]
fn it_serves_on_both_loopbacks_and_ends() {
    for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        let bind = SocketAddr::new(ip, 0);
        let clock = || NOW;
        let server =
            SimulatedDaemon::start_with_clock(scenario("campus"), Faults::default(), bind, clock).unwrap();
        let address = server.local_address();
        let socket = UdpSocket::bind(bind).unwrap();
        socket.connect(address).unwrap();
        let (reply, _) = exchange(&socket, &request(READ, 0, b"peer"));
        assert_eq!(Message::parse(&reply).unwrap().data, b"peer=44159\r\n");
        let (reply, _) = exchange(&socket, &TimePacket::request(5).to_bytes());
        assert_eq!(TimePacket::parse(&reply).unwrap().origin_timestamp, 5);
        assert_eq!((server.datagrams(), server.control_requests(), server.time_requests()), (2, 1, 1));
        let before = std::time::Instant::now();
        drop(server);
        assert!(before.elapsed() < Duration::from_secs(60));
        UdpSocket::bind(address).expect("the port is free again");
    }
}

#[test]
fn strays_come_from_another_port() {
    let faults = Faults { decoys: vec![Fault::Elsewhere], ..Faults::default() };
    let server = SimulatedDaemon::start_on_loopback(scenario("young"), faults).unwrap();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket.send_to(&request(READ, 0, b"leap"), server.local_address()).unwrap();
    let mut buffer = [0; 64];
    let mut sources = [socket.recv_from(&mut buffer).unwrap().1, socket.recv_from(&mut buffer).unwrap().1];
    sources.sort_by_key(|source| *source == server.local_address());
    assert_ne!(sources[0], server.local_address());
    assert_eq!(sources[1], server.local_address());
}
