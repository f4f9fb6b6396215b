//! A simulated ntpd that can misbehave, for the demonstration and the tests.
//!
//! Three stages, the first two without clock or socket:
//!
//! | stage | input | output |
//! |---|---|---|
//! | [`Daemon`], configured by a [`Scenario`] | a request, the time | the replies of an honest ntpd |
//! | [`FaultInjector`], configured by [`Faults`] | those replies | datagrams with their delays |
//! | [`SimulatedDaemon`] | a socket | both, running in a thread |
//!
//! If the scenario says so, it answers mode 7 as well.
//!
//! It imitates mode 3 and mode 6 of 4.2.8p15 and NTPsec 1.2.2 as recorded; a control key enables the operations that
//! change something, and keys authenticate the time. A scenario without recent clients is a daemon that predates that list.
//!
//! [`fleet`] simulates many simpler hosts in one thread; a rule determines which of them misbehave.

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
pub use faults::{Delivery, ENDLESS, Fault, FaultInjector, Faults};
pub use overrides::Overrides;
pub use scenario::{
    Association, Authentication, Clients, Event, Flavour, Kind, LeapSeconds, ReferenceClock, Scenario,
    Selection, System, TimeService, Turnover,
};
pub use server::SimulatedDaemon;
pub use time::NtpTime;

#[cfg(test)]
mod tests;
