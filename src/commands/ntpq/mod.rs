//! `ntpq`: asks NTP daemons about themselves and their peers.

pub(in crate::commands) mod args;
mod associations;
pub(in crate::commands) mod authentication;
pub(in crate::commands) mod batch;
pub(in crate::commands) mod command;
mod completion;
mod configuration;
mod editor;
mod explanations;
pub(in crate::commands) mod host;
pub(in crate::commands) mod interactive;
pub(in crate::commands) mod local;
mod mrulist;
mod ordered_lists;
mod other_daemons;
mod peers;
pub(in crate::commands) mod print;
pub(in crate::commands) mod program;
pub(in crate::commands) mod query;
mod report;
pub(in crate::commands) mod settings;
pub(in crate::commands) mod shell;
pub(in crate::commands) mod structured;
pub(in crate::commands) mod tokens;
mod variable_list;
mod variables;
mod writing;

pub use command::{COMMANDS, Command as NtpqCommand};
pub use explanations::explanation;
pub use local::version_line;

use crate::clock;
use crate::commands::pager;
use crate::commands::presets::{Given, Presets};
use crate::context::Context;
use crate::exit::{self, Ending};
use crate::net::host::AddressFamily;
use crate::net::names::NameService;
use args::{MANNERS, NtpqArgs};
use authentication::Authentication;
use batch::{DEFAULT_HOST, Operand, Run};
use clap::{Args, FromArgMatches};
use interactive::Manner;
use jiff::tz::TimeZone;
use program::Program;
use settings::{Settings, wants_color};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

/// The program, for the shell.
pub static NTPQ: Program =
    Program { name: "ntpq", commands: COMMANDS, reporting: structured::REPORTING, is_private: false };

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpqArgs::augment_args(clap::Command::new("ntpq"))
        .about("Query NTP daemons: peers, variables, associations")
        .override_usage("ntpq [OPTIONS] [HOST]...")
        .after_help(EXAMPLES)
}

/// What stands below the options in the help text.
const EXAMPLES: &str = "\
Examples:
  ntpq -pn                         the peers of the daemon on this machine
  ntpq -c rv -c 'rv &1' HOST       variables of a daemon and of its first peer
  ntpq HOST                        asks for commands; `help' lists them";

/// Runs `ntpq` and gives its exit status.
pub fn run(context: &mut Context) -> u8 {
    let ending = match parse(context) {
        Ok(parsed) => run_parsed(context, parsed),
        Err(explanation) => {
            context.output.message(explanation);
            Ending::Usage
        }
    };
    let status = exit::ntpq(&ending, context.dialect);
    exit::conclude(&mut context.output, "ntpq", status)
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

/// What the command line and the presets say.
struct Parsed {
    args: NtpqArgs,
    queue: Vec<String>,
    /// The options that hold, where presets were looked at.
    options: Option<Vec<Given>>,
}

/// Reads the command line and the presets; the explanation of what is wrong otherwise.
fn parse(context: &mut Context) -> Result<Parsed, String> {
    let command = command();
    let usage = |error: clap::Error| MANNERS.explain(&context.called, &error);
    let words = MANNERS.normalize(&command, &context.arguments);
    let words = std::iter::once(OsString::from("ntpq")).chain(words);
    let mut matches = command.clone().try_get_matches_from(words).map_err(usage)?;
    let mut args = NtpqArgs::from_arg_matches(&matches).map_err(usage)?;
    let mut options = None;
    if !args.tells_about_itself() {
        let presets = Presets {
            command: &command,
            manners: &MANNERS,
            dialect: args.compat.unwrap_or(context.dialect),
            environment: &|name| std::env::var_os(name),
        };
        let explain = |error| presets.explain(&context.called, &error);
        options = presets.gather(&matches).map_err(explain)?;
        if let Some(options) = &options {
            matches = presets.parse(options, &matches).map_err(explain)?;
            args = NtpqArgs::from_arg_matches(&matches).map_err(usage)?;
        }
    }
    if let Some(dialect) = args.compat {
        context.dialect = dialect;
    }
    Ok(Parsed { queue: queue(&matches), args, options })
}

/// Saves the options and says how that ended.
fn save(context: &mut Context, options: &[Given], file: &Path) -> Ending {
    let command = command();
    let presets = Presets {
        command: &command,
        manners: &MANNERS,
        dialect: context.dialect,
        environment: &|name| std::env::var_os(name),
    };
    let now = TimeZone::system().to_datetime(clock::now());
    let date = format!("{} {:02}:{:02}:{:02}", now.date(), now.hour(), now.minute(), now.second());
    let saved = presets.save(options, Some(file), &date);
    context.output.message(saved.as_ref().err().cloned().unwrap_or_default());
    Ending::Ran { failed: saved.is_err() }
}

fn run_parsed(context: &mut Context, Parsed { args, queue, options }: Parsed) -> Ending {
    let args = &args;
    if args.help {
        context.output.result(command().render_help().to_string());
        return Ending::Ran { failed: false };
    }
    if args.more_help {
        pager::page(&mut context.output, &command().render_help().to_string());
        return Ending::Ran { failed: false };
    }
    if args.version.is_some() {
        context.output.result(local::version_line("ntpq"));
        return Ending::Ran { failed: false };
    }
    if let Some(file) = &args.save_opts {
        return save(context, &options.unwrap_or_default(), Path::new(file));
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
        let manner = Manner::choose(args.interactive, context.terminals, context.dialect);
        return run.read_commands(&mut context.output, &operands, manner);
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
