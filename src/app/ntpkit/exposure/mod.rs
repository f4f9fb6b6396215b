//! `ntpkit exposure`: what servers answer to strangers, with what amplification, and the configuration that closes it.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

mod findings;
mod shown;

use crate::app::options::FamilyArgs;
use crate::cli::context::Context;
use crate::cli::exit::Ending;
use crate::cli::format::{Format, FormatArgs, OfFindings};
use crate::cli::group::Group;
use crate::cli::hosts::{Gathered, HostFilesArgs, HostsArgs};
use crate::cli::output::reason;
use crate::cli::plugin::{Range, State, Thresholds};
use crate::client::choice::DaemonChoice;
use crate::client::exposure::{Exposure, ExposureJob, NotAsked, Settings};
use crate::net::confine::Tcp;
use crate::net::epoll::Epoll;
use crate::net::host::NTP_PORT;
use crate::net::interrupt::Interrupt;
use crate::net::many::{Finish, Limits, Names, run as run_all};
use crate::net::names::{DEFAULT_PATIENCE, NameService};
use crate::net::sockets::Sockets;
use crate::session::exposure::Pace;
use crate::wire::chrony;
use findings::{Examined, findings};
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// The maximum number of hosts in a run: the command is for one's own servers.
const MAX_HOSTS: usize = 256;
/// The interval between two requests of a run: ten a second.
const INTERVAL: Duration = Duration::from_millis(100);
/// Sockets of each conversation: one for the NTP port, one for chronyd's.
const SOCKETS: usize = 2;
/// The amplification from which an answer is a warning unless `-w` says otherwise.
const WARNING: &str = "1";
/// The amplification from which an answer is critical unless `-c` says otherwise.
const CRITICAL: &str = "20";

/// The options of `ntpkit exposure`.
#[derive(Clone, Debug, clap::Args)]
pub struct ExposureArgs {
    /// Your own servers: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, or a NETWORK such as 192.0.2.0/28; at most 256
    #[arg(value_name = "HOST", required_unless_present = "hosts_from")]
    pub hosts: Vec<String>,
    /// Files of hosts.
    #[command(flatten)]
    pub files: HostFilesArgs,
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Port of hosts that are named without one
    #[arg(short, long, value_name = "PORT", default_value_t = NTP_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Port of chronyd's command protocol
    #[arg(long, value_name = "PORT", default_value_t = chrony::PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub chrony_port: u16,
    /// WARNING if the amplification of an answer is outside this range
    #[arg(short, long, value_name = "RANGE", default_value = WARNING, allow_hyphen_values = true)]
    pub warning: Range,
    /// CRITICAL if the amplification of an answer that needs no nonce is outside this range
    #[arg(short, long, value_name = "RANGE", default_value = CRITICAL, allow_hyphen_values = true)]
    pub critical: Range,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFindings>,
}

/// Runs `ntpkit exposure`. The exit status is that of a plugin.
pub fn run(context: &mut Context, args: &ExposureArgs) -> Ending {
    let unknown = Ending::Status(State::Unknown as u8);
    // No confirmation: larger networks are refused below.
    let files = HostsArgs { files: Group(args.files.clone()), yes: true, ..HostsArgs::default() };
    let Some(hosts) = files.gather(context, "ntpkit exposure", &args.hosts) else { return unknown };
    let Gathered { names, is_whole } = hosts.distinct();
    if names.len() > MAX_HOSTS {
        let count = names.len();
        context
            .output
            .message(format!("ntpkit exposure: {count} hosts; a run queries at most {MAX_HOSTS}\n"));
        return unknown;
    }
    DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, &names);
    let (exposures, finish) = match ask(context, args, &names) {
        Ok(asked) => asked,
        Err(error) => {
            context.output.message(format!("ntpkit exposure: {}\n", reason(&error)));
            return unknown;
        }
    };
    let thresholds =
        Thresholds { warning: Some(args.warning.clone()), critical: Some(args.critical.clone()) };
    let examined: Vec<_> = exposures.iter().map(|exposure| findings(exposure, &thresholds)).collect();
    context.output.result(match args.format.chosen() {
        Format::Json => shown::json(&examined),
        _ => shown::text(&examined),
    });
    if finish == Finish::Interrupted {
        return Ending::Interrupted;
    }
    let initial = if is_whole { State::Ok } else { State::Unknown };
    Ending::Status(examined.iter().map(Examined::state).fold(initial, State::or_worse) as u8)
}

/// Asks all hosts at the pace of the run. Hosts that an interrupt left without an outcome are among the results.
fn ask(context: &mut Context, args: &ExposureArgs, names: &[String]) -> io::Result<(Vec<Exposure>, Finish)> {
    let interrupt = Interrupt::watch().ok();
    let mut network = Epoll::new(interrupt.as_ref())?;
    let service = Names::new(Arc::new(NameService::system(DEFAULT_PATIENCE)), network.waker()?);
    let settings = Settings {
        family: args.family.chosen(),
        port: args.port,
        command_port: args.chrony_port,
        ..Settings::new(Pace::new(INTERVAL))
    };
    let limits = Limits { in_order: false, ..Limits::of_system(MAX_HOSTS, SOCKETS) };
    let jobs =
        names.iter().map(|name| ExposureJob::new(name.clone(), settings.clone(), |_| Sockets::by_address()));
    let mut found: Vec<Option<Exposure>> = names.iter().map(|_| None).collect();
    let output = &context.output;
    let finish = run_all(network, service, limits, jobs, &mut |place, exposure: Exposure| {
        if let Some(slot) = found.get_mut(place) {
            *slot = Some(exposure);
        }
        if output.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let unasked = |name: &String| Exposure { name: name.clone(), result: Err(NotAsked::Interrupted) };
    Ok((
        found.into_iter().zip(names).map(|(one, name)| one.unwrap_or_else(|| unasked(name))).collect(),
        finish,
    ))
}
