//! The clocks of this machine.

pub mod era;
pub mod kernel;
pub mod setting;
pub mod watch;
pub mod zone;

use jiff::Timestamp;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A monotonic clock, counted from its creation.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts a stopwatch.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since it was started.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The monotonic clock of all conversations, counted from its first reading.
pub fn monotonic() -> Duration {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}

/// The time of day.
pub fn now() -> Timestamp {
    Timestamp::now()
}
