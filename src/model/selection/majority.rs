//! The intersection algorithm (RFC 5905 section 11.2.1), with votes that can be shared.

use super::Candidate;

/// One whole vote. The addresses of a name share the name's vote, so votes are counted in small parts of one.
pub const VOTE: u64 = 1 << 32;
/// Shares are rounded down, which makes no majority out of a tie: more than all of a crowd's roundings.
const ROUNDING: u64 = 1 << 16;
/// How many strata above the best a server may be to be followed.
const MOST_STRATA_APART: u8 = 3;

/// Finds the truechimers. For each server, whether it is one; `None` without a majority.
///
/// Each server's offset lies in the middle of an interval as wide as its root distance on both sides. The algorithm
/// looks for the smallest number of votes for liars, less than half of all, such that all others have a time in
/// common and no more votes than that have their offset outside of the intersection. An interval that merely touches
/// the intersection supports it, but its server is a falseticker unless its offset lies within: otherwise a server
/// that admits to a large error could belong to any majority and then have its own offset followed.
///
/// `votes` holds what each server's voice counts. `of` is what all votes come to, if some are still to come.
pub fn majority(servers: &[Candidate], votes: &[u64], of: u64) -> Option<Vec<bool>> {
    let here: u64 = votes.iter().sum();
    let all = here.max(of);
    let is_majority = |votes: u64| votes.saturating_mul(2) > all.saturating_add(ROUNDING);
    // Too few have voted: nothing to compute.
    if !is_majority(here) {
        return None;
    }
    let supports = supports(servers, votes);
    let mut levels: Vec<u64> = supports.iter().map(|(_, support)| *support).collect();
    levels.retain(|level| is_majority(*level));
    levels.sort_unstable();
    levels.dedup();
    levels.into_iter().rev().find_map(|level| {
        let mut supported = supports.iter().filter(|(_, support)| *support >= level).map(|(time, _)| *time);
        let low = supported.next()?;
        let high = supported.next_back().unwrap_or(low);
        let honest: Vec<bool> = servers.iter().map(|server| (low..=high).contains(&server.offset)).collect();
        let outside: u64 =
            votes.iter().zip(&honest).filter(|(_, honest)| !**honest).map(|(vote, _)| *vote).sum();
        (outside <= here - level).then_some(honest)
    })
}

/// The ends of all intervals in the order of time, each with the votes of the intervals that contain it.
fn supports(servers: &[Candidate], votes: &[u64]) -> Vec<(i128, u64)> {
    let mut edges: Vec<(i128, bool, u64)> = Vec::with_capacity(servers.len() * 2);
    for (server, vote) in servers.iter().zip(votes) {
        let distance = i128::from(server.distance());
        edges.push((server.offset - distance, false, *vote));
        edges.push((server.offset + distance, true, *vote));
    }
    // Intervals that merely touch have that time in common: beginnings first.
    edges.sort_unstable();
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

/// The choice among servers that a majority has confirmed: the one with the least root distance, whose offset has
/// the smallest error; the lower stratum and the earlier place first among equals. Servers many strata above the best
/// are fallbacks, and not looked at.
pub fn choose_confirmed(servers: &[Candidate]) -> Option<usize> {
    let lowest = servers.iter().map(|server| server.stratum).min()?;
    let highest = lowest.saturating_add(MOST_STRATA_APART);
    (0..)
        .zip(servers)
        .filter(|(_, server)| server.stratum <= highest)
        .min_by_key(|(place, server)| (server.distance(), server.stratum, *place))
        .map(|(place, _)| place)
}
