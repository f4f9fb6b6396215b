//! NTPsec's table for the command `mrulist`: with scores and dropped packets, and short intervals to the hundredth or
//! thousandth.

use std::fmt::Write as _;
use std::time::Duration;

use crate::model::mru::{RestrictionNumbering, network_address};
use crate::render::classic::HostNames;
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;

/// The two lines above the rows.
pub const HEADING: &str = " lstint avgint rstr r m v  count    score   drop rport remote address\n\
    =====================================================================\n";

/// Appends a row, as of this time of the daemon's clock.
pub fn append_row(
    lines: &mut String,
    entry: &MruEntry,
    now: NtpTimestamp,
    numbering: RestrictionNumbering,
    names: &HostNames<'_>,
) {
    let rate = match entry.restrictions {
        bits if bits & numbering.kiss_of_death() != 0 => 'K',
        bits if bits & numbering.limited() != 0 => 'L',
        _ => '.',
    };
    // A sum, because it avoids negative zero.
    let last = (seconds(now, now) - seconds(entry.last, now) + 0.5).trunc() + 0.0;
    // Writing to a String cannot fail.
    let _ = write!(
        lines,
        "{last:7.0} {} {:4x} {rate} {} {} {:6} {:>8} {:>6} {:5} ",
        average(entry),
        entry.restrictions,
        entry.mode(),
        entry.version(),
        entry.count,
        score(entry),
        entry.dropped.count().map_or_else(|| "-".to_owned(), |dropped| format!("{dropped:4}")),
        entry.port,
    );
    let address = network_address(entry);
    let _ = match names {
        HostNames::Numeric => writeln!(lines, "{address}"),
        HostNames::Named(_) => writeln!(lines, "{}", names.host(&address)),
    };
}

/// The footer below the rows: how many there were, how many were updates, and the time and memory (in KiB) it took to
/// read and print them.
pub fn footing(rows: Option<(u64, Duration)>, all_rows: u64, printed: Duration, memory: u64) -> String {
    let collected = rows.map_or_else(String::new, |(rows, read)| {
        format!("# Collected {rows} slots in {:.3} seconds\n", read.as_secs_f64())
    });
    let printed = printed.as_secs_f64();
    format!(
        "{collected}# Processed {all_rows} slots in {printed:.3} seconds\n# Used {} megabytes of memory\n",
        memory / 1024
    )
}

/// Seconds between two packets; n packets have n - 1 intervals.
fn average(entry: &MruEntry) -> String {
    let intervals = entry.count.saturating_sub(1);
    let active = seconds(entry.last, entry.last) - seconds(entry.first, entry.last);
    let average = if intervals == 0 { 0.0 } else { active / f64::from(intervals) };
    if average > 5.0 || intervals == 0 {
        format!("{:6.0}", (average + 0.5).trunc())
    } else if average >= 1.0 {
        format!("{average:6.2}")
    } else {
        format!("{average:6.3}")
    }
}

/// Formats the score in eight columns; zero means no score.
fn score(entry: &MruEntry) -> String {
    let Some(thousandths @ 1..) = entry.score.thousandths() else { return "-".to_owned() };
    let score = f64::from(thousandths) / 1000.0;
    let decimals = match score {
        _ if score > 100_000.0 => 1,
        _ if score > 10_000.0 => 2,
        _ => 3,
    };
    format!("{score:8.decimals$}")
}

/// Seconds since 1970 as a floating-point number, to round like NTPsec, in the era that brings the timestamp nearest to
/// `pivot`.
#[expect(clippy::cast_precision_loss, reason = "the original's")]
fn seconds(stamp: NtpTimestamp, pivot: NtpTimestamp) -> f64 {
    let pivot = pivot.unix_seconds(0);
    stamp.unix_seconds(pivot) as f64 + f64::from(stamp.fraction()) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::mru::{Dropped, Score};

    fn row(count: u32, active: f64, score: Option<u32>, dropped: Option<u32>) -> String {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
        let last = NtpTimestamp((100 << 32) + (active * 4_294_967_296.0) as u64);
        let entry = MruEntry {
            last,
            first: NtpTimestamp(100 << 32),
            count,
            scope: 0,
            port: 40467,
            restrictions: 0x420,
            address: "2001:db8::11".parse().unwrap(),
            mode_version: 36,
            score: score.map_or_else(Score::default, Score::of_thousandths),
            dropped: dropped.map_or_else(Dropped::default, Dropped::of),
        };
        let now = NtpTimestamp(last.0 + (6 << 32) + (1 << 31));
        let mut line = String::new();
        append_row(&mut line, &entry, now, RestrictionNumbering::Former, &HostNames::Numeric);
        line
    }

    #[test]
    fn rows_as_ntpsec_prints_them() {
        for (line, expected) in [
            (
                row(123, 259.86, Some(5131), Some(0)),
                "      7   2.13  420 K 4 4    123    5.131      0 40467 2001:db8::11\n",
            ),
            (
                row(25, 312.0, Some(91), Some(12)),
                "      7     13  420 K 4 4     25    0.091     12 40467 2001:db8::11\n",
            ),
            (
                row(1, 9.0, None, None),
                "      7      0  420 K 4 4      1        -      - 40467 2001:db8::11\n",
            ),
            (
                row(2, 0.5, Some(0), Some(12_345)),
                "      7  0.500  420 K 4 4      2        -  12345 40467 2001:db8::11\n",
            ),
            (
                row(2, 5.0, Some(12_345_678), None),
                "      7   5.00  420 K 4 4      2 12345.68      - 40467 2001:db8::11\n",
            ),
            (
                row(2, 5.5, Some(123_456_789), None),
                "      7      6  420 K 4 4      2 123456.8      - 40467 2001:db8::11\n",
            ),
        ] {
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn the_intervals_cross_the_end_of_an_era() {
        let entry = MruEntry {
            last: NtpTimestamp(2 << 32),
            first: NtpTimestamp(0xffff_fffe << 32),
            count: 2,
            scope: 0,
            port: 123,
            restrictions: 0,
            address: "192.0.2.1".parse().unwrap(),
            mode_version: 36,
            score: Score::default(),
            dropped: Dropped::default(),
        };
        let mut line = String::new();
        append_row(
            &mut line,
            &entry,
            NtpTimestamp(12 << 32),
            RestrictionNumbering::Former,
            &HostNames::Numeric,
        );
        assert!(line.starts_with("     10   4.00 "), "{line}");
        line.clear();
        let before = MruEntry { last: entry.first, ..entry };
        append_row(
            &mut line,
            &before,
            NtpTimestamp(12 << 32),
            RestrictionNumbering::Former,
            &HostNames::Numeric,
        );
        assert!(line.starts_with("     14  0.000 "), "{line}");
    }

    #[test]
    fn the_heading_is_underlined() {
        let lines: Vec<&str> = HEADING.lines().collect();
        assert!(matches!(lines[..], [names, line] if line == "=".repeat(names.len())), "{HEADING}");
    }

    #[test]
    fn the_footer() {
        let times = |rows| footing(rows, 8, Duration::from_millis(14), 23_999);
        let tail = "# Processed 8 slots in 0.014 seconds\n# Used 23 megabytes of memory\n";
        let collected = "# Collected 8 slots in 0.002 seconds\n";
        assert_eq!(times(Some((8, Duration::from_millis(2)))), format!("{collected}{tail}"));
        assert_eq!(times(None), tail);
    }
}
