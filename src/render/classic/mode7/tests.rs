//! The layouts compared with recorded output of 4.2.8p15.

use super::peers::Tally;
use super::*;
use crate::compat::Dialect;
use crate::wire::mode7::Implementation;
use crate::wire::mode7::clock::ClockBug;
use crate::wire::mode7::counters;
use crate::wire::mode7::lists::{Client, ClientForm, Restriction, Trap};
use crate::wire::mode7::peer::{MachineOrder, PeerDetail, PeerSummary};
use crate::wire::mode7::system::KernelInfo;

fn octets(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| u8::try_from(digit).unwrap())
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
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

/// What a 4.2.8p15 daemon sent, and what its ntpdc printed.
#[test]
fn a_peer_in_detail() {
    let item = octets(
        "c0000214c000020c007b010003040204 04e804b3ff000000 0000ac8002000000 00000000 7f7f0100
         ffffffff 00000000 00000299 eeaae90eee9b62f3 0000000000000000 eeaae911f2b1268c eeaae911f2b1268c
         00000005 00000008 00000004 00000006 00000006 00000005 00000005 00000004
         0000000000025d34 0000000000025b5b 000000000001f4a4 0000000000024428
         000000000001b5ca 0000000000026d48 0000000000023a06 000000000001f118
         0207060500030401 00000004 000007d3 000000000001f4a4 00000093
         00000000000000000000000000000000000000000000000000000000 00000004 00000000 00000000
         0000000000000000000000000000000000000000000000000000000000000000",
    );
    assert_eq!(item.len(), 280);
    let peer = PeerDetail::parse(&item, MachineOrder::FoundOut).unwrap();
    let text = "remote 192.0.2.12, local 192.0.2.20
hmode client, pmode server, stratum 2, precision -24
leap 00, refid [127.127.1.0], rootdistance 0.00000, rootdispersion 0.01015
ppoll 4, hpoll 4, keyid 2, version 4, association 44160
reach 377, unreach 0, flash 0x0000, boffset 0.00006, ttl/mode 0
timer 4294967295s, flags config
reference time:      eeaae90e.ee9b62f3  Fri, Nov 20 2026 15:43:10.932
originate timestamp: (no time)
receive timestamp:   eeaae911.f2b1268c  Fri, Nov 20 2026 15:43:13.948
transmit timestamp:  eeaae911.f2b1268c  Fri, Nov 20 2026 15:43:13.948
filter delay:  0.00008  0.00012  0.00006  0.00009 
               0.00009  0.00008  0.00008  0.00006 
filter offset: +0.00003 +0.00003 +0.00003 +0.00003
               +0.00002 +0.00003 +0.00003 +0.00003
filter order:  2        7        6        5       
               0        3        4        1       
offset +0.000030, delay 0.00006, error bound 0.03056, filter error 0.00224
";
    assert_eq!(peers::detail(&peer, &style(Dialect::Classic)), text);
    let ours = peers::detail(&peer, &style(Dialect::Native));
    assert!(ours.contains("timer -1s,") && ours.contains("\noffset 0.000030, "), "{ours}");
    assert_eq!(PeerDetail::parse(&item[..279], MachineOrder::FoundOut), None);
    assert!(PeerDetail::parse(&item[..240], MachineOrder::FoundOut).is_some());
}

#[test]
fn lines_of_peers() {
    let peer = PeerSummary {
        local: "192.0.2.20".parse().unwrap(),
        remote: "2001:db8:1:2:3::11".parse().unwrap(),
        stratum: 2,
        host_poll: 4,
        peer_poll: 99,
        reach: 0o376,
        flags: 0x41,
        mode: 3,
        delay: 0x1ec_0000,
        offset: -0x1_3900,
        dispersion: 4 << 32,
    };
    assert_eq!(
        peers::summary(&peer, Tally::Mode, &style(Dialect::Classic)),
        "=2001:db8:1:2:3: 192.0.2.20       2   16  376 0.00751 -0.000019 4.00000\n"
    );
    assert_eq!(peers::tally(&peer, Tally::Selection), '.');
}

#[test]
fn flags_of_rules() {
    let rule = |flags, match_flags| Restriction {
        address: "10.0.0.0".parse().unwrap(),
        mask: "255.0.0.0".parse().unwrap(),
        count: 4_000_000_000,
        flags,
        match_flags,
    };
    assert_eq!(
        lists::restriction(&rule(0xffff, 0xffff), Implementation::CURRENT, &style(Dialect::Classic)),
        "10.0.0.0        255.0.0.0       4000000000  ntpport, interface, source, ignore, noserve, notrust, \
         noquery, nomodify, nopeer, notrap, lptrap, limited, version, kod, flake\n"
    );
    let none = lists::restriction(&rule(0x9020, 0), Implementation::CURRENT, &style(Dialect::Classic));
    assert!(none.ends_with("  none\n"), "{none}");
    assert_eq!(rule(0x108, 0).flag_names(Implementation::OLD), ["noquery", "limited"]);
}

#[test]
fn clients_in_every_format() {
    let item = [
        &octets("00000040 00000005 000001f0 ee6b2800 00000000 00000000 00000000 007b0304 01000000 00000000")
            [..],
        &"2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets(),
        &"2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff".parse::<std::net::Ipv6Addr>().unwrap().octets(),
    ]
    .concat();
    let client = Client::parse(&item, Client::form(item.len())).unwrap();
    assert_eq!(
        lists::client(&client, ClientForm::Local, &style(Dialect::Classic)),
        "2001:db8::1              123 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff 4000000000 3 4    1f0     64       5\n"
    );
    let item = octets("00000040 00000005 000001f0 0000000a 0a000001 007b0304");
    let client = Client::parse(&item, Client::form(24)).unwrap();
    assert_eq!(
        lists::client(&client, ClientForm::Plain, &style(Dialect::Classic)),
        "10.0.0.1                    123        10    3  4       1f0        64         5\n"
    );
    let item =
        octets("00000064 000000c8 0000000a 0a000001 007b0304 00000000 00000000000000000000000000000000");
    let client = Client::parse(&item, Client::form(40)).unwrap();
    assert_eq!((client.last_interval, client.average_interval, client.count), (100, 200, 10));
    assert_eq!(Client::parse(&[0; 10], ClientForm::Local), None);
}

#[test]
fn the_kernel_with_pulses() {
    let fields: [i32; 4] = [-12345, 65536 * 3 + 32768, 16_000_000, 500];
    let mut item: Vec<u8> = fields.iter().flat_map(|field| field.to_be_bytes()).collect();
    item.extend([0xff, 0xff, 0, 4]);
    for field in [6, 1000, 32_768_000, 65536, 77, -65536, 1, 2, 3, 4_i32] {
        item.extend(field.to_be_bytes());
    }
    let text = "pll offset:           -1.2345e-05 s
pll frequency:        3.500 ppm
maximum error:        16 s
estimated error:      0.0005 s
status:               ffff  pll ppsfreq ppstime fll ins del unsync freqhold ppssignal ppsjitter ppswander \
ppserror clockerr nano mode=fll src=B
pll time constant:    6
precision:            0.001 s
frequency tolerance:  500 ppm
pps frequency:        1.000 ppm
pps stability:        -1.000 ppm
pps jitter:           7.7e-08 s
calibration interval: 16 s
calibration cycles:   2
jitter exceeded:      1
stability exceeded:   4
calibration errors:   3
";
    assert_eq!(system::kernel(&KernelInfo::parse(&item).unwrap(), &style(Dialect::Classic)), text);
}

/// What 4.2.8p15 printed for these.
#[test]
fn debugging_data_of_a_driver() {
    let item = |times: &[u64], signed_times: u32| {
        let mut item = octets("7f7f0100 05");
        item.push(u8::try_from(times.len()).unwrap());
        item.extend(octets("0008"));
        item.extend(signed_times.to_be_bytes());
        item.extend((0..15_u32).chain([7]).flat_map(|value| value.wrapping_mul(0x4000_0000).to_be_bytes()));
        item.extend((0..32).flat_map(|at| times.get(at).copied().unwrap_or(0).to_be_bytes()));
        item
    };
    let stamp = 0xeeab_9fe7_3f31_beac;
    let show = |item: &[u8], dialect| clock::clock_bug(&ClockBug::parse(item).unwrap(), &style(dialect));
    let text = "clock address:        127.127.1.0
values: 5
           0  1073741824  2147483648  3221225472
           0
times: 5
4004224999.246853 26:324:04:43:19.246          +2.500000
-290742296.753147                      4004224999.246853 26:324:04:43:19.246
         0.000000 00:000:00:00:00.000
";
    let times = item(&[stamp, 5 << 31, stamp, stamp, 0], 0b0110);
    assert_eq!(show(&times, Dialect::Classic), text);
    let ours = show(&times, Dialect::Native);
    assert!(ours.contains("  2147483648 -1073741824\n") && ours.contains("          2.500000\n"), "{ours}");
    let wide = show(&item(&[0x457d_a943_c557_fda4, 0x6d2a_96de_cef2_4449], 1), Dialect::Classic);
    assert!(
        wide.ends_with("\n+1165863235.770874                      1831507678.808384 94:050:06:36:14.808\n"),
        "{wide}"
    );
}

#[test]
fn poll_exponents_are_signed() {
    let mut item = vec![0; 32];
    item[11..13].copy_from_slice(&[0x85, 0x0a]);
    assert_eq!(PeerSummary::parse(&item).unwrap().poll_seconds(), 8);
    item[11..13].copy_from_slice(&[0x0b, 0x0a]);
    assert_eq!(PeerSummary::parse(&item).unwrap().poll_seconds(), 1024);
}

#[test]
fn the_byte_order_of_the_daemon_is_detected() {
    let detail = |flash: [u8; 2], key: [u8; 4], mark: [u8; 4]| {
        let mut item = vec![0; 280];
        item[24..26].copy_from_slice(&flash);
        item[28..32].copy_from_slice(&key);
        item[240..244].copy_from_slice(&mark);
        let peer = PeerDetail::parse(&item, MachineOrder::FoundOut).unwrap();
        (peer.flash, peer.key_id)
    };
    assert_eq!(detail([0x00, 0x16], [2, 0, 0, 0], [0; 4]), (0x1600, 2));
    assert_eq!(detail([0x16, 0x00], [0, 0, 0, 2], [0; 4]), (0x1600, 2));
    assert_eq!(detail([0x16, 0x00], [0; 4], [0, 0, 0, 1]), (0x1600, 0));
    assert_eq!(detail([0x00, 0x16], [0; 4], [0; 4]), (0x1600, 0), "as nearly all machines have it");
    assert_eq!(detail([0, 0], [1, 2, 3, 4], [1, 0, 0, 0]).1, 0x0403_0201);
}

/// Trap flags as interpreted by 4.2.8p15.
#[test]
fn flags_of_traps() {
    let origin = |flags: &str, dialect| {
        let item = octets(&format!("7f000001 01020304 007b0001 00000001 00000002 00000003 {flags}"));
        let text = lists::trap(&Trap::parse(&item).unwrap(), &style(dialect));
        text.lines().nth(1).unwrap().to_owned()
    };
    for (flags, classic, ours) in [
        ("00000005", "configured", "configured"),
        ("05000000", "normal priority", "configured"),
        ("00000003", "low priority", "low priority"),
        ("00000001", "normal priority", "normal priority"),
    ] {
        assert_eq!(origin(flags, Dialect::Classic), format!("interface: 127.0.0.1, {classic}"));
        assert_eq!(origin(flags, Dialect::Native), format!("interface: 127.0.0.1, {ours}"));
    }
}

#[test]
fn counters_begin_in_their_column() {
    for (table, column) in [
        (&counters::SYSTEM, 24),
        (&counters::INPUT_OUTPUT, 22),
        (&counters::MEMORY, 22),
        (&counters::TIMER, 19),
        (&counters::AUTHENTICATION, 22),
        (&counters::CONTROL, 24),
    ] {
        let text = lists::counters(table, &vec![0; table.sizes[0]]);
        assert!(text.lines().all(|line| line.len() == column + 1 && line.ends_with(" 0")), "{text}");
    }
}
