//! Timestamps of 64 bits (RFC 5905 section 6) and their notations.

use jiff::civil;

use super::number;

/// Seconds from 1900-01-01, the zero of NTP's first era, to 1970-01-01.
const UNIX_EPOCH: i64 = 2_208_988_800;

/// An NTP timestamp: 32 bits of seconds since 1900 modulo 2^32, 32 bits of fraction (RFC 5905 section
/// 6, "NTP Timestamp Format"). Zero means that there is no time.
///
/// Timestamps have no absolute order: the seconds start again from zero in 2036, so one is before another only within
/// half an era ([`NtpTimestamp::is_before`]).
///
/// ```
/// use ntpkit::wire::timestamp::NtpTimestamp;
///
/// let before = NtpTimestamp::new(u32::MAX, 0); // the last second of the era, in 2036
/// let after = NtpTimestamp::new(1, 0x8000_0000);
/// assert!(before.is_before(after));
/// assert_eq!(after.seconds_since(before), 2.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NtpTimestamp(pub u64);

impl NtpTimestamp {
    /// Creates a timestamp from the seconds of its era and a fraction in units of 2^-32 s.
    pub fn new(seconds: u32, fraction: u32) -> Self {
        Self((u64::from(seconds) << 32) | u64::from(fraction))
    }

    /// The seconds within the era.
    pub fn seconds(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The fraction of a second in units of 2^-32 s.
    pub fn fraction(self) -> u32 {
        (self.0 & 0xffff_ffff) as u32
    }

    /// The time from `earlier` to this timestamp in units of 2^-32 s. Negative if `earlier` is in fact later.
    ///
    /// The difference wraps with the era (RFC 5905 section 6): it is correct for timestamps less than 2^31 s apart,
    /// whatever their eras.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }

    /// [`NtpTimestamp::since`] in seconds.
    #[expect(clippy::cast_precision_loss, reason = "microseconds do not matter after years")]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.since(earlier) as f64 / 4_294_967_296.0
    }

    /// Whether this timestamp is earlier than `other`, also across the end of an era.
    pub fn is_before(self, other: Self) -> bool {
        self.since(other) < 0
    }

    /// Whether this means that there is no time.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The Unix time of the timestamp's whole seconds, in the era that brings it nearest to the Unix time `pivot`: from
    /// 2^31 s before to just under 2^31 s after it.
    pub fn unix_seconds(self, pivot: i64) -> i64 {
        nearest_unix_seconds(self.seconds(), pivot)
    }

    /// The date and time of the timestamp, in the era that brings it nearest to `pivot`.
    ///
    /// Saturates at the limits of [`jiff::Timestamp`].
    pub fn to_timestamp(self, pivot: jiff::Timestamp) -> jiff::Timestamp {
        let nanoseconds = ((u64::from(self.fraction()) * 1_000_000_000) >> 32) as i32;
        jiff::Timestamp::new(self.unix_seconds(pivot.as_second()), nanoseconds).unwrap_or(pivot)
    }

    /// Parses a timestamp in any notation: `0x` and two groups of eight hexadecimal digits with or without a point in
    /// between, the same without `0x` if the first is a letter, decimal seconds of the era, or the date `d-Mon-yyyy
    /// hh:mm:ss`, quoted or not. Anything after a blank is ignored.
    pub fn parse(text: &[u8]) -> Option<Self> {
        match text {
            [b'0', b'x' | b'X', digits @ ..] => Self::parse_hexadecimal(digits),
            [b'"', date @ ..] => Self::parse_date(date.split(|&byte| byte == b'"').next()?),
            [b'a'..=b'f' | b'A'..=b'F', ..] => Self::parse_hexadecimal(text),
            _ => number::parse_fixed(text).map(Self).or_else(|| Self::parse_date(text)),
        }
    }

    fn parse_hexadecimal(text: &[u8]) -> Option<Self> {
        let start = text.iter().take_while(|&&byte| number::is_blank(byte)).count();
        let (seconds, rest) = eight_hexadecimal_digits(text.get(start..)?)?;
        let (fraction, rest) = eight_hexadecimal_digits(rest.strip_prefix(b".").unwrap_or(rest))?;
        rest.first().is_none_or(|&byte| number::is_blank(byte)).then_some(Self::new(seconds, fraction))
    }

    /// Parses `d-Mon-yyyy hh:mm:ss` in UTC; a `-` in place of the date is not a time. Two-digit years are between 1972
    /// and 2071.
    fn parse_date(text: &[u8]) -> Option<Self> {
        if text.first() == Some(&b'-') {
            return Some(Self::default());
        }
        let (day, rest) = up_to_digits(text, 2)?;
        let (month, rest) = month(rest.strip_prefix(b"-")?)?;
        let (year, rest) = up_to_digits(rest.strip_prefix(b"-")?, 4)?;
        if year == 0 {
            return Some(Self::default());
        }
        let (hour, rest) = up_to_digits(rest.strip_prefix(b" ")?, 2)?;
        let (minute, rest) = up_to_digits(rest.strip_prefix(b":")?, 2)?;
        let (second, _) = up_to_digits(rest.strip_prefix(b":")?, 2)?;
        let year = match year {
            0..72 => year + 2000,
            72..100 => year + 1900,
            _ => year,
        };
        let small = |value: i16| i8::try_from(value).ok();
        let date = civil::DateTime::new(
            year,
            small(month)?,
            small(day)?,
            small(hour)?,
            small(minute)?,
            small(second)?,
            0,
        )
        .ok()?;
        let time = jiff::tz::TimeZone::UTC.to_timestamp(date).ok()?;
        Some(Self::from(time))
    }
}

impl From<jiff::Timestamp> for NtpTimestamp {
    fn from(time: jiff::Timestamp) -> Self {
        let nanoseconds = time.as_nanosecond().rem_euclid(1_000_000_000);
        let seconds = time.as_nanosecond().div_euclid(1_000_000_000) + i128::from(UNIX_EPOCH);
        // A timestamp does not include its era.
        Self::new(low_word(seconds), low_word((nanoseconds << 32) / 1_000_000_000))
    }
}

fn low_word(value: i128) -> u32 {
    let [.., a, b, c, d] = value.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// The Unix time of these seconds of an era, in the era that brings them nearest to `pivot`.
pub fn nearest_unix_seconds(seconds: u32, pivot: i64) -> i64 {
    let earliest = pivot.saturating_sub(1 << 31);
    let ahead = i64::from(seconds).wrapping_sub(UNIX_EPOCH).wrapping_sub(earliest).rem_euclid(1 << 32);
    earliest.saturating_add(ahead)
}

fn eight_hexadecimal_digits(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(8)?;
    let value =
        digits.iter().try_fold(0, |value: u32, &digit| Some(value << 4 | char::from(digit).to_digit(16)?))?;
    Some((value, rest))
}

/// Parses a number of one to `most` decimal digits.
fn up_to_digits(text: &[u8], most: usize) -> Option<(i16, &[u8])> {
    let count = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(count)?;
    let value = number::parse_decimal(digits)?;
    Some((i16::try_from(value).ok()?, rest))
}

fn month(text: &[u8]) -> Option<(i16, &[u8])> {
    const NAMES: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let (name, rest) = text.split_first_chunk::<3>()?;
    (1..).zip(NAMES).find(|(_, month)| *month == name).map(|(number, _)| (number, rest))
}

#[cfg(test)]
mod tests;
