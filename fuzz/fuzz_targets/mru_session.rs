//! A whole reading of an MRU list from a server that sends anything at any time and does not stop: it ends, with rows of
//! addresses that differ.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use ntpkit_fuzz::{client_list, control_reply, play};

fuzz_target!(|input: &[u8]| {
    let Some((&options, script)) = input.split_first() else { return };
    let mut session = client_list(options);
    play(&mut session, script, control_reply, drop);
    let list = session.into_list();
    let addresses: BTreeSet<_> = list.entries.iter().map(|entry| entry.address).collect();
    assert_eq!(addresses.len(), list.entries.len());
});
