//! A whole round of time requests to servers that send anything at any time and do not stop: it ends, with no more samples
//! than requested.
#![no_main]

use std::net::SocketAddr;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use ntpkit::session::sntp::{Asking, Rules, SntpSession};
use ntpkit_fuzz::{play, time_reply};

const SAMPLES: usize = 4;

fuzz_target!(|input: &[u8]| {
    let Some((&options, script)) = input.split_first() else { return };
    let flag = |bit: u8| options & bit != 0;
    let asking = Asking {
        version: 4,
        samples: SAMPLES,
        timeout: Duration::from_secs(1),
        interval: Duration::from_secs(2),
        delay: Duration::ZERO,
        stagger: Duration::from_millis(10),
        authenticate: false,
        key: None,
        key_delay: 0,
        rules: Rules {
            copies_count: flag(1),
            forgeries_count: flag(2),
            stratum_16_is_no_answer: flag(4),
            refusals_are_answers: flag(8),
            one_era: flag(16),
            errors_are_ignored: flag(32),
            groups_are_asked_anew: flag(64),
        },
    };
    let addresses: [SocketAddr; 3] =
        ["192.0.2.1:123", "[2001:db8::1]:123", "192.0.2.1:123"].map(|text| text.parse().expect("an address"));
    let mut session = SntpSession::new(asking, &addresses, [7; 32], Duration::ZERO);
    play(&mut session, script, time_reply, drop);
    for server in session.servers() {
        assert!(server.answers() <= SAMPLES || flag(1), "{} samples", server.answers());
    }
});
