//! The results of a command, and the one place where they become lines or a report.

use super::{Interruption, Shell};
use crate::cli::output::Piece;
use crate::client::daemon::QueryError;
use crate::compat::Quirk;
use crate::model::report::{Fault, FaultCause};
use crate::model::{NetworkAddress, Origin, Report};
use crate::net::interrupt::Interrupt;
use crate::render::classic::{Rendered, Style};
use crate::wire::AssociationId;
use std::cell::Cell;
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
    lines: Lines,
    report: Option<Box<MakeReport>>,
    line_names: Vec<IpAddr>,
    report_names: Vec<IpAddr>,
    warnings: String,
    gaps: Vec<Gap>,
    unread: Vec<(AssociationId, String)>,
    conclusion: Option<Box<Conclude>>,
    is_faulty: bool,
}

/// How findings are printed in the classic format.
enum Lines {
    /// All lines at once.
    Whole(Box<MakeLines>),
    /// A table of any length, until an interrupt.
    Table(Box<MakeTable>, Option<Interrupt>),
}

type MakeLines = dyn FnOnce(&Shell, &Style<'_>) -> Vec<Piece>;
type MakeTable = dyn FnOnce() -> Box<dyn LongTable>;
type MakeReport = dyn FnOnce(&Shell, Origin) -> Report;
type Conclude = dyn FnOnce(&mut Shell) -> Result<(), Failed>;

/// A table that is printed in parts, because it may be of any length.
pub(crate) trait LongTable {
    /// The lines above the table.
    fn heading(&self) -> &'static str;
    /// Appends some rows; none at the end of the table.
    fn append_rows(&mut self, text: &mut String, style: &Style<'_>);
    /// The lines below the table, given whether all rows were printed.
    fn footing(&self, is_whole: bool) -> String;
}

/// An association that findings lack. Reports contain the reason.
#[derive(Clone, Debug)]
pub(crate) enum Gap {
    /// The reply about it was empty.
    Empty(AssociationId),
    /// There was no reply about it.
    Unanswered(AssociationId, QueryError),
}

impl Gap {
    /// The message about an empty reply.
    pub(crate) fn empty_reply(association: AssociationId) -> String {
        format!("No information returned for association {association}")
    }
}

impl Findings {
    /// Findings with classic lines only.
    pub(crate) fn in_lines<T: Into<Rendered>>(lines: impl FnOnce(&Style<'_>) -> T + 'static) -> Self {
        Self::new(Lines::Whole(Box::new(|_, style| {
            let Rendered { output, diagnostics } = lines(style).into();
            vec![Piece::Result(output.into_bytes()), Piece::Message(diagnostics.into_bytes())]
        })))
    }

    fn new(lines: Lines) -> Self {
        Self {
            lines,
            report: None,
            line_names: Vec::new(),
            report_names: Vec::new(),
            warnings: String::new(),
            gaps: Vec::new(),
            unread: Vec::new(),
            conclusion: None,
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

    /// A value that either becomes classic lines, with messages among them, or a report.
    pub(crate) fn pieces<V: Default + 'static>(
        value: V,
        lines: impl FnOnce(V, &Shell, &Style<'_>) -> Vec<Piece> + 'static,
        report: impl FnOnce(V, &Shell, Origin) -> Report + 'static,
    ) -> Self {
        let value = Rc::new(Cell::new(value));
        let shared = Rc::clone(&value);
        let report = move |shell: &Shell, origin: Origin| report(shared.take(), shell, origin);
        let lines = move |shell: &Shell, style: &Style<'_>| lines(value.take(), shell, style);
        Self { report: Some(Box::new(report)), ..Self::new(Lines::Whole(Box::new(lines))) }
    }

    /// A value that either becomes a table of any length, printed until an interrupt, or a report.
    pub(crate) fn table<V: Default + 'static, T: LongTable + 'static>(
        value: V,
        interrupt: Option<Interrupt>,
        table: impl FnOnce(V) -> T + 'static,
        report: impl FnOnce(V, &Shell, Origin) -> Report + 'static,
    ) -> Self {
        let value = Rc::new(Cell::new(value));
        let shared = Rc::clone(&value);
        let report = move |shell: &Shell, origin: Origin| report(shared.take(), shell, origin);
        let table = move || -> Box<dyn LongTable> { Box::new(table(value.take())) };
        Self { report: Some(Box::new(report)), ..Self::new(Lines::Table(Box::new(table), interrupt)) }
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
        self.unread.extend(reason.map(|reason| (association, reason)));
        self
    }

    /// Adds what is missing.
    pub(crate) fn with_gaps(mut self, gaps: Vec<Gap>) -> Self {
        self.gaps = gaps;
        self
    }

    /// Once the findings are printed, reports why they are incomplete.
    pub(crate) fn concluding(
        mut self,
        conclusion: impl FnOnce(&mut Shell) -> Result<(), Failed> + 'static,
    ) -> Self {
        self.conclusion = Some(Box::new(conclusion));
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
        if !self.settings.format().reports() {
            return self.show_lines(findings);
        }
        let Findings {
            report: Some(report),
            report_names,
            warnings,
            gaps,
            unread,
            conclusion,
            is_faulty,
            ..
        } = findings
        else {
            return self.show_lines(findings);
        };
        self.begin_names(report_names);
        self.output.message(warnings);
        self.report_gaps(gaps);
        let origin = self.origin();
        let report = report(self, origin);
        self.deliver(report);
        self.report_unread(unread);
        conclusion.map_or(Ok(()), |conclude| conclude(self))?;
        if is_faulty { Err(Failed) } else { Ok(()) }
    }

    /// Prints the classic lines of findings, whatever the selected format.
    ///
    /// # Errors
    /// The findings are faulty.
    pub(super) fn show_lines(&mut self, findings: Findings) -> Result<(), Failed> {
        self.begin_names(findings.line_names);
        match findings.lines {
            Lines::Whole(lines) => {
                let pieces = self.with_style(|style| lines(self, style));
                self.output.play(pieces);
            }
            Lines::Table(table, interrupt) => self.print_table(table().as_mut(), interrupt.as_ref())?,
        }
        if self.settings.dialect.keeps(Quirk::BILLBOARD_ENDS_EARLY) {
            self.report_first_gap(findings.gaps);
        } else {
            self.report_gaps(findings.gaps);
        }
        self.report_unread(findings.unread);
        findings.conclusion.map_or(Ok(()), |conclude| conclude(self))?;
        if findings.is_faulty { Err(Failed) } else { Ok(()) }
    }

    /// Prints a table until it ends or the user interrupts it at a prompt.
    fn print_table(
        &mut self,
        table: &mut dyn LongTable,
        interrupt: Option<&Interrupt>,
    ) -> Result<(), Failed> {
        if self.settings.dialect.keeps(Quirk::MRU_HEADING_PAST_REDIRECTION) {
            self.output.result_past_redirect(table.heading());
        } else {
            self.output.result(table.heading());
        }
        let mut text = String::new();
        let is_whole = loop {
            text.clear();
            self.with_style(|style| table.append_rows(&mut text, style));
            if text.is_empty() || self.output.is_closed() {
                break true;
            }
            self.output.result(&text);
            if self.interruption == Interruption::Command && interrupt.is_some_and(Interrupt::take) {
                self.output.result("\n --interrupted--\n");
                break false;
            }
        };
        self.output.result(table.footing(is_whole));
        if is_whole { Ok(()) } else { Err(Failed) }
    }

    /// Reports what is missing: each cause once, with the associations.
    fn report_gaps(&mut self, gaps: Vec<Gap>) {
        let mut causes: Vec<(QueryError, Vec<AssociationId>)> = Vec::new();
        for gap in gaps {
            match gap {
                Gap::Empty(id) => self.host_error(&format!("***{}\n", Gap::empty_reply(id))),
                Gap::Unanswered(id, error) => match causes.iter_mut().find(|(known, _)| *known == error) {
                    Some((_, ids)) => ids.push(id),
                    None => causes.push((error, vec![id])),
                },
            }
        }
        for (error, ids) in causes {
            self.report_failure(&error, ids.first().copied().unwrap_or_default());
            let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let host = self.host_label();
            self.advise(&host, &format!("missing above: associations {}", names.join(" ")));
        }
    }

    /// Reports the association at which the classic program stops.
    fn report_first_gap(&mut self, gaps: Vec<Gap>) {
        match gaps.into_iter().next() {
            Some(Gap::Unanswered(id, error)) => self.report_failure(&error, id),
            Some(empty @ Gap::Empty(_)) => self.report_gaps(vec![empty]),
            None => {}
        }
    }

    /// Reports the parts of replies that could not be read, after the readable parts have been printed. In the 4.2.8p15
    /// dialect the renderers do this.
    fn report_unread(&mut self, unread: Vec<(AssociationId, String)>) {
        if self.settings.dialect.keeps(Quirk::LINES_END_REPLIES) {
            return;
        }
        for (association, message) in unread {
            self.failed = true;
            let about = (association != AssociationId::SYSTEM).then_some(association);
            let whose = about.map(|id| format!("association {id}: ")).unwrap_or_default();
            let host = self.host_name();
            self.output.message(format!("ntpq: {host}: {whose}{message}\n"));
            self.note_fault(about, Fault { cause: FaultCause::Malformed, message });
            self.report_fault(None);
        }
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
