//! SNTP client (RFC 5905 section 14): asks many servers for the time at once, each several times, without I/O.
//!
//! A request reveals nothing about this machine: its transmit timestamp is a random number, which only the server asked
//! can repeat. The driver reports when a request left ([`Departure`]) and when a reply arrived ([`Received::stamp`]) by
//! this machine's clock; a reply without a timestamp measures nothing and is ignored.

mod fault;
mod joining;
mod multicast;
#[cfg_attr(not(feature = "nts"), path = "sntp/without_nts.rs")]
mod proof;
mod rules;
mod schedule;
mod server;
mod window;

pub use fault::Fault;
pub use proof::NtsPart;
pub use rules::Rules;
pub use server::{Exchange, Nonsense, Server};

use self::schedule::Schedule;
use self::server::{Part, nonsense, verified};
use self::window::Window;
use super::{Departure, Received, Seed, Session, Transmit, Unreachable};
use crate::auth::Key;
use crate::wire::packet::{Mode, TimePacket};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;
use std::time::Duration;

/// Maximum number of samples kept per server.
const MAX_SAMPLES: usize = 8;
/// The stratum of an unsynchronised server, which sends 0.
const UNSYNCHRONIZED: u8 = 16;
/// The kiss code of a server that is asked too often.
const RATE: [u8; 4] = *b"RATE";
/// The kiss codes of a server that must not be asked again (RFC 5905 section 7.4).
const REFUSALS: [[u8; 4]; 2] = [*b"DENY", *b"RSTR"];

/// How to ask the servers.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The protocol version in the requests; three bits.
    pub version: u8,
    /// Samples wanted per server.
    pub samples: usize,
    /// How long to wait for a reply.
    pub timeout: Duration,
    /// The minimum interval between two requests to one server.
    pub interval: Duration,
    /// Delay before the first request.
    pub delay: Duration,
    /// Additional delay before the first request to each further server.
    pub stagger: Duration,
    /// Whether replies must be authentic.
    pub authenticate: bool,
    /// The key for requests and replies; without it nothing is authentic.
    pub key: Option<Key>,
    /// Added to the departure time of an authenticated request, in units of 2^-32 s.
    pub key_delay: u64,
    /// Which rules of older clients to follow.
    pub rules: Rules,
    /// The maximum number of servers asked at once; `None` if there is none.
    pub at_once: Option<usize>,
}

/// What happened, for observers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request to this server is sent.
    Transmit {
        /// The server's index.
        server: usize,
        /// Whether the request is authenticated.
        authenticated: bool,
    },
    /// A datagram arrived from this address.
    Received(SocketAddr),
    /// It is too short, with this many octets.
    Length(usize),
    /// It is not from a server, or not from one that has the time: its mode and stratum.
    Mode(u8, u8),
    /// No server at its address was asked.
    NotFound,
    /// It does not repeat the request's timestamp.
    OriginDiffers,
    /// The key ID of a reply, and whether its MAC is right.
    Authentication {
        /// The reply's key ID, 0 if it has none.
        key_id: u32,
        /// Whether the MAC is right under the right key.
        authentic: bool,
    },
    /// The server asks us to reduce the rate.
    RateLimited(usize),
    /// An exchange with a server is complete.
    Sampled(Exchange),
    /// A request to this address could not be sent; the system error number.
    Unsent(SocketAddr, i32),
}

/// One round of time requests.
#[derive(Debug)]
pub struct SntpSession {
    asking: Asking,
    servers: Vec<Server>,
    events: VecDeque<Event>,
    schedule: Schedule,
    /// The indexes of the servers at an address and port.
    places: BTreeMap<(IpAddr, u16), Vec<usize>>,
    /// The index of the server that each pending random number was sent to.
    cookies: BTreeMap<u64, usize>,
    /// The number of servers given by the caller; the rest were found by multicast.
    named: usize,
    /// The voter number for the next server that was not given by the caller.
    next_voter: usize,
    window: Window,
    /// The lengths of the requests sent, in octets.
    request_lengths: BTreeSet<usize>,
    /// Whether the round was stopped early.
    stopped: bool,
    /// Whether more servers may be added.
    expects_more: bool,
    random: StdRng,
}

impl SntpSession {
    /// Creates a round with these servers that begins at `now`. Each has its own vote. The seed must be unpredictable:
    /// the random numbers in the requests come from it.
    pub fn new(asking: Asking, addresses: &[SocketAddr], seed: Seed, now: Duration) -> Self {
        let mut session = Self {
            servers: Vec::with_capacity(addresses.len()),
            events: VecDeque::new(),
            schedule: Schedule::new(asking.at_once),
            places: BTreeMap::new(),
            cookies: BTreeMap::new(),
            named: addresses.len(),
            next_voter: addresses.len(),
            window: Window::default(),
            request_lengths: BTreeSet::new(),
            stopped: false,
            expects_more: false,
            random: StdRng::from_seed(seed),
            asking,
        };
        let begin = now.saturating_add(session.asking.delay);
        for (place, address) in (0_u32..).zip(addresses) {
            let due = begin.saturating_add(session.asking.stagger.saturating_mul(place));
            session.add(Server::new(*address, due, vec![session.servers.len()]));
        }
        session
    }

    /// Makes servers share votes: for each server, in order, the numbers of the names that resolved to it.
    #[must_use]
    pub fn sharing_votes(mut self, voters: impl IntoIterator<Item = Vec<usize>>) -> Self {
        for (server, voters) in self.servers.iter_mut().zip(voters) {
            self.next_voter =
                voters.iter().fold(self.next_voter, |next, voter| next.max(voter.saturating_add(1)));
            server.voters = voters;
        }
        self
    }

    /// Returns the servers, in the order given.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// Returns the servers, in the order given.
    pub fn into_servers(self) -> Vec<Server> {
        self.servers
    }

    /// Ends the round early because enough is known. Unlike [`Session::give_up`], it leaves incomplete servers as they
    /// are.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// The index of the first server at this address.
    fn place_of(&self, address: SocketAddr) -> Option<usize> {
        let places = self.places.get(&(address.ip(), address.port()))?;
        let mut same = places.iter().copied();
        same.find(|&place| {
            self.servers.get(place).is_some_and(|server| same_address(server.address, address))
        })
    }

    /// Returns the random numbers in a datagram, possibly preceded by headers, if it contains a request as long as one
    /// of those sent.
    fn numbers_in<'a>(&'a self, datagram: &'a [u8]) -> impl Iterator<Item = u64> + 'a {
        self.request_lengths.iter().filter_map(|length| {
            let request = datagram.get(datagram.len().checked_sub(*length)?..)?;
            TimePacket::parse(request).ok().map(|packet| packet.transmit_timestamp)
        })
    }

    /// Returns the request that is due to this server, if it is to be asked again.
    fn request(&mut self, place: usize, now: Duration) -> Option<Transmit> {
        let server = self.servers.get_mut(place)?;
        if server.part == Part::Answered {
            server.complete = true;
            return None;
        }
        if server.exchanges.len() < server.sent {
            server.exchanges.push(Exchange::default());
        }
        if server.exchanges.len() >= self.asking.samples {
            server.complete = true;
            return None;
        }
        let soonest = server.sent_at.saturating_add(self.asking.interval);
        if server.sent > 0 && soonest > now {
            server.due = soonest;
            return None;
        }
        // Zero would read as no timestamp.
        let cookie = self.random.next_u64().max(1);
        let packet = TimePacket { version: self.asking.version & 7, ..TimePacket::request(cookie) };
        let Some(payload) = server.seal(&packet, &self.asking, &mut self.random) else {
            server.complete = true;
            return None;
        };
        let former = server.cookie.replace(cookie);
        forget(&mut self.cookies, former, place);
        self.cookies.insert(cookie, place);
        server.sent += 1;
        server.sent_at = now;
        self.window.add(place, now);
        server.due = now.saturating_add(self.asking.timeout);
        self.request_lengths.insert(payload.len());
        let authenticated = self.asking.key.is_some() || server.is_nts();
        self.events.push_back(Event::Transmit { server: place, authenticated });
        if server.part == Part::FoundNow {
            server.part = Part::None;
            self.events.push_back(Event::NotFound);
        }
        Some(Transmit { to: Some(server.address), payload })
    }

    /// Processes a reply that this server was asked for.
    fn take_answer(&mut self, place: usize, packet: TimePacket, datagram: &[u8], arrived: u64) {
        let Some(server) = self.servers.get_mut(place) else { return };
        let rules = if server.is_nts() { Rules::default() } else { self.asking.rules };
        let over = server.complete && !rules.copies_count;
        if over || server.cookie != Some(packet.origin_timestamp) {
            self.events.push_back(Event::OriginDiffers);
            return;
        }
        let mut trusted = true;
        if let Some((key_id, authentic)) = server.check(datagram, &self.asking) {
            self.events.push_back(Event::Authentication { key_id, authentic });
            trusted = authentic;
            server.verified = server.verified.saturating_add(usize::from(authentic));
        }
        // Anyone who sees the request can forge a reply: the authentic one may still arrive.
        if !trusted && !rules.forgeries_count {
            server.unverified = server.unverified.saturating_add(1);
            return;
        }
        if !rules.copies_count {
            forget(&mut self.cookies, server.cookie.take(), place);
        }
        server.trust = (server.trust << 1) | u8::from(!trusted);
        if packet.leap == 3 && packet.stratum == 0 && packet.reference_id == RATE {
            server.rate_limited = true;
            server.complete = true;
            self.events.push_back(Event::RateLimited(place));
            return;
        }
        let stratum = if packet.stratum == 0 { UNSYNCHRONIZED } else { packet.stratum.min(UNSYNCHRONIZED) };
        server.reply = Some(TimePacket { stratum, ..packet });
        // Counted from the request: the interval alone separates requests, not the round trip as well.
        server.due = server.sent_at.saturating_add(self.asking.interval);
        if stratum == UNSYNCHRONIZED
            && REFUSALS.contains(&packet.reference_id)
            && !self.asking.rules.refusals_are_answers
        {
            server.refused = true;
            server.complete = true;
            return;
        }
        server.nonsense = nonsense(&packet, self.asking.rules);
        if server.nonsense.is_some() {
            return;
        }
        let exchange = Exchange {
            sent: server.last_sent,
            received: packet.receive_timestamp,
            transmitted: packet.transmit_timestamp,
            arrived,
            precision: packet.precision,
            answered: true,
        };
        server.answers += 1;
        if server.exchanges.len() < MAX_SAMPLES {
            server.exchanges.push(exchange);
        }
        self.events.push_back(Event::Sampled(exchange));
        server.complete |= server.exchanges.len() >= self.asking.samples;
    }
}

impl Session for SntpSession {
    type Event = Event;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        while let Some((due, place)) = self.schedule.first() {
            if due > now || self.stopped || !self.window.has_room(&self.servers, now) {
                return None;
            }
            let request = self.request(place, now);
            self.reschedule(place);
            if request.is_some() {
                return request;
            }
        }
        None
    }

    /// Only a reply to the last request counts, and only once.
    fn handle(&mut self, received: &Received<'_>) {
        let Received { from: Some(from), payload, stamp: Some(arrived), .. } = *received else { return };
        self.events.push_back(Event::Received(from));
        let Ok(packet) = TimePacket::parse(payload) else {
            self.events.push_back(Event::Length(payload.len()));
            return;
        };
        if !(1..=4).contains(&packet.version) {
            return;
        }
        let is_answer = packet.mode == Mode::SERVER || packet.mode == Mode::SYMMETRIC_PASSIVE;
        if !is_answer || (packet.stratum >= UNSYNCHRONIZED && self.asking.rules.stratum_16_is_no_answer) {
            self.events.push_back(Event::Mode(packet.mode.0, packet.stratum));
            return;
        }
        let known = self.place_of(from);
        // With authentication on, an unauthenticated stranger is not accepted as a member of a group.
        let unproved = self.asking.authenticate
            && !self.asking.rules.forgeries_count
            && !verified(self.asking.key.as_ref(), payload).1;
        if known.is_none() && unproved {
            self.events.push_back(Event::NotFound);
            return;
        }
        let Some(place) = known.or_else(|| self.found_by_multicast(from, packet.origin_timestamp)) else {
            return;
        };
        self.take_answer(place, packet, payload, arrived.0);
        self.reschedule(place);
    }

    fn handle_departure(&mut self, departure: &Departure<'_>) {
        let place = self.numbers_in(departure.payload).find_map(|number| self.cookies.get(&number).copied());
        if let Some(server) = place.and_then(|place| self.servers.get_mut(place)) {
            let delay = if self.asking.key.is_some() && !server.is_nts() { self.asking.key_delay } else { 0 };
            server.last_sent = departure.stamp.0.wrapping_add(delay);
        }
    }

    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        self.note_unreachable(notice);
        ControlFlow::Continue(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let (due, _) = self.schedule.first()?;
        Some(self.window.opens_at().map_or(due, |opens| opens.max(due)))
    }

    fn handle_timeout(&mut self, _now: Duration) {
        // Overdue replies are handled when the next request is due.
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn is_done(&self) -> bool {
        self.stopped || (self.schedule.is_empty() && !self.expects_more)
    }

    /// Pending replies count as lost.
    fn give_up(&mut self) {
        self.expects_more = false;
        self.complete_all();
    }
}

/// Forgets the random number in a server's last request, unless it belongs to a group that found it.
fn forget(cookies: &mut BTreeMap<u64, usize>, cookie: Option<u64>, place: usize) {
    if let Some(cookie) = cookie.filter(|cookie| cookies.get(cookie) == Some(&place)) {
        cookies.remove(&cookie);
    }
}

/// Whether these are the same host and port; the IPv6 flow label is not part of an address.
fn same_address(one: SocketAddr, other: SocketAddr) -> bool {
    let scope = |address: SocketAddr| match address {
        SocketAddr::V6(address) => address.scope_id(),
        SocketAddr::V4(_) => 0,
    };
    one.ip() == other.ip()
        && one.port() == other.port()
        && (scope(one) == 0 || scope(other) == 0 || scope(one) == scope(other))
}

#[cfg(test)]
mod tests;
