//! Items there and back, and as 4.2.8p15 sends them.

use super::*;
use proptest::prelude::*;
use std::fmt::Debug;

/// Checks that an item round-trips, in the current format and the old one.
fn comes_back<I: Item + PartialEq + Debug>(item: &I) {
    assert_eq!(I::parse(&item.encode()).as_ref(), Some(item));
    if let Some(old) = item.encode_old() {
        assert_eq!(I::parse(&old).as_ref(), Some(item));
    }
}

fn of_one_family() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    prop_oneof![
        any::<([u8; 4], [u8; 4])>().prop_map(|(one, other)| (one.into(), other.into())),
        any::<([u8; 16], [u8; 16])>().prop_map(|(one, other)| (one.into(), other.into())),
    ]
}

proptest! {
    #[test]
    fn items_round_trip((address, other) in of_one_family(), small: [u8; 6], large: [u32; 3], time: u64, flags: [u16; 2]) {
        comes_back(&Queried(address));
        comes_back(&Changed(address));
        let [mode, version, minimum_poll, maximum_poll, bits, ttl] = small;
        let [key_id, parameter, number] = large;
        comes_back(&NewAssociation { address, mode, version, minimum_poll, maximum_poll, flags: bits, ttl, key_id });
        // The bits that both kinds of daemons know.
        let flags = flags.map(|bits| bits & 0x07d7);
        let match_flags = if time & 1 == 0 { 0 } else { NTP_PORT_ONLY };
        comes_back(&RestrictionChange { address, mask: other, flags: flags[0], match_flags });
        comes_back(&TrapChange { local: other, address, port: flags[1] });
        if address.is_ipv4() {
            comes_back(&ClockFudge { address, parameter, time, number });
        }
        comes_back(&Number(number));
        comes_back(&TrustedKey(key_id));
        comes_back(&RequiredKey(key_id));
    }

    #[test]
    fn items_are_never_read_past_their_end(item in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = (Queried::parse(&item), Changed::parse(&item), NewAssociation::parse(&item));
        let _ = (RestrictionChange::parse(&item), TrapChange::parse(&item), ClockFudge::parse(&item));
        let _ = (Number::parse(&item), TrustedKey::parse(&item), RequiredKey::parse(&item));
    }
}

/// What ntpdc 4.2.8p15 sent.
#[test]
fn items_begin_as_4_2_8p15_sends_them() {
    let address = "10.0.0.1".parse().unwrap();
    let flags = AUTHENTICATED | PREFER;
    let new = NewAssociation {
        address,
        mode: 3,
        version: 4,
        minimum_poll: 6,
        maximum_poll: 10,
        flags,
        ttl: 0,
        key_id: 5,
    };
    let beginning = [10, 0, 0, 1, 3, 4, 6, 10, 3, 0, 0, 0, 5, 0, 0, 0];
    assert_eq!(new.encode_old().unwrap(), beginning);
    assert_eq!((new.encode().len(), &new.encode()[..16]), (0xa8, &beginning[..]));
}

#[test]
fn flags_are_numbered_differently_for_daemons_without_ipv6() {
    let change = RestrictionChange {
        address: "192.0.2.0".parse().unwrap(),
        mask: "255.255.255.0".parse().unwrap(),
        flags: 0x0800 | 0x0080 | 0x0040,
        match_flags: NTP_PORT_ONLY,
    };
    let old = [192, 0, 2, 0, 255, 255, 255, 0, 0x01, 0x08, 0x00, 0x02];
    assert_eq!(change.encode_old().unwrap(), old, "they do not know `kod'");
    assert_eq!(change.encode().len(), 60);
}

#[test]
fn clocks_are_spaced_as_requested() {
    let addresses: Vec<IpAddr> =
        ["127.127.1.0", "::1", "127.127.20.1"].map(|address| address.parse().unwrap()).to_vec();
    assert_eq!(clocks(&addresses, 4), [127, 127, 1, 0, 127, 127, 20, 1]);
    assert_eq!(clocks(&addresses, 8), [127, 127, 1, 0, 0, 0, 0, 0, 127, 127, 20, 1]);
}
