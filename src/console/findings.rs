//! The results of a command, and the one place where they become lines or a report.

use super::Shell;
use crate::compat::Quirk;
use crate::model::report::{Fault, FaultCause};
use crate::model::{NetworkAddress, Origin, Report};
use crate::render::classic::{Rendered, Style};
use crate::wire::AssociationId;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// The result of running a command.
pub type CommandResult = Result<Outcome, Failed>;

/// What a successful command leaves to print.
pub enum Outcome {
    /// Nothing.
    Done,
    /// These findings.
    Found(Findings),
}

/// The command failed and has already reported why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// The findings of a command: its classic lines, and the report from which all other formats are made.
pub struct Findings {
    lines: Box<MakeLines>,
    report: Option<Box<MakeReport>>,
    line_names: Vec<IpAddr>,
    report_names: Vec<IpAddr>,
    warnings: String,
    unread: Option<(AssociationId, String)>,
    is_faulty: bool,
}

type MakeLines = dyn FnOnce(&Style<'_>) -> Rendered;
type MakeReport = dyn FnOnce(&Shell, Origin) -> Report;

impl Findings {
    /// Findings with classic lines only.
    pub(crate) fn in_lines<T: Into<Rendered>>(lines: impl FnOnce(&Style<'_>) -> T + 'static) -> Self {
        Self {
            lines: Box::new(|style| lines(style).into()),
            report: None,
            line_names: Vec::new(),
            report_names: Vec::new(),
            warnings: String::new(),
            unread: None,
            is_faulty: false,
        }
    }

    /// A value with both classic lines and a report.
    pub(crate) fn of<V: 'static, T: Into<Rendered>>(
        value: V,
        lines: impl FnOnce(&V, &Style<'_>) -> T + 'static,
        report: impl FnOnce(&V, &Shell, Origin) -> Report + 'static,
    ) -> Self {
        let value = Rc::new(value);
        let shared = Rc::clone(&value);
        let report = move |shell: &Shell, origin: Origin| report(&shared, shell, origin);
        Self { report: Some(Box::new(report)), ..Self::in_lines(move |style| lines(&value, style)) }
    }

    /// Shows these addresses by name; all are looked up at the same time.
    pub(crate) fn naming(mut self, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.line_names.extend(addresses);
        self.report_names.clone_from(&self.line_names);
        self
    }

    /// Shows these addresses by name in the classic format only.
    pub(crate) fn naming_in_lines(mut self, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.line_names.extend(addresses);
        self
    }

    /// Adds warnings about what could not be parsed, where a report does not contain them.
    pub(crate) fn with_warnings(mut self, warnings: impl Into<String>) -> Self {
        self.warnings = warnings.into();
        self
    }

    /// Records that part of a reply about this association could not be read, for this reason.
    pub(crate) fn with_unread(mut self, association: AssociationId, reason: Option<String>) -> Self {
        self.unread = reason.map(|reason| (association, reason));
        self
    }

    /// Marks the command as failed if `is_faulty`.
    pub(crate) fn faulty_if(mut self, is_faulty: bool) -> Self {
        self.is_faulty = is_faulty;
        self
    }

    /// Wraps the findings as a command result.
    #[expect(clippy::unnecessary_wraps, reason = "as all commands end")]
    pub(crate) fn found(self) -> CommandResult {
        Ok(Outcome::Found(self))
    }
}

impl Shell {
    /// Prints findings in the selected format.
    ///
    /// # Errors
    /// The findings are faulty.
    pub(crate) fn show(&mut self, findings: Findings) -> Result<(), Failed> {
        if !self.settings.format.reports() {
            return self.show_lines(findings);
        }
        let Findings { report: Some(report), report_names, warnings, unread, is_faulty, .. } = findings
        else {
            return self.show_lines(findings);
        };
        self.begin_names(report_names);
        self.output.message(warnings);
        let origin = self.origin();
        let report = report(self, origin);
        self.deliver(report);
        self.report_unread(unread);
        if is_faulty { Err(Failed) } else { Ok(()) }
    }

    /// Prints the classic lines of findings, whatever the selected format.
    ///
    /// # Errors
    /// The findings are faulty.
    pub(super) fn show_lines(&mut self, findings: Findings) -> Result<(), Failed> {
        self.begin_names(findings.line_names);
        let rendered = self.with_style(findings.lines);
        self.output.result(rendered.output);
        self.output.message(rendered.diagnostics);
        self.report_unread(findings.unread);
        if findings.is_faulty { Err(Failed) } else { Ok(()) }
    }

    /// Reports that part of a reply could not be read, after the readable part has been printed. In the 4.2.8p15
    /// dialect the renderers do this.
    pub(crate) fn report_unread(&mut self, unread: Option<(AssociationId, String)>) {
        let Some((association, message)) =
            unread.filter(|_| !self.settings.dialect.keeps(Quirk::LINES_END_REPLIES))
        else {
            return;
        };
        self.failed = true;
        let about = (association != AssociationId::SYSTEM).then_some(association);
        let whose = about.map(|id| format!("association {id}: ")).unwrap_or_default();
        let host = self.host_name();
        self.output.message(format!("ntpq: {host}: {whose}{message}\n"));
        self.note_fault(about, Fault { cause: FaultCause::Malformed, message });
        self.report_fault(None);
    }

    /// Starts looking up these addresses, so that the lookups run at the same time.
    pub(crate) fn begin_names(&self, addresses: impl IntoIterator<Item = IpAddr>) {
        if !self.settings.host_names {
            return;
        }
        for address in addresses {
            let whole = NetworkAddress(SocketAddr::new(address, 0));
            if !address.is_unspecified() && whole.reference_clock().is_none() {
                self.names.begin_reverse(address);
            }
        }
    }
}
