//! The client's side of mode 7.
//!
//! The protocol has nothing that ties a reply to its request but the request's code. So one question is under
//! way at a time, and whoever drives a session gives it a socket of its own for each: what comes late for an
//! earlier question does not reach it.

mod assembly;

use self::assembly::Assembly;
use super::contact::{Contact, Limits};
use super::{Received, Session, Transmit};
use crate::auth::key::Key;
use crate::auth::mode7::{has_short_mac, seal};
use crate::wire::mode7::{
    ErrorCode, HEADER_LENGTH, Header, Implementation, Message, ParseError, RequestCode,
};
use crate::wire::packet::{Mode, TimePacket};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How often one request is sent at most.
const SENDINGS: u32 = 120;
/// What a round trip is taken for at least if it was never measured.
const MIN_GUESS: Duration = Duration::from_millis(100);
/// Octets of a request; daemons that do not take the first size may take one of the others.
const PACKET_LENGTHS: [usize; 3] = [192, 160, 48];

/// How a session behaves.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// How long a request may wait while nothing at all comes from the server.
    pub silence: Duration,
    /// How long a request may wait in all, counted from its first sending.
    pub patience: Duration,
    /// A random cookie for a time request that is sent along when there is no answer, as in
    /// [`super::control::Config::probe`].
    pub probe: Option<u64>,
}

/// Items to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// Octets of each.
    pub size: usize,
    /// How many there are.
    pub count: usize,
    /// One after the other.
    pub octets: Vec<u8>,
}

impl Items {
    /// These items, all of the size of the first.
    pub fn of(items: &[Vec<u8>]) -> Self {
        Self { size: items.first().map_or(0, Vec::len), count: items.len(), octets: items.concat() }
    }
}

/// One question.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub code: RequestCode,
    /// The items for a daemon of today.
    pub items: Items,
    /// The items for one that knows IPv4 only; `None` if it cannot be asked this.
    pub old_items: Option<Items>,
    /// The key and the time at which the request is sent first, as an NTP timestamp, if it is authenticated. What
    /// is sent again bears a later one: daemons take none that is more than 10 s old.
    pub seal: Option<(Arc<Key>, u64)>,
    /// Whether it is given up where 4.2.8p15 gives up without a word: interfaces are asked for in today's form only,
    /// and nothing is sent with a code of more than 16 octets once the server did not like the form of a request.
    pub gives_up_early: bool,
}

/// One whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Who answered: its items have the forms of this implementation.
    pub implementation: Implementation,
    /// Octets of each item.
    pub item_size: usize,
    /// The items, in order.
    pub items: Vec<Vec<u8>>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server refused; whether it may have done so because an earlier sending of the same request had
    /// its effect already.
    Refused(ErrorCode, bool),
    /// Not one packet came in time.
    TimedOut,
    /// Some packets came, but no whole answer.
    Incomplete,
    /// The server knows IPv4 only, and the question is about something else.
    Ipv4Only,
    /// It was given up early, as [`Request::gives_up_early`] says.
    GivenUp,
}

/// What becomes of a question.
pub type Outcome = Result<Reply, Failure>;

/// What is worth telling about a conversation besides its outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The server did not like the request's form; it is asked in the old one.
    OlderImplementation,
    /// Nor that: it is asked with a shorter packet.
    ShorterPacket(usize, usize),
}

/// A conversation with one server.
#[derive(Debug)]
pub struct Mode7Session {
    config: Config,
    implementation: Implementation,
    packet_length: usize,
    request: Option<State>,
    outcomes: VecDeque<Outcome>,
    notes: Vec<Note>,
    contact: Contact,
}

#[derive(Debug)]
struct State {
    request: Request,
    first_sent: Option<Duration>,
    last_sent: Duration,
    last_heard: Option<Duration>,
    /// Of this form of the request.
    sendings: u32,
    assembly: Assembly,
}

impl Mode7Session {
    /// A session in which nothing was said yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            implementation: Implementation::CURRENT,
            packet_length: PACKET_LENGTHS[0],
            request: None,
            outcomes: VecDeque::new(),
            notes: Vec::new(),
            contact: Contact::default(),
        }
    }

    /// How the session may behave from now on.
    pub fn configure(&mut self, config: Config) {
        self.config = config;
    }

    /// Asks in the way of the old implementation from now on; whether that is new.
    pub fn assume_old_implementation(&mut self) -> bool {
        let before = std::mem::replace(&mut self.implementation, Implementation::OLD);
        before != Implementation::OLD
    }

    /// Asks this next. What was under way is dropped: its late answers will be skipped.
    pub fn submit(&mut self, request: Request) {
        self.outcomes.clear();
        self.request = Some(State {
            request,
            first_sent: None,
            last_sent: Duration::ZERO,
            last_heard: None,
            sendings: 0,
            assembly: Assembly::default(),
        });
    }

    /// Asks the same from the beginning, of a server that was not spoken to before.
    pub fn restart(&mut self) {
        if let Some(state) = self.request.take() {
            self.submit(state.request);
        }
        self.contact.restart();
    }

    /// Drops what is under way.
    pub fn abandon(&mut self) {
        self.request = None;
        self.outcomes.clear();
    }

    /// What else there is to tell since this was asked last.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Whether any answer of this protocol was ever received.
    pub fn was_heard(&self) -> bool {
        self.contact.last_heard().is_some()
    }

    /// Whether it was asked for the time, too.
    pub fn was_probed(&self) -> bool {
        self.contact.was_probed() && self.config.probe.is_some()
    }

    /// The answer to the probe for a time server, when one came.
    pub fn time_server(&self) -> Option<&TimePacket> {
        self.contact.time_server()
    }

    /// How many datagrams came that answer nothing that was asked.
    pub fn unmatched(&self) -> u32 {
        self.contact.unmatched()
    }

    /// The request in the form that the server takes, as far as that is known.
    fn packet(&mut self, now: Duration) -> Option<Vec<u8>> {
        let state = self.request.as_ref()?;
        let request = &state.request;
        let has_long_mac = request.seal.as_ref().is_some_and(|(key, _)| !has_short_mac(key));
        if request.gives_up_early && has_long_mac && self.packet_length < PACKET_LENGTHS[0] {
            self.finish(Err(Failure::GivenUp));
            return None;
        }
        let items = if self.implementation == Implementation::CURRENT {
            &request.items
        } else if let Some(items) = &request.old_items {
            items
        } else {
            self.finish(Err(Failure::Ipv4Only));
            return None;
        };
        let header = Header {
            authenticated: request.seal.is_some(),
            item_count: u16::try_from(items.count).unwrap_or(u16::MAX),
            item_size: u16::try_from(items.size).unwrap_or(u16::MAX),
            ..Header::request(self.implementation, request.code)
        };
        let mut packet = header.encode(&items.octets);
        if let Some((key, timestamp)) = &request.seal {
            let elapsed = now.saturating_sub(state.first_sent.unwrap_or(now));
            let timestamp = timestamp.wrapping_add(ntp_interval(elapsed));
            return Some(seal(key, packet, self.packet_length, timestamp));
        }
        packet.resize(packet.len().max(self.packet_length), 0);
        Some(packet)
    }

    /// When the request is given up.
    fn expiry(&self, state: &State) -> Duration {
        let first = state.first_sent.unwrap_or(state.last_sent);
        self.contact.expiry(&self.limits(), first, state.last_heard)
    }

    /// When the request is sent again: what came meanwhile shows that the answer is under way.
    fn resend_at(&self, state: &State) -> Duration {
        let last = state.last_heard.map_or(state.last_sent, |heard| heard.max(state.last_sent));
        self.contact.resend_at(&self.limits(), state.sendings, last)
    }

    fn limits(&self) -> Limits {
        Limits { silence: self.config.silence, patience: self.config.patience, sendings: SENDINGS }
    }

    fn handle_message(&mut self, message: &Message<'_>, now: Duration) {
        let header = &message.header;
        let implementation = self.implementation;
        let asked = self.request.as_mut().filter(|state| {
            state.sendings > 0
                && header.response
                && !header.authenticated
                && header.implementation == implementation
                && header.request == state.request.code
        });
        let Some(state) = asked else {
            self.contact.note_stray();
            return;
        };
        // An answer to the first sending tells the round trip; later ones may answer any of several.
        if state.last_heard.is_none() {
            let since = now.saturating_sub(state.last_sent);
            if state.sendings == 1 {
                self.contact.note_round_trip(since);
            } else if self.contact.round_trip().is_none() {
                // A guess, and no small one: without any, what is still missing is asked for too rarely.
                self.contact.note_round_trip(since.max(MIN_GUESS));
            }
        }
        self.contact.note_answer(now);
        state.last_heard = Some(now);
        if header.error != ErrorCode::OKAY {
            return self.handle_refusal(header.error);
        }
        if !state.assembly.add(message) {
            self.contact.note_stray();
        }
        if let Some((item_size, items)) = state.assembly.complete() {
            self.finish(Ok(Reply { implementation, item_size, items }));
        } else if state.assembly.is_endless() {
            self.finish(Err(Failure::Incomplete));
        }
    }

    /// A daemon of another age is asked in its own way from now on.
    fn handle_refusal(&mut self, error: ErrorCode) {
        let current = self.implementation == Implementation::CURRENT;
        let shorter = PACKET_LENGTHS.into_iter().find(|&length| length < self.packet_length);
        let interfaces = [RequestCode::INTERFACE_STATS, RequestCode::INTERFACE_RELOAD];
        let in_one_form = self
            .request
            .as_ref()
            .is_some_and(|state| state.request.gives_up_early && interfaces.contains(&state.request.code));
        match (error, shorter) {
            (ErrorCode::IMPLEMENTATION, _) if in_one_form => return self.finish(Err(Failure::GivenUp)),
            (ErrorCode::FORMAT, Some(length)) if in_one_form && current => {
                self.notes.push(Note::OlderImplementation);
                self.packet_length = length;
                return self.finish(Err(Failure::GivenUp));
            }
            (ErrorCode::IMPLEMENTATION, _) if current => self.implementation = Implementation::OLD,
            (ErrorCode::FORMAT, Some(length)) => {
                if current {
                    self.notes.push(Note::OlderImplementation);
                    self.implementation = Implementation::OLD;
                } else {
                    self.notes.push(Note::ShorterPacket(self.packet_length, length));
                }
                self.packet_length = length;
            }
            _ => {
                let again = self.request.as_ref().is_some_and(|state| state.sendings > 1);
                return self.finish(Err(Failure::Refused(error, again)));
            }
        }
        if let Some(state) = &mut self.request {
            state.sendings = 0;
            state.assembly = Assembly::default();
        }
    }

    fn finish(&mut self, outcome: Outcome) {
        self.request = None;
        self.outcomes.push_back(outcome);
    }
}

impl Session for Mode7Session {
    type Event = Outcome;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        let state = self.request.as_ref()?;
        if state.sendings > 0 && self.resend_at(state) > now {
            return None;
        }
        if state.sendings > 0
            && let Some(probe) = self.contact.probe_due(self.config.probe)
        {
            return Some(Transmit::new(probe));
        }
        let packet = self.packet(now)?;
        let state = self.request.as_mut()?;
        state.first_sent.get_or_insert(now);
        state.last_sent = now;
        state.sendings += 1;
        Some(Transmit::new(packet))
    }

    fn handle(&mut self, received: &Received<'_>) {
        let Received { payload, at, .. } = *received;
        match Message::parse(payload) {
            Ok(message) => self.handle_message(&message, at),
            Err(ParseError::Mode(mode)) if mode == Mode::SERVER.0 => {
                self.contact.handle_time(payload, self.config.probe, at);
            }
            Err(_) => self.contact.note_stray(),
        }
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let state = self.request.as_ref()?;
        Some(if state.sendings == 0 {
            state.last_sent
        } else {
            self.resend_at(state).min(self.expiry(state))
        })
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.request.as_ref().is_some_and(|state| state.sendings > 0 && self.expiry(state) <= now) {
            self.give_up();
        }
    }

    fn poll_event(&mut self) -> Option<Outcome> {
        self.outcomes.pop_front()
    }

    fn is_done(&self) -> bool {
        self.request.is_none()
    }

    fn give_up(&mut self) {
        let Some(state) = &self.request else { return };
        let failure = if state.assembly.is_empty() { Failure::TimedOut } else { Failure::Incomplete };
        self.finish(Err(failure));
    }
}

/// Seconds in the upper half, their fraction in the lower.
fn ntp_interval(time: Duration) -> u64 {
    let fraction = (u64::from(time.subsec_nanos()) << 32) / 1_000_000_000;
    (time.as_secs() << 32) | fraction
}

/// The most octets of items that a request has room for.
pub const ITEMS_LIMIT: usize = PACKET_LENGTHS[0] - HEADER_LENGTH - 8;

#[cfg(test)]
mod tests;
