//! Host files in every format: no panic, and a bounded number of entries.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::cli::hosts::{HostsFormat, scan};

const FORMATS: &[HostsFormat] = &[
    HostsFormat::Auto,
    HostsFormat::List,
    HostsFormat::AnsibleIni,
    HostsFormat::AnsibleJson,
    HostsFormat::AnsibleYaml,
    HostsFormat::FileSdJson,
    HostsFormat::FileSdYaml,
];

fuzz_target!(|octets: &[u8]| {
    for format in FORMATS {
        if let Some((entries, _)) = scan(octets, *format) {
            assert!(entries.len() <= 2 << 18);
        }
    }
});
