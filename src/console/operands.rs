//! The hosts from the command line and from the files it names.

use super::batch::{DEFAULT_HOST, Operand, Run};
use super::interactive::InputMode;
use crate::cli::context::Context;
use crate::cli::exit::RunOutcome;
use crate::cli::hosts::{Gathering, HostsArgs};
use crate::compat::Quirk;
use crate::net::host::AddressFamily;
use anyhow::bail;

impl Run {
    /// Runs the queue for the hosts given on the command line, or reads commands from standard input for the first
    /// host.
    pub fn begin_with(
        &self,
        context: &mut Context,
        args: &HostsArgs,
        words: Vec<Operand>,
        family: AddressFamily,
        is_interactive: bool,
    ) -> RunOutcome {
        if self.queue.is_empty() && args.take_standard_input() {
            let reason = "--hosts-from - reads standard input, so give the commands with -c";
            context.output.message(format!("{}: {reason}\n", self.called));
            return RunOutcome::Usage;
        }
        let Gathered { operands, failed } = match gather(context, args, words, family) {
            Ok(gathered) => gathered,
            Err(error) => {
                context.output.message(format!("{}: {error:#}\n", self.called));
                return RunOutcome::Ran { failed: true };
            }
        };
        let manner = InputMode::choose(is_interactive, context.terminals, context.dialect);
        match self.begin(&mut context.output, &operands, manner) {
            RunOutcome::Ran { failed: later } => RunOutcome::Ran { failed: failed || later },
            other => other,
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
    let problems = gathering.take_problems();
    for problem in &problems {
        context.output.message(format!("{called}: {problem}\n"));
    }
    gathering.confirm(&called, &mut context.output, context.terminals).map_err(anyhow::Error::msg)?;
    if operands.is_empty() {
        bail!("no host left to query");
    }
    Ok(Gathered { operands, failed: !problems.is_empty() })
}
