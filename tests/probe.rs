//! Probes of simulated hosts over a network in memory: what an exporter asks.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

#[path = "support/numeric.rs"]
mod numeric;

use ntpkit::client::admission::Admission;
use ntpkit::client::look::By;
use ntpkit::client::probe::{Doors, Probe, Probed};
use ntpkit::model::fleet::{Cause, Way};
use ntpkit::model::report::Report;
use ntpkit::net::many::{Limits, Supply, run_supplied};
use ntpkit::session::memory::{MemoryNetwork, Place, Weather};
use ntpkit::sim::NtpTime;
use ntpkit::sim::fleet::{Rule, answer, chronyd_answer, number_of};
use ntpkit::wire::chrony::PORT;
use numeric::Numeric;
use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::time::Duration;

const RULE: Rule = Rule { silent_every: 10 };

/// Probes these hosts one after the other: the next one is named when the one before has its outcome. Datagrams get lost.
fn probed(names: &[&str], by: By, admission: &Admission) -> Vec<Probed> {
    let weather = Weather { delay: Duration::from_millis(5), loss: 0.1, ..Weather::default() };
    let mut network = MemoryNetwork::new(weather);
    let begin = network.stamp().0;
    network.answer_with(move |to, request, now| {
        let IpAddr::V4(ip) = to.ip() else { return Vec::new() };
        let now = NtpTime(begin).plus_seconds(now.as_secs_f64());
        let number = number_of(ip);
        let reply = match to.port() {
            PORT => chronyd_answer(RULE, number, request, now),
            _ => answer(RULE, number, request, now),
        };
        reply.into_iter().collect()
    });
    let look_ups = Numeric::default();
    let outcomes = RefCell::new(Vec::new());
    let given = Cell::new(0);
    let mut supply = || {
        if given.get() > outcomes.borrow().len() {
            return Supply::Later;
        }
        let Some(name) = names.get(given.get()) else { return Supply::End };
        given.set(given.get() + 1);
        let doors = Doors { look: Place::at, ask: |address| Ok(Place::at(address)) };
        let name = name.parse().unwrap();
        Supply::Job(Probe::new(&name, by, Duration::from_secs(5), admission.clone(), doors))
    };
    run_supplied(network, look_ups, Limits::default(), &mut supply, &mut |_, outcome| {
        outcomes.borrow_mut().push(outcome);
        ControlFlow::Continue(())
    })
    .unwrap();
    outcomes.into_inner()
}

fn kinds(reports: &[Report]) -> Vec<&'static str> {
    let kind = |report: &Report| match report {
        Report::Variables(_) => "variables",
        Report::Peers(_) => "peers",
        _ => "other",
    };
    reports.iter().map(kind).collect()
}

#[test]
fn what_each_kind_of_host_comes_to() {
    let hosts = ["10.0.0.1", "10.0.0.31", "10.0.0.7", "10.0.0.9", "nowhere.invalid"];
    let outcomes = probed(&hosts, By::Auto, &Admission::all());
    let seen: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Probed::Seen(host, reports) => (host.way, host.time.is_some(), kinds(reports)),
            Probed::Forbidden(address) => panic!("{address}"),
        })
        .collect();
    let both = vec!["variables", "peers"];
    assert_eq!(
        seen,
        [
            (Some(Way::Control), true, both.clone()),
            (Some(Way::Chrony), true, both),
            (Some(Way::Sntp), true, vec![]),
            (None, false, vec![]),
            (None, false, vec![]),
        ]
    );
    let Probed::Seen(host, reports) = &outcomes[1] else { panic!("it was asked") };
    assert_eq!(host.own.sources, Some(4));
    let Report::Peers(peers) = &reports[1] else { panic!("the peers come last") };
    assert_eq!(peers.peers.len(), 4, "all of them, though what root alone may see was refused");
    let Probed::Seen(host, _) = &outcomes[4] else { panic!("it was not found") };
    assert_eq!(host.worst().unwrap().cause, Cause::NoAddress);
}

#[test]
fn the_time_alone() {
    let outcomes = probed(&["10.0.0.1"], By::Sntp, &Admission::all());
    let Probed::Seen(host, reports) = &outcomes[0] else { panic!("it was asked") };
    assert!(host.way == Some(Way::Sntp) && host.time.is_some() && reports.is_empty(), "{host:?}");
}

#[test]
fn what_is_not_admitted_is_not_asked() {
    let few = Admission::new(|address| address == IpAddr::from([10, 0, 0, 1]));
    let outcomes = probed(&["10.0.0.2", "10.0.0.1"], By::Auto, &few);
    assert!(matches!(&outcomes[0], Probed::Forbidden(address) if *address == IpAddr::from([10, 0, 0, 2])));
    assert!(matches!(&outcomes[1], Probed::Seen(..)));
}
