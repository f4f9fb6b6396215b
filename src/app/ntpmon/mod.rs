//! `ntpmon`: monitors one daemon of any kind, or many hosts, on the whole terminal.

mod args;
mod ask;
mod data;
mod draw;
mod history;
mod input;
mod key;
mod log;
mod monitor;
mod order;
mod plan;
mod poll;
mod rounds;
mod screen;
#[cfg(test)]
mod tests;

use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::hosts::Gathered;
use crate::cli::output::reason;
use crate::cli::version::version_line;
use crate::clock::{self, monotonic};
use crate::net::interrupt;
use crate::text::visible;
use args::NtpmonArgs;
use ask::Asker;
use clap::{Args, FromArgMatches};
use data::Update;
use log::Log;
use monitor::{Look, Monitor};
use nix::sys::signal::{Signal, raise};
use rounds::Rounds;
use screen::End;
use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;

/// The columns of a frame that nobody's terminal limits, for one host and for several.
const WIDTHS: [u16; 2] = [80, 120];

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpmonArgs::augment_args(clap::Command::new("ntpmon"))
        .about("Monitor NTP daemons on the whole terminal")
        .override_usage("ntpmon [OPTIONS] [HOST]...")
}

/// Runs `ntpmon` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    let words = std::iter::once(OsString::from("ntpmon")).chain(context.arguments.iter().cloned());
    let parsed =
        command().try_get_matches_from(words).and_then(|matches| NtpmonArgs::from_arg_matches(&matches));
    let status = match parsed {
        Ok(args) if args.help => {
            context.output.result(command().render_help().to_string());
            0
        }
        Ok(args) if args.version => {
            context.output.result(version_line("ntpmon"));
            0
        }
        Ok(args) => monitor(context, &args),
        Err(error) => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            context.output.message(format!("ntpmon: {line}\nUsage: ntpmon [OPTION]... [HOST]...\n"));
            exit::TOOL.usage
        }
    };
    let status = exit::conclude(&mut context.output, "ntpmon", status, exit::TOOL.unwritten);
    if status == exit::INTERRUPTED {
        interrupt::die();
    }
    status
}

fn monitor(context: &mut Context, args: &NtpmonArgs) -> u8 {
    let Some(hosts) = args.targets.gather(context, "ntpmon") else { return exit::TOOL.failed };
    let Gathered { names: mut hosts, is_whole } = hosts.distinct();
    if hosts.is_empty() {
        hosts.push("localhost".to_owned());
    }
    let look = Look {
        numeric: args.numeric,
        units: args.units,
        color: context.terminals.output && !context.no_color,
        dialect: context.dialect,
        ..Look::default()
    };
    let mut monitor = Monitor::new(&hosts, args.interval(hosts.len()), look);
    monitor.log.0.clone_from(&args.log);
    let moves_cursor = std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
    if context.terminals.output
        && moves_cursor
        && let Some(ended) = screen::run(&mut monitor, &hosts, args.settings())
    {
        return match ended {
            Ok(End::Enough) => 0,
            Ok(End::Signal(Signal::SIGINT)) => exit::INTERRUPTED,
            Ok(End::Signal(signal)) => {
                // Returns only if the signal is ignored.
                let _ = raise(signal);
                exit::TOOL.failed
            }
            Err(error) => {
                context.output.message(format!("ntpmon: {}\n", reason(&error)));
                exit::TOOL.failed
            }
        };
    }
    match one_frame(context, args, &mut monitor, &hosts) {
        Ok(status) if is_whole => status,
        Ok(status) => status.max(exit::TOOL.failed),
        Err(error) => {
            context.output.message(format!("ntpmon: {}\n", reason(&error)));
            exit::TOOL.failed
        }
    }
}

/// Prints one frame as text.
fn one_frame(
    context: &mut Context,
    args: &NtpmonArgs,
    monitor: &mut Monitor,
    hosts: &[String],
) -> io::Result<u8> {
    let mut log = None;
    if let Some(path) = &args.log {
        match Log::open(path) {
            Ok(file) => log = Some(file),
            Err(error) => {
                let path = visible(path.as_os_str().as_encoded_bytes());
                context.output.message(format!("ntpmon: {path}: {}\n", reason(&error)));
                return Ok(exit::TOOL.failed);
            }
        }
    }
    let mut fault = None;
    let mut take = |update: Update| {
        if let Some(log) = &mut log
            && let Err(error) = log.write(&update, clock::now())
        {
            fault = Some(error);
        }
        monitor.take(update);
    };
    match hosts {
        [host] => {
            let mut asker = Asker::new(0, host, args.settings());
            if let Some(seen) = asker.ask(monotonic()) {
                take(Update::Seen(Box::new(seen)));
            }
            if !args.numeric
                && let Some(names) = asker.ask_for_names(&ask::names())
            {
                take(names);
            }
        }
        _ => {
            Rounds::new(hosts, args.settings()).go(&mut |update| {
                take(update);
                ControlFlow::Continue(())
            })?;
            take(Update::RoundOver);
        }
    }
    let [one, several] = WIDTHS;
    let usual = if hosts.len() > 1 { several } else { one };
    let width = context.terminals.columns.unwrap_or(usual);
    context.output.result(draw::text(monitor, clock::now(), width));
    if let Some(fault) = fault {
        context.output.message(format!("ntpmon: log: {}\n", reason(&fault)));
        return Ok(exit::TOOL.unwritten);
    }
    let data = monitor.shown();
    let is_lost = match &data.open {
        Some(open) => open.lost.is_some(),
        None => data.rows.iter().any(|row| !row.host.is_answered()),
    };
    Ok(if is_lost { exit::TOOL.failed } else { 0 })
}
