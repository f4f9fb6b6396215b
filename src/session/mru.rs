//! Reading the list of the addresses that a daemon heard of last (mode 6, operations 10 and 12).
//!
//! The daemon keeps the list in the order of the last packet, the newest first, and hands it out from the
//! oldest on, a bounded number of rows for each request. A request continues after a row that the client
//! names; nothing but the rows themselves tells where to go on, and rows move to the list's end whenever
//! their address is heard of again.
//!
//! The list is read by *walks*. One goes from the oldest row to the end. Where fragments of an answer got
//! lost, all rows that came are kept, and a walk of its own reads the hole while the others go on. Where the
//! round trip is long against the time the daemon needs for an answer, the part that a walk has before it is
//! divided: another one begins in the middle, which the filter `maxlstint` can name. A walk ends when it
//! comes to a row that another one has read; the list is complete when all walks have ended and the last
//! answer came from the list's end.

mod ask;
mod divide;
mod fault;
mod nonce;
mod reading;
mod settle;
mod table;
#[cfg(test)]
mod tests;
mod walk;

pub use fault::Fault;

use self::ask::{Ask, Capacity, Flow, Sending};
use self::table::Table;
use self::walk::{Start, Walk};
use super::round_trip::RoundTrip;
use super::{Received, Session, Transmit};
use crate::auth::control::{seal, verify_reply};
use crate::auth::key::Key;
use crate::wire::AssociationId;
use crate::wire::control::{DATA_LIMIT, HEADER_LENGTH, Header, Message, Opcode};
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// When requests stay without an answer, a nonce older than this is replaced.
const NONCE_DOUBT: Duration = Duration::from_secs(1);
/// Sendings in a row without any answer before the daemon is given up.
const FAILURES: u32 = 8;
/// New beginnings of one part of the list before it is given up, and of all its parts.
const RESTARTS: u32 = 8;
const RESTARTS_OF_ALL: u32 = 100;
/// The minimum time that reading continues without a row for a new address.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same as a multiple of the time-out for silence; the longer of the two applies.
const PATIENCE_SILENCES: u32 = 6;
/// Each new row extends the deadline by this, up to the limit above counted from now, so a daemon that sends its rows more
/// slowly gains nothing. On a path with a round trip of 2 s that loses every other fragment, a row takes a third of this.
const ROW_ALLOWANCE: Duration = Duration::from_millis(100);
/// The most parts of the list that wait to be read. Beyond, what is missing of an answer is asked for with all of it.
const MAX_WALKS: usize = 1024;
/// The most addresses that are held: with the list of a larger daemon memory would have no bound.
const ENTRY_LIMIT: usize = 4_000_000;
/// From one sequence number to the next: odd, so that all come in turn, and large, so that what answers a
/// neighbouring number answers nothing of ours.
const SEQUENCE_STEP: u16 = 0x6d2b;
/// Sequence numbers whose late fragments are still looked at.
const RETIRED: usize = 512;

/// How a list is read.
#[derive(Clone, Debug)]
pub struct Config {
    /// The protocol version that requests claim, 1 to 4.
    pub version: u8,
    /// The sequence number of the first request; best a random one.
    pub first_sequence: u16,
    /// How long to wait while nothing at all comes.
    pub silence: Duration,
    /// What the list is filtered by, as it goes over the wire: `, mincount=3`.
    pub parameters: String,
    /// The filter `maxlstint`: rows that were not heard of for more seconds than this are left out.
    pub longest_interval: Option<u32>,
    /// One request at a time, in the order of the list, and the answers are events, too: [`Event::Reply`].
    pub raw: bool,
    /// Rows are events: [`Event::Rows`].
    pub follows: bool,
    /// Whether the list may be divided by time: not if a filter makes it begin elsewhere than with the oldest
    /// row.
    pub divides: bool,
    /// The fragments that may be under way to us at a time: as many as the socket holds.
    pub window: usize,
    /// The key that requests are authenticated with, if they are. Then only what is authentic is taken.
    pub key: Option<Arc<Key>>,
}

/// What the reading of a list brings before its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Rows that are new, or newer than what was held of their addresses, if they are followed.
    Rows(Vec<MruEntry>),
    /// The text of an answer, if the list is read raw.
    Reply(Vec<u8>),
}

/// What was read, and whether that is all.
#[derive(Debug, Default)]
pub struct MruList {
    /// The rows, each address once, in no order that means anything.
    pub entries: Vec<MruEntry>,
    /// How many rows came again, newer, while the list was read.
    pub updates: u64,
    /// When the list was read, by the daemon's clock, if that is known.
    pub now: Option<NtpTimestamp>,
    /// Why the list is not complete, if it is not.
    pub fault: Option<Fault>,
}

/// The reading of one list.
#[derive(Debug)]
pub struct MruSession {
    config: Config,
    next_sequence: u16,
    nonce: String,
    nonce_at: Duration,
    nonce_ask: Option<(u16, Duration, u32)>,
    nonce_wanted: bool,
    /// The daemon's clock, and when that was so.
    clock: Option<(NtpTimestamp, Duration)>,
    capacity: Capacity,
    largest: Capacity,
    window: usize,
    table: Table,
    queue: VecDeque<Walk>,
    asks: Vec<Ask>,
    retired: VecDeque<u16>,
    flow: Flow,
    /// How long a full answer takes to arrive, from its first fragment to its last.
    burst: Option<Duration>,
    failures: u32,
    /// When the reading is given up unless rows come of addresses that are not held.
    ends_at: Duration,
    /// How many addresses were held when that was set.
    counted: usize,
    /// How little the answers since the last such row were worth, see `settle`.
    stalls: u32,
    restarts: u32,
    /// How often the whole list was read anew.
    beginnings: u32,
    divisions: u32,
    /// Rows are not in the order of time: the daemon's clock was set back.
    disorder: bool,
    end: Option<End>,
    /// No row was heard of in this second of the daemon's clock or later when the list was divided.
    newest_before: Option<u32>,
    /// When a fragment of any answer that was read came last.
    heard_elsewhere: Duration,
    catch_ups: u32,
    walks: u32,
    state: State,
    replies: VecDeque<Vec<u8>>,
}

/// Whether the reading goes on, and how it ended.
#[derive(Debug)]
enum State {
    Running,
    Complete,
    Faulty(Fault),
}

/// The end of the list as it was seen.
#[derive(Debug)]
struct End {
    now: NtpTimestamp,
    tail: walk::Tail,
    /// Other parts were still read after that.
    stale: bool,
}

/// How long the reading goes on without a new row.
fn patience(config: &Config) -> Duration {
    PATIENCE.max(config.silence.saturating_mul(PATIENCE_SILENCES))
}

impl MruSession {
    /// Begins to read with this nonce, which came at this instant after so long a round trip.
    pub fn new(config: Config, nonce: &str, round_trip: Option<Duration>, now: Duration) -> Self {
        let mut estimate = RoundTrip::default();
        if let Some(sample) = round_trip {
            estimate.record(sample);
        }
        let mut session = Self {
            next_sequence: config.first_sequence,
            window: config.window.max(16),
            nonce: String::new(),
            nonce_at: now,
            nonce_ask: None,
            nonce_wanted: false,
            clock: None,
            capacity: Capacity::LARGEST,
            largest: Capacity::LARGEST,
            table: Table::default(),
            queue: VecDeque::from([Walk::whole(0)]),
            asks: Vec::new(),
            retired: VecDeque::new(),
            flow: Flow { round_trip: estimate, last_heard: now, latest_answered: None },
            burst: None,
            failures: 0,
            ends_at: now + patience(&config),
            counted: 0,
            stalls: 0,
            restarts: 0,
            beginnings: 0,
            divisions: 0,
            disorder: false,
            end: None,
            newest_before: None,
            heard_elsewhere: Duration::ZERO,
            catch_ups: 0,
            walks: 1,
            state: State::Running,
            replies: VecDeque::new(),
            config,
        };
        session.take_nonce(nonce.as_bytes(), now);
        if session.config.follows {
            session.table.follow();
        }
        session
    }

    fn is_finished(&self) -> bool {
        !matches!(self.state, State::Running)
    }

    /// How many addresses are held, and how many rows came again, newer.
    pub fn progress(&self) -> (usize, u64) {
        (self.table.len(), self.table.updates())
    }

    /// What was read.
    pub fn into_list(self) -> MruList {
        let now = self.end.map(|end| end.now).or(self.clock.map(|(stamp, _)| stamp));
        let fault = match self.state {
            State::Running => Some(Fault::Interrupted),
            State::Complete => None,
            State::Faulty(fault) => Some(fault),
        };
        MruList { updates: self.table.updates(), entries: self.table.into_entries(), now, fault }
    }

    fn finish(&mut self, fault: Option<Fault>) {
        if !self.is_finished() {
            self.state = fault.map_or(State::Complete, State::Faulty);
        }
        self.asks.clear();
        self.queue.clear();
    }

    /// Whether an answer to this walk's next request may come on top of those under way.
    fn has_room(&self, walk: &Walk) -> bool {
        let under_way: usize = self.asks.iter().map(|ask| ask.fragments).sum();
        let one_by_one = self.config.raw && !self.asks.is_empty();
        self.asks.is_empty() || !one_by_one && under_way + self.capacity.fragments(walk.rows) <= self.window
    }

    /// Sends the request of an ask, for the first time or again.
    fn send(&mut self, ask: &mut Ask, now: Duration) -> Option<Transmit> {
        let sequence = self.unused_sequence();
        let mut text =
            format!("nonce={}{}{}", self.nonce, ask.capacity.text(ask.walk.rows), self.config.parameters);
        let since = match ask.walk.start {
            Start::Since(second) if ask.walk.tail.is_empty() => {
                // One second more: the second that is now may be over when the request arrives.
                self.daemon_second(now).map(|present| {
                    u32::try_from(walk::seconds_between(second, present)).unwrap_or(0).saturating_add(1)
                })
            }
            _ => None,
        };
        if let Some(interval) = since.into_iter().chain(self.config.longest_interval).min() {
            text += &format!(", maxlstint={interval}");
        }
        ask.priors = ask.walk.tail.append_to(&mut text);
        if text.len() > DATA_LIMIT || ask.priors.is_empty() && !ask.walk.tail.is_empty() {
            self.finish(Some(Fault::RequestTooLong));
            return None;
        }
        for old in ask.sent(Sending::new(sequence, now, ask.most_fragments())) {
            self.drop_request(old);
        }
        let version = self.config.version;
        let header = Header::request(Opcode::READ_MRU, AssociationId::SYSTEM, sequence, version);
        Some(Transmit::new(self.sealed(header.encode(text.as_bytes()))))
    }

    /// A request with its authenticator, if it is to have one.
    fn sealed(&self, request: Vec<u8>) -> Vec<u8> {
        match &self.config.key {
            Some(key) => seal(key, request),
            None => request,
        }
    }

    /// Moves the end of patience if addresses came that were not held. Gives whether they did.
    fn note_progress(&mut self, now: Duration) -> bool {
        let new = self.table.len().saturating_sub(self.counted);
        self.counted = self.table.len();
        let allowance = ROW_ALLOWANCE.saturating_mul(u32::try_from(new).unwrap_or(u32::MAX));
        self.ends_at = self.ends_at.saturating_add(allowance).min(now + patience(&self.config));
        if new > 0 {
            self.stalls = 0;
        }
        new > 0
    }

    /// The next sequence number that nothing under way has.
    fn unused_sequence(&mut self) -> u16 {
        let mut sequence = self.next_sequence;
        // There are far fewer under way than numbers.
        while self.asks.iter().any(|ask| ask.has(sequence)) || self.retired.contains(&sequence) {
            sequence = sequence.wrapping_add(SEQUENCE_STEP);
        }
        self.next_sequence = sequence.wrapping_add(SEQUENCE_STEP);
        sequence
    }

    fn drop_request(&mut self, sequence: u16) {
        if self.retired.len() >= RETIRED {
            self.retired.pop_front();
        }
        self.retired.push_back(sequence);
    }

    fn number_walk(&mut self) -> u32 {
        let id = self.walks;
        self.walks = self.walks.wrapping_add(1);
        id
    }
}

impl Session for MruSession {
    type Event = Event;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        if self.is_finished() {
            return None;
        }
        if let Some(request) = self.nonce_request(now) {
            return Some(request);
        }
        if let Some(at) = self.asks.iter().position(|ask| ask.resend_at(&self.flow) <= now) {
            self.failures += 1;
            // A daemon that was restarted is silent to its former nonces.
            let doubtful = now.saturating_sub(self.nonce_at) >= NONCE_DOUBT;
            self.nonce_wanted |= self.failures == 2 || self.failures > 2 && doubtful;
            let mut ask = self.asks.swap_remove(at);
            let request = self.send(&mut ask, now);
            self.asks.push(ask);
            return request;
        }
        let walk = self.queue.pop_front().or_else(|| self.divide(now))?;
        if !self.has_room(&walk) {
            self.queue.push_front(walk);
            return None;
        }
        let mut ask = Ask::new(walk, self.capacity);
        let request = self.send(&mut ask, now);
        self.asks.push(ask);
        request
    }

    fn poll_timeout(&self) -> Option<Duration> {
        if self.is_finished() {
            return None;
        }
        let asks = self.asks.iter().map(|ask| ask.resend_at(&self.flow).min(ask.settle_at(&self.flow)));
        let nonce = self.nonce_ask.map(|(_, at, attempts)| at + self.flow.round_trip.wait(attempts));
        asks.chain(nonce).chain([self.ends_at]).min()
    }

    /// Makes the best of answers of which no more seems to come, and gives a silent daemon up.
    fn handle_timeout(&mut self, now: Duration) {
        while let Some(at) = self.asks.iter().position(|ask| ask.settle_at(&self.flow) <= now) {
            self.settle(at, now);
        }
        if self.failures >= FAILURES && now.saturating_sub(self.flow.last_heard) >= self.config.silence {
            self.finish(Some(Fault::TimedOut));
        }
        if now >= self.ends_at {
            self.finish(Some(Fault::Stalled));
        }
    }

    fn handle(&mut self, received: &Received<'_>) {
        let Received { payload, at: now, .. } = *received;
        let Ok(message) = Message::parse(payload) else { return };
        let header = &message.header;
        if self.is_finished() || !header.response || header.association != AssociationId::SYSTEM {
            return;
        }
        if let Some(key) = &self.config.key
            && verify_reply(key, payload, HEADER_LENGTH + message.data.len()).is_err()
        {
            return;
        }
        match header.opcode {
            Opcode::REQUEST_NONCE => self.handle_nonce(&message, now),
            Opcode::READ_MRU => self.handle_rows(&message, now),
            _ => {}
        }
    }

    fn is_done(&self) -> bool {
        self.is_finished()
    }

    fn give_up(&mut self) {
        self.finish(Some(Fault::Interrupted));
    }

    /// The texts first, then the rows that came since this was asked last. The row of an address that was heard of again
    /// while the list is read comes again.
    fn poll_event(&mut self) -> Option<Event> {
        if let Some(text) = self.replies.pop_front() {
            return Some(Event::Reply(text));
        }
        let rows = self.table.take_news();
        (!rows.is_empty()).then_some(Event::Rows(rows))
    }
}
