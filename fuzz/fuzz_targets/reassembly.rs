//! Fragments in any order, count and shape: memory stays bounded, and a complete reply has no gap.
//!
//! The input is a sequence of packets, each preceded by its length (two octets).
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::session::reassembly::{Added, DATA_LIMIT, FRAGMENT_LIMIT, Reassembly};
use ntpkit::wire::control::Message;

fuzz_target!(|input: &[u8]| {
    let mut reassembly = Reassembly::default();
    let mut kept = Vec::new();
    let mut rest = input;
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let (packet, following) = behind.split_at(usize::from(u16::from_be_bytes(*length)).min(behind.len()));
        rest = following;
        let Ok(message) = Message::parse(packet) else { continue };
        let before = reassembly.complete();
        if reassembly.add(&message) == Added::Kept {
            kept.push((usize::from(message.header.offset), message.data));
        } else {
            assert_eq!(reassembly.complete(), before);
        }
    }
    assert!(kept.len() <= FRAGMENT_LIMIT);
    assert_eq!(reassembly.is_empty(), kept.is_empty());
    if let Some(data) = reassembly.complete() {
        assert!(data.len() <= DATA_LIMIT);
        kept.sort_by_key(|(offset, data)| (*offset, data.len()));
        assert_eq!(data, kept.into_iter().flat_map(|(_, data)| data).copied().collect::<Vec<_>>());
    }
});
