//! Setting this machine's clock by a step or a slew, and then the hardware clock.

use super::kernel::{
    Adjustment, HardwareTime, KernelClock, KernelState, Modes, SystemClock, hurry, set_hardware_clock,
};
use super::watch::Watch;
use super::{Stopwatch, now};
use jiff::Timestamp;
use jiff::civil::DateTime;
use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime, clock_settime};
use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::time::Duration;

/// The port of NTP.
const NTP_PORT: u16 = 123;
/// The maximum adjustment of the C library's `adjtime`, in whole seconds.
const LONGEST_SLEW: i64 = 2145;
/// More than the kernel slews in one second, in microseconds.
const MAX_SLEWED: i64 = 1000;
/// The time in which the kernel slews at most one unit.
const SLEWING: u128 = 1000;
/// A second in nanoseconds.
const SECOND: i128 = 1_000_000_000;
/// A step has failed if the clock is off by more than this afterwards.
const TOLERANCE: Duration = Duration::from_millis(100);
/// A step is made again if the clock is off by more than this afterwards, as on a machine that stood still meanwhile.
const PRECISION: Duration = Duration::from_millis(1);
/// How often a step is made, and how often two clocks are read for a reading in one moment.
const ATTEMPTS: usize = 5;

/// A clock that can be set.
pub trait SettableClock {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Starts watching for other processes that set the clock.
    fn watch(&self) -> Watch;

    /// Steps the clock by this many nanoseconds.
    ///
    /// # Errors
    /// The kernel's refusal, or that the clock does not show the new time afterwards.
    fn step(&self, nanoseconds: i128) -> io::Result<()>;

    /// Slews the clock by this many microseconds at 500 parts per million; returns the amount that the kernel accepted.
    ///
    /// # Errors
    /// The kernel's refusal, including slews that would take too long.
    fn slew(&self, microseconds: i64) -> io::Result<i64>;

    /// Raises the priority of this process if permitted.
    fn hurry(&self);

    /// Whether a process on this machine has bound the NTP port, as daemons that set the clock do.
    fn is_port_taken(&self) -> bool;

    /// Reads the kernel's clock state.
    ///
    /// # Errors
    /// The kernel's refusal.
    fn kernel_state(&self) -> io::Result<KernelState>;

    /// Sets the hardware clock.
    ///
    /// # Errors
    /// No such device, or the kernel's refusal.
    fn set_hardware(&self, device: &Path, time: DateTime) -> io::Result<()>;
}

#[allow(clippy::useless_conversion, reason = "where C's long has 32 bits these narrow")]
impl SettableClock for SystemClock {
    fn now(&self) -> Timestamp {
        now()
    }

    fn watch(&self) -> Watch {
        Watch::start()
    }

    fn step(&self, nanoseconds: i128) -> io::Result<()> {
        step(&mut TimeOfDay(Stopwatch::start()), nanoseconds)
    }

    fn slew(&self, microseconds: i64) -> io::Result<i64> {
        if microseconds.abs() / 1_000_000 > LONGEST_SLEW {
            return Err(Errno::EINVAL.into());
        }
        let stopwatch = Stopwatch::start();
        let change = Adjustment { modes: Modes::SLEW, offset: microseconds, ..Adjustment::default() };
        self.adjust(&change)?;
        let state = self.adjust(&Adjustment { modes: Modes::SLEW_REMAINING, ..Adjustment::default() })?;
        let done = i64::try_from(stopwatch.elapsed().as_micros() / SLEWING).unwrap_or(i64::MAX);
        if microseconds.abs_diff(state.offset) > MAX_SLEWED.saturating_add(done).unsigned_abs() {
            return Err(io::Error::other("the kernel does not slew the clock as requested"));
        }
        Ok(state.offset)
    }

    fn hurry(&self) {
        hurry();
    }

    fn is_port_taken(&self) -> bool {
        let bound = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, NTP_PORT));
        bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    }

    fn kernel_state(&self) -> io::Result<KernelState> {
        self.read()
    }

    fn set_hardware(&self, device: &Path, time: DateTime) -> io::Result<()> {
        let device = OpenOptions::new().read(true).open(device)?;
        let fields = HardwareTime {
            second: time.second().into(),
            minute: time.minute().into(),
            hour: time.hour().into(),
            day: time.day().into(),
            month: i32::from(time.month()) - 1,
            year: i32::from(time.year()) - 1900,
            ignored: [0; 3],
        };
        set_hardware_clock(&device, &fields)
    }
}

/// The clocks of a step, in nanoseconds.
trait Steps {
    /// The time of day.
    fn read(&mut self) -> io::Result<i128>;

    /// The time since some moment, whatever happens to the time of day.
    fn elapsed(&mut self) -> i128;

    /// Sets the time of day.
    fn set(&mut self, time: i128) -> io::Result<()>;
}

/// This machine's.
struct TimeOfDay(Stopwatch);

impl Steps for TimeOfDay {
    fn read(&mut self) -> io::Result<i128> {
        Ok(i128_of(&clock_gettime(ClockId::CLOCK_REALTIME)?))
    }

    fn elapsed(&mut self) -> i128 {
        nanoseconds_of(self.0.elapsed())
    }

    #[allow(clippy::useless_conversion, reason = "where C's long has 32 bits these narrow")]
    fn set(&mut self, time: i128) -> io::Result<()> {
        let seconds = i64::try_from(time.div_euclid(SECOND)).map_err(|_| Errno::EINVAL)?;
        let rest = i64::try_from(time.rem_euclid(SECOND)).map_err(|_| Errno::EINVAL)?;
        let rest = rest.try_into().map_err(|_| Errno::EINVAL)?;
        let time = TimeSpec::new(seconds.try_into().map_err(|_| Errno::EINVAL)?, rest);
        Ok(clock_settime(ClockId::CLOCK_REALTIME, time)?)
    }
}

/// Steps the time of day by this many nanoseconds. What passes between reading and setting is added, also where the machine
/// stood still between the two.
fn step(clocks: &mut dyn Steps, nanoseconds: i128) -> io::Result<()> {
    let (before, begin) = read_at_once(clocks)?;
    let due = |elapsed: i128| before.saturating_add(nanoseconds).saturating_add(elapsed - begin);
    let mut error = i128::MAX;
    for _ in 0..ATTEMPTS {
        let now = clocks.elapsed();
        clocks.set(due(now))?;
        let (shown, now) = read_at_once(clocks)?;
        error = shown.saturating_sub(due(now)).saturating_abs();
        if error <= nanoseconds_of(PRECISION) {
            break;
        }
    }
    if error > nanoseconds_of(TOLERANCE) {
        return Err(io::Error::other("the clock does not show the time that was set"));
    }
    Ok(())
}

/// Reads both clocks, as close together as the machine permits.
fn read_at_once(clocks: &mut dyn Steps) -> io::Result<(i128, i128)> {
    let (mut closest, mut reading) = (i128::MAX, (0, 0));
    for _ in 0..ATTEMPTS {
        let before = clocks.elapsed();
        let time = clocks.read()?;
        let gap = clocks.elapsed() - before;
        if gap < closest {
            (closest, reading) = (gap, (time, before + gap / 2));
        }
        if closest <= nanoseconds_of(PRECISION) / 2 {
            break;
        }
    }
    Ok(reading)
}

fn nanoseconds_of(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX)
}

fn i128_of(time: &TimeSpec) -> i128 {
    i128::from(time.tv_sec()) * SECOND + i128::from(time.tv_nsec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: i128 = 1_000_000;

    /// A machine that stands still now and then: before its readings and settings, in turn, for so many milliseconds.
    struct Machine {
        /// The true time since its start.
        elapsed: i128,
        /// The time of day minus that.
        ahead: i128,
        stops: Vec<i128>,
        refuses: bool,
        settings: usize,
    }

    impl Machine {
        fn new(stops: &[i128]) -> Self {
            let stops = stops.iter().rev().copied().collect();
            Self { elapsed: 7 * SECOND, ahead: 1_000 * SECOND, stops, refuses: false, settings: 0 }
        }

        fn stand_still(&mut self) {
            self.elapsed += self.stops.pop().unwrap_or(0) * MILLISECOND + 100;
        }
    }

    impl Steps for Machine {
        fn read(&mut self) -> io::Result<i128> {
            self.stand_still();
            Ok(self.elapsed + self.ahead)
        }

        fn elapsed(&mut self) -> i128 {
            self.stand_still();
            self.elapsed
        }

        fn set(&mut self, time: i128) -> io::Result<()> {
            self.stand_still();
            self.settings += 1;
            if !self.refuses {
                self.ahead = time - self.elapsed;
            }
            Ok(())
        }
    }

    #[test]
    fn a_step_is_exact_wherever_the_machine_stands_still() {
        for place in 0..12 {
            let mut stops = vec![0; place];
            stops.push(1_200);
            let mut machine = Machine::new(&stops);
            step(&mut machine, -5 * SECOND).unwrap();
            let error = machine.ahead - 995 * SECOND;
            assert!(error.abs() <= MILLISECOND, "stop {place}: off by {error} ns");
            assert!(machine.settings <= 2, "stop {place}: {} settings", machine.settings);
        }
    }

    #[test]
    fn a_clock_that_keeps_its_time_is_reported() {
        let mut machine = Machine { refuses: true, ..Machine::new(&[]) };
        let error = step(&mut machine, -5 * SECOND).unwrap_err();
        assert_eq!(error.to_string(), "the clock does not show the time that was set");
        assert_eq!(machine.settings, ATTEMPTS);
        // A machine so busy that each attempt is late by a little has been set nevertheless.
        let mut machine = Machine::new(&vec![20; 100]);
        step(&mut machine, SECOND).unwrap();
        assert!((machine.ahead - 1_001 * SECOND).abs() <= 100 * MILLISECOND);
    }
}
