//! Recorded datagrams, and damaged ones.

use super::*;
use proptest::prelude::*;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

const TRACKING: &str = "06020000 00210005 00000000 00000000 4892f531 00000000 00000000 c000020b c000020b
    00000000 00000000 00000000 00010000 00020000 00000000 6b007c07 11c65cf3 dd15883a da96a4a0 dccbec73
    ef6d6200 faf52ad7 f6ffb8a2 e2966cad f6a5e1fd 0c804bbf";
const SOURCE: &str = "06020000 000f0003 00000000 00000000 bc8c3a2f 00000000 00000000 c000020b 00000000
    00000000 00000000 00010000 00040001 00000000 000000ff 0000000f e1733d39 e16068a5 f6a5c129";
const STATISTICS: &str = "06020000 00220006 00000000 00000000 256aa272 00000000 00000000 c000020b c000020b
    00000000 00000000 00000000 00010000 00000006 00000004 00000061 dea86fff faf52ad7 00a64130 daf60af2
    f6a5c443";

const MEASUREMENT: &str =
    "06020000 00390010 00000000 00000000 59db5f3a 00000000 00000000 c000020b 00000000 00000000
    00000000 00010000 c0000216 00000000 00000000 00000000 00010000 007b0004 040104e8 00000000
    f6a68000 4c4f434c 00000000 6b0077b6 376fc76d dadf11e3 e4edf385 d4bc2152 e8cdba80 00000000
    03ff4b4b 00000100 00000100 00000100 000000fe ffffffff ffffffff ffffffff";

#[test]
fn requests_are_as_long_as_their_replies() {
    let request = Request::Tracking.encode(0x4892_f531, 0);
    let mut expected = octets("0601000000210000 4892f531");
    expected.resize(104, 0);
    assert_eq!(request, expected);
    let request = Request::SourceData(7).encode(1, 2);
    assert_eq!(request.get(..24).unwrap(), octets("06010000000f0002 00000001 0000000000000000 00000007"));
    assert_eq!(request.len(), 76);
    assert_eq!(Request::SourceStatistics(0).encode(1, 0).len(), 84);
    assert_eq!(Request::SourceCount.encode(1, 0).len(), 32);
    for (address, head) in [
        (Address::Ip("192.0.2.11".parse().unwrap()), "c000020b 00000000 00000000 00000000 00010000"),
        (Address::Ip("2001:db8::11".parse().unwrap()), "20010db8 00000000 00000000 00000011 00020000"),
        (Address::Unresolved(7), "00000007 00000000 00000000 00000000 00030000"),
        (Address::None, "00000000 00000000 00000000 00000000 00000000"),
    ] {
        let request = Request::SourceName(address).encode(0xaa8b_f060, 0);
        assert_eq!(
            request.get(..40).unwrap(),
            octets(&format!("0601000000410000 aa8bf060 0000000000000000 {head}"))
        );
        assert_eq!((request.len(), Request::Measurement(address).encode(1, 0).len()), (284, 172));
    }
}

#[test]
fn replies_to_a_privileged_client() {
    let address = Address::Ip("192.0.2.11".parse().unwrap());
    let mut datagram = octets(MEASUREMENT);
    let request = Request::Measurement(address);
    let read = |datagram: &[u8]| Measurement::parse(&Reply::parse(datagram, request, &[0x59db_5f3a])?);
    let measurement = read(&datagram).unwrap();
    assert_eq!((measurement.stratum, measurement.reference_id, measurement.good), (1, 0x4c4f_434c, 254));
    assert!((measurement.delay - 2.836_599_924_194_161e-5).abs() < 1e-15, "{measurement:?}");
    // Since release 4.6 more counters follow.
    datagram.get_mut(6..8).unwrap().copy_from_slice(&[0, 26]);
    assert_eq!(read(&datagram), None, "they are missing");
    datagram.extend([0; 20]);
    let stamps = Some([u32::MAX, u32::MAX, u32::MAX, 0]);
    assert_eq!((read(&datagram), measurement.stamps), (Some(Measurement { stamps, ..measurement }), None));
    assert_eq!((measurement.remote, measurement.port, measurement.mode), (address, 123, 4));
    assert_eq!((measurement.poll, measurement.precision, measurement.transmit_stamp), (4, -24, b'K'));
    assert!((0..10).all(|test| measurement.passed(test)) && !measurement.passed(10));

    let mut datagram = octets("06020000 00410013 00000000 00000000 aa8bf060 00000000 00000000");
    datagram.extend(b"time.example");
    datagram.resize(284, 0);
    let name = |datagram: &[u8]| {
        let reply = Reply::parse(datagram, Request::SourceName(address), &[0xaa8b_f060])?;
        reply.source_name().map(<[u8]>::to_vec)
    };
    assert_eq!(name(&datagram).unwrap(), b"time.example");
    datagram.get_mut(28..).unwrap().fill(b'x');
    assert_eq!(name(&datagram).unwrap(), [b'x'; 256], "a name of full length has no terminating zero");
    datagram.truncate(283);
    assert_eq!(name(&datagram), None);
}

#[test]
fn a_daemons_replies() {
    let datagram = octets(TRACKING);
    let reply = Reply::parse(&datagram, Request::Tracking, &[1, 0x4892_f531]).unwrap();
    let tracking = Tracking::parse(&reply).unwrap();
    assert_eq!(tracking.address, Address::Ip("192.0.2.11".parse().unwrap()));
    assert_eq!((tracking.reference_id, tracking.stratum, tracking.leap), (0xc000_020b, 2, 0));
    assert_eq!(tracking.reference_time, Some(0x6b00_7c07));
    assert!((tracking.root_dispersion - 0.010_124_68).abs() < 1e-8, "{tracking:?}");
    assert!((0.0..1e-4).contains(&tracking.root_delay), "{tracking:?}");

    let datagram = octets(SOURCE);
    let reply = Reply::parse(&datagram, Request::SourceData(0), &[0xbc8c_3a2f]).unwrap();
    let source = SourceData::parse(&reply).unwrap();
    assert_eq!(source.address, Address::Ip("192.0.2.11".parse().unwrap()));
    assert_eq!((source.poll, source.stratum, source.mode, source.reach), (4, 1, 0, 255));
    assert_eq!((source.state, source.age), (SourceState::SELECTED, Some(15)));

    let datagram = octets(STATISTICS);
    let reply = Reply::parse(&datagram, Request::SourceStatistics(0), &[0x256a_a272]).unwrap();
    let statistics = SourceStatistics::parse(&reply).unwrap();
    assert_eq!(statistics.samples, 6);
    assert!((1e-7..1e-4).contains(&statistics.deviation), "{statistics:?}");

    let datagram = octets("0602000000 0e0002 00000000 00000000 ad7ca155 00000000 00000000 00000005");
    let reply = Reply::parse(&datagram, Request::SourceCount, &[0xad7c_a155]).unwrap();
    assert_eq!(reply.source_count(), Some(5));
}

#[test]
fn numbers() {
    for (bits, expected) in [
        (0, 0.0),
        (0x0480_0000, 1.0),
        (0x0880_0000, 4.0),
        (0x18fa_0000, 2000.0),
        (0x0c81_4b74, 16.161_842_346_191_406),
        (0xdef8_b9b0, 3.706_296_411_110_088e-6),
        (0xd326_d2fb, -5.056_519_469_803_788e-8),
        (0xfb0a_3dcc, -0.059_999_659_657_478_33),
        (0x7eff_ffff, 4.611_685_743_549_48e18),
        (0x7f00_0000, -4.611_686_018_427_388e18),
        (0x0100_0000, -0.5),
    ] {
        let bytes = u32::to_be_bytes(bits);
        let value = float(&mut Reader::new(&bytes)).unwrap();
        assert!((value - expected).abs() <= expected.abs() * 1e-9, "{bits:08x}: {value}");
    }
}

#[test]
fn replies_to_other_requests_are_skipped() {
    let good = octets(TRACKING);
    let parsed = |datagram: &[u8]| Reply::parse(datagram, Request::Tracking, &[0x4892_f531]).is_some();
    assert!(parsed(&good));
    for at in [0, 1, 2, 3, 4, 5, 16, 17, 18, 19] {
        let mut forged = good.clone();
        forged[at] ^= 0x10;
        assert!(!parsed(&forged), "octet {at}");
    }
    assert!(!parsed(good.get(..27).unwrap()));
}

#[test]
fn refusals_and_other_layouts_have_no_data() {
    let mut refusal = octets(TRACKING);
    refusal[9] = 2;
    let reply = Reply::parse(&refusal, Request::Tracking, &[0x4892_f531]).unwrap();
    assert_eq!((reply.status, Tracking::parse(&reply)), (Status::UNAUTHORIZED, None));
    let mut newer = octets(TRACKING);
    newer[7] = 99;
    let reply = Reply::parse(&newer, Request::Tracking, &[0x4892_f531]).unwrap();
    assert_eq!((reply.status, Tracking::parse(&reply)), (Status::SUCCESS, None));
    let mut old = octets(TRACKING);
    (old[0], old[9]) = (5, 18);
    let reply = Reply::parse(&old, Request::Tracking, &[0x4892_f531]).unwrap();
    assert_eq!(reply.status, Status::BAD_VERSION);
    let datagram = octets(TRACKING);
    let cut = Reply::parse(datagram.get(..100).unwrap(), Request::Tracking, &[0x4892_f531]).unwrap();
    assert_eq!(Tracking::parse(&cut), None);
}

proptest! {
    #[test]
    fn any_octets_are_safe(mut datagram in prop::collection::vec(any::<u8>(), 0..120), genuine: bool) {
        if genuine {
            datagram.iter_mut().zip(octets(SOURCE)).take(20).for_each(|(octet, good)| *octet = good);
        }
        if let Some(reply) = Reply::parse(&datagram, Request::SourceData(0), &[0xbc8c_3a2f])
            && let Some(source) = SourceData::parse(&reply) {
                prop_assert!(source.offset.is_finite());
            }
    }
}

/// The first was sent by chronyd 4.3 to a client of its Unix socket; the other layouts follow its source.
#[test]
fn statistics_of_every_release() {
    let recorded = "0602000000360018000000000000000001020304000000000000000000000000\
                    00000000000001fa0000000000000000000000000000000000000000000000000000000000000000";
    let recorded: Vec<u8> = (0..recorded.len() / 2)
        .map(|at| u8::from_str_radix(&recorded[at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    let parse = |layout: u8, data: &[u8]| {
        let mut datagram = recorded[..REPLY_HEADER_LENGTH].to_vec();
        datagram[7] = layout;
        datagram.extend_from_slice(data);
        let request = Request::ServerStatistics;
        Reply::parse(&datagram, request, &[0x0102_0304]).and_then(|reply| ServerStatistics::parse(&reply))
    };
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let mut seen = ServerStatistics { commands: 506, ..ServerStatistics::default() };
    let zero = [
        &mut seen.key_establishments,
        &mut seen.dropped_key_establishments,
        &mut seen.authenticated,
        &mut seen.interleaved,
        &mut seen.time_stamps,
        &mut seen.time_stamp_span,
    ];
    for count in zero {
        *count = Some(0);
    }
    assert_eq!(parse(24, &recorded[REPLY_HEADER_LENGTH..]), Some(seen));
    // The counters before key establishments, and in the order since.
    let oldest = ServerStatistics {
        received: 5,
        commands: 1,
        dropped: 250,
        dropped_commands: 2,
        ..ServerStatistics::default()
    };
    let old = ServerStatistics {
        key_establishments: Some(6),
        dropped_key_establishments: Some(7),
        authenticated: Some(8),
        ..oldest
    };
    let held =
        ServerStatistics { interleaved: Some(9), time_stamps: Some(10), time_stamp_span: Some(11), ..old };
    let new = ServerStatistics { stamps: Some([12, 13, 14, 15, 16, 17]), ..held };
    let counted = [5, 6, 1, 250, 7, 2, 0, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];
    let wide: Vec<u32> = counted.iter().flat_map(|count| [0, *count]).collect();
    assert_eq!(parse(14, &words(&[5, 1, 250, 2, 0])), Some(oldest));
    assert_eq!(parse(22, &words(&counted[..8])), Some(old));
    assert_eq!(parse(24, &words(&counted[..11])), Some(held));
    assert_eq!(parse(25, &words(&wide)), Some(new));
    for (layout, data) in
        [(14, &counted[..4]), (22, &counted[..7]), (24, &counted[..10]), (25, &wide[..33]), (23, &wide[..])]
    {
        assert_eq!(parse(layout, &words(data)), None, "{layout}");
    }
    assert_eq!(Request::ServerStatistics.encode(1, 0).len(), REPLY_HEADER_LENGTH + 21 * 8);
}

/// The data of a reply in this layout.
fn reply_in(layout: u16, data: &[u8]) -> Reply<'_> {
    Reply { status: Status::SUCCESS, layout, data }
}

#[test]
fn what_the_selection_makes_of_a_source() {
    let mut data = octets(
        "c000020b c000020b 00000000 00000000 00000000 00010000 2a010000 0006 000b ffffffff 04800000 f95ae9f8 f8a51608",
    );
    let selection = Selection::parse(&reply_in(23, &data)).unwrap();
    assert_eq!((selection.state, selection.is_authenticated, selection.leap), (b'*', true, 0));
    let letters = |options: SelectionOptions| -> String {
        let names = SelectionOptions::NAMES.into_iter().enumerate();
        names.filter(|(bit, _)| options.has(*bit)).map(|(_, (letter, _))| letter).collect()
    };
    assert_eq!((letters(selection.configured), letters(selection.effective)), ("PT".into(), "NPR".into()));
    assert!(!selection.configured.has(16) && !selection.configured.has(usize::MAX));
    assert_eq!((selection.age, selection.score), (None, 1.0));
    assert!(selection.interval[0] < 0.0 && selection.interval[1] > 0.0, "{selection:?}");
    data.pop();
    assert_eq!(Selection::parse(&reply_in(23, &data)), None);
    assert_eq!(Request::Selection(7).encode(1, 0).len(), REPLY_HEADER_LENGTH + data.len() + 1);
}

#[test]
fn how_a_source_is_authenticated() {
    let data = octets("0002 000f 00000003 0100 0001 0000003c 0008 0064 0002 0000");
    let expected = Authentication {
        mode: Authentication::NTS,
        key_type: 15,
        key_id: 3,
        key_length: 256,
        attempts: 1,
        age: Some(60),
        cookies: 8,
        cookie_length: 100,
        refusals: 2,
    };
    assert_eq!(Authentication::parse(&reply_in(20, &data)), Some(expected));
    assert_eq!(Authentication::parse(&reply_in(20, data.get(..23).unwrap())), None);
    assert_eq!(Request::Authentication(Address::None).encode(1, 0).len(), REPLY_HEADER_LENGTH + data.len());
}

#[test]
fn a_part_of_the_list_of_clients() {
    let client =
        "c000020b 00000000 00000000 00000000 00010000 00000007 00000002 00000003 00000001 00000000 00000004
        fe 7f 05 7f 00000010 ffffffff 00000020";
    let none = "00".repeat(60);
    let list = |size: u32, next: u32, count: u32| {
        let mut data: Vec<u8> = [size, next, count].into_iter().flat_map(u32::to_be_bytes).collect();
        data.extend(octets(client));
        data.extend(octets(&none.repeat(7)));
        data
    };
    let data = list(20, 9, 8);
    let Clients { clients, next } = Clients::parse(&reply_in(21, &data)).unwrap();
    let expected = Client {
        address: Address::Ip("192.0.2.11".parse().unwrap()),
        ntp: Traffic { received: 7, dropped: 1, interval: -2, age: Some(16) },
        key_establishment: Traffic { received: 2, dropped: 0, interval: 127, age: None },
        command: Traffic { received: 3, dropped: 4, interval: 5, age: Some(32) },
        limited_interval: 127,
    };
    assert_eq!((clients, next), (vec![expected], Some(9)), "records without an address are no clients");
    for (size, next, count) in [(9, 9, 8), (20, 9, 7), (20, 9, 0)] {
        assert_eq!(Clients::parse(&reply_in(21, &list(size, next, count))).unwrap().next, None);
    }
    let many = list(u32::MAX, 1, u32::MAX);
    assert_eq!(Clients::parse(&reply_in(21, &many)).unwrap().clients.len(), 1);
    assert_eq!(Clients::parse(&reply_in(21, many.get(..many.len() - 1).unwrap())), None);
    let request = Request::Clients(16, 3).encode(1, 0);
    assert_eq!(request.len(), REPLY_HEADER_LENGTH + many.len());
    let fields = octets("00000010 00000008 00000003 00000000");
    assert_eq!(request.get(20..36).unwrap(), fields, "nothing is reset");
}

#[test]
fn the_real_time_clock() {
    let data = octets("7fffffff 6b007c07 3b9aca00 0009 0004 00000384 04800000 fe800000");
    let clock = RealTimeClock::parse(&reply_in(7, &data)).unwrap();
    let time = Time { seconds: 0x6b00_7c07, nanoseconds: 999_999_999 };
    assert_eq!((clock.reference_time, clock.samples, clock.runs, clock.span), (time, 9, 4, 900));
    assert_eq!((clock.offset, clock.gain), (1.0, 0.125));
    assert_eq!(RealTimeClock::parse(&reply_in(7, data.get(..27).unwrap())), None);
    assert_eq!(Request::RealTimeClock.encode(1, 0).len(), REPLY_HEADER_LENGTH + data.len());
}

proptest! {
    #[test]
    fn any_data_in_any_layout_are_safe(data in prop::collection::vec(any::<u8>(), 0..600), layout in 0_u16..30) {
        let reply = reply_in(layout, &data);
        let _ = (Tracking::parse(&reply), SourceData::parse(&reply), SourceStatistics::parse(&reply));
        let _ = (Selection::parse(&reply), Authentication::parse(&reply), Measurement::parse(&reply));
        let _ = (ServerStatistics::parse(&reply), Activity::parse(&reply), RealTimeClock::parse(&reply));
        if let Some(list) = Clients::parse(&reply) {
            prop_assert!(list.clients.len() <= Clients::MAX);
        }
    }
}
