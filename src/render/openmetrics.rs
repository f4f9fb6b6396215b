//! `OpenMetrics` text 1.0: one exposition for all reports of a run.
//!
//! Families are sorted by name, each occurs once, with the samples of all daemons; the text ends with `# EOF`. The
//! label `host` is the daemon's name, with its port unless it is 123. Samples describe
//!
//! * the daemon: `ntpkit_up` (whether it answered), `ntpkit_failed_queries`, and from its variables `ntpkit_system_*`;
//! * its peers, with the labels `host`, `peer`, `association`: `ntpkit_peer_*`, from the billboards and from the
//!   variables of associations alike;
//! * its associations, with the labels `host`, `association`: `ntpkit_association_*`;
//! * its reference clocks, with the same labels: `ntpkit_clock_*`;
//! * its interfaces, with the labels `host`, `interface`, `address`: `ntpkit_interface_*`;
//! * its restrictions, with the labels `host`, `network`, `flags`: `ntpkit_restriction_hits_total`;
//! * its clients in total, by the mode and version of their last packets: `ntpkit_clients*`. (A sample per address
//!   would be a series per address.)
//!
//! A whole fleet is described by families `ntpkit_fleet_*`, its hosts with the label `host` by `ntpkit_fleet_host_*`.
//!
//! Data that `ntpdc` reads over mode 7 are in families `ntpkit_mode7_*`.
//!
//! Units are base units: seconds and ratios. Unknown values have no sample. If two reports of a run contain the same
//! value, the later one counts.

mod chrony;
mod chronyd;
mod clients;
mod exporter;
pub mod exposition;
mod fleet;
mod health;
mod leap;
mod lists;
mod peers;
mod records;
mod textfile;
mod variables;

pub use self::chrony::add_chrony;
pub use self::chronyd::add_chronyd;
pub use self::exporter::{add_build, add_collector, add_probe};
pub use self::fleet::{add_host, fleet};
pub use self::health::add_health;
pub use self::leap::leap;
pub use self::textfile::textfile;

use self::exposition::{Exposition, Family, Labels, gauge};
use crate::model::report::{FaultCause, Report};

const UP: Family = gauge("ntpkit_up: Whether the daemon answered.");
const FAILED_QUERIES: Family = gauge(
    "ntpkit_failed_queries: Questions of this run that brought no answer, or none that is authentic though it was to be.",
);

/// Formats the exposition of these reports.
pub fn exposition(reports: &[Report]) -> String {
    let mut exposition = Exposition::default();
    add_reports(&mut exposition, reports);
    exposition.finish()
}

/// Adds the samples of all these reports.
pub fn add_reports(exposition: &mut Exposition, reports: &[Report]) {
    let mut hosts: Vec<(String, Outcome)> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for report in reports {
        let label = report.origin().label();
        let place = *places.entry(label.clone()).or_insert(hosts.len());
        if place == hosts.len() {
            hosts.push((label.clone(), Outcome::default()));
        }
        let labels = Labels::new("host", label.as_bytes());
        match report {
            Report::Peers(report) => peers::peers(exposition, report, &labels),
            Report::Associations(report) => peers::associations(exposition, report, &labels),
            Report::Variables(report) => variables::variables(exposition, report, &labels),
            Report::Mru(report) => clients::clients(exposition, report, &labels),
            Report::Records(report) => records::records(exposition, report, &labels),
            Report::Interfaces(report) => lists::interfaces(exposition, report, &labels),
            Report::Restrictions(report) => lists::restrictions(exposition, report, &labels),
            Report::VariableList(_) | Report::Failure(_) => {}
        }
        if let Some((_, outcome)) = hosts.get_mut(place) {
            outcome.count(report);
        }
    }
    for (host, outcome) in hosts.into_iter().filter(|(_, outcome)| outcome.asked) {
        let labels = Labels::new("host", host.as_bytes());
        exposition.add(&UP, &labels, f64::from(u8::from(outcome.heard)));
        exposition.add(&FAILED_QUERIES, &labels, outcome.failures.into());
    }
}

/// Adds whether a daemon answered that was asked for nothing else.
pub fn add_up(exposition: &mut Exposition, host: &str, is_up: bool) {
    exposition.add(&UP, &Labels::new("host", host.as_bytes()), f64::from(u8::from(is_up)));
}

/// Samples about the query itself.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    asked: bool,
    heard: bool,
    failures: u32,
}

impl Outcome {
    fn count(&mut self, report: &Report) {
        let (heard, failures) = match report {
            Report::Peers(report) => (true, u32::try_from(report.missing.len()).unwrap_or(u32::MAX)),
            Report::Associations(_)
            | Report::Variables(_)
            | Report::Mru(_)
            | Report::Records(_)
            | Report::Interfaces(_)
            | Report::Restrictions(_) => (true, 0),
            // No daemon was queried.
            Report::VariableList(_) => return,
            // A mistake of the user says nothing about the daemon.
            Report::Failure(report) if report.fault.cause == FaultCause::Unusable => return,
            Report::Failure(report) => (report.fault.cause.daemon_was_heard(), 1),
        };
        let is_failure = matches!(report, Report::Failure(_));
        let unauthentic = !is_failure && report.origin().authentic == Some(false);
        let failures = failures.saturating_add(u32::from(unauthentic));
        self.asked = true;
        self.heard |= heard;
        self.failures = self.failures.saturating_add(failures);
    }
}

#[cfg(test)]
mod tests;
