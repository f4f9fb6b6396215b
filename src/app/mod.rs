//! The applets. Each has its arguments and a run function in a directory of its own; none uses another.

pub mod applet;
#[cfg(feature = "plugins")]
pub mod check_ntp;
pub mod common;
pub mod kernel;
pub mod keys;
pub mod ntp_keygen;
pub mod ntpdate;
#[cfg(feature = "ntpdc")]
pub mod ntpdc;
pub mod ntpkit;
#[cfg(feature = "tui")]
pub mod ntpmon;
pub mod ntpq;
pub mod ntpstat;
#[cfg(feature = "fleet")]
pub mod ntpsweep;
pub mod ntptime;
#[cfg(feature = "fleet")]
pub mod ntptrace;
pub mod options;
#[cfg(feature = "fleet")]
pub mod scripts;
pub mod textfile;

#[cfg(test)]
mod tests;
