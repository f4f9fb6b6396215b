//! What a driver needs of the world.

use crate::session::{PathError, Transmit};
use crate::wire::timestamp::NtpTimestamp;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Names a conversation of a driver. It is not used again for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token {
    pub(super) place: u32,
    pub(super) generation: u32,
}

impl Token {
    /// The token as a number, for a network that keeps numbers.
    pub fn number(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.place)
    }

    /// The token with this number.
    #[expect(clippy::cast_possible_truncation, reason = "two halves")]
    pub fn of_number(number: u64) -> Self {
        Self { place: number as u32, generation: (number >> 32) as u32 }
    }
}

/// What a network brings to a conversation.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// A datagram.
    Datagram {
        /// Where from, if the network says so.
        from: Option<SocketAddr>,
        /// The octets.
        payload: &'a [u8],
        /// When it arrived by this machine's clock, if that was asked for.
        stamp: Option<NtpTimestamp>,
    },
    /// Word that a datagram left.
    Departed {
        /// The datagram, perhaps with headers before it.
        payload: &'a [u8],
        /// When, by this machine's clock.
        stamp: NtpTimestamp,
    },
    /// Word that a datagram will not arrive, or that nothing can be received any more.
    Unreachable {
        /// Where to, if the network says so.
        to: Option<SocketAddr>,
        /// As much of the datagram as is known.
        payload: &'a [u8],
        /// Why.
        error: PathError,
    },
}

/// What a driver needs of the world: a clock and a way to exchange datagrams.
pub trait Network {
    /// What one conversation speaks through.
    type Endpoint;

    /// The clock, which only goes forward.
    fn now(&self) -> Duration;

    /// Begins to wait for what comes to this endpoint.
    ///
    /// # Errors
    /// The system's refusal.
    fn attach(&mut self, token: Token, endpoint: &mut Self::Endpoint) -> io::Result<()>;

    /// Stops waiting for it.
    fn detach(&mut self, endpoint: &mut Self::Endpoint);

    /// Sends a datagram; gives the time just before that, if the endpoint is to have timestamps.
    ///
    /// # Errors
    /// It cannot be sent. A full buffer is not an error but a loss.
    fn send(
        &mut self,
        token: Token,
        endpoint: &mut Self::Endpoint,
        transmit: &Transmit,
    ) -> Result<Option<NtpTimestamp>, PathError>;

    /// Hands over what has come to this endpoint, a bounded part of it at a time; what is left makes the endpoint ready
    /// again.
    fn receive(&mut self, endpoint: &mut Self::Endpoint, take: &mut dyn FnMut(Incoming<'_>));

    /// Waits until something comes, until this instant, or until somebody wakes the network. `ready` gets the
    /// conversations for which something came.
    ///
    /// # Errors
    /// The system's refusal.
    fn wait(&mut self, until: Option<Duration>, ready: &mut Vec<Token>) -> io::Result<Wake>;
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Something came, or the time did, or somebody woke the network.
    Turn,
    /// There is an interrupt.
    Interrupted,
}

/// A network that is lent.
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
