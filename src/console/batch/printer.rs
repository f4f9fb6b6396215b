//! Prints the output of many hosts in their order.

use super::output::HostOutput;
use super::replayed::Said;
use crate::cli::exit::RunOutcome;
use crate::cli::output::Output;
use crate::console::host::FoundHosts;
use crate::model::Report;
use crate::net::interrupt::Interrupt;
use crate::net::many::InOrder;
use crate::net::names::NameService;
use std::collections::VecDeque;
use std::sync::mpsc;

/// How many hosts may wait for names, or for the hosts before them, before the output of the oldest is completed ahead
/// of its turn. Complete output takes less memory.
const UNNAMED: usize = 64;

/// Prints the output of hosts in their order.
pub(super) struct Printer<'a> {
    pub(super) output: &'a mut Output,
    pub(super) found: &'a FoundHosts,
    pub(super) names: &'a NameService,
    pub(super) interrupt: Option<&'a Interrupt>,
}

impl Printer<'_> {
    /// Prints the output of each host as soon as that of all earlier ones is printed; returns what is to be printed at
    /// the end.
    pub(super) fn print(&mut self, done: mpsc::Receiver<(usize, Said)>) -> (RunOutcome, Vec<Report>) {
        let mut hosts = InOrder::default();
        let mut unnamed = VecDeque::new();
        let mut printed = Printed::default();
        for (place, said) in done {
            if matches!(said, Said::Unnamed(_)) {
                unnamed.push_back(place);
            }
            hosts.put(place, said);
            while let Some((_, said)) = hosts.take_next() {
                if let Some(outcome) = self.print_host(said, &mut printed) {
                    return (outcome, printed.reports);
                }
            }
            if unnamed.len() > UNNAMED
                && let Some(place) = unnamed.pop_front()
                && let Some(said) = hosts.waiting(place)
                && !self.complete(said)
            {
                unnamed.push_back(place);
            }
        }
        // After an interrupt some are missing.
        for (_, said) in hosts.rest() {
            if let Some(outcome) = self.print_host(said, &mut printed) {
                return (outcome, printed.reports);
            }
        }
        let Printed { interrupted, failed, reports, .. } = printed;
        (if interrupted { RunOutcome::Interrupted } else { RunOutcome::Ran { failed } }, reports)
    }

    /// Completes the output of a host ahead of its turn, if its names are known.
    fn complete(&self, said: &mut Said) -> bool {
        let Said::Unnamed(host) = said else { return true };
        self.found.wait_for_widths(self.names);
        let Some(output) = host.output_without_waiting() else { return false };
        *said = Said::Output(output);
        true
    }

    /// Prints a host's output; returns the outcome of the whole run if continuing is pointless.
    fn print_host(&mut self, said: Said, printed: &mut Printed) -> Option<RunOutcome> {
        let is_interrupted = || self.interrupt.is_some_and(Interrupt::is_pending);
        let HostOutput { outcome, separation, separates, pieces, reports } = match said {
            Said::Output(output) => output,
            Said::Unnamed(host) => host.output(!is_interrupted()),
        };
        if printed.separates {
            self.output.result(separation);
        }
        printed.separates |= separates;
        self.output.play(pieces);
        printed.reports.extend(reports);
        self.output.flush();
        match outcome {
            RunOutcome::Ran { failed } => printed.failed |= failed,
            RunOutcome::Interrupted => printed.interrupted = true,
            outcome @ (RunOutcome::Usage | RunOutcome::Aborted) => return Some(outcome),
        }
        // The reader is gone.
        self.output.is_closed().then_some(RunOutcome::Ran { failed: printed.failed })
    }
}

/// The hosts printed so far.
#[derive(Default)]
struct Printed {
    failed: bool,
    interrupted: bool,
    separates: bool,
    reports: Vec<Report>,
}
