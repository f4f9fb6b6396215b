//! A network in memory with a virtual clock: whole conversations, over paths of any quality, in no time.
//!
//! Datagrams are lost, duplicated and delayed according to a [`Weather`], by a seeded generator, so runs are
//! reproducible. The clock stands still during processing and jumps to the next event when a driver waits.

use super::drive::{Incoming, Network, Token, Wake};
use super::{PathError, Transmit};
use crate::wire::timestamp::NtpTimestamp;
use nix::errno::Errno;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// The time of day when the virtual clock reads zero.
const BEGIN: NtpTimestamp = NtpTimestamp(0xeeab_74e6_0000_0000);

/// Network conditions, in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weather {
    /// The minimum delay, one way.
    pub delay: Duration,
    /// Maximum additional delay; datagrams may overtake each other.
    pub jitter: Duration,
    /// The fraction of datagrams lost, 0 to 1.
    pub loss: f64,
    /// The fraction of datagrams duplicated, 0 to 1.
    pub duplicates: f64,
    /// The seed; another one changes the random events and nothing else.
    pub seed: u64,
}

/// A virtual clock that advances only when a network waits, or on request. Clones share the same clock.
#[derive(Clone, Debug, Default)]
pub struct VirtualClock(Rc<Cell<Duration>>);

impl VirtualClock {
    /// Returns how long it has been running.
    pub fn now(&self) -> Duration {
        self.0.get()
    }

    /// Returns the time of day that it shows.
    pub fn stamp(&self) -> NtpTimestamp {
        let now = self.now();
        let fraction = (u64::from(now.subsec_nanos()) << 32) / 1_000_000_000;
        NtpTimestamp(BEGIN.0.wrapping_add((now.as_secs() << 32) | fraction))
    }

    /// Advances it by this much.
    pub fn advance(&self, by: Duration) {
        self.advance_to(self.now().saturating_add(by));
    }

    fn advance_to(&self, at: Duration) {
        self.0.set(self.now().max(at));
    }
}

/// Returns the replies to a datagram, from its destination, payload and time.
type Answer = dyn FnMut(SocketAddr, &[u8], Duration) -> Vec<Vec<u8>>;

/// An endpoint: the address that a conversation is with.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    address: SocketAddr,
    token: Option<Token>,
}

impl Place {
    /// Creates the endpoint of a conversation with this address.
    pub fn at(address: impl Into<SocketAddr>) -> Self {
        Self { address: address.into(), token: None }
    }
}

/// The network.
pub struct MemoryNetwork {
    clock: VirtualClock,
    weather: Weather,
    random: StdRng,
    answer: Box<Answer>,
    refusing: BTreeSet<SocketAddr>,
    interrupt: Option<Duration>,
    /// By arrival time, and a number to tell apart those that arrive at the same time.
    under_way: BTreeMap<(Duration, u64), Parcel>,
    arrived: BTreeMap<Token, VecDeque<Parcel>>,
    number: u64,
    sent: usize,
}

struct Parcel {
    token: Token,
    address: SocketAddr,
    payload: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Request,
    Reply,
    Refusal,
}

impl fmt::Debug for MemoryNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clock, weather, sent, .. } = self;
        formatter
            .debug_struct("MemoryNetwork")
            .field("clock", clock)
            .field("weather", weather)
            .field("sent", sent)
            .finish_non_exhaustive()
    }
}

impl MemoryNetwork {
    /// Creates a network with these conditions on which nobody answers.
    pub fn new(weather: Weather) -> Self {
        Self {
            clock: VirtualClock::default(),
            weather,
            random: StdRng::seed_from_u64(weather.seed),
            answer: Box::new(|_, _, _| Vec::new()),
            refusing: BTreeSet::new(),
            interrupt: None,
            under_way: BTreeMap::new(),
            arrived: BTreeMap::new(),
            number: 0,
            sent: 0,
        }
    }

    /// Sets how hosts answer: the function takes the destination, the request and the time.
    pub fn answer_with(&mut self, answer: impl FnMut(SocketAddr, &[u8], Duration) -> Vec<Vec<u8>> + 'static) {
        self.answer = Box::new(answer);
    }

    /// Makes the host at this address refuse datagrams (port unreachable).
    pub fn refuse(&mut self, address: SocketAddr) {
        self.refusing.insert(address);
    }

    /// Schedules an interrupt.
    pub fn interrupt_at(&mut self, at: Duration) {
        self.interrupt = Some(at);
    }

    /// Returns the number of datagrams sent.
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// Returns its clock.
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }

    /// Returns the time of day.
    pub fn stamp(&self) -> NtpTimestamp {
        self.clock.stamp()
    }

    /// Sends a datagram: once, twice or not at all.
    fn dispatch(&mut self, token: Token, address: SocketAddr, payload: &[u8], kind: Kind) {
        let Weather { delay, jitter, loss, duplicates, .. } = self.weather;
        let copies = 1 + usize::from(self.random.random_bool(duplicates.clamp(0.0, 1.0)));
        for _ in 0..copies {
            if self.random.random_bool(loss.clamp(0.0, 1.0)) {
                continue;
            }
            let more = jitter.mul_f64(self.random.random());
            self.number += 1;
            let parcel = Parcel { token, address, payload: payload.to_vec(), kind };
            self.under_way.insert((self.clock.now() + delay + more, self.number), parcel);
        }
    }

    /// Delivers a datagram.
    fn deliver(&mut self, parcel: Parcel, ready: &mut Vec<Token>) {
        let Parcel { token, address, .. } = parcel;
        if parcel.kind != Kind::Request {
            if let Some(arrived) = self.arrived.get_mut(&token) {
                arrived.push_back(parcel);
                ready.push(token);
            }
        } else if self.refusing.contains(&address) {
            self.dispatch(token, address, &parcel.payload, Kind::Refusal);
        } else {
            for reply in (self.answer)(address, &parcel.payload, self.clock.now()) {
                self.dispatch(token, address, &reply, Kind::Reply);
            }
        }
    }
}

impl Network for MemoryNetwork {
    type Endpoint = Place;

    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn attach(&mut self, token: Token, endpoint: &mut Place) -> io::Result<()> {
        self.arrived.insert(token, VecDeque::new());
        endpoint.token = Some(token);
        Ok(())
    }

    fn detach(&mut self, endpoint: &mut Place) {
        if let Some(token) = endpoint.token.take() {
            self.arrived.remove(&token);
        }
    }

    fn send(
        &mut self,
        token: Token,
        endpoint: &mut Place,
        transmit: &Transmit,
    ) -> Result<Option<NtpTimestamp>, PathError> {
        self.sent += 1;
        let stamp = self.stamp();
        self.dispatch(token, transmit.to.unwrap_or(endpoint.address), &transmit.payload, Kind::Request);
        Ok(Some(stamp))
    }

    fn receive(&mut self, endpoint: &mut Place, take: &mut dyn FnMut(Incoming<'_>)) {
        let stamp = Some(self.stamp());
        let arrived = endpoint.token.and_then(|token| self.arrived.get_mut(&token));
        let Some(arrived) = arrived else { return };
        for Parcel { address, payload, kind, .. } in arrived.drain(..) {
            take(match kind {
                Kind::Refusal => Incoming::Unreachable {
                    to: Some(address),
                    payload: &payload,
                    error: PathError::Read(Errno::ECONNREFUSED.into()),
                },
                _ => Incoming::Datagram { from: Some(address), payload: &payload, stamp },
            });
        }
    }

    /// # Errors
    /// Nothing is pending, so the wait would never end.
    fn wait(&mut self, until: Option<Duration>, ready: &mut Vec<Token>) -> io::Result<Wake> {
        let until = [until, self.interrupt].into_iter().flatten().min();
        while ready.is_empty() {
            let next = self.under_way.first_key_value().map(|(&(at, _), _)| at);
            match (next, until) {
                (Some(at), _) if until.is_none_or(|until| at <= until) => {
                    self.clock.advance_to(at);
                    while let Some(first) = self.under_way.first_entry()
                        && first.key().0 <= at
                    {
                        let parcel = first.remove();
                        self.deliver(parcel, ready);
                    }
                }
                (_, Some(until)) => {
                    self.clock.advance_to(until);
                    break;
                }
                (None | Some(_), None) => return Err(io::Error::other("nothing is pending")),
            }
        }
        let interrupted = self.interrupt.take_if(|at| *at <= self.clock.now()).is_some();
        Ok(if interrupted { Wake::Interrupted } else { Wake::Turn })
    }
}
