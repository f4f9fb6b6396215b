//! Network Time Security (RFC 8915) on the client's side, without I/O.
//!
//! A [`exchange::KeyExchange`] turns the octets of a TCP stream into an [`exchange::Agreement`]: keys, cookies and the NTP
//! server to be asked. Its [`association::Association`] then proves requests and verifies answers.

pub mod association;
pub mod certificate;
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
