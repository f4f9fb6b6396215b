//! Finds which request lengths get a reply.
//!
//! Some filters drop NTP packets by length, because for a long time only the 48 octets of plain NTP were usual. The
//! length at which packets vanish is searched for by padding an authenticated request that is answered, or else by
//! adding an extension field to a plain one.

use super::{Examined, PATIENCE};
use crate::net::probe::ask_all;
use crate::net::seed;
use crate::session::nts::association::Association;
use crate::session::nts::probe::{LengthSearch, Probe, Question};
use std::net::SocketAddr;
use std::thread::sleep;

/// No NTS request is longer: seven placeholders for cookies of 100 octets make 956. Servers accept little more.
const LONGEST: usize = 1_024;
/// A plain request, and the shortest one with an extension field.
const PLAIN: usize = 48;
const SHORTEST_EXTENDED: usize = 76;
/// Attempts per length before it counts as dropped.
const TRIES: usize = 2;

/// The result of the search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// The lengths between which requests start to be dropped; `None` if all pass, or if nothing is known.
    pub search: Option<LengthSearch>,
    /// The longest request that was answered.
    pub longest: Option<usize>,
    /// Whether the requests were authenticated.
    pub authenticated: bool,
}

/// Measures the path to a host's NTP server; `None` if there is no server to query.
pub fn measure(host: &Examined) -> Option<Lengths> {
    let (agreement, server) = host.obtained.outcome.as_ref().ok()?;
    let asked = host.asked.as_ref()?;
    let base = asked.probe.request_octets;
    if asked.probe.reply.is_some() {
        let mut association = agreement.association.clone();
        return Some(search(base, LONGEST, true, &mut |length| {
            padded(*server, &mut association, length.saturating_sub(base))
        }));
    }
    host.plain.as_ref()?.probe.reply.as_ref()?;
    let mut answered = |length| is_answered(*server, Question::Extended(length));
    if !answered(SHORTEST_EXTENDED) {
        let search = LengthSearch { passes: PLAIN, vanishes: SHORTEST_EXTENDED };
        return Some(Lengths { search: Some(search), longest: Some(PLAIN), authenticated: false });
    }
    Some(search(SHORTEST_EXTENDED, base, false, &mut answered))
}

/// Searches between a length that is answered and the longest of interest.
fn search(
    passes: usize,
    longest: usize,
    authenticated: bool,
    answered: &mut dyn FnMut(usize) -> bool,
) -> Lengths {
    if answered(longest) {
        return Lengths { search: None, longest: Some(longest), authenticated };
    }
    let mut search = LengthSearch { passes, vanishes: longest };
    while let Some(length) = search.next() {
        search.note(length, answered(length));
    }
    Lengths { search: Some(search), longest: Some(search.passes), authenticated }
}

/// Whether an authenticated request with this much padding is answered. The cookie is reused: a measurement of the path
/// needs no privacy.
fn padded(server: SocketAddr, association: &mut Association, padding: usize) -> bool {
    let question = Question::Authentic { association: Box::new(association.clone()), padding, reuse: true };
    is_answered(server, question)
}

fn is_answered(server: SocketAddr, question: Question) -> bool {
    // Servers that limit their rate would not answer sooner.
    sleep(PATIENCE);
    let asked = ask_all([(server, Probe::new(question, TRIES, PATIENCE, seed()))]);
    asked.iter().flatten().any(|asked| asked.probe.reply.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_found_from_both_sides() {
        let limited = |limit: usize| move |length: usize| length <= limit;
        let found = search(228, LONGEST, true, &mut limited(600));
        assert_eq!(found.search, Some(LengthSearch { passes: 600, vanishes: 604 }));
        assert_eq!(found.longest, Some(600));
        let found = search(76, 228, false, &mut limited(200));
        assert_eq!(found.search, Some(LengthSearch { passes: 200, vanishes: 204 }));
        assert_eq!(search(228, LONGEST, true, &mut limited(2000)).search, None);
    }
}
