//! What servers of the time answered, as candidates of the selection.

use crate::model::selection::{Candidate, Filtered, Sample};
use crate::session::sntp::{Exchange, Server};

/// What a server claims of itself in its last reply, with the best of its samples and the offset that it stands for.
/// Without a reply everything but the trust and the sample is zero.
pub fn candidate(asked: &Server, filtered: Filtered, offset: i128) -> Candidate {
    match &asked.reply {
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
    }
}

/// The sample of an exchange that was answered.
pub fn sample(exchange: &Exchange) -> Option<Sample> {
    let Exchange { answered, sent, received, transmitted, arrived, precision, .. } = *exchange;
    answered.then(|| Sample::new(sent, received, transmitted, arrived, precision))
}
