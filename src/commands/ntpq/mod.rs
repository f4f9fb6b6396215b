//! `ntpq`: asks NTP daemons about themselves and their peers.

mod args;
mod associations;
mod authentication;
mod batch;
mod command;
mod configuration;
mod host;
mod interactive;
mod local;
mod ordered_lists;
mod peers;
mod print;
mod query;
mod report;
mod settings;
mod shell;
mod structured;
mod tokens;
mod variable_list;
mod variables;
mod writing;

pub use command::{COMMANDS, Command as NtpqCommand};
pub use local::version_line;

use crate::context::Context;
use crate::exit::{self, Ending};
use crate::net::host::AddressFamily;
use crate::net::names::NameService;
use args::{MANNERS, NtpqArgs};
use authentication::Authentication;
use batch::{DEFAULT_HOST, Operand, Run};
use clap::{Args, FromArgMatches};
use settings::{Settings, wants_color};
use std::ffi::OsString;
use std::sync::Arc;

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpqArgs::augment_args(clap::Command::new("ntpq"))
        .about("Query NTP daemons: peers, variables, associations")
        .override_usage("ntpq [OPTIONS] [HOST]...")
}

/// Runs `ntpq` and gives its exit status.
pub fn run(context: &mut Context) -> u8 {
    let command = command();
    let arguments = MANNERS.normalize(&command, &context.arguments);
    let parsed = command
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
    if matches.get_flag("peers") {
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
    let authentication = match Authentication::from_options(args.keyfile.as_deref(), args.key_id) {
        Ok(authentication) => authentication,
        Err(reason) => {
            context.output.message(format!("ntpq: {reason}\n"));
            return Ending::Usage;
        }
    };
    let run = Run {
        called: context.called.to_string_lossy().into_owned(),
        settings: Settings {
            authentication,
            ..Settings::new(args, context.dialect, color, context.terminals.columns)
        },
        names: Arc::new(NameService::system(args.name_timeout)),
        queue,
    };
    let operands = operands(args);
    if run.queue.is_empty() {
        let prompt = args.interactive || context.terminals.input && context.terminals.error;
        return run.read_commands(&mut context.output, &operands, prompt);
    }
    run.batch(&mut context.output, &operands)
}

/// The hosts to ask, each with the family of its addresses.
fn operands(args: &NtpqArgs) -> Vec<Operand> {
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
