//! The clocks of a fleet, compared with each other.

use super::{Cause, Host, Severity};
use crate::model::selection::{Candidate, VOTE, common_time};
use std::collections::HashMap;
use std::net::IpAddr;

/// Hosts that a majority is looked for among, at least: of fewer nobody can say who is right.
const FEWEST: usize = 3;

/// Whether the clocks of the hosts that can be used have a time in common, computed as for servers (RFC 5905
/// section 11.2.1). A host agrees if its clock, within its root distance, can show that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Majority {
    /// There are too few: this many.
    TooFew(usize),
    /// No majority of this many agrees.
    None(usize),
    /// So many agree with the majority, and so many do not.
    Found {
        /// Those that agree.
        agreeing: usize,
        /// Those that do not.
        disagreeing: usize,
    },
}

/// The sizes of all measured offsets, and the two clocks that differ most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Measured clocks.
    pub count: usize,
    /// The size of offset that half of the clocks keep within, in seconds.
    pub median: f64,
    /// The size that 99 of 100 keep within.
    pub p99: f64,
    /// The largest size.
    pub most: f64,
    /// The places of the clocks that are furthest behind and ahead, and what is between them in seconds.
    pub furthest: (usize, usize, f64),
}

/// What is true of all clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clocks {
    /// Whether they agree.
    pub majority: Majority,
    /// How they differ; none if none was measured.
    pub spread: Option<Spread>,
}

/// Compares all clocks; notes of each host whether the majority agrees with it.
pub fn clocks(hosts: &mut [Host]) -> Clocks {
    Clocks { majority: judge(hosts), spread: spread(hosts) }
}

fn judge(hosts: &mut [Host]) -> Majority {
    let mut sharing: HashMap<IpAddr, u64> = HashMap::new();
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
    // The names of one address have one vote.
    let vote = |ip: Option<IpAddr>| VOTE / ip.and_then(|ip| sharing.get(&ip)).copied().unwrap_or(1).max(1);
    let votes: Vec<u64> = fit.iter().map(|(.., ip)| vote(*ip)).collect();
    let candidates: Vec<Candidate> = fit.iter().map(|(_, candidate, _)| *candidate).collect();
    let Some(common) = common_time(&candidates, &votes, 0) else { return Majority::None(fit.len()) };
    let mut disagreeing = 0;
    for (place, candidate, _) in &fit {
        let Some(host) = hosts.get_mut(*place) else { continue };
        // Nobody is to be followed here: a host is wrong if it cannot be right, not if its time is uncertain.
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
    offsets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let (lowest, highest) = (*offsets.first()?, *offsets.last()?);
    let mut sizes: Vec<f64> = offsets.iter().map(|(offset, _)| offset.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let count = sizes.len();
    // The nearest rank: a figure that was measured.
    let within = |percent: usize| sizes.get((count * percent).div_ceil(100).max(1) - 1).copied();
    Some(Spread {
        count,
        median: within(50)?,
        p99: within(99)?,
        most: within(100)?,
        furthest: (lowest.1, highest.1, highest.0 - lowest.0),
    })
}
