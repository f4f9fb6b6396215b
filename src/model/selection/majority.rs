//! The intersection algorithm (RFC 5905 section 11.2.1), with fractional votes.

use super::Candidate;
use crate::compact;
use std::ops::RangeInclusive;

/// One whole vote. The addresses of a name share the name's vote, so votes are counted in fractions.
pub const VOTE: u64 = 1 << 32;
/// Shares are rounded down. This margin, larger than all rounding errors together, keeps a tie from becoming a
/// majority.
const ROUNDING: u64 = 1 << 16;
/// How many strata above the best a server may be to be selected.
const MAX_STRATA_APART: u8 = 3;

/// Finds the truechimers. Returns for each server whether it is one; `None` without a majority.
///
/// Each server's offset is the centre of an interval that extends by its root distance to both sides. The algorithm
/// looks for the smallest number of falseticker votes, less than half of all, such that all others have a time in
/// common and no more votes than that have their offset outside the intersection. An interval that merely overlaps the
/// intersection supports it, but its server is a falseticker unless its offset lies within: otherwise a server that
/// admits to a large error could belong to any majority and then have its own offset selected.
///
/// `votes` are the weights of the servers. `of` is the total of all votes, if some are still to come.
pub fn majority(servers: &[Candidate], votes: &[u64], of: u64) -> Option<Vec<bool>> {
    let common = common_time(servers, votes, of)?;
    Some(servers.iter().map(|server| common.contains(&server.offset)).collect())
}

/// Returns the times that the majority has in common, as offsets from the first to the last; see [`majority`].
pub fn common_time(servers: &[Candidate], votes: &[u64], of: u64) -> Option<RangeInclusive<i128>> {
    let here: u64 = votes.iter().sum();
    let all = here.max(of);
    let is_majority = |votes: u64| votes.saturating_mul(2) > all.saturating_add(ROUNDING);
    // Too few have voted: nothing to compute.
    if !is_majority(here) {
        return None;
    }
    let supports = Supports::of(servers, votes);
    let mut levels: Vec<u64> = supports.edges.iter().map(|(_, support)| *support).collect();
    levels.retain(|level| is_majority(*level));
    compact::sort(&mut levels);
    levels.dedup();
    let offsets = Offsets::of(servers, votes);
    levels.into_iter().rev().find_map(|level| {
        let (low, high) = supports.within(level)?;
        let outside = here - offsets.votes_within(low, high);
        (outside <= here - level).then_some(low..=high)
    })
}

/// The ends of all intervals, indexed so that the region with a given support is found quickly.
struct Supports {
    /// In order of time, each with the votes of the intervals that contain it.
    edges: Vec<(i128, u64)>,
    /// The maximum support up to each edge, and from it on.
    up_to: Vec<u64>,
    from: Vec<u64>,
}

impl Supports {
    fn of(servers: &[Candidate], votes: &[u64]) -> Self {
        let edges = supports(servers, votes);
        let most = |most: &mut u64, (_, support): &(i128, u64)| {
            *most = (*most).max(*support);
            Some(*most)
        };
        let up_to = edges.iter().scan(0, most).collect();
        let mut from: Vec<u64> = edges.iter().rev().scan(0, most).collect();
        from.reverse();
        Self { edges, up_to, from }
    }

    /// Returns the first and the last edge with at least this support.
    fn within(&self, level: u64) -> Option<(i128, i128)> {
        let first = self.up_to.partition_point(|most| *most < level);
        let last = self.from.partition_point(|most| *most >= level).checked_sub(1)?;
        Some((self.edges.get(first)?.0, self.edges.get(last)?.0))
    }
}

/// All offsets in order, each with the votes up to and including it.
struct Offsets(Vec<(i128, u64)>);

impl Offsets {
    fn of(servers: &[Candidate], votes: &[u64]) -> Self {
        let mut offsets: Vec<(i128, u64)> =
            servers.iter().zip(votes).map(|(server, vote)| (server.offset, *vote)).collect();
        compact::sort(&mut offsets);
        let mut sum = 0;
        for (_, votes) in &mut offsets {
            sum += *votes;
            *votes = sum;
        }
        Self(offsets)
    }

    /// Returns the votes of the servers whose offset lies between these limits.
    fn votes_within(&self, low: i128, high: i128) -> u64 {
        let up_to =
            |place: usize| place.checked_sub(1).and_then(|last| self.0.get(last)).map_or(0, |(_, sum)| *sum);
        let (first, end) = (
            self.0.partition_point(|(offset, _)| *offset < low),
            self.0.partition_point(|(offset, _)| *offset <= high),
        );
        up_to(end) - up_to(first)
    }
}

/// Returns the ends of all intervals in order of time, each with the votes of the intervals that contain it.
fn supports(servers: &[Candidate], votes: &[u64]) -> Vec<(i128, u64)> {
    let mut edges: Vec<(i128, bool, u64)> = Vec::with_capacity(servers.len() * 2);
    for (server, vote) in servers.iter().zip(votes) {
        let distance = i128::from(server.distance());
        edges.push((server.offset - distance, false, *vote));
        edges.push((server.offset + distance, true, *vote));
    }
    // Intervals that merely touch have that time in common: beginnings first.
    compact::sort(&mut edges);
    let mut support = 0;
    edges
        .into_iter()
        .map(|(time, is_end, vote)| {
            if is_end {
                support -= vote;
                (time, support + vote)
            } else {
                support += vote;
                (time, support)
            }
        })
        .collect()
}

/// Selects a server among those confirmed by a majority: the one with the smallest root distance, and so the smallest
/// error; among equals the lower stratum, then the earlier one. Servers many strata above the best are fallbacks and
/// not considered.
pub fn choose_confirmed(servers: &[Candidate]) -> Option<usize> {
    let lowest = servers.iter().map(|server| server.stratum).min()?;
    let highest = lowest.saturating_add(MAX_STRATA_APART);
    (0..)
        .zip(servers)
        .filter(|(_, server)| server.stratum <= highest)
        .min_by_key(|(place, server)| (server.distance(), server.stratum, *place))
        .map(|(place, _)| place)
}
