//! Whether somebody else sets the clock meanwhile.

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId as TimerClock, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::time::{ClockId, clock_gettime};
use std::cell::Cell;

/// Without the kernel's word: further apart than this the clocks were not read at the same time.
const TOLERANCE: i128 = 100_000_000;
/// A second in nanoseconds.
const SECOND: i128 = 1_000_000_000;

/// Notices when the time of day is set. What was measured before that says nothing about the clock any more.
pub struct Watch {
    question: Box<dyn Fn() -> bool>,
    was_set: Cell<bool>,
}

impl Watch {
    /// A watch on this machine's clock, from now on.
    pub fn start() -> Self {
        match timer() {
            // The kernel cancels such a timer when the clock is set, and at the end of a suspension.
            Ok(timer) => Self::asking(move || timer.wait().is_ok()),
            Err(_) => {
                let begin = ahead_of_boot();
                Self::asking(move || {
                    begin.zip(ahead_of_boot()).is_some_and(|(begin, now)| (now - begin).abs() > TOLERANCE)
                })
            }
        }
    }

    /// A watch that asks this.
    pub fn asking(question: impl Fn() -> bool + 'static) -> Self {
        Self { question: Box::new(question), was_set: Cell::new(false) }
    }

    /// Whether the clock was set since the watch began.
    pub fn was_set(&self) -> bool {
        // The kernel says so once.
        self.was_set.set(self.was_set.get() || (self.question)());
        self.was_set.get()
    }
}

/// A timer at the end of time that does not wait, and is cancelled when the clock is set.
fn timer() -> nix::Result<TimerFd> {
    let timer = TimerFd::new(TimerClock::CLOCK_REALTIME, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
    let never = Expiration::OneShot(TimeSpec::new(nix::libc::time_t::MAX, 0));
    let flags = TimerSetTimeFlags::TFD_TIMER_ABSTIME | TimerSetTimeFlags::TFD_TIMER_CANCEL_ON_SET;
    timer.set(never, flags)?;
    Ok(timer)
}

/// How far the time of day is ahead of the time since the machine began, in nanoseconds; slewing moves both.
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
    fn what_was_noticed_once_stays() {
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
