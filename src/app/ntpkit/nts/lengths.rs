//! Finds which request lengths get a reply.
//!
//! Some filters drop NTP packets by length, because for a long time only the 48 octets of plain NTP were usual. The
//! length at which packets vanish is searched for by padding an authenticated request that is answered; by placeholders
//! for cookies if the server rejects padding; or, if no authenticated request is answered, by adding an extension field
//! to a plain one.

use super::{Examined, PATIENCE};
use crate::net::probe::ask_all;
use crate::net::seed;
use crate::session::nts::association::{Association, Filler, MAX_COOKIES};
use crate::session::nts::probe::{LengthSearch, Probe, Question};
use crate::wire::nts::extension::FIELD_HEADER_LENGTH;
use std::net::SocketAddr;
use std::thread::sleep;

/// No NTS request is longer: seven placeholders for cookies of 100 octets make 956. Servers accept little more.
const LONGEST: usize = 1_024;
/// A plain request, and the shortest one with an extension field.
const PLAIN: usize = 48;
const SHORTEST_EXTENDED: usize = 76;
/// Extension fields are multiples of this.
const STEP: usize = 4;
/// Attempts per length before it counts as dropped.
const TRIES: usize = 2;

/// What makes the requests longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Padding in the authenticator.
    Padding,
    /// Placeholders for cookies, which also lengthen the reply.
    Placeholders,
    /// An extension field in a request without authentication.
    Extension,
}

impl Means {
    /// Its word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Padding => "padding",
            Self::Placeholders => "cookie-placeholders",
            Self::Extension => "extension-field",
        }
    }
}

/// The result of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// The lengths between which requests start to be dropped; `None` if all pass, or if nothing is known.
    pub search: Option<LengthSearch>,
    /// The longest request that was answered.
    pub longest: Option<usize>,
    /// How the requests were lengthened.
    pub means: Means,
}

/// Measures the path to a host's NTP server; `None` if there is no server to query.
pub fn measure(host: &Examined) -> Option<Lengths> {
    let (agreement, server) = host.obtained.outcome.as_ref().ok()?;
    let asked = host.asked.as_ref()?;
    let base = asked.probe.request_octets;
    if asked.probe.reply.is_some() {
        let filled = |filler| is_filled_answered(*server, &agreement.association, filler);
        let mut padded =
            |length: usize| filled(Filler { padding: length.saturating_sub(base), placeholders: 0 });
        if padded(LONGEST) {
            return Some(Lengths { search: None, longest: Some(LONGEST), means: Means::Padding });
        }
        if padded(base + STEP) {
            return Some(narrow(base + STEP, LONGEST, Means::Padding, &mut padded));
        }
        // The server rejects padding, as NTPsec's does, or the path drops whatever is longer.
        let cookie = agreement.association.cookies().next()?.len().next_multiple_of(STEP);
        return Some(ladder(base, FIELD_HEADER_LENGTH + cookie, &mut |placeholders| {
            filled(Filler { placeholders, padding: 0 })
        }));
    }
    host.plain.as_ref()?.probe.reply.as_ref()?;
    let mut answered = |length| is_answered(*server, Question::Extended(length));
    if !answered(SHORTEST_EXTENDED) {
        let search = LengthSearch { passes: PLAIN, vanishes: SHORTEST_EXTENDED };
        return Some(Lengths { search: Some(search), longest: Some(PLAIN), means: Means::Extension });
    }
    if answered(base) {
        return Some(Lengths { search: None, longest: Some(base), means: Means::Extension });
    }
    Some(narrow(SHORTEST_EXTENDED, base, Means::Extension, &mut answered))
}

/// Searches between a length that is answered and one that is not.
fn narrow(passes: usize, vanishes: usize, means: Means, answered: &mut dyn FnMut(usize) -> bool) -> Lengths {
    let mut search = LengthSearch { passes, vanishes };
    while let Some(length) = search.next() {
        search.note(length, answered(length));
    }
    Lengths { search: Some(search), longest: Some(search.passes), means }
}

/// Finds how many placeholders of this many octets a request may have that is answered without any.
fn ladder(base: usize, rung: usize, answered: &mut dyn FnMut(usize) -> bool) -> Lengths {
    let length = |placeholders: usize| base + placeholders * rung;
    let most = MAX_COOKIES - 1;
    if answered(most) {
        return Lengths { search: None, longest: Some(length(most)), means: Means::Placeholders };
    }
    let (mut passes, mut vanishes) = (0, most);
    while vanishes - passes > 1 {
        let middle = passes.midpoint(vanishes);
        if answered(middle) {
            passes = middle;
        } else {
            vanishes = middle;
        }
    }
    let search = LengthSearch { passes: length(passes), vanishes: length(vanishes) };
    Lengths { search: Some(search), longest: Some(search.passes), means: Means::Placeholders }
}

/// Whether an authenticated request of this length is answered. The cookie is reused: a measurement of the path needs no
/// privacy.
fn is_filled_answered(server: SocketAddr, association: &Association, filler: Filler) -> bool {
    let question = Question::Authentic { association: Box::new(association.clone()), again: Some(filler) };
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
        let found = narrow(232, LONGEST, Means::Padding, &mut limited(600));
        assert_eq!(found.search, Some(LengthSearch { passes: 600, vanishes: 604 }));
        assert_eq!(found.longest, Some(600));
        let found = narrow(76, 228, Means::Extension, &mut limited(200));
        assert_eq!(found.search, Some(LengthSearch { passes: 200, vanishes: 204 }));
    }

    #[test]
    fn placeholders_find_the_limit_between_two_of_them() {
        let found = |most: usize| ladder(232, 108, &mut |placeholders| placeholders <= most);
        assert_eq!(found(7), Lengths { search: None, longest: Some(988), means: Means::Placeholders });
        for most in 0..7 {
            let (passes, vanishes) = (232 + most * 108, 340 + most * 108);
            assert_eq!(found(most).search, Some(LengthSearch { passes, vanishes }));
        }
    }
}
