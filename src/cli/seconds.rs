//! Durations as option values: a decimal number of seconds.

use std::ops::RangeInclusive;
use std::time::Duration;
use thiserror::Error;

/// Any duration.
pub const ANY: RangeInclusive<Duration> = Duration::ZERO..=Duration::MAX;

/// Why a text is not a valid duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SecondsError {
    /// Not a decimal number.
    #[error("not a number of seconds")]
    NotANumber,
    /// Negative, infinite, or outside the option's range.
    #[error("out of range")]
    OutOfRange,
}

/// Parses a number of seconds within a range.
///
/// # Errors
/// [`SecondsError`].
pub fn parse(text: &str, range: RangeInclusive<Duration>) -> Result<Duration, SecondsError> {
    let seconds: f64 = text.parse().map_err(|_| SecondsError::NotANumber)?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| range.contains(duration))
        .ok_or(SecondsError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_within_the_range_are_accepted() {
        let range = Duration::from_millis(1)..=Duration::from_secs(9);
        assert_eq!(parse("1.5", range.clone()), Ok(Duration::from_millis(1500)));
        for (text, error) in [
            ("", SecondsError::NotANumber),
            ("1s", SecondsError::NotANumber),
            ("-1", SecondsError::OutOfRange),
            ("nan", SecondsError::OutOfRange),
            ("inf", SecondsError::OutOfRange),
            ("0", SecondsError::OutOfRange),
            ("9.1", SecondsError::OutOfRange),
        ] {
            assert_eq!(parse(text, range.clone()), Err(error), "{text}");
        }
        assert_eq!(parse("0", ANY), Ok(Duration::ZERO));
    }
}
