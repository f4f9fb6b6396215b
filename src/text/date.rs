//! Dates and times of day as programs print them: a fifth of the code of a general formatter, and without its errors.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A time as date and time of day in UTC.
pub fn utc(time: Timestamp) -> DateTime {
    Offset::UTC.to_datetime(time)
}

/// The time of day: `07:05:09`.
pub fn clock(time: DateTime) -> String {
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// The time of day with microseconds: `07:05:09.000250`.
pub fn precise_clock(time: DateTime) -> String {
    format!("{}.{:06}", clock(time), time.subsec_nanosecond() / 1000)
}

/// As RFC 3339 writes it: `2026-11-03T07:05:09Z`.
pub fn rfc3339(time: Timestamp) -> String {
    let time = utc(time);
    format!("{}T{}Z", time.date(), clock(time))
}

/// Month and day, as in the system log: `Nov  3`.
pub fn month_and_day(time: DateTime) -> String {
    format!("{} {:2}", month(time), time.day())
}

/// Day and month, as in the classic programs' messages: ` 3 Nov`.
pub fn day_and_month(time: DateTime) -> String {
    format!("{:2} {}", time.day(), month(time))
}

/// As C's `ctime` writes it: `Tue Nov  3 07:05:09 2026`.
pub fn ctime(time: DateTime) -> String {
    let weekday = usize::try_from(time.weekday().to_monday_zero_offset()).unwrap_or_default();
    let weekday = WEEKDAYS.get(weekday).copied().unwrap_or_default();
    format!("{weekday} {} {} {}", month_and_day(time), clock(time), time.year())
}

fn month(time: DateTime) -> &'static str {
    usize::try_from(time.month() - 1).ok().and_then(|place| MONTHS.get(place)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_time_is_written_as_a_general_formatter_writes_it(
            // From 1900 to the end of NTP's second era.
            seconds in -2_208_988_800_i64..6_380_000_000,
            nanoseconds in 0..1_000_000_000,
        ) {
            let time = Timestamp::new(seconds.max(0), nanoseconds).unwrap();
            prop_assert_eq!(rfc3339(time), time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            for time in [utc(time), utc(Timestamp::from_second(seconds).unwrap())] {
                prop_assert_eq!(clock(time), time.strftime("%H:%M:%S").to_string());
                prop_assert_eq!(precise_clock(time), time.strftime("%H:%M:%S.%6f").to_string());
                prop_assert_eq!(month_and_day(time), time.strftime("%b %e").to_string());
                prop_assert_eq!(day_and_month(time), time.strftime("%e %b").to_string());
                prop_assert_eq!(ctime(time), time.strftime("%a %b %e %H:%M:%S %Y").to_string());
                prop_assert_eq!(time.date().to_string(), time.strftime("%Y-%m-%d").to_string());
            }
        }
    }
}
