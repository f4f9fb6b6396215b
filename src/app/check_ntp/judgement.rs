//! Evaluation of the servers' answers: each server's offset, and which servers the majority trusts.

use crate::client::candidate::{candidate, sample};
use crate::client::diagnosis::{Asked, Detail, Diagnosis, Explanation};
use crate::clock::era::unfold;
use crate::model::selection::{Candidate, Sample, Unfit, VOTE, choose_confirmed, filter, majority};
use crate::session::sntp::Server;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Offset units per second.
const UNIT: f64 = 4_294_967_296.0;
/// Delay units per second.
const SHORT_UNIT: f64 = 65_536.0;
/// The stratum of an unsynchronised server.
const UNSYNCHRONIZED: u8 = 16;
/// The leap indicator of an unsynchronised server.
const ALARM: u8 = 3;

/// A server and its evaluation.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The exchange with it.
    pub asked: Server,
    /// The values that the selection uses.
    pub candidate: Candidate,
    samples: Vec<Sample>,
    unfit: Option<Unfit>,
}

impl Judged {
    /// Evaluates a server; `now` is this machine's time.
    pub fn new(asked: Server, now: Timestamp) -> Self {
        let samples: Vec<Sample> = asked.exchanges.iter().filter_map(sample).collect();
        let filtered = filter(&samples, samples.len());
        let unfolded = unfold(now, filtered.offset);
        let candidate = candidate(&asked, filtered, unfolded.offset);
        let without_sample = samples.is_empty().then_some(Unfit::NoData);
        let impossible = (!unfolded.possible).then_some(Unfit::ImpossibleTime);
        let unfit = candidate.unfit().or(without_sample).or(impossible);
        Self { asked, candidate, samples, unfit }
    }

    /// Whether it sent any reply, even a refusal.
    pub fn was_heard(&self) -> bool {
        self.asked.reply.is_some() || self.asked.rate_limited || self.asked.refused
    }

    /// The offset of its best sample, in seconds.
    pub fn offset(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let offset = self.candidate.offset as f64 / UNIT;
        (!self.samples.is_empty()).then_some(offset)
    }

    /// The mean offset of its samples, in seconds.
    pub fn mean_offset(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let sum: f64 = self.samples.iter().map(|sample| sample.offset as f64 / UNIT).sum();
        let count = f64::from(u32::try_from(self.samples.len()).unwrap_or(u32::MAX));
        (count > 0.0).then(|| sum / count)
    }

    /// The maximum error of its time as received here, in seconds: half the root delay plus the root dispersion.
    pub fn root_distance(&self) -> f64 {
        let delay = f64::from(self.candidate.root_delay) + f64::from(self.candidate.filtered.delay);
        (delay / 2.0 + f64::from(self.candidate.root_dispersion)) / SHORT_UNIT
    }

    /// Why its time cannot be used; `None` if it can.
    pub fn reason(&self, detail: Detail) -> Option<Explanation> {
        let unfit = self.unfit?;
        Some(match () {
            () if self.asked.wants_to_be_left_alone() => self.explained(detail),
            () if self.asked.reply.is_some() && is_unsynchronized(&self.candidate) => {
                "it is not synchronised".to_owned().into()
            }
            () if unfit != Unfit::NoData => unfit.to_string().into(),
            () => self.explained(detail),
        })
    }

    /// What the lack of an answer means, and what to do.
    fn explained(&self, detail: Detail) -> Explanation {
        Diagnosis::of_server(&self.asked).explanation(Asked::Time, Some(self.asked.address), detail)
    }
}

fn is_unsynchronized(candidate: &Candidate) -> bool {
    candidate.leap == ALARM || candidate.stratum == UNSYNCHRONIZED || candidate.stratum == 0
}

/// The server that the C program selects.
pub fn best(servers: &[Judged]) -> Option<&Judged> {
    let mut best: Option<&Judged> = None;
    for server in servers {
        let Judged { asked, candidate, .. } = server;
        let has_time = asked.reply.is_some() && !asked.rate_limited && !asked.refused;
        if !has_time || is_unsynchronized(candidate) {
            continue;
        }
        let is_better = best.is_none_or(|known| {
            candidate.stratum <= known.candidate.stratum
                && candidate.root_dispersion <= known.candidate.root_dispersion
                && candidate.root_delay < known.candidate.root_delay
        });
        if is_better {
            best = Some(server);
        }
    }
    best
}

/// The server to follow, and remarks on the selection: servers that were left out, disagree, or are falsetickers.
pub fn trusted(servers: &[Judged]) -> (Option<&Judged>, Option<String>) {
    let count = servers.len();
    let fit: Vec<&Judged> = servers.iter().filter(|server| server.unfit.is_none()).collect();
    let candidates: Vec<Candidate> = fit.iter().map(|server| server.candidate).collect();
    let votes = votes(servers, &fit);
    let Some(honest) = majority(&candidates, &votes, 0) else {
        return match fit.len() {
            0 => (None, servers.iter().find_map(|server| Some(server.reason(Detail::Line)?.line))),
            2 => (None, Some("two servers disagree".into())),
            _ => (None, Some(format!("no majority of {count} servers agrees"))),
        };
    };
    let survivors: Vec<&Judged> =
        fit.iter().zip(&honest).filter(|(_, honest)| **honest).map(|(server, _)| *server).collect();
    let candidates: Vec<Candidate> = survivors.iter().map(|server| server.candidate).collect();
    let chosen = choose_confirmed(&candidates).and_then(|place| survivors.get(place).copied());
    let liars = fit.len() - survivors.len();
    let lost = count - fit.len();
    let mut doubts = Vec::new();
    if liars > 0 {
        doubts.push(format!("{liars} of {count} servers false"));
    }
    if lost > 0 {
        doubts.push(format!("{lost} of {count} servers without time"));
    }
    (chosen, (!doubts.is_empty()).then(|| doubts.join(", ")))
}

/// The weight of each server's vote. A name has one vote, which its servers share.
fn votes(servers: &[Judged], fit: &[&Judged]) -> Vec<u64> {
    let mut sharing: BTreeMap<usize, u64> = BTreeMap::new();
    for voter in servers.iter().flat_map(|server| &server.asked.voters) {
        *sharing.entry(*voter).or_default() += 1;
    }
    let share = |voter: &usize| sharing.get(voter).map_or(0, |count| VOTE / count);
    fit.iter().map(|server| server.asked.voters.iter().map(share).sum::<u64>().min(VOTE)).collect()
}
