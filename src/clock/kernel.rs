//! The kernel's clock discipline: reading its state, and changing it (`adjtimex`, RFC 5905 appendix, "kernel
//! model"). The only file with `unsafe` code: no library exposes the whole of the system call.

#![expect(unsafe_code, reason = "adjtimex is only to be had as a C function")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// The fields of an [`Adjustment`] that the kernel applies, as a set of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modes(pub u32);

impl Modes {
    /// The offset to be slewed.
    pub const OFFSET: Self = Self(0x1);
    /// The frequency.
    pub const FREQUENCY: Self = Self(0x2);
    /// The maximum error.
    pub const MAXIMUM_ERROR: Self = Self(0x4);
    /// The estimated error.
    pub const ESTIMATED_ERROR: Self = Self(0x8);
    /// The status bits.
    pub const STATUS: Self = Self(0x10);
    /// The time constant.
    pub const TIME_CONSTANT: Self = Self(0x20);
    /// The offset of TAI from UTC, passed in the field of the time constant.
    pub const TAI: Self = Self(0x80);
    /// A single offset in microseconds to be slewed at 500 parts per million (`adjtime`).
    pub const SLEW: Self = Self(0x8001);
    /// Changes nothing; the offset reports what remains to be slewed.
    pub const SLEW_REMAINING: Self = Self(0xa001);
    /// Switches to microseconds.
    pub const MICROSECONDS: Self = Self(0x1000);
    /// Switches to nanoseconds.
    pub const NANOSECONDS: Self = Self(0x2000);

    /// Whether nothing is changed.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds these bits.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Removes these bits.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// The kernel's status bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status(pub i32);

impl Status {
    /// A daemon disciplines the clock.
    pub const PHASE_LOCKED: Self = Self(0x1);
    /// The clock is not synchronised.
    pub const UNSYNCHRONIZED: Self = Self(0x40);
    /// Times are nanoseconds, not microseconds.
    pub const NANOSECONDS: Self = Self(0x2000);

    /// Whether all of these bits are set.
    pub fn contains(self, bits: Self) -> bool {
        self.0 & bits.0 == bits.0
    }
}

/// A change of the kernel's clock discipline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adjustment {
    /// The fields to change.
    pub modes: Modes,
    /// Offset, in nanoseconds if the status says so, else in microseconds.
    pub offset: i64,
    /// Frequency in 2^-16 parts per million.
    pub frequency: i64,
    /// Maximum error in microseconds.
    pub maximum_error: i64,
    /// Estimated error in microseconds.
    pub estimated_error: i64,
    /// Status bits.
    pub status: Status,
    /// log2 of the time constant; with [`Modes::TAI`] the offset of TAI in seconds.
    pub constant: i64,
}

/// The state of the kernel's clock. Fields without a stated unit are in nanoseconds if the status says so, else in
/// microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelState {
    /// The clock state: 0 normal, 1 leap second to be inserted, 2 to be deleted, 3 in progress, 4 over, 5 not synchronised.
    pub code: i32,
    /// The modes as passed.
    pub modes: Modes,
    /// The offset that remains to be slewed.
    pub offset: i64,
    /// Frequency in 2^-16 parts per million.
    pub frequency: i64,
    /// Maximum error in microseconds.
    pub maximum_error: i64,
    /// Estimated error in microseconds.
    pub estimated_error: i64,
    /// Status bits.
    pub status: Status,
    /// log2 of the time constant.
    pub constant: i64,
    /// The precision of the clock.
    pub precision: i64,
    /// The largest frequency in 2^-16 parts per million.
    pub tolerance: i64,
    /// Whole seconds since 1970.
    pub seconds: i64,
    /// The fraction of the second.
    pub subseconds: i64,
    /// TAI minus UTC in seconds.
    pub tai: i32,
    /// The state of the pulse-per-second discipline.
    pub pps: PulseState,
}

/// The kernel's pulse-per-second discipline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PulseState {
    /// log2 of the calibration interval in seconds; 0 if the kernel has no such discipline.
    pub shift: i32,
    /// Frequency in 2^-16 parts per million.
    pub frequency: i64,
    /// Jitter.
    pub jitter: i64,
    /// Stability in 2^-16 parts per million.
    pub stability: i64,
    /// Calibration intervals.
    pub calibrations: i64,
    /// How often the jitter limit was exceeded.
    pub jitter_exceeded: i64,
    /// How often the stability limit was exceeded.
    pub stability_exceeded: i64,
    /// Calibration errors.
    pub errors: i64,
}

/// A clock discipline that can be read and changed.
pub trait KernelClock {
    /// Applies the adjustment and returns the resulting state; an empty adjustment only reads.
    ///
    /// # Errors
    /// The kernel's refusal, usually for lack of the privilege to set the clock.
    fn adjust(&self, adjustment: &Adjustment) -> io::Result<KernelState>;

    /// Reads the state.
    ///
    /// # Errors
    /// As [`KernelClock::adjust`]; some containers forbid even this.
    fn read(&self) -> io::Result<KernelState> {
        self.adjust(&Adjustment::default())
    }
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[allow(clippy::useless_conversion, reason = "where C's long has 32 bits these widen")]
impl KernelClock for SystemClock {
    fn adjust(&self, adjustment: &Adjustment) -> io::Result<KernelState> {
        // SAFETY: `timex` is a C structure of integers, for which all-zero bits are a valid value.
        let mut timex: libc::timex = unsafe { std::mem::zeroed() };
        timex.modes = adjustment.modes.0;
        timex.offset = narrowed(adjustment.offset);
        timex.freq = narrowed(adjustment.frequency);
        timex.maxerror = narrowed(adjustment.maximum_error);
        timex.esterror = narrowed(adjustment.estimated_error);
        timex.status = adjustment.status.0;
        timex.constant = narrowed(adjustment.constant);
        // SAFETY: the pointer is to an initialised `timex` that outlives the call, and the kernel writes nothing beyond it.
        let code = unsafe { libc::adjtimex(&raw mut timex) };
        if code < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(KernelState {
            code,
            modes: adjustment.modes,
            offset: timex.offset.into(),
            frequency: timex.freq.into(),
            maximum_error: timex.maxerror.into(),
            estimated_error: timex.esterror.into(),
            status: Status(timex.status),
            constant: timex.constant.into(),
            precision: timex.precision.into(),
            tolerance: timex.tolerance.into(),
            seconds: timex.time.tv_sec.into(),
            subseconds: timex.time.tv_usec.into(),
            tai: timex.tai,
            pps: PulseState {
                shift: timex.shift,
                frequency: timex.ppsfreq.into(),
                jitter: timex.jitter.into(),
                stability: timex.stabil.into(),
                calibrations: timex.calcnt.into(),
                jitter_exceeded: timex.jitcnt.into(),
                stability_exceeded: timex.stbcnt.into(),
                errors: timex.errcnt.into(),
            },
        })
    }
}

/// Converts a number to the C structure's type, saturating.
fn narrowed(number: i64) -> libc::c_long {
    libc::c_long::try_from(number).unwrap_or(if number < 0 { libc::c_long::MIN } else { libc::c_long::MAX })
}

/// The number of the request to set a hardware clock (`RTC_SET_TIME`); it differs on mips, powerpc and sparc.
const RTC_SET_TIME: libc::Ioctl =
    nix::request_code_write!(b'p', 0x0a, size_of::<HardwareTime>()) as libc::Ioctl;

/// The fields of a hardware clock, in the kernel's layout.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HardwareTime {
    /// 0 to 59.
    pub second: libc::c_int,
    /// 0 to 59.
    pub minute: libc::c_int,
    /// 0 to 23.
    pub hour: libc::c_int,
    /// 1 to 31.
    pub day: libc::c_int,
    /// 0 to 11.
    pub month: libc::c_int,
    /// Years since 1900.
    pub year: libc::c_int,
    /// Ignored by the kernel: day of the week, day of the year, daylight saving time.
    pub ignored: [libc::c_int; 3],
}

/// Sets the hardware clock that is open as this file.
///
/// # Errors
/// The kernel's refusal.
pub fn set_hardware_clock(device: &File, time: &HardwareTime) -> io::Result<()> {
    // SAFETY: the request reads nine integers through the pointer, which is to a structure of nine integers that outlives
    // the call; the descriptor stays open while the file is borrowed.
    let code = unsafe { libc::ioctl(device.as_raw_fd(), RTC_SET_TIME, std::ptr::from_ref(time)) };
    if code < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Raises the priority of this process, so that little time passes between reading the clock and setting it. Failure is
/// ignored.
pub fn hurry() {
    // SAFETY: the call takes three integers and touches no memory.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -12) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_number_depends_on_the_architecture() {
        let mips = cfg!(any(target_arch = "mips", target_arch = "mips64"));
        let other = mips
            || cfg!(any(target_arch = "powerpc", target_arch = "powerpc64"))
            || cfg!(any(target_arch = "sparc", target_arch = "sparc64"));
        let expected = if other { 0x8024_700a_u32 } else { 0x4024_700a };
        assert_eq!(format!("{RTC_SET_TIME:08x}"), format!("{expected:08x}"));
    }

    #[test]
    fn this_machines_clock_can_be_read() {
        let Ok(state) = SystemClock.read() else { return };
        let limit = if state.status.contains(Status::NANOSECONDS) { 1_000_000_000 } else { 1_000_000 };
        assert!((0..limit).contains(&state.subseconds));
        assert!((0..=5).contains(&state.code));
    }
}
