//! What the servers' answers come to.

use super::text;
use crate::clock::era::{Unfolded, unfold};
use crate::compat::{Dialect, Quirk};
use crate::model::selection::{Candidate, Sample, Unfit, VOTE, choose, choose_confirmed, filter, majority};
use crate::session::sntp::{Exchange, Nonsense, Server};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A server and what is held of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The conversation.
    pub asked: Server,
    /// Its samples, the oldest first.
    pub samples: Vec<Sample>,
    /// What counts in the choice.
    pub candidate: Candidate,
    /// Why it is not used.
    pub unfit: Option<Unfit>,
}

impl Judged {
    /// Its address.
    pub fn name(&self) -> String {
        text::address(self.asked.address)
    }

    /// What is wrong with its answers, if none gave a sample.
    pub fn nonsense(&self) -> Option<Senseless> {
        let no_sample = self.candidate.filtered.delay == 0;
        let impossible = self.asked.answers() > 0;
        match self.asked.nonsense {
            _ if !no_sample => None,
            _ if impossible => Some(Senseless::TooLongThere),
            Some(Nonsense::NoReceiveTime) => Some(Senseless::NoReceiveTime),
            Some(Nonsense::SentBeforeReceived) => Some(Senseless::SentBeforeReceived),
            None => None,
        }
    }

    /// Whether it ever answered.
    pub fn answered(&self) -> bool {
        self.asked.reply.is_some()
    }
}

/// Why a server's answers are no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Senseless {
    /// They do not say when the request arrived.
    NoReceiveTime,
    /// They left before the request arrived, their time stamps say.
    SentBeforeReceived,
    /// Their time stamps lie further apart than the whole exchange took.
    TooLongThere,
}

/// All servers, and which of them is followed.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// In the order asked.
    pub servers: Vec<Judged>,
    /// The place of the one that is followed.
    pub chosen: Option<usize>,
    /// Whether there are servers that are fit, but no majority of them agrees.
    pub no_majority: bool,
    /// Whether there are just two servers that are fit, and they disagree.
    pub two_disagree: bool,
}

impl Verdict {
    /// The server that is followed.
    pub fn chosen(&self) -> Option<&Judged> {
        self.servers.get(self.chosen?)
    }
}

/// Judges the servers, each of which was asked for this many samples; `now` is this machine's time.
pub fn judge(servers: Vec<Server>, slots: usize, now: Timestamp, dialect: Dialect) -> Verdict {
    let mut servers: Vec<Judged> =
        servers.into_iter().map(|server| judged(server, slots, now, dialect)).collect();
    let fit: Vec<usize> = places(&servers);
    let candidates: Vec<Candidate> = chosen_of(&servers, &fit).map(|server| server.candidate).collect();
    let votes = votes(&chosen_of(&servers, &fit).map(|server| &server.asked).collect::<Vec<_>>());
    let agreement = majority(&candidates, &votes, 0);
    let two_disagree = fit.len() == 2 && agreement.is_none();
    if dialect.keeps(Quirk::LOWEST_STRATUM_WINS) {
        let chosen = choose(&candidates).and_then(|place| fit.get(place).copied());
        return Verdict { servers, chosen, no_majority: false, two_disagree };
    }
    let honest = match agreement {
        Some(honest) => honest,
        None if two_disagree => vec![true; 2],
        None => return Verdict { servers, chosen: None, no_majority: !fit.is_empty(), two_disagree },
    };
    for (place, honest) in fit.iter().zip(honest) {
        if !honest && let Some(server) = servers.get_mut(*place) {
            server.unfit = Some(Unfit::Falseticker);
        }
    }
    let survivors = places(&servers);
    let candidates: Vec<Candidate> = chosen_of(&servers, &survivors).map(|server| server.candidate).collect();
    let chosen = choose_confirmed(&candidates).and_then(|place| survivors.get(place).copied());
    Verdict { servers, chosen, no_majority: false, two_disagree }
}

/// Whether a majority of all servers has answered and agrees, so that no answer still to come can outvote it.
pub fn is_settled(servers: &[Server], slots: usize, now: Timestamp) -> bool {
    // Of a group nobody knows how many are still to come.
    if servers.iter().any(|server| server.is_group() && !server.complete) {
        return false;
    }
    let votes = votes(&servers.iter().collect::<Vec<_>>());
    let (mut candidates, mut voices) = (Vec::new(), Vec::new());
    for (server, vote) in servers.iter().zip(&votes).filter(|(server, _)| server.complete) {
        let judged = judged(server.clone(), slots, now, Dialect::Unsigned);
        if judged.unfit.is_none() {
            candidates.push(judged.candidate);
            voices.push(*vote);
        }
    }
    majority(&candidates, &voices, votes.iter().sum()).is_some()
}

/// What the voice of each of these servers counts. A name has one vote, which its servers share, and a server to which
/// several names lead has no more than one.
fn votes(servers: &[&Server]) -> Vec<u64> {
    let mut sharing: BTreeMap<usize, u64> = BTreeMap::new();
    for voter in servers.iter().filter(|server| !server.is_group()).flat_map(|server| &server.voters) {
        *sharing.entry(*voter).or_default() += 1;
    }
    let share = |voter: &usize| sharing.get(voter).map_or(0, |count| VOTE / count);
    let vote = |server: &&Server| {
        if server.is_group() { 0 } else { server.voters.iter().map(share).sum::<u64>().min(VOTE) }
    };
    servers.iter().map(vote).collect()
}

fn chosen_of<'a>(servers: &'a [Judged], places: &'a [usize]) -> impl Iterator<Item = &'a Judged> {
    places.iter().filter_map(|place| servers.get(*place))
}

fn places(servers: &[Judged]) -> Vec<usize> {
    servers.iter().enumerate().filter(|(_, server)| server.unfit.is_none()).map(|(place, _)| place).collect()
}

fn judged(asked: Server, slots: usize, now: Timestamp, dialect: Dialect) -> Judged {
    let samples: Vec<Sample> = asked.exchanges.iter().map(sample).collect();
    let filtered = filter(&samples, slots);
    let Unfolded { offset, possible } = unfold(now, filtered.offset);
    // The original follows a server into any year.
    let offset = if possible || !dialect.keeps(Quirk::ANY_YEAR) { offset } else { filtered.offset.into() };
    let candidate = match &asked.reply {
        Some(reply) => Candidate {
            stratum: reply.stratum,
            leap: reply.leap,
            precision: reply.precision,
            trust: asked.trust,
            reference_timestamp: reply.reference_timestamp,
            transmit_timestamp: reply.transmit_timestamp,
            root_delay: reply.root_delay,
            root_dispersion: reply.root_dispersion,
            filtered,
            offset,
        },
        None => Candidate { trust: asked.trust, filtered, ..Candidate::default() },
    };
    let unfit = if dialect.keeps(Quirk::ANY_ROOT_DISTANCE) {
        // The zeros of a server without a sample are its time for the original.
        candidate.unfit_as_original()
    } else if asked.reply.is_none() && asked.unverified > 0 {
        Some(Unfit::Untrusted)
    } else {
        let without_sample = (filtered.delay == 0).then_some(Unfit::NoData);
        candidate.unfit().or(without_sample).or((!possible).then_some(Unfit::ImpossibleTime))
    };
    Judged { asked, samples, candidate, unfit }
}

fn sample(exchange: &Exchange) -> Sample {
    if !exchange.answered {
        return Sample::default();
    }
    let Exchange { sent, received, transmitted, arrived, precision, .. } = *exchange;
    Sample::new(sent, received, transmitted, arrived, precision)
}
