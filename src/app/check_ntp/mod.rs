//! `check_ntp_time` and `check_ntp_peer`: replacements for the Monitoring Plugins programs of the same names.

mod args;
mod judgement;
mod peer;
mod report;
mod sources;
mod time;

use crate::cli::context::Context;
use crate::cli::plugin::{Misuse, State};
use crate::cli::version::version_line;
use crate::cli::{exit, extra_opts};
use crate::client::diagnosis::Explanation;
use crate::clock::Stopwatch;
use crate::compat::Quirk;
use args::{BAD_RANGE, CommonArgs, PeerArgs, RELEASE, TimeArgs};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, FromArgMatches};
use std::ffi::OsString;
use std::time::Duration;

/// Time reserved for starting and printing, so that the plugin never exceeds its timeout.
const RESERVE: Duration = Duration::from_millis(150);

/// Used in place of a reason that has already been reported.
const TOLD: &str = "\0";

/// The result of a plugin: its state, its line, and further lines.
#[derive(Debug)]
struct Found {
    state: State,
    line: String,
    /// The possible reasons of a failure.
    reasons: Vec<String>,
    /// What is printed with `-v`.
    details: Vec<String>,
}

impl Found {
    /// No result, for this reason.
    fn nothing(state: State, why: &Explanation) -> Self {
        // Text after a bar is performance data.
        let one_line = |text: &String| text.replace(['|', '\n'], "?");
        let line = format!("NTP {}: {}", state.name(), one_line(&why.line));
        Self { state, line, reasons: why.reasons.iter().map(one_line).collect(), details: Vec::new() }
    }

    /// Only this line.
    fn line(state: State, line: impl Into<String>) -> Self {
        Self { state, line: line.into(), reasons: Vec::new(), details: Vec::new() }
    }
}

/// A plugin: its name, its options, and the description of the C program.
struct Plugin {
    name: &'static str,
    command: fn() -> clap::Command,
    usage: &'static str,
}

const TIME: Plugin = Plugin {
    name: "check_ntp_time",
    command: time_command,
    usage: " check_ntp_time -H <host> [-4|-6] [-w <warn>] [-c <crit>] [-v verbose] [-o <time offset>]\n",
};

const PEER: Plugin = Plugin {
    name: "check_ntp_peer",
    command: peer_command,
    usage: " check_ntp_peer -H <host> [-4|-6] [-w <warn>] [-c <crit>] [-W <warn>] [-C <crit>]\n       [-j <warn>] [-k <crit>] [-v verbose]\n",
};

/// The options of `check_ntp_time`, for the parser, the manual page and the completions.
pub fn time_command() -> clap::Command {
    TimeArgs::augment_args(clap::Command::new("check_ntp_time"))
        .about("Monitoring plugin: how far is this clock from NTP servers?")
        .override_usage("check_ntp_time -H HOST [OPTIONS]")
}

/// The options of `check_ntp_peer`, for the parser, the manual page and the completions.
pub fn peer_command() -> clap::Command {
    PeerArgs::augment_args(clap::Command::new("check_ntp_peer"))
        .about("Monitoring plugin: how well does an NTP daemon keep its clock?")
        .override_usage("check_ntp_peer -H HOST [OPTIONS]")
}

/// Runs `check_ntp_time` and returns its exit status.
pub fn run_time(context: &mut Context) -> u8 {
    run(context, &TIME, |args: &TimeArgs| &args.common, time::check)
}

/// Runs `check_ntp_peer` and returns its exit status.
pub fn run_peer(context: &mut Context) -> u8 {
    run(context, &PEER, |args: &PeerArgs| &args.common, peer::check)
}

fn run<T: FromArgMatches>(
    context: &mut Context,
    plugin: &Plugin,
    common: fn(&T) -> &CommonArgs,
    check: fn(&T, &Context, &Stopwatch) -> Result<Found, Misuse>,
) -> u8 {
    let watch = Stopwatch::start();
    let found = match parse(context, plugin) {
        Ok(args) => {
            let common = common(&args);
            if let Some(dialect) = common.compat {
                context.dialect = dialect;
            }
            if common.help {
                Found::line(State::Unknown, (plugin.command)().render_help().to_string().trim_end())
            } else if common.version {
                let real = format!("{} v{RELEASE} (monitoring-plugins {RELEASE})", plugin.name);
                let ours = version_line(plugin.name).trim_end().to_owned();
                Found::line(State::Unknown, if is_classic(context) { real } else { ours })
            } else {
                let found = check(&args, context, &watch);
                let mut found = found.unwrap_or_else(|Misuse(reason)| misused(context, plugin, &reason));
                found.details.truncate(if common.verbose > 0 { usize::MAX } else { 0 });
                found
            }
        }
        Err(Misuse(reason)) => misused(context, plugin, &reason),
    };
    // The C program does not end this line.
    let end = if is_classic(context) && found.line == BAD_RANGE { "" } else { "\n" };
    context.output.quoting_result(format!("{}{end}", found.line));
    for reason in &found.reasons {
        context.output.quoting_result(format!("  - {reason}\n"));
    }
    for detail in &found.details {
        context.output.quoting_result(format!("{}\n", detail.replace('|', "?")));
    }
    exit::conclude(&mut context.output, plugin.name, found.state as u8, exit::PLUGIN.unwritten)
}

fn is_classic(context: &Context) -> bool {
    context.dialect.keeps(Quirk::NO_REASON)
}

fn parse<T: FromArgMatches>(context: &mut Context, plugin: &Plugin) -> Result<T, Misuse> {
    if context.arguments.is_empty() {
        return Err(Misuse(String::new()));
    }
    let words = extra_opts::expand(&context.arguments, plugin.name).map_err(Misuse)?;
    let words = std::iter::once(OsString::from(plugin.name)).chain(words);
    // The C program ignores operands.
    let parsed = (plugin.command)().infer_long_args(true).try_get_matches_from(words);
    match parsed.and_then(|matches| T::from_arg_matches(&matches)) {
        Ok(args) => Ok(args),
        Err(error) => {
            if is_classic(context) {
                let called = context.called.to_string_lossy();
                context.output.message(format!("{called}: {}\n", problem(&error, &context.arguments)));
                return Err(Misuse(TOLD.into()));
            }
            let text = error.to_string();
            Err(Misuse(text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()))
        }
    }
}

/// The message of the C library's option parser.
fn problem(error: &clap::Error, words: &[OsString]) -> String {
    let option = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) => text.split([' ', '=']).next().unwrap_or_default(),
        _ => "",
    };
    let letter = option.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    match (error.kind(), letter) {
        (ErrorKind::UnknownArgument, Some(letter)) => format!("invalid option -- '{letter}'"),
        (ErrorKind::UnknownArgument, None) => format!("unrecognized option '{option}'"),
        // Only the last word can lack its value.
        _ => match words.last().map(|word| word.to_string_lossy()) {
            Some(word) if word.starts_with('-') && !word.starts_with("--") => {
                format!("option requires an argument -- '{}'", word.chars().next_back().unwrap_or('-'))
            }
            _ => format!("option '{option}' requires an argument"),
        },
    }
}

/// The message for wrong usage; the C program prints it, and its usage, on standard output.
fn misused(context: &Context, plugin: &Plugin, reason: &str) -> Found {
    let Plugin { name, usage, .. } = plugin;
    if !is_classic(context) {
        let hint = format!("see {name} --help");
        let reason = if reason.is_empty() { "no host; give one with -H" } else { reason };
        return Found::nothing(State::Unknown, &format!("{reason}; {hint}").into());
    }
    let usage = format!("Usage:\n{}", usage.trim_end());
    Found::line(
        State::Unknown,
        match reason {
            "" => format!("\n\n{usage}"),
            TOLD => usage,
            reason => format!("{name}: {reason}\n{usage}"),
        },
    )
}

/// The time left for queries.
fn left(args: &CommonArgs, watch: &Stopwatch) -> Duration {
    args.timeout.saturating_sub(RESERVE.min(args.timeout / 4)).saturating_sub(watch.elapsed())
}
