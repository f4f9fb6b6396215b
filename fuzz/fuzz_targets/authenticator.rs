//! MACs of replies: authentic replies are accepted, all others rejected.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ntpkit::auth::{Key, KeyType, control};

static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let key = |key_type| Key::new(1, key_type, *b"the fuzzer cannot guess this").expect("a valid key");
    KeyType::ALL.into_iter().map(key).collect()
});

fuzz_target!(|input: (u8, u16, &[u8])| {
    let (which, data_end, packet) = input;
    let key = &KEYS[usize::from(which) % KEYS.len()];
    assert!(control::verify_reply(key, packet, usize::from(data_end)).is_err());
    assert_eq!(control::verify_reply(key, &control::seal(key, packet.to_vec()), packet.len()), Ok(()));
});
