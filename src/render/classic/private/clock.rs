//! `clockstat` and `clkbug`.

use crate::model::private::clock::{ClockBug, ClockInfo, type_name};
use crate::render::classic::Style;
use crate::render::classic::escape::escape;
use crate::render::classic::fixed::signed;
use crate::wire::timestamp::NtpTimestamp;
use std::net::IpAddr;

/// The paragraph of `clockstat`.
pub fn clock(clock: &ClockInfo, style: &Style<'_>) -> String {
    let kind = match type_name(clock.kind) {
        Some(name) => format!("{name} ({})", clock.kind),
        None => format!("unknown type ({})", clock.kind),
    };
    let id = clock.reference_id;
    let id = if !style.dialect.is_classic()
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
    text += &format!("values: {}\n", bug.values.len());
    for row in bug.values.chunks(4) {
        for (value, signed) in row {
            text += &if *signed { format!("{:12}", value.cast_signed()) } else { format!("{value:12}") };
        }
        text.push('\n');
    }
    text += &format!("times: {}\n", bug.times.len());
    for row in bug.times.chunks(2) {
        for (time, is_difference) in row {
            text += &if *is_difference {
                format!("{:>17}{:22}", signed(time.cast_signed(), 6, style.dialect), "")
            } else {
                format!("{:>37}  ", moment(NtpTimestamp(*time), style))
            };
        }
        text.push('\n');
    }
    text
}

/// Year, day of the year and time of day.
fn moment(stamp: NtpTimestamp, style: &Style<'_>) -> String {
    if stamp.is_zero() {
        return "(no time)".to_owned();
    }
    let time = stamp.to_timestamp(style.now).to_zoned(jiff::tz::TimeZone::UTC);
    format!(
        "{:08x}.{:08x} [{:02}:{:03}:{:02}:{:02}:{:02}.{:03}]",
        stamp.seconds(),
        stamp.fraction(),
        time.year() % 100,
        time.day_of_year(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    )
}
