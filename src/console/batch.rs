//! Runs commands for all hosts: a queue for each, side by side where they do not depend on each other, or
//! what standard input says for the first.

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

/// Who is asked when nobody is named.
pub const DEFAULT_HOST: &str = "localhost";
/// Hosts that are asked at the same time, each by a thread that mostly waits.
const HOSTS_AT_ONCE: usize = 1000;
/// Descriptors of each: its sockets, and what waits for them.
const DESCRIPTORS_OF_EACH: usize = 3;
/// The stack of such a thread, in octets.
const STACK: usize = 1 << 20;

/// What all hosts share.
pub struct Run {
    /// The program as it was called.
    pub called: String,
    /// The choices of the command line.
    pub settings: Settings,
    /// The name service.
    pub names: Arc<NameService>,
    /// The commands of the command line.
    pub queue: Vec<OsString>,
}

/// An operand: a host, and the family of its addresses.
pub type Operand = (String, AddressFamily);

/// An operand after its look-up.
type Found = Result<(ResolvedHost, AddressFamily), NoHost>;

impl Run {
    /// Runs the queue; without one, commands are read from standard input in this manner.
    pub fn begin(&self, output: &mut Output, operands: &[Operand], mode: InputMode) -> RunOutcome {
        if self.queue.is_empty() {
            return self.read_commands(output, operands, mode);
        }
        self.batch(output, operands)
    }

    /// Reads commands from standard input; the first host alone is asked.
    fn read_commands(&self, output: &mut Output, operands: &[Operand], mode: InputMode) -> RunOutcome {
        let Some((name, family)) = operands.first() else { return RunOutcome::Ran { failed: false } };
        let hosts = Hosts { several: operands.len() > 1, family: *family, ..Hosts::default() };
        self.with_shell(output, hosts, |shell| {
            if let InputMode::Terminal { .. } = mode {
                // Without it Ctrl-C ends the session.
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

    /// Runs the queue for every host. Ctrl-C ends the run with what there is; the classic dies of it.
    fn batch(&self, output: &mut Output, operands: &[Operand]) -> RunOutcome {
        let interrupt = if self.settings.dialect.keeps(Quirk::INTERRUPT_KILLS) {
            None
        } else {
            Interrupt::watch().ok().map(Arc::new)
        };
        self.batch_until(output, operands, interrupt.as_ref())
    }

    fn batch_until(
        &self,
        output: &mut Output,
        operands: &[Operand],
        interrupt: Option<&Arc<Interrupt>>,
    ) -> RunOutcome {
        let set_interrupt = |shell: &mut Shell| {
            if interrupt.is_some() {
                shell.interruption = Interruption::Run;
                shell.interrupt = interrupt.cloned();
            }
        };
        if let [(name, family)] = operands
            && name == DEFAULT_HOST
            && self.can_be_put_off(*family)
        {
            // Many commands ask nobody: this host is looked up only when one does.
            let hosts = Hosts { family: *family, ..Hosts::default() };
            return self.with_shell(output, hosts, |shell| {
                set_interrupt(shell);
                shell.target = Target::Lazy(name.clone());
                shell.run_queue(&self.queue);
            });
        }
        let (hosts, found) = self.look_up_all(operands);
        if found.len() > 1 && self.can_run_side_by_side() {
            return self.side_by_side(output, &hosts, operands, found, &set_interrupt);
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

    /// Whether the look-up of the default host can wait until a command asks for it. In the classic it shows
    /// when the host is opened, and without a host no command runs.
    fn can_be_put_off(&self, family: AddressFamily) -> bool {
        !self.settings.dialect.keeps(Quirk::EAGER_LOOKUP)
            || self.settings.debug <= 2 && family == AddressFamily::Any
    }

    /// Looks all hosts up at the same time.
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

    /// Whether the hosts do not depend on each other: no command changes the host, ends the run, writes
    /// a file that another host's would overwrite, or may have to ask for a key. Lists of clients whose rows are
    /// printed as they come would have to be kept for as long as those of the hosts before are read; and those
    /// of the classic are interrupted one by one. The trace of all datagrams is written as it comes, and kept
    /// nowhere.
    fn can_run_side_by_side(&self) -> bool {
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

    /// Asks many hosts at the same time; what is printed comes in the order of the hosts.
    fn side_by_side(
        &self,
        output: &mut Output,
        hosts: &Hosts,
        operands: &[Operand],
        found: Vec<Found>,
        set_interrupt: &(dyn Fn(&mut Shell) + Sync),
    ) -> RunOutcome {
        let mut settings =
            self.settings_of_each(found.iter().filter(|found| found.is_ok()).count()).into_iter();
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
                        // What it has said may have to wait for others; nothing else must.
                        if sender.send((at, Said::by(shell))).is_err() {
                            return;
                        }
                    }
                };
                let thread = std::thread::Builder::new().stack_size(STACK);
                if thread.spawn_scoped(scope, work.clone()).is_err() {
                    // The system gives no more of them.
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

    /// The settings with which each of this many hosts begins: what the local commands of the queue change
    /// holds for the hosts that follow.
    fn settings_of_each(&self, hosts: usize) -> Vec<Settings> {
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

    /// Lends the output to a shell, and says how its run ended.
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

/// How many hosts are asked at the same time: as many as there are descriptors for.
fn hosts_at_once() -> usize {
    Limits::of_system(HOSTS_AT_ONCE, DESCRIPTORS_OF_EACH).conversations.min(HOSTS_AT_ONCE)
}

/// Makes what was found the shell's daemon; says why when that cannot be.
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

/// What came of a host's commands.
struct Said {
    outcome: RunOutcome,
    /// What sets it apart from the hosts before, if they have printed anything.
    separation: String,
    separates: bool,
    pieces: Vec<Piece>,
    reports: Vec<Report>,
}

impl Said {
    fn by(shell: Shell) -> Self {
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
fn print_in_order(
    output: &mut Output,
    count: usize,
    done: &mpsc::Receiver<(usize, Said)>,
) -> (RunOutcome, Vec<Report>) {
    let mut waiting: Vec<Option<Said>> = (0..count).map(|_| None).collect();
    let mut reported = 0;
    let mut failed = false;
    let mut interrupted = false;
    let mut separates = false;
    let mut reports = Vec::new();
    for (at, said) in done {
        if let Some(slot) = waiting.get_mut(at) {
            *slot = Some(said);
        }
        while let Some(said) = waiting.get_mut(reported).and_then(Option::take) {
            if separates {
                output.result(said.separation);
            }
            separates |= said.separates;
            output.play(said.pieces);
            reports.extend(said.reports);
            output.flush();
            match said.outcome {
                RunOutcome::Ran { failed: this } => failed |= this,
                RunOutcome::Interrupted => interrupted = true,
                outcome @ (RunOutcome::Usage | RunOutcome::Aborted) => return (outcome, reports),
            }
            reported += 1;
        }
    }
    (if interrupted { RunOutcome::Interrupted } else { RunOutcome::Ran { failed } }, reports)
}
