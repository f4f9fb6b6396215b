//! Sockets, names, and the loop that drives a session.

pub mod chronyd;
mod client_socket;
pub mod host;
pub mod inquiry;
pub mod interrupt;
pub mod link;
pub mod names;
pub mod ntpd_rs;
pub mod presence;
pub(crate) mod signals;
mod stamps;
mod stream;
pub mod time_link;
pub mod timesyncd;
