//! Compares the clocks of a fleet.

use super::{Cause, Host, Severity};
use crate::compact;
use crate::model::selection::{Candidate, VOTE, common_time};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Minimum number of hosts for a majority: with fewer, nobody can say who is right.
const FEWEST: usize = 3;

/// Whether the clocks of the usable hosts have a time in common, computed as for servers (RFC 5905 section 11.2.1). A
/// host agrees if that time is within its root distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Majority {
    /// There are too few usable hosts: this many.
    TooFew(usize),
    /// No majority of this many agrees.
    None(usize),
    /// There is a majority.
    Found {
        /// Hosts that agree with it.
        agreeing: usize,
        /// Hosts that do not.
        disagreeing: usize,
    },
}

/// Statistics of the absolute offsets, and the two clocks that differ most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Measured clocks.
    pub count: usize,
    /// The median of the absolute offsets, in seconds.
    pub median: f64,
    /// Their 99th percentile.
    pub p99: f64,
    /// The largest.
    pub most: f64,
    /// The indexes of the clocks that are furthest behind and ahead, and their difference in seconds.
    pub furthest: (usize, usize, f64),
}

/// Facts about all clocks together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clocks {
    /// Whether they agree.
    pub majority: Majority,
    /// How they differ; `None` if none was measured.
    pub spread: Option<Spread>,
}

/// Compares all clocks; records for each host whether the majority agrees with it.
pub fn clocks(hosts: &mut [Host]) -> Clocks {
    Clocks { majority: judge(hosts), spread: spread(hosts) }
}

fn judge(hosts: &mut [Host]) -> Majority {
    let mut sharing: BTreeMap<IpAddr, u64> = BTreeMap::new();
    let mut fit: Vec<(usize, Candidate, Option<IpAddr>)> = Vec::new();
    for (place, host) in hosts.iter().enumerate() {
        let Some(time) = host.time.filter(|time| !time.is_impossible && time.candidate.unfit().is_none())
        else {
            continue;
        };
        let ip = host.address.map(|address| address.ip());
        if let Some(ip) = ip {
            *sharing.entry(ip).or_default() += 1;
        }
        fit.push((place, time.candidate, ip));
    }
    if sharing.len() < FEWEST {
        return Majority::TooFew(fit.len());
    }
    // Names of the same address share one vote.
    let vote = |ip: Option<IpAddr>| VOTE / ip.and_then(|ip| sharing.get(&ip)).copied().unwrap_or(1).max(1);
    let votes: Vec<u64> = fit.iter().map(|(.., ip)| vote(*ip)).collect();
    let candidates: Vec<Candidate> = fit.iter().map(|(_, candidate, _)| *candidate).collect();
    let Some(common) = common_time(&candidates, &votes, 0) else { return Majority::None(fit.len()) };
    let mut disagreeing = 0;
    for (place, candidate, _) in &fit {
        let Some(host) = hosts.get_mut(*place) else { continue };
        // We do not select a server here: a host is wrong if it cannot be right, not if it is uncertain.
        let distance = i128::from(candidate.distance());
        let honest =
            candidate.offset + distance >= *common.start() && candidate.offset - distance <= *common.end();
        host.agrees = Some(honest);
        if !honest {
            disagreeing += 1;
            host.note(Cause::Disagrees, Severity::Critical, "");
        }
    }
    Majority::Found { agreeing: fit.len() - disagreeing, disagreeing }
}

fn spread(hosts: &[Host]) -> Option<Spread> {
    let mut offsets: Vec<(f64, usize)> =
        hosts.iter().enumerate().filter_map(|(place, host)| Some((host.time?.offset, place))).collect();
    compact::sort_by(&mut offsets, |(one, _), (other, _)| one.total_cmp(other));
    let (lowest, highest) = (*offsets.first()?, *offsets.last()?);
    let mut sizes: Vec<f64> = offsets.iter().map(|(offset, _)| offset.abs()).collect();
    compact::sort_by(&mut sizes, f64::total_cmp);
    let count = sizes.len();
    // The nearest rank, so that the result is a measured value.
    let within = |percent: usize| sizes.get((count * percent).div_ceil(100).max(1) - 1).copied();
    Some(Spread {
        count,
        median: within(50)?,
        p99: within(99)?,
        most: within(100)?,
        furthest: (lowest.1, highest.1, highest.0 - lowest.0),
    })
}
