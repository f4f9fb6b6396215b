//! The `OpenMetrics` output.

use super::*;
use crate::render::samples;
use proptest::prelude::*;

#[path = "checker.rs"]
mod checker;

use checker::check;

#[test]
fn the_whole_exposition() {
    let text = exposition(&samples::all());
    check(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn an_empty_exposition_has_only_its_end() {
    assert_eq!(exposition(&[]), "# EOF\n");
    assert_eq!(exposition(&[samples::failure("one", FaultCause::Unusable)]), "# EOF\n");
}

#[test]
fn a_daemon_that_was_heard_is_up() {
    let reports = [
        samples::failure("silent", FaultCause::TimedOut),
        samples::failure("refusing", FaultCause::Refused(1)),
        samples::failure("half", FaultCause::Network),
        samples::system("half"),
        samples::failure("absent", FaultCause::NoHost),
    ];
    let found: Vec<_> = check(&exposition(&reports))
        .into_iter()
        .filter(|sample| ["ntpkit_up", "ntpkit_failed_queries"].contains(&sample.name.as_str()))
        .map(|sample| format!("{} {} {}", sample.name, sample.labels[0].1, sample.value))
        .collect();
    assert_eq!(
        found,
        [
            "ntpkit_failed_queries silent 1",
            "ntpkit_failed_queries refusing 1",
            "ntpkit_failed_queries half 1",
            "ntpkit_failed_queries absent 1",
            "ntpkit_up silent 0",
            "ntpkit_up refusing 1",
            "ntpkit_up half 1",
            "ntpkit_up absent 0",
        ]
    );
}

#[test]
fn a_family_has_the_samples_of_all_hosts_and_later_ones_count() {
    let reports = [samples::peers("a"), samples::peers("b"), samples::peers("a"), samples::association("b")];
    let offsets: Vec<_> = check(&exposition(&reports))
        .into_iter()
        .filter(|sample| sample.name == "ntpkit_peer_offset_seconds")
        .map(|sample| (sample.label("host").unwrap().to_owned(), sample.value))
        .collect();
    // A value that is not plainly a number has no sample.
    let expected = [("a", -0.000_018), ("a", 0.0), ("b", 0.000_5), ("b", 0.0)];
    assert_eq!(offsets, expected.map(|(host, value)| (host.to_owned(), value)));
}

proptest! {
    #[test]
    fn whatever_arrives_the_rules_hold(text: Vec<u8>, name: Vec<u8>, host in "\\PC{0,9}", id: u16, status: u16) {
        check(&exposition(&samples::any(&host, id, status, &name, &text)));
    }

    #[test]
    fn numbers_of_any_kind(number in "[-+]?[0-9]{0,40}[.]?[0-9]{0,9}", id: u16, status: u16) {
        let names = ["offset", "delay", "tc", "precision", "stratum", "leap", "reftime", "ss_received", "hpoll",
            "reach", "rec", "poll", "received"];
        let text: String = names.iter().map(|name| format!("{name}={number},")).collect();
        check(&exposition(&samples::any("host", id, status, b"peer", text.as_bytes())));
    }
}

#[test]
fn the_format_is_valid_whatever_the_hosts_are_called() {
    use crate::model::fleet::{Cause, Host, Order, Own, Problem, Severity, Summary, Way, clocks};
    let lost =
        |name: &str| Host::lost(name.to_owned(), None, Problem::new(Cause::Silent, Severity::Critical, "x"));
    let own = Own { offset: Some(0.25), stratum: Some(2), leap: Some(0), reach: Some(3), ..Own::default() };
    let known = Host { name: "one".to_owned(), way: Some(Way::Control), own, ..Host::default() };
    let mut hosts = vec![known, lost("q\"\\\n"), lost("two")];
    let clocks = clocks(&mut hosts);
    let samples = check(&fleet(&Summary::new(&hosts, clocks, Order::Offset), &hosts));
    let value = |name: &str, host: &str| {
        let found = samples.iter().find(|sample| sample.name == name && sample.label("host") == Some(host));
        found.map(|sample| sample.value)
    };
    assert_eq!(value("ntpkit_fleet_host_reach_ratio", "one"), Some(0.25));
    assert_eq!(
        (value("ntpkit_fleet_host_up", "two"), value("ntpkit_fleet_host_stratum", "two")),
        (Some(0.0), None)
    );
    assert!(
        samples.iter().all(|sample| sample.name != "ntpkit_fleet_offset_seconds"),
        "nothing was measured"
    );
}
