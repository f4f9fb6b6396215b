//! The billboards.

use crate::support::{Run, Transcript, daemon, scenario, still};
use insta::assert_snapshot;
use ntpkit::sim::{Faults, Scenario, SimulatedDaemon};

const BILLBOARDS: &[&[&str]] = &[
    &["-pn"],
    &["-n", "-c", "lpeers"],
    &["-n", "-c", "apeers"],
    &["-n", "-c", "opeers"],
    &["-n", "-c", "lopeers"],
];

#[test]
fn campus() {
    let daemon = daemon("campus");
    let (unsigned, classic) = Transcript::of(&daemon, BILLBOARDS);
    assert_snapshot!("billboards_campus", unsigned);
    assert_snapshot!("billboards_campus_classic", classic);
}

#[test]
fn choices() {
    let daemon = daemon("campus");
    let (unsigned, classic) = Transcript::of(
        &daemon,
        &[
            &["-npw"],
            &["-n", "-w", "-c", "opeers"],
            &["-np", "-r", "hash"],
            &["-n", "-c", "drefid hash", "-c", "lpeers"],
            &["-n", "-c", "ntpversion 1", "-c", "peers", "-c", "apeers"],
            &["-n", "-c", "peers -4"],
            &["-n", "-c", "peers -6", "-c", "lopeers -6"],
            &["-n", "-c", "peers -5", "-c", "peers x"],
            // Without names from the name service, but with those that the daemon gives.
            &["--name-timeout", "0", "-c", "raw", "-p"],
        ],
    );
    assert_snapshot!("billboards_choices", unsigned);
    assert_snapshot!("billboards_choices_classic", classic);
}

#[test]
fn filters_of_ntpsec_are_nothing_to_the_billboards() {
    let of = |stale_filters| {
        let daemon = still(Scenario { stale_filters, ..scenario("ntpsec") }, Faults::default());
        let (unsigned, classic) = Transcript::of(&daemon, BILLBOARDS);
        unsigned.to_string() + &classic.to_string()
    };
    assert_eq!(of(false), of(true));
}

#[test]
fn when_counts_the_seconds_since_the_last_packet() {
    let daemon = SimulatedDaemon::start_on_loopback(scenario("campus"), Faults::default()).unwrap();
    let billboard = Run::ntpq(["-pn"]).of(&daemon).run().quiet_success();
    let row = billboard.lines().find(|line| line.starts_with('*')).unwrap();
    let when = row.split_whitespace().nth(4).unwrap();
    assert!(when == "-" || when.parse::<u32>().unwrap() <= 66, "{row}");
}

#[test]
fn other_scenarios() {
    for name in ["ntpsec", "pulse", "young"] {
        let daemon = daemon(name);
        let (unsigned, classic) = Transcript::of(&daemon, BILLBOARDS);
        assert_snapshot!(format!("billboards_{name}"), unsigned);
        assert_snapshot!(format!("billboards_{name}_classic"), classic);
    }
}

#[test]
fn a_crowd() {
    let daemon = still(ntpkit::sim::crowd(61), Faults::default());
    let (unsigned, classic) = Transcript::of(&daemon, &[&["-pn"]]);
    assert_snapshot!("billboards_crowd", unsigned);
    assert_snapshot!("billboards_crowd_classic", classic);
}

#[test]
fn no_associations() {
    let daemon = still(Scenario::default(), Faults::default());
    let (unsigned, classic) = Transcript::of(&daemon, &[&["-pn"], &["-n", "-c", "as", "-c", "lpas"]]);
    assert_snapshot!("billboards_empty", unsigned);
    assert_snapshot!("billboards_empty_classic", classic);
}
