//! Converts the replies of time servers to candidates for the selection.

use crate::model::selection::{Candidate, Filtered, Sample};
use crate::session::sntp::{Exchange, Server};

/// Builds a candidate from a server's last reply, its best sample, and the offset to use. Without a reply everything
/// but the trust and the sample is zero.
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

/// The sample of an answered exchange.
pub fn sample(exchange: &Exchange) -> Option<Sample> {
    let Exchange { answered, sent, received, transmitted, arrived, precision, .. } = *exchange;
    answered.then(|| Sample::new(sent, received, transmitted, arrived, precision))
}
