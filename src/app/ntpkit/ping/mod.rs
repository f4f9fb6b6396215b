//! `ntpkit ping`: polls servers for the time repeatedly and summarises the replies.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

mod report;

use crate::app::options::{ExplainArgs, FamilyArgs};
use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::format::{FormatArgs, OfFindings};
use crate::cli::hosts::{Gathered, HostsArgs};
use crate::cli::seconds;
use crate::client::candidate::time;
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::{Asked, Diagnosis, explain_name, with_address};
use crate::client::time::ask_once;
use crate::clock::monotonic;
use crate::net::confine::Tcp;
use crate::net::epoll::Epoll;
use crate::net::host::Host;
use crate::net::interrupt::Interrupt;
use crate::net::names::NameService;
use crate::session::drive::{Network as _, Wake};
use crate::session::sntp::Server;
use report::{Pinged, Sample};
use std::net::SocketAddr;
use std::time::Duration;

/// The shortest interval for servers on other machines.
const POLITE: Duration = Duration::from_secs(2);
/// The timeout for a reply.
const PATIENCE: Duration = Duration::from_secs(1);
/// The status if a host never replied.
const SILENT: u8 = 1;
/// The status for a usage error.
const USAGE: u8 = exit::TOOL.usage;

/// The options of `ntpkit ping`.
#[derive(Clone, Debug, clap::Args)]
pub struct PingArgs {
    /// Servers: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, or a NETWORK such as 192.0.2.0/28
    #[arg(value_name = "HOST", required_unless_present = "hosts_from")]
    pub hosts: Vec<String>,
    /// Other sources of hosts.
    #[command(flatten)]
    pub more_hosts: HostsArgs,
    /// Poll each host this many times [default: until interrupted]
    #[arg(short, long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub count: Option<u32>,
    /// Time between two rounds in seconds; at least 2 except for servers on this machine
    #[arg(short, long, value_name = "SECONDS", default_value = "2", value_parser = interval)]
    pub interval: Duration,
    /// Also print each clock's offset from the first host's
    #[arg(long)]
    pub compare: bool,
    /// Explanations.
    #[command(flatten)]
    pub explain: ExplainArgs,
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFindings>,
}

fn interval(text: &str) -> anyhow::Result<Duration> {
    Ok(seconds::parse(text, Duration::from_millis(10)..=Duration::from_secs(86_400))?)
}

/// Runs `ntpkit ping` and returns its exit status.
pub fn run(context: &mut Context, args: &PingArgs) -> u8 {
    let Some(gathered) = args.more_hosts.gather(context, "ntpkit ping", &args.hosts) else { return USAGE };
    let Gathered { names, is_whole } = gathered.distinct();
    DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, &names);
    let Some((mut hosts, has_failed)) = resolve(context, args, &names) else { return SILENT };
    let mut failed = has_failed || !is_whole;
    if args.interval < POLITE && hosts.iter().any(|host| !host.address.ip().is_loopback()) {
        context
            .output
            .message("ntpkit: ping: intervals under 2 s are allowed only for servers on this machine\n");
        return USAGE;
    }
    let interrupt = Interrupt::watch().ok();
    let begun = monotonic();
    for round in 1.. {
        let addresses: Vec<SocketAddr> =
            hosts.iter().filter(|host| !host.is_left_alone).map(|host| host.address).collect();
        let mut servers = ask_once(&addresses, PATIENCE, args.more_hosts.jobs.chosen()).into_iter();
        let mut first = None;
        for host in hosts.iter_mut().filter(|host| !host.is_left_alone) {
            let Some(server) = servers.next() else { break };
            let outcome = outcome(&server);
            host.note(outcome.as_ref().ok(), server.wants_to_be_left_alone());
            if let Err(Nothing::Silent(diagnosis)) = outcome {
                host.is_silent_again = host.silence == Some(diagnosis);
                host.silence = Some(diagnosis);
            }
            let offset = outcome.as_ref().ok().map(|sample| sample.clock.offset);
            let line =
                report::line(host, round, &outcome, first.filter(|_| args.compare), args.format.chosen());
            first = first.or(offset);
            context.output.result(line);
        }
        context.output.flush();
        let is_over =
            args.count.is_some_and(|count| round >= count) || hosts.iter().all(|host| host.is_left_alone);
        if is_over || context.output.is_closed() || waits(begun + args.interval * round, interrupt.as_ref()) {
            break;
        }
    }
    failed |= hosts.iter().any(|host| host.answered == 0);
    let is_terminal = context.terminals.output;
    context.output.result(report::summary(&hosts, args.format.chosen(), is_terminal));
    for host in hosts.iter().filter(|host| host.answered == 0) {
        if let Some(silence) = host.silence {
            let next = silence.next_step(Some(host.address));
            let reasons = args.explain.detail().below(|| silence.reasons(Some(host.address)));
            let asked = with_address(&host.name, Some(host.address));
            context.output.message(format!("ntpkit: ping: {asked}: next: {next}{reasons}\n"));
        }
    }
    if failed { SILENT } else { 0 }
}

/// Waits until this instant; returns true if an interrupt came first.
fn waits(until: Duration, interrupt: Option<&Interrupt>) -> bool {
    let Ok(mut network) = Epoll::new(interrupt) else { return true };
    let mut ready = Vec::new();
    while network.now() < until {
        match network.wait(Some(until), &mut ready) {
            Ok(Wake::Turn) => {}
            Ok(Wake::Interrupted) | Err(_) => return true,
        }
    }
    interrupt.is_some_and(Interrupt::is_pending)
}

/// The first address of each host, and whether any host has none; `None` if no host has one.
fn resolve(context: &mut Context, args: &PingArgs, names: &[String]) -> Option<(Vec<Pinged>, bool)> {
    let family = args.family.chosen();
    let service = NameService::system(crate::net::names::DEFAULT_PATIENCE);
    let parsed: Vec<_> = names.iter().map(|host| host.parse::<Host>()).collect();
    for host in parsed.iter().flatten() {
        service.begin_forward(host, family);
    }
    let (mut hosts, mut failed) = (Vec::new(), false);
    for (text, host) in names.iter().zip(parsed) {
        let reason = match host.map(|host| service.forward(&host, family)) {
            Ok(Ok(found)) => {
                hosts.extend(found.addresses.first().map(|address| Pinged::new(text, *address)));
                continue;
            }
            Ok(Err(error)) => format!("{error}; {}", explain_name(&error, text, args.explain.detail())),
            Err(error) => error.to_string(),
        };
        failed = true;
        context.output.message(format!("ntpkit: ping: {text}: {reason}\n"));
    }
    (!hosts.is_empty()).then_some((hosts, failed))
}

/// The sample in a reply.
fn outcome(server: &Server) -> Result<Sample, Nothing> {
    let Some(reply) = server.reply.filter(|_| !server.wants_to_be_left_alone()) else {
        return Err(Nothing::Silent(Diagnosis::of_server(server)));
    };
    let clock = time(server).ok_or(Nothing::Contradiction)?;
    Ok(Sample { clock, stratum: reply.stratum, leap: reply.leap, reference: reply.reference_id })
}

/// Why there is no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    /// No time.
    #[error("{}", .0.cause(Asked::Time))]
    Silent(Diagnosis),
    /// The timestamps contradict each other.
    #[error("its timestamps contradict each other")]
    Contradiction,
}
