//! The applets: each is (arguments, run).

pub mod daemon;
pub mod ntpq;
pub mod usage;
