//! Client side of chronyd's command protocol: one request at a time, sent to several addresses until one answers.
//!
//! Each transmission has a random sequence number, which the reply repeats, so a late reply to an earlier transmission
//! still counts and a guessed one does not.

pub mod survey;

use super::round_trip::RoundTrip;
use super::{Received, Seed, Session, Transmit, Unreachable};
use crate::wire::chrony::{
    Activity, Authentication, Clients, Measurement, RealTimeClock, Reply, Request, Selection,
    ServerStatistics, SourceData, SourceStatistics, Status, Tracking,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;
use thiserror::Error;

/// Maximum number of transmissions per request.
const SENDINGS: u32 = 20;

/// What the daemon reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The state of its clock.
    Tracking(Tracking),
    /// The number of its sources.
    SourceCount(u32),
    /// Data on a source.
    SourceData(SourceData),
    /// Statistics of a source's measurements.
    SourceStatistics(SourceStatistics),
    /// The latest measurement of a source.
    Measurement(Measurement),
    /// The name of a source in the configuration.
    SourceName(Vec<u8>),
    /// Server statistics counters.
    ServerStatistics(ServerStatistics),
    /// How many sources are polled.
    Activity(Activity),
    /// What the selection makes of a source.
    Selection(Selection),
    /// How a source is authenticated.
    Authentication(Authentication),
    /// Some of the clients.
    Clients(Clients),
    /// The state of the real-time clock.
    RealTimeClock(RealTimeClock),
}

impl Answer {
    fn read(request: Request, reply: &Reply<'_>) -> Option<Self> {
        match request {
            Request::Tracking => Tracking::parse(reply).map(Self::Tracking),
            Request::SourceCount => reply.source_count().map(Self::SourceCount),
            Request::SourceData(_) => SourceData::parse(reply).map(Self::SourceData),
            Request::SourceStatistics(_) => SourceStatistics::parse(reply).map(Self::SourceStatistics),
            Request::Measurement(_) => Measurement::parse(reply).map(Self::Measurement),
            Request::SourceName(_) => reply.source_name().map(|name| Self::SourceName(name.to_vec())),
            Request::ServerStatistics => ServerStatistics::parse(reply).map(Self::ServerStatistics),
            Request::Activity => Activity::parse(reply).map(Self::Activity),
            Request::Selection(_) => Selection::parse(reply).map(Self::Selection),
            Request::Authentication(_) => Authentication::parse(reply).map(Self::Authentication),
            Request::Clients(..) => Clients::parse(reply).map(Self::Clients),
            Request::RealTimeClock => RealTimeClock::parse(reply).map(Self::RealTimeClock),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// Nothing listens on the port.
    #[error("not listening")]
    Absent,
    /// No answer came in time.
    #[error("no answer")]
    Silent,
    /// The daemon does not answer this client; see `opencommands` in chrony.conf.
    #[error("not open to this client (see opencommands in chrony.conf)")]
    Unauthorized,
    /// The daemon speaks an earlier version of the protocol.
    #[error("speaks an older command protocol (chrony 1.29 or earlier)")]
    TooOld,
    /// The daemon replied, but the reply cannot be decoded.
    #[error("{}", status_text(*.0))]
    Unreadable(u16),
}

/// What a status means that is neither success with readable data nor one of the other failures.
fn status_text(status: u16) -> String {
    let words = match status {
        0 => "too short, or of a layout that this program does not know",
        3 => "the daemon does not know this request",
        4 => "no such source",
        6 => "not enabled in the daemon",
        13 => "the daemon does not track the real-time clock (see rtcfile in chrony.conf)",
        15 => "the daemon keeps no list of clients (see noclientlog in chrony.conf)",
        19 => "the daemon expects requests of another length",
        _ => return format!("invalid reply (status {status})"),
    };
    if status == 0 { format!("invalid reply: {words}") } else { words.to_owned() }
}

impl Failure {
    fn of(status: Status) -> Self {
        match status {
            Status::UNAUTHORIZED => Self::Unauthorized,
            Status::BAD_VERSION => Self::TooOld,
            Status(other) => Self::Unreadable(other),
        }
    }
}

/// A conversation with one chronyd.
#[derive(Debug)]
pub struct ChronySession {
    /// The addresses to ask; after the first answer, the one that sent it. `None` means the one address that the
    /// conversation is with.
    addresses: Vec<Option<SocketAddr>>,
    question: Option<Question>,
    outcomes: VecDeque<Result<Answer, Failure>>,
    outgoing: VecDeque<Transmit>,
    round_trip: RoundTrip,
    /// Whether an address refused.
    refused: bool,
    random: StdRng,
}

#[derive(Debug)]
struct Question {
    request: Request,
    until: Duration,
    last_sent: Duration,
    /// The sequence number of each transmission.
    sequences: Vec<u32>,
    /// The status of a reply that should be decodable but is not.
    unreadable: Option<u16>,
}

impl ChronySession {
    /// Creates a conversation with whichever of these addresses answers first; if there are none, with the one that the
    /// driver knows.
    pub fn new(addresses: &[SocketAddr], seed: Seed) -> Self {
        let mut addresses: Vec<_> = addresses.iter().copied().map(Some).collect();
        if addresses.is_empty() {
            addresses.push(None);
        }
        Self {
            addresses,
            question: None,
            outcomes: VecDeque::new(),
            outgoing: VecDeque::new(),
            round_trip: RoundTrip::default(),
            refused: false,
            random: StdRng::from_seed(seed),
        }
    }

    /// The address that answers; before the first answer, the first that is asked.
    pub fn address(&self) -> Option<SocketAddr> {
        self.addresses.first().copied().flatten()
    }

    /// Asks this, waiting for the answer until `until`. Drops a pending request.
    pub fn ask(&mut self, request: Request, until: Duration) {
        self.outgoing.clear();
        let sequences = Vec::new();
        self.question =
            Some(Question { request, until, last_sent: Duration::ZERO, sequences, unreadable: None });
        if self.addresses.is_empty() {
            self.give_up();
        }
    }

    /// When the request is sent again.
    fn resend_at(&self, question: &Question) -> Duration {
        match u32::try_from(question.sequences.len()).unwrap_or(u32::MAX) {
            0 => Duration::ZERO,
            SENDINGS.. => Duration::MAX,
            sendings => question.last_sent + self.round_trip.wait(sendings - 1),
        }
    }

    fn finish(&mut self, outcome: Result<Answer, Failure>) {
        self.question = None;
        self.outgoing.clear();
        self.outcomes.push_back(outcome);
    }
}

impl Session for ChronySession {
    type Event = Result<Answer, Failure>;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        if let Some(waiting) = self.outgoing.pop_front() {
            return Some(waiting);
        }
        let question = self.question.as_ref()?;
        if self.resend_at(question) > now {
            return None;
        }
        let question = self.question.as_mut()?;
        let sequence = self.random.next_u32();
        let attempt = u16::try_from(question.sequences.len()).unwrap_or(u16::MAX);
        question.sequences.push(sequence);
        question.last_sent = now;
        let payload = question.request.encode(sequence, attempt);
        self.outgoing.extend(self.addresses.iter().map(|&to| Transmit { to, payload: payload.clone() }));
        self.outgoing.pop_front()
    }

    fn handle(&mut self, received: &Received<'_>) {
        let Received { from, payload, at, .. } = *received;
        let Some(question) = &mut self.question else { return };
        // An address that was not asked proves nothing by repeating a sequence number.
        let known = |address: &&Option<SocketAddr>| address.is_none() || from.is_none() || **address == from;
        let Some(&answering) = self.addresses.iter().find(known) else { return };
        let Some(reply) = Reply::parse(payload, question.request, &question.sequences) else { return };
        let outcome = match Answer::read(question.request, &reply) {
            Some(answer) => Ok(answer),
            // A reply that is too short may be a forgery: keep waiting for the genuine one.
            None if reply.status == Status::SUCCESS => {
                question.unreadable = Some(reply.status.0);
                return;
            }
            None => Err(Failure::of(reply.status)),
        };
        if question.sequences.len() == 1 {
            self.round_trip.record(at.saturating_sub(question.last_sent));
        }
        self.addresses = vec![answering];
        self.finish(outcome);
    }

    /// The other addresses may still answer.
    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        self.refused |= notice.error.error().kind() == ErrorKind::ConnectionRefused;
        self.addresses.retain(|address| address.is_some() && *address != notice.to && notice.to.is_some());
        self.outgoing.retain(|waiting| waiting.to != notice.to);
        if self.addresses.is_empty() {
            self.give_up();
        }
        ControlFlow::Continue(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let question = self.question.as_ref()?;
        Some(self.resend_at(question).min(question.until))
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.question.as_ref().is_some_and(|question| question.until <= now) {
            self.give_up();
        }
    }

    fn poll_event(&mut self) -> Option<Self::Event> {
        self.outcomes.pop_front()
    }

    fn is_done(&self) -> bool {
        self.question.is_none()
    }

    fn give_up(&mut self) {
        let Some(question) = &self.question else { return };
        let failure = match question.unreadable {
            Some(status) => Failure::Unreadable(status),
            None if self.addresses.is_empty() && self.refused => Failure::Absent,
            None => Failure::Silent,
        };
        self.finish(Err(failure));
    }
}

#[cfg(test)]
mod tests;
