//! The client's side of mode 6 (RFC 9327): many requests to one server at once.
//!
//! Each sending of a request has a sequence number of its own, so that fragments of two answers are never
//! mixed, every answer gives a true round trip, and an answer that comes late is still taken.
//!
//! Answers to an authenticated question are verified fragment by fragment. What cannot be verified is set aside, and
//! believed only when nothing authentic follows it ([`Reply::doubt`], [`Note::Unverified`]).

mod acceptance;
mod replies;
mod sending;

pub use self::acceptance::Acceptance;

use self::replies::Rumor;
use super::contact::{Contact, Limits};
use super::reassembly::Reassembly;
use super::{Received, Session, Transmit};
use crate::auth::control::AuthenticationError;
use crate::auth::key::Key;
use crate::wire::AssociationId;
use crate::wire::control::{ErrorCode, Opcode};
use crate::wire::packet::TimePacket;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How many requests may wait for their answers at the same time.
const WINDOW: usize = 64;
/// How often one request is sent at most.
const SENDINGS: u32 = 60;
/// How many ill-formed answers to one request are borne.
const BROKEN_ANSWERS: u32 = 2;
/// How long after an answer that cannot be verified an authentic one may come at least, whoever was faster …
const SHORTEST_GRACE: Duration = Duration::from_millis(500);
/// … and how many round trips.
const GRACE_ROUND_TRIPS: u32 = 4;
/// By how much each whole answer prolongs the time that all questions together may take. The window holds 64 of them,
/// so a path with a round trip of 2 s needs a third of this.
const ALLOWANCE: Duration = Duration::from_millis(100);

/// How a session behaves.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The protocol version that requests claim, 1 to 4.
    pub version: u8,
    /// The sequence number of the first sending; best a random one, so that answers are hard to forge.
    pub first_sequence: u16,
    /// How long a request may wait while nothing at all comes from the server.
    pub silence: Duration,
    /// How long a request may wait in all, counted from its first sending; and how long all that wait at the same
    /// time may do so, however many they are, but for a little more with each whole answer.
    pub patience: Duration,
    /// A random cookie: when the first sending stays unanswered, a time request (mode 3) with it goes to the
    /// same port, to learn whether a time server is there that only refuses to be queried.
    pub probe: Option<u64>,
}

/// One question.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub opcode: Opcode,
    /// Whom it concerns.
    pub association: AssociationId,
    /// The request's data, at most [`crate::wire::control::DATA_LIMIT`] octets.
    pub data: Vec<u8>,
    /// The key that the request is authenticated with, if it is.
    pub key: Option<Arc<Key>>,
    /// Whether the beginning of an answer will do, once it has all variables that the data name.
    pub beginning_suffices: bool,
}

impl Request {
    /// A question that anybody may ask.
    pub fn open(opcode: Opcode, association: AssociationId, data: Vec<u8>) -> Self {
        Self { opcode, association, data, key: None, beginning_suffices: false }
    }
}

/// One whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// System, peer or clock status word.
    pub status: u16,
    /// The association that the server says it answers for.
    pub association: AssociationId,
    /// The data of all fragments, in order.
    pub data: Vec<u8>,
    /// Of a question that was authenticated: what is wrong with the answer's authenticators, if anything.
    pub doubt: Option<AuthenticationError>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server refused.
    Refused(ErrorCode),
    /// Not one fragment came in time.
    TimedOut,
    /// Some fragments came, but no whole answer.
    Incomplete,
    /// Only answers came that claim more data than they hold.
    Malformed,
    /// The answer is larger than any that a server gives.
    TooLarge,
    /// What came is not a reply; its first two octets ([`Acceptance`]).
    NotAReply(u8, u8),
}

/// What becomes of a question.
pub type Outcome = Result<Reply, Failure>;

/// Names a request within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(u64);

/// What is worth telling about a conversation besides its outcomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// An answer to our request claims more data than it holds.
    Overstated {
        /// What the count field says.
        claimed: u16,
        /// The octets behind the header.
        received: usize,
    },
    /// To an authenticated question nothing came but an answer, or a refusal, that cannot be verified.
    Unverified(AuthenticationError),
    /// Before an authentic answer came one that cannot be verified, which was skipped.
    PassedOver(AuthenticationError),
}

/// A conversation with one server.
#[derive(Debug)]
pub struct ControlSession {
    config: Config,
    acceptance: Acceptance,
    next_sequence: u16,
    submitted: u64,
    /// The questions without an outcome.
    requests: HashMap<RequestId, State>,
    queue: VecDeque<RequestId>,
    in_flight: BTreeSet<RequestId>,
    sendings: BTreeMap<u16, Sending>,
    /// When the first of the questions that wait was sent.
    began: Option<Duration>,
    /// How many whole answers came since.
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
    /// Whether a fragment was verified: then nothing else is believed.
    verified: bool,
    rumor: Option<Rumor>,
    /// The sequence numbers of its sendings.
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
    /// A session in which nothing was said yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            acceptance: Acceptance::Replies,
            next_sequence: config.first_sequence,
            submitted: 0,
            requests: HashMap::new(),
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

    /// Queues a question; it is sent as soon as the window allows.
    pub fn submit(&mut self, request: Request) -> RequestId {
        if self.is_done() {
            (self.began, self.answers) = (None, 0);
        }
        let id = RequestId(self.submitted);
        self.submitted += 1;
        self.requests.insert(id, State::new(request));
        self.queue.push_back(id);
        id
    }

    /// How the session may behave from now on (the sequence keeps running).
    pub fn configure(&mut self, config: Config) {
        self.config = config;
    }

    /// What else there is to tell since this was asked last.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Asks all questions that have no outcome yet once more from the beginning, of a server that was not
    /// spoken to before.
    pub fn restart(&mut self) {
        self.sendings.clear();
        while let Some(id) = self.in_flight.pop_last() {
            if let Some(state) = self.requests.remove(&id) {
                self.requests.insert(id, State::new(state.request));
            }
            self.queue.push_front(id);
        }
        (self.began, self.answers) = (None, 0);
        self.contact.restart();
    }

    /// Drops all questions that have no outcome yet; their late answers will be skipped.
    pub fn abandon(&mut self) {
        self.requests.clear();
        self.queue.clear();
        self.in_flight.clear();
        self.sendings.clear();
        self.outcomes.clear();
    }

    /// Whether any answer of this protocol was ever received.
    pub fn was_heard(&self) -> bool {
        self.contact.last_heard().is_some()
    }

    /// Whether the server was asked for the time.
    pub fn was_probed(&self) -> bool {
        self.contact.was_probed() && self.config.probe.is_some()
    }

    /// The answer to the probe for a time server, when one came.
    pub fn time_server(&self) -> Option<&TimePacket> {
        self.contact.time_server()
    }

    /// How many datagrams came that answer nothing that was asked (late answers among them).
    pub fn unmatched(&self) -> u32 {
        self.contact.unmatched()
    }

    /// The measured round trip, once there is one.
    pub fn round_trip(&self) -> Option<Duration> {
        self.contact.round_trip()
    }

    /// Ends a question that has waited too long.
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
        self.in_flight.iter().filter_map(|id| Some((*id, self.requests.get(id)?)))
    }

    /// When this request is given up.
    fn expiry(&self, state: &State) -> Duration {
        let expiry = self.contact.expiry(&self.limits(), state.first_sent, self.contact.last_heard());
        let expiry = self.end_of_all().map_or(expiry, |end| expiry.min(end));
        match &state.rumor {
            Some(rumor) if !state.verified => expiry.min(rumor.since + self.grace()),
            _ => expiry,
        }
    }

    /// When all requests that wait are given up, however late some of them were sent.
    fn end_of_all(&self) -> Option<Duration> {
        let mut limits = self.limits();
        limits.patience += ALLOWANCE * self.answers;
        Some(self.contact.expiry(&limits, self.began?, self.contact.last_heard()))
    }

    fn is_over(&self, now: Duration) -> bool {
        self.end_of_all().is_some_and(|end| end <= now)
    }

    /// How long an authentic answer is waited for after one that cannot be verified.
    fn grace(&self) -> Duration {
        self.contact.round_trip().map_or(SHORTEST_GRACE, |round_trip| {
            SHORTEST_GRACE.max(round_trip.saturating_mul(GRACE_ROUND_TRIPS))
        })
    }

    /// When this request is sent again. What was learnt of the path since its last sending counts. The daemon may
    /// have carried out a request to which something came that cannot be verified.
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
            if let Some(probe) = self.contact.probe_due(self.config.probe) {
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

    /// Every question has its outcome now.
    fn give_up(&mut self) {
        self.in_flight.extend(self.queue.drain(..));
        for id in std::mem::take(&mut self.in_flight) {
            self.fail(id);
        }
    }
}

#[cfg(test)]
mod tests;
