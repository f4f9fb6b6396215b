//! `ntpstat`: reports whether the clock is synchronised, whichever daemon disciplines it; and `ntp-wait`, which waits
//! until it is.

mod args;
mod check;
mod classic;
mod hosts;
mod problem;
mod structured;
mod thresholds;
mod wait;

pub use wait::{run as run_wait, wait_command};

use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::getopt::joined;
use crate::cli::plugin::State;
use crate::client::health::{Failure, Question, ask};
use crate::client::unsynchronized::Reason;
use crate::client::why::why;
use crate::compat::{Dialect, Quirk};
use crate::model::health::{Health, Reader};
use args::{Format, NtpstatArgs};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, FromArgMatches};
use std::ffi::OsString;

/// The status if no daemon reports anything.
const CANNOT_TELL: u8 = exit::NTPSTAT.failed;
/// The status for a usage error.
const USAGE: u8 = exit::NTPSTAT.usage;

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpstatArgs::augment_args(clap::Command::new("ntpstat"))
        .about("Tell whether the clock is synchronised")
        .override_usage("ntpstat [OPTIONS] [HOST]...")
}

/// Runs `ntpstat` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    let (status, unwritten) = match parse(&context.arguments) {
        Ok(args) => {
            let unwritten = if args.check { exit::PLUGIN.unwritten } else { exit::NTPSTAT.unwritten };
            (run_parsed(context, &args), unwritten)
        }
        Err(error) => {
            let called = context.called.to_string_lossy().into_owned();
            context.output.message(wrong_usage(&called, &error));
            (USAGE, USAGE)
        }
    };
    finish(context, "ntpstat", status, unwritten)
}

fn parse(arguments: &[OsString]) -> Result<NtpstatArgs, clap::Error> {
    let words =
        std::iter::once(OsString::from("ntpstat")).chain(joined(&joined(arguments, "--wait"), "--watch"));
    NtpstatArgs::from_arg_matches(&command().try_get_matches_from(words)?)
}

/// Flushes the output; an output error is a failure.
fn finish(context: &mut Context, name: &str, status: u8, unwritten: u8) -> u8 {
    exit::conclude(&mut context.output, name, status, unwritten)
}

fn run_parsed(context: &mut Context, args: &NtpstatArgs) -> u8 {
    if args.help {
        context.output.result(command().render_help().to_string());
        return 0;
    }
    if args.version {
        context.output.result(crate::cli::version::version_line("ntpstat"));
        return 0;
    }
    context.choose(args.compat.compat);
    args.output.begin(&mut context.output, args.format.chosen());
    match hosts::gather(context, args) {
        Ok(hosts) => {
            hosts.confine(context, args);
            hosts.ask(context, args)
        }
        Err(status) => status,
    }
}

/// What one host is asked, or this machine.
fn question(args: &NtpstatArgs, dialect: Dialect, host: Option<String>) -> Question {
    Question {
        daemon: args.daemon.chosen(),
        host,
        family: args.family.chosen(),
        timeout: args.timeout,
        detail: args.explain.detail(),
        reader: if dialect.keeps(Quirk::LENIENT_HEALTH) { Reader::Classic } else { Reader::Strict },
    }
}

/// Asks one host, or this machine.
fn ask_one(context: &mut Context, args: &NtpstatArgs, host: Option<String>) -> u8 {
    let question = question(args, context.dialect, host);
    let answer = match args.wait {
        Some(limit) => wait::until_synchronized(context, &question, limit),
        None => ask(&question),
    };
    // OpenMetrics has no place for it.
    let is_wanted = args.check || args.format.chosen() != Format::Openmetrics;
    let reason = answer.as_ref().ok().filter(|_| is_wanted).and_then(|health| why(&question, health));
    print(context, args, &answer, reason.as_ref(), question.reader)
}

fn print(
    context: &mut Context,
    args: &NtpstatArgs,
    answer: &Result<Health, Failure>,
    reason: Option<&Reason>,
    reader: Reader,
) -> u8 {
    let limit = args.maximum_error.as_ref();
    if args.check {
        let (state, line) = match answer {
            Ok(health) => {
                let none = thresholds::Thresholds::default();
                let (warning, critical) = (args.warning.as_ref(), args.critical.as_ref());
                check::line(health, reason, warning.unwrap_or(&none), critical.unwrap_or(&none), limit)
            }
            Err(failure) => (State::Unknown, check::failed_line(failure)),
        };
        context.output.result(line);
        return state as u8;
    }
    match answer {
        Ok(health) => {
            let status = classic::status(health, limit);
            context.output.result(match args.format.chosen() {
                Format::Plain | Format::Table | Format::Dot => classic::lines(health, limit),
                Format::Json => structured::json(None, health, reason, status == 0),
                Format::Openmetrics => structured::openmetrics([(None, Some(health))]),
            });
            // Scripts parse the lines on standard output.
            if let Some(reason) = reason.filter(|_| args.format.chosen() != Format::Json) {
                context.output.message(format!("ntpstat: not synchronised: {}\n", reason.explain()));
            }
            status
        }
        Err(failure) => {
            match args.format.chosen() {
                Format::Plain | Format::Table | Format::Dot => {}
                Format::Json => context.output.result(structured::failed_json(None, failure)),
                Format::Openmetrics => context.output.result(structured::openmetrics([(None, None)])),
            }
            context.output.message(problem::message(failure, reader));
            CANNOT_TELL
        }
    }
}

/// The message for a wrong command line, with the usage.
fn wrong_usage(called: &str, error: &clap::Error) -> String {
    let option = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let line = match error.kind() {
        ErrorKind::UnknownArgument if option.starts_with('-') && !option.starts_with("--") => {
            format!("illegal option -- {}", option.chars().nth(1).unwrap_or('-'))
        }
        _ => error.to_string().lines().next().unwrap_or("").trim_start_matches("error: ").to_owned(),
    };
    misuse(called, &line)
}

/// What is wrong, and how to use the program.
fn misuse(called: &str, line: &str) -> String {
    format!("{called}: {line}\nUsage: {called} [-m MAXERROR] [OPTION]... [HOST]\n")
}

#[cfg(test)]
mod tests;
