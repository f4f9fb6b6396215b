//! Sockets, names, and the loop that drives a session.

pub mod host;
pub mod interrupt;
pub mod link;
pub mod names;
