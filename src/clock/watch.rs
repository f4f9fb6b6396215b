//! Detects whether another process sets the clock.

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId as TimerClock, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::time::{ClockId, clock_gettime};
use std::cell::Cell;

/// The tolerance without the kernel's notification: readings of the two clocks that differ by more were not simultaneous.
const TOLERANCE: i128 = 100_000_000;
/// A second in nanoseconds.
const SECOND: i128 = 1_000_000_000;

/// Detects that the time of day was set, which invalidates earlier measurements.
pub struct Watch {
    question: Box<dyn Fn() -> bool>,
    was_set: Cell<bool>,
}

impl Watch {
    /// Starts watching this machine's clock.
    pub fn start() -> Self {
        match timer() {
            // The kernel cancels such a timer when the clock is set and after a suspend.
            Ok(timer) => Self::asking(move || timer.wait().is_ok()),
            Err(_) => {
                let begin = ahead_of_boot();
                Self::asking(move || {
                    begin.zip(ahead_of_boot()).is_some_and(|(begin, now)| (now - begin).abs() > TOLERANCE)
                })
            }
        }
    }

    /// Creates a watch that uses this probe.
    pub fn asking(question: impl Fn() -> bool + 'static) -> Self {
        Self { question: Box::new(question), was_set: Cell::new(false) }
    }

    /// Whether the clock was set since the watch began.
    pub fn was_set(&self) -> bool {
        // The kernel reports it only once.
        self.was_set.set(self.was_set.get() || (self.question)());
        self.was_set.get()
    }
}

/// A non-blocking timer in the far future that is cancelled when the clock is set.
fn timer() -> nix::Result<TimerFd> {
    let timer = TimerFd::new(TimerClock::CLOCK_REALTIME, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
    #[allow(deprecated, reason = "for musl, whose type is to become wider")]
    let never = Expiration::OneShot(TimeSpec::new(nix::libc::time_t::MAX, 0));
    let flags = TimerSetTimeFlags::TFD_TIMER_ABSTIME | TimerSetTimeFlags::TFD_TIMER_CANCEL_ON_SET;
    timer.set(never, flags)?;
    Ok(timer)
}

/// The time of day minus the time since boot, in nanoseconds; slewing moves both.
fn ahead_of_boot() -> Option<i128> {
    let nanoseconds = |clock| {
        let time = clock_gettime(clock).ok()?;
        Some(i128::from(time.tv_sec()) * SECOND + i128::from(time.tv_nsec()))
    };
    Some(nanoseconds(ClockId::CLOCK_REALTIME)? - nanoseconds(ClockId::CLOCK_BOOTTIME)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    #[test]
    fn a_timer_waits_for_the_clock_to_be_set() {
        assert_eq!(timer().unwrap().wait(), Err(Errno::EAGAIN));
    }

    #[test]
    fn a_detected_change_is_remembered() {
        let answers = Cell::new(0);
        let watch = Watch::asking(move || {
            answers.set(answers.get() + 1);
            answers.get() == 2
        });
        assert_eq!([watch.was_set(), watch.was_set(), watch.was_set()], [false, true, true]);
    }

    #[test]
    fn both_clocks_run_alike() {
        let begin = ahead_of_boot().unwrap();
        assert!((0..100).any(|_| (ahead_of_boot().unwrap() - begin).abs() < TOLERANCE));
    }
}
