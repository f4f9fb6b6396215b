//! Leap second files: rows ascend, and only a list with the right hash is sound.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::model::leap_list::{Hash, LeapList};

fuzz_target!(|text: &[u8]| {
    let list = LeapList::parse(text);
    assert!(list.rows.windows(2).all(|pair| pair[0].from < pair[1].from));
    assert!(!list.is_sound() || list.hash == Hash::Right && list.fault.is_none());
    if let Some(leap) = list.next(0) {
        assert!(leap.at > 0);
    }
});
