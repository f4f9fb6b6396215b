//! The extension fields of NTP packets: parsed fields lie within the packet and re-encode to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::wire::nts::extension::{Authenticator, fields, inner_fields, push};

fuzz_target!(|input: &[u8]| {
    let _ = inner_fields(input);
    if let Some(found) = Authenticator::parse(input) {
        let again = found.to_body(0).expect("a parsed authenticator fits");
        assert_eq!(Authenticator::parse(&again), Some(found));
    }
    let Ok(found) = fields(input) else { return };
    let mut again = input[..48].to_vec();
    for field in &found {
        assert_eq!(field.offset, again.len());
        assert!(push(&mut again, field.kind, field.body));
    }
    assert_eq!(again, input);
});
