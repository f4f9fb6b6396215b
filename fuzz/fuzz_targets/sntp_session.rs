//! A whole round of time requests to servers that send anything at any time and do not stop: it ends, with no more samples
//! than requested.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit_fuzz::{play, time_reply, time_round};

const SAMPLES: usize = 4;

fuzz_target!(|input: &[u8]| {
    let Some((&rules, script)) = input.split_first() else { return };
    let mut session = time_round(SAMPLES, rules);
    play(&mut session, script, time_reply, drop);
    for server in session.servers() {
        assert!(server.answers() <= SAMPLES || rules & 1 != 0, "{} samples", server.answers());
    }
});
