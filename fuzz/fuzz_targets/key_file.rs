//! Key files: every line is a key, an error or empty, and no message contains a secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::auth::{Key, KeyFile, KeyType};

fuzz_target!(|text: &[u8]| {
    let file = KeyFile::parse(text);
    let lines = text.split(|octet| *octet == b'\n').count();
    // Daemons read long lines in pieces of 511 octets.
    let rows = lines + text.len() / 511;
    assert!(file.keys().count() + file.faults().len() <= rows);
    for key in file.keys() {
        assert!((1..=65535).contains(&key.id()));
        assert_eq!(file.key(key.id()), Some(key));
        assert!(key.verify(text, key.compute(text).as_bytes()));
    }
    for fault in file.faults() {
        assert!((1..=lines).contains(&fault.line));
        assert!(fault.to_string().is_ascii());
    }
    if let Ok(text) = std::str::from_utf8(text) {
        // Any typed secret except the empty one makes a key.
        assert_eq!(Key::from_text(1, KeyType::Sha1, text).is_err(), text.is_empty());
    }
});
