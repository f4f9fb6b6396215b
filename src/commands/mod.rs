//! The applets: each is (arguments, run).

pub mod common;
pub mod daemon;
pub mod demo;
pub mod getopt;
pub mod install;
pub mod keys;
pub mod ntp_keygen;
pub mod ntpdate;
pub mod ntpdc;
pub mod ntpkit;
pub mod ntpq;
pub mod ntpstat;
pub mod ntptime;
pub mod pager;
pub mod presets;
pub mod prompt;
pub mod shell;
pub mod usage;
pub mod version;
