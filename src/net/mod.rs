//! Sockets, names, and the loop that drives a session.

pub mod link;
