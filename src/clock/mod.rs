//! The clocks of this machine.

pub mod era;
pub mod kernel;
pub mod setting;
pub mod watch;

use jiff::Timestamp;
use std::time::{Duration, Instant};

/// A clock that only goes forward, counted from when it was made.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// A stopwatch at zero.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been running.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The time of day.
pub fn now() -> Timestamp {
    Timestamp::now()
}
