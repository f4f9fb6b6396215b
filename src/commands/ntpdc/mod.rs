//! `ntpdc`: asks classic NTP daemons, and changes them, over mode 7.

mod args;
mod change;
mod command;
mod configure;
mod hint;
mod local;
mod query;
mod read;
mod records;

pub use command::COMMANDS;
pub use hint::explain_private;

use crate::commands::ntpq::batch::{DEFAULT_HOST, Operand, Run};
use crate::commands::ntpq::interactive::Manner;
use crate::commands::ntpq::local::version_line;
use crate::commands::ntpq::program::Program;
use crate::commands::ntpq::settings::Settings;
use crate::context::Context;
use crate::exit::{self, Ending};
use crate::net::host::AddressFamily;
use crate::net::names::NameService;
use args::{MANNERS, NtpdcArgs};
use clap::{Args, FromArgMatches};
use std::ffi::OsString;
use std::sync::Arc;

/// The program, for the shell.
pub static NTPDC: Program =
    Program { name: "ntpdc", commands: COMMANDS, reporting: records::REPORTING, is_private: true };

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpdcArgs::augment_args(clap::Command::new("ntpdc"))
        .about("Query and change classic NTP daemons over mode 7")
        .override_usage("ntpdc [OPTIONS] [HOST]...")
}

/// Runs `ntpdc` and gives its exit status.
pub fn run(context: &mut Context) -> u8 {
    let command = command();
    let arguments = MANNERS.normalize(&command, &context.arguments);
    let parsed = command
        .try_get_matches_from(std::iter::once(OsString::from("ntpdc")).chain(arguments))
        .and_then(|matches| NtpdcArgs::from_arg_matches(&matches));
    let ending = match parsed {
        Ok(args) => {
            if let Some(dialect) = args.compat {
                context.dialect = dialect;
            }
            run_parsed(context, &args)
        }
        Err(error) => {
            context.output.message(MANNERS.explain(&context.called, &error));
            Ending::Usage
        }
    };
    let status = exit::ntpq(&ending, context.dialect);
    exit::conclude(&mut context.output, "ntpdc", status)
}

fn run_parsed(context: &mut Context, args: &NtpdcArgs) -> Ending {
    if args.help {
        context.output.result(command().render_help().to_string());
        return Ending::Ran { failed: false };
    }
    if args.version.is_some() {
        context.output.result(version_line("ntpdc"));
        return Ending::Ran { failed: false };
    }
    let steps = i32::from(args.debug_level);
    let run = Run {
        called: context.called.to_string_lossy().into_owned(),
        settings: Settings {
            host_names: !args.numeric,
            debug: args.set_debug_level.last().map_or(steps, |level| level.saturating_add(steps)),
            format: args.format,
            width: context.terminals.columns,
            ..Settings::standard(&NTPDC, context.dialect)
        },
        names: Arc::new(NameService::system(args.name_timeout)),
        queue: queue(args),
    };
    let operands = operands(args);
    if run.queue.is_empty() {
        let manner = Manner::choose(args.interactive, context.terminals, context.dialect);
        return run.read_commands(&mut context.output, &operands, manner);
    }
    run.batch(&mut context.output, &operands)
}

/// The commands of the command line; those of options come in an order of their own.
fn queue(args: &NtpdcArgs) -> Vec<String> {
    let options = [(args.listpeers, "listpeers"), (args.peers, "peers"), (args.showpeers, "dmpeers")];
    let chosen = options.into_iter().filter(|(chosen, _)| *chosen).map(|(_, command)| command.to_owned());
    args.command.iter().cloned().chain(chosen).collect()
}

/// The hosts to ask.
fn operands(args: &NtpdcArgs) -> Vec<Operand> {
    let family = match (args.ipv4, args.ipv6) {
        (true, _) => AddressFamily::Ipv4,
        (_, true) => AddressFamily::Ipv6,
        _ => AddressFamily::Any,
    };
    if args.hosts.is_empty() {
        return vec![(DEFAULT_HOST.to_owned(), family)];
    }
    args.hosts.iter().map(|host| (host.to_string_lossy().into_owned(), family)).collect()
}
