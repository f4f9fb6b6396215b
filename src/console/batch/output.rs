//! The output of hosts, printed in order of the hosts.

use crate::cli::exit::RunOutcome;
use crate::cli::output::{Output, Piece};
use crate::console::Shell;
use crate::model::Report;
use std::collections::BTreeMap;
use std::sync::mpsc;

/// The outcome of a host's commands.
pub(super) struct HostOutput {
    outcome: RunOutcome,
    /// The separator after earlier hosts that have printed something.
    separation: String,
    separates: bool,
    pieces: Vec<Piece>,
    reports: Vec<Report>,
}

impl HostOutput {
    /// The same for an interrupted run.
    pub(super) fn interrupted(self) -> Self {
        Self { outcome: RunOutcome::Interrupted, ..self }
    }

    pub(super) fn by(shell: Shell) -> Self {
        Self {
            outcome: shell.outcome(),
            // The state left by earlier hosts was unknown to this one.
            separation: shell.separation(shell.unseparated),
            separates: shell.separates,
            reports: shell.reporting.reports,
            pieces: shell.output.into_pieces(),
        }
    }
}

/// Prints the recorded output of shells, each as soon as all earlier ones are printed; returns what is to be printed at
/// the end.
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
    // After an interrupt some are missing.
    for said in waiting.into_values() {
        if let Some(outcome) = printed.print(said) {
            return (outcome, printed.reports);
        }
    }
    let Printed { interrupted, failed, reports, .. } = printed;
    (if interrupted { RunOutcome::Interrupted } else { RunOutcome::Ran { failed } }, reports)
}

/// The state of printing.
struct Printed<'a> {
    output: &'a mut Output,
    failed: bool,
    interrupted: bool,
    separates: bool,
    reports: Vec<Report>,
}

impl Printed<'_> {
    /// Prints a host's output; returns the outcome of the whole run if continuing is pointless.
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
        // The reader is gone.
        self.output.is_closed().then_some(RunOutcome::Ran { failed: self.failed })
    }
}
