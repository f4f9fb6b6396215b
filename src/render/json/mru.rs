//! The MRU list, row by row.

use super::{Object, TimeObject, ascii};
use crate::model::mru::{MruReport, average_seconds, last_seconds, network_address};
use crate::wire::mru::MruEntry;
use serde::Serialize;

/// Formats the lines of a list: one per row, and a summary. Each is generated on demand, because a list may be long.
pub fn mru_lines(report: &MruReport) -> impl Iterator<Item = String> {
    let left = if report.streamed.is_some() { 0 } else { report.entries.len() };
    let rows = report.entries.iter().take(left).map(|entry| mru_row(report, entry));
    rows.chain(std::iter::once_with(|| mru_summary(report)))
}

/// Formats a row; uses everything in the report except its rows.
pub fn mru_row(report: &MruReport, entry: &MruEntry) -> String {
    ascii::line(&Object::new("ntpkit.mru.v1", &report.origin, Row::new(entry, report)))
}

/// Formats the summary of a list.
fn mru_summary(report: &MruReport) -> String {
    let addresses = report.entries.len();
    let summary = Summary {
        complete: report.fault.is_none(),
        addresses,
        rows: report.streamed.unwrap_or(addresses),
        updates: report.updates,
        now: TimeObject::new(report.now, report.origin.time),
        message: report.fault.as_deref(),
    };
    ascii::line(&Object::new("ntpkit.mru_summary.v1", &report.origin, summary))
}

#[derive(Serialize)]
struct Row<'a> {
    client_address: String,
    client_port: u16,
    name: Option<&'a str>,
    last: TimeObject,
    first: TimeObject,
    last_interval_s: f64,
    average_interval_s: f64,
    count: u32,
    score: Option<f64>,
    dropped: Option<u32>,
    mode: u8,
    version: u8,
    restrictions: Restrictions,
}

#[derive(Serialize)]
struct Restrictions {
    word: String,
    names: Vec<String>,
}

impl<'a> Row<'a> {
    fn new(entry: &MruEntry, report: &'a MruReport) -> Self {
        let time = report.origin.time;
        Self {
            client_address: network_address(entry).to_string(),
            client_port: entry.port,
            name: report.names.get(&entry.address).map(String::as_str),
            last: TimeObject::new(entry.last, time),
            first: TimeObject::new(entry.first, time),
            last_interval_s: microseconds(last_seconds(entry, report.now)),
            average_interval_s: microseconds(average_seconds(entry)),
            count: entry.count,
            score: entry.score.thousandths().map(|score| f64::from(score) / 1000.0),
            dropped: entry.dropped.count(),
            mode: entry.mode(),
            version: entry.version(),
            restrictions: Restrictions {
                word: format!("0x{:x}", entry.restrictions),
                names: report.numbering.names(entry.restrictions),
            },
        }
    }
}

#[derive(Serialize)]
struct Summary<'a> {
    complete: bool,
    addresses: usize,
    rows: usize,
    updates: u64,
    now: TimeObject,
    message: Option<&'a str>,
}

/// Seconds, to the microsecond.
fn microseconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
