//! The clocks of this machine.

pub mod era;
pub mod kernel;
pub mod setting;
pub mod watch;
pub mod zone;

use jiff::Timestamp;
use std::sync::OnceLock;
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

/// The clock of all conversations: it only goes forward, and stood at zero when it was asked first.
pub fn monotonic() -> Duration {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}

/// The time of day.
pub fn now() -> Timestamp {
    Timestamp::now()
}
