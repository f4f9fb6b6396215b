//! `ntpq`: queries NTP daemons about themselves and their peers.

mod args;
mod associations;
mod command;
mod configuration;
mod explanations;
mod mrulist;
mod ordered_lists;
mod other_daemons;
mod peers;
mod report;
mod variables;
mod writing;

pub use command::COMMANDS;

use crate::app::common::{Parsed, Presettable, watching};
use crate::cli::context::{Context, compat_of};
use crate::cli::exit::RunOutcome;
use crate::cli::getopt::joined;
use crate::cli::group::with_option;
use crate::client::diagnosis::{Asked, Detail};
use crate::client::system_error::SystemError;
use crate::compat::Quirk;
use crate::console::authentication::Authentication;
use crate::console::batch::{Operand, Run};
use crate::console::operands::RunOptions;
use crate::console::options::{ColorChoice, debug_level};
use crate::console::program::{Arguments, Grammar, Program, SeveralHosts, Words};
use crate::console::settings::{Settings, wants_color};
use crate::net::host::AddressFamily;
use crate::net::names::NameService;
use anyhow::Context as _;
pub use args::PROGRAM_INFO;

use args::{DAEMON_HELP, NtpqArgs};
use clap::Args;
use explanations::EXPLANATIONS;
use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The program's description for the shell.
pub static NTPQ: Program = Program {
    name: "ntpq",
    commands: COMMANDS,
    explanations: EXPLANATIONS,
    grammar: Grammar { has_quotes: true, arguments: Arguments::Declared(4), has_association_places: true },
    several: SeveralHosts::Prefixed,
    separates_commands: true,
    help_width: 76,
    traces_family: true,
    words: Words {
        bad_key_id: "Invalid key identifier\n",
        bad_key_type: "keytype is not valid. Type \"help keytype\" for the available digest types.\n",
        long_line: |line| format!("***Line `{line}' is too big\n"),
    },
    // A request is sent twice, and after its first fragment each waits longer for the others.
    slow_timeouts: |timeout| (timeout * 2, (timeout + SECONDARY_TIMEOUT) * 2),
    explain_silence: |diagnosis, address, _, _| diagnosis.explain(Asked::Control, address, Detail::Line),
};

/// How much longer 4.2.8p15 waits for fragments once the first has arrived.
const SECONDARY_TIMEOUT: Duration = Duration::from_secs(3);

/// The command line.
const CALL: Presettable<Order> = Presettable { info: &PROGRAM_INFO, command, order: Order::of };

/// What depends on the order of the options.
#[derive(Debug)]
struct Order {
    /// The commands, of which `-p` is one.
    queue: Vec<OsString>,
    /// The debug level.
    debug: i32,
}

impl Order {
    fn of(matches: &clap::ArgMatches) -> Self {
        Self { queue: queue(matches), debug: debug_level(matches) }
    }
}

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    let command = NtpqArgs::augment_args(clap::Command::new("ntpq"))
        .about("Query NTP daemons: peers, variables, associations")
        .override_usage("ntpq [OPTIONS] [HOST]...")
        .after_help(EXAMPLES);
    let command = with_option(command, "daemon", |daemon| daemon.help(DAEMON_HELP));
    with_option(command, "compat", |compat| {
        compat
            .help("Reproduce this release of the classic program exactly: 4.2.8p15, or none; ntpsec prints NTPsec's tables")
            .value_parser(|text: &str| compat_of(text.as_ref()))
    })
}

/// The text below the options in the help.
const EXAMPLES: &str = "\
Examples:
  ntpq -pn                         the peers of the daemon on this machine
  ntpq -c rv -c 'rv &1' HOST       variables of a daemon and of its first peer
  ntpq HOST                        asks for commands; `help' lists them";

/// Runs `ntpq` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    context.arguments = joined(&context.arguments, "--watch");
    CALL.run(context, run_parsed)
}

/// The commands on the command line, in order: `-p` stands for `peers`.
fn queue(matches: &clap::ArgMatches) -> Vec<OsString> {
    let commands = matches.get_many::<OsString>("command").into_iter().flatten().cloned();
    let mut queue: Vec<(usize, OsString)> =
        matches.indices_of("command").into_iter().flatten().zip(commands).collect();
    if matches.get_flag("peers") {
        queue.extend(matches.indices_of("peers").into_iter().flatten().map(|at| (at, "peers".into())));
    }
    crate::compact::sort(&mut queue);
    queue.into_iter().map(|(_, command)| command).collect()
}

/// Not inlined: the parser, which needs much of the stack itself, runs before.
#[inline(never)]
fn run_parsed(context: &mut Context, parsed: &Parsed<NtpqArgs, Order>) -> RunOutcome {
    let args = &parsed.args;
    let authentication = match Authentication::from_options(args.key.keyfile.as_deref(), args.key.key_id) {
        Ok(authentication) => authentication,
        Err(reason) => {
            context.output.message(format!("ntpq: {reason:#}\n"));
            return RunOutcome::Usage;
        }
    };
    let log = match args.text.logfile.as_deref().map(open_log).transpose() {
        Ok(log) => log.map(Arc::new),
        Err(error) => {
            context.output.message(format!("ntpq: {error:#}\n"));
            return RunOutcome::Usage;
        }
    };
    let run = Run {
        called: context.called.to_string_lossy().into_owned(),
        settings: Settings { authentication, log, ..settings(args, parsed.order.debug, context) },
        names: Arc::new(NameService::system(args.lookups.limit())),
        queue: parsed.order.queue.clone(),
        unordered: args.order.unordered,
        jobs: args.from.jobs.chosen(),
    };
    args.output.begin(&mut context.output, args.format.chosen());
    let family = args.shell.family();
    let run_options = RunOptions {
        is_interactive: args.shell.prompt.interactive,
        watch: args
            .repetition
            .watch
            .map(|interval| watching(interval, args.format.chosen().is_for_programs())),
    };
    run.begin_with(context, &args.from, operands(args, family), family, run_options)
}

/// The debug log file.
fn open_log(path: &Path) -> anyhow::Result<File> {
    let opened = File::options().append(true).create(true).open(path);
    opened.map_err(SystemError::from).with_context(|| path.display().to_string())
}

/// The settings from the command line.
fn settings(args: &NtpqArgs, debug: i32, context: &Context) -> Settings {
    let color = wants_color(args.color.chosen(), context.terminals.output, context.no_color);
    Settings {
        detail: args.shell.explain.detail(),
        host_names: !args.shell.prompt.numeric,
        wide: args.names.wide,
        old_rv: args.shown.old_rv,
        layout: context.layout,
        refid: args.shown.refid.unwrap_or_default(),
        debug,
        daemon: args.daemon.chosen(),
        format: args.format.chosen(),
        // The exact bytes of the classic program contain no colour.
        color: color
            && (!context.dialect.keeps(Quirk::NO_COLOR) || args.color.chosen() == ColorChoice::Always),
        width: context.terminals.columns,
        message_width: context.terminals.error_columns,
        forced_width: args.text.width,
        units: args.text.units,
        ..Settings::standard(&NTPQ, context.dialect)
    }
}

/// The hosts to query, each with an address family.
fn operands(args: &NtpqArgs, mut family: AddressFamily) -> Vec<Operand> {
    let mut operands = Vec::new();
    for host in &args.operands.hosts {
        match host.to_string_lossy() {
            text if text.starts_with("-4") => family = AddressFamily::Ipv4,
            text if text.starts_with("-6") => family = AddressFamily::Ipv6,
            text => operands.push((text.into_owned(), family)),
        }
    }
    operands
}
