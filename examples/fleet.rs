//! Runs a simulated fleet on the loopback interface for a while, to try `ntpkit fleet` and other programs on it.
//!
//!     cargo run --release --example fleet -- SECONDS [ROUND_TRIP_MS [SILENT_EVERY]]
#![allow(clippy::print_stdout, reason = "prints how to query the fleet")]

use ntpkit::sim::fleet::{Rule, SimulatedFleet};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let mut number = |default: u32| words.next().map_or(Ok(default), |word| word.parse());
    let (seconds, round_trip, silent_every) = (number(60)?, number(0)?, number(0)?);
    let fleet = SimulatedFleet::start(Rule { silent_every }, Duration::from_millis(round_trip.into()))?;
    println!("ntpkit fleet --port {} --chrony-port {} 127.0.0.0/24", fleet.port(), fleet.chrony_port());
    std::thread::sleep(Duration::from_secs(seconds.into()));
    println!("{} datagrams received", fleet.received());
    Ok(())
}
