//! `ntpdate`: queries servers for the time once and sets the clock from the best answer.

mod action;
mod args;
mod ask;
mod channel;
pub mod debian;
mod explain;
mod hardware;
mod keys;
#[cfg(feature = "nts")]
mod nts;
#[cfg(not(feature = "nts"))]
#[path = "without_nts.rs"]
mod nts;
mod numbers;
mod privileges;
mod servers;
mod set;
mod structured;
mod surroundings;
mod text;
mod tries;
mod verdict;

use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::hosts::Gathering;
use crate::client::choice::DaemonChoice;
use crate::clock::setting::SettableClock;
use crate::compat::Quirk;
use crate::net::confine::Tcp;
use args::NtpdateArgs;
use channel::Channel;
use clap::Args;
use debian::Sources;
use servers::Name;
use set::Setter;
use std::path::Path;
use surroundings::{Machine, Surroundings};
use tries::Tries;
use verdict::{Judged, Verdict};

/// The status of a run that found no time.
const FAILED: u8 = exit::NTPDATE.failed;
/// The status for a usage error.
const USAGE: u8 = exit::NTPDATE.usage;
/// The most rejected servers whose reason is printed when none is usable.
const MAX_DROPPED: usize = 8;
/// The banner of the classic dialect.
const CLASSIC_BANNER: &str = "ntpdate 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)";

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpdateArgs::augment_args(clap::Command::new("ntpdate"))
        .about("Set the clock once from NTP servers")
        .override_usage("ntpdate [OPTIONS] SERVER...")
}

/// The applet that runs, and the servers it adds.
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its options.
    pub command: fn() -> clap::Command,
    /// Servers in addition to those on the command line.
    pub servers: Vec<String>,
    /// Where those servers come from.
    pub sources: Sources,
}

impl Program {
    /// `ntpdate` itself, which adds no servers.
    const PLAIN: Self = Self {
        name: "ntpdate",
        command,
        servers: Vec::new(),
        sources: Sources { files: Vec::new(), problems: Vec::new() },
    };
}

/// Runs `ntpdate` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    run_as(context, &Program::PLAIN)
}

/// Runs one of the applets that query servers for the time, and returns the exit status.
pub fn run_as(context: &mut Context, program: &Program) -> u8 {
    let status = run_on(context, program, &Machine);
    exit::conclude(&mut context.output, "ntpdate", status, exit::NTPDATE.unwritten)
}

fn run_on(context: &mut Context, program: &Program, surroundings: &dyn Surroundings) -> u8 {
    let begun = surroundings.elapsed();
    let called = context.called.to_string_lossy().into_owned();
    let mut args = match NtpdateArgs::parse(&called, &context.arguments, context.dialect) {
        Ok(args) => args,
        Err(problems) => return misused(context, program, &called, &problems.to_string()),
    };
    context.choose(args.compat.compat);
    if args.help {
        context.output.result((program.command)().render_help().to_string());
        return 0;
    }
    if args.version {
        context.output.result(crate::cli::version::version_line("ntpdate"));
        return 0;
    }
    args.output.begin(&mut context.output, args.format.chosen());
    let explains_sources =
        !program.sources.files.is_empty() && !context.dialect.keeps(Quirk::SOURCES_UNMENTIONED);
    if context.arguments.is_empty() && program.servers.is_empty() && !explains_sources {
        return misused(context, program, &called, "");
    }
    let name =
        Path::new(&called).file_name().map_or(called.clone(), |name| name.to_string_lossy().into_owned());
    let to_terminal = !args.syslog || args.debug > 0;
    let channel = Channel::open(&name, args.syslog, to_terminal, args.is_classic_form());
    let Some(given) = requested_servers(context, &args, &channel) else { return FAILED };
    let mut names: Vec<Name> =
        given.into_iter().chain(program.servers.iter().cloned()).map(Name::from).collect();
    let mut sources = program.sources.clone();
    if let Some(path) = args.step_tickers.take() {
        match debian::step_tickers(&path) {
            Ok((more, from)) => {
                names.extend(more);
                sources.files.extend(from.files);
                sources.problems.extend(from.problems);
            }
            Err(error) => {
                channel.error(&mut context.output, &format!("{error:#}"));
                return FAILED;
            }
        }
    }
    if !context.dialect.keeps(Quirk::NTPDATE_OPTIONS) {
        nts::mark(&args, &mut names);
    }
    if args.verbose || args.debug > 0 {
        let banner = if context.dialect.keeps(Quirk::NTPDATE_BANNER) {
            CLASSIC_BANNER.to_owned()
        } else {
            crate::cli::version::version_line("ntpdate").trim_end().to_owned()
        };
        channel.notice(&mut context.output, &banner);
    }
    report_sources(context, &args, &channel, &names, &sources);
    // Whoever occupies port 123 is named, which a confined process could not see.
    let is_port_free = args.unprivileged || args.debug > 0;
    if args.only_looks() && is_port_free && !nts::keeps_cookies(&args) {
        let tcp = if names.iter().any(|name| name.nts) { Tcp::Anywhere } else { Tcp::ToNameServers };
        DaemonChoice::Auto.confine(&context.output, tcp, [""; 0]);
    }
    Tries { args: &args, names: &names, channel: &channel, surroundings, begun }.run(context)
}

/// The servers from the command line and from the files it names; `None` if the query was not confirmed.
fn requested_servers(context: &mut Context, args: &NtpdateArgs, channel: &Channel) -> Option<Vec<String>> {
    let mut gathering = Gathering::new(&args.from);
    let words = args.servers.iter().map(|name| name.to_string_lossy().into_owned());
    let mut servers: Vec<String> = if context.dialect.keeps(Quirk::NETWORKS_ARE_NAMES) {
        words.collect()
    } else {
        words.flat_map(|word| gathering.operand(&word)).collect()
    };
    servers.extend(gathering.listed());
    for problem in gathering.take_problems() {
        channel.error(&mut context.output, &problem);
    }
    match gathering.confirm("ntpdate", &mut context.output, context.terminals) {
        Ok(()) => Some(servers),
        Err(reason) => {
            channel.error(&mut context.output, &reason);
            None
        }
    }
}

/// Reports which files were searched for servers, if that matters.
fn report_sources(
    context: &mut Context,
    args: &NtpdateArgs,
    channel: &Channel,
    names: &[Name],
    sources: &Sources,
) {
    if context.dialect.keeps(Quirk::SOURCES_UNMENTIONED) {
        return;
    }
    for problem in &sources.problems {
        channel.warning(&mut context.output, problem);
    }
    let files = sources.files.join(", ");
    match (names, files.as_str()) {
        (_, "") => {}
        ([], files) => channel.error(&mut context.output, &format!("no server in {files}")),
        (names, files) if args.verbose || args.debug > 0 => {
            let names = names.iter().map(|name| name.shown.as_str()).collect::<Vec<_>>().join(", ");
            channel.notice(&mut context.output, &format!("read {files}; servers: {names}"));
        }
        _ => {}
    }
}

/// Prints the second half of the trace, or the lines of a query.
fn report(
    context: &mut Context,
    args: &NtpdateArgs,
    channel: &Channel,
    clock: &dyn SettableClock,
    verdict: &Verdict,
    slots: usize,
) {
    let names_all = !context.dialect.keeps(Quirk::SILENT_SERVERS_UNMENTIONED);
    // Nothing that was not measured is printed as a figure.
    let shown = || {
        let has_figures = |server: &&Judged| if names_all { server.has_sample() } else { server.answered() };
        verdict.servers.iter().filter(has_figures)
    };
    if !args.is_classic_form() {
        return;
    }
    let dialect = context.dialect;
    let mut dropped = verdict.servers.iter().filter_map(|server| {
        Some(format!("{}: Server dropped: {}\n", server.name(), server.reason(dialect)?))
    });
    if args.debug > 0 {
        for line in dropped {
            context.output.result(line);
        }
        context.output.result("\n");
        let zone = crate::clock::zone::local();
        // An answer without a sample still has a stratum and a reference.
        for server in verdict.servers.iter().filter(|server| server.answered()) {
            context.output.result(text::block(server, slots, clock.now(), &zone, dialect));
        }
    } else if args.query {
        for server in shown() {
            context.output.result(text::line(server, dialect));
        }
        for line in dropped.by_ref().filter(|_| names_all) {
            context.output.message(line);
        }
    } else if verdict.no_majority {
        for server in shown() {
            context.output.message(text::line(server, dialect));
        }
    } else if verdict.chosen.is_none() && names_all {
        for line in dropped.by_ref().take(MAX_DROPPED) {
            channel.error(&mut context.output, line.trim_end());
        }
        match dropped.count() {
            0 => {}
            more => channel.error(&mut context.output, &format!("{more} more servers rejected")),
        }
    }
}

/// Sets the clock from the selected server. Returns the exit status, and a structured report if one was requested.
fn conclude(context: &mut Context, setter: &Setter<'_>, verdict: &Verdict, nts: &nts::Nts) -> (u8, String) {
    let Setter { args, channel, .. } = *setter;
    if verdict.two_disagree && (args.verbose || !context.dialect.keeps(Quirk::DISAGREEMENT_UNNOTICED)) {
        let text = "the two servers disagree and there is no third to decide which one is wrong";
        channel.warning(&mut context.output, text);
    }
    let (status, action, outcome) = match verdict.chosen() {
        Some(server) => {
            let offset = server.candidate.offset;
            let action = action::action(args, offset);
            match setter.set(context, &server.name(), offset) {
                Ok(outcome) => (0, Some(action), Some(outcome)),
                Err(status) => (status, Some(action), None),
            }
        }
        None => {
            if verdict.no_majority {
                channel.error(&mut context.output, "no majority of servers agrees");
            }
            channel.error(&mut context.output, "no server suitable for synchronization found");
            (FAILED, None, None)
        }
    };
    explain::print(context, args, || explain::dropped(verdict, args.explain.detail()));
    let run = structured::Run {
        verdict,
        nts: Some(nts),
        action,
        outcome: outcome.as_ref(),
        dry: args.only_looks(),
        status,
    };
    (status, structured::report(args, &run))
}

fn misused(context: &mut Context, program: &Program, called: &str, problems: &str) -> u8 {
    // Debian's script runs the original, which knows only its own name.
    let has_servers = !program.sources.files.is_empty() && !context.dialect.keeps(Quirk::SOURCES_UNMENTIONED);
    let (name, servers) = if has_servers { (program.name, "[server ...]") } else { (called, "server ...") };
    context.output.message(format!(
        "{problems}usage: {name} [-46bBdqsuv] [-a key#] [-e delay] [-k file] [-p samples] [-o version#] \
         [-t timeo] {servers}\n"
    ));
    USAGE
}

#[cfg(test)]
mod tests;
