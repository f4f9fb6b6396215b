//! 32.32 fixed-point seconds as decimal milliseconds or seconds.

use crate::compat::{Dialect, Quirk};

/// How the sign is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// Always, `+` or `-`.
    Always,
    /// Only `-`.
    Negative,
    /// Never: a negative value appears as the unsigned number with the same bits.
    Never,
}

/// Formats an offset; the classic dialect always shows the sign.
pub fn offset(fixed_seconds: i64, decimals: u32, dialect: Dialect) -> String {
    text(
        fixed_seconds,
        decimals,
        if dialect.keeps(Quirk::SIGNED_OFFSETS) { Sign::Always } else { Sign::Negative },
    )
}

/// Formats a delay, dispersion or jitter; the classic dialect treats the value as unsigned.
pub fn interval(fixed_seconds: i64, decimals: u32, dialect: Dialect) -> String {
    text(
        fixed_seconds,
        decimals,
        if dialect.keeps(Quirk::UNSIGNED_INTERVALS) { Sign::Never } else { Sign::Negative },
    )
}

/// Formats seconds (or any other unit) in that unit; the classic dialect always shows the sign.
pub fn signed(fixed: i64, decimals: u32, dialect: Dialect) -> String {
    decimal(
        fixed,
        decimals,
        if dialect.keeps(Quirk::SIGNED_OFFSETS) { Sign::Always } else { Sign::Negative },
        1,
    )
}

/// The same with a sign only if it is negative.
pub fn plain(fixed: i64, decimals: u32) -> String {
    decimal(fixed, decimals, Sign::Negative, 1)
}

fn text(fixed_seconds: i64, decimals: u32, sign: Sign) -> String {
    decimal(fixed_seconds, decimals, sign, 1000)
}

fn decimal(fixed_seconds: i64, decimals: u32, sign: Sign, factor: u128) -> String {
    let (magnitude, sign) = match sign {
        Sign::Never => (fixed_seconds.cast_unsigned(), ""),
        _ if fixed_seconds < 0 => (fixed_seconds.unsigned_abs(), "-"),
        Sign::Always => (fixed_seconds.unsigned_abs(), "+"),
        Sign::Negative => (fixed_seconds.unsigned_abs(), ""),
    };
    let scale = 10_u128.saturating_pow(decimals);
    // Half a unit of the last place rounds up.
    let units = (u128::from(magnitude).saturating_mul(scale.saturating_mul(factor)) + (1 << 31)) >> 32;
    let width = decimals as usize;
    match decimals {
        0 => format!("{sign}{units}"),
        _ => format!("{sign}{}.{:0width$}", units / scale, units % scale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::number::parse_milliseconds;

    fn both(text: &str, decimals: u32, dialect: Dialect) -> [String; 2] {
        let fixed = parse_milliseconds(text.as_bytes()).expect("a number");
        [interval(fixed, decimals, dialect), offset(fixed, decimals, dialect)]
    }

    #[test]
    fn two_decimals() {
        for (value, interval, offset) in [
            ("0", "0.00", "+0.00"),
            (".5", "0.50", "+0.50"),
            ("-0.5", "4294967295999.50", "-0.50"),
            ("12.3456789", "12.35", "+12.35"),
            ("12345678", "12345678.00", "+12345678.00"),
            ("-12345.678", "4294967283654.32", "-12345.68"),
            ("0.005", "0.01", "+0.01"),
            ("0.004999", "0.00", "+0.00"),
            ("-0.004", "4294967296000.00", "-0.00"),
            ("-0.005", "4294967295999.99", "-0.01"),
            ("99999.999", "100000.00", "+100000.00"),
            ("0.0149999", "0.01", "+0.01"),
        ] {
            assert_eq!(both(value, 2, Dialect::Classic), [interval, offset], "{value}");
        }
    }

    #[test]
    fn three_decimals_and_the_unsigned_dialect() {
        assert_eq!(both("1.234", 3, Dialect::Classic), ["1.234", "+1.234"]);
        assert_eq!(both("1.234", 3, Dialect::Native), ["1.234", "1.234"]);
        assert_eq!(both("-1.5", 3, Dialect::Native), ["-1.500", "-1.500"]);
        assert_eq!(both("0.0005", 3, Dialect::Classic), ["0.000", "+0.000"]);
        assert_eq!(both("-999.9995", 3, Dialect::Native), ["-1000.000", "-1000.000"]);
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!(interval(-1, 0, Dialect::Classic), "4294967296000");
        assert_eq!(offset(i64::MIN, 0, Dialect::Classic), "-2147483648000");
        assert_eq!(interval(i64::MIN, 3, Dialect::Native), "-2147483648000.000");
    }
}
