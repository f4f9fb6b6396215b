//! What the servers' answers come to.

use super::text;
use crate::compat::{Dialect, Quirk};
use crate::model::selection::{Candidate, Sample, Unfit, choose, choose_confirmed, filter, majority};
use crate::session::sntp::{Exchange, Server};

/// From this many fit servers on a majority has to agree.
const ENOUGH_TO_VOTE: usize = 3;

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

    /// Whether it ever answered.
    pub fn answered(&self) -> bool {
        self.asked.reply.is_some()
    }
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

/// Judges the servers, each of which was asked for this many samples.
pub fn judge(servers: Vec<Server>, slots: usize, dialect: Dialect) -> Verdict {
    let mut servers: Vec<Judged> = servers.into_iter().map(|server| judged(server, slots, dialect)).collect();
    let fit: Vec<usize> = places(&servers);
    let candidates = |places: &[usize]| -> Vec<Candidate> {
        places.iter().filter_map(|place| Some(servers.get(*place)?.candidate)).collect()
    };
    if dialect.keeps(Quirk::LOWEST_STRATUM_WINS) || fit.len() < ENOUGH_TO_VOTE {
        let chosen = choose(&candidates(&fit)).and_then(|place| fit.get(place).copied());
        let two_disagree = fit.len() == 2 && majority(&candidates(&fit), 2).is_none();
        return Verdict { servers, chosen, no_majority: false, two_disagree };
    }
    let Some(group) = majority(&candidates(&fit), fit.len()) else {
        return Verdict { servers, chosen: None, no_majority: true, two_disagree: false };
    };
    for (place, agrees) in fit.iter().zip(group) {
        if !agrees && let Some(server) = servers.get_mut(*place) {
            server.unfit = Some(Unfit::Falseticker);
        }
    }
    let survivors = places(&servers);
    let candidates: Vec<Candidate> =
        survivors.iter().filter_map(|place| Some(servers.get(*place)?.candidate)).collect();
    let chosen = choose_confirmed(&candidates).and_then(|place| survivors.get(place).copied());
    Verdict { servers, chosen, no_majority: false, two_disagree: false }
}

/// Whether a majority of all servers has answered and agrees, so that no answer still to come can outvote it.
pub fn is_settled(servers: &[Server], slots: usize) -> bool {
    let complete = servers.iter().filter(|server| server.complete);
    let judged = complete.map(|server| judged(server.clone(), slots, Dialect::Unsigned));
    let fit: Vec<Candidate> =
        judged.filter(|server| server.unfit.is_none()).map(|server| server.candidate).collect();
    majority(&fit, servers.len()).is_some()
}

fn places(servers: &[Judged]) -> Vec<usize> {
    servers.iter().enumerate().filter(|(_, server)| server.unfit.is_none()).map(|(place, _)| place).collect()
}

fn judged(asked: Server, slots: usize, dialect: Dialect) -> Judged {
    let samples: Vec<Sample> = asked.exchanges.iter().map(sample).collect();
    let filtered = filter(&samples, slots);
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
        },
        None => Candidate { trust: asked.trust, filtered, ..Candidate::default() },
    };
    // The original takes the zeros of a server without a sample for its time.
    let without_sample = !dialect.keeps(Quirk::ZEROS_ARE_TIME) && filtered.delay == 0;
    let unfit = candidate.unfit().or(without_sample.then_some(Unfit::NoData));
    Judged { asked, samples, candidate, unfit }
}

fn sample(exchange: &Exchange) -> Sample {
    if !exchange.answered {
        return Sample::default();
    }
    let Exchange { sent, received, transmitted, arrived, precision, .. } = *exchange;
    Sample::new(sent, received, transmitted, arrived, precision)
}
