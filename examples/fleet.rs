//! Runs a simulated fleet on the loopback for a while, to look at it with `ntpkit fleet` and other programs.
//!
//!     cargo run --release --example fleet -- SECONDS [ROUND_TRIP_MS [SILENT_EVERY]]
#![allow(clippy::print_stdout, reason = "says where it is")]

use ntpkit::sim::fleet::{Rule, SimulatedFleet};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let mut number = |without: u32| words.next().map_or(Ok(without), |word| word.parse());
    let (seconds, round_trip, silent_every) = (number(60)?, number(0)?, number(0)?);
    let fleet = SimulatedFleet::start(Rule { silent_every }, Duration::from_millis(round_trip.into()))?;
    println!("ntpkit fleet --port {} --chrony-port {} 127.0.0.0/24", fleet.port(), fleet.chrony_port());
    std::thread::sleep(Duration::from_secs(seconds.into()));
    println!("{} datagrams came", fleet.received());
    Ok(())
}
