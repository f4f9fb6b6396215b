//! `ntpkit` itself: lists the applets, runs one by name, and contains the commands that concern them all.

#[cfg(feature = "diagnosis")]
pub mod check_config;
#[cfg(feature = "diagnosis")]
pub mod chrony;
#[cfg(feature = "demo")]
pub mod demo;
#[cfg(feature = "diagnosis")]
pub mod diag;
#[cfg(feature = "exporter")]
pub mod exporter;
#[cfg(feature = "diagnosis")]
pub mod exposure;
#[cfg(feature = "fleet")]
pub mod fleet;
pub mod install;
#[cfg(feature = "diagnosis")]
pub mod leap;
#[cfg(feature = "nts")]
pub mod nts;
#[cfg(feature = "diagnosis")]
pub mod ping;

use crate::app::keys;
use crate::cli::context::{Applet, Compat, Context, compat_of};
use crate::cli::exit::{self, Ending};
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
    #[cfg(feature = "demo")]
    Demo(demo::DemoArgs),
    /// Check a whole fleet of hosts at once: status 0 if all is well, 1 with warnings, 2 if anything is critical, 3 if unknown
    #[cfg(feature = "fleet")]
    Fleet(Box<fleet::FleetArgs>),
    /// Check symmetric key files
    Keys(keys::KeysArgs),
    /// Check the configuration of a time daemon: status 0 if clean, 1 with warnings, 2 with errors
    #[cfg(feature = "diagnosis")]
    CheckConfig(check_config::CheckConfigArgs),
    /// Print the reports of chronyd, of this machine or of many hosts: tracking, sources and others
    #[cfg(feature = "diagnosis")]
    Chrony(chrony::ChronyArgs),
    /// Find out what is wrong with the time on this machine or other hosts, and how to fix it
    #[cfg(feature = "diagnosis")]
    Diag(diag::DiagArgs),
    /// Serve metrics over HTTP for Prometheus: of this machine, and of other hosts through `/probe`
    #[cfg(feature = "exporter")]
    Exporter(Box<exporter::ExporterArgs>),
    /// Test what servers reveal to strangers, how far they amplify traffic, and which configuration prevents it
    #[cfg(feature = "diagnosis")]
    Exposure(exposure::ExposureArgs),
    /// Check the leap-seconds list: status 0 if it is intact and has not expired, 1 if not, 2 if there is none
    #[cfg(feature = "diagnosis")]
    Leap(leap::LeapArgs),
    /// Examine Network Time Security (NTS) servers layer by layer
    #[cfg(feature = "nts")]
    Nts(nts::NtsArgs),
    /// Poll servers for the time repeatedly: offset, delay, stratum, loss, jitter, and the spread between them
    #[cfg(feature = "diagnosis")]
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
    let (ending, unwritten) = match parsed {
        Ok(parsed) => {
            context.choose(parsed.compat);
            // How the command ended, and the status if its results could not be written: not one that is a finding.
            match parsed.task {
                Some(Task::Applet(words)) => return run_applet(context, words),
                #[cfg(feature = "fleet")]
                Some(Task::Fleet(args)) => {
                    context.arguments = words;
                    (fleet::run(context, &args), exit::PLUGIN.unwritten)
                }
                Some(Task::Install(args)) => (Ending::Status(run_install(context, &args)), 1),
                Some(Task::Keys(args)) => {
                    (Ending::Status(keys::run(context, &args)), keys::KeyFileVerdict::Unreadable.status())
                }
                #[cfg(feature = "demo")]
                Some(Task::Demo(args)) => (Ending::Status(demo::run(context, &args)), 1),
                #[cfg(feature = "diagnosis")]
                Some(Task::Diag(args)) => (Ending::Status(diag::run(context, &args)), exit::PLUGIN.unwritten),
                #[cfg(feature = "diagnosis")]
                Some(Task::Chrony(args)) => (chrony::run(context, &args), exit::TOOL.unwritten),
                #[cfg(feature = "diagnosis")]
                Some(Task::Exposure(args)) => (exposure::run(context, &args), exit::PLUGIN.unwritten),
                #[cfg(feature = "diagnosis")]
                Some(Task::Ping(args)) => (Ending::Status(ping::run(context, &args)), exit::TOOL.unwritten),
                #[cfg(feature = "diagnosis")]
                Some(Task::Leap(args)) => (Ending::Status(leap::run(context, &args)), wrong_usage),
                #[cfg(feature = "diagnosis")]
                Some(Task::CheckConfig(args)) => {
                    (Ending::Status(check_config::run(context, &args)), wrong_usage)
                }
                #[cfg(feature = "exporter")]
                Some(Task::Exporter(args)) => (Ending::Status(exporter::run(context, &args)), 1),
                #[cfg(feature = "nts")]
                Some(Task::Nts(args)) => (Ending::Status(nts::run(context, &args)), wrong_usage),
                None => {
                    context.output.result(command(context.applets).render_help().to_string());
                    (Ending::Status(0), 1)
                }
            }
        }
        Err(error) if error.use_stderr() => {
            context.output.message(error.to_string());
            (Ending::Status(wrong_usage), 1)
        }
        Err(help) => {
            context.output.result(help.to_string());
            (Ending::Status(0), 1)
        }
    };
    let status = finish(context, ending.status(), unwritten);
    if ending == Ending::Interrupted {
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
