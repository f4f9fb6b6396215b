//! Mode 6 packets: parsing never fails otherwise than by its error, and what was parsed encodes to the same.
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
    // The count of a refusal means nothing; all else comes back as it was.
    let count = u16::try_from(message.data.len()).expect("data are what the count says");
    assert!(message.header.error || count == message.header.count);
    assert_eq!(again.header, Header { count, ..message.header });
    assert_eq!(again.data, message.data);
});
