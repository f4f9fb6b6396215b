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
        let stopwatch = Stopwatch::start();
        let before = i128_of(&clock_gettime(ClockId::CLOCK_REALTIME)?);
        let target = before.saturating_add(nanoseconds);
        let seconds = i64::try_from(target.div_euclid(SECOND)).map_err(|_| Errno::EINVAL)?;
        let rest = i64::try_from(target.rem_euclid(SECOND)).map_err(|_| Errno::EINVAL)?;
        let rest = rest.try_into().map_err(|_| Errno::EINVAL)?;
        clock_settime(
            ClockId::CLOCK_REALTIME,
            TimeSpec::new(seconds.try_into().map_err(|_| Errno::EINVAL)?, rest),
        )?;
        let after = i128_of(&clock_gettime(ClockId::CLOCK_REALTIME)?);
        let passed = i128::try_from(stopwatch.elapsed().as_nanos()).unwrap_or(0);
        let error = after.saturating_sub(target).saturating_sub(passed).unsigned_abs();
        if error > TOLERANCE.as_nanos() {
            return Err(io::Error::other("the clock does not show the time that was set"));
        }
        Ok(())
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

fn i128_of(time: &TimeSpec) -> i128 {
    i128::from(time.tv_sec()) * SECOND + i128::from(time.tv_nsec())
}
