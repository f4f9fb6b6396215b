//! Conversations without I/O: datagrams and instants go in, datagrams to send and events come out.
//!
//! # The order of calls
//!
//! Every protocol has a type that implements [`Session`]. Whoever drives one
//!
//! 1. calls [`poll_transmit`](Session::poll_transmit) until it returns nothing, and sends what it returns;
//! 2. calls [`poll_event`](Session::poll_event) until it returns nothing;
//! 3. stops if the session [`is_done`](Session::is_done);
//! 4. waits for a datagram, but no longer than until [`poll_timeout`](Session::poll_timeout);
//! 5. hands over what came ([`handle`](Session::handle), [`handle_departure`](Session::handle_departure),
//!    [`handle_unreachable`](Session::handle_unreachable)), calls [`handle_timeout`](Session::handle_timeout), and starts
//!    again.
//!
//! Each call may change the answers of all the others. Nothing is lost by calling any of them at any time: a session
//! ignores datagrams that answer nothing, time-outs that have not come, and words about packets it did not send.
//!
//! # Who owns time
//!
//! The driver does. Time is a [`Duration`] since any fixed point of a clock that only goes forward; all instants given to
//! a session are of that clock. A session compares instants and never reads a clock, so a test plays a conversation of
//! minutes in no time at all ([`memory::MemoryNetwork`]). Time *stamps* ([`NtpTimestamp`]) are of the clock that is
//! measured and may jump; only sessions that measure it look at them.
//!
//! # Who drives
//!
//! [`drive::Driver`] drives any number of sessions over a [`drive::Network`]. There are two networks: the kernel's sockets
//! ([`crate::net::epoll::Epoll`]), and one in memory under a virtual clock. Randomness, too, is passed in: a session that
//! needs numbers nobody can guess takes a seed.
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
//! assert!(session.poll_timeout() < Some(second), "it would be sent again");
//!
//! // What a daemon would answer, 20 ms later.
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

use crate::wire::timestamp::NtpTimestamp;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;
use thiserror::Error;

/// What a session draws its random numbers from; to be taken from the system's randomness, but in tests.
pub type Seed = [u8; 32];

/// A conversation that a loop can drive; the module's documentation says how.
pub trait Session {
    /// What the conversation brings: outcomes of questions, rows of a list, measurements.
    type Event;

    /// The next datagram to send at this instant, if any. It counts as sent.
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit>;

    /// Takes in a datagram. What answers nothing that was asked is ignored.
    fn handle(&mut self, received: &Received<'_>);

    /// Takes in when a datagram left. It may come twice for one: first the time before the sending, then the kernel's
    /// word.
    fn handle_departure(&mut self, departure: &Departure<'_>) {
        let _ = departure;
    }

    /// Takes in that something cannot be sent or will not arrive. `Break`, the default, ends the conversation with that.
    fn handle_unreachable(&mut self, word: &Unreachable<'_>) -> ControlFlow<()> {
        let _ = word;
        ControlFlow::Break(())
    }

    /// When [`Session::handle_timeout`] and [`Session::poll_transmit`] have something to do even if nothing arrives;
    /// nothing if they never will.
    fn poll_timeout(&self) -> Option<Duration>;

    /// Gives up what has waited too long.
    fn handle_timeout(&mut self, now: Duration);

    /// The next event, in the order in which they came about.
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// Whether there is nothing more to send or to wait for. Events may still be there.
    fn is_done(&self) -> bool;

    /// Ends the conversation here, with what there is: everything that waits has failed, and the session is done.
    fn give_up(&mut self);
}

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where to; none for the one address that the conversation is with.
    pub to: Option<SocketAddr>,
    /// The octets.
    pub payload: Vec<u8>,
}

impl Transmit {
    /// A datagram to the one address that the conversation is with.
    pub fn new(payload: Vec<u8>) -> Self {
        Self { to: None, payload }
    }
}

/// A datagram that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// Where from, if the network says so.
    pub from: Option<SocketAddr>,
    /// The octets.
    pub payload: &'a [u8],
    /// When it is handed over, by the driver's clock.
    pub at: Duration,
    /// When it arrived by this machine's clock: the kernel's word if it has one. None unless the conversation asked for
    /// stamps.
    pub stamp: Option<NtpTimestamp>,
}

impl<'a> Received<'a> {
    /// A datagram from the one address that the conversation is with.
    pub fn new(payload: &'a [u8], at: Duration) -> Self {
        Self { from: None, payload, at, stamp: None }
    }
}

/// A datagram that left.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// The datagram, perhaps with headers before it.
    pub payload: &'a [u8],
    /// When it left by this machine's clock.
    pub stamp: NtpTimestamp,
}

/// Word that a datagram could not be sent or will not arrive.
#[derive(Clone, Copy, Debug)]
pub struct Unreachable<'a> {
    /// Where to; none for the one address that the conversation is with.
    pub to: Option<SocketAddr>,
    /// As much of the datagram as is known; empty if nothing is.
    pub payload: &'a [u8],
    /// Why.
    pub error: &'a PathError,
}

/// Why nothing can be sent to an address or received from it.
#[derive(Debug, Error)]
pub enum PathError {
    /// There is no socket for it.
    #[error("{0}")]
    Open(#[source] io::Error),
    /// Sending failed.
    #[error("write: {0}")]
    Write(#[source] io::Error),
    /// Receiving failed. That nobody listens shows here, even if it is noticed while sending.
    #[error("read: {0}")]
    Read(#[source] io::Error),
}

impl PathError {
    /// The system's error.
    pub fn error(&self) -> &io::Error {
        match self {
            Self::Open(error) | Self::Write(error) | Self::Read(error) => error,
        }
    }

    /// A copy of the system's error, which has no `Clone`.
    pub fn copied(&self) -> io::Error {
        let error = self.error();
        error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
    }
}

/// A session that is lent.
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

    fn handle_unreachable(&mut self, word: &Unreachable<'_>) -> ControlFlow<()> {
        (**self).handle_unreachable(word)
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
