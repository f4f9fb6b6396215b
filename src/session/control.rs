//! Client side of mode 6 (RFC 9327): many requests to one server at once.
//!
//! Each transmission of a request has its own sequence number. So fragments of two replies are never mixed, every reply
//! gives an unambiguous round trip, and a late reply still counts.
//!
//! Replies to an authenticated request are verified fragment by fragment. Whatever cannot be verified is set aside, and
//! believed only if nothing authentic follows ([`Reply::doubt`], [`Note::Unverified`]).

mod acceptance;
mod replies;
mod sending;

pub use self::acceptance::Acceptance;

use self::replies::Rumor;
use super::contact::{Contact, Limits, Silence};
use super::reassembly::Reassembly;
use super::{Received, Session, Transmit, Unreachable};
use crate::auth::control::AuthenticationError;
use crate::auth::key::Key;
use crate::wire::AssociationId;
use crate::wire::control::{ErrorCode, Opcode};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// Maximum number of requests in flight.
const WINDOW: usize = 64;
/// Maximum number of transmissions per request.
const SENDINGS: u32 = 60;
/// Malformed replies tolerated per request.
const BROKEN_ANSWERS: u32 = 2;
/// How long to wait for an authentic reply after an unverifiable one: at least this …
const SHORTEST_GRACE: Duration = Duration::from_millis(500);
/// … and at least this many round trips.
const GRACE_ROUND_TRIPS: u32 = 4;
/// How much each complete reply extends the deadline that all requests share. The window holds 64 of them, so a path
/// with a round trip of 2 s needs a third of this.
const ALLOWANCE: Duration = Duration::from_millis(100);

/// Behaviour of a session.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The protocol version in the requests, 1 to 4.
    pub version: u8,
    /// The sequence number of the first transmission; preferably random, so that replies are hard to forge.
    pub first_sequence: u16,
    /// How long a request may wait while the server is silent.
    pub silence: Duration,
    /// How long a request may wait in all, counted from its first transmission. All requests waiting at the same time
    /// share this limit, extended a little by each complete reply.
    pub patience: Duration,
    /// A random cookie. If the first transmission stays unanswered, a time request (mode 3) with this cookie goes to
    /// the same port, to find out whether there is a time server that only refuses to be queried.
    pub probe: Option<u64>,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The opcode.
    pub opcode: Opcode,
    /// The association it is about.
    pub association: AssociationId,
    /// The request's data, at most [`crate::wire::control::DATA_LIMIT`] octets.
    pub data: Vec<u8>,
    /// The key to authenticate the request with, if any.
    pub key: Option<Arc<Key>>,
    /// Whether the beginning of a reply is enough, once it has all variables named in the data.
    pub beginning_suffices: bool,
}

impl Request {
    /// Creates an unauthenticated request.
    pub fn open(opcode: Opcode, association: AssociationId, data: Vec<u8>) -> Self {
        Self { opcode, association, data, key: None, beginning_suffices: false }
    }
}

/// One complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// System, peer or clock status word.
    pub status: u16,
    /// The association in the reply.
    pub association: AssociationId,
    /// The data of all fragments, in order.
    pub data: Vec<u8>,
    /// What is wrong with the reply's authenticators, if anything; always `None` for an unauthenticated request.
    pub doubt: Option<AuthenticationError>,
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server refused.
    Refused(ErrorCode),
    /// No fragment arrived in time.
    TimedOut,
    /// Some fragments arrived, but no complete reply.
    Incomplete,
    /// All replies claimed more data than they contained.
    Malformed,
    /// The reply is larger than any that a server sends.
    TooLarge,
    /// The datagram is not a reply; its first two octets ([`Acceptance`]).
    NotAReply(u8, u8),
}

/// The outcome of a request.
pub type Outcome = Result<Reply, Failure>;

/// Identifies a request within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(u64);

/// Noteworthy events of a conversation besides its outcomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A reply to our request claims more data than it contains.
    Overstated {
        /// The count field.
        claimed: u16,
        /// Octets after the header.
        received: usize,
    },
    /// The only reply or refusal of an authenticated request could not be verified.
    Unverified(AuthenticationError),
    /// An unverifiable reply arrived before the authentic one and was skipped.
    PassedOver(AuthenticationError),
}

/// A conversation with one server.
#[derive(Debug)]
pub struct ControlSession {
    config: Config,
    acceptance: Acceptance,
    next_sequence: u16,
    submitted: u64,
    /// The requests without an outcome. Boxed, because most sessions have few and there may be thousands of sessions.
    requests: BTreeMap<RequestId, Box<State>>,
    queue: VecDeque<RequestId>,
    in_flight: BTreeSet<RequestId>,
    sendings: BTreeMap<u16, Box<Sending>>,
    /// When the first of the waiting requests was sent.
    began: Option<Duration>,
    /// Complete replies since then.
    answers: u32,
    outcomes: VecDeque<(RequestId, Outcome)>,
    notes: Vec<Note>,
    contact: Contact,
}

#[derive(Debug)]
struct State {
    request: Request,
    first_sent: Duration,
    last_sent: Duration,
    hurry: bool,
    sendings: u32,
    broken: u32,
    fragments_seen: bool,
    /// Whether a fragment was verified; if so, nothing else is believed.
    verified: bool,
    rumor: Option<Rumor>,
    /// The sequence numbers of its transmissions.
    sequences: Vec<u16>,
}

impl State {
    fn new(request: Request) -> Self {
        Self {
            request,
            first_sent: Duration::ZERO,
            last_sent: Duration::ZERO,
            hurry: false,
            sendings: 0,
            broken: 0,
            fragments_seen: false,
            verified: false,
            rumor: None,
            sequences: Vec::new(),
        }
    }
}

#[derive(Debug)]
struct Sending {
    request: RequestId,
    at: Duration,
    reassembly: Reassembly,
    /// Fragments that cannot be verified.
    unverified: Reassembly,
}

impl ControlSession {
    /// Creates a session that has not sent anything yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            acceptance: Acceptance::Replies,
            next_sequence: config.first_sequence,
            submitted: 0,
            requests: BTreeMap::new(),
            queue: VecDeque::new(),
            in_flight: BTreeSet::new(),
            sendings: BTreeMap::new(),
            began: None,
            answers: 0,
            outcomes: VecDeque::new(),
            notes: Vec::new(),
            contact: Contact::default(),
        }
    }

    /// Queues a request; it is sent as soon as the window allows.
    pub fn submit(&mut self, request: Request) -> RequestId {
        if self.is_done() {
            (self.began, self.answers) = (None, 0);
        }
        let id = RequestId(self.submitted);
        self.submitted += 1;
        self.requests.insert(id, Box::new(State::new(request)));
        self.queue.push_back(id);
        id
    }

    /// Changes the session's configuration. The sequence numbers continue.
    pub fn configure(&mut self, config: Config) {
        self.config = config;
    }

    /// Returns the notes since the last call.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Asks everything without an outcome again from the beginning, after switching to another server.
    pub fn restart(&mut self) {
        self.sendings.clear();
        while let Some(id) = self.in_flight.pop_last() {
            if let Some(state) = self.requests.remove(&id) {
                self.requests.insert(id, Box::new(State::new(state.request)));
            }
            self.queue.push_front(id);
        }
        (self.began, self.answers) = (None, 0);
        self.contact.restart();
    }

    /// Drops all requests without an outcome; late replies to them will be skipped.
    pub fn abandon(&mut self) {
        self.requests.clear();
        self.queue.clear();
        self.in_flight.clear();
        self.sendings.clear();
        self.outcomes.clear();
    }

    /// What was found out about the server beside its answers.
    pub fn silence(&self) -> Silence {
        self.contact.silence(self.config.probe)
    }

    /// The measured round trip, if any.
    pub fn round_trip(&self) -> Option<Duration> {
        self.contact.round_trip()
    }

    /// Ends a request that has waited too long.
    fn fail(&mut self, id: RequestId) {
        let Some(state) = self.requests.get_mut(&id) else { return };
        let outcome = match state.rumor.take().filter(|_| !state.verified) {
            Some(rumor) => {
                self.notes.push(Note::Unverified(rumor.doubt));
                rumor.outcome
            }
            None if state.fragments_seen => Err(Failure::Incomplete),
            None => Err(Failure::TimedOut),
        };
        self.finish(id, outcome);
    }

    fn waiting(&self) -> impl Iterator<Item = (RequestId, &State)> {
        self.in_flight.iter().filter_map(|id| Some((*id, &**self.requests.get(id)?)))
    }

    /// When to give up on this request.
    fn expiry(&self, state: &State) -> Duration {
        let expiry = self.contact.expiry(&self.limits(), state.first_sent, self.contact.last_heard());
        let expiry = self.end_of_all().map_or(expiry, |end| expiry.min(end));
        match &state.rumor {
            Some(rumor) if !state.verified => expiry.min(rumor.since + self.grace()),
            _ => expiry,
        }
    }

    /// When to give up on all waiting requests, however late some of them were sent.
    fn end_of_all(&self) -> Option<Duration> {
        let mut limits = self.limits();
        limits.patience += ALLOWANCE * self.answers;
        Some(self.contact.expiry(&limits, self.began?, self.contact.last_heard()))
    }

    fn is_over(&self, now: Duration) -> bool {
        self.end_of_all().is_some_and(|end| end <= now)
    }

    /// How long to wait for an authentic reply after an unverifiable one.
    fn grace(&self) -> Duration {
        self.contact.round_trip().map_or(SHORTEST_GRACE, |round_trip| {
            SHORTEST_GRACE.max(round_trip.saturating_mul(GRACE_ROUND_TRIPS))
        })
    }

    /// When to resend this request, by the current estimate of the path. Never after an unverifiable reply: the daemon
    /// may already have carried the request out.
    fn resend_at(&self, state: &State) -> Duration {
        if state.rumor.is_some() && !state.verified {
            return Duration::MAX;
        }
        if state.hurry && state.sendings < self.acceptance.sendings() {
            return state.last_sent;
        }
        self.contact.resend_at(&self.limits(), state.sendings, state.last_sent)
    }

    fn limits(&self) -> Limits {
        Limits {
            silence: self.config.silence,
            patience: self.config.patience,
            sendings: self.acceptance.sendings(),
        }
    }
}

impl Session for ControlSession {
    type Event = (RequestId, Outcome);

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        if let Some(id) = self.due(now) {
            if let Some(probe) = self.contact.probe_due(self.config.probe, now) {
                return Some(Transmit::new(probe));
            }
            return self.send(id, now);
        }
        if self.in_flight.len() >= WINDOW {
            return None;
        }
        let id = self.queue.pop_front()?;
        self.in_flight.insert(id);
        self.began.get_or_insert(now);
        if let Some(state) = self.requests.get_mut(&id) {
            state.first_sent = now;
        }
        self.send(id, now)
    }

    fn handle(&mut self, received: &Received<'_>) {
        self.take(received.payload, received.at);
    }

    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        self.contact.note_unreachable(notice)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.waiting().map(|(_, state)| self.resend_at(state).min(self.expiry(state))).min()
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.is_over(now) {
            return self.give_up();
        }
        let over: Vec<RequestId> =
            self.waiting().filter(|(_, state)| self.expiry(state) <= now).map(|(id, _)| id).collect();
        for id in over {
            self.fail(id);
        }
    }

    fn poll_event(&mut self) -> Option<Self::Event> {
        self.outcomes.pop_front()
    }

    fn is_done(&self) -> bool {
        self.in_flight.is_empty() && self.queue.is_empty()
    }

    /// Every request has its outcome now.
    fn give_up(&mut self) {
        self.in_flight.extend(self.queue.drain(..));
        for id in std::mem::take(&mut self.in_flight) {
            self.fail(id);
        }
    }
}

#[cfg(test)]
mod tests;
