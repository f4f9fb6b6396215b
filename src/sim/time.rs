//! NTP time in the simulation.

use std::fmt;

/// A moment: seconds since 1900 in the high 32 bits, the fraction in the low 32 (RFC 5905 section 6). 0 means
/// "never".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// The unset time.
    pub const NEVER: Self = Self(0);

    /// Adds a number of seconds, which may be negative; wraps at the end of the era.
    #[must_use]
    pub fn plus_seconds(self, seconds: f64) -> Self {
        Self(self.0.wrapping_add_signed(fixed_point(seconds)))
    }

    /// The seconds from `earlier` to this moment.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        let span = self.0.wrapping_sub(earlier.0).cast_signed();
        precise(span) / FRACTION
    }

    /// Whether this moment is before another, across the end of the era if necessary.
    pub fn is_before(self, other: Self) -> bool {
        self.0.wrapping_sub(other.0).cast_signed() < 0
    }

    /// The whole seconds since 1900.
    pub fn whole_seconds(self) -> u32 {
        u32::try_from(self.0 >> 32).unwrap_or(u32::MAX)
    }
}

/// Formats the time as the daemons do: `0xeeab74ca.01f31536`.
impl fmt::Display for NtpTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:08x}.{:08x}", self.0 >> 32, self.0 & 0xffff_ffff)
    }
}

/// The number of fraction units in a second.
const FRACTION: f64 = 4_294_967_296.0;

#[expect(clippy::cast_possible_truncation, reason = "float to integer saturates, which serves here")]
fn fixed_point(seconds: f64) -> i64 {
    (seconds * FRACTION) as i64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a nanosecond of a year's span does not matter to a simulation"
)]
fn precise(span: i64) -> f64 {
    span as f64
}

/// Converts milliseconds to the short format: 16 bits of seconds, 16 bits of fraction (RFC 5905 section 6).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to integer saturates, which serves here"
)]
pub(super) fn short_format(milliseconds: f64) -> u32 {
    (milliseconds / 1000.0 * 65536.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_both_ways_and_around_the_era() {
        let start = NtpTime(0xffff_ffff_8000_0000);
        assert_eq!(start.plus_seconds(1.0), NtpTime(0x8000_0000));
        assert_eq!(start.plus_seconds(1.0).plus_seconds(-1.0), start);
        assert!((start.plus_seconds(2.5).seconds_since(start) - 2.5).abs() < 1e-9);
        assert_eq!(NtpTime(0xeeab_74ca_01f3_1536).to_string(), "0xeeab74ca.01f31536");
    }

    #[test]
    fn the_short_format_counts_in_sixteenths_of_bits() {
        assert_eq!(short_format(1000.0), 0x0001_0000);
        assert_eq!(short_format(-1.0), 0);
    }
}
