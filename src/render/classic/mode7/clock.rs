//! `clockstat` and `clkbug`.

use crate::compat::Quirk;
use crate::model::mode7::type_name;
use crate::render::classic::Style;
use crate::render::classic::escape::escape;
use crate::render::classic::fixed::signed;
use crate::wire::mode7::clock::{ClockBug, ClockInfo};
use crate::wire::timestamp::NtpTimestamp;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::net::IpAddr;

/// The paragraph of `clockstat`.
pub fn clock(clock: &ClockInfo, style: &Style<'_>) -> String {
    let kind = match type_name(clock.kind) {
        Some(name) => format!("{name} ({})", clock.kind),
        None => format!("unknown type ({})", clock.kind),
    };
    let id = clock.reference_id;
    let id = if !style.dialect.keeps(Quirk::BINARY_CLOCK_IDS)
        && clock.stratum > 1
        && id.iter().any(|octet| !octet.is_ascii_graphic() && *octet != 0)
    {
        IpAddr::from(id).to_string()
    } else {
        escape(id.split(|&octet| octet == 0).next().unwrap_or_default())
    };
    let [first, second] = clock.fudge_times.map(|time| signed(time, 6, style.dialect));
    [
        format!("clock address:        {}\n", clock.address),
        format!("clock type:           {kind}\n"),
        format!("last event:           {}\n", clock.last_event),
        format!("current status:       {}\n", clock.status),
        format!("number of polls:      {}\n", clock.polls),
        format!("no response to poll:  {}\n", clock.no_response),
        format!("bad format responses: {}\n", clock.bad_format),
        format!("bad data responses:   {}\n", clock.bad_data),
        format!("running time:         {}\n", clock.running_time),
        format!("fudge time 1:         {first}\n"),
        format!("fudge time 2:         {second}\n"),
        format!("stratum:              {}\n", clock.stratum),
        format!("reference ID:         {id}\n"),
        format!("fudge flags:          0x{:x}\n", clock.flags),
    ]
    .concat()
}

/// The paragraph of `clkbug`.
pub fn clock_bug(bug: &ClockBug, style: &Style<'_>) -> String {
    let mut text = format!("clock address:        {}\n", bug.address);
    let [values, times] = if style.dialect.keeps(Quirk::CLAIMED_CLOCK_VALUES) {
        bug.claimed.map(usize::from)
    } else {
        [bug.values.len(), bug.times.len()]
    };
    text += &format!("values: {values}\n");
    for row in bug.values.chunks(4) {
        for (value, is_signed) in row {
            // The classic program ignores the sign of all numbers.
            let is_signed = *is_signed && !style.dialect.keeps(Quirk::UNSIGNED_MODE7_NUMBERS);
            text += &if is_signed { format!("{:12}", value.cast_signed()) } else { format!("{value:12}") };
        }
        text.push('\n');
    }
    text += &format!("times: {times}\n");
    for row in bug.times.chunks(2) {
        let cell = |&(time, is_difference): &(u64, bool)| {
            if is_difference {
                (format!("{:>17}", signed(time.cast_signed(), 6, style.dialect)), 22)
            } else {
                (moment(time), 2)
            }
        };
        let mut cells = row.iter().map(cell).peekable();
        while let Some((cell, gap)) = cells.next() {
            text += &cell;
            text += &" ".repeat(if cells.peek().is_some() { gap } else { 0 });
        }
        text.push('\n');
    }
    text
}

/// Formats the seconds of a timestamp within its era, followed by its two-digit year, the number of complete days in
/// that year, and its time of day, for times between 1970 and 2106.
fn moment(stamp: u64) -> String {
    const MICROSECONDS: u128 = 1_000_000;
    const MILLISECONDS: u64 = 1000;
    let microseconds = (u128::from(stamp) * MICROSECONDS + (1 << 31)) >> 32;
    let decimal = format!("{}.{:06}", microseconds / MICROSECONDS, microseconds % MICROSECONDS);
    let stamp = NtpTimestamp(stamp);
    let milliseconds = u64::from(stamp.fraction()) / (u64::from(u32::MAX) / MILLISECONDS);
    if stamp.seconds() == 0 {
        return format!("{decimal:>17} 00:000:00:00:00.{milliseconds:03}");
    }
    let middle = Timestamp::new(1 << 31, 0).unwrap_or_default();
    let time = stamp.to_timestamp(middle).to_zoned(TimeZone::UTC);
    format!(
        "{decimal:>17} {:02}:{:03}:{:02}:{:02}:{:02}.{milliseconds:03}",
        time.year() % 100,
        time.day_of_year() - 1,
        time.hour(),
        time.minute(),
        time.second(),
    )
}
