//! Converts the replies of time servers to measurements, and to candidates for the selection.

use crate::clock;
use crate::clock::era::unfold;
use crate::model::fleet::Time;
use crate::model::selection::{Candidate, Filtered, Sample, exchange};
use crate::session::sntp::{Exchange, Server};

/// Units per second, of delays and of offsets.
const SHORT_UNIT: f64 = 65_536.0;
const UNIT: f64 = 4_294_967_296.0;

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

/// What the first answer of a server measures; `None` if there is none, or its timestamps contradict one another.
pub fn time(server: &Server) -> Option<Time> {
    let answered = server.exchanges.iter().find(|exchange| exchange.answered)?;
    let sample = sample(answered)?;
    let (delay, offset) = exchange(answered.sent, answered.received, answered.transmitted, answered.arrived);
    // Kernel timestamps make the classic allowance for slow clocks unnecessary.
    let filtered = Filtered { delay: delay.max(1), offset, dispersion: 0 };
    let unfolded = unfold(clock::now(), offset);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let offset = unfolded.offset as f64 / UNIT;
    (!sample.is_lost()).then(|| Time {
        offset,
        delay: f64::from(delay) / SHORT_UNIT,
        candidate: candidate(server, filtered, unfolded.offset),
        is_impossible: !unfolded.possible,
    })
}
