//! Files of private keys and certificates, as text or made of a label and its octets: what can be read can be used.
//!
//! The first octet chooses the label; the rest is the text, or the octets of the block.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::autokey::certificate::Certificate;
use ntpkit::autokey::pem::{self, Block};
use ntpkit::autokey::private_key::PrivateKey;

const LABELS: [&str; 5] =
    ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "DSA PRIVATE KEY", "CERTIFICATE"];

fuzz_target!(|input: &[u8]| {
    let Some((&choice, octets)) = input.split_first() else { return };
    let text = match LABELS.get(usize::from(choice)) {
        Some(label) => Block::new(label, octets.to_vec()).to_text().to_string(),
        None => String::from_utf8_lossy(octets).into_owned(),
    };
    for block in pem::blocks(&text) {
        assert!(block.octets.len() <= text.len());
        if let Ok(certificate) = Certificate::from_der(&block.octets) {
            let _ = (certificate.common_name(), certificate.role(), certificate.validity());
        }
    }
    for key in PrivateKey::all_from_pem(&text, b"password").unwrap_or_default() {
        let _ = (key.kind(), key.bits());
        if let Ok(public) = key.public_key() {
            let _ = format!("{public:?}");
        }
    }
});
