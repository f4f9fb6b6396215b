//! The hosts from the command line and from the files it names.

use super::batch::{DEFAULT_HOST, Operand, Run};
use super::command::Effects;
use super::interactive::InputMode;
use crate::cli::context::Context;
use crate::cli::exit::{INTERRUPTED, RunOutcome};
use crate::cli::hosts::{Gathering, HostsArgs, NONE_LEFT};
use crate::cli::watch;
use crate::compat::Quirk;
use crate::net::confine::Tcp;
use crate::net::host::AddressFamily;
use anyhow::bail;

/// How commands are run.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Whether there is a prompt although standard input is no terminal.
    pub is_interactive: bool,
    /// How their results are watched, if they are.
    pub watch: Option<watch::WatchSettings>,
}

impl Run {
    /// Runs the queue for the hosts given on the command line, or reads commands from standard input for the first
    /// host.
    pub fn begin_with(
        self,
        context: &mut Context,
        args: &HostsArgs,
        words: Vec<Operand>,
        family: AddressFamily,
        options: RunOptions,
    ) -> RunOutcome {
        if self.queue.is_empty() && args.take_standard_input() {
            let reason = "--hosts-from - reads standard input, so give the commands with -c";
            context.output.message(format!("{}: {reason}\n", self.called));
            return RunOutcome::Usage;
        }
        if let (Some(_), Err(reason)) = (options.watch, self.only_reads()) {
            context.output.message(format!("{}: --watch {reason}\n", self.called));
            return RunOutcome::Usage;
        }
        let Gathered { operands, failed } = match gather(context, args, words, family) {
            Ok(gathered) => gathered,
            Err(error) => {
                context.output.message(format!("{}: {error:#}\n", self.called));
                return RunOutcome::Ran { failed: true };
            }
        };
        let mode = InputMode::choose(options.is_interactive, context.terminals, context.dialect);
        // A redirection or a session creates files, a command line without one only asks.
        if !self.queue.is_empty() && !self.queue.iter().any(|line| line.as_encoded_bytes().contains(&b'>')) {
            let hosts = operands.iter().map(|(name, _)| name);
            self.settings.daemon.confine(&context.output, Tcp::ToNameServers, hosts);
        }
        let outcome = match options.watch {
            Some(options) => self.watch(context, operands, options),
            None => self.begin(&mut context.output, &operands, mode),
        };
        match outcome {
            RunOutcome::Ran { failed: later } => RunOutcome::Ran { failed: failed || later },
            other => other,
        }
    }

    /// Whether the commands may run again and again.
    ///
    /// # Errors
    /// Why not.
    fn only_reads(&self) -> anyhow::Result<()> {
        if self.queue.is_empty() {
            bail!("needs commands: -c COMMAND or -p");
        }
        let mut commands = self.queue.iter().filter_map(|line| self.command_of(line));
        let changing = commands.find(|command| {
            command.authenticated || ![Effects::NONE, Effects::STREAMS_ROWS].contains(&command.effects)
        });
        match changing {
            Some(command) => bail!("runs only commands that read, unlike `{}'", command.name),
            None => Ok(()),
        }
    }

    /// Runs the queue again and again.
    fn watch(
        mut self,
        context: &mut Context,
        operands: Vec<Operand>,
        options: watch::WatchSettings,
    ) -> RunOutcome {
        let dialect = context.dialect;
        let mode = InputMode::choose(false, context.terminals, dialect);
        let run = move |context: &mut Context| {
            self.settings.width = context.terminals.columns;
            self.settings.message_width = context.terminals.error_columns;
            self.names.start_round();
            self.begin(&mut context.output, &operands, mode).status(dialect)
        };
        match watch::run(context, options, Box::new(run)) {
            INTERRUPTED => RunOutcome::Interrupted,
            status => RunOutcome::Ran { failed: status != 0 },
        }
    }
}

/// The hosts to query.
#[derive(Debug)]
struct Gathered {
    /// The hosts, in the order of the command line and then of the files.
    operands: Vec<Operand>,
    /// Whether something given is not a host, which has been reported.
    failed: bool,
}

/// The hosts given by these words, each with an address family, and those in the files named by the options; the
/// default host if neither names any.
///
/// # Errors
/// Why there is no host to query.
fn gather(
    context: &mut Context,
    args: &HostsArgs,
    words: Vec<Operand>,
    family: AddressFamily,
) -> anyhow::Result<Gathered> {
    let called = context.called.to_string_lossy().into_owned();
    if words.is_empty() && !args.names_files() {
        return Ok(Gathered { operands: vec![(DEFAULT_HOST.to_owned(), family)], failed: false });
    }
    let mut gathering = Gathering::new(args);
    let mut operands = Vec::new();
    for (word, family) in words {
        if context.dialect.keeps(Quirk::NETWORKS_ARE_NAMES) {
            operands.push((word, family));
        } else {
            operands.extend(gathering.operand(&word).into_iter().map(|host| (host, family)));
        }
    }
    operands.extend(gathering.listed().into_iter().map(|host| (host, family)));
    let is_whole = gathering.finish(context, &called).map_err(anyhow::Error::msg)?;
    if operands.is_empty() {
        bail!(NONE_LEFT);
    }
    Ok(Gathered { operands, failed: !is_whole })
}
