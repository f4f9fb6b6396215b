//! How 4.2.8p15 renders items that no daemon would send, determined by comparing generated replies.

use super::*;
use crate::compat::Dialect;
use crate::wire::mode7::clock::ClockBug;
use crate::wire::mode7::lists::{Interface, Trap};
use crate::wire::mode7::peer::{MachineOrder, PeerDetail};
use crate::wire::mode7::system::{KernelInfo, SystemInfo};

fn octets(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

fn style(dialect: Dialect) -> Style<'static> {
    Style {
        dialect,
        reference_ids: crate::render::classic::ReferenceIdForm::default(),
        names: crate::render::classic::HostNames::Numeric,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        time_zone: jiff::tz::TimeZone::UTC,
        units: false,
        width: None,
    }
}

fn interface(flags: u32, number: i32, mark: u32) -> String {
    let mut item = octets("fe800000 00000000 00000000 00000001").repeat(2);
    item.extend(octets("ff050000 00000000 00000000 00000101"));
    item.extend(mark.to_be_bytes());
    item.extend([b"eth0".as_slice(), &[0; 28]].concat());
    item.extend(flags.to_be_bytes());
    item.extend([0; 32]);
    item.extend(number.to_be_bytes());
    item.extend([0; 12]);
    assert_eq!(item.len(), 136);
    lists::interface(&Interface::parse(&item).unwrap())
}

#[test]
fn interfaces_that_hear_broadcasts_show_the_address_in_ipv4() {
    let last = |flags, mark| interface(flags, 0, mark).lines().last().unwrap().trim_start().to_owned();
    for flags in [0xc87c, 0x20] {
        assert_eq!(last(flags, 0), "254.128.0.0 B", "{flags:x}");
    }
    for flags in [0, 0x08, 0x10, 0xffdf] {
        assert_eq!(last(flags, 0), "255.5.0.0 M", "{flags:x}");
    }
    assert_eq!(last(0xffff, 1), "ff05::101 M");
}

#[test]
fn interface_numbers_are_signed() {
    let start = |number| interface(0, number, 0).split_whitespace().next().unwrap().to_owned();
    assert_eq!((start(-129), start(i32::MIN), start(7)), ("-129".into(), "-2147483648".into(), "7".into()));
}

/// The classic program treats key IDs and test bits as little-endian.
#[test]
fn the_classic_program_supports_only_one_byte_order() {
    let mut item = vec![0; 280];
    item[24..26].copy_from_slice(&[0x01, 0x00]);
    item[28..32].copy_from_slice(&[0, 0, 0x4b, 0xf8]);
    let read = |order| {
        let peer = PeerDetail::parse(&item, order).unwrap();
        (peer.flash, peer.key_id)
    };
    assert_eq!(read(MachineOrder::LowestFirst), (0x0001, 4_165_664_768));
    assert_eq!(read(MachineOrder::FoundOut), (0x0100, 19448));
}

/// 4.2.8p15 recognises the wildcard address by the IPv4 field only.
#[test]
fn interfaces_of_traps() {
    let second = |local: &str, new: &str, dialect| {
        let text =
            format!("{local} 00000000 00020001 00000001 00000002 00000003 00000000 01000000 {new} {new}");
        let trap = Trap::parse(&octets(&text)).unwrap();
        lists::trap(&trap, &style(dialect)).lines().nth(1).unwrap().to_owned()
    };
    let (none, ours) = ("00000000 00000000 00000000 00000000", "00000000 00000000 00000000 7f000001");
    assert_eq!(second("00000000", ours, Dialect::Classic), "interface: wildcard, normal priority");
    assert_eq!(second("00000000", ours, Dialect::Native), "interface: ::127.0.0.1, normal priority");
    assert_eq!(second("7bc22824", none, Dialect::Classic), "interface: ::, normal priority");
    assert_eq!(second("7bc22824", none, Dialect::Native), "interface: wildcard, normal priority");
}

#[test]
fn drivers_that_claim_more_than_they_show() {
    let mut item = octets("7f7f0100 1ae30000 00000000");
    item.extend(vec![0; 64 + 256]);
    item[76..84].copy_from_slice(&octets("00000000 401d0000"));
    let show = |dialect| clock::clock_bug(&ClockBug::parse(&item).unwrap(), &style(dialect));
    let classic = show(Dialect::Classic);
    assert!(classic.contains("values: 26\n") && classic.contains("times: 227\n"), "{classic}");
    assert_eq!(classic.lines().count(), 1 + 1 + 4 + 1 + 16);
    let ours = show(Dialect::Native);
    assert!(ours.contains("values: 16\n") && ours.contains("times: 32\n"), "{ours}");
    assert!(classic.contains("times: 227\n         0.250443 00:000:00:00:00.250 "), "{classic}");
}

#[test]
fn a_lone_auth_counts_as_none_in_the_classic_dialect() {
    let flags = |bits: u8, dialect| {
        let mut item = vec![0; 80];
        item[32] = bits;
        let text = system::system(&SystemInfo::parse(&item).unwrap(), &style(dialect));
        text.lines().find_map(|line| line.strip_prefix("system flags:         ")).unwrap().to_owned()
    };
    assert_eq!(flags(0x02, Dialect::Classic), "none");
    assert_eq!(flags(0x02, Dialect::Native), "auth ");
    assert_eq!(flags(0x03, Dialect::Classic), "bclient auth ");
}

#[test]
fn rounding_that_adds_a_digit_to_the_tolerance() {
    let shown = |tolerance: u32, dialect| {
        let item = [&[0; 28][..], &tolerance.to_be_bytes(), &[0; 28]].concat();
        let text = system::kernel(&KernelInfo::parse(&item).unwrap(), &style(dialect));
        text.lines().find_map(|line| line.strip_prefix("frequency tolerance:  ")).unwrap().to_owned()
    };
    for (tolerance, classic, ours) in [
        (0x0009_d9ae, "0 ppm", "10 ppm"),
        (0x0013_e666, "20 ppm", "20 ppm"),
        (0x03e7_999a, "0 ppm", "1000 ppm"),
        (0xffff_6667, "-1 ppm", "-1 ppm"),
        (0xfff6_199a, "-0 ppm", "-10 ppm"),
    ] {
        assert_eq!(shown(tolerance, Dialect::Classic), classic);
        assert_eq!(shown(tolerance, Dialect::Native), ours);
    }
}
