//! Client side of Network Time Security (RFC 8915), without I/O.
//!
//! An [`exchange::KeyExchange`] turns the octets of a TCP stream into an [`exchange::Agreement`]: keys, cookies and the
//! NTP server to use. Its [`association::Association`] then authenticates requests and verifies replies.

pub mod association;
pub mod certificate;
mod distinguished;
pub mod exchange;
pub mod fault;
pub mod probe;
mod trust;

pub use association::Association;
pub use certificate::{Certificate, Validity};
pub use exchange::{Agreement, KeyExchange, Terms};
pub use fault::{ExchangeFault, Layer};

#[cfg(test)]
mod tests;
