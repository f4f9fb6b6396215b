//! `ntptrace`: follows a clock to its source, that one to its own source, and so on to a primary server.

mod args;
mod classic;
mod error;
mod shown;
mod structured;
mod trace;

use crate::app::scripts::Script;
use crate::cli::context::Context;
use crate::cli::exit::{self, INTERRUPTED};
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::explain_name;
use crate::client::hops::{QuerySettings, ask};
use crate::compact::channel;
use crate::compat::Quirk;
use crate::net::confine::Tcp;
use crate::net::host::{Host, NTP_PORT};
use crate::net::interrupt::Interrupt;
use crate::net::many::Jobs;
use crate::net::names::NameService;
use crate::wire::ip_text::ip_text;
use crate::wire::status::Selection;
use anyhow::anyhow;
use args::{Format, LOCALHOST, NtptraceArgs, ORIGINAL, ORIGINAL_USAGE};
use clap::Args;
use shown::Shown;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use trace::{End, Trace};

/// The status of a trace that did not reach a primary server.
const INCOMPLETE: u8 = 1;
/// The status for a usage error or an output error.
const USAGE: u8 = exit::TOOL.usage;
/// The same status of the original.
const USAGE_OF_ORIGINAL: u8 = 1;
/// The most sources followed per host.
const MAX_SOURCES: usize = 16;
/// The most hosts whose traces are followed at the same time.
const MAX_TRACES: usize = 32;

const SCRIPT: Script = Script {
    name: "ntptrace",
    command,
    original: ORIGINAL,
    original_usage: ORIGINAL_USAGE,
    usage: "Usage: ntptrace [OPTION]... [HOST]...\n",
};

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtptraceArgs::augment_args(clap::Command::new("ntptrace"))
        .about("Follow a clock to its sources")
        .override_usage("ntptrace [OPTIONS] [HOST]...")
}

/// Runs `ntptrace` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    SCRIPT.run(context, usage_status, run_parsed)
}

fn usage_status(context: &Context) -> u8 {
    if context.dialect.keeps(Quirk::TRACE_ENDS_WITH_0) { USAGE_OF_ORIGINAL } else { USAGE }
}

fn run_parsed(context: &mut Context, args: &NtptraceArgs) -> u8 {
    if context.dialect.keeps(Quirk::TRACE_BY_MODE6) {
        DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, args.named());
        classic::run(context, args);
        return 0;
    }
    let Some(mut hosts) = args.from.gather(context, "ntptrace", &args.named()) else { return INCOMPLETE };
    if hosts.names.is_empty() {
        hosts.names.push(LOCALHOST.to_owned());
    }
    DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, &hosts.names);
    follow_all(context, args, &hosts.names, !hosts.is_whole)
}

/// Traces from all of these hosts and prints the results in their order, each as soon as all before it are printed.
fn follow_all(context: &mut Context, args: &NtptraceArgs, hosts: &[String], mut failed: bool) -> u8 {
    let interrupt = Interrupt::watch().ok();
    let (traces, jobs) = shares(hosts.len(), args.from.jobs.chosen());
    let next = AtomicUsize::new(0);
    let (sender, followed) = channel();
    std::thread::scope(|scope| {
        for _ in 0..traces {
            let (sender, interrupt, next) = (sender.clone(), interrupt.as_ref(), &next);
            let work = move || {
                let names = NameService::system(args.patience.names.limit());
                while let Some((place, host)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    hosts.get(place).map(|host| (place, host))
                } {
                    // The receiver is gone after a failed write.
                    if sender.send((place, Followed::from(host, args, jobs, &names, interrupt))).is_err() {
                        break;
                    }
                }
            };
            // Without another thread, those that there are do all the work.
            if std::thread::Builder::new().spawn_scoped(scope, work.clone()).is_err() {
                if next.load(Ordering::Relaxed) == 0 {
                    work();
                }
                break;
            }
        }
        drop(sender);
        let (mut early, mut place, mut separates) = (BTreeMap::new(), 0, false);
        for (at, one) in followed {
            early.insert(at, one);
            while let Some((host, one)) = hosts.get(place).zip(early.remove(&place)) {
                failed |= !one.print(context, args, host, &mut separates);
                context.output.flush();
                place += 1;
            }
        }
    });
    if interrupt.is_some_and(|interrupt| interrupt.is_pending()) {
        return INTERRUPTED;
    }
    if failed { INCOMPLETE } else { 0 }
}

/// The number of traces that are followed at the same time, and how many hosts each may query at once.
fn shares(hosts: usize, jobs: Jobs) -> (usize, Jobs) {
    let traces = hosts.min(MAX_TRACES);
    let Some(most) = jobs.maximum() else { return (traces, jobs) };
    let traces = traces.min(most);
    (traces, Jobs::AtMost(most / traces.max(1)))
}

/// A trace and the names of its hosts, or why the first host has no address.
struct Followed(anyhow::Result<(Trace, Vec<String>)>);

impl Followed {
    /// Follows the clock of a host.
    fn from(
        host: &str,
        args: &NtptraceArgs,
        jobs: Jobs,
        names: &NameService,
        interrupt: Option<&Interrupt>,
    ) -> Self {
        names.start_round();
        let found = match host.parse::<Host>() {
            Ok(host) => names.forward(&host, args.family()).map_err(|error| {
                if interrupt.is_some_and(Interrupt::is_pending) {
                    return anyhow!("interrupted before its address was known");
                }
                anyhow!("{error}; {}", explain_name(&error, host.name(), args.explain.detail()))
            }),
            Err(error) => Err(error.into()),
        };
        let least = if args.all { Selection::Candidate } else { Selection::SystemPeer };
        let settings =
            QuerySettings { patience: args.patience.timeout, least, most_sources: MAX_SOURCES, jobs };
        let most = usize::try_from(args.max_hosts).ok().filter(|most| *most > 0).unwrap_or(usize::MAX);
        Self(found.map(|found| {
            let trace =
                Trace::follow(&found.addresses, most, &mut |addresses| ask(addresses, settings, interrupt));
            let shown = shown_names(&trace, names, args.numeric);
            (trace, shown)
        }))
    }

    /// Prints it; returns whether it reached a primary server. `separates`: whether earlier traces were printed, from which
    /// an empty line separates this one.
    fn print(&self, context: &mut Context, args: &NtptraceArgs, host: &str, separates: &mut bool) -> bool {
        let (trace, names) = match &self.0 {
            Ok(found) => found,
            Err(reason) => {
                context.output.message(format!("ntptrace: {host}: {reason}\n"));
                return false;
            }
        };
        let errors = error::beginnings(trace);
        let shown = Shown { trace, names, errors: &errors };
        let is_complete = matches!(trace.end_of_chain(), Some(End::Root | End::Limit));
        let text = match args.format.chosen() {
            Format::Json => structured::json(&shown, host, is_complete),
            Format::Dot => shown.dot(),
            _ if args.all => shown.tree(),
            _ => shown.chain(),
        };
        if *separates && !text.is_empty() && args.format.chosen() == Format::Plain {
            context.output.result("\n");
        }
        *separates |= !text.is_empty();
        context.output.result(text);
        if let Some(problem) = shown
            .problem(args.explain.detail())
            .filter(|_| args.format.chosen() != Format::Plain || !args.all)
        {
            context.output.message(format!("ntptrace: {problem}\n"));
        }
        is_complete
    }
}

/// The names of all hosts, looked up together.
fn shown_names(trace: &Trace, names: &NameService, numeric: bool) -> Vec<String> {
    let addresses = || trace.nodes.iter().map(|node| node.address);
    if !numeric {
        names.start_round();
        for address in addresses() {
            names.begin_reverse(address.ip());
        }
    }
    let name = |address: SocketAddr| {
        let text = if numeric { ip_text(address.ip()) } else { names.host_text(address.ip()) };
        match address {
            _ if address.port() == NTP_PORT => text,
            SocketAddr::V6(_) if text.contains(':') => format!("[{text}]:{}", address.port()),
            _ => format!("{text}:{}", address.port()),
        }
    };
    addresses().map(name).collect()
}
