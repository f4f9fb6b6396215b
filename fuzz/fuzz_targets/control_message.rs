//! Mode 6 packets: parsing fails only with its error type, and parsed packets re-encode to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::wire::control::{HEADER_LENGTH, Header, Message};

fuzz_target!(|packet: &[u8]| {
    let peeked = Header::peek(packet);
    let Ok(message) = Message::parse(packet) else { return };
    assert!(peeked.is_some());
    assert!(message.data.len() <= packet.len() - HEADER_LENGTH);
    let encoded = message.header.encode(message.data);
    let again = Message::parse(&encoded).expect("what was encoded parses");
    // The count of an error response is meaningless; everything else round-trips.
    let count = u16::try_from(message.data.len()).expect("the count limits the data");
    assert!(message.header.error || count == message.header.count);
    assert_eq!(again.header, Header { count, ..message.header });
    assert_eq!(again.data, message.data);
});
