//! Client side of mode 7.
//!
//! Nothing in the protocol ties a reply to its request except the request code. So only one request is in flight at a
//! time, and the driver uses a new socket for each: a late reply to an earlier request does not reach it.

mod assembly;

use self::assembly::Assembly;
use super::contact::{Contact, Limits, Silence};
use super::{Received, Session, Transmit, Unreachable};
use crate::auth::key::Key;
use crate::auth::mode7::{has_short_mac, seal};
use crate::wire::mode7::{
    ErrorCode, HEADER_LENGTH, Header, Implementation, Message, ParseError, RequestCode,
};
use crate::wire::packet::Mode;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// Maximum number of transmissions per request.
const SENDINGS: u32 = 120;
/// Lower bound for the guess of a round trip that was never measured.
const MIN_GUESS: Duration = Duration::from_millis(100);
/// Request sizes in octets; daemons that reject the first may accept one of the others.
const PACKET_LENGTHS: [usize; 3] = [192, 160, 48];

/// Behaviour of a session.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// How long a request may wait while the server is silent.
    pub silence: Duration,
    /// How long a request may wait in all, counted from its first transmission.
    pub patience: Duration,
    /// A random cookie for the time request that is sent if there is no reply, as in [`super::control::Config::probe`].
    pub probe: Option<u64>,
}

/// Items to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// Octets per item.
    pub size: usize,
    /// The number of items.
    pub count: usize,
    /// The items, concatenated.
    pub octets: Vec<u8>,
}

impl Items {
    /// Concatenates these items, which all have the size of the first.
    pub fn of(items: &[Vec<u8>]) -> Self {
        Self { size: items.first().map_or(0, Vec::len), count: items.len(), octets: items.concat() }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request code.
    pub code: RequestCode,
    /// The items in the current format.
    pub items: Items,
    /// The items in the IPv4-only format; `None` if there is no such format.
    pub old_items: Option<Items>,
    /// The key, and the NTP timestamp of the first transmission, if the request is authenticated. Retransmissions carry
    /// a later timestamp: daemons reject any that is more than 10 s old.
    pub seal: Option<(Arc<Key>, u64)>,
    /// Whether to give up where 4.2.8p15 gives up silently: interfaces are requested in the current format only, and
    /// nothing is sent with a MAC digest of more than 16 octets once the server has rejected a request's format.
    pub gives_up_early: bool,
}

/// One complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The implementation, which determines the format of the items.
    pub implementation: Implementation,
    /// Octets per item.
    pub item_size: usize,
    /// The items, in order.
    pub items: Vec<Vec<u8>>,
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server refused; `true` if an earlier transmission of the request may already have taken effect.
    Refused(ErrorCode, bool),
    /// No packet arrived in time.
    TimedOut,
    /// Some packets arrived, but no complete reply.
    Incomplete,
    /// The server supports IPv4 only, and the request is about something else.
    Ipv4Only,
    /// Given up early, see [`Request::gives_up_early`].
    GivenUp,
}

/// The outcome of a request.
pub type Outcome = Result<Reply, Failure>;

/// Noteworthy events of a conversation besides its outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The server rejected the request's format; retrying in the old format.
    OlderImplementation,
    /// The server rejected that as well; retrying with a shorter packet.
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
    /// In the current format.
    sendings: u32,
    assembly: Assembly,
}

impl Mode7Session {
    /// Creates a session that has not sent anything yet.
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

    /// Changes the session's configuration.
    pub fn configure(&mut self, config: Config) {
        self.config = config;
    }

    /// Switches to the old implementation; returns whether this is a change.
    pub fn assume_old_implementation(&mut self) -> bool {
        let before = std::mem::replace(&mut self.implementation, Implementation::OLD);
        before != Implementation::OLD
    }

    /// Whether requests are sent in the form of the old implementation.
    pub fn is_old(&self) -> bool {
        self.implementation == Implementation::OLD
    }

    /// Submits a request and drops the pending one, late replies to which will be skipped.
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

    /// Starts the request again after switching to another server.
    pub fn restart(&mut self) {
        if let Some(state) = self.request.take() {
            self.submit(state.request);
        }
        self.contact.restart();
    }

    /// Drops the pending request.
    pub fn abandon(&mut self) {
        self.request = None;
        self.outcomes.clear();
    }

    /// Returns the notes since the last call.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// What was found out about the server beside its answers.
    pub fn silence(&self) -> Silence {
        self.contact.silence(self.config.probe)
    }

    /// Builds the request in the format that the server accepts, as far as known.
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

    /// When to give up on the request.
    fn expiry(&self, state: &State) -> Duration {
        let first = state.first_sent.unwrap_or(state.last_sent);
        self.contact.expiry(&self.limits(), first, state.last_heard)
    }

    /// When to resend the request. A packet since the last transmission shows that the reply is on its way.
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
        // A reply to the first transmission measures the round trip; later ones may answer any of several.
        if state.last_heard.is_none() {
            let since = now.saturating_sub(state.last_sent);
            if state.sendings == 1 {
                self.contact.note_round_trip(since);
            } else if self.contact.round_trip().is_none() {
                // A guess, and not a small one: without any, missing packets would be requested too rarely.
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

    /// Falls back to the format of an older daemon.
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
            && let Some(probe) = self.contact.probe_due(self.config.probe, now)
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

    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        self.contact.note_unreachable(notice)
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

/// Returns a duration as an NTP interval: seconds in the upper half, the fraction in the lower.
fn ntp_interval(time: Duration) -> u64 {
    let fraction = (u64::from(time.subsec_nanos()) << 32) / 1_000_000_000;
    (time.as_secs() << 32) | fraction
}

/// Maximum octets of items in a request.
pub const ITEMS_LIMIT: usize = PACKET_LENGTHS[0] - HEADER_LENGTH - 8;

#[cfg(test)]
mod tests;
