//! Numbers in the format of C's `%g`.

/// Formats six significant digits, without trailing zeros; with an exponent if the number is below 0.0001 or has more
/// than six digits before the point.
pub fn general(value: f64) -> String {
    significant(value, 6)
}

/// The same with this many significant digits, e.g. ten for `%.10g`.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".to_owned() } else { value.to_string() };
    }
    // The exponent after rounding.
    let places = usize::try_from(digits - 1).unwrap_or(0);
    let scientific = format!("{value:.places$e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..digits).contains(&exponent) {
        let decimals = usize::try_from(digits - 1 - exponent).unwrap_or(0);
        return trimmed(&format!("{value:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(mantissa), exponent.unsigned_abs())
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::{general, significant};

    #[test]
    fn as_the_c_library_writes_them() {
        for (value, text) in [
            (0.0, "0"),
            (16.0, "16"),
            (-1.2345e-5, "-1.2345e-05"),
            (-0.012_345, "-0.012345"),
            (0.0005, "0.0005"),
            (1e-6, "1e-06"),
            (7.7e-8, "7.7e-08"),
            (0.001, "0.001"),
            (123_456.7, "123457"),
            (999_999.6, "1e+06"),
            (2_147.483_648, "2147.48"),
            (0.000_099_999_96, "0.0001"),
        ] {
            assert_eq!(general(value), text);
        }
    }

    #[test]
    fn with_ten_digits() {
        for (value, text) in [
            (-1.817_941_666_4e-6, "-1.817941666e-06"),
            (0.0, "0"),
            (2.0, "2"),
            (-0.25, "-0.25"),
            (1e10, "1e+10"),
        ] {
            assert_eq!(significant(value, 10), text);
        }
    }
}
