//! Conversations without I/O: datagrams and instants go in, datagrams to send and outcomes come out.
//!
//! Time is a [`std::time::Duration`] since any fixed point of a clock that only goes forward; a session
//! compares instants and never reads a clock. So a test plays a whole conversation without a socket, and
//! one loop ([`crate::net::link::Link::converse`]) carries it over a real one.

pub mod control;
pub mod mru;
pub mod reassembly;
pub mod round_trip;
pub mod sntp;
