//! The binary as a person or a script meets it, against simulated daemons on this machine's loopback.

#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;

#[cfg(test)]
#[path = "../support/chronyd.rs"]
mod chronyd;

#[cfg(test)]
mod authentication;
#[cfg(test)]
mod check_config;
mod check_ntp;
#[cfg(test)]
mod chrony;
#[cfg(test)]
mod diag;
#[cfg(test)]
mod explain;
#[cfg(test)]
#[cfg(feature = "exporter")]
mod exporter;
#[cfg(test)]
mod exposure;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod leap;
#[cfg(test)]
mod local;
#[cfg(test)]
mod mrulist;
#[cfg(test)]
mod names;
#[cfg(test)]
mod ntpdc;
#[cfg(test)]
#[cfg(feature = "tui")]
mod ntpmon;
#[cfg(test)]
mod ntpsec;
mod ntpsweep;
#[cfg(test)]
mod ntptrace;
#[cfg(test)]
mod options;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod ping;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod textfile;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod usage;
