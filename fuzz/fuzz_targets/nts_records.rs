//! The records of an NTS key exchange: any message is accepted or rejected, and a parsed grant is within its bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::wire::nts::record::{Grant, message_length, records};

fuzz_target!(|input: &[u8]| {
    let octets: usize = records(input).map(|record| record.body.len() + 4).sum();
    assert!(octets <= input.len());
    if let Some(length) = message_length(input) {
        assert!(length <= input.len());
    }
    if let Ok(grant) = Grant::parse(input) {
        assert!((1..=8).contains(&grant.cookies.len()));
        assert!(grant.cookies.iter().all(|cookie| !cookie.is_empty() && cookie.len() <= 1024));
        assert!(
            grant
                .server
                .is_none_or(|name| !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic()))
        );
        assert_ne!(grant.port, Some(0));
    }
});
