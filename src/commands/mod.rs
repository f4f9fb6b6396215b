//! The applets: each is (arguments, run).

pub mod daemon;
pub mod install;
pub mod ntpq;
pub mod usage;
