//! A whole mode 6 conversation with a server that sends anything at any time and does not stop: it ends, each request has one
//! outcome, and the session sends a bounded number of datagrams.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use ntpkit::session::control::{Config, ControlSession, Request};
use ntpkit::wire::AssociationId;
use ntpkit::wire::control::Opcode;
use ntpkit_fuzz::{control_reply, play};

const REQUESTS: usize = 3;

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
    let mut outcomes = 0;
    let played = play(&mut session, input, control_reply, |_| outcomes += 1);
    assert_eq!(outcomes, REQUESTS);
    assert!(played.sent < 1000 && played.lasted < Duration::from_secs(60), "{played:?}");
});
