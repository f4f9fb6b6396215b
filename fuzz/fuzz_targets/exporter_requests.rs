//! The queries and `Accept` headers of requests to the exporter: a target is a printable name with a port, whatever the spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::app::ntpkit::exporter::query::{format, parameters};
use ntpkit::app::ntpkit::exporter::target::Target;

fuzz_target!(|octets: &[u8]| {
    let text = String::from_utf8_lossy(octets);
    let _ = format(&text);
    let Some(parameters) = parameters(&text) else { return };
    let decoded: usize = parameters.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(decoded <= text.len());
    if let Ok(target) = Target::of(&parameters) {
        let key = target.key();
        assert!(key.bytes().all(|octet| octet.is_ascii_graphic() || octet == b' '), "{key:?}");
        assert!(!target.host.name().is_empty() && target.host.port() != 0);
    }
});
