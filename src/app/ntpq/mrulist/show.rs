//! The findings of `mrulist`: a table or a report, and messages about their faults.

use super::Reading;
use super::options::Options;
use crate::cli::output::Piece;
use crate::client::daemon::QueryError;
use crate::clock::Stopwatch;
use crate::compat::{Layout, Quirk};
use crate::console::Shell;
use crate::console::command::{CommandResult, Failed, Outcome};
use crate::console::failure::fault;
use crate::console::failure::refusal;
use crate::console::findings::{Findings, LongTable};
use crate::model::mru::{MruReport, RestrictionNumbering, network_address};
use crate::model::report::Report;
use crate::net::interrupt::Interrupt;
use crate::net::names::ReverseName;
use crate::render::classic::Style;
use crate::render::classic::escape::escape;
use crate::render::{classic, ntpsec};
use crate::session::control::Failure;
use crate::session::mru::Fault;
use crate::wire::AssociationId;
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;
use nix::sys::resource::{UsageWho, getrusage};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Octets of the table passed to the output at once.
const PART: usize = 1 << 16;

/// The clients as a table.
struct MruTable {
    heading: &'static str,
    append_row: AppendRow,
    rows: std::vec::IntoIter<MruEntry>,
    now: NtpTimestamp,
    numbering: RestrictionNumbering,
    footing: Option<Footing>,
}

impl LongTable for MruTable {
    fn heading(&self) -> &'static str {
        self.heading
    }

    fn append_rows(&mut self, text: &mut String, style: &Style<'_>) {
        text.reserve(PART + 256);
        for entry in self.rows.by_ref() {
            (self.append_row)(text, &entry, self.now, self.numbering, &style.names);
            if text.len() >= PART {
                break;
            }
        }
    }

    fn footing(&self, is_whole: bool) -> String {
        self.footing.as_ref().map(|footing| footing.text(is_whole)).unwrap_or_default()
    }
}

/// The figures below NTPsec's table.
struct Footing {
    /// All rows received.
    rows: u64,
    /// How long reading took.
    took: Duration,
    printing: Stopwatch,
}

impl Footing {
    fn text(&self, is_whole: bool) -> String {
        let collected = is_whole.then_some((self.rows, self.took));
        let memory = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss());
        let memory = u64::try_from(memory).unwrap_or(0);
        ntpsec::mrulist::footing(collected, self.rows, self.took + self.printing.elapsed(), memory)
    }
}

impl Shell {
    /// The list that was read, and what is missing.
    pub(super) fn list_found(
        &mut self,
        reading: Reading,
        options: &Options,
        numbering: RestrictionNumbering,
        interrupt: Option<Interrupt>,
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
        let (count, updates) = (list.entries.len(), list.updates);
        let failed = error.is_some() || cause.is_some();
        let is_printed = !failed || interrupted || !classic && count > 0;
        let lack = match (&error, &cause) {
            (Some(error), _) => Some(fault(error, AssociationId::SYSTEM).message),
            (None, cause) => cause.as_ref().map(ToString::to_string),
        };
        let now = list.now.unwrap_or_else(|| NtpTimestamp::from(crate::clock::now()));
        if stream.is_none() {
            options.order.unwrap_or_default().sort(&mut list.entries, now);
        }
        self.names.start_round();
        let named = list.entries.iter().filter(|entry| self.settings.host_names && has_name(entry));
        let named: Vec<IpAddr> = named.map(|entry| entry.address).collect();
        let footing = move || Footing { rows: updates + count as u64, took, printing: Stopwatch::start() };
        let report = move |entries, shell: &Shell, origin| {
            let mut report = MruReport {
                origin,
                entries,
                names: BTreeMap::new(),
                now,
                numbering,
                updates,
                fault: lack,
                streamed: None,
            };
            match stream {
                Some(stream) => stream.conclude(&mut report),
                None => report.names = shell.names_of(&report.entries),
            }
            Report::Mru(Box::new(report))
        };
        let findings = if is_printed && !self.settings.raw {
            let (heading, append_row): (_, AppendRow) = if self.settings.layout == Layout::Ntpsec {
                (ntpsec::mrulist::HEADING, ntpsec::mrulist::append_row)
            } else {
                (classic::mrulist::HEADING, classic::mrulist::append_row)
            };
            let table = move |entries: Vec<MruEntry>| {
                let (rows, footing) = (entries.into_iter(), is_ntpsec.then(footing));
                MruTable { heading, append_row, rows, now, numbering, footing }
            };
            Findings::table(list.entries, interrupt, table, report).naming(named)
        } else {
            // The rows have been printed as they came, or are not to be printed.
            let is_ntpsec = is_ntpsec && is_printed;
            let lines = move |_: Vec<MruEntry>, _: &Shell, _: &Style<'_>| {
                is_ntpsec.then(|| Piece::Result(footing().text(false).into_bytes())).into_iter().collect()
            };
            Findings::pieces(list.entries, lines, report)
        };
        let conclude =
            move |shell: &mut Shell| shell.conclude_list(error.as_ref(), cause.as_ref(), interrupted, count);
        findings.concluding(conclude).found()
    }

    /// The names of the addresses that have confirmed ones.
    fn names_of(&self, entries: &[MruEntry]) -> BTreeMap<IpAddr, String> {
        if !self.settings.host_names {
            return BTreeMap::new();
        }
        let named = entries.iter().filter(|entry| has_name(entry)).filter_map(|entry| {
            match self.names.reverse(entry.address) {
                Some(ReverseName::Confirmed(name)) => Some((entry.address, name)),
                Some(ReverseName::Unconfirmed(_)) | None => None,
            }
        });
        let mut found = BTreeMap::new();
        found.extend(named);
        found
    }

    /// Reports what the list lacks, if anything.
    fn conclude_list(
        &mut self,
        error: Option<&QueryError>,
        fault: Option<&Fault>,
        interrupted: bool,
        count: usize,
    ) -> Result<(), Failed> {
        if let Some(error) = error {
            self.report_failure(error, AssociationId::SYSTEM);
        } else if let Some(fault) = fault.filter(|_| !interrupted) {
            self.report_list_fault(fault);
        }
        if error.is_none() && fault.is_none() {
            return Ok(());
        }
        if !self.settings.dialect.keeps(Quirk::MRU_ALL_OR_NOTHING) && count > 0 {
            let host = self.host_label();
            self.error(&format!("ntpq: {host}: the list is incomplete: only {count} addresses were read\n"));
        }
        Err(Failed)
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
