//! The list of leap seconds: `ntpkit_leap_*`, with the label `file`.

use super::exposition::{Exposition, Family, Labels, gauge};
use crate::model::leap_list::LeapList;

const VALID: Family = gauge("ntpkit_leap_list_valid: Whether the list is intact and has not expired.");
const EXPIRY: Family = gauge("ntpkit_leap_list_expiry_timestamp_seconds: When the list expires, since 1970.");
const NEXT: Family =
    gauge("ntpkit_leap_next_timestamp_seconds: When the next leap second is over, since 1970.");
const TAI: Family = gauge("ntpkit_leap_tai_offset_seconds: TAI minus UTC, according to the label source.");

/// Formats the exposition of a list as of this time, with TAI minus UTC from other sources.
pub fn leap(file: &str, list: &LeapList, now: i64, others: &[(&str, i32)]) -> String {
    let mut exposition = Exposition::default();
    let labels = Labels::new("file", file.as_bytes());
    let is_valid = list.is_sound() && list.expires.is_some_and(|expires| expires > now);
    #[allow(clippy::cast_precision_loss, reason = "times of the file are below 2^32")]
    let time = |seconds: i64| seconds as f64;
    exposition.add(&VALID, &labels, f64::from(u8::from(is_valid)));
    exposition.add_known(&EXPIRY, &labels, list.expires.map(time));
    exposition.add_known(&NEXT, &labels, list.next(now).map(|leap| time(leap.at)));
    let listed = list.row_at(now).map(|row| ("list", row.tai_offset));
    for (source, offset) in listed.iter().chain(others) {
        exposition.add(&TAI, &labels.with("source", source.as_bytes()), f64::from(*offset));
    }
    exposition.finish()
}
