//! What hosts have said, printed in the order of the hosts.

use crate::cli::exit::RunOutcome;
use crate::cli::output::{Output, Piece};
use crate::console::Shell;
use crate::model::Report;
use std::collections::BTreeMap;
use std::sync::mpsc;

/// What came of a host's commands.
pub(super) struct HostOutput {
    outcome: RunOutcome,
    /// What sets it apart from the hosts before, if they have printed anything.
    separation: String,
    separates: bool,
    pieces: Vec<Piece>,
    reports: Vec<Report>,
}

impl HostOutput {
    /// The same; the run was interrupted in the course of it.
    pub(super) fn interrupted(self) -> Self {
        Self { outcome: RunOutcome::Interrupted, ..self }
    }

    pub(super) fn by(shell: Shell) -> Self {
        Self {
            outcome: shell.outcome(),
            // What the hosts before would leave behind was not known to this one.
            separation: shell.separation(shell.unseparated),
            separates: shell.separates,
            reports: shell.reporting.reports,
            pieces: shell.output.into_pieces(),
        }
    }
}

/// Prints what the shells recorded, each as soon as all before it are printed; gives what they kept for the
/// end.
pub(super) fn print_in_order(
    output: &mut Output,
    done: mpsc::Receiver<(usize, HostOutput)>,
) -> (RunOutcome, Vec<Report>) {
    let mut waiting: BTreeMap<usize, HostOutput> = BTreeMap::new();
    let mut printed =
        Printed { output, failed: false, interrupted: false, separates: false, reports: Vec::new() };
    let mut next = 0;
    for (at, said) in done {
        waiting.insert(at, said);
        while let Some(said) = waiting.remove(&next) {
            next += 1;
            if let Some(outcome) = printed.print(said) {
                return (outcome, printed.reports);
            }
        }
    }
    // After an interrupt there are gaps.
    for said in waiting.into_values() {
        if let Some(outcome) = printed.print(said) {
            return (outcome, printed.reports);
        }
    }
    let Printed { interrupted, failed, reports, .. } = printed;
    (if interrupted { RunOutcome::Interrupted } else { RunOutcome::Ran { failed } }, reports)
}

/// What was printed of all hosts.
struct Printed<'a> {
    output: &'a mut Output,
    failed: bool,
    interrupted: bool,
    separates: bool,
    reports: Vec<Report>,
}

impl Printed<'_> {
    /// Prints what a host has said; the outcome of all if there is no use in going on.
    fn print(&mut self, said: HostOutput) -> Option<RunOutcome> {
        if self.separates {
            self.output.result(said.separation);
        }
        self.separates |= said.separates;
        self.output.play(said.pieces);
        self.reports.extend(said.reports);
        self.output.flush();
        match said.outcome {
            RunOutcome::Ran { failed } => self.failed |= failed,
            RunOutcome::Interrupted => self.interrupted = true,
            outcome @ (RunOutcome::Usage | RunOutcome::Aborted) => return Some(outcome),
        }
        // Nobody reads the rest.
        self.output.is_closed().then_some(RunOutcome::Ran { failed: self.failed })
    }
}
