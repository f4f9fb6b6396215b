//! The clocks of this machine, read only.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Seconds from the NTP epoch (1900) to the Unix epoch (1970).
const UNIX_EPOCH_IN_NTP: u64 = 2_208_988_800;

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

/// The time of day as an NTP time stamp (RFC 5905 section 6): seconds of the era since 1900 in the upper 32
/// bits, their fraction in the lower.
pub fn now() -> u64 {
    let (seconds, nanoseconds) = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => (UNIX_EPOCH_IN_NTP.wrapping_add(since.as_secs()), since.subsec_nanos()),
        Err(before) => {
            let back = before.duration();
            let whole = back.as_secs() + u64::from(back.subsec_nanos() > 0);
            (UNIX_EPOCH_IN_NTP.wrapping_sub(whole), (1_000_000_000 - back.subsec_nanos()) % 1_000_000_000)
        }
    };
    (seconds << 32) | ((u64::from(nanoseconds) << 32) / 1_000_000_000)
}
