//! Both NTS sessions with a peer that sends anything: the key exchange ends with one outcome, and no response passes as
//! authentic without the key.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use ntpkit::auth::aead::{Aead, AeadKey};
use ntpkit::net::key_exchange::roots;
use ntpkit::session::nts::{Association, KeyExchange, Terms};
use ntpkit::wire::packet::TimePacket;

static TERMS: OnceLock<Terms> = OnceLock::new();

fuzz_target!(|input: &[u8]| {
    let terms = TERMS.get_or_init(|| {
        let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let ca = folders.map(|folder| folder.join("src/session/nts/tests/ca.pem")).find(|path| path.exists());
        Terms::new(roots(ca.as_deref()).expect("the authority of the tests").0, 1_783_000_000)
    });
    let mut exchange = KeyExchange::new(terms, "nts.example").expect("a name");
    exchange.poll_transmit();
    for piece in input.chunks(97) {
        exchange.handle_octets(piece);
        exchange.poll_transmit();
    }
    exchange.handle_close();
    assert!(exchange.poll_outcome().expect("an outcome").is_err());
    assert!(exchange.poll_outcome().is_none());

    let key = |octet| AeadKey::new(Aead::AesSivCmac256, &[octet; 32]).expect("a key");
    let mut association = Association::new(key(1), key(2), [vec![9; 100]]);
    let request =
        association.request(&TimePacket::request(7), false, &mut |octets| octets.fill(5));
    let request = request.expect("a request");
    assert!(association.verify(input, &request.identifier).is_err());
    // The right unique identifier, followed by anything.
    let behind = [&request.datagram[..84], input].concat();
    assert!(association.verify(&behind, &request.identifier).is_err());
});
