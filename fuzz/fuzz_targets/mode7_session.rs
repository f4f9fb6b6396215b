//! A whole mode 7 conversation with a server that sends anything at any time and does not stop: it ends with one outcome, the items of a
//! reply have one size and fit into the packets, and the session sends a bounded number of datagrams. The items are
//! parsed as every type.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use ntpkit::session::mode7::{Config, Items, Mode7Session, Reply, Request};
use ntpkit::wire::mode7::clock::{ClockBug, ClockInfo};
use ntpkit::wire::mode7::lists::{Client, Interface, Restriction, Trap};
use ntpkit::wire::mode7::peer::{MachineOrder, PeerDetail, PeerEntry, PeerStatistics, PeerSummary};
use ntpkit::wire::mode7::system::{KernelInfo, LoopInfo, SystemInfo};
use ntpkit::wire::mode7::{DATA_LIMIT, PACKET_LIMIT, RequestCode};
use ntpkit_fuzz::{mode7_reply, play};

fuzz_target!(|input: &[u8]| {
    let Some((&code, script)) = input.split_first() else { return };
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
    let mut outcomes = 0;
    let played = play(&mut session, script, mode7_reply, |outcome| {
        outcomes += 1;
        if let Ok(reply) = outcome {
            check(&reply);
        }
    });
    assert_eq!(outcomes, 1);
    assert!(played.sent < 1000 && played.lasted < Duration::from_secs(60), "{played:?}");
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
