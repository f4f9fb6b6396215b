//! A whole reading of an MRU list from a server that sends anything at any time and does not stop: it ends, with rows of
//! addresses that differ.
#![no_main]

use std::collections::BTreeSet;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use ntpkit::session::mru::{Config, MruSession};
use ntpkit_fuzz::{control_reply, play};

fuzz_target!(|input: &[u8]| {
    let Some((&options, script)) = input.split_first() else { return };
    let config = Config {
        version: 2,
        first_sequence: 1,
        silence: Duration::from_secs(5),
        parameters: String::new(),
        longest_interval: (options & 1 != 0).then_some(60),
        raw: options & 2 != 0,
        follows: options & 4 != 0,
        divides: options & 8 != 0,
        window: 64,
        key: None,
    };
    let round_trip = (options & 16 != 0).then_some(Duration::from_millis(100));
    let mut session = MruSession::new(config, "0123456789abcdef01234567", round_trip, Duration::ZERO);
    play(&mut session, script, control_reply, drop);
    let list = session.into_list();
    let addresses: BTreeSet<_> = list.entries.iter().map(|entry| entry.address).collect();
    assert_eq!(addresses.len(), list.entries.len());
});
