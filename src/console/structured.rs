//! Formats other than the classic one: reports instead of lines, and how failures appear in them.

use super::Shell;
use super::command::{Argument, Command, Failed, Forms, Outcome};
use super::failure::fault;
use crate::cli::format::Format;
use crate::client::daemon::QueryError;
use crate::model::Origin;
use crate::model::Peer;
use crate::model::report::{FailureReport, Fault, FaultCause, PeerRow, Report};
use crate::net::names::ReverseName;
use crate::render::table::TableStyle;
use crate::render::{json, openmetrics, table};
use crate::wire::AssociationId;

/// The state of a run in a format other than the classic one.
#[derive(Default)]
pub struct Reporting {
    /// Reports to be rendered at the end.
    pub reports: Vec<Report>,
    /// The last requested host, as it was named.
    pub wanted: String,
    /// The current command.
    pub command: Option<&'static str>,
    /// The first failure since a report last included failures.
    fault: Option<(Option<AssociationId>, Fault)>,
    /// How many of the reports are from before the current command.
    earlier: usize,
    /// Whether all replies to the current command are authentic; `None` if none needed to be.
    authentic: Option<bool>,
    /// Whether the command sent a request without a key.
    open: bool,
}

impl Reporting {
    /// Whether all requests of the command had a key and all replies were verified.
    pub(crate) fn is_authentic(&self) -> bool {
        self.authentic == Some(true)
    }

    /// Records that requests were sent, with a key or without, and whether the replies were verified.
    pub(crate) fn note_authenticity(&mut self, sealed: bool, verified: bool) {
        self.open |= !sealed;
        if sealed || self.authentic.is_some() {
            let authentic = verified && !self.open && self.authentic.unwrap_or(true);
            self.authentic = Some(authentic);
        }
    }
}

impl Format {
    /// Its name on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "classic",
            Self::Table => "table",
            Self::Json => "json",
            Self::Openmetrics => "openmetrics",
            Self::Dot => "dot",
        }
    }

    /// Whether commands produce reports.
    pub(crate) fn reports(self) -> bool {
        self != Self::Plain
    }
}

/// The text of all reports that were kept for the end; empty in other formats.
pub fn conclusion(format: Format, reports: &[Report]) -> String {
    if format == Format::Openmetrics { openmetrics::exposition(reports) } else { String::new() }
}

impl Shell {
    /// Runs a command. In formats for programs, a command without a report has no results: the output of one that
    /// changes something is a message, and one that only prints is refused.
    pub(crate) fn perform(&mut self, command: &Command, read: &[Argument]) -> Result<(), Failed> {
        let has_form = match command.forms {
            Forms::ReportWithoutMetrics if self.settings.format() != Format::Openmetrics => true,
            Forms::ReportWithoutMetrics | Forms::Messages => false,
            Forms::ClassicOnly if self.settings.format().is_for_programs() => {
                let form = self.settings.format().name();
                self.error(&format!("***Command `{}' has no {form} form\n", command.name));
                return Err(Failed);
            }
            Forms::Report | Forms::ClassicOnly => true,
        };
        if has_form || !self.settings.format().is_for_programs() {
            return match (command.run)(self, read)? {
                Outcome::Done => Ok(()),
                Outcome::Found(findings) => self.show(findings),
            };
        }
        self.output.turn_results_into_messages(true);
        let result = match (command.run)(self, read) {
            Ok(Outcome::Found(findings)) => self.show_lines(findings),
            Ok(Outcome::Done) => Ok(()),
            Err(failed) => Err(failed),
        };
        self.output.turn_results_into_messages(false);
        result
    }

    /// Records that a command line begins.
    pub(crate) fn begin_reporting(&mut self) {
        self.reporting.command = None;
        self.reporting.fault = None;
        (self.reporting.authentic, self.reporting.open) = (None, false);
        self.reporting.earlier = self.reporting.reports.len();
    }

    /// Reports the failures of the command that ends, if no report included them. Redirected reports are rendered here
    /// at the latest.
    pub(crate) fn conclude_reporting(&mut self) {
        self.report_fault(None);
        if self.settings.format() == Format::Openmetrics && self.output.is_redirected() {
            let earlier = self.reporting.earlier.min(self.reporting.reports.len());
            let reports = self.reporting.reports.split_off(earlier);
            self.output.result(openmetrics::exposition(&reports));
        }
    }

    /// Renders a report, or keeps it for the end.
    pub(crate) fn deliver(&mut self, report: Report) {
        // A list contains the faults of its own reading, no earlier ones.
        if !matches!(report, Report::Mru(_)) {
            self.reporting.fault = None;
        }
        match self.settings.format() {
            Format::Plain | Format::Dot => {}
            Format::Table => {
                let style = self.table_style();
                self.output.result_later(move || table::render(&report, style));
            }
            Format::Json => match report {
                Report::Mru(list) => {
                    for line in json::mru_lines(&list) {
                        self.output.result(line);
                        if self.output.is_closed() {
                            break;
                        }
                    }
                }
                report => self.output.result_later(move || json::line(&report)),
            },
            Format::Openmetrics => self.reporting.reports.push(report),
        }
    }

    fn table_style(&self) -> TableStyle {
        let redirected = self.output.is_redirected();
        TableStyle {
            width: self.settings.forced_width.or(self.settings.width.filter(|_| !redirected)),
            color: self.settings.color && !redirected,
            caption: self.hosts.several,
            raw: self.settings.raw,
        }
    }

    /// The daemon that is queried, and the current time.
    pub(crate) fn origin(&mut self) -> Origin {
        let (time, authentic) = (self.now(), self.reporting.authentic);
        match self.daemon() {
            Some(daemon) => {
                Origin { host: daemon.name().to_owned(), address: daemon.address(), time, authentic }
            }
            None => Origin { host: self.reporting.wanted.clone(), address: None, time, authentic },
        }
    }

    /// A peer with its display name: as configured, else its host name, else its address.
    pub(crate) fn named_peer(&self, peer: Peer) -> PeerRow {
        let name = match (&peer.source_host, &peer.source_address) {
            (Some(host), _) => host.clone(),
            (None, None) => Vec::new(),
            (None, Some(address)) if !self.settings.host_names || address.is_unspecified() => {
                address.to_string().into_bytes()
            }
            (None, Some(address)) => match address.reference_clock() {
                Some(clock) => clock.to_string().into_bytes(),
                None => match self.names.reverse(address.ip()) {
                    Some(ReverseName::Confirmed(name)) => name.into_bytes(),
                    Some(ReverseName::Unconfirmed(_)) | None => address.to_string().into_bytes(),
                },
            },
        };
        PeerRow { peer, name }
    }

    /// Keeps an error message for the report on it.
    pub(crate) fn note_error(&mut self, message: &str) {
        let called = format!("{}: ", self.called);
        let message = message.trim_end().trim_start_matches("***");
        let message = message.strip_prefix(&called).unwrap_or(message).to_owned();
        self.note_fault(None, Fault { cause: FaultCause::Unusable, message });
    }

    /// Keeps a failed query for the report on it.
    pub(crate) fn note_failure(&mut self, error: &QueryError, association: AssociationId) {
        let about = (association != AssociationId::SYSTEM).then_some(association);
        self.note_fault(about, fault(error, association));
    }

    pub(crate) fn note_fault(&mut self, association: Option<AssociationId>, fault: Fault) {
        if self.settings.format().reports() {
            self.reporting.fault.get_or_insert((association, fault));
        }
    }

    /// Reports the first failure, if any; `cause` is better known here than where it was recorded.
    pub(crate) fn report_fault(&mut self, cause: Option<FaultCause>) {
        let Some((association, mut fault)) = self.reporting.fault.take() else { return };
        fault.cause = cause.unwrap_or(fault.cause);
        let (origin, command) = (self.origin(), self.reporting.command);
        self.deliver(Report::Failure(FailureReport { origin, command, association, fault }));
    }

    /// Reports that this host cannot be queried.
    pub(crate) fn report_absence(&mut self, host: &str) {
        host.clone_into(&mut self.reporting.wanted);
        self.report_fault(Some(FaultCause::NoHost));
    }
}
