//! Protocol conversations without I/O: datagrams and instants go in; datagrams to send and events come out.
//!
//! # Call order
//!
//! Each protocol has a type that implements [`Session`]. The driver of a session
//!
//! 1. calls [`poll_transmit`](Session::poll_transmit) until it returns nothing, and sends what it returns;
//! 2. calls [`poll_event`](Session::poll_event) until it returns nothing;
//! 3. stops if the session [`is_done`](Session::is_done);
//! 4. waits for a datagram, but no longer than until [`poll_timeout`](Session::poll_timeout);
//! 5. hands over what arrived ([`handle`](Session::handle), [`handle_departure`](Session::handle_departure),
//!    [`handle_unreachable`](Session::handle_unreachable)), calls [`handle_timeout`](Session::handle_timeout), and
//!    starts again.
//!
//! Any call may change what the other methods return. Calling them in any order loses nothing: a session ignores
//! datagrams that match no request, timeouts that are not due, and notices about packets it did not send.
//!
//! # Who owns time
//!
//! The driver does. Time is a [`Duration`] since a fixed point of a monotonic clock; every instant passed to a session
//! comes from that clock. A session compares instants and never reads a clock, so a test can play a conversation of
//! several minutes in no time at all ([`memory::MemoryNetwork`]). Time *stamps* ([`NtpTimestamp`]) come from the clock
//! that is being measured and may jump; only sessions that measure that clock use them.
//!
//! # Drivers
//!
//! [`drive::Driver`] drives any number of sessions over a [`drive::Network`]. There are two networks: kernel sockets
//! ([`crate::net::epoll::Epoll`]), and one in memory with a virtual clock. Randomness is passed in as well: a session
//! that needs unpredictable numbers takes a seed.
//!
//! ```
//! use ntpkit::session::control::{Config, ControlSession, Request};
//! use ntpkit::session::{Received, Session};
//! use ntpkit::wire::AssociationId;
//! use ntpkit::wire::control::{Header, Message, Opcode};
//! use std::time::Duration;
//!
//! let second = Duration::from_secs(1);
//! let config = Config { version: 2, first_sequence: 7, silence: second * 5, patience: second * 10, probe: None };
//! let mut session = ControlSession::new(config);
//! session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, b"stratum".to_vec()));
//!
//! let request = session.poll_transmit(Duration::ZERO).expect("a request");
//! assert!(session.poll_timeout() < Some(second), "the retransmission time");
//!
//! // The daemon's reply, 20 ms later.
//! let asked = Message::parse(&request.payload).expect("a well-formed request").header;
//! let reply = Header { response: true, status: 0x0615, ..asked }.encode(b"stratum=2");
//! session.handle(&Received::new(&reply, Duration::from_millis(20)));
//!
//! let (_, outcome) = session.poll_event().expect("an outcome");
//! assert_eq!(outcome.expect("an answer").data, b"stratum=2");
//! assert!(session.is_done());
//! ```

pub mod chrony;
mod contact;
pub mod control;
pub mod drive;
pub mod either;
pub mod exposure;
pub mod inquiry;
pub mod look;
pub mod memory;
pub mod mode7;
pub mod mru;
#[cfg(feature = "nts")]
pub mod nts;
pub mod reassembly;
pub mod round_trip;
pub mod sntp;
#[cfg(test)]
mod tests;

pub use contact::Silence;

use crate::wire::timestamp::NtpTimestamp;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;
use thiserror::Error;

/// Seed of a session's random numbers. Take it from the system's random source, except in tests.
pub type Seed = [u8; 32];

/// A conversation that a loop can drive; see the module documentation.
pub trait Session {
    /// What the conversation produces: outcomes of requests, rows of a list, measurements.
    type Event;

    /// Returns the next datagram to send at `now`, if any. It then counts as sent.
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit>;

    /// Processes a received datagram. One that matches no request is ignored.
    fn handle(&mut self, received: &Received<'_>);

    /// Processes the departure time of a datagram. It may be called twice for one datagram: first with the time just
    /// before sending, then with the kernel's timestamp.
    fn handle_departure(&mut self, departure: &Departure<'_>) {
        let _ = departure;
    }

    /// Processes a notice that something cannot be sent or will not arrive. `Break`, the default unless it is a hint, ends
    /// the conversation.
    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        if notice.is_hint() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// When [`Session::handle_timeout`] and [`Session::poll_transmit`] next have work to do even if nothing arrives;
    /// `None` if never.
    fn poll_timeout(&self) -> Option<Duration>;

    /// Gives up on everything that has waited too long.
    fn handle_timeout(&mut self, now: Duration);

    /// Returns the next event, in order of occurrence.
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// Whether there is nothing left to send or wait for. Events may still be pending.
    fn is_done(&self) -> bool;

    /// Ends the conversation with what it has: everything still waiting fails, and the session is done.
    fn give_up(&mut self);
}

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// The destination; `None` means the one address that the conversation is with.
    pub to: Option<SocketAddr>,
    /// The payload.
    pub payload: Vec<u8>,
}

impl Transmit {
    /// Creates a datagram for the one address that the conversation is with.
    pub fn new(payload: Vec<u8>) -> Self {
        Self { to: None, payload }
    }
}

/// A datagram that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The source address, if the network reports it.
    pub from: Option<SocketAddr>,
    /// The payload.
    pub payload: &'a [u8],
    /// When it is handed over, by the driver's clock.
    pub at: Duration,
    /// When it arrived by this machine's clock, from the kernel if possible. `None` unless the conversation asked for
    /// timestamps.
    pub stamp: Option<NtpTimestamp>,
}

impl<'a> Received<'a> {
    /// Creates a datagram from the one address that the conversation is with.
    pub fn new(payload: &'a [u8], at: Duration) -> Self {
        Self { from: None, payload, at, stamp: None }
    }
}

/// A datagram that has left.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// The datagram, possibly preceded by headers.
    pub payload: &'a [u8],
    /// When it left by this machine's clock.
    pub stamp: NtpTimestamp,
}

/// A notice that a datagram could not be sent or will not arrive.
#[derive(Clone, Copy, Debug)]
pub struct Unreachable<'a> {
    /// The destination; `None` means the one address that the conversation is with.
    pub to: Option<SocketAddr>,
    /// As much of the datagram as the notice quotes; may be empty.
    pub payload: &'a [u8],
    /// The cause.
    pub error: &'a PathError,
}

impl Unreachable<'_> {
    /// Whether the notice is only a hint, so that an answer may still arrive.
    pub fn is_hint(&self) -> bool {
        matches!(self.error, PathError::Hint(_))
    }
}

/// Why nothing can be sent to an address or received from it.
#[derive(Debug, Error)]
pub enum PathError {
    /// No socket could be opened.
    #[error("{0}")]
    Open(#[source] io::Error),
    /// Sending failed.
    #[error("write: {0}")]
    Write(#[source] io::Error),
    /// Receiving failed. A refused connection shows up here, even if it is noticed while sending.
    #[error("read: {0}")]
    Read(#[source] io::Error),
    /// A notice on the way that the host cannot be reached: only a hint, because a route may be back in a moment (RFC 1122
    /// section 3.2.2.1).
    #[error("read: {0}")]
    Hint(#[source] io::Error),
}

impl PathError {
    /// Returns the system error.
    pub fn error(&self) -> &io::Error {
        match self {
            Self::Open(error) | Self::Write(error) | Self::Read(error) | Self::Hint(error) => error,
        }
    }

    /// Returns a copy of the system error.
    pub fn copied(&self) -> io::Error {
        copied(self.error())
    }
}

/// Copies a system error, which has no `Clone`: its number, or its kind if it has none.
pub fn copied(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

/// A borrowed session.
impl<S: Session + ?Sized> Session for &mut S {
    type Event = S::Event;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        (**self).poll_transmit(now)
    }

    fn handle(&mut self, received: &Received<'_>) {
        (**self).handle(received);
    }

    fn handle_departure(&mut self, departure: &Departure<'_>) {
        (**self).handle_departure(departure);
    }

    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        (**self).handle_unreachable(notice)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        (**self).poll_timeout()
    }

    fn handle_timeout(&mut self, now: Duration) {
        (**self).handle_timeout(now);
    }

    fn poll_event(&mut self) -> Option<Self::Event> {
        (**self).poll_event()
    }

    fn is_done(&self) -> bool {
        (**self).is_done()
    }

    fn give_up(&mut self) {
        (**self).give_up();
    }
}
