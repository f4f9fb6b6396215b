//! Reports as chronyc 4.6.1 prints them. The laboratory compares many more.

use super::*;
use crate::model::chronyd::address_text;
use crate::render::chronyc::facts::records;
use crate::wire::chrony::{
    Activity, Authentication, Client, Measurement, RealTimeClock, Selection, ServerStatistics, SourceData,
    SourceState, SourceStatistics, Time, Tracking, Traffic,
};
use std::net::IpAddr;

fn ip(text: &str) -> Address {
    Address::Ip(text.parse().expect("an address"))
}

fn style(name: &dyn Fn(&Address) -> String) -> Style<'_> {
    Style { csv: false, verbose: false, all: false, key_establishments: false, host: None, name }
}

/// The lines of a report below its heading, and its CSV.
fn both(what: &Report) -> (String, String) {
    let style = style(&address_text);
    let columns = report(what, Style { all: true, ..style });
    let below = columns.split_once("=\n").map_or(columns.clone(), |(_, below)| below.to_owned());
    (below, report(what, Style { csv: true, all: true, ..style }))
}

fn source() -> SourceData {
    SourceData {
        address: ip("192.0.2.11"),
        poll: 4,
        stratum: 1,
        state: SourceState::SELECTED,
        mode: SourceData::SERVER,
        reach: 0o377,
        age: Some(14),
        offset: 731e-9,
        measured_offset: 771e-9,
        error: 0.010_133_229,
    }
}

#[test]
fn sources() {
    let (columns, csv) = both(&Report::Sources(vec![
        source(),
        SourceData {
            address: ip("2001:db8:1111:2222:3333:4444:5555:6666"),
            state: SourceState::FALSE_TICKER,
            ..source()
        },
        SourceData {
            address: Address::Unresolved(1),
            age: None,
            state: SourceState(1),
            offset: 0.0,
            ..source()
        },
        SourceData { address: ip("71.80.83.0"), mode: SourceData::REFERENCE_CLOCK, poll: -7, ..source() },
        SourceData { address: Address::None, mode: 9, state: SourceState(9), offset: -123.45, ..source() },
    ]));
    assert_eq!(
        columns,
        "^* 192.0.2.11                    1   4   377    14   +731ns[ +771ns] +/-   10ms\n\
         ^x 2001:db8:1111:2222:3333:4444:5555:6666   1   4   377    14   +731ns[ +771ns] +/-   10ms\n\
         ^? ID#0000000001                 1   4   377     -     +0ns[ +771ns] +/-   10ms\n\
         #* GPS                           1  -7   377    14   +731ns[ +771ns] +/-   10ms\n   \
         [UNSPEC]                      1   4   377    14  -123.5s[ +771ns] +/-   10ms\n"
    );
    assert!(csv.starts_with("^,*,192.0.2.11,1,4,377,14,0.000000731,0.000000771,0.010133229\n"), "{csv}");
    assert!(csv.contains("^,?,ID#0000000001,1,4,377,4294967295,0.000000000,"), "{csv}");
    let hidden = report(
        &Report::Sources(vec![SourceData { address: Address::Unresolved(1), ..source() }]),
        style(&address_text),
    );
    assert_eq!(hidden.lines().count(), 2, "without -a: {hidden}");
}

#[test]
fn names_are_shortened_and_addresses_are_not() {
    let long = |_: &Address| "time.with-a-long-name.example.net".to_owned();
    let rows = Report::Sources(vec![source()]);
    let text = report(&rows, style(&long));
    assert!(text.contains("^* time.with-a-long-name.ex>     1   4"), "{text}");
    let text = report(&rows, Style { csv: true, host: Some("here"), ..style(&long) });
    assert!(text.starts_with("here,^,*,time.with-a-long-name.example.net,"), "{text}");
    let verbose = report(&rows, Style { verbose: true, ..style(&long) });
    assert!(
        verbose.starts_with("\n  .-- Source mode  '^' = server") && verbose.lines().count() == 12,
        "{verbose}"
    );
}

#[test]
fn the_unit_depends_on_the_size() {
    let shown = |values: &[f64], print: fn(f64) -> String| {
        values.iter().map(|value| print(*value)).collect::<String>()
    };
    let values =
        [0.0, 1e-10, 9.9994e-6, 9.9996e-6, 0.009_999_6, 9.9996, 999.4, 999.6, 99_999.6, 6e6, 4e8, 1e10];
    assert_eq!(
        shown(&values, number::interval),
        "   0ns   0ns9999ns  10us  10ms 10.0s999.4s 1000s 1667m 1667h 4630d  317y"
    );
    let negative = values.map(|value| -value);
    assert_eq!(
        shown(&negative, number::offset),
        "   -0ns   -0ns-9999ns  -10us  -10ms -10.0s-999.4s -1000s -1667m -1667h -4630d  -317y"
    );
    let ages = [Some(0), Some(1199), Some(1200), Some(36_000), Some(345_600), Some(86_400_000), None];
    assert_eq!(ages.map(number::age).concat(), "   01199 20m 10h  4d  2y   -");
    assert_eq!(shown(&[0.0, -0.0004, 99_999.6], number::signed_frequency), "    +0.000    -0.000   +100000");
    assert_eq!(number::date(Time { seconds: 1_795_902_504, nanoseconds: 0 }), "Sat Nov 28 21:48:24 2026");
    assert_eq!(number::date(Time { seconds: i64::MAX, nanoseconds: 0 }), "");
}

#[test]
fn tracking() {
    let tracking = Tracking {
        reference_id: 0xc000_020b,
        address: ip("192.0.2.11"),
        stratum: 2,
        leap: 0,
        reference_time: Some(1_795_902_504),
        reference_nanoseconds: 405_804_135,
        correction: 2.819e-6,
        last_offset: -4e-8,
        rms_offset: 0.004_340_42,
        frequency: 0.0001,
        residual_frequency: 0.0,
        skew: 0.003,
        root_delay: 0.000_025_274,
        root_dispersion: 0.010_117_618,
        update_interval: 16.0,
    };
    let (lines, csv) = both(&Report::Tracking(tracking));
    assert_eq!(
        lines,
        "Reference ID    : C000020B (192.0.2.11)\n\
         Stratum         : 2\n\
         Ref time (UTC)  : Sat Nov 28 21:48:24 2026\n\
         System time     : 0.000002819 seconds slow of NTP time\n\
         Last offset     : +0.000000040 seconds\n\
         RMS offset      : 0.004340420 seconds\n\
         Frequency       : 0.000 ppm slow\n\
         Residual freq   : -0.000 ppm\n\
         Skew            : 0.003 ppm\n\
         Root delay      : 0.000025274 seconds\n\
         Root dispersion : 0.010117618 seconds\n\
         Update interval : 16.0 seconds\n\
         Leap status     : Normal\n"
    );
    assert_eq!(
        csv,
        "C000020B,192.0.2.11,2,1795902504.405804135,0.000002819,0.000000040,0.004340420,-0.000,-0.000,0.003,\
         0.000025274,0.010117618,16.0,Normal\n"
    );
    let (lines, csv) = both(&Report::Tracking(Tracking { leap: 3, ..Tracking::default() }));
    assert!(lines.starts_with(
        "Reference ID    : 00000000 ()\nStratum         : 0\nRef time (UTC)  : Thu Jan 01 00:00:00 1970\n"
    ));
    assert!(lines.ends_with("Leap status     : Not synchronised\n"), "{lines}");
    assert!(csv.starts_with("00000000,,0,0.000000000,0.000000000,"), "{csv}");
}

#[test]
fn statistics_selection_and_authentication() {
    let row = SourceStatistics {
        reference_id: 0x4750_5300,
        samples: 30,
        runs: 21,
        span: 396,
        skew: 2000.0,
        offset: -0.06,
        deviation: 527e-9,
        ..SourceStatistics::default()
    };
    let (columns, csv) = both(&Report::SourceStatistics(vec![row]));
    assert_eq!(columns, "GPS                        30  21   396     +0.000   2000.000    -60ms   527ns\n");
    assert_eq!(csv, "GPS,30,21,396,0.000,2000.000,-0.060000000,0.000000527\n");

    let row = Selection {
        address: ip("192.0.2.11"),
        state: b'*',
        leap: 1,
        configured: crate::wire::chrony::SelectionOptions(6),
        age: Some(9),
        score: 1.0,
        interval: [-0.01, 0.01],
        ..Selection::default()
    };
    let hostile = Selection { state: 0x1b, ..row };
    let (columns, csv) = both(&Report::Selection(vec![row, hostile]));
    let line = "* 192.0.2.11                N -PT-- -----    9   1.0   -10ms   +10ms  +\n";
    assert_eq!(columns, format!("{line} {}", line.split_at(1).1));
    let line = "*,192.0.2.11,N,-,P,T,-,-,-,-,-,-,-,9,1.0,-0.010000000,0.010000000,Insert second\n";
    assert_eq!(csv, format!("{line} {}", line.split_at(1).1));

    let row =
        Authentication { mode: 1, key_type: 2, key_id: 7, key_length: 160, ..Authentication::default() };
    let (columns, csv) = both(&Report::Authentication(vec![(ip("192.0.2.12"), row)]));
    assert_eq!(columns, "192.0.2.12                    SK     7    2  160    -    0    0    0    0\n");
    assert_eq!(csv, "192.0.2.12,SK,7,2,160,4294967295,0,0,0,0\n");
}

#[test]
fn a_measurement() {
    let measured = Measurement {
        remote: ip("2001:db8::11"),
        local: ip("192.0.2.22"),
        port: 123,
        version: 4,
        mode: 4,
        stratum: 1,
        poll: 4,
        precision: -24,
        reference_id: 0x4c4f_434c,
        flags: 0x83ef,
        transmit_stamp: b'K',
        receive_stamp: b'\n',
        sent: 37,
        ..Measurement::default()
    };
    let (lines, csv) = both(&Report::Measurements(vec![measured]));
    assert!(
        lines.starts_with("\nRemote address  : 2001:db8::11 (9B37C052)\nRemote port     : 123\n"),
        "{lines}"
    );
    for line in [
        "Poll interval   : 4 (16 seconds)",
        "Precision       : -24 (0.000000060 seconds)",
        "Reference ID    : 4C4F434C (LOCL)",
        "Reference time  : Thu Jan 01 00:00:00 1970",
        "Offset          : +0.000000000 seconds",
        "NTP tests       : 111 110 1111",
        "Authenticated   : Yes",
        "TX timestamping : Kernel",
        "RX timestamping : Invalid",
    ] {
        assert!(lines.contains(&format!("{line}\n")), "{line}: {lines}");
    }
    assert!(
        lines.ends_with(
            "Total TX        : 37\nTotal RX        : 0\nTotal valid RX  : 0\nTotal good RX   : 0\n"
        )
    );
    assert!(
        csv.starts_with(
            "2001:db8::11,9B37C052,123,192.0.2.22,C0000216,Normal,4,Server,1,4,16,-24,0.000000060,"
        ),
        "{csv}"
    );
    let stamped = Measurement { stamps: Some([1, 2, 3, 4]), stratum: 2, ..measured };
    let (lines, csv) = both(&Report::Measurements(vec![stamped]));
    assert!(
        lines.contains("Reference ID    : 4C4F434C ()\n")
            && lines.ends_with("Total HW TX     : 3\nTotal HW RX     : 4\n")
    );
    assert!(csv.contains(",4C4F434C,,0.000000000,") && csv.ends_with(",37,0,0,0,1,2,3,4\n"), "{csv}");
}

#[test]
fn counters_and_clocks() {
    let activity = Activity { online: 6, unresolved: 1, ..Activity::default() };
    let (lines, csv) = both(&Report::Activity(activity));
    assert!(lines.starts_with("200 OK\n6 sources online\n0 sources offline\n"), "{lines}");
    assert_eq!(csv, "6,0,0,0,1\n");
    let counted =
        ServerStatistics { received: 1 << 40, key_establishments: Some(3), ..ServerStatistics::default() };
    let (lines, csv) = both(&Report::ServerStatistics(counted));
    assert!(
        lines.starts_with("NTP packets received       : 1099511627776\n") && lines.lines().count() == 6,
        "{lines}"
    );
    assert_eq!(csv, "1099511627776,0,0,0,0,3\n");
    let clock =
        RealTimeClock { samples: 9, span: 1800, offset: -1.5, gain: 12.25, ..RealTimeClock::default() };
    let (lines, csv) = both(&Report::RealTimeClock(clock));
    assert!(
        lines.ends_with(
            "Number of samples  : 9\nNumber of runs     : 0\nSample span period :  30m\n\
             RTC is fast by     :    -1.500000 seconds\nRTC gains time at  :    12.250 ppm\n"
        ),
        "{lines}"
    );
    assert_eq!(csv, "0.000000000,9,0,1800,-1.500000,12.250\n");
    let traffic = Traffic { received: 1_234_567, dropped: 5, interval: -2, age: Some(7) };
    let client =
        Client { address: ip("192.0.2.50"), ntp: traffic, limited_interval: 127, ..Client::default() };
    let (columns, csv) = both(&Report::Clients(vec![client]));
    assert_eq!(columns, "192.0.2.50                 1234567      5  -2   -     7       0      0   0     -\n");
    assert_eq!(csv, "192.0.2.50,1234567,5,-2,127,7,0,0,0,4294967295\n");
}

#[test]
fn letters_are_words_in_the_other_formats() {
    let facts = records(&Report::Sources(vec![source()]), false, &address_text);
    let [facts] = facts.as_slice() else { panic!("one record") };
    let shown: Vec<(&str, String)> = facts.iter().map(|fact| (fact.key, fact.value.shown())).collect();
    for expected in [("mode", "server"), ("state", "selected"), ("reach", "377 8/8"), ("offset_s", "+731ns")]
    {
        assert!(shown.iter().any(|(key, text)| (*key, text.as_str()) == expected), "{expected:?}: {shown:?}");
    }
    let silent = SourceData { age: None, ..source() };
    let facts = records(&Report::Sources(vec![silent]), false, &address_text);
    let unknown = |key| facts.iter().flatten().any(|fact| fact.key == key && fact.value.json().is_null());
    assert!(unknown("offset_s") && unknown("error_s") && unknown("age_s"), "nothing unmeasured is a figure");
    let address: IpAddr = "192.0.2.11".parse().expect("an address");
    assert_eq!(Report::Sources(vec![source()]).addresses(), [address]);
}
