//! Output of a client list: a table, a report, and messages about its faults.

use super::Reading;
use super::options::Options;
use crate::cli::output::Output;
use crate::client::daemon::QueryError;
use crate::clock::Stopwatch;
use crate::compat::{Layout, Quirk};
use crate::console::command::{CommandResult, Failed, Outcome};
use crate::console::failure::fault;
use crate::console::failure::refusal;
use crate::console::{Interruption, Shell};
use crate::model::Origin;
use crate::model::mru::{MruReport, RestrictionNumbering, network_address};
use crate::model::report::Report;
use crate::net::interrupt::Interrupt;
use crate::net::names::ReverseName;
use crate::render::classic::escape::escape;
use crate::render::{classic, json, ntpsec};
use crate::session::control::Failure;
use crate::session::mru::{Fault, MruList, MruSession};
use crate::wire::AssociationId;
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;
use nix::sys::resource::{UsageWho, getrusage};
use std::collections::HashMap;

/// Lines passed to the output at once.
const CHUNK: usize = 1 << 16;

/// Rows that are printed while the list is read.
pub(super) struct Stream {
    /// The report on the list so far, without its rows.
    report: MruReport,
    rows: usize,
}

impl Stream {
    pub(super) fn new(origin: Origin, numbering: RestrictionNumbering) -> Self {
        let now = NtpTimestamp::from(origin.time);
        let names = HashMap::new();
        let report =
            MruReport { origin, entries: Vec::new(), names, now, numbering, updates: 0, fault: None };
        Self { report, rows: 0 }
    }

    /// Prints the rows that have arrived.
    pub(super) fn print(&mut self, session: &MruSession, rows: &[MruEntry], output: &mut Output) {
        self.report.now = session.present().unwrap_or(self.report.now);
        self.rows += rows.len();
        for entry in rows {
            output.result(json::mru_row(&self.report, entry));
        }
        output.flush();
    }

    /// The summary line, with this many addresses held.
    fn conclude(mut self, list: &MruList, lack: Option<String>) -> String {
        self.report.now = list.now.unwrap_or(self.report.now);
        self.report.updates = list.updates;
        self.report.fault = lack;
        json::mru_summary(&self.report, list.entries.len(), self.rows)
    }
}

impl Shell {
    /// Prints the list, and reports what is missing.
    pub(super) fn show_list(
        &mut self,
        reading: Reading,
        options: &Options,
        numbering: RestrictionNumbering,
        interrupt: Option<&Interrupt>,
    ) -> CommandResult {
        let Reading { mut list, error, took, stream } = reading;
        if self.output.is_closed() {
            // The reader has seen enough; a full disk is reported at the end.
            return Ok(Outcome::Done);
        }
        let classic = self.settings.dialect.keeps(Quirk::MRU_ALL_OR_NOTHING);
        let is_ntpsec = self.prints_ntpsec_table();
        let cause = list.fault.take();
        let interrupted = cause == Some(Fault::Interrupted) && error.is_none();
        if interrupted {
            let lines = "mrulist retrieval interrupted by operator.\nDisplaying partial client list.\n";
            if classic || is_ntpsec { self.output.result(lines) } else { self.output.message(lines) }
        }
        let count = list.entries.len();
        let all_rows = list.updates + count as u64;
        let failed = error.is_some() || cause.is_some();
        if self.settings.format.reports() {
            let lack = match (&error, &cause) {
                (Some(error), _) => Some(fault(error, AssociationId::SYSTEM).message),
                (None, cause) => cause.as_ref().map(ToString::to_string),
            };
            match stream {
                Some(stream) => {
                    self.output.result(stream.conclude(&list, lack));
                }
                None => self.report_list(list, lack, options, numbering),
            }
            return self.conclude_list(error.as_ref(), cause.as_ref(), interrupted, count);
        }
        let wanted = !failed || interrupted || !classic && count > 0;
        let printing = Stopwatch::start();
        let whole = !wanted || self.settings.raw || self.print_list(list, options, numbering, interrupt);
        if wanted && is_ntpsec {
            let collected = (whole && !self.settings.raw).then_some((all_rows, took));
            let memory = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss());
            let memory = u64::try_from(memory).unwrap_or(0);
            let printed = took + printing.elapsed();
            self.output.result(ntpsec::mrulist::footing(collected, all_rows, printed, memory));
        }
        if !whole {
            return Err(Failed);
        }
        self.conclude_list(error.as_ref(), cause.as_ref(), interrupted, count)
    }

    /// Reports what the list lacks, if anything.
    fn conclude_list(
        &mut self,
        error: Option<&QueryError>,
        fault: Option<&Fault>,
        interrupted: bool,
        count: usize,
    ) -> CommandResult {
        if let Some(error) = error {
            self.report_failure(error, AssociationId::SYSTEM);
        } else if let Some(fault) = fault.filter(|_| !interrupted) {
            self.report_list_fault(fault);
        }
        if error.is_none() && fault.is_none() {
            return Ok(Outcome::Done);
        }
        if !self.settings.dialect.keeps(Quirk::MRU_ALL_OR_NOTHING) && count > 0 {
            let host = self.host_label();
            self.error(&format!("ntpq: {host}: the list is incomplete: only {count} addresses were read\n"));
        }
        Err(Failed)
    }

    /// Makes a report of the list.
    fn report_list(
        &mut self,
        mut list: MruList,
        fault: Option<String>,
        options: &Options,
        numbering: RestrictionNumbering,
    ) {
        let origin = self.origin();
        let now = list.now.unwrap_or_else(|| NtpTimestamp::from(origin.time));
        options.order.unwrap_or_default().sort(&mut list.entries, now);
        self.begin_list_names(&list);
        let mut names = HashMap::new();
        if self.settings.host_names {
            for entry in list.entries.iter().filter(|entry| has_name(entry)) {
                if let Some(ReverseName::Confirmed(name)) = self.names.reverse(entry.address) {
                    names.insert(entry.address, name);
                }
            }
        }
        let report =
            MruReport { origin, entries: list.entries, names, now, numbering, updates: list.updates, fault };
        self.deliver(Report::Mru(Box::new(report)));
    }

    /// Starts looking up all addresses at the same time.
    fn begin_list_names(&self, list: &MruList) {
        self.names.start_round();
        if !self.settings.host_names {
            return;
        }
        for entry in list.entries.iter().filter(|entry| has_name(entry)) {
            self.names.begin_reverse(entry.address);
        }
    }

    /// Prints the table; returns false if it was interrupted.
    fn print_list(
        &mut self,
        mut list: MruList,
        options: &Options,
        numbering: RestrictionNumbering,
        interrupt: Option<&Interrupt>,
    ) -> bool {
        let now = list.now.unwrap_or_else(|| NtpTimestamp::from(crate::clock::now()));
        options.order.unwrap_or_default().sort(&mut list.entries, now);
        self.begin_list_names(&list);
        let (heading, append_row): (_, AppendRow) = if self.settings.layout == Layout::Ntpsec {
            (ntpsec::mrulist::HEADING, ntpsec::mrulist::append_row)
        } else {
            (classic::mrulist::HEADING, classic::mrulist::append_row)
        };
        if self.settings.dialect.keeps(Quirk::MRU_HEADING_PAST_REDIRECTION) {
            self.output.result_past_redirect(heading);
        } else {
            self.output.result(heading);
        }
        let mut lines = String::with_capacity(CHUNK + 256);
        let mut entries = list.entries.iter();
        loop {
            self.with_style(|style| {
                for entry in entries.by_ref() {
                    append_row(&mut lines, entry, now, numbering, &style.names);
                    if lines.len() >= CHUNK {
                        break;
                    }
                }
            });
            if lines.is_empty() || self.output.is_closed() {
                return true;
            }
            self.output.result(&lines);
            lines.clear();
            // After an interrupt, the partial list is printed to its end; at a prompt, another interrupt stops that.
            if self.interruption == Interruption::Command && interrupt.is_some_and(Interrupt::take) {
                self.output.result("\n --interrupted--\n");
                return false;
            }
        }
    }

    /// Reports why the list ends early, in the classic words.
    fn report_list_fault(&mut self, fault: &Fault) {
        match fault {
            Fault::TimedOut => {
                self.note_failure(&QueryError::Failed(Failure::TimedOut), AssociationId::SYSTEM);
            }
            Fault::Refused(code) => {
                self.note_failure(&QueryError::Failed(Failure::Refused(*code)), AssociationId::SYSTEM);
            }
            _ => {}
        }
        let server = self.error_prefix();
        let text = match fault {
            Fault::TimedOut => format!("{server}***Request timed out\n"),
            Fault::Refused(code) => format!("{server}{}\n", refusal(*code, 0)),
            // The classic program forgets the line end.
            Fault::NewestMismatch(..) if self.settings.dialect.keeps(Quirk::MRU_UNENDED_LINE) => {
                escape(fault.to_string().as_bytes())
            }
            fault => {
                let server = self.daemon_prefix();
                let text = fault.to_string();
                text.lines().map(|line| format!("{server}{}\n", escape(line.as_bytes()))).collect()
            }
        };
        self.error(&text);
    }
}

/// Appends a row's line.
type AppendRow = fn(&mut String, &MruEntry, NtpTimestamp, RestrictionNumbering, &classic::HostNames<'_>);

/// Whether the address of a row may have a name.
fn has_name(entry: &MruEntry) -> bool {
    let address = network_address(entry);
    !address.is_unspecified() && address.reference_clock().is_none()
}
