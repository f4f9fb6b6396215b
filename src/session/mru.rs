//! Reading the MRU list: the clients a daemon heard from most recently (mode 6, opcodes 10 and 12).
//!
//! The daemon keeps the list ordered by last packet, newest first, and returns it from the oldest row on, a bounded
//! number of rows per request. A request continues after a row that the client names. Only the rows themselves say
//! where to continue, and a row moves to the end of the list whenever its address is heard from again.
//!
//! The list is read in *segments*. The first goes from the oldest row to the end. If fragments of a reply are lost, all
//! rows that arrived are kept, and a separate segment covers the hole while the others continue. If the round trip is
//! long compared with the time that the daemon needs for a reply, the rest of a segment is divided: another begins in
//! the middle, selected by the filter `maxlstint`. A segment ends at a row that has been read in another. The list is
//! complete when all segments have ended and the last reply came from the end of the list.

mod ask;
mod divide;
mod fault;
mod nonce;
mod reading;
mod rows;
mod segment;
mod table;
#[cfg(test)]
mod tests;

pub use fault::Fault;

use self::ask::{Ask, Capacity, Flow, Sending};
use self::segment::{Segment, Start};
use self::table::Table;
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

/// If requests stay unanswered, a nonce older than this is replaced.
const NONCE_DOUBT: Duration = Duration::from_secs(1);
/// Consecutive unanswered transmissions before the daemon is given up.
const FAILURES: u32 = 8;
/// Restarts of one part of the list, and of all its parts, before giving up.
const RESTARTS: u32 = 8;
const RESTARTS_OF_ALL: u32 = 100;
/// How long reading continues without a row for a new address: at least this …
const PATIENCE: Duration = Duration::from_secs(30);
/// … and at least this multiple of the silence timeout.
const PATIENCE_SILENCES: u32 = 6;
/// Each new row extends the deadline by this, up to the limit above counted from now, so a daemon that sends its rows
/// more slowly gains nothing. On a path with a round trip of 2 s that loses every other fragment, a row takes a third
/// of this.
const ROW_ALLOWANCE: Duration = Duration::from_millis(100);
/// Maximum number of parts waiting to be read. Beyond it, an incomplete reply is requested again as a whole.
const MAX_SEGMENTS: usize = 1024;
/// Maximum number of addresses kept, to bound memory.
const ENTRY_LIMIT: usize = 4_000_000;
/// Step between sequence numbers: odd, so that all of them are used, and large, so that a reply to a neighbouring
/// number is not taken for ours.
const SEQUENCE_STEP: u16 = 0x6d2b;
/// Sequence numbers whose late fragments are still accepted.
const RETIRED: usize = 512;

/// How to read a list.
#[derive(Clone, Debug)]
pub struct Config {
    /// The protocol version in the requests, 1 to 4.
    pub version: u8,
    /// The sequence number of the first request; preferably random.
    pub first_sequence: u16,
    /// A number that the server cannot know, so that it cannot choose addresses that make the list slow to build.
    pub secret: u64,
    /// How long to wait while the server is silent.
    pub silence: Duration,
    /// The list's filters, as sent: `, mincount=3`.
    pub parameters: String,
    /// The filter `maxlstint`: omits rows last heard from more than this many seconds ago.
    pub longest_interval: Option<u32>,
    /// Sends one request at a time, in list order, and emits replies as events ([`Event::Reply`]).
    pub raw: bool,
    /// Emits rows as events ([`Event::Rows`]).
    pub follows: bool,
    /// Whether the list may be divided by time; not with a filter that makes it begin elsewhere than with the oldest
    /// row.
    pub divides: bool,
    /// Maximum number of fragments on their way to us: as many as the socket buffer holds.
    pub window: usize,
    /// The key to authenticate requests with, if any. If set, only authentic replies are accepted.
    pub key: Option<Arc<Key>>,
}

/// What reading a list produces before it is complete.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Rows that are new, or newer than those kept for their addresses, if the list is followed.
    Rows(Vec<MruEntry>),
    /// The text of a reply, if the list is read raw.
    Reply(Vec<u8>),
}

/// The rows read, and whether they are all.
#[derive(Debug, Default)]
pub struct MruList {
    /// The rows, one per address, in no particular order.
    pub entries: Vec<MruEntry>,
    /// How many rows arrived again, newer, while the list was read.
    pub updates: u64,
    /// When the list was read, by the daemon's clock, if known.
    pub now: Option<NtpTimestamp>,
    /// Why the list is incomplete, if it is.
    pub fault: Option<Fault>,
}

/// Reads one list.
#[derive(Debug)]
pub struct MruSession {
    config: Config,
    next_sequence: u16,
    nonce: String,
    nonce_at: Duration,
    nonce_ask: Option<(u16, Duration, u32)>,
    nonce_wanted: bool,
    /// The daemon's clock, and when it read that.
    clock: Option<(NtpTimestamp, Duration)>,
    capacity: Capacity,
    largest: Capacity,
    window: usize,
    table: Table,
    queue: VecDeque<Segment>,
    asks: Vec<Ask>,
    retired: VecDeque<u16>,
    flow: Flow,
    /// How long a full reply takes to arrive, from the first fragment to the last.
    burst: Option<Duration>,
    failures: u32,
    /// When to give up unless rows for new addresses arrive.
    ends_at: Duration,
    /// The number of addresses kept when that was set.
    counted: usize,
    /// How unproductive the replies since the last such row have been, see `rows`.
    stalls: u32,
    restarts: u32,
    /// How often the whole list was read again.
    beginnings: u32,
    divisions: u32,
    /// Whether rows are not in order of time because the daemon's clock was set back.
    disorder: bool,
    end: Option<End>,
    /// When the list was divided, every row had been heard from before this second of the daemon's clock.
    newest_before: Option<u32>,
    /// When a fragment of any reply already read last arrived.
    heard_elsewhere: Duration,
    catch_ups: u32,
    segments: u32,
    state: State,
    replies: VecDeque<Vec<u8>>,
}

/// Whether reading continues, or how it ended.
#[derive(Debug)]
enum State {
    Running,
    Complete,
    Faulty(Fault),
}

/// The end of the list as last seen.
#[derive(Debug)]
struct End {
    now: NtpTimestamp,
    tail: segment::Tail,
    /// Whether other parts were still read after that.
    stale: bool,
}

/// How long reading continues without a new row.
fn patience(config: &Config) -> Duration {
    PATIENCE.max(config.silence.saturating_mul(PATIENCE_SILENCES))
}

impl MruSession {
    /// Starts reading with this nonce, which arrived at `now`.
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
            table: Table::new(config.secret),
            queue: VecDeque::from([Segment::whole(0)]),
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
            segments: 1,
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

    /// Returns the number of addresses kept, and of rows that arrived again, newer.
    pub fn progress(&self) -> (usize, u64) {
        (self.table.len(), self.table.updates())
    }

    /// Returns what was read.
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

    /// Whether a reply to this segment's next request fits on top of those in flight.
    fn has_room(&self, segment: &Segment) -> bool {
        let under_way: usize = self.asks.iter().map(|ask| ask.fragments).sum();
        let one_by_one = self.config.raw && !self.asks.is_empty();
        self.asks.is_empty()
            || !one_by_one && under_way + self.capacity.fragments(segment.rows) <= self.window
    }

    /// Sends a request, for the first time or again.
    fn send(&mut self, ask: &mut Ask, now: Duration) -> Option<Transmit> {
        let sequence = self.unused_sequence();
        let mut text =
            format!("nonce={}{}{}", self.nonce, ask.capacity.text(ask.segment.rows), self.config.parameters);
        let since = match ask.segment.start {
            Start::Since(second) if ask.segment.tail.is_empty() => {
                // One second more: the current second may be over when the request arrives.
                self.daemon_second(now).map(|present| {
                    u32::try_from(segment::seconds_between(second, present)).unwrap_or(0).saturating_add(1)
                })
            }
            _ => None,
        };
        if let Some(interval) = since.into_iter().chain(self.config.longest_interval).min() {
            text += &format!(", maxlstint={interval}");
        }
        ask.priors = ask.segment.tail.append_to(&mut text);
        if text.len() > DATA_LIMIT || ask.priors.is_empty() && !ask.segment.tail.is_empty() {
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

    /// Appends the authenticator, if there is a key.
    fn sealed(&self, request: Vec<u8>) -> Vec<u8> {
        match &self.config.key {
            Some(key) => seal(key, request),
            None => request,
        }
    }

    /// Extends the deadline if new addresses arrived; returns whether they did.
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

    /// Returns the next sequence number not in use.
    fn unused_sequence(&mut self) -> u16 {
        let mut sequence = self.next_sequence;
        // There are far fewer requests in flight than numbers.
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

    fn number_segment(&mut self) -> u32 {
        let id = self.segments;
        self.segments = self.segments.wrapping_add(1);
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
            // A daemon that was restarted does not answer requests with an old nonce.
            let doubtful = now.saturating_sub(self.nonce_at) >= NONCE_DOUBT;
            self.nonce_wanted |= self.failures == 2 || self.failures > 2 && doubtful;
            let mut ask = self.asks.swap_remove(at);
            let request = self.send(&mut ask, now);
            self.asks.push(ask);
            return request;
        }
        let segment = self.queue.pop_front().or_else(|| self.divide(now))?;
        if !self.has_room(&segment) {
            self.queue.push_front(segment);
            return None;
        }
        let mut ask = Ask::new(segment, self.capacity);
        let request = self.send(&mut ask, now);
        self.asks.push(ask);
        request
    }

    fn poll_timeout(&self) -> Option<Duration> {
        if self.is_finished() {
            return None;
        }
        let asks = self.asks.iter().map(|ask| ask.resend_at(&self.flow).min(ask.reply_deadline(&self.flow)));
        let nonce = self.nonce_ask.map(|(_, at, attempts)| at + self.flow.round_trip.wait(attempts));
        asks.chain(nonce).chain([self.ends_at]).min()
    }

    /// Uses incomplete replies to which nothing more seems to come, and gives up on a silent daemon.
    fn handle_timeout(&mut self, now: Duration) {
        while let Some(at) = self.asks.iter().position(|ask| ask.reply_deadline(&self.flow) <= now) {
            self.take_reply(at, now);
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

    /// Returns the texts first, then the rows since the last call. An address that is heard from again while the list
    /// is read gets another row.
    fn poll_event(&mut self) -> Option<Event> {
        if let Some(text) = self.replies.pop_front() {
            return Some(Event::Reply(text));
        }
        let rows = self.table.take_news();
        (!rows.is_empty()).then_some(Event::Rows(rows))
    }
}
