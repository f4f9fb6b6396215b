//! Queries many hosts in parallel: in a single loop, or with a thread for each host whose commands wait for something other
//! than its daemon.

use super::output::HostOutput;
use super::printer::Printer;
use super::replayed::{Replayed, Said};
use super::{Found, Operand, Run, Shell, Turn, adopt, set_interrupt};
use crate::cli::exit::RunOutcome;
use crate::cli::output::Output;
use crate::client::choice::DaemonChoice;
use crate::client::daemon::may_be_found;
use crate::client::others::is_over_udp;
use crate::compact::{Sender, channel};
use crate::compat::Quirk;
use crate::console::host::{self, Hosts};
use crate::console::settings::Settings;
use crate::console::structured::conclusion;
use crate::net::beside::both;
use crate::net::epoll::Epoll;
use crate::net::interrupt::Interrupt;
use crate::net::many::{Finish, Jobs, Limits, NoNames, run};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The maximum number of hosts queried by threads, which are mostly waiting.
const THREADS: usize = 1000;
/// The descriptors of each: its sockets and its epoll instance.
const DESCRIPTORS_OF_EACH: usize = 3;
/// The stack size of a thread in octets.
const STACK: usize = 1 << 20;

impl Run {
    /// Queries many hosts in parallel; the output is in order of the hosts unless it may come in any.
    pub(super) fn run_in_parallel(
        &self,
        output: &mut Output,
        hosts: &Hosts,
        operands: &[Operand],
        found: Vec<Found>,
        interrupt: Option<&Arc<Interrupt>>,
    ) -> RunOutcome {
        let mut settings = SettingsPerHost::new(self);
        let can_be_replayed = settings.can_be_replayed;
        let turns = found.into_iter().zip(operands).enumerate().map(|(at, (found, (name, _)))| {
            let settings = if found.is_ok() { settings.next() } else { Arc::clone(&settings.now) };
            Turn { at, name, found, settings }
        });
        let (replayed, threaded): (Vec<Turn>, Vec<Turn>) =
            turns.partition(|turn| can_be_replayed && self.asks_its_daemon_alone(turn));
        let looks_up = settings.looks_up;
        let (sender, said) = channel();
        std::thread::scope(|scope| {
            let (at_once, jobs_of_loop) = shares(self.jobs, threaded.len(), replayed.len());
            let threads = threaded.len().min(threads_at_once(at_once));
            let jobs = Arc::new((
                threaded.into_iter().map(|turn| Mutex::new(Some(turn))).collect(),
                AtomicUsize::new(0),
            ));
            for number in 0..threads {
                let (jobs, sender) = (Arc::clone(&jobs), sender.clone());
                let work = move || self.work_off(&jobs, hosts, interrupt, &sender);
                let thread = std::thread::Builder::new().stack_size(STACK);
                if thread.spawn_scoped(scope, work.clone()).is_err() {
                    // The system has no more threads.
                    if number == 0 {
                        work();
                    }
                    break;
                }
            }
            // Without a thread for the loop, everything is asked before anything is printed.
            let drive = move || {
                (!replayed.is_empty())
                    .then(|| self.replay(replayed, (looks_up, jobs_of_loop), hosts, interrupt, &sender))
            };
            let interrupt = interrupt.map(AsRef::as_ref);
            let unordered = self.unordered;
            let mut printer =
                Printer { unordered, output, found: &hosts.found, names: &self.names, interrupt };
            let (finished, (mut outcome, reports)) = both(drive, || printer.print(said));
            if finished.flatten() == Some(Finish::Interrupted) && matches!(outcome, RunOutcome::Ran { .. }) {
                outcome = RunOutcome::Interrupted;
            }
            output.result(conclusion(self.settings.format(), &reports));
            outcome
        })
    }

    /// Runs the commands of hosts in turn, taking the next when done.
    fn work_off<'a>(
        &'a self,
        (turns, next): &(Vec<Mutex<Option<Turn<'_>>>>, AtomicUsize),
        hosts: &Hosts,
        interrupt: Option<&Arc<Interrupt>>,
        sender: &Sender<(usize, Said<'a>)>,
    ) {
        while let Some(turn) = turns.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(turn) = turn.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
            let settings = Settings::clone(&turn.settings);
            let mut shell = Shell { settings, ..self.shell(Output::record(), hosts.clone()) };
            set_interrupt(&mut shell, interrupt);
            let daemon = turn.found.map(|(host, family)| (host::daemon(host, &shell.settings), family));
            if adopt(&mut shell, turn.name, daemon) {
                shell.run_queue(&self.queue);
            }
            // Only its output has to wait for others.
            if sender.send((turn.at, Said::Output(HostOutput::by(shell)))).is_err() {
                return;
            }
        }
    }

    /// Queries all of these in a single loop.
    fn replay<'a>(
        &'a self,
        turns: Vec<Turn<'a>>,
        (looks_up, jobs): (bool, Jobs),
        hosts: &'a Hosts,
        interrupt: Option<&Arc<Interrupt>>,
        sender: &Sender<(usize, Said<'a>)>,
    ) -> Finish {
        let limits = if looks_up { Limits::chosen } else { Limits::chosen_without_names };
        let limits = Limits { in_order: false, ..limits(jobs, 1) };
        let jobs = turns.into_iter().map(|turn| Replayed::new(self, hosts, turn));
        let mut deliver = |_, said| match sender.send(said) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let finished = Epoll::new(interrupt.map(AsRef::as_ref))
            .and_then(|network| run(network, NoNames::default(), limits, jobs, &mut deliver));
        finished.unwrap_or(Finish::Stopped)
    }

    /// Whether the commands for this host wait only for its daemon's answers over UDP and for names, not for another daemon
    /// on this machine.
    fn asks_its_daemon_alone(&self, turn: &Turn<'_>) -> bool {
        let Ok((host, _)) = &turn.found else { return true };
        let Settings { daemon, dialect, .. } = &self.settings;
        match daemon {
            DaemonChoice::Ntpd => true,
            DaemonChoice::Auto => dialect.keeps(Quirk::MODE6_ONLY) || !may_be_found(&host.addresses),
            other => host.addresses.iter().all(|address| is_over_udp(other, *address)),
        }
    }
}

/// The maximum number of hosts to query by threads at once, and the jobs of the loop beside them.
fn shares(jobs: Jobs, threaded: usize, replayed: usize) -> (usize, Jobs) {
    match jobs.maximum() {
        None => (THREADS, jobs),
        Some(most) if threaded == 0 || replayed == 0 => (most, jobs),
        Some(most) => {
            let threads = (most / 2).clamp(1, threaded);
            (threads, Jobs::AtMost(most - threads))
        }
    }
}

/// The number of threads for at most this many hosts at once: limited by descriptors.
fn threads_at_once(most: usize) -> usize {
    let most = most.min(THREADS);
    Limits::chosen(Jobs::AtMost(most), DESCRIPTORS_OF_EACH).conversations
}

/// The initial settings of each host: changes by local commands of the queue also apply to the hosts that follow.
struct SettingsPerHost<'a> {
    run: &'a Run,
    shell: Shell,
    now: Arc<Settings>,
    /// Whether a command changes settings.
    changes: bool,
    /// Whether the commands can be replayed until all answers are known: no list with its own conversation, no trace of
    /// datagrams.
    can_be_replayed: bool,
    /// Whether names are looked up.
    looks_up: bool,
}

impl<'a> SettingsPerHost<'a> {
    fn new(run: &'a Run) -> Self {
        let shell = run.shell(Output::record(), Hosts::default());
        let changes = run.queue.iter().any(|line| run.command_of(line).is_some_and(|command| command.local));
        let reads_lists = run
            .queue
            .iter()
            .any(|line| run.command_of(line).is_some_and(|command| command.effects.streams_rows));
        let mut this = Self {
            run,
            shell,
            now: Arc::new(run.settings.clone()),
            changes,
            can_be_replayed: true,
            looks_up: false,
        };
        if changes {
            this.advance();
            this.shell.settings = run.settings.clone();
        }
        this.can_be_replayed &= run.settings.debug <= 0 && !reads_lists;
        this.looks_up |= run.settings.host_names;
        this
    }

    /// The settings of the next host.
    fn next(&mut self) -> Arc<Settings> {
        let next = Arc::clone(&self.now);
        if self.changes {
            self.advance();
            self.now = Arc::new(self.shell.settings.clone());
        }
        next
    }

    fn advance(&mut self) {
        for line in &self.run.queue {
            if self.run.command_of(line).is_some_and(|command| command.local) {
                self.shell.execute(line.as_bytes());
                let Settings { host_names, debug, .. } = self.shell.settings;
                self.can_be_replayed &= debug <= 0;
                self.looks_up |= host_names;
            }
        }
        self.shell.output = Output::record();
    }
}
