//! The tables of the programs, as the console reads them, and runs for many hosts.

#[cfg(feature = "ntpdc")]
mod commands;
#[cfg(feature = "ntpdc")]
mod completion;
#[cfg(feature = "ntpdc")]
mod explanations;
mod many_hosts;
