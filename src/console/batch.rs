//! Runs commands for all hosts: a command queue per host, in parallel where the hosts are independent, or standard
//! input for the first host.

use super::command::{Effects, Lookup};
use super::host::{self, FoundHosts, Hosts, NoHost, Target};
use super::interactive::{self, InputMode};
use super::settings::Settings;
use super::structured::{Reporting, conclusion};
use super::variable_list::VariableList;
use super::{Flow, Interruption, Shell};
use crate::cli::exit::RunOutcome;
use crate::cli::format::Format;
use crate::cli::output::{Output, Piece};
use crate::compat::Quirk;
use crate::model::Report;
use crate::net::host::AddressFamily;
use crate::net::interrupt::Interrupt;
use crate::net::many::Limits;
use crate::net::names::{NameService, ResolvedHost};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// The host that is queried by default.
pub const DEFAULT_HOST: &str = "localhost";
/// Hosts queried at the same time, each by a thread that mostly waits.
const HOSTS_AT_ONCE: usize = 1000;
/// Descriptors per host: its sockets and the poller.
const DESCRIPTORS_PER_HOST: usize = 3;
/// The stack size of a host's thread, in bytes.
const STACK: usize = 1 << 20;

/// What all hosts share.
pub struct Run {
    /// The program name as it was called.
    pub called: String,
    /// The settings from the command line.
    pub settings: Settings,
    /// The name service.
    pub names: Arc<NameService>,
    /// The commands from the command line.
    pub queue: Vec<OsString>,
}

/// An operand: a host and an address family.
pub type Operand = (String, AddressFamily);

/// An operand after its lookup.
type Found = Result<(ResolvedHost, AddressFamily), NoHost>;

impl Run {
    /// Runs the queue; if it is empty, reads commands from standard input in this mode.
    pub fn begin(&self, output: &mut Output, operands: &[Operand], mode: InputMode) -> RunOutcome {
        if self.queue.is_empty() {
            return self.read_commands(output, operands, mode);
        }
        self.batch(output, operands)
    }

    /// Reads commands from standard input; only the first host is queried.
    fn read_commands(&self, output: &mut Output, operands: &[Operand], mode: InputMode) -> RunOutcome {
        let Some((name, family)) = operands.first() else { return RunOutcome::Ran { failed: false } };
        let hosts = Hosts { several: operands.len() > 1, family: *family, ..Hosts::default() };
        self.with_shell(output, hosts, |shell| {
            if let InputMode::Terminal { .. } = mode {
                // Without it, Ctrl-C ends the session.
                shell.interrupt = Interrupt::watch_terminal().ok().map(Arc::new);
            }
            if !shell.set_host(name) {
                shell.report_absence(name);
            }
            if !shell.is_over() {
                interactive::run(shell, mode);
            }
        })
    }

    /// Runs the queue for every host. Ctrl-C ends the run with the results so far; it kills the classic program.
    fn batch(&self, output: &mut Output, operands: &[Operand]) -> RunOutcome {
        let watches = !self.settings.dialect.keeps(Quirk::INTERRUPT_KILLS);
        if let [(name, family)] = operands
            && name == DEFAULT_HOST
            && self.can_defer_lookup(*family)
        {
            // Many commands query no daemon, so this host is looked up, and Ctrl-C handled, only when one does.
            let hosts = Hosts { family: *family, ..Hosts::default() };
            return self.with_shell(output, hosts, |shell| {
                if watches {
                    shell.interruption = Interruption::Run;
                }
                shell.target = Target::Lazy(name.clone());
                shell.run_queue(&self.queue);
            });
        }
        let interrupt = if watches { Interrupt::watch().ok().map(Arc::new) } else { None };
        let set_interrupt = |shell: &mut Shell| {
            if interrupt.is_some() {
                shell.interruption = Interruption::Run;
                shell.interrupt.clone_from(&interrupt);
            }
        };
        let (hosts, found) = self.look_up_all(operands);
        if found.len() > 1 && self.can_run_in_parallel() {
            return self.run_in_parallel(output, &hosts, operands, found, &set_interrupt);
        }
        self.with_shell(output, hosts, |shell| {
            set_interrupt(shell);
            for (found, (name, _)) in found.into_iter().zip(operands) {
                if adopt(shell, name, found) {
                    shell.run_queue(&self.queue);
                }
                if shell.is_over() {
                    break;
                }
            }
        })
    }

    /// Whether the lookup of the default host can wait until a command needs it. In the classic dialect, opening the
    /// host is visible, and without a host no command runs.
    fn can_defer_lookup(&self, family: AddressFamily) -> bool {
        !self.settings.dialect.keeps(Quirk::EAGER_LOOKUP)
            || self.settings.debug <= 2 && family == AddressFamily::Any
    }

    /// Looks up all hosts at the same time.
    fn look_up_all(&self, operands: &[Operand]) -> (Hosts, Vec<Found>) {
        for (name, family) in operands {
            if let Ok(host) = name.parse() {
                self.names.begin_forward(&host, *family);
            }
        }
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        let mut found = Vec::new();
        for (name, family) in operands {
            let resolved = host::resolve(&self.names, name, *family);
            match &resolved {
                Ok(found) => known.extend(found.addresses.first().map(|&at| (found.name.clone(), at))),
                Err(_) => unknown.push(name.clone()),
            }
            found.push(resolved.map(|resolved| (resolved, *family)));
        }
        self.names.start_round();
        let hosts = Hosts {
            several: operands.len() > 1,
            found: Arc::new(FoundHosts::new(known, unknown)),
            ..Hosts::default()
        };
        (hosts, found)
    }

    /// Whether the hosts are independent: no command changes the host, ends the run, writes a file that another host's
    /// results would overwrite, or may have to prompt for a key. Client lists whose rows are printed as they arrive
    /// would have to be buffered until the hosts before are done, and the classic ones are interrupted one at a time.
    /// The trace of all datagrams is written as it happens and not buffered.
    fn can_run_in_parallel(&self) -> bool {
        let keeps_streams_apart =
            self.settings.format == Format::Json || self.settings.dialect.keeps(Quirk::MRU_PROGRESS_ANYWHERE);
        let traces = self.settings.debug > 0 && self.settings.log.is_none();
        !traces
            && self.queue.iter().all(|line| {
                let tokens = self.settings.program.tokenize(line.as_bytes(), self.settings.dialect);
                let redirected = tokens.iter().any(|token| token.starts_with(b">"));
                let Some(Lookup::Found(command)) =
                    tokens.first().map(|word| self.settings.program.look_up(word))
                else {
                    return !redirected;
                };
                let Effects { changes_host, ends_run, changes_key, may_prompt, streams_rows, secret: _ } =
                    command.effects;
                let depends = changes_host
                    || ends_run
                    || changes_key
                    || may_prompt
                    || streams_rows && keeps_streams_apart
                    || command.authenticated && !self.settings.authentication.is_complete();
                !redirected && !depends
            })
    }

    /// Queries many hosts at the same time; results are printed in host order.
    fn run_in_parallel(
        &self,
        output: &mut Output,
        hosts: &Hosts,
        operands: &[Operand],
        found: Vec<Found>,
        set_interrupt: &(dyn Fn(&mut Shell) + Sync),
    ) -> RunOutcome {
        let mut settings =
            self.settings_per_host(found.iter().filter(|found| found.is_ok()).count()).into_iter();
        let jobs: Vec<Mutex<Option<(Found, Settings)>>> = found
            .into_iter()
            .map(|found| {
                let own = if found.is_ok() { settings.next() } else { None };
                Mutex::new(Some((found, own.unwrap_or_else(|| self.settings.clone()))))
            })
            .collect();
        let count = jobs.len();
        let next = AtomicUsize::new(0);
        let (sender, done) = mpsc::channel();
        std::thread::scope(|scope| {
            for number in 0..count.min(hosts_at_once()) {
                let (jobs, next, sender) = (&jobs, &next, sender.clone());
                let work = move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let (Some(job), Some((name, _))) = (jobs.get(at), operands.get(at)) else { return };
                        let job = job.lock().unwrap_or_else(PoisonError::into_inner).take();
                        let Some((found, settings)) = job else { return };
                        let mut shell = Shell { settings, ..self.shell(Output::record(), hosts.clone()) };
                        set_interrupt(&mut shell);
                        if adopt(&mut shell, name, found) {
                            shell.run_queue(&self.queue);
                        }
                        // Its output may have to wait for other hosts; nothing else must.
                        if sender.send((at, HostOutput::by(shell))).is_err() {
                            return;
                        }
                    }
                };
                let thread = std::thread::Builder::new().stack_size(STACK);
                if thread.spawn_scoped(scope, work.clone()).is_err() {
                    // The system does not allow any more threads.
                    if number == 0 {
                        work();
                    }
                    break;
                }
            }
            drop(sender);
            let (outcome, reports) = print_in_order(output, count, &done);
            output.result(conclusion(self.settings.format, &reports));
            outcome
        })
    }

    /// The initial settings for each of this many hosts: changes made by the local commands of the queue apply to the
    /// hosts that follow.
    fn settings_per_host(&self, hosts: usize) -> Vec<Settings> {
        let mut shell = self.shell(Output::record(), Hosts::default());
        let mut settings = vec![shell.settings.clone()];
        while settings.len() < hosts {
            for line in &self.queue {
                let tokens = self.settings.program.tokenize(line.as_bytes(), self.settings.dialect);
                if let Some(Lookup::Found(command)) =
                    tokens.first().map(|word| self.settings.program.look_up(word))
                    && command.local
                {
                    shell.execute(line.as_bytes());
                }
            }
            settings.push(shell.settings.clone());
        }
        settings
    }

    /// Lends the output to a shell and returns how its run ended.
    fn with_shell(&self, output: &mut Output, hosts: Hosts, run: impl FnOnce(&mut Shell)) -> RunOutcome {
        let mut shell = self.shell(std::mem::replace(output, Output::record()), hosts);
        run(&mut shell);
        let outcome = shell.outcome();
        *output = shell.output;
        output.result(conclusion(self.settings.format, &shell.reporting.reports));
        outcome
    }

    fn shell(&self, output: Output, hosts: Hosts) -> Shell {
        Shell {
            called: self.called.clone(),
            settings: self.settings.clone(),
            output,
            target: Target::None,
            names: Arc::clone(&self.names),
            operand: String::new(),
            hosts,
            associations: Vec::new(),
            variables: VariableList::default(),
            seen: Vec::new(),
            peers: Vec::new(),
            interrupt: None,
            interruption: Interruption::default(),
            prompting: false,
            failed: false,
            separates: false,
            unseparated: 0,
            flow: Flow::Running,
            reporting: Reporting::default(),
        }
    }
}

/// How many hosts can be queried at the same time, limited by the available descriptors.
fn hosts_at_once() -> usize {
    Limits::of_system(HOSTS_AT_ONCE, DESCRIPTORS_PER_HOST).conversations.min(HOSTS_AT_ONCE)
}

/// Makes the host that was found the current one; reports why if that fails.
fn adopt(shell: &mut Shell, name: &str, found: Found) -> bool {
    name.clone_into(&mut shell.operand);
    let adopted = match found {
        Ok((host, family)) => {
            shell.hosts.family = family;
            let daemon = host::daemon(host, &shell.settings);
            shell.adopt(daemon)
        }
        Err(error) => {
            shell.error(&error.line(&shell.called, name, shell.settings.dialect));
            false
        }
    };
    if !adopted {
        shell.report_absence(name);
    }
    adopted
}

/// The output of a host's commands.
struct HostOutput {
    outcome: RunOutcome,
    /// The separation from the output of earlier hosts, if there was any.
    separation: String,
    separates: bool,
    pieces: Vec<Piece>,
    reports: Vec<Report>,
}

impl HostOutput {
    fn by(shell: Shell) -> Self {
        Self {
            outcome: shell.outcome(),
            // This host did not know what the earlier ones would leave behind.
            separation: shell.separation(shell.unseparated),
            separates: shell.separates,
            reports: shell.reporting.reports,
            pieces: shell.output.into_pieces(),
        }
    }
}

/// Prints what the shells recorded, each as soon as all earlier ones are printed; returns the reports kept for the end.
fn print_in_order(
    output: &mut Output,
    count: usize,
    done: &mpsc::Receiver<(usize, HostOutput)>,
) -> (RunOutcome, Vec<Report>) {
    let mut waiting: Vec<Option<HostOutput>> = (0..count).map(|_| None).collect();
    let mut reported = 0;
    let mut failed = false;
    let mut interrupted = false;
    let mut separates = false;
    let mut reports = Vec::new();
    for (at, result) in done {
        if let Some(slot) = waiting.get_mut(at) {
            *slot = Some(result);
        }
        while let Some(result) = waiting.get_mut(reported).and_then(Option::take) {
            if separates {
                output.result(result.separation);
            }
            separates |= result.separates;
            output.play(result.pieces);
            reports.extend(result.reports);
            output.flush();
            match result.outcome {
                RunOutcome::Ran { failed: this } => failed |= this,
                RunOutcome::Interrupted => interrupted = true,
                outcome @ (RunOutcome::Usage | RunOutcome::Aborted) => return (outcome, reports),
            }
            reported += 1;
        }
    }
    (if interrupted { RunOutcome::Interrupted } else { RunOutcome::Ran { failed } }, reports)
}
