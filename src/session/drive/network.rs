//! The driver's interface to the outside world.

use crate::session::{PathError, Transmit};
use crate::wire::timestamp::NtpTimestamp;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Identifies a conversation of a driver. Never reused for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token {
    pub(super) place: u32,
    pub(super) generation: u32,
}

impl Token {
    /// Returns the token as a number, for a network that stores numbers.
    pub fn number(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.place)
    }

    /// Returns the token with this number.
    #[expect(clippy::cast_possible_truncation, reason = "two halves")]
    pub fn of_number(number: u64) -> Self {
        Self { place: number as u32, generation: (number >> 32) as u32 }
    }
}

/// What a network delivers to a conversation.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// A datagram.
    Datagram {
        /// The source address, if the network reports it.
        from: Option<SocketAddr>,
        /// The payload.
        payload: &'a [u8],
        /// When it arrived by this machine's clock, if requested.
        stamp: Option<NtpTimestamp>,
    },
    /// A datagram has left.
    Departed {
        /// The datagram, possibly preceded by headers.
        payload: &'a [u8],
        /// The time by this machine's clock.
        stamp: NtpTimestamp,
    },
    /// A datagram will not arrive, or nothing can be received any more.
    Unreachable {
        /// The destination, if the network reports it.
        to: Option<SocketAddr>,
        /// As much of the datagram as the notice quotes.
        payload: &'a [u8],
        /// The cause.
        error: PathError,
    },
}

/// What a driver needs: a clock and a way to exchange datagrams.
pub trait Network {
    /// What one conversation sends and receives through.
    type Endpoint;

    /// The monotonic clock.
    fn now(&self) -> Duration;

    /// Starts watching this endpoint.
    ///
    /// # Errors
    /// The system refused.
    fn attach(&mut self, token: Token, endpoint: &mut Self::Endpoint) -> io::Result<()>;

    /// Stops watching it.
    fn detach(&mut self, endpoint: &mut Self::Endpoint);

    /// Sends a datagram; returns the time just before, if the endpoint is to have timestamps.
    ///
    /// # Errors
    /// It cannot be sent. A full buffer is not an error: the datagram is lost.
    fn send(
        &mut self,
        token: Token,
        endpoint: &mut Self::Endpoint,
        transmit: &Transmit,
    ) -> Result<Option<NtpTimestamp>, PathError>;

    /// Delivers what has arrived at this endpoint, a bounded part at a time; the rest makes the endpoint ready again.
    fn receive(&mut self, endpoint: &mut Self::Endpoint, take: &mut dyn FnMut(Incoming<'_>));

    /// Waits until something arrives, until this instant, or until the network is woken. Adds the conversations for
    /// which something arrived to `ready`.
    ///
    /// # Errors
    /// The system refused.
    fn wait(&mut self, until: Option<Duration>, ready: &mut Vec<Token>) -> io::Result<Wake>;
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Something arrived, the time was reached, or the network was woken.
    Turn,
    /// An interrupt.
    Interrupted,
}

/// A borrowed network.
impl<N: Network> Network for &mut N {
    type Endpoint = N::Endpoint;

    fn now(&self) -> Duration {
        (**self).now()
    }

    fn attach(&mut self, token: Token, endpoint: &mut Self::Endpoint) -> io::Result<()> {
        (**self).attach(token, endpoint)
    }

    fn detach(&mut self, endpoint: &mut Self::Endpoint) {
        (**self).detach(endpoint);
    }

    fn send(
        &mut self,
        token: Token,
        endpoint: &mut Self::Endpoint,
        transmit: &Transmit,
    ) -> Result<Option<NtpTimestamp>, PathError> {
        (**self).send(token, endpoint, transmit)
    }

    fn receive(&mut self, endpoint: &mut Self::Endpoint, take: &mut dyn FnMut(Incoming<'_>)) {
        (**self).receive(endpoint, take);
    }

    fn wait(&mut self, until: Option<Duration>, ready: &mut Vec<Token>) -> io::Result<Wake> {
        (**self).wait(until, ready)
    }
}
