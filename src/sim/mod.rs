//! A simulated ntpd that can misbehave, for the demonstration and the tests.
//!
//! Three stages, the first two without clock or socket:
//!
//! | stage | takes | gives |
//! |---|---|---|
//! | [`Daemon`], living by a [`Scenario`] | a request, the time | the replies of an honest ntpd |
//! | [`Mischiefs`], following a [`Faults`] | those replies | datagrams with the delay they travel |
//! | [`SimulatedDaemon`] | a socket | both at work in a thread |
//!
//! Where the scenario says so it answers the questions of mode 7, too.
//!
//! It speaks mode 3 and mode 6 the way 4.2.8p15 and NTPsec 1.2.2 were seen to; a control key opens the half of
//! mode 6 that changes things. Keys authenticate the time. A scenario without recent clients is a daemon from before there was such a list.
//!
//! [`fleet`] has many simpler hosts in one thread, some of which misbehave by a rule.

mod clients;
mod clock;
mod configuration;
mod daemon;
mod demo;
mod faults;
pub mod fleet;
mod mode7;
mod ordered_list;
mod overrides;
mod peer;
mod reply;
mod sample;
mod scenario;
mod server;
mod system;
mod time;
mod time_service;
mod variables;

pub use daemon::Daemon;
pub use demo::{crowd, demo};
pub use faults::{Delivery, ENDLESS, Fault, Faults, Mischiefs};
pub use overrides::Overrides;
pub use scenario::{
    Association, Authentication, Clients, Event, Flavour, Kind, LeapSeconds, ReferenceClock, Scenario,
    Selection, System, TimeService, Turnover,
};
pub use server::SimulatedDaemon;
pub use time::NtpTime;

#[cfg(test)]
mod tests;
