//! `ntpq`: asks NTP daemons about themselves and their peers.

mod args;
mod associations;
mod command;
mod host;
mod interactive;
mod local;
mod peers;
mod print;
mod query;
mod report;
mod settings;
mod shell;
mod tokens;
mod variable_list;
mod variables;

pub use command::{COMMANDS, Command as NtpqCommand};
pub use local::version_line;

use crate::context::Context;
use crate::exit::{self, Ending};
use crate::net::host::AddressFamily;
use crate::net::names::NameService;
use crate::output::Output;
use args::{MANNERS, NtpqArgs};
use clap::{Args, FromArgMatches};
use command::{Lookup, look_up};
use host::{Hosts, Target};
use settings::{Settings, wants_color};
use shell::Shell;
use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// Who is asked when nobody is named.
const DEFAULT_HOST: &str = "localhost";
/// Hosts that are asked at the same time.
const HOSTS_AT_ONCE: usize = 100;

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpqArgs::augment_args(clap::Command::new("ntpq"))
        .about("Query NTP daemons: peers, variables, associations")
        .override_usage("ntpq [OPTIONS] [HOST]...")
}

/// Runs `ntpq` and gives its exit status.
pub fn run(context: &mut Context) -> u8 {
    let arguments = MANNERS.normalize(&context.arguments);
    let parsed = command()
        .try_get_matches_from(std::iter::once(OsString::from("ntpq")).chain(arguments))
        .and_then(|matches| Ok((NtpqArgs::from_arg_matches(&matches)?, queue(&matches))));
    let ending = match parsed {
        Ok((args, queue)) => {
            if let Some(dialect) = args.compat {
                context.dialect = dialect;
            }
            run_parsed(context, &args, queue)
        }
        Err(error) => {
            context.output.message(MANNERS.explain(&context.called, &error));
            Ending::Usage
        }
    };
    let status = exit::ntpq(&ending, context.dialect);
    match context.output.finish() {
        Ok(()) => status,
        Err(fault) => {
            let (status, message) = exit::unwritten("ntpq", &fault);
            context.output.message(message);
            status
        }
    }
}

/// The commands of the command line, in its order: `-p` stands for `peers`.
fn queue(matches: &clap::ArgMatches) -> Vec<String> {
    let commands = matches.get_many::<String>("command").into_iter().flatten().cloned();
    let mut queue: Vec<(usize, String)> =
        matches.indices_of("command").into_iter().flatten().zip(commands).collect();
    if matches.get_count("peers") > 0 {
        queue.extend(matches.indices_of("peers").into_iter().flatten().map(|at| (at, "peers".to_owned())));
    }
    queue.sort();
    queue.into_iter().map(|(_, command)| command).collect()
}

fn run_parsed(context: &mut Context, args: &NtpqArgs, queue: Vec<String>) -> Ending {
    if args.help {
        context.output.result(command().render_help().to_string());
        return Ending::Ran { failed: false };
    }
    if args.version.is_some() {
        context.output.result(local::version_line("ntpq"));
        return Ending::Ran { failed: false };
    }
    let color = wants_color(args.color, context.terminals.output, context.no_color);
    let run = Run {
        called: context.called.to_string_lossy().into_owned(),
        settings: Settings::new(args, context.dialect, color),
        names: Arc::new(NameService::system(args.name_timeout)),
        queue,
    };
    let operands = operands(args);
    if run.queue.is_empty() {
        let prompt = args.interactive || context.terminals.input && context.terminals.error;
        return run.from_input(&mut context.output, operands, prompt);
    }
    run.batch(&mut context.output, operands)
}

/// The hosts to ask, each with the family of its addresses.
fn operands(args: &NtpqArgs) -> Vec<(String, AddressFamily)> {
    let mut family = match (args.ipv4, args.ipv6) {
        (true, _) => AddressFamily::Ipv4,
        (_, true) => AddressFamily::Ipv6,
        _ => AddressFamily::Any,
    };
    let mut operands = Vec::new();
    for host in &args.hosts {
        match host.to_string_lossy() {
            text if text.starts_with("-4") => family = AddressFamily::Ipv4,
            text if text.starts_with("-6") => family = AddressFamily::Ipv6,
            text => operands.push((text.into_owned(), family)),
        }
    }
    if operands.is_empty() {
        operands.push((DEFAULT_HOST.to_owned(), family));
    }
    operands
}

/// What all hosts share.
struct Run {
    called: String,
    settings: Settings,
    names: Arc<NameService>,
    queue: Vec<String>,
}

impl Run {
    /// Commands are read from standard input; the first host alone is asked.
    fn from_input(&self, output: &mut Output, operands: Vec<(String, AddressFamily)>, prompt: bool) -> Ending {
        let several = operands.len() > 1;
        let Some((name, family)) = operands.into_iter().next() else { return Ending::Ran { failed: false } };
        let hosts = Hosts { several, family, known: Vec::new() };
        let mut shell = self.shell(std::mem::replace(output, Output::record()), Arc::new(hosts));
        shell.batch = false;
        shell.set_host(&name);
        let mut failed = shell.failed;
        if !shell.aborted {
            shell.failed = false;
            interactive::run(&mut shell, prompt);
            failed |= shell.failed;
        }
        let aborted = shell.aborted;
        *output = shell.output;
        if aborted { Ending::Aborted } else { Ending::Ran { failed } }
    }

    /// Runs the queue for every host.
    fn batch(&self, output: &mut Output, operands: Vec<(String, AddressFamily)>) -> Ending {
        let lone_default = operands.len() == 1 && operands.first().is_some_and(|(name, _)| name == DEFAULT_HOST);
        if lone_default {
            return self.batch_lazily(output, operands);
        }
        for (name, family) in &operands {
            if let Ok(host) = name.parse() {
                self.names.begin_forward(&host, *family);
            }
        }
        let mut failed = false;
        let mut hosts = Hosts { several: operands.len() > 1, ..Hosts::default() };
        let mut daemons = Vec::new();
        for (name, family) in operands {
            match host::resolve(&self.names, &self.called, &name, family) {
                Ok(found) => {
                    if let Some(&address) = found.addresses.first() {
                        hosts.known.push((found.name.clone(), address));
                    }
                    daemons.push(Ok((host::daemon(found, &self.settings), family)));
                }
                Err(line) => daemons.push(Err(line)),
            }
        }
        self.names.start_round();
        let hosts = Arc::new(hosts);
        if self.can_run_in_parallel() && daemons.len() > 1 {
            return self.batch_in_parallel(output, &hosts, daemons);
        }
        let mut shell = self.shell(std::mem::replace(output, Output::record()), Arc::clone(&hosts));
        let mut first = true;
        for daemon in daemons {
            match daemon {
                Ok((daemon, family)) => {
                    shell.hosts = Arc::new(Hosts { family, ..(*hosts).clone() });
                    if shell.adopt(daemon) {
                        shell.run_queue(&self.queue, &mut first);
                    }
                }
                Err(line) => shell.complain(&line),
            }
            if shell.is_over() {
                break;
            }
        }
        failed |= shell.failed;
        let aborted = shell.aborted;
        *output = shell.output;
        if aborted { Ending::Aborted } else { Ending::Ran { failed } }
    }

    /// Nobody but the default host: it is looked up only when a command needs it.
    fn batch_lazily(&self, output: &mut Output, operands: Vec<(String, AddressFamily)>) -> Ending {
        let Some((name, family)) = operands.into_iter().next() else { return Ending::Ran { failed: false } };
        let hosts = Hosts { family, ..Hosts::default() };
        let mut shell = self.shell(std::mem::replace(output, Output::record()), Arc::new(hosts));
        shell.target = Target::Lazy(name);
        shell.run_queue(&self.queue, &mut true);
        let (failed, aborted) = (shell.failed, shell.aborted);
        *output = shell.output;
        if aborted { Ending::Aborted } else { Ending::Ran { failed } }
    }

    /// Whether the hosts do not depend on each other: no command changes the host or ends the run.
    fn can_run_in_parallel(&self) -> bool {
        self.queue.iter().all(|line| match self.first_word(line).map(|word| look_up(&word)) {
            Some(Lookup::Found(command)) => !matches!(command.name, "host" | "quit" | "exit"),
            _ => true,
        })
    }

    fn first_word(&self, line: &str) -> Option<Vec<u8>> {
        tokens::tokenize(line.as_bytes(), self.settings.dialect).into_iter().next()
    }

    /// Asks many hosts at the same time; what is printed comes in the order of the hosts.
    fn batch_in_parallel(
        &self,
        output: &mut Output,
        hosts: &Arc<Hosts>,
        daemons: Vec<Result<(crate::commands::daemon::Daemon, AddressFamily), String>>,
    ) -> Ending {
        let settings = self.settings_of_each(daemons.iter().filter(|daemon| daemon.is_ok()).count());
        let mut settings = settings.into_iter();
        let mut first = true;
        let mut jobs = Vec::new();
        for daemon in daemons {
            let mut shell = self.shell(Output::record(), Arc::clone(hosts));
            match daemon {
                Ok((daemon, family)) => {
                    shell.hosts = Arc::new(Hosts { family, ..(**hosts).clone() });
                    shell.settings = settings.next().unwrap_or_else(|| self.settings.clone());
                    if shell.adopt(daemon) {
                        jobs.push((shell, Some(std::mem::replace(&mut first, false))));
                        continue;
                    }
                }
                Err(line) => shell.complain(&line),
            }
            jobs.push((shell, None));
        }
        let count = jobs.len();
        let jobs: Vec<_> = jobs.into_iter().map(|job| std::sync::Mutex::new(Some(job))).collect();
        let next = AtomicUsize::new(0);
        let (sender, finished) = mpsc::channel();
        let mut ending = (false, false);
        std::thread::scope(|scope| {
            for _ in 0..count.min(HOSTS_AT_ONCE) {
                let (jobs, next, sender) = (&jobs, &next, sender.clone());
                scope.spawn(move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(job) = jobs.get(at) else { break };
                        let job = job.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                        let Some((mut shell, first)) = job else { break };
                        if let Some(mut first) = first {
                            shell.run_queue(&self.queue, &mut first);
                        }
                        if sender.send((at, shell)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let mut waiting: Vec<Option<Shell>> = (0..count).map(|_| None).collect();
            let mut told = 0;
            for (at, shell) in finished {
                if let Some(slot) = waiting.get_mut(at) {
                    *slot = Some(shell);
                }
                while let Some(shell) = waiting.get_mut(told).and_then(Option::take) {
                    ending = (ending.0 | shell.failed, ending.1 | shell.aborted);
                    output.play(shell.output.into_pieces());
                    output.flush();
                    told += 1;
                }
            }
        });
        if ending.1 { Ending::Aborted } else { Ending::Ran { failed: ending.0 } }
    }

    /// The settings with which each of so many hosts begins: what the local commands of the queue change
    /// holds for the hosts that follow.
    fn settings_of_each(&self, hosts: usize) -> Vec<Settings> {
        let mut shell = self.shell(Output::record(), Arc::new(Hosts::default()));
        let mut settings = vec![shell.settings.clone()];
        while settings.len() < hosts {
            for line in &self.queue {
                if let Some(Lookup::Found(command)) = self.first_word(line).map(|word| look_up(&word))
                    && command.local
                {
                    shell.execute(line.as_bytes());
                }
            }
            settings.push(shell.settings.clone());
        }
        settings
    }

    fn shell(&self, output: Output, hosts: Arc<Hosts>) -> Shell {
        Shell {
            called: self.called.clone(),
            settings: self.settings.clone(),
            output,
            target: Target::None,
            names: Arc::clone(&self.names),
            hosts,
            associations: Vec::new(),
            variables: variable_list::VariableList::default(),
            failed: false,
            batch: true,
            quit: false,
            aborted: false,
        }
    }
}
