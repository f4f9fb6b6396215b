//! Asking many servers for the time (RFC 5905 section 14, the client's side), all at once and each several
//! times, without I/O.
//!
//! A request tells nothing of this machine: its transmit time stamp is a random number, which only the server
//! asked can repeat. The caller says when a request left and when a reply arrived, as NTP time stamps of this
//! machine's clock.

mod fault;
mod multicast;

pub use fault::Fault;

use crate::auth::Key;
use crate::wire::packet::{HEADER_LENGTH, Mode, TimePacket};
use crate::wire::timestamp::NtpTimestamp;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// The most samples of one server that are kept.
const MOST_SAMPLES: usize = 8;
/// Octets of a key identifier.
const KEY_ID_LENGTH: usize = 4;
/// The stratum of a server that is not synchronised, which says 0 on the wire.
const UNSYNCHRONIZED: u8 = 16;
/// The kiss code of a server that is asked too often.
const RATE: [u8; 4] = *b"RATE";
/// The kiss codes of a server that is not to be asked again (RFC 5905 section 7.4).
const REFUSALS: [[u8; 4]; 2] = [*b"DENY", *b"RSTR"];

/// How the servers are asked.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The protocol version of the requests; three bits.
    pub version: u8,
    /// Samples wanted of each server.
    pub samples: usize,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// The least time between two requests to one server.
    pub interval: Duration,
    /// When the first request leaves.
    pub delay: Duration,
    /// How much later each further server's first request leaves.
    pub stagger: Duration,
    /// Whether answers must be authentic.
    pub authenticate: bool,
    /// The key of the requests and the answers; without it nothing is authentic.
    pub key: Option<Key>,
    /// Added to the time at which an authenticated request left, in 2^-32 s.
    pub key_delay: u64,
    /// As ntpdate 4.2.8 does it: refusals (DENY and RSTR) are answers like others, an answer that comes twice is two
    /// samples, one that is not authentic counts against its server, stratum 16 is no answer, and whoever answers a
    /// multicast is asked anew.
    pub as_original: bool,
}

/// One answer's four time stamps, or the lack of one: all zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// When the request left here.
    pub sent: u64,
    /// When it arrived there.
    pub received: u64,
    /// When the reply left there.
    pub transmitted: u64,
    /// When it arrived here.
    pub arrived: u64,
    /// The server's precision, log2 seconds.
    pub precision: i8,
    /// Whether there was an answer.
    pub answered: bool,
}

/// What is known of one server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it is asked.
    pub address: SocketAddr,
    /// Requests sent.
    pub sent: usize,
    /// The exchanges so far, the oldest first; lost ones among them.
    pub exchanges: Vec<Exchange>,
    /// What it said last; its stratum is 16 where the wire says 0.
    pub reply: Option<TimePacket>,
    /// When the last request left, an NTP time stamp.
    pub last_sent: u64,
    /// A bit for each of the last eight answers: whether it was not authentic.
    pub trust: u8,
    /// Whether it asked to be asked less often.
    pub rate_limited: bool,
    /// Whether it refused to serve.
    pub refused: bool,
    /// Whether nothing is expected of it any more.
    pub complete: bool,
    /// Answers passed over because they are not authentic.
    pub unverified: usize,
    /// Answers whose authenticator was verified with the key.
    pub verified: usize,
    /// What is wrong with the last answer that gave no sample.
    pub nonsense: Option<Nonsense>,
    /// Word that the last request that met with any could not arrive.
    pub fault: Option<Fault>,
    /// Whose vote it shares: the names that led to it, or the group it belongs to.
    pub voters: Vec<usize>,
    due: Duration,
    sent_at: Duration,
    answers: usize,
    cookie: Option<u64>,
    /// Who this is as a party to a multicast.
    part: multicast::Part,
}

/// Why an answer is no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonsense {
    /// It does not say when the request arrived.
    NoReceiveTime,
    /// It was sent before the request arrived, its own time stamps say.
    SentBeforeReceived,
}

/// What happened, for those who watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request leaves for this server.
    Transmit {
        /// The server's place.
        server: usize,
        /// Whether the request has an authenticator.
        authenticated: bool,
    },
    /// A datagram arrived from this address.
    Received(SocketAddr),
    /// It has this many octets, too few.
    Length(usize),
    /// It is no server's answer, or none of a server that has the time.
    Mode(u8, u8),
    /// Nobody at its address was asked.
    NotFound,
    /// It does not repeat the request's time stamp.
    OriginDiffers,
    /// The key identifier of an answer, and whether its authenticator is right.
    Authentication {
        /// The answer's, 0 if it has none.
        key_id: u32,
        /// Whether it is the right code under the right key.
        authentic: bool,
    },
    /// The server asks to be left alone.
    RateLimited(usize),
    /// A server gave an exchange.
    Sampled(Exchange),
}

/// A round of questions.
#[derive(Debug)]
pub struct SntpSession {
    asking: Asking,
    servers: Vec<Server>,
    events: VecDeque<Event>,
    /// How many of the servers were named, and not found by a multicast.
    named: usize,
    /// The next voter that is not one of the names.
    next_voter: usize,
    /// Octets of each request.
    request_length: usize,
}

/// A request to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The server's place.
    pub server: usize,
    /// Where to.
    pub address: SocketAddr,
    /// The octets.
    pub datagram: Vec<u8>,
}

impl SntpSession {
    /// A round with these servers, each of which has a vote of its own; time begins at zero.
    pub fn new(asking: Asking, addresses: &[SocketAddr]) -> Self {
        let servers = (0_u32..)
            .zip(addresses)
            .map(|(place, address)| {
                let due = asking.delay.saturating_add(asking.stagger.saturating_mul(place));
                let voter = usize::try_from(place).unwrap_or(usize::MAX);
                Server::new(*address, due, vec![voter])
            })
            .collect();
        Self {
            asking,
            servers,
            events: VecDeque::new(),
            named: addresses.len(),
            next_voter: addresses.len(),
            request_length: HEADER_LENGTH,
        }
    }

    /// Lets servers share votes: for each server, in their order, the numbers of the names that led to it.
    #[must_use]
    pub fn sharing_votes(mut self, voters: impl IntoIterator<Item = Vec<usize>>) -> Self {
        for (server, voters) in self.servers.iter_mut().zip(voters) {
            self.next_voter =
                voters.iter().fold(self.next_voter, |next, voter| next.max(voter.saturating_add(1)));
            server.voters = voters;
        }
        self
    }

    /// The servers, in the order given.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The servers, in the order given.
    pub fn into_servers(self) -> Vec<Server> {
        self.servers
    }

    /// Whether all servers are complete.
    pub fn is_complete(&self) -> bool {
        self.servers.iter().all(|server| server.complete)
    }

    /// When something is to be done without anything arriving.
    pub fn next_wakeup(&self) -> Option<Duration> {
        self.servers.iter().filter(|server| !server.complete).map(|server| server.due).min()
    }

    /// What happened, in its order.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next request that is due, with this random number as its cookie. When it left is then told by
    /// [`SntpSession::sent`].
    pub fn poll_transmit(&mut self, now: Duration, cookie: &mut dyn FnMut() -> u64) -> Option<Request> {
        for (place, server) in self.servers.iter_mut().enumerate() {
            if server.complete || server.due > now {
                continue;
            }
            if server.part == multicast::Part::Answered {
                server.complete = true;
                continue;
            }
            if server.exchanges.len() < server.sent {
                server.exchanges.push(Exchange::default());
            }
            if server.exchanges.len() >= self.asking.samples {
                server.complete = true;
                continue;
            }
            let soonest = server.sent_at.saturating_add(self.asking.interval);
            if server.sent > 0 && soonest > now {
                server.due = soonest;
                continue;
            }
            // Zero would read as no time stamp.
            let cookie = cookie().max(1);
            server.cookie = Some(cookie);
            server.sent += 1;
            server.sent_at = now;
            server.due = now.saturating_add(self.asking.timeout);
            let packet = TimePacket { version: self.asking.version & 7, ..TimePacket::request(cookie) };
            let mut datagram = packet.to_bytes();
            if let Some(key) = &self.asking.key {
                let code = key.compute(&datagram);
                datagram.extend(key.id().to_be_bytes());
                datagram.extend(code.as_bytes());
            }
            self.request_length = datagram.len();
            self.events
                .push_back(Event::Transmit { server: place, authenticated: self.asking.key.is_some() });
            if server.part == multicast::Part::FoundNow {
                server.part = multicast::Part::None;
                self.events.push_back(Event::NotFound);
            }
            return Some(Request { server: place, address: server.address, datagram });
        }
        None
    }

    /// When the last request to a server left, an NTP time stamp.
    pub fn sent(&mut self, server: usize, time: u64) {
        if let Some(server) = self.servers.get_mut(server) {
            let delay = if self.asking.key.is_some() { self.asking.key_delay } else { 0 };
            server.last_sent = time.wrapping_add(delay);
        }
    }

    /// The kernel's word that a request left, an NTP time stamp: the request as it was seen leaving, with its
    /// headers before it. It comes after [`SntpSession::sent`], and takes its place.
    pub fn departed(&mut self, datagram: &[u8], time: u64) {
        let begin = datagram.len().checked_sub(self.request_length);
        let request = begin.and_then(|begin| datagram.get(begin..));
        let Some(Ok(packet)) = request.map(TimePacket::parse) else { return };
        let waiting = |server: &Server| server.cookie == Some(packet.transmit_timestamp);
        if let Some(place) = self.servers.iter().position(waiting) {
            self.sent(place, time);
        }
    }

    /// Takes in a datagram from this address that arrived at `arrived`, an NTP time stamp. Only an answer to
    /// the last request counts, and only once.
    pub fn handle_datagram(&mut self, datagram: &[u8], from: SocketAddr, arrived: u64) {
        self.events.push_back(Event::Received(from));
        let Ok(packet) = TimePacket::parse(datagram) else {
            self.events.push_back(Event::Length(datagram.len()));
            return;
        };
        if !(1..=4).contains(&packet.version) {
            return;
        }
        let is_answer = packet.mode == Mode::SERVER || packet.mode == Mode::SYMMETRIC_PASSIVE;
        if !is_answer || (packet.stratum >= UNSYNCHRONIZED && self.asking.as_original) {
            self.events.push_back(Event::Mode(packet.mode.0, packet.stratum));
            return;
        }
        let known = self.servers.iter().position(|server| same_address(server.address, from));
        // A stranger that proves nothing is no server of a group from which proof is wanted.
        let unproved = self.asking.authenticate
            && !self.asking.as_original
            && !verified(self.asking.key.as_ref(), datagram).1;
        if known.is_none() && unproved {
            self.events.push_back(Event::NotFound);
            return;
        }
        let Some(place) = known.or_else(|| self.found_by_multicast(from, packet.origin_timestamp)) else {
            return;
        };
        let Some(server) = self.servers.get_mut(place) else { return };
        let over = server.complete && !self.asking.as_original;
        if over || server.cookie != Some(packet.origin_timestamp) {
            self.events.push_back(Event::OriginDiffers);
            return;
        }
        let mut trusted = true;
        if self.asking.authenticate {
            let (key_id, authentic) = verified(self.asking.key.as_ref(), datagram);
            self.events.push_back(Event::Authentication { key_id, authentic });
            trusted = authentic;
            server.verified = server.verified.saturating_add(usize::from(authentic));
        }
        if !self.asking.as_original {
            // Whoever can see the request can forge an answer: the authentic one may still come.
            if !trusted {
                server.unverified = server.unverified.saturating_add(1);
                return;
            }
            server.cookie = None;
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
        // Counted from the request: the next ones wait for the interval alone, not for the round trips too.
        server.due = server.sent_at.saturating_add(self.asking.interval);
        if stratum == UNSYNCHRONIZED && REFUSALS.contains(&packet.reference_id) && !self.asking.as_original {
            server.refused = true;
            server.complete = true;
            return;
        }
        server.nonsense = nonsense(&packet, self.asking.as_original);
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
        if server.exchanges.len() < MOST_SAMPLES {
            server.exchanges.push(exchange);
        }
        self.events.push_back(Event::Sampled(exchange));
        server.complete |= server.exchanges.len() >= self.asking.samples;
    }

    /// Ends the round: what is still expected counts as lost.
    pub fn give_up(&mut self) {
        for server in &mut self.servers {
            server.complete = true;
        }
    }
}

impl Server {
    fn new(address: SocketAddr, due: Duration, voters: Vec<usize>) -> Self {
        Self {
            address,
            sent: 0,
            exchanges: Vec::new(),
            reply: None,
            last_sent: 0,
            trust: 0,
            rate_limited: false,
            refused: false,
            complete: false,
            unverified: 0,
            verified: 0,
            nonsense: None,
            fault: None,
            voters,
            due,
            sent_at: Duration::ZERO,
            answers: 0,
            cookie: None,
            part: multicast::Part::None,
        }
    }

    /// Whether what is believed of it was verified with the key; none if no answer was checked.
    pub fn authentic(&self) -> Option<bool> {
        let failed = self.unverified > 0 || self.trust != 0;
        (self.verified > 0 || failed).then_some(self.verified > 0 && self.trust == 0)
    }

    /// Whether it wants to be left alone, for now or for good.
    pub fn wants_to_be_left_alone(&self) -> bool {
        self.rate_limited || self.refused
    }

    /// Whether it is a group, and no single server.
    pub fn is_group(&self) -> bool {
        self.address.ip().is_multicast()
    }

    /// Answers that gave a sample.
    pub fn answers(&self) -> usize {
        self.answers
    }
}

/// What is wrong with the time stamps of an answer by themselves. The original takes the end of an era for a
/// sending before the arrival.
fn nonsense(packet: &TimePacket, as_original: bool) -> Option<Nonsense> {
    let (received, transmitted) = (packet.receive_timestamp, packet.transmit_timestamp);
    let backwards = if as_original {
        transmitted < received
    } else {
        NtpTimestamp(transmitted).is_before(NtpTimestamp(received))
    };
    match () {
        () if received == 0 => Some(Nonsense::NoReceiveTime),
        () if backwards => Some(Nonsense::SentBeforeReceived),
        () => None,
    }
}

/// Whether these are the same host and port; an IPv6 flow label is no part of an address.
fn same_address(one: SocketAddr, other: SocketAddr) -> bool {
    let scope = |address: SocketAddr| match address {
        SocketAddr::V6(address) => address.scope_id(),
        SocketAddr::V4(_) => 0,
    };
    one.ip() == other.ip()
        && one.port() == other.port()
        && (scope(one) == 0 || scope(other) == 0 || scope(one) == scope(other))
}

/// The key identifier of an answer and whether the answer is authentic.
fn verified(key: Option<&Key>, datagram: &[u8]) -> (u32, bool) {
    let Some((message, tail)) = datagram.split_at_checked(HEADER_LENGTH) else { return (0, false) };
    let Some((id, code)) = tail.split_first_chunk::<KEY_ID_LENGTH>() else { return (0, false) };
    let id = u32::from_be_bytes(*id);
    (id, key.is_some_and(|key| key.id() == id && key.verify(message, code)))
}

#[cfg(test)]
mod tests;
