//! Conversations without I/O: datagrams and instants go in, datagrams to send and outcomes come out.
//!
//! Time is a [`std::time::Duration`] since any fixed point of a clock that only goes forward; a session
//! compares instants and never reads a clock. So a test plays a whole conversation without a socket, and
//! one loop ([`crate::net::link::Link::converse`]) carries it over a real one.

mod contact;
pub mod control;
pub mod mode7;
pub mod mru;
pub mod reassembly;
pub mod round_trip;
pub mod sntp;

use std::time::Duration;

/// A conversation that a loop can drive.
pub trait Session {
    /// What becomes of a question.
    type Event;

    /// The next datagram to send at this instant, if any. To be called until there is none.
    fn poll_transmit(&mut self, now: Duration) -> Option<Vec<u8>>;

    /// When there is something to do even if nothing arrives; nothing when no question waits.
    fn next_wakeup(&self) -> Option<Duration>;

    /// Gives up what has waited too long.
    fn handle_timeout(&mut self, now: Duration);

    /// Takes in a datagram from the server's address and port.
    fn handle_datagram(&mut self, datagram: &[u8], now: Duration);

    /// The next outcome, in the order in which they came about.
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// Whether every question has its outcome.
    fn is_idle(&self) -> bool;
}

/// Lets a session be driven by its own methods of the same names.
macro_rules! drive {
    ($session:ty, $event:ty) => {
        impl Session for $session {
            type Event = $event;

            fn poll_transmit(&mut self, now: Duration) -> Option<Vec<u8>> {
                Self::poll_transmit(self, now)
            }

            fn next_wakeup(&self) -> Option<Duration> {
                Self::next_wakeup(self)
            }

            fn handle_timeout(&mut self, now: Duration) {
                Self::handle_timeout(self, now);
            }

            fn handle_datagram(&mut self, datagram: &[u8], now: Duration) {
                Self::handle_datagram(self, datagram, now);
            }

            fn poll_event(&mut self) -> Option<Self::Event> {
                Self::poll_outcome(self)
            }

            fn is_idle(&self) -> bool {
                Self::is_idle(self)
            }
        }
    };
}

drive!(control::ControlSession, (control::RequestId, control::Outcome));
drive!(mode7::Mode7Session, mode7::Outcome);
