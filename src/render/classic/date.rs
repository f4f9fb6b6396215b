//! Timestamps in hexadecimal and as dates.

use crate::wire::timestamp::{NtpTimestamp, nearest_unix_seconds};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Formats a timestamp, in the era that brings it nearest to `now`:
/// `eeaae8a0.f2a46be8  Fri, Nov 20 2026 15:41:20.947`, or `(no time)`.
pub fn date(stamp: NtpTimestamp, now: jiff::Timestamp, time_zone: &jiff::tz::TimeZone) -> String {
    /// A millisecond in units of 2^-32 s, truncated to an integer.
    const MILLISECOND: u32 = 4_294_967;

    if stamp.is_zero() {
        return "(no time)".to_owned();
    }
    // Because the unit is truncated, the last fraction of a second rounds up to a whole one: it carries.
    let milliseconds = stamp.fraction() / MILLISECOND;
    let seconds = stamp.seconds().wrapping_add(milliseconds / 1000);
    let unix_seconds = nearest_unix_seconds(seconds, now.as_second());
    let hexadecimal = format!("{:08x}.{:08x}", stamp.seconds(), stamp.fraction());
    let Ok(time) = jiff::Timestamp::from_second(unix_seconds) else {
        return hexadecimal;
    };
    let date = time_zone.to_datetime(time);
    let weekday = match date.weekday() {
        jiff::civil::Weekday::Monday => "Mon",
        jiff::civil::Weekday::Tuesday => "Tue",
        jiff::civil::Weekday::Wednesday => "Wed",
        jiff::civil::Weekday::Thursday => "Thu",
        jiff::civil::Weekday::Friday => "Fri",
        jiff::civil::Weekday::Saturday => "Sat",
        jiff::civil::Weekday::Sunday => "Sun",
    };
    let month = usize::try_from(date.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!(
        "{hexadecimal}  {weekday}, {month} {:2} {:4} {:2}:{:02}:{:02}.{:03}",
        date.day(),
        date.year(),
        date.hour(),
        date.minute(),
        date.second(),
        milliseconds % 1000,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let now = "2026-11-21T00:00:00Z".parse().expect("a time");
        for (stamp, text) in [
            (0, "(no time)"),
            (0xeeaa_e8a0_f2a4_6be8, "eeaae8a0.f2a46be8  Fri, Nov 20 2026 15:41:20.947"),
            (0xee6b_27ff_8000_0000, "ee6b27ff.80000000  Sat, Oct  3 2026  7:06:39.500"),
            (0x0000_0001_0000_0000, "00000001.00000000  Thu, Feb  7 2036  6:28:17.000"),
            (0x8000_0000_0000_0000, "80000000.00000000  Sat, Jan 20 1968  3:14:08.000"),
            (0x7fff_ffff_ffff_ffff, "7fffffff.ffffffff  Sat, Jan 20 1968  3:14:08.000"),
            (0xffff_ffff_ffff_ffff, "ffffffff.ffffffff  Thu, Feb  7 2036  6:28:16.000"),
        ] {
            assert_eq!(date(NtpTimestamp(stamp), now, &jiff::tz::TimeZone::UTC), text);
        }
    }

    #[test]
    fn the_zone_moves_the_date() {
        let now = "2026-11-21T00:00:00Z".parse().expect("a time");
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
        let stamp = NtpTimestamp(0xeeaa_e8a0_f2a4_6be8);
        assert_eq!(date(stamp, now, &zone), "eeaae8a0.f2a46be8  Sat, Nov 21 2026  0:41:20.947");
    }
}
