//! A whole mode 6 conversation with a server that sends anything at any time: it ends, each request has one
//! outcome, and the session sends a bounded number of datagrams.
//!
//! The input is a sequence of steps: the elapsed time (one octet, milliseconds), a length (two octets), a datagram.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use ntpkit::session::control::{Config, ControlSession, Request};
use ntpkit::session::{Received, Session};
use ntpkit::wire::AssociationId;
use ntpkit::wire::control::Opcode;

const REQUESTS: usize = 3;

/// More datagrams than a session may send for three requests.
const MAX_SENT: usize = 1000;

fuzz_target!(|input: &[u8]| {
    let mut session = ControlSession::new(Config {
        version: 2,
        first_sequence: 1,
        silence: Duration::from_secs(5),
        patience: Duration::from_secs(30),
        probe: Some(7),
    });
    for index in 0..REQUESTS {
        let association = AssociationId(u16::try_from(index).expect("few requests"));
        session.submit(Request::open(Opcode::READ_VARIABLES, association, Vec::new()));
    }
    let mut now = Duration::ZERO;
    let (mut sent, mut outcomes) = (0, 0);
    let mut turn = |session: &mut ControlSession, now| {
        while session.poll_transmit(now).is_some() {
            sent += 1;
            assert!(sent < MAX_SENT, "too many datagrams");
        }
        session.take_notes();
        while session.poll_event().is_some() {
            outcomes += 1;
        }
        outcomes
    };
    let mut rest = input;
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
    assert_eq!(turn(&mut session, now), REQUESTS);
    assert!(session.is_done());
    assert!(now < Duration::from_secs(3600), "the conversation took {now:?}");
});
