//! Problems of hosts, and majorities.

use super::*;
use crate::model::selection::Filtered;
use proptest::prelude::*;

/// The host with this number, whose clock is ahead by this many milliseconds, with 10 ms of dispersion.
fn host(number: u8, milliseconds: i32) -> Host {
    let seconds = f64::from(milliseconds) / 1000.0;
    let stamp = 0xee41_2bc0_0000_0000;
    let candidate = Candidate {
        stratum: 2,
        precision: -20,
        transmit_timestamp: stamp,
        reference_timestamp: stamp - (16 << 32),
        root_dispersion: 655,
        filtered: Filtered { delay: 1311, offset: i64::from(milliseconds) * 4_294_967, dispersion: 0 },
        offset: i128::from(milliseconds) * 4_294_967,
        ..Candidate::default()
    };
    Host {
        name: format!("host{number:03}.example"),
        address: Some(([192, 0, 2, number], 123).into()),
        way: Some(Way::Control),
        time: Some(Time { offset: seconds, delay: 0.02, candidate, is_impossible: false }),
        served_reference: Some([192, 0, 2, 200]),
        own: Own { stratum: Some(2), leap: Some(0), reach: Some(0o377), ..Own::default() },
        ..Host::default()
    }
}

fn with(host: Host, change: impl FnOnce(&mut Host)) -> Host {
    let mut host = host;
    change(&mut host);
    host
}

fn causes(host: &Host) -> Vec<Cause> {
    host.problems.iter().map(|problem| problem.cause).collect()
}

#[test]
fn the_majority_decides_who_is_wrong_rather_than_averages() {
    // Two that agree with each other, far off, are outvoted.
    let mut hosts = vec![host(1, 0), host(2, 3), host(3, -2), host(4, 5000), host(5, 5001)];
    let found = clocks(&mut hosts);
    assert_eq!(found.majority, Majority::Found { agreeing: 3, disagreeing: 2 });
    let agrees: Vec<Option<bool>> = hosts.iter().map(|host| host.agrees).collect();
    assert_eq!(agrees, [Some(true), Some(true), Some(true), Some(false), Some(false)]);
    assert_eq!(causes(&hosts[3]), [Cause::Disagrees]);
    let spread = found.spread.unwrap();
    assert_eq!((spread.count, spread.furthest.0, spread.furthest.1), (5, 2, 4));
    assert!((spread.furthest.2 - 5.003).abs() < 1e-9 && (spread.median - 0.003).abs() < 1e-9, "{spread:?}");
}

#[test]
fn names_of_the_same_address_share_one_vote() {
    let twin = |number| with(host(9, 5000), |host| host.name = format!("alias{number}.example"));
    let mut hosts = vec![host(1, 0), host(2, 1), twin(1), twin(2), twin(3), twin(4)];
    assert_eq!(clocks(&mut hosts).majority, Majority::Found { agreeing: 2, disagreeing: 4 });
}

#[test]
fn two_hosts_that_differ_have_no_majority() {
    let mut hosts = vec![host(1, 0), host(2, 5000)];
    assert_eq!(clocks(&mut hosts).majority, Majority::TooFew(2));
    assert!(hosts.iter().all(|host| host.agrees.is_none() && host.problems.is_empty()));
    let mut hosts = vec![host(1, 0), host(2, 5000), host(3, -5000), host(4, 10_000)];
    let found = clocks(&mut hosts);
    assert_eq!(found.majority, Majority::None(4));
    assert_eq!(Summary::new(&hosts, found, Order::Offset).severity, Some(Severity::Warning));
}

#[test]
fn an_unsynchronised_host_is_measured_but_has_no_vote_and_no_bound() {
    let lost = with(host(4, 700), |host| {
        let time = host.time.as_mut().unwrap();
        (time.candidate.leap, time.candidate.stratum) = (3, 16);
        (host.own.leap, host.own.stratum) = (Some(3), Some(16));
    });
    let mut hosts = vec![host(1, 0), host(2, 0), host(3, 0), lost];
    for host in &mut hosts {
        host.note_own_problems();
    }
    let found = clocks(&mut hosts);
    assert_eq!(found.majority, Majority::Found { agreeing: 3, disagreeing: 0 });
    assert_eq!(
        (causes(&hosts[3]), hosts[3].agrees, hosts[3].bound()),
        (vec![Cause::Unsynchronized], None, None)
    );
    assert!((found.spread.unwrap().most - 0.7).abs() < 1e-9);
}

#[test]
fn a_daemon_whose_report_differs_from_what_it_serves_is_noticed() {
    let mut stratum = with(host(1, 0), |host| host.own.stratum = Some(3));
    stratum.note_own_problems();
    assert_eq!(
        (causes(&stratum), stratum.problems[0].text.as_str()),
        (vec![Cause::Contradicts], "reports stratum 3, serves 2")
    );
    let mut leap = with(host(1, 0), |host| (host.own.leap, host.own.stratum) = (Some(3), Some(16)));
    leap.note_own_problems();
    assert_eq!(leap.problems[0].text, "reports not synchronised, serves synchronised");
    let mut alone = with(host(1, 0), |host| host.own = Own::default());
    alone.note_own_problems();
    assert_eq!(causes(&alone), []);
}

#[test]
fn values_that_were_not_measured_are_unknown() {
    let lost = Host::lost("gone.example".into(), None, Problem::new(Cause::Silent, Severity::Critical, ""));
    assert_eq!((lost.stratum(), lost.bound(), lost.reach_count()), (None, None, None));
    assert_eq!((lost.is_synchronized(), lost.reference()), (None, None));
    let mut hosts = vec![lost];
    let found = clocks(&mut hosts);
    assert_eq!((found.spread, found.majority), (None, Majority::TooFew(0)));
}

#[test]
fn groups_are_by_the_worst_problem_and_roots_are_counted_once() {
    let root = with(host(200, 0), |host| {
        host.time.as_mut().unwrap().candidate.stratum = 1;
        host.served_reference = Some(*b"GPS\0");
        host.own.stratum = Some(1);
    });
    let slow = with(host(2, 40), |host| {
        host.note(Cause::Stratum, Severity::Warning, "");
        host.note(Cause::Offset, Severity::Critical, "");
    });
    let slower = with(host(3, -60), |host| host.note(Cause::Offset, Severity::Critical, ""));
    let lost = Host::lost("gone.example".into(), None, Problem::new(Cause::Silent, Severity::Critical, ""));
    let alone = with(host(7, 0), |host| host.served_reference = Some([127, 127, 1, 1]));
    let hosts = vec![root, host(1, 0), slow, slower, lost, alone];
    let summary = Summary::new(&hosts, clocks(&mut hosts.clone()), Order::Offset);
    assert_eq!((summary.sources, summary.roots), (1, 1));
    let groups: Vec<(Cause, Vec<usize>)> =
        summary.groups.iter().map(|group| (group.cause, group.hosts.clone())).collect();
    assert_eq!(groups, [(Cause::Offset, vec![3, 2]), (Cause::Silent, vec![4])]);
    assert_eq!((summary.hosts, summary.answered(), summary.lost), (6, 5, vec![(Cause::Silent, 1)]));
}

#[test]
fn every_group_gets_its_share_of_the_rows() {
    let group =
        |hosts| Group { severity: Severity::Critical, cause: Cause::Silent, hosts: (0..hosts).collect() };
    let groups = [group(1000), group(2), group(30)];
    assert_eq!(share(&groups, 20), [9, 2, 9]);
    assert_eq!(share(&groups, 0), [0, 0, 0]);
    assert_eq!(share(&groups, 5000), [1000, 2, 30]);
    assert!(share(&[], 20).is_empty());
}

#[test]
fn rows_are_ordered_worst_first_and_the_unknown_last() {
    let lost = Host::lost("a.example".into(), None, Problem::new(Cause::Silent, Severity::Critical, ""));
    let low = with(host(2, -9), |host| host.own.reach = Some(0o17));
    let hosts = [lost, host(1, 5), low];
    for (order, expected) in [
        (Order::Offset, [2, 1, 0]),
        (Order::Reach, [2, 1, 0]),
        (Order::Name, [0, 1, 2]),
        (Order::Stratum, [1, 2, 0]),
    ] {
        let mut places = vec![0, 1, 2];
        places.sort_by(|one, other| order.compare(&hosts[*one], &hosts[*other]));
        assert_eq!(places, expected, "{order:?}");
    }
}

#[test]
fn keywords_of_causes_are_unique() {
    let words: std::collections::BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.word()).collect();
    assert_eq!(words.len(), Cause::ALL.len());
}

proptest! {
    #[test]
    fn percentiles_are_measured_values(offsets in prop::collection::vec(-1000..1000_i32, 1..300)) {
        let mut hosts: Vec<Host> = offsets.iter().zip((0..250_u8).cycle()).map(|(offset, number)| host(number, *offset)).collect();
        let spread = clocks(&mut hosts).spread.unwrap();
        let sizes: Vec<f64> = hosts.iter().map(|host| host.time.unwrap().offset.abs()).collect();
        let within = |size: f64| sizes.iter().filter(|other| **other <= size).count() * 100;
        for (size, percent) in [(spread.median, 50), (spread.p99, 99), (spread.most, 100)] {
            prop_assert!(sizes.contains(&size) && within(size) >= percent * sizes.len());
        }
    }
}
