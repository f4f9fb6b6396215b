//! The network: host names and addresses.

pub mod host;
pub mod names;
