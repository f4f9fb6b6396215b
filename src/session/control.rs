//! The client's side of mode 6 (RFC 9327): many requests to one server at once.
//!
//! Each sending of a request has a sequence number of its own, so that fragments of two answers are never
//! mixed, every answer gives a true round trip, and an answer that comes late is still taken.

use super::contact::{Contact, Limits};
use super::reassembly::{Added, Reassembly};
use crate::auth::control::{AuthenticationError, seal, verify_reply};
use crate::auth::key::Key;
use crate::wire::AssociationId;
use crate::wire::control::{ErrorCode, HEADER_LENGTH, Header, Message, Opcode, ParseError};
use crate::wire::packet::{Mode, TimePacket};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How many requests may wait for their answers at the same time.
const WINDOW: usize = 64;
/// How often one request is sent at most.
const SENDINGS: u32 = 60;
/// How many ill-formed answers to one request are borne.
const BROKEN_ANSWERS: u32 = 2;

/// How a session behaves.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The protocol version that requests claim, 1 to 4.
    pub version: u8,
    /// The sequence number of the first sending; best a random one, so that answers are hard to forge.
    pub first_sequence: u16,
    /// How long a request may wait while nothing at all comes from the server.
    pub silence: Duration,
    /// How long a request may wait in all, counted from its first sending.
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
}

impl Request {
    /// A question that anybody may ask.
    pub fn open(opcode: Opcode, association: AssociationId, data: Vec<u8>) -> Self {
        Self { opcode, association, data, key: None }
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
}

/// What becomes of a question.
pub type Outcome = Result<Reply, Failure>;

/// Names a request within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(usize);

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
}

/// A conversation with one server.
#[derive(Debug)]
pub struct ControlSession {
    config: Config,
    next_sequence: u16,
    requests: Vec<State>,
    queue: VecDeque<usize>,
    in_flight: BTreeSet<usize>,
    sendings: BTreeMap<u16, Sending>,
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
}

#[derive(Debug)]
struct Sending {
    request: usize,
    at: Duration,
    reassembly: Reassembly,
    doubt: Option<AuthenticationError>,
}

impl ControlSession {
    /// A session in which nothing was said yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            next_sequence: config.first_sequence,
            requests: Vec::new(),
            queue: VecDeque::new(),
            in_flight: BTreeSet::new(),
            sendings: BTreeMap::new(),
            outcomes: VecDeque::new(),
            notes: Vec::new(),
            contact: Contact::default(),
        }
    }

    /// Queues a question; it is sent as soon as the window allows.
    pub fn submit(&mut self, request: Request) -> RequestId {
        let index = self.requests.len();
        self.requests.push(State {
            request,
            first_sent: Duration::ZERO,
            last_sent: Duration::ZERO,
            hurry: false,
            sendings: 0,
            broken: 0,
            fragments_seen: false,
        });
        self.queue.push_back(index);
        RequestId(index)
    }

    /// How the session may behave from now on (the sequence keeps running).
    pub fn configure(&mut self, config: Config) {
        self.config = config;
    }

    /// The next datagram to send at this instant, if any. To be called until there is none.
    pub fn poll_transmit(&mut self, now: Duration) -> Option<Vec<u8>> {
        if let Some(index) = self.due(now) {
            if let Some(probe) = self.contact.probe_due(self.config.probe) {
                return Some(probe);
            }
            return self.send(index, now);
        }
        if self.in_flight.len() >= WINDOW {
            return None;
        }
        let index = self.queue.pop_front()?;
        self.in_flight.insert(index);
        if let Some(state) = self.requests.get_mut(index) {
            state.first_sent = now;
        }
        self.send(index, now)
    }

    /// When [`ControlSession::handle_timeout`] and [`ControlSession::poll_transmit`] have something to do
    /// even if nothing arrives; nothing when no request waits.
    pub fn next_wakeup(&self) -> Option<Duration> {
        self.waiting().map(|(_, state)| self.resend_at(state).min(self.expiry(state))).min()
    }

    /// Gives up the requests whose time is over.
    pub fn handle_timeout(&mut self, now: Duration) {
        let over: Vec<usize> =
            self.waiting().filter(|(_, state)| self.expiry(state) <= now).map(|(index, _)| index).collect();
        for index in over {
            let partial = self.requests.get(index).is_some_and(|state| state.fragments_seen);
            self.finish(index, Err(if partial { Failure::Incomplete } else { Failure::TimedOut }));
        }
    }

    /// Takes in a datagram from the server's address and port. What answers none of the waiting requests is
    /// passed over.
    pub fn handle_datagram(&mut self, datagram: &[u8], now: Duration) {
        match Message::parse(datagram) {
            Ok(message) => self.handle_message(&message, datagram, now),
            Err(ParseError::Count { claimed, received }) => {
                self.handle_overstated(datagram, claimed, received);
            }
            Err(ParseError::Mode(mode)) if mode == Mode::SERVER.0 => {
                self.contact.handle_time(datagram, self.config.probe, now);
            }
            Err(_) => self.contact.note_stray(),
        }
    }

    /// The next finished request, in the order in which they finished.
    pub fn poll_outcome(&mut self) -> Option<(RequestId, Outcome)> {
        self.outcomes.pop_front()
    }

    /// What else there is to tell since this was asked last.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Whether every question has its outcome.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_empty() && self.queue.is_empty()
    }

    /// Asks all questions that have no outcome yet once more from the beginning, of a server that was not
    /// spoken to before.
    pub fn restart(&mut self) {
        self.sendings.clear();
        while let Some(index) = self.in_flight.pop_last() {
            if let Some(state) = self.requests.get_mut(index) {
                state.sendings = 0;
            }
            self.queue.push_front(index);
        }
        self.contact.restart();
    }

    /// Drops all questions that have no outcome yet; their late answers will be passed over.
    pub fn abandon(&mut self) {
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
    pub fn strays(&self) -> u32 {
        self.contact.strays()
    }

    /// The measured round trip, once there is one.
    pub fn round_trip(&self) -> Option<Duration> {
        self.contact.round_trip()
    }

    fn waiting(&self) -> impl Iterator<Item = (usize, &State)> {
        self.in_flight.iter().filter_map(|&index| Some((index, self.requests.get(index)?)))
    }

    /// When this request is given up.
    fn expiry(&self, state: &State) -> Duration {
        self.contact.expiry(&self.limits(), state.first_sent, self.contact.last_heard())
    }

    /// When this request is sent again. What was learnt of the path since its last sending counts.
    fn resend_at(&self, state: &State) -> Duration {
        if state.hurry && state.sendings < SENDINGS {
            return state.last_sent;
        }
        self.contact.resend_at(&self.limits(), state.sendings, state.last_sent)
    }

    fn limits(&self) -> Limits {
        Limits { silence: self.config.silence, patience: self.config.patience, sendings: SENDINGS }
    }

    /// A waiting request whose answer is overdue.
    fn due(&self, now: Duration) -> Option<usize> {
        self.waiting().find(|(_, state)| self.resend_at(state) <= now).map(|(index, _)| index)
    }

    fn send(&mut self, index: usize, now: Duration) -> Option<Vec<u8>> {
        let sequence = self.unused_sequence()?;
        let state = self.requests.get_mut(index)?;
        state.last_sent = now;
        state.hurry = false;
        state.sendings += 1;
        let request = &state.request;
        let header = Header::request(request.opcode, request.association, sequence, self.config.version);
        let mut packet = header.encode(&request.data);
        if let Some(key) = &request.key {
            packet = seal(key, packet);
        }
        let sending = Sending { request: index, at: now, reassembly: Reassembly::default(), doubt: None };
        self.sendings.insert(sequence, sending);
        Some(packet)
    }

    /// The next sequence number that no sending in flight has.
    fn unused_sequence(&mut self) -> Option<u16> {
        (0..=u16::MAX).find_map(|_| {
            let sequence = self.next_sequence;
            self.next_sequence = sequence.wrapping_add(1);
            (!self.sendings.contains_key(&sequence)).then_some(sequence)
        })
    }

    /// The request that a header answers: a reply with the sequence number, the operation and the
    /// association of a sending in flight. (Servers answer for the first clock when asked for association 0.)
    fn answered(&self, header: &Header) -> Option<usize> {
        let sending = self.sendings.get(&header.sequence).filter(|_| header.response)?;
        let request = &self.requests.get(sending.request)?.request;
        let same_association =
            request.association == AssociationId::SYSTEM || request.association == header.association;
        (request.opcode == header.opcode && same_association).then_some(sending.request)
    }

    fn handle_message(&mut self, message: &Message<'_>, datagram: &[u8], now: Duration) {
        let header = &message.header;
        let Some(index) = self.answered(header) else {
            self.contact.note_stray();
            return;
        };
        let Some(sending) = self.sendings.get_mut(&header.sequence) else { return };
        if sending.reassembly.is_empty() {
            self.contact.note_round_trip(now.saturating_sub(sending.at));
        }
        self.contact.note_answer(now);
        if header.error {
            return self.finish(index, Err(Failure::Refused(header.error_code())));
        }
        let key = self.requests.get(index).and_then(|state| state.request.key.as_ref());
        if let Some(key) = key
            && let Err(doubt) = verify_reply(key, datagram, HEADER_LENGTH + message.data.len())
        {
            sending.doubt = Some(doubt);
        }
        if sending.reassembly.add(message) == Added::TooLarge {
            return self.finish(index, Err(Failure::TooLarge));
        }
        if let Some(data) = sending.reassembly.complete() {
            let doubt = sending.doubt;
            let reply = Reply { status: header.status, association: header.association, data, doubt };
            return self.finish(index, Ok(reply));
        }
        if let Some(state) = self.requests.get_mut(index) {
            state.fragments_seen = true;
        }
    }

    fn handle_overstated(&mut self, datagram: &[u8], claimed: u16, received: usize) {
        let Some(index) = Header::peek(datagram).and_then(|header| self.answered(&header)) else { return };
        self.notes.push(Note::Overstated { claimed, received });
        let Some(state) = self.requests.get_mut(index) else { return };
        state.broken += 1;
        state.hurry = true;
        if state.broken >= BROKEN_ANSWERS {
            self.finish(index, Err(Failure::Malformed));
        }
    }

    fn finish(&mut self, index: usize, outcome: Outcome) {
        self.in_flight.remove(&index);
        self.sendings.retain(|_, sending| sending.request != index);
        self.outcomes.push_back((RequestId(index), outcome));
    }
}

#[cfg(test)]
mod tests;
