//! Rows that are printed while a list is still being read.

use crate::cli::format::Format;
use crate::cli::output::Output;
use crate::model::Origin;
use crate::model::mru::{MruReport, RestrictionNumbering};
use crate::render::json;
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;
use std::collections::BTreeMap;

/// The rows of an MRU list in a format with a line for each row, which need not wait for the others.
pub(crate) struct RowStream {
    /// The report on the list so far, without its rows.
    report: MruReport,
    rows: usize,
}

impl RowStream {
    /// Begins a stream if the format has one.
    pub(crate) fn begin(format: Format, origin: Origin, numbering: RestrictionNumbering) -> Option<Self> {
        let now = NtpTimestamp::from(origin.time);
        let report = MruReport {
            origin,
            entries: Vec::new(),
            names: BTreeMap::new(),
            now,
            numbering,
            updates: 0,
            fault: None,
            streamed: None,
        };
        (format == Format::Json).then_some(Self { report, rows: 0 })
    }

    /// Prints rows that have arrived by this time of the daemon.
    pub(crate) fn print(&mut self, now: Option<NtpTimestamp>, rows: &[MruEntry], output: &mut Output) {
        self.report.now = now.unwrap_or(self.report.now);
        self.rows += rows.len();
        for entry in rows {
            output.result(json::mru_row(&self.report, entry));
        }
        output.flush();
    }

    /// Marks these rows as printed in the report on the whole list.
    pub(crate) fn conclude(self, report: &mut MruReport) {
        report.origin = self.report.origin;
        report.streamed = Some(self.rows);
    }
}
