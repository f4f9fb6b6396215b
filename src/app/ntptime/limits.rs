//! The limits of the kernel. It silently clips or ignores values beyond them.

use crate::clock::kernel::{Adjustment, KernelState, Modes, Status};
use anyhow::{anyhow, bail};
use std::ops::RangeInclusive;

/// The largest offset that the kernel slews, in nanoseconds.
const MAXIMUM_PHASE: i64 = 500_000_000;
/// The largest value of both errors, in microseconds.
const MAXIMUM_ERROR: i64 = 16_000_000;
/// The largest frequency correction, in parts per million.
const MAXIMUM_FREQUENCY: i64 = 500;
/// The largest time constant, and the amount that the kernel adds to one given for microseconds.
const MAXIMUM_CONSTANT: i64 = 10;
const CONSTANT_SHIFT: i64 = 4;
/// The largest offset of TAI from UTC that it accepts, in seconds.
const MAXIMUM_TAI: i64 = 100_000;

/// Whether the kernel accepts this change unmodified.
///
/// # Errors
/// The option whose value it would clip or ignore, and the accepted range.
pub fn check(change: &Adjustment, state: &KernelState) -> anyhow::Result<()> {
    let asks = |modes: Modes| change.modes.0 & modes.0 != 0;
    let nano = !asks(Modes::MICROSECONDS)
        && (asks(Modes::NANOSECONDS) || state.status.contains(Status::NANOSECONDS));
    let within = |option: char, value: i64, range: RangeInclusive<i64>, unit: &str| {
        if range.contains(&value) {
            return Ok(());
        }
        Err(anyhow!("-{option}: {value} is not between {} and {}{unit}", range.start(), range.end()))
    };
    if asks(Modes::FREQUENCY) {
        let most = MAXIMUM_FREQUENCY << 16;
        if !(-most..=most).contains(&change.frequency) {
            bail!("-f: not between -{MAXIMUM_FREQUENCY} and {MAXIMUM_FREQUENCY} ppm");
        }
    }
    if asks(Modes::MAXIMUM_ERROR) {
        within('m', change.maximum_error, 0..=MAXIMUM_ERROR, " us")?;
    }
    if asks(Modes::ESTIMATED_ERROR) {
        within('e', change.estimated_error, 0..=MAXIMUM_ERROR, " us")?;
    }
    if asks(Modes::OFFSET) {
        let (most, unit) = if nano {
            (MAXIMUM_PHASE, " ns; next: ntpdate SERVER steps larger offsets")
        } else {
            (MAXIMUM_PHASE / 1000, " us; next: ntpdate SERVER steps larger offsets")
        };
        within('o', change.offset, -most..=most, unit)?;
    }
    if asks(Modes::TAI) {
        within('T', change.constant, 0..=MAXIMUM_TAI, " s")?;
    } else if asks(Modes::TIME_CONSTANT) {
        let (most, unit) = if nano {
            (MAXIMUM_CONSTANT, "")
        } else {
            (MAXIMUM_CONSTANT - CONSTANT_SHIFT, " (10 with -N, where the kernel counts in nanoseconds)")
        };
        within('t', change.constant, 0..=most, unit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_would_clip_is_refused() {
        let micro = KernelState::default();
        let nano = KernelState { status: Status::NANOSECONDS, ..micro };
        let constant = |constant, modes: Modes| Adjustment {
            modes: modes.with(Modes::TIME_CONSTANT),
            constant,
            ..Adjustment::default()
        };
        for (change, state, is_taken) in [
            (constant(6, Modes(0)), micro, true),
            (constant(7, Modes(0)), micro, false),
            (constant(7, Modes::NANOSECONDS), micro, true),
            (constant(10, Modes(0)), nano, true),
            (constant(11, Modes(0)), nano, false),
            (constant(10, Modes::MICROSECONDS), nano, false),
            (constant(-1, Modes(0)), nano, false),
        ] {
            assert_eq!(check(&change, &state).is_ok(), is_taken, "{change:?} {:?}", state.status);
        }
        let offset = |offset| Adjustment { modes: Modes::OFFSET, offset, ..Adjustment::default() };
        assert!(check(&offset(-500_000), &micro).is_ok() && check(&offset(-500_001), &micro).is_err());
        assert!(check(&offset(500_000_000), &nano).is_ok() && check(&offset(500_000_001), &nano).is_err());
        let frequency =
            |ppm: i64| Adjustment { modes: Modes::FREQUENCY, frequency: ppm << 16, ..Adjustment::default() };
        assert!(check(&frequency(-500), &micro).is_ok() && check(&frequency(501), &micro).is_err());
        let tai = |constant| Adjustment { modes: Modes::TAI, constant, ..Adjustment::default() };
        assert!(check(&tai(37), &micro).is_ok() && check(&tai(-1), &micro).is_err());
        for modes in [Modes::MAXIMUM_ERROR, Modes::ESTIMATED_ERROR] {
            let error = |value| Adjustment {
                modes,
                maximum_error: value,
                estimated_error: value,
                ..Adjustment::default()
            };
            assert!(check(&error(16_000_000), &micro).is_ok() && check(&error(16_000_001), &micro).is_err());
            assert!(check(&error(-1), &micro).is_err());
        }
    }
}
