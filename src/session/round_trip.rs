//! How long to wait for a reply before resending, learned from the replies so far.

use std::time::Duration;

/// Before the first reply: longer than nearly every path takes, short enough to recover from a loss quickly.
const INITIAL: Duration = Duration::from_millis(350);
/// The longest wait while nothing has been heard. Within the usual patience of five seconds a request is sent eight
/// times, so a path that loses a fifth of all datagrams in each direction fails one conversation in thousands.
const LARGEST_INITIAL: Duration = Duration::from_millis(750);
/// Allowance for a server that has many requests before ours, on top of the network's own time.
const SMALLEST_MARGIN: Duration = Duration::from_millis(15);
const SMALLEST: Duration = Duration::from_millis(25);
const LARGEST: Duration = Duration::from_secs(2);

/// The estimator of RFC 6298: smoothed round trip and variation.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundTrip {
    estimate: Option<(Duration, Duration)>,
}

impl RoundTrip {
    /// Records a measured round trip.
    pub fn record(&mut self, sample: Duration) {
        self.estimate = Some(match self.estimate {
            None => (sample, sample / 2),
            Some((smoothed, variation)) => {
                (smoothed * 7 / 8 + sample / 8, variation * 3 / 4 + smoothed.abs_diff(sample) / 4)
            }
        });
    }

    /// The smoothed round trip, once one has been measured.
    pub fn smoothed(&self) -> Option<Duration> {
        self.estimate.map(|(smoothed, _)| smoothed)
    }

    /// Returns how long to wait for the reply to the `attempt`-th transmission (0 is the first).
    ///
    /// While nothing has been heard, the wait grows by half each time because the path may be slow or the host
    /// overloaded, but not far because the path may be lossy. Once replies arrive, a missing one was most likely lost:
    /// the wait grows slowly and stays within twice the estimate, so a lossy path recovers in a few round trips. After
    /// a dozen vain attempts it grows further.
    pub fn wait(&self, attempt: u32) -> Duration {
        match self.estimate {
            None => (0..attempt.min(4)).fold(INITIAL, |wait, _| wait * 3 / 2).min(LARGEST_INITIAL),
            Some((smoothed, variation)) => {
                let base = (smoothed + (variation * 4).max(SMALLEST_MARGIN)).max(SMALLEST);
                let grown = (0..attempt.min(16)).fold(base, |wait, _| wait * 5 / 4);
                grown.min(base * if attempt < 12 { 2 } else { 8 }).min(LARGEST)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn the_wait_grows_in_silence_up_to_a_bound() {
        let fresh = RoundTrip::default();
        assert_eq!([0, 1, 2, 3, 30].map(|attempt| fresh.wait(attempt)), [350, 525, 750, 750, 750].map(MS));
    }

    #[test]
    fn a_measured_path_is_retried_soon() {
        let mut path = RoundTrip::default();
        (0..50).for_each(|_| path.record(MS(20)));
        assert_eq!(path.smoothed(), Some(MS(20)));
        assert!(path.wait(0) >= MS(30) && path.wait(0) <= MS(40), "{:?}", path.wait(0));
        assert!(path.wait(1) > path.wait(0));
        assert!(path.wait(11) <= path.wait(0) * 2);
    }

    #[test]
    fn a_fast_path_is_not_flooded() {
        let mut path = RoundTrip::default();
        path.record(Duration::from_micros(80));
        assert_eq!(path.wait(0), SMALLEST);
    }
}
