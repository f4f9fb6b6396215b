//! A fleet: many hosts that were looked at together, what is wrong with which, and what is true of all.

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
use std::cmp::Ordering;
use std::net::{Ipv4Addr, SocketAddr};

/// The leap indicator of a host that is not synchronised.
const ALARM: u8 = 3;
/// The strata of hosts that are synchronised.
const SYNCHRONIZED: std::ops::RangeInclusive<u8> = 1..=15;
/// Units of a candidate's delays in a second.
const SHORT_UNIT: f64 = 65_536.0;

/// In which protocol a host reported of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Mode 6 (RFC 9327).
    Control,
    /// chronyd's command protocol.
    Chrony,
    /// None: it gave the time alone.
    Sntp,
}

impl Way {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Chrony => "chrony",
            Self::Sntp => "sntp",
        }
    }
}

/// What a measurement of a host's clock gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// The host's clock minus this machine's, in seconds.
    pub offset: f64,
    /// The round trip, in seconds.
    pub delay: f64,
    /// What counts in the choice.
    pub candidate: Candidate,
    /// Whether its time, in every era, is an impossible one.
    pub is_impossible: bool,
}

/// What a daemon says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Own {
    /// Its sources' time minus its clock's, in seconds.
    pub offset: Option<f64>,
    /// The most that its clock is wrong by, in seconds.
    pub bound: Option<f64>,
    /// Its stratum; 16 if it is not synchronised.
    pub stratum: Option<u8>,
    /// Its leap indicator.
    pub leap: Option<u8>,
    /// What it is synchronised to.
    pub reference: Option<[u8; 4]>,
    /// How many sources it has.
    pub sources: Option<u32>,
    /// How many of them its selection accepts.
    pub usable_sources: Option<u32>,
    /// The reachability register of the source that it follows, the latest poll in bit 0.
    pub reach: Option<u8>,
    /// The program, as far as it says.
    pub daemon: Option<String>,
}

/// A host, and what is known of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host {
    /// As it was named.
    pub name: String,
    /// The address that was asked.
    pub address: Option<SocketAddr>,
    /// In which protocol it answered; none if it did not.
    pub way: Option<Way>,
    /// Its clock as it was measured.
    pub time: Option<Time>,
    /// Its reference as it serves it.
    pub served_reference: Option<[u8; 4]>,
    /// What its daemon says of itself.
    pub own: Own,
    /// Whether the fleet's majority agrees with its clock; none if that is not known.
    pub agrees: Option<bool>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Host {
    /// A host of which nothing is known but what is wrong.
    pub fn lost(name: String, address: Option<SocketAddr>, problem: Problem) -> Self {
        Self { name, address, problems: vec![problem], ..Self::default() }
    }

    /// Whether anything came from it.
    pub fn is_answered(&self) -> bool {
        self.way.is_some()
    }

    /// Its stratum as it is served, else as its daemon has it; 16 if it is not synchronised.
    pub fn stratum(&self) -> Option<u8> {
        self.time.map(|time| time.candidate.stratum).or(self.own.stratum)
    }

    /// Its leap indicator, likewise.
    pub fn leap(&self) -> Option<u8> {
        self.time.map(|time| time.candidate.leap).or(self.own.leap)
    }

    /// Whether it holds its clock for synchronised; none if nothing is known of that.
    pub fn is_synchronized(&self) -> Option<bool> {
        Some(is_synchronized(self.stratum()?, self.leap()?))
    }

    /// The most that its clock can be wrong by, by its own account, in seconds. A host that is not synchronised knows no
    /// bound.
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

    /// The identifier by which those that follow it name it.
    pub fn identifier(&self) -> Option<u32> {
        self.address.map(|address| NetworkAddress(address).reference_id())
    }

    /// How many of the last eight polls of its source were answered.
    pub fn reach_count(&self) -> Option<u32> {
        self.own.reach.map(u8::count_ones)
    }

    /// Notes what is wrong with what it says by itself, whatever its figures are to be.
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

    /// How what its daemon says of itself differs from what it serves.
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
        self.problems.sort_by_key(Problem::rank);
    }

    /// The worst that is wrong with it.
    pub fn worst(&self) -> Option<&Problem> {
        self.problems.first()
    }
}

fn is_synchronized(stratum: u8, leap: u8) -> bool {
    leap != ALARM && SYNCHRONIZED.contains(&stratum)
}

/// By what rows are ordered, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The size of the offset.
    Offset,
    /// The most that the clock can be wrong by.
    Bound,
    /// The stratum.
    Stratum,
    /// The reach of the source, the lowest first.
    Reach,
    /// The name, from A to Z.
    Name,
}

impl Order {
    /// How two hosts follow each other. What is not known comes last.
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
