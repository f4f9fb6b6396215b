//! Setting this machine's clock: at once or slowly, and the hardware clock after it.

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
/// What `adjtime` of the C library takes at most: whole seconds.
const LONGEST_SLEW: i64 = 2145;
/// More than the kernel slews away at once, in microseconds: its share of a second.
const MOST_SLEWED: i64 = 1000;
/// In so much time the kernel slews one unit away, or less.
const SLEWING: u128 = 1000;
/// A second in nanoseconds.
const SECOND: i128 = 1_000_000_000;
/// A step has failed if the clock is further off than this afterwards.
const TOLERANCE: Duration = Duration::from_millis(100);

/// A clock that can be set.
pub trait SettableClock {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Notices from now on whether anybody sets the clock.
    fn watch(&self) -> Watch;

    /// Sets the clock ahead by this many nanoseconds, or back.
    ///
    /// # Errors
    /// The kernel's refusal, or that the clock does not show the new time.
    fn step(&self, nanoseconds: i128) -> io::Result<()>;

    /// Lets the clock gain this many microseconds at 500 parts per million, or lose them; gives what the kernel
    /// has taken.
    ///
    /// # Errors
    /// The kernel's refusal, also of what would take too long.
    fn slew(&self, microseconds: i64) -> io::Result<i64>;

    /// Lets this process go before others, if it may.
    fn hurry(&self);

    /// Whether somebody on this machine holds the port of NTP, as daemons that set the clock do.
    fn is_port_taken(&self) -> bool;

    /// What the kernel says of its clock.
    ///
    /// # Errors
    /// The kernel's refusal.
    fn kernel_state(&self) -> io::Result<KernelState>;

    /// Sets the hardware clock to these civil fields.
    ///
    /// # Errors
    /// There is no such device, or the kernel refuses.
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
        if microseconds.abs_diff(state.offset) > MOST_SLEWED.saturating_add(done).unsigned_abs() {
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
