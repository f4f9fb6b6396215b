//! The text output of a fleet.

use super::*;
use crate::model::fleet::{Cause, Order, Own, Problem, Time, Way, clocks};
use crate::model::selection::{Candidate, Filtered};

/// A host whose clock is ahead by this many milliseconds.
fn host(name: &str, number: u8, milliseconds: f64) -> Host {
    let stamp = 0xee41_2bc0_0000_0000;
    #[allow(clippy::cast_possible_truncation, reason = "a test's figure")]
    let offset = (milliseconds * 4_294_967.296) as i64;
    let candidate = Candidate {
        stratum: 2,
        transmit_timestamp: stamp,
        reference_timestamp: stamp - (16 << 32),
        root_dispersion: 655,
        filtered: Filtered { delay: 1311, offset, dispersion: 0 },
        offset: offset.into(),
        ..Candidate::default()
    };
    Host {
        name: name.to_owned(),
        address: Some(([192, 0, 2, number], 123).into()),
        way: Some(Way::Control),
        time: Some(Time { offset: milliseconds / 1000.0, delay: 0.02, candidate, is_impossible: false }),
        served_reference: Some([192, 0, 2, 200]),
        own: Own {
            offset: Some(-0.000_041),
            stratum: Some(2),
            leap: Some(0),
            reach: Some(0o377),
            sources: Some(4),
            usable_sources: Some(3),
            ..Own::default()
        },
        ..Host::default()
    }
}

fn fleet() -> Vec<Host> {
    let mut hosts = vec![
        host("one.example", 1, 0.041),
        host("two.example", 2, -0.377),
        host("three.example", 3, 1.25),
        host("a-host-with-a-rather-long-name.rack14.example", 4, 80_123.5),
        host("evil\u{1b}[31m.example", 5, -0.000_01),
    ];
    hosts[2].way = Some(Way::Sntp);
    hosts[2].own = Own::default();
    hosts[2].note(Cause::Sources, Severity::Warning, "");
    hosts[1].note(Cause::Contradicts, Severity::Warning, "reports stratum 3, serves 2");
    hosts[1].note(Cause::Sources, Severity::Warning, "");
    let lost = |name: &str, cause, text: &str| {
        Host::lost(name.to_owned(), None, Problem::new(cause, Severity::Critical, text))
    };
    hosts.extend((0..30).map(|number| lost(&format!("gone{number}.example"), Cause::Silent, "")));
    hosts.push(lost("nowhere.example", Cause::NoAddress, "Name or service not known"));
    hosts
}

fn whole(style: FleetStyle) -> String {
    let mut hosts = fleet();
    let clocks = clocks(&mut hosts);
    let mut found = Summary::new(&hosts, clocks, Order::Offset);
    found.named = 37;
    let worst = worst(&hosts, &found.groups, 9, style);
    let few = hosts.iter().take(6);
    format!("{}{worst}\n{}", summary(&hosts, &found, style), rows(few, style))
}

#[test]
fn the_fleet_at_80_columns_and_without_a_terminal() {
    let text = whole(FleetStyle { width: Some(80), color: false });
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!("80_columns", text);
    insta::assert_snapshot!("no_terminal", whole(FleetStyle::default()));
}

#[test]
fn only_states_are_coloured_and_names_cannot_inject_colours() {
    let text = whole(FleetStyle { width: Some(80), color: true });
    assert_eq!(text.matches("\u{1b}[31;1mCRITICAL\u{1b}[0m").count(), 3, "{text}");
    assert!(text.contains("evil\\x1b[31m.example"), "{text}");
    assert!(!whole(FleetStyle::default()).contains('\u{1b}'));
}
