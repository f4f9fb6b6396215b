//! A whole conversation with a chronyd that sends anything at any time and does not stop: it ends, with one outcome for each
//! request.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use ntpkit::session::Session;
use ntpkit::session::chrony::ChronySession;
use ntpkit::wire::chrony::Request;
use ntpkit_fuzz::{chrony_reply, play};

fuzz_target!(|input: &[u8]| {
    let Some((&choice, script)) = input.split_first() else { return };
    let request = match choice % 5 {
        0 => Request::Tracking,
        1 => Request::SourceCount,
        2 => Request::SourceData(u32::from(choice)),
        3 => Request::SourceStatistics(u32::from(choice)),
        _ => Request::ServerStatistics,
    };
    let mut session = ChronySession::new(&[], [7; 32]);
    session.ask(request, Duration::from_secs(10));
    let mut outcomes = 0;
    let lasted = play(&mut session, script, chrony_reply, |_| outcomes += 1).lasted;
    assert!(session.is_done());
    assert_eq!(outcomes, 1);
    // The last step may pass 4 s, and the server goes on for as long again.
    assert!(lasted <= Duration::from_secs(20), "{lasted:?}");
});
