//! A fleet: a line per host, and a summary.

use super::ascii;
use super::peers::ReferenceIdObject;
use crate::model::fleet::{Host, Majority, Summary, Way};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Milliseconds per second.
const MILLI: f64 = 1000.0;

#[derive(Serialize)]
struct HostObject<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    host: &'a str,
    address: Option<String>,
    port: Option<u16>,
    by: Option<&'static str>,
    daemon: Option<&'a str>,
    state: &'static str,
    problems: Vec<ProblemObject<'a>>,
    offset_ms: Option<f64>,
    delay_ms: Option<f64>,
    bound_ms: Option<f64>,
    leap: Option<u8>,
    stratum: Option<u8>,
    refid: Option<ReferenceIdObject>,
    own_offset_ms: Option<f64>,
    sources: Option<u32>,
    usable_sources: Option<u32>,
    reach: Option<u8>,
    reach_count: Option<u32>,
    agrees: Option<bool>,
}

#[derive(Serialize)]
struct ProblemObject<'a> {
    cause: &'static str,
    state: &'static str,
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct FleetObject<'a> {
    schema: &'static str,
    state: &'static str,
    hosts: usize,
    named: usize,
    answered: usize,
    by: WaysObject,
    lost: BTreeMap<&'static str, usize>,
    measured: usize,
    offset_p50_ms: Option<f64>,
    offset_p99_ms: Option<f64>,
    offset_max_ms: Option<f64>,
    spread_ms: Option<f64>,
    behind: Option<&'a str>,
    ahead: Option<&'a str>,
    majority: &'static str,
    agreeing: Option<usize>,
    disagreeing: Option<usize>,
    sources: usize,
    stratum1_roots: usize,
    groups: Vec<GroupObject<'a>>,
    interrupted: bool,
}

#[derive(Serialize)]
struct WaysObject {
    control: usize,
    chrony: usize,
    sntp: usize,
}

#[derive(Serialize)]
struct GroupObject<'a> {
    cause: &'static str,
    state: &'static str,
    hosts: Vec<&'a str>,
}

/// A value in milliseconds, to the nanosecond.
fn milliseconds(seconds: f64) -> Option<f64> {
    let rounded = (seconds * MILLI * 1e6).round() / 1e6;
    rounded.is_finite().then_some(rounded + 0.0)
}

/// The line of a host.
pub fn fleet_host(host: &Host) -> String {
    host_line(host, None)
}

/// The same with the time at which it was looked at.
pub fn fleet_host_at(host: &Host, time: Timestamp) -> String {
    host_line(host, Some(time))
}

fn host_line(host: &Host, time: Option<Timestamp>) -> String {
    let problems = host.problems.iter().map(|problem| ProblemObject {
        cause: problem.cause.word(),
        state: problem.severity.word(),
        message: Some(problem.text.as_str()).filter(|text| !text.is_empty()),
    });
    ascii::line(&HostObject {
        schema: "ntpkit.fleet_host.v1",
        time: time.map(|time| time.to_string()),
        host: &host.name,
        address: host.address.map(|address| address.ip().to_string()),
        port: host.address.map(|address| address.port()),
        by: host.way.map(Way::word),
        daemon: host.own.daemon.as_deref(),
        state: host.worst().map_or("ok", |problem| problem.severity.word()),
        problems: problems.collect(),
        offset_ms: host.time.and_then(|time| milliseconds(time.offset)),
        delay_ms: host.time.and_then(|time| milliseconds(time.delay)),
        bound_ms: host.bound().and_then(milliseconds),
        leap: host.leap(),
        stratum: host.stratum(),
        refid: host.reference().and_then(|id| ReferenceIdObject::new(&id)),
        own_offset_ms: host.own.offset.and_then(milliseconds),
        sources: host.own.sources,
        usable_sources: host.own.usable_sources,
        reach: host.own.reach,
        reach_count: host.reach_count(),
        agrees: host.agrees,
    })
}

/// The line of the fleet.
pub fn fleet_summary(hosts: &[Host], summary: &Summary, interrupted: bool) -> String {
    let name = |place: usize| hosts.get(place).map(|host| host.name.as_str());
    let spread = summary.clocks.spread;
    let figure =
        |pick: fn(&crate::model::fleet::Spread) -> f64| spread.as_ref().map(pick).and_then(milliseconds);
    let (majority, agreeing, disagreeing) = match summary.clocks.majority {
        Majority::Found { agreeing, disagreeing } => ("found", Some(agreeing), Some(disagreeing)),
        Majority::None(_) => ("none", None, None),
        Majority::TooFew(_) => ("too_few", None, None),
    };
    let mut lost = BTreeMap::new();
    lost.extend(summary.lost.iter().map(|(cause, count)| (cause.word(), *count)));
    ascii::line(&FleetObject {
        schema: "ntpkit.fleet.v1",
        state: summary.severity.map_or("ok", |severity| severity.word()),
        hosts: summary.hosts,
        named: summary.named,
        answered: summary.answered(),
        by: WaysObject {
            control: summary.ways.control,
            chrony: summary.ways.chrony,
            sntp: summary.ways.sntp,
        },
        lost,
        measured: spread.map_or(0, |spread| spread.count),
        offset_p50_ms: figure(|spread| spread.median),
        offset_p99_ms: figure(|spread| spread.p99),
        offset_max_ms: figure(|spread| spread.most),
        spread_ms: figure(|spread| spread.furthest.2),
        behind: spread.and_then(|spread| name(spread.furthest.0)),
        ahead: spread.and_then(|spread| name(spread.furthest.1)),
        majority,
        agreeing,
        disagreeing,
        sources: summary.sources,
        stratum1_roots: summary.roots,
        groups: summary
            .groups
            .iter()
            .map(|group| GroupObject {
                cause: group.cause.word(),
                state: group.severity.word(),
                hosts: group.hosts.iter().filter_map(|place| name(*place)).collect(),
            })
            .collect(),
        interrupted,
    })
}
