//! A fleet: the state and problems of many hosts, and of all of them together.

mod clocks;
mod problem;
mod summary;
#[cfg(test)]
mod tests;

pub use clocks::{Clocks, Majority, Spread, clocks};
pub use problem::{Cause, Problem, Severity};
pub use summary::{Group, Summary, Ways, share};

use super::selection::{Candidate, Unfit};
use super::{NetworkAddress, ReferenceId};
use crate::compact;
use std::cmp::Ordering;
use std::net::{Ipv4Addr, SocketAddr};

/// The leap indicator of an unsynchronised host.
const ALARM: u8 = 3;
/// The strata of synchronised hosts.
const SYNCHRONIZED: std::ops::RangeInclusive<u8> = 1..=15;
/// Units of a candidate's delays per second.
const SHORT_UNIT: f64 = 65_536.0;

/// The protocol in which a host reported its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Mode 6 (RFC 9327).
    Control,
    /// chronyd's command protocol.
    Chrony,
    /// None: it only answered time requests.
    Sntp,
}

impl Way {
    /// Returns its keyword.
    pub fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Chrony => "chrony",
            Self::Sntp => "sntp",
        }
    }
}

/// A measurement of a host's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// The host's clock minus this machine's, in seconds.
    pub offset: f64,
    /// The round-trip delay, in seconds.
    pub delay: f64,
    /// The input of the selection.
    pub candidate: Candidate,
    /// Whether its time is impossible in every era.
    pub is_impossible: bool,
}

/// What a daemon reports about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Own {
    /// The offset of its sources from its clock, in seconds.
    pub offset: Option<f64>,
    /// The maximum error of its clock, in seconds.
    pub bound: Option<f64>,
    /// Its stratum; 16 if it is not synchronised.
    pub stratum: Option<u8>,
    /// Its leap indicator.
    pub leap: Option<u8>,
    /// What it is synchronised to.
    pub reference: Option<[u8; 4]>,
    /// The number of its sources.
    pub sources: Option<u32>,
    /// The number of sources that its selection accepts.
    pub usable_sources: Option<u32>,
    /// The reachability register of the source that it follows, latest poll in bit 0.
    pub reach: Option<u8>,
    /// Its program, if reported.
    pub daemon: Option<String>,
}

/// A host and its state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host {
    /// Its name as given.
    pub name: String,
    /// The address that was used.
    pub address: Option<SocketAddr>,
    /// The protocol in which it answered; `None` if it did not.
    pub way: Option<Way>,
    /// The measurement of its clock.
    pub time: Option<Time>,
    /// The reference ID in its time replies.
    pub served_reference: Option<[u8; 4]>,
    /// What its daemon reports about itself.
    pub own: Own,
    /// Whether its clock agrees with the fleet's majority; `None` if unknown.
    pub agrees: Option<bool>,
    /// Its problems.
    pub problems: Vec<Problem>,
}

impl Host {
    /// Creates a host of which nothing is known except a problem.
    pub fn lost(name: String, address: Option<SocketAddr>, problem: Problem) -> Self {
        Self { name, address, problems: vec![problem], ..Self::default() }
    }

    /// Whether it answered at all.
    pub fn is_answered(&self) -> bool {
        self.way.is_some()
    }

    /// Its stratum from its time reply, or else from its daemon; 16 if it is not synchronised.
    pub fn stratum(&self) -> Option<u8> {
        self.time.map(|time| time.candidate.stratum).or(self.own.stratum)
    }

    /// Its leap indicator, from the same source.
    pub fn leap(&self) -> Option<u8> {
        self.time.map(|time| time.candidate.leap).or(self.own.leap)
    }

    /// Whether it considers its clock synchronised; `None` if unknown.
    pub fn is_synchronized(&self) -> Option<bool> {
        Some(is_synchronized(self.stratum()?, self.leap()?))
    }

    /// The maximum error of its clock according to itself, in seconds. Unknown for an unsynchronised host.
    pub fn bound(&self) -> Option<f64> {
        if self.is_synchronized() != Some(true) {
            return None;
        }
        let served = self.time.map(|time| {
            let half = f64::from(time.candidate.root_delay) / 2.0;
            (half + f64::from(time.candidate.root_dispersion)) / SHORT_UNIT
        });
        served.or(self.own.bound)
    }

    /// What it is synchronised to.
    pub fn reference(&self) -> Option<ReferenceId> {
        let octets = self.served_reference.or(self.own.reference)?;
        let has_letters = self.stratum().is_none_or(|stratum| !(2..=15).contains(&stratum));
        Some(if has_letters || octets == *b"LOCL" {
            let letters = octets.iter().copied().take_while(|octet| *octet != 0).collect();
            ReferenceId::Text(letters)
        } else {
            ReferenceId::parse(Ipv4Addr::from(octets).to_string().as_bytes())
        })
    }

    /// The reference ID by which its clients refer to it.
    pub fn identifier(&self) -> Option<u32> {
        self.address.map(|address| NetworkAddress(address).reference_id())
    }

    /// How many of the last eight polls of its source were answered.
    pub fn reach_count(&self) -> Option<u32> {
        self.own.reach.map(u8::count_ones)
    }

    /// Records problems that are evident from its own report, whatever the thresholds.
    pub fn note_own_problems(&mut self) {
        if !self.is_answered() {
            return;
        }
        if self.is_synchronized() == Some(false) {
            self.note(Cause::Unsynchronized, Severity::Critical, "");
        } else if let Some(time) = self.time {
            let impossible = time.is_impossible.then_some(Unfit::ImpossibleTime);
            if let Some(unfit) = time.candidate.unfit().or(impossible) {
                self.note(Cause::Unfit, Severity::Warning, &unfit.to_string());
            }
        }
        if let Some(text) = self.contradiction() {
            self.note(Cause::Contradicts, Severity::Warning, &text);
        }
    }

    /// Describes how its daemon's report differs from its time replies.
    fn contradiction(&self) -> Option<String> {
        let (time, own) = (self.time?, &self.own);
        let served = is_synchronized(time.candidate.stratum, time.candidate.leap);
        let claimed = is_synchronized(own.stratum?, own.leap?);
        let words = |synchronized| if synchronized { "synchronised" } else { "not synchronised" };
        if served != claimed {
            return Some(format!("reports {}, serves {}", words(claimed), words(served)));
        }
        let stratum = own.stratum?;
        (served && stratum != time.candidate.stratum)
            .then(|| format!("reports stratum {stratum}, serves {}", time.candidate.stratum))
    }

    /// Adds a problem.
    pub fn note(&mut self, cause: Cause, severity: Severity, text: &str) {
        self.problems.push(Problem { cause, severity, text: text.to_owned() });
        compact::sort_by_key(&mut self.problems, Problem::rank);
    }

    /// Its worst problem.
    pub fn worst(&self) -> Option<&Problem> {
        self.problems.first()
    }
}

fn is_synchronized(stratum: u8, leap: u8) -> bool {
    leap != ALARM && SYNCHRONIZED.contains(&stratum)
}

/// The sort order of rows, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The size of the offset.
    Offset,
    /// The maximum error of the clock.
    Bound,
    /// The stratum.
    Stratum,
    /// The reach of the source, the lowest first.
    Reach,
    /// The name, alphabetically.
    Name,
}

impl Order {
    /// Compares two hosts. Unknown values come last.
    pub fn compare(self, one: &Host, other: &Host) -> Ordering {
        let figure = |host: &Host| match self {
            Self::Offset => host.time.map(|time| time.offset.abs()),
            Self::Bound => host.bound(),
            Self::Stratum => host.stratum().map(f64::from),
            Self::Reach => host.reach_count().map(|count| -f64::from(count)),
            Self::Name => None,
        };
        let by_figure = match (figure(one), figure(other)) {
            (Some(one), Some(other)) => other.total_cmp(&one),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        let by_name = if self == Self::Name { one.name.cmp(&other.name) } else { Ordering::Equal };
        by_figure.then(by_name)
    }
}
