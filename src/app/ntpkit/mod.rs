//! `ntpkit` itself: lists the applets, runs one by name, and contains the commands that concern them all.

pub mod check_config;
pub mod chrony;
pub mod demo;
pub mod diag;
#[cfg(feature = "exporter")]
pub mod exporter;
pub mod exposure;
pub mod fleet;
pub mod install;
pub mod leap;
#[cfg(feature = "nts")]
pub mod nts;
pub mod ping;

use crate::app::keys;
use crate::cli::context::{Applet, Compat, Context, compat_of};
use crate::cli::exit;
use crate::cli::getopt::joined;
use crate::net::interrupt;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;

/// The command line of `ntpkit`.
#[derive(Debug, Parser)]
#[command(name = "ntpkit", version, about = "The tools an NTP operator reaches for, in one binary")]
#[command(
    subcommand_value_name = "APPLET|COMMAND",
    subcommand_help_heading = "Commands",
    disable_help_subcommand = true
)]
struct Ntpkit {
    /// Reproduce this release of the classic programs exactly: 4.2.8p15 or none; ntpsec prints NTPsec's tables
    #[arg(long, value_name = "RELEASE", value_parser = |text: &str| compat_of(text.as_ref()))]
    compat: Option<Compat>,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Create or remove the links for calling applets by name
    Install(install::InstallArgs),
    /// Demonstrate the applets on simulated daemons, without privileges
    Demo(demo::DemoArgs),
    /// Check a whole fleet of hosts at once: status 0 if all is well, 1 with warnings, 2 if anything is critical, 3 if unknown
    Fleet(Box<fleet::FleetArgs>),
    /// Check symmetric key files
    Keys(keys::KeysArgs),
    /// Check the configuration of a time daemon: status 0 if clean, 1 with warnings, 2 with errors
    CheckConfig(check_config::CheckConfigArgs),
    /// Print the reports of chronyd, of this machine or of many hosts: tracking, sources and others
    Chrony(chrony::ChronyArgs),
    /// Find out what is wrong with the time on this machine or other hosts, and how to fix it
    Diag(diag::DiagArgs),
    /// Serve metrics over HTTP for Prometheus: of this machine, and of other hosts through `/probe`
    #[cfg(feature = "exporter")]
    Exporter(Box<exporter::ExporterArgs>),
    /// Test what servers reveal to strangers, how far they amplify traffic, and which configuration prevents it
    Exposure(exposure::ExposureArgs),
    /// Check the leap-seconds list: status 0 if it is intact and has not expired, 1 if not, 2 if there is none
    Leap(leap::LeapArgs),
    /// Examine Network Time Security (NTS) servers layer by layer
    #[cfg(feature = "nts")]
    Nts(nts::NtsArgs),
    /// Poll servers for the time repeatedly: offset, delay, stratum, loss, jitter, and the spread between them
    Ping(ping::PingArgs),
    #[command(external_subcommand)]
    Applet(Vec<OsString>),
}

/// The exit status for a usage error.
const WRONG_USAGE: u8 = exit::TOOL.usage;

/// The options, for the manual page and the completions.
pub fn command(applets: &[Applet]) -> clap::Command {
    Ntpkit::command().after_help(list_of(applets))
}

/// Runs `ntpkit` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    let words = std::mem::take(&mut context.arguments);
    // The parser would do the same, since an applet takes all words after its name. But listing the options of
    // all other commands takes longer than many applets run.
    if words.first().is_some_and(|word| context.applet(word).is_some()) {
        return run_applet(context, words);
    }
    let words = joined(&words, "--watch");
    let wrong_usage = wrong_usage(&words);
    let parsed = command(context.applets)
        .try_get_matches_from(std::iter::once("ntpkit".into()).chain(words.iter().cloned()))
        .and_then(|matches| Ntpkit::from_arg_matches(&matches));
    let mut unwritten = 1;
    let mut interrupted = false;
    let status = match parsed {
        Ok(parsed) => {
            context.choose(parsed.compat);
            match parsed.task {
                Some(Task::Applet(words)) => return run_applet(context, words),
                Some(Task::Install(args)) => run_install(context, &args),
                Some(Task::Demo(args)) => demo::run(context, &args),
                // Status 1 is a finding here, so an output error must have a different one.
                Some(Task::Keys(args)) => {
                    unwritten = keys::KeyFileVerdict::Unreadable.status();
                    keys::run(context, &args)
                }
                Some(Task::Fleet(args)) => {
                    unwritten = exit::PLUGIN.unwritten;
                    context.arguments = words;
                    let ending = fleet::run(context, &args);
                    interrupted = ending == exit::Ending::Interrupted;
                    ending.status()
                }
                Some(Task::Diag(args)) => {
                    unwritten = exit::PLUGIN.unwritten;
                    diag::run(context, &args)
                }
                Some(Task::Chrony(args)) => {
                    unwritten = exit::TOOL.unwritten;
                    let ending = chrony::run(context, &args);
                    interrupted = ending == exit::Ending::Interrupted;
                    ending.status()
                }
                Some(Task::Exposure(args)) => {
                    unwritten = exit::PLUGIN.unwritten;
                    let ending = exposure::run(context, &args);
                    interrupted = ending == exit::Ending::Interrupted;
                    ending.status()
                }
                #[cfg(feature = "exporter")]
                Some(Task::Exporter(args)) => {
                    unwritten = 1;
                    exporter::run(context, &args)
                }
                Some(Task::Ping(args)) => {
                    unwritten = exit::TOOL.unwritten;
                    ping::run(context, &args)
                }
                Some(Task::Leap(args)) => {
                    unwritten = wrong_usage;
                    leap::run(context, &args)
                }
                Some(Task::CheckConfig(args)) => {
                    unwritten = wrong_usage;
                    check_config::run(context, &args)
                }
                #[cfg(feature = "nts")]
                Some(Task::Nts(args)) => {
                    unwritten = wrong_usage;
                    nts::run(context, &args)
                }
                None => {
                    context.output.result(command(context.applets).render_help().to_string());
                    0
                }
            }
        }
        Err(error) if error.use_stderr() => {
            context.output.message(error.to_string());
            wrong_usage
        }
        Err(help) => {
            context.output.result(help.to_string());
            0
        }
    };
    let status = finish(context, status, unwritten);
    if interrupted {
        interrupt::die();
    }
    status
}

/// The exit status for a usage error in a command line like this: UNKNOWN where plugin statuses are wanted.
fn wrong_usage(words: &[OsString]) -> u8 {
    let command = words.iter().find(|word| !word.to_string_lossy().starts_with('-'));
    let is_plugin = command.is_some_and(|word| word == "fleet" || word == "exposure")
        || words.iter().any(|word| word == "--check");
    if is_plugin { exit::PLUGIN.usage } else { WRONG_USAGE }
}

/// Flushes the output; returns `unwritten` if that fails.
fn finish(context: &mut Context, status: u8, unwritten: u8) -> u8 {
    exit::conclude(&mut context.output, "ntpkit", status, unwritten)
}

fn run_applet(context: &mut Context, words: Vec<OsString>) -> u8 {
    let mut words = words.into_iter();
    let mut word = words.next().unwrap_or_default();
    if word == "help" {
        let Some(topic) = words.next() else {
            context.output.result(command(context.applets).render_help().to_string());
            return finish(context, 0, 1);
        };
        let own = command(context.applets);
        if let Some(command) = topic.to_str().and_then(|topic| own.find_subcommand(topic)) {
            context.output.result(help_of(command.clone(), words));
            return finish(context, 0, 1);
        }
        word = topic;
        words = vec![OsString::from("--help")].into_iter();
    }
    let Some(applet) = context.applet(&word) else {
        let word = word.to_string_lossy();
        context
            .output
            .message(format!("ntpkit: no such applet or command: {word}; `ntpkit --help' lists them\n"));
        return WRONG_USAGE;
    };
    context.called = word;
    context.arguments = words.collect();
    applet.call(context)
}

/// The help of a command, or of the last subcommand named.
fn help_of(command: clap::Command, topics: impl Iterator<Item = OsString>) -> String {
    let mut name = format!("ntpkit {}", command.get_name());
    let mut command = command;
    for topic in topics {
        let Some(inner) = topic.to_str().and_then(|topic| command.find_subcommand(topic)).cloned() else {
            break;
        };
        name = format!("{name} {}", inner.get_name());
        command = inner;
    }
    command.bin_name(name).render_long_help().to_string()
}

fn run_install(context: &mut Context, args: &install::InstallArgs) -> u8 {
    let names: Vec<&str> = context.applets.iter().map(|applet| applet.name).collect();
    let mut reported = Vec::new();
    let done = args.run(&names, &mut reported);
    context.output.result(reported);
    match done {
        Ok(()) => 0,
        Err(error) => {
            context.output.message(format!("ntpkit: {error}\n"));
            1
        }
    }
}

/// The list of applets for the help text.
fn list_of(applets: &[Applet]) -> String {
    let width = applets.iter().map(|applet| applet.name.len()).max().unwrap_or(0);
    let rows: String =
        applets.iter().map(|applet| format!("\n  {:width$}  {}", applet.name, applet.purpose)).collect();
    format!("Applets (call them as `ntpkit APPLET ...', or by their own names through links):{rows}")
}
