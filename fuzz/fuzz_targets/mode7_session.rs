//! A whole mode 7 conversation with a server that sends anything at any time: it ends with one outcome, the items of a
//! reply have one size and fit into the packets, and the session sends a bounded number of datagrams. The items are
//! parsed as every type.
//!
//! The input is a sequence of steps: the elapsed time (one octet, milliseconds), a length (two octets), a datagram.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use ntpkit::session::mode7::{Config, Items, Mode7Session, Reply, Request};
use ntpkit::session::{Received, Session};
use ntpkit::wire::mode7::clock::{ClockBug, ClockInfo};
use ntpkit::wire::mode7::lists::{Client, Interface, Restriction, Trap};
use ntpkit::wire::mode7::peer::{MachineOrder, PeerDetail, PeerEntry, PeerStatistics, PeerSummary};
use ntpkit::wire::mode7::system::{KernelInfo, LoopInfo, SystemInfo};
use ntpkit::wire::mode7::{DATA_LIMIT, PACKET_LIMIT, RequestCode};

/// More datagrams than a session may send for one request.
const MAX_SENT: usize = 1000;

fuzz_target!(|input: &[u8]| {
    let Some((&code, mut rest)) = input.split_first() else { return };
    let mut session = Mode7Session::new(Config {
        silence: Duration::from_secs(5),
        patience: Duration::from_secs(10),
        probe: Some(7),
    });
    session.submit(Request {
        code: RequestCode(code),
        items: Items::default(),
        old_items: Some(Items::default()),
        seal: None,
        gives_up_early: false,
    });
    let mut now = Duration::ZERO;
    let (mut sent, mut outcomes) = (0, 0);
    let mut turn = |session: &mut Mode7Session, now| {
        while session.poll_transmit(now).is_some() {
            sent += 1;
            assert!(sent < MAX_SENT, "too many datagrams");
        }
        session.take_notes();
        while let Some(outcome) = session.poll_event() {
            outcomes += 1;
            if let Ok(reply) = outcome {
                check(&reply);
            }
        }
        outcomes
    };
    while let Some((&[time, high, low], behind)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(behind.len());
        let (datagram, following) = behind.split_at(length);
        rest = following;
        turn(&mut session, now);
        now += Duration::from_millis(u64::from(time));
        session.handle_timeout(now);
        session.handle(&Received::new(datagram, now));
    }
    for _ in 0..MAX_SENT {
        turn(&mut session, now);
        let Some(next) = session.poll_timeout() else { break };
        now = now.max(next);
        session.handle_timeout(now);
    }
    assert_eq!(turn(&mut session, now), 1);
    assert!(session.is_done());
});

fn check(reply: &Reply) {
    assert!(reply.items.iter().all(|item| item.len() == reply.item_size));
    let octets: usize = reply.items.iter().map(Vec::len).sum();
    assert!(octets <= PACKET_LIMIT * DATA_LIMIT);
    for item in &reply.items {
        let _ = (
            PeerEntry::parse(item),
            PeerSummary::parse(item),
            PeerDetail::parse(item, MachineOrder::FoundOut),
        );
        let _ = (PeerStatistics::parse(item), SystemInfo::parse(item), LoopInfo::parse(item));
        let _ = (KernelInfo::parse(item), Restriction::parse(item), Trap::parse(item));
        let _ = (Client::parse(item, Client::form(item.len())), Interface::parse(item));
        let _ = (ClockInfo::parse(item), ClockBug::parse(item));
    }
}
