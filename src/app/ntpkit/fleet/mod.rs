//! `ntpkit fleet`: checks many hosts in one run and reports those with problems.

mod args;
mod explain;
mod judge;
mod progress;

pub use args::FleetArgs;

use crate::app::common::watching;
use crate::cli::context::Context;
use crate::cli::exit::{Ending, INTERRUPTED};
use crate::cli::hosts::Gathered;
use crate::cli::output::reason;
use crate::cli::plugin::State;
use crate::cli::watch;
use crate::client::choice::DaemonChoice;
use crate::client::look::Look;
use crate::compact;
use crate::model::fleet::{Cause, Host, Order, Problem, Severity, Summary, clocks};
use crate::net::confine::Tcp;
use crate::net::epoll::Epoll;
use crate::net::interrupt::Interrupt;
use crate::net::many::{Finish, Limits, Names, run as run_all};
use crate::net::names::{DEFAULT_PATIENCE, NameService};
use crate::net::sockets::Sockets;
use crate::render::fleet::{FleetStyle, rows, summary, worst};
use crate::render::json::{fleet_host, fleet_summary};
use crate::render::openmetrics;
use args::Format;
use judge::judge;
use progress::Progress;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Sockets per run: one for NTP, and one for chronyd's protocol.
const SOCKETS: usize = 2;

/// The exit status if nothing is known about the fleet.
const UNKNOWN: u8 = State::Unknown as u8;

/// The results of a run.
struct Results {
    /// In command-line order.
    hosts: Vec<Host>,
    finish: Finish,
}

/// Runs `ntpkit fleet`.
pub fn run(context: &mut Context, args: &FleetArgs) -> Ending {
    let unknown = Ending::Status(UNKNOWN);
    if let Err(misuse) = args.check() {
        context.output.message(format!("ntpkit fleet: {misuse}\n"));
        return unknown;
    }
    args.output.begin(&mut context.output, args.format.chosen());
    let Some(hosts) = args.targets.gather(context, "ntpkit fleet") else { return unknown };
    DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, &hosts.names);
    let mentions = hosts.names.len();
    let Gathered { names, is_whole } = hosts.distinct();
    let fleet = Fleet { args: args.clone(), names, mentions, is_whole };
    let Some(interval) = args.watch else { return fleet.run(context) };
    let settings = watching(interval, args.format.chosen().is_for_programs());
    match watch::run(context, settings, Box::new(move |context| fleet.run(context).status())) {
        INTERRUPTED => Ending::Interrupted,
        status => Ending::Status(status),
    }
}

/// The hosts and how to query them.
struct Fleet {
    args: FleetArgs,
    names: Vec<String>,
    /// The number of hosts named, with repetitions.
    mentions: usize,
    /// Whether every line of the hosts files was valid.
    is_whole: bool,
}

impl Fleet {
    /// One run.
    fn run(&self, context: &mut Context) -> Ending {
        let Self { args, names, mentions, is_whole } = self;
        let Results { mut hosts, finish } = match look(context, args, names) {
            Ok(looked) => looked,
            Err(error) => {
                context.output.message(format!("ntpkit fleet: {}\n", reason(&error)));
                return Ending::Status(UNKNOWN);
            }
        };
        if finish == Finish::Stopped {
            // The reader is gone.
            return Ending::Status(State::Ok as u8);
        }
        let clocks = clocks(&mut hosts);
        let mut found = Summary::new(&hosts, clocks, args.order().unwrap_or(Order::Offset));
        found.named = *mentions;
        if !is_whole {
            found.severity = found.severity.max(Some(Severity::Unknown));
        }
        show(context, args, &hosts, &found, finish == Finish::Interrupted);
        match finish {
            Finish::Interrupted => Ending::Interrupted,
            _ => Ending::Status(judge::state(found.severity) as u8),
        }
    }
}

/// Checks all hosts at the same time. Hosts without a result because of an interrupt are included.
fn look(context: &mut Context, args: &FleetArgs, names: &[String]) -> io::Result<Results> {
    let streams = streams(args);
    let interrupt = Interrupt::watch().ok();
    let mut network = Epoll::new(interrupt.as_ref())?;
    let service = Names::new(Arc::new(NameService::system(DEFAULT_PATIENCE)), network.waker()?);
    let settings = args.settings();
    let limits = Limits { in_order: streams, ..Limits::chosen(settings.jobs, SOCKETS) };
    let jobs = names.iter().map(|name| Look::new(name.clone(), settings, |_| Sockets::stamped_by_address()));
    // A progress line must not be mixed with the objects.
    let is_seen = context.terminals.error && !(streams && context.terminals.output);
    let mut progress = Progress::new(names.len(), is_seen);
    let mut hosts: Vec<Option<Host>> = names.iter().map(|_| None).collect();
    let (mut done, mut lost) = (0, 0);
    let output = &mut context.output;
    let finish = run_all(network, service, limits, jobs, &mut |place, mut host: Host| {
        judge(&mut host, args);
        done += 1;
        lost += usize::from(!host.is_answered());
        if streams {
            output.result(fleet_host(&host));
            output.flush();
        }
        progress.show(output, done, lost);
        if let Some(slot) = hosts.get_mut(place) {
            *slot = Some(host);
        }
        if output.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.clear(output);
    let unasked = |name: &String| {
        let problem = Problem::new(Cause::Interrupted, Severity::Unknown, "");
        Host::lost(name.clone(), None, problem)
    };
    let finish = finish?;
    let hosts = hosts.into_iter().zip(names).map(|(host, name)| host.unwrap_or_else(|| unasked(name)));
    Ok(Results { hosts: hosts.collect(), finish })
}

/// Whether hosts are printed as their results arrive.
fn streams(args: &FleetArgs) -> bool {
    args.format.chosen() == Format::Json && args.sort.is_none() && args.only.is_none()
}

fn show(context: &mut Context, args: &FleetArgs, hosts: &[Host], found: &Summary, interrupted: bool) {
    let mut chosen: Vec<&Host> =
        hosts.iter().filter(|host| args.only.is_none() || host.worst().is_some()).collect();
    if let Some(order) = args.order() {
        compact::sort_by(&mut chosen, |one, other| order.compare(one, other));
    }
    let lists_all = args.all || args.only.is_some();
    match args.format.chosen() {
        Format::Table | Format::Plain | Format::Dot => {
            let style = FleetStyle {
                width: context.terminals.columns,
                color: context.terminals.output && !context.no_color,
            };
            context.output.result(summary(hosts, found, style));
            let list = match (lists_all, chosen.is_empty()) {
                (true, true) => String::new(),
                (true, false) => format!("\n{}", rows(chosen.iter().copied(), style)),
                (false, _) => worst(hosts, &found.groups, args.shown(), style),
            };
            context.output.result(list);
            if args.explain.is_given() || context.terminals.error {
                context.output.message(explain::explain(hosts, &found.groups, args.explain.detail()));
            }
        }
        Format::Json => {
            if !streams(args) {
                for host in chosen {
                    context.output.result(fleet_host(host));
                }
            } else if interrupted {
                // The hosts that are missing from what was printed.
                let left = hosts
                    .iter()
                    .filter(|host| host.worst().is_some_and(|problem| problem.cause == Cause::Interrupted));
                for host in left {
                    context.output.result(fleet_host(host));
                }
            }
            context.output.result(fleet_summary(hosts, found, interrupted));
        }
        Format::Openmetrics => {
            let shown = if lists_all { chosen } else { Vec::new() };
            context.output.result(openmetrics::fleet(found, shown));
        }
    }
}
