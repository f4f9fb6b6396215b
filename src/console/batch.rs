//! Runs commands for all hosts: a command queue per host, in parallel where the hosts are independent, or standard
//! input for the first host.

mod output;
mod parallel;
mod printer;
mod replayed;

use super::command::{Command, Effects, Lookup};
use super::host::{self, FoundHosts, Hosts, NoHost, Target};
use super::interactive::{self, InputMode};
use super::settings::Settings;
use super::structured::{Reporting, conclusion};
use super::variable_list::VariableList;
use super::{Flow, Interruption, Shell};
use crate::cli::exit::RunOutcome;
use crate::cli::format::Format;
use crate::cli::output::Output;
use crate::client::daemon::Daemon;
use crate::compat::Quirk;
use crate::net::host::AddressFamily;
use crate::net::interrupt::Interrupt;
use crate::net::many::Jobs;
use crate::net::names::{NameService, ResolvedHost};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

/// The host that is queried by default.
pub const DEFAULT_HOST: &str = "localhost";
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
    /// Whether the output of each host is printed as soon as it is complete, whatever their order.
    pub unordered: bool,
    /// How many hosts are queried at once.
    pub jobs: Jobs,
}

/// An operand: a host and an address family.
pub type Operand = (String, AddressFamily);

/// An operand after its lookup.
type Found = Result<(ResolvedHost, AddressFamily), NoHost>;

/// A host whose turn comes.
struct Turn<'a> {
    /// Its place among the hosts.
    at: usize,
    name: &'a str,
    found: Found,
    /// The settings with which it begins.
    settings: Arc<Settings>,
}

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
        let (hosts, found) = self.look_up_all(operands);
        if interrupt.as_ref().is_some_and(|interrupt| interrupt.is_pending()) {
            // No host has been queried.
            output.result(conclusion(self.settings.format, &[]));
            return RunOutcome::Interrupted;
        }
        if found.len() > 1 && self.jobs != Jobs::AtMost(1) && self.can_run_in_parallel() {
            return self.run_in_parallel(output, &hosts, operands, found, interrupt.as_ref());
        }
        self.with_shell(output, hosts, |shell| {
            set_interrupt(shell, interrupt.as_ref());
            for (found, (name, _)) in found.into_iter().zip(operands) {
                let daemon = found.map(|(host, family)| (host::daemon(host, &shell.settings), family));
                if adopt(shell, name, daemon) {
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
        let keeps_streams_apart = self.settings.format() == Format::Json
            || self.settings.dialect.keeps(Quirk::MRU_PROGRESS_ANYWHERE);
        let traces = self.settings.debug > 0 && self.settings.log.is_none();
        !traces
            && self.queue.iter().all(|line| {
                let tokens = self.settings.program.tokenize(line.as_bytes(), self.settings.dialect);
                let redirected = tokens.iter().any(|token| token.starts_with(b">"));
                let Some(command) = self.command_of(line) else { return !redirected };
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

    /// The command of a line, if it is one.
    pub(super) fn command_of(&self, line: &OsString) -> Option<&'static Command> {
        let (program, dialect) = (self.settings.program, self.settings.dialect);
        match program.look_up(program.tokenize(line.as_bytes(), dialect).first()?, dialect) {
            Lookup::Found(command) => Some(command),
            Lookup::Unknown | Lookup::Ambiguous => None,
        }
    }

    /// Lends the output to a shell and returns how its run ended.
    fn with_shell(&self, output: &mut Output, hosts: Hosts, run: impl FnOnce(&mut Shell)) -> RunOutcome {
        let mut shell = self.shell(std::mem::replace(output, Output::record()), hosts);
        run(&mut shell);
        let outcome = shell.outcome();
        *output = shell.output;
        output.result(conclusion(self.settings.format(), &shell.reporting.reports));
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
            time: None,
        }
    }
}

/// Lets an interrupt end the run.
fn set_interrupt(shell: &mut Shell, interrupt: Option<&Arc<Interrupt>>) {
    if interrupt.is_some() {
        shell.interruption = Interruption::Run;
        shell.interrupt = interrupt.cloned();
    }
}

/// Makes a daemon the shell's; says why when that cannot be.
fn adopt(shell: &mut Shell, name: &str, daemon: Result<(Daemon, AddressFamily), NoHost>) -> bool {
    name.clone_into(&mut shell.operand);
    let adopted = match daemon {
        Ok((daemon, family)) => {
            shell.hosts.family = family;
            shell.adopt(daemon)
        }
        Err(error) => {
            shell.report_no_host(name, error);
            false
        }
    };
    if !adopted {
        shell.report_absence(name);
    }
    adopted
}
