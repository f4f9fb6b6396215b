//! The NTP era of a time. NTP timestamps wrap every 2^32 s; the build date of this program resolves the ambiguity.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The date of the build, or of the sources in a reproducible build: `2026-11-28`, or empty.
const BUILT: &str = env!("NTPKIT_DATE");
/// No build is older than this, whatever its date claims: 2026-01-01 in seconds since 1970.
const WRITTEN: i64 = 1_767_225_600;
/// A build date may lie ahead of the time of use, because clocks differ or dates are made up; the tolerance is a year.
const LEEWAY: i64 = 366 * 86_400;
/// A second in nanoseconds.
const SECOND: i128 = 1_000_000_000;
/// The length of an era, in 2^-32 s.
const ERA: i128 = 1 << 64;

/// An offset in the era in which it leads to a plausible time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfolded {
    /// In 2^-32 s.
    pub offset: i128,
    /// Whether the resulting time is plausible: not before this program was written.
    pub possible: bool,
}

/// The build time of this program, in seconds since 1970.
fn built() -> i64 {
    let date: Option<Date> = BUILT.parse().ok();
    let time = date
        .and_then(|date| TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok());
    time.map_or(WRITTEN, |time| time.as_second().max(WRITTEN))
}

/// Resolves an offset that is known only modulo an era, so that the resulting time is nearest to the build date: up to 68
/// years before or after it. The clock itself is no reference, because it is about to be set, and file times were written
/// by that clock. No true time lies before the build, with a year of tolerance.
pub fn unfold(now: Timestamp, offset: i64) -> Unfolded {
    unfold_at(now, offset, built())
}

fn unfold_at(now: Timestamp, offset: i64, built: i64) -> Unfolded {
    let fixed = |nanoseconds: i128| (nanoseconds << 32).div_euclid(SECOND);
    let now = fixed(now.as_nanosecond());
    let earliest = (i128::from(built) << 32) - ERA / 2;
    let time = earliest + (now + i128::from(offset) - earliest).rem_euclid(ERA);
    Unfolded { offset: time - now, possible: time >= i128::from((built - LEEWAY).max(WRITTEN)) << 32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-28.
    const BUILD: i64 = 1_795_824_000;

    #[test]
    fn an_offset_leads_to_the_time_nearest_to_the_build() {
        let unfolded = |now: i64, seconds: i64| {
            let wrapped = seconds.rem_euclid(1 << 32) << 32;
            let found = unfold_at(Timestamp::from_second(now).unwrap(), wrapped, BUILD);
            (i64::try_from(found.offset >> 32).unwrap(), found.possible)
        };
        for (now, offset, possible) in [
            (BUILD, 0, true),
            (BUILD, -86_400, true),
            (BUILD, 1_000_000_000, true),
            // A clock in 1970, or one before that, on a day of 2026 and in 2040.
            (0, BUILD, true),
            (60, 2_209_000_000, true),
            (-1_795_000_000, 2 * BUILD, true),
            // A clock more than half an era in the future does not attract the time.
            (BUILD + 4_000_000_000, -4_000_000_000, true),
            // No server can have a time in 1999 or 1969.
            (BUILD, -850_000_000, false),
            (BUILD, -BUILD - 60, false),
        ] {
            assert_eq!(unfolded(now, offset), (offset, possible), "{now}");
        }
    }

    #[test]
    fn the_build_has_a_date() {
        assert!(built() >= WRITTEN);
        assert!(unfold(Timestamp::from_second(built()).unwrap(), 0).possible);
        // Sources dated 1980 make no difference.
        let found = unfold_at(Timestamp::from_second(WRITTEN).unwrap(), -1 << 32, 315_532_800);
        assert!(!found.possible);
    }
}
