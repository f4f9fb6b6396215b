//! Ages and poll intervals in four characters.

use std::borrow::Cow;

/// Formats an interval in seconds: `-`, `2048`, `300m`, `96h`, `999d`, `999y`, `INF`.
pub fn interval(seconds: i64) -> Cow<'static, str> {
    if seconds <= 0 {
        return "-".into();
    }
    if seconds <= 2048 {
        return seconds.to_string().into();
    }
    let minutes = seconds.saturating_add(29) / 60;
    if minutes <= 300 {
        return format!("{minutes}m").into();
    }
    let hours = (minutes + 29) / 60;
    if hours <= 96 {
        return format!("{hours}h").into();
    }
    let days = (hours + 11) / 24;
    if days <= 999 {
        return format!("{days}d").into();
    }
    // Years of 365.25 days, to the nearest.
    let years = (days.saturating_mul(4) * 2 + 1461) / 2922;
    if years <= 999 { format!("{years}y").into() } else { "INF".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        const DAY: i64 = 86400;
        for (seconds, text) in [
            (-5, "-"),
            (0, "-"),
            (1, "1"),
            (2048, "2048"),
            (2049, "34m"),
            (2100, "35m"),
            (17970, "299m"),
            (18000, "300m"),
            (18001, "300m"),
            (18040, "5h"),
            (20000, "6h"),
            (300_000, "83h"),
            (345_600, "96h"),
            (345_700, "96h"),
            (350_000, "4d"),
            (400_000, "5d"),
            (100 * DAY, "100d"),
            (999 * DAY, "999d"),
            (1100 * DAY, "3y"),
            (3000 * DAY, "8y"),
            (i64::from(u32::MAX), "136y"),
            (365_000 * DAY, "999y"),
            (366_000 * DAY, "INF"),
            (i64::MAX, "INF"),
        ] {
            assert_eq!(interval(seconds), text, "{seconds}");
        }
    }
}
