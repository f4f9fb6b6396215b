//! Prints the output of many hosts.

use super::output::HostOutput;
use super::replayed::Said;
use crate::cli::exit::RunOutcome;
use crate::cli::output::Output;
use crate::compact::Receiver;
use crate::console::host::FoundHosts;
use crate::model::Report;
use crate::net::interrupt::Interrupt;
use crate::net::many::InOrder;
use crate::net::names::NameService;
use std::collections::VecDeque;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// How many hosts may wait for names, or for the hosts before them, before the output of the oldest is completed ahead
/// of its turn. Complete output takes less memory.
const UNNAMED: usize = 64;
/// How often output that lacks names is looked at while no other comes.
const NAMES_COME: Duration = Duration::from_millis(20);

/// Prints the output of hosts, in their order or as it comes.
pub(super) struct Printer<'a> {
    pub(super) unordered: bool,
    pub(super) output: &'a mut Output,
    pub(super) found: &'a FoundHosts,
    pub(super) names: &'a NameService,
    pub(super) interrupt: Option<&'a Interrupt>,
}

impl Printer<'_> {
    /// Prints the output of each host as soon as it is its turn; returns what is to be printed at the end.
    pub(super) fn print(&mut self, done: Receiver<(usize, Said)>) -> (RunOutcome, Vec<Report>) {
        if self.unordered { self.print_as_it_comes(&done) } else { self.print_in_order(done) }
    }

    /// Prints the output of each host as soon as it is complete. The receiver ends with the last host.
    fn print_as_it_comes(&mut self, done: &Receiver<(usize, Said)>) -> (RunOutcome, Vec<Report>) {
        let mut unnamed = VecDeque::new();
        let mut printed = Printed::default();
        loop {
            let patience = if unnamed.is_empty() { Duration::MAX } else { NAMES_COME };
            let mut complete = VecDeque::new();
            match done.recv_timeout(patience) {
                Ok((_, mut said)) => {
                    let queue = if self.complete(&mut said) { &mut complete } else { &mut unnamed };
                    queue.push_back(said);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while let Some(said) = unnamed.front_mut()
                && self.complete(said)
            {
                complete.extend(unnamed.pop_front());
            }
            for said in complete {
                if let Some(outcome) = self.print_host(said, &mut printed) {
                    return (outcome, printed.reports);
                }
            }
        }
        for said in unnamed {
            if let Some(outcome) = self.print_host(said, &mut printed) {
                return (outcome, printed.reports);
            }
        }
        printed.conclusion()
    }

    /// Prints the output of each host as soon as that of all earlier ones is printed.
    fn print_in_order(&mut self, done: Receiver<(usize, Said)>) -> (RunOutcome, Vec<Report>) {
        let mut hosts = InOrder::default();
        let mut unnamed = VecDeque::new();
        let mut printed = Printed::default();
        for (place, mut said) in done {
            match &mut said {
                Said::Unnamed(_) => unnamed.push_back(place),
                // Text takes less memory, and the loop goes on meanwhile.
                Said::Output(output) => output.recorded.render(),
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
        printed.conclusion()
    }

    /// Completes the output of a host ahead of its turn, if its names are known.
    fn complete(&self, said: &mut Said) -> bool {
        let Said::Unnamed(host) = said else { return true };
        self.found.wait_for_widths(self.names);
        let Some(mut output) = host.output_without_waiting() else { return false };
        output.recorded.render();
        *said = Said::Output(output);
        true
    }

    /// Prints a host's output; returns the outcome of the whole run if continuing is pointless.
    fn print_host(&mut self, said: Said, printed: &mut Printed) -> Option<RunOutcome> {
        let is_interrupted = || self.interrupt.is_some_and(Interrupt::is_pending);
        let HostOutput { outcome, separation, separates, recorded, reports } = match said {
            Said::Output(output) => output,
            Said::Unnamed(host) => host.output(!is_interrupted()),
        };
        if printed.separates {
            self.output.result(separation);
        }
        printed.separates |= separates;
        self.output.play(recorded.into_pieces());
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

impl Printed {
    fn conclusion(self) -> (RunOutcome, Vec<Report>) {
        let Self { interrupted, failed, reports, .. } = self;
        (if interrupted { RunOutcome::Interrupted } else { RunOutcome::Ran { failed } }, reports)
    }
}
