//! Finds where the error of a trace begins: the clocks that are wrong although those they follow are not.

use super::trace::{End, Trace};
use crate::model::selection::{Candidate, VOTE, majority};

/// The fewest clocks that have a meaningful majority.
const MIN_CLOCKS: usize = 3;

/// What is wrong with a clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Error {
    /// It is not synchronised.
    Unsynchronized,
    /// It is ahead of the clock that it follows by this many seconds, more than its reported error allows.
    FromSource(f64),
    /// The majority of other clocks disagrees with it; by this many seconds if the middle of theirs is right.
    FromMajority(f64),
}

/// The fault of each host in a trace that does not follow a faulty one.
pub fn beginnings(trace: &Trace) -> Vec<Option<Error>> {
    let verdicts = verdicts(trace);
    let errors: Vec<Option<Error>> =
        (0..trace.nodes.len()).map(|place| error(trace, place, &verdicts)).collect();
    let is_wrong = |place: usize| errors.get(place).is_some_and(Option::is_some);
    let begins = |place: usize| {
        let mut seen = vec![place];
        let mut next = trace.followed_by(place);
        while let Some(at) = next.filter(|at| !seen.contains(at)) {
            if is_wrong(at) {
                return false;
            }
            seen.push(at);
            next = trace.followed_by(at);
        }
        true
    };
    errors.iter().enumerate().map(|(place, error)| error.filter(|_| begins(place))).collect()
}

fn error(trace: &Trace, place: usize, verdicts: &[Option<f64>]) -> Option<Error> {
    let node = trace.nodes.get(place)?;
    if node.end == Some(End::Unsynchronized) {
        return Some(Error::Unsynchronized);
    }
    let hop = node.hop()?;
    let own = hop.clock?;
    let source = trace.followed_by(place).and_then(|source| trace.nodes.get(source)?.hop()?.clock);
    if let (Some(source), Some(distance)) = (source, hop.distance) {
        let difference = own.offset - source.offset;
        // The uncertainty of the round trips, and the host's own error bound.
        let open = f64::midpoint(own.delay.abs(), source.delay.abs()) + distance;
        if difference.abs() > open {
            return Some(Error::FromSource(difference));
        }
    }
    verdicts.get(place).copied().flatten().map(Error::FromMajority)
}

/// The distance of each clock from those that the majority agrees on; `None` for the majority, or if there is none.
/// Clocks that follow others have no vote, since they share their sources' errors.
fn verdicts(trace: &Trace) -> Vec<Option<f64>> {
    let mut verdicts = vec![None; trace.nodes.len()];
    let clocks: Vec<(usize, f64, Candidate)> = trace
        .nodes
        .iter()
        .enumerate()
        .filter_map(|(place, node)| {
            let hop = node.hop().filter(|hop| node.edges.is_empty() && !hop.is_unsynchronized())?;
            Some((place, hop.clock?.offset, hop.clock?.candidate))
        })
        .collect();
    if clocks.len() < MIN_CLOCKS {
        return verdicts;
    }
    let candidates: Vec<Candidate> = clocks.iter().map(|(_, _, candidate)| *candidate).collect();
    let votes = vec![VOTE; candidates.len()];
    let Some(honest) = majority(&candidates, &votes, 0) else { return verdicts };
    let agreed: Vec<f64> = clocks
        .iter()
        .zip(&honest)
        .filter(|(_, honest)| **honest)
        .map(|((_, offset, _), _)| *offset)
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a number of hosts")]
    let middle = agreed.iter().sum::<f64>() / agreed.len().max(1) as f64;
    for ((place, offset, candidate), honest) in clocks.iter().zip(&honest) {
        // A clock whose interval overlaps the others' may still be right.
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let distance = candidate.distance() as f64 / 4_294_967_296.0;
        let away = offset - middle;
        if let Some(verdict) = verdicts.get_mut(*place).filter(|_| !honest && away.abs() > distance) {
            *verdict = Some(away);
        }
    }
    verdicts
}
