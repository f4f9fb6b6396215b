//! `ntpdc`: queries and changes classic NTP daemons over mode 7.

mod args;
mod arguments;
mod change;
mod command;
mod configure;
mod explanations;
mod hint;
mod local;
mod query;
mod read;
mod records;

pub use command::COMMANDS;

use crate::app::common::{Parsed, Presettable};
use crate::cli::context::Context;
use crate::cli::exit::RunOutcome;
use crate::console::batch::{Operand, Run};
use crate::console::operands::RunOptions;
use crate::console::options::debug_level;
use crate::console::program::{Arguments, Grammar, Program, SeveralHosts, Words};
use crate::console::settings::Settings;
use crate::console::tokens::LINE_LIMIT;
use crate::net::host::AddressFamily;
use crate::net::names::NameService;
use args::{NtpdcArgs, PROGRAM_INFO};
use clap::Args;
use explanations::EXPLANATIONS;
use hint::explain_mode7;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

/// The program's description for the shell.
pub static NTPDC: Program = Program {
    name: "ntpdc",
    commands: COMMANDS,
    explanations: EXPLANATIONS,
    grammar: Grammar { has_quotes: false, arguments: Arguments::All(14), has_association_places: false },
    several: SeveralHosts::Headed,
    separates_commands: false,
    help_width: 78,
    traces_family: false,
    words: Words {
        bad_key_id: "",
        bad_key_type: "keytype must be 'md5' or a digest type provided by OpenSSL\n",
        long_line: |line| format!("***Command ignored, more than {} characters:\n{line}\n", LINE_LIMIT - 1),
    },
    slow_timeouts: |timeout| (timeout, timeout + SECONDARY_TIMEOUT),
    explain_silence: explain_mode7,
};

/// How much longer 4.2.8p15 waits for packets once the first has arrived.
const SECONDARY_TIMEOUT: Duration = Duration::from_secs(2);

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpdcArgs::augment_args(clap::Command::new("ntpdc"))
        .about("Query and change classic NTP daemons over mode 7")
        .override_usage("ntpdc [OPTIONS] [HOST]...")
}

/// The command line: the debug level depends on the order of the options.
const CALL: Presettable<i32> = Presettable { info: &PROGRAM_INFO, command, order: debug_level };

/// Runs `ntpdc` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    CALL.run(context, run_parsed)
}

/// Not inlined: the parser, which needs much of the stack itself, runs before.
#[inline(never)]
fn run_parsed(context: &mut Context, parsed: &Parsed<NtpdcArgs, i32>) -> RunOutcome {
    let args = &parsed.args;
    let run = Run {
        called: context.called.to_string_lossy().into_owned(),
        settings: Settings {
            detail: args.shell.explain.detail(),
            host_names: !args.shell.prompt.numeric,
            debug: parsed.order,
            format: args.format.chosen(),
            width: context.terminals.columns,
            message_width: context.terminals.error_columns,
            ..Settings::standard(&NTPDC, context.dialect)
        },
        names: Arc::new(NameService::system(args.names.limit())),
        queue: queue(args),
        unordered: args.order.unordered,
        jobs: args.from.jobs.chosen(),
    };
    args.output.begin(&mut context.output, args.format.chosen());
    let family = args.shell.family();
    let run_options = RunOptions { is_interactive: args.shell.prompt.interactive, watch: None };
    run.begin_with(context, &args.from, operands(args, family), family, run_options)
}

/// The commands on the command line; those given by options have a fixed order.
fn queue(args: &NtpdcArgs) -> Vec<OsString> {
    let options = [(args.listpeers, "listpeers"), (args.peers, "peers"), (args.showpeers, "dmpeers")];
    let chosen = options.into_iter().filter(|(chosen, _)| *chosen).map(|(_, command)| command.into());
    args.shell.commands.command.iter().cloned().chain(chosen).collect()
}

/// The hosts to query.
fn operands(args: &NtpdcArgs, family: AddressFamily) -> Vec<Operand> {
    args.hosts.iter().map(|host| (host.to_string_lossy().into_owned(), family)).collect()
}
