//! The metrics of this machine: its daemon and the kernel's clock.

use super::args::Collector;
use super::process::Process;
use crate::app::kernel::add_kernel;
use crate::client::choice::{DaemonChoice, daemon};
use crate::client::clients;
use crate::client::conversation::config;
use crate::client::daemon::Daemon;
use crate::client::diagnosis::Detail;
use crate::client::health::{self, Question};
use crate::client::others::{self, Other};
use crate::client::probe::{of_view, reports};
use crate::clock::kernel::{KernelClock as _, SystemClock};
use crate::clock::{self, Stopwatch};
use crate::model::health::Reader;
use crate::model::report::Report;
use crate::model::{Association, Origin, Peer};
use crate::net::host::{AddressFamily, NTP_PORT};
use crate::render::openmetrics::exposition::{Exposition, Samples};
use crate::render::openmetrics::{add_build, add_chrony, add_collector, add_health, add_reports};
use crate::session::control::{Reply, Request};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::status::PeerStatusWord;
use crate::wire::variables::scan;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// The name of this machine in labels.
const HERE: &str = "localhost";
/// The maximum number of associations to query.
const MAX_ASSOCIATIONS: usize = 128;

/// Reads this machine's metrics for these collectors within about this time.
pub fn collect(process: Process, wanted: &[Collector], choice: &DaemonChoice, limit: Duration) -> Samples {
    let mut exposition = Exposition::default();
    add_build(&mut exposition);
    process.add(&mut exposition);
    let is_wanted = |collector| wanted.contains(&collector);
    if is_wanted(Collector::Kernel) {
        let watch = Stopwatch::start();
        let state = SystemClock.read();
        if let Ok(state) = &state {
            add_kernel(&mut exposition, state);
        }
        add_collector(&mut exposition, Collector::Kernel.word(), state.is_ok(), watch.elapsed());
    }
    if wanted.iter().any(|collector| *collector != Collector::Kernel) {
        of_daemon(&mut exposition, wanted, choice, limit);
    }
    exposition.into_samples()
}

fn of_daemon(exposition: &mut Exposition, wanted: &[Collector], choice: &DaemonChoice, limit: Duration) {
    let is_wanted = |collector| wanted.contains(&collector);
    let note = |exposition: &mut Exposition, collector: Collector, success, watch: &Stopwatch| {
        if is_wanted(collector) {
            add_collector(exposition, collector.word(), success, watch.elapsed());
        }
    };
    let watch = Stopwatch::start();
    let question = Question {
        daemon: choice.clone(),
        host: None,
        family: AddressFamily::Any,
        timeout: limit / 2,
        detail: Detail::Line,
        reader: Reader::Strict,
    };
    let health = health::ask(&question).ok();
    if is_wanted(Collector::System) {
        add_health(exposition, None, health.as_ref());
    }
    let name = health.as_ref().map(|health| health.daemon);
    let left = limit.saturating_sub(watch.elapsed()).max(limit / 4);
    let mut spoken = None;
    let mut other = match name {
        Some("ntpd") => {
            spoken = Some(control(left));
            None
        }
        Some(name) => other(choice, name, left),
        None => None,
    };
    let mut has_sources = true;
    let known = match (&mut spoken, &mut other) {
        (Some(spoken), _) => spoken.1.take(),
        (_, Some(other)) => {
            let (view, unknown) = other.partial_view();
            has_sources = unknown.is_none();
            Some(of_view(origin(), &view))
        }
        _ => None,
    };
    has_sources &= known.is_some();
    let is_part = |report: &Report| match report {
        Report::Variables(_) => is_wanted(Collector::System),
        _ => is_wanted(Collector::Peers) && has_sources,
    };
    let mut parts = known.unwrap_or_default();
    parts.retain(is_part);
    add_reports(exposition, &parts);
    note(exposition, Collector::System, health.is_some(), &watch);
    note(exposition, Collector::Peers, has_sources, &watch);
    if is_wanted(Collector::Chrony)
        && let Some((tracking, activity, statistics)) = other.as_mut().and_then(Other::of_chronyd)
    {
        let watch = Stopwatch::start();
        add_chrony(exposition, HERE, &tracking, activity.as_ref(), statistics.as_ref());
        note(exposition, Collector::Chrony, true, &watch);
    }
    if is_wanted(Collector::Clients) {
        let watch = Stopwatch::start();
        let list = spoken.and_then(|(mut daemon, _)| clients::read(&mut daemon, origin(), left, None));
        let success = list.is_some();
        add_reports(exposition, &list.map(Report::Mru).into_iter().collect::<Vec<_>>());
        note(exposition, Collector::Clients, success, &watch);
    }
}

/// The daemon without mode 6 that answered the health query.
fn other(choice: &DaemonChoice, name: &str, limit: Duration) -> Option<Other> {
    let choice = if choice.is_other() { choice.clone() } else { daemon(name).ok()? };
    let addresses: Vec<SocketAddr> =
        loopback().map(|address| SocketAddr::new(address.ip(), crate::wire::chrony::PORT)).into();
    others::one(&choice, &addresses, limit, true).ok()
}

fn loopback() -> [SocketAddr; 2] {
    [(Ipv4Addr::LOCALHOST, NTP_PORT).into(), (Ipv6Addr::LOCALHOST, NTP_PORT).into()]
}

fn origin() -> Origin {
    Origin { host: HERE.into(), address: None, time: clock::now(), authentic: None }
}

/// Adds what a daemon with mode 6 reports about itself and its sources.
fn control(limit: Duration) -> (Daemon, Option<Vec<Report>>) {
    let config = config(limit, false);
    let mut daemon = Daemon::new(HERE.into(), loopback().into(), config);
    let reports = control_reports(&mut daemon);
    (daemon, reports)
}

fn control_reports(daemon: &mut Daemon) -> Option<Vec<Report>> {
    let read = |opcode, association| Request::open(opcode, association, Vec::new());
    let first = [
        read(Opcode::READ_VARIABLES, AssociationId::SYSTEM),
        read(Opcode::READ_STATUS, AssociationId::SYSTEM),
    ];
    let mut answers = daemon.ask_all(&first, &mut |_, _| None, &mut |_, _| {}).into_iter();
    let system: Reply = answers.next()?.ok()?;
    let list = answers.next()?.ok()?;
    let mut associations = Association::list(&list.data).ok()?;
    associations.truncate(MAX_ASSOCIATIONS);
    let requests: Vec<Request> =
        associations.iter().map(|known| read(Opcode::READ_VARIABLES, known.id)).collect();
    let answers = daemon.ask_all(&requests, &mut |_, _| None, &mut |_, _| {});
    let peers = associations.iter().zip(answers).filter_map(|(known, answer)| {
        let reply = answer.ok()?;
        Some(Peer::from_variables(known.id, PeerStatusWord(reply.status), &scan(&reply.data)))
    });
    Some(reports(origin(), &system, peers.collect()))
}
