//! Numbers with the units that suit them.

use crate::wire::chrony::Time;
use jiff::Timestamp;
use jiff::civil::Weekday;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = DAY * 365.0;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An age in four columns: `  12`, ` 20m`, `   -`.
pub(super) fn age(age: Option<u32>) -> String {
    match age {
        None => "   -".to_owned(),
        Some(seconds @ ..1200) => format!("{seconds:4}"),
        Some(seconds @ ..36_000) => format!("{:3}m", seconds / 60),
        Some(seconds @ ..345_600) => format!("{:3}h", seconds / 3600),
        Some(seconds) => match seconds / 86_400 {
            days @ 1000.. => format!("{:3}y", days / 365),
            days => format!("{days:3}d"),
        },
    }
}

/// An age in the CSV.
pub(super) fn whole_age(age: Option<u32>) -> u32 {
    age.unwrap_or(u32::MAX)
}

/// A time without its sign in six columns: `  12us`.
pub(super) fn interval(seconds: f64) -> String {
    let seconds = seconds.abs();
    let (value, digits, unit) = scaled(seconds, seconds);
    let width = if unit.len() == 2 { 4 } else { 5 };
    format!("{value:width$.digits$}{unit}")
}

/// A time with its sign in seven columns: `  +12us`.
pub(super) fn offset(seconds: f64) -> String {
    let (value, digits, unit) = scaled(seconds, seconds.abs());
    let width = if unit.len() == 2 { 5 } else { 6 };
    format!("{value:+width$.digits$}{unit}")
}

/// A time in the unit for its size, the digits after the point, and the unit.
fn scaled(seconds: f64, size: f64) -> (f64, usize, &'static str) {
    match size {
        ..9999.5e-9 => (seconds * 1e9, 0, "ns"),
        ..9999.5e-6 => (seconds * 1e6, 0, "us"),
        ..9999.5e-3 => (seconds * 1e3, 0, "ms"),
        ..999.5 => (seconds, 1, "s"),
        ..99_999.5 => (seconds, 0, "s"),
        size if size < 99_999.5 * MINUTE => (seconds / MINUTE, 0, "m"),
        size if size < 99_999.5 * HOUR => (seconds / HOUR, 0, "h"),
        size if size < 99_999.5 * HOUR * 24.0 => (seconds / DAY, 0, "d"),
        _ => (seconds / YEAR, 0, "y"),
    }
}

/// A frequency in ten columns.
pub(super) fn frequency(ppm: f64) -> String {
    if ppm.abs() < 99_999.5 { format!("{ppm:10.3}") } else { format!("{ppm:10.0}") }
}

/// A frequency with its sign in ten columns.
pub(super) fn signed_frequency(ppm: f64) -> String {
    if ppm.abs() < 99_999.5 { format!("{ppm:+10.3}") } else { format!("{ppm:+10.0}") }
}

/// The interval of a client in two columns: log2 of seconds.
pub(super) fn client_interval(exponent: i8) -> String {
    if exponent == i8::MAX { " -".to_owned() } else { format!("{exponent:2}") }
}

/// A time in UTC: `Sat Nov 28 21:48:24 2026`; nothing beyond the year 9999.
pub(super) fn date(time: Time) -> String {
    let Ok(stamp) = Timestamp::from_second(time.seconds) else { return String::new() };
    let date = jiff::tz::TimeZone::UTC.to_datetime(stamp);
    let weekday = match date.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    };
    let month = usize::try_from(date.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!(
        "{weekday} {month} {:02} {:02}:{:02}:{:02} {}",
        date.day(),
        date.hour(),
        date.minute(),
        date.second(),
        date.year()
    )
}

/// A time in the CSV: seconds since 1970.
pub(super) fn seconds(time: Time) -> String {
    format!("{}.{:09}", time.seconds, time.nanoseconds)
}
