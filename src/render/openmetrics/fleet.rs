//! A fleet: `ntpkit_fleet_*` about all hosts together, and `ntpkit_fleet_host_*` about each, with the label `host`.

use super::exposition::{Exposition, Family, Labels, gauge, info, state_set};
use crate::model::fleet::{Cause, Host, Majority, Severity, Summary};

const STATE: Family = state_set("ntpkit_fleet_state: How bad the worst problem is.");
const HOSTS: Family = gauge("ntpkit_fleet_hosts: Hosts that there are.");
const ANSWERED: Family =
    gauge("ntpkit_fleet_answered_hosts: Hosts that answered, by the protocol of the answer.");
const LOST: Family = gauge("ntpkit_fleet_lost_hosts: Hosts that did not answer, by the reason.");
const PROBLEMS: Family = gauge("ntpkit_fleet_problem_hosts: Hosts whose worst problem is of this kind.");
const OFFSET: Family = gauge(
    "ntpkit_fleet_offset_seconds: Size of the measured offset that this part of the hosts keeps within.",
);
const MEASURED: Family = gauge("ntpkit_fleet_measured_hosts: Hosts whose clock was measured.");
const SPREAD: Family = gauge("ntpkit_fleet_spread_seconds: Between the two clocks that differ most.");
const AGREEING: Family = gauge("ntpkit_fleet_agreeing_hosts: Hosts that agree with the majority.");
const DISAGREEING: Family = gauge("ntpkit_fleet_disagreeing_hosts: Hosts that disagree with the majority.");
const SOURCES: Family = gauge("ntpkit_fleet_sources: Different servers that synchronised hosts follow.");
const ROOTS: Family =
    gauge("ntpkit_fleet_stratum1_roots: Different servers of stratum 1 among them and the hosts.");

const HOST_UP: Family = gauge("ntpkit_fleet_host_up: Whether the host answered.");
const HOST_STATE: Family = state_set("ntpkit_fleet_host_state: How bad its worst problem is.");
const HOST_OFFSET: Family = gauge("ntpkit_fleet_host_offset_seconds: The host's clock minus this machine's.");
const HOST_DELAY: Family = gauge("ntpkit_fleet_host_delay_seconds: Round trip of the measurement.");
const HOST_BOUND: Family = gauge("ntpkit_fleet_host_bound_seconds: The most that its clock can be wrong by.");
const HOST_OWN: Family = gauge("ntpkit_fleet_host_own_offset_seconds: The offset that its daemon reports.");
const HOST_STRATUM: Family = gauge("ntpkit_fleet_host_stratum: Its stratum; 16 if it is not synchronised.");
const HOST_SOURCES: Family = gauge("ntpkit_fleet_host_sources: Its sources.");
const HOST_USABLE: Family =
    gauge("ntpkit_fleet_host_usable_sources: Its sources that its selection accepts.");
const HOST_REACH: Family =
    gauge("ntpkit_fleet_host_reach_ratio: Answered part of the last eight polls of its source.");
const HOST_AGREES: Family = gauge("ntpkit_fleet_host_agrees: Whether the majority agrees with its clock.");
const HOST_PROBLEM: Family = info("ntpkit_fleet_host_problem: What is wrong with the host.");

const STATES: [&str; 4] = ["ok", "warning", "critical", "unknown"];
/// Polls in a reachability register.
const POLLS: f64 = 8.0;

fn word(severity: Option<Severity>) -> &'static str {
    severity.map_or("ok", Severity::word)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of hosts")]
fn number(count: usize) -> f64 {
    count as f64
}

/// Formats the exposition of a fleet, with samples of these hosts.
pub fn fleet<'a>(summary: &Summary, hosts: impl IntoIterator<Item = &'a Host>) -> String {
    let mut exposition = Exposition::default();
    let all = Labels::default();
    exposition.add_state(&STATE, &all, STATES, word(summary.severity));
    exposition.add(&HOSTS, &all, number(summary.hosts));
    let ways = summary.ways;
    for (word, count) in [("control", ways.control), ("chrony", ways.chrony), ("sntp", ways.sntp)] {
        exposition.add(&ANSWERED, &Labels::new("by", word.as_bytes()), number(count));
    }
    for cause in Cause::ALL {
        let labels = Labels::new("cause", cause.word().as_bytes());
        if cause.is_loss() {
            let count = summary.lost.iter().find(|(lost, _)| *lost == cause).map_or(0, |(_, count)| *count);
            exposition.add(&LOST, &labels, number(count));
        }
        let groups = summary.groups.iter().filter(|group| group.cause == cause);
        exposition.add(&PROBLEMS, &labels, number(groups.map(|group| group.hosts.len()).sum()));
    }
    let spread = summary.clocks.spread;
    exposition.add(&MEASURED, &all, number(spread.map_or(0, |spread| spread.count)));
    if let Some(spread) = spread {
        for (quantile, value) in [("0.5", spread.median), ("0.99", spread.p99), ("1", spread.most)] {
            exposition.add(&OFFSET, &Labels::new("part", quantile.as_bytes()), value);
        }
        exposition.add(&SPREAD, &all, spread.furthest.2);
    }
    if let Majority::Found { agreeing, disagreeing } = summary.clocks.majority {
        exposition.add(&AGREEING, &all, number(agreeing));
        exposition.add(&DISAGREEING, &all, number(disagreeing));
    }
    exposition.add(&SOURCES, &all, number(summary.sources));
    exposition.add(&ROOTS, &all, number(summary.roots));
    for known in hosts {
        add_host(&mut exposition, known);
    }
    exposition.finish()
}

/// Adds the samples of one host.
pub fn add_host(exposition: &mut Exposition, host: &Host) {
    let labels = Labels::new("host", host.name.as_bytes());
    let flag = |flag: bool| f64::from(u8::from(flag));
    exposition.add(&HOST_UP, &labels, flag(host.is_answered()));
    exposition.add_state(&HOST_STATE, &labels, STATES, word(host.worst().map(|problem| problem.severity)));
    exposition.add_known(&HOST_OFFSET, &labels, host.time.map(|time| time.offset));
    exposition.add_known(&HOST_DELAY, &labels, host.time.map(|time| time.delay));
    exposition.add_known(&HOST_BOUND, &labels, host.bound());
    exposition.add_known(&HOST_OWN, &labels, host.own.offset);
    exposition.add_known(&HOST_STRATUM, &labels, host.stratum().map(f64::from));
    exposition.add_known(&HOST_SOURCES, &labels, host.own.sources.map(f64::from));
    exposition.add_known(&HOST_USABLE, &labels, host.own.usable_sources.map(f64::from));
    exposition.add_known(&HOST_REACH, &labels, host.reach_count().map(|count| f64::from(count) / POLLS));
    exposition.add_known(&HOST_AGREES, &labels, host.agrees.map(flag));
    for problem in &host.problems {
        exposition.add(&HOST_PROBLEM, &labels.with("cause", problem.cause.word().as_bytes()), 1.0);
    }
}
