//! The applets. Each has its arguments and a run function in a directory of its own; none uses another.

pub mod applet;
pub mod check_ntp;
pub mod common;
pub mod kernel;
pub mod keys;
pub mod ntp_keygen;
pub mod ntpdate;
pub mod ntpdc;
pub mod ntpkit;
#[cfg(feature = "tui")]
pub mod ntpmon;
pub mod ntpq;
pub mod ntpstat;
pub mod ntpsweep;
pub mod ntptime;
pub mod ntptrace;
pub mod options;
pub mod scripts;
pub mod textfile;

#[cfg(test)]
mod tests;
