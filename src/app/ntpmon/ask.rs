//! Asks one host about everything, whatever it speaks.

use super::data::{NAMES_KEPT, Seen, Update};
use super::plan::{Plan, plan};
use crate::client::choice::DaemonChoice;
use crate::client::clients;
use crate::client::daemon::{Daemon, find};
use crate::client::look::QuerySettings;
use crate::client::others;
use crate::client::probe::{Doors, Probe, Probed, details_of_view, of_view};
use crate::clock;
use crate::compact;
use crate::model::fleet::{Cause, Host, Problem, Severity, Way};
use crate::model::report::Report;
use crate::model::{NetworkAddress, Origin};
use crate::net;
use crate::net::epoll::Epoll;
use crate::net::host::{Host as Name, NTP_PORT};
use crate::net::many::{Limits, Names, run};
use crate::net::names::{DEFAULT_PATIENCE, NameService};
use crate::net::sockets::Sockets;
use crate::session::control::Config;
use crate::wire::control::DEFAULT_VERSION;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// How long names of sources are waited for in each round.
const PEER_NAMES: Duration = Duration::from_millis(500);
/// How long a list of clients may take.
const LIST_PATIENCE: Duration = Duration::from_secs(4);
/// Clients last heard from longer ago than this, in seconds, are not listed.
const LIST_WITHIN: u32 = 3600;
/// The clients that are kept, busiest first.
const CLIENTS_KEPT: usize = 200;
/// Sockets of one conversation.
const SOCKETS: usize = 2;

/// How the host is reached.
#[derive(Debug)]
enum Path {
    /// Not known yet.
    Unknown,
    /// Over the network.
    Network,
    /// A daemon of this machine that has its own protocol.
    Other(DaemonChoice),
}

/// A host that is asked again and again.
#[derive(Debug)]
pub struct Asker {
    place: usize,
    host: String,
    settings: QuerySettings,
    path: Path,
    /// When its clock was measured last.
    measured: Option<Duration>,
    /// The protocol in which it answered last.
    way: Option<Way>,
    address: Option<SocketAddr>,
    /// The addresses of its sources, and those whose names have been asked for.
    sources: Vec<IpAddr>,
    named: BTreeSet<IpAddr>,
}

impl Asker {
    /// Will ask the host with this number and name.
    pub fn new(place: usize, host: &str, settings: QuerySettings) -> Self {
        Self {
            place,
            host: host.to_owned(),
            settings,
            path: Path::Unknown,
            measured: None,
            way: None,
            address: None,
            sources: Vec::new(),
            named: BTreeSet::new(),
        }
    }

    /// Asks it, unless it is too early to.
    pub fn ask(&mut self, now: Duration) -> Option<Seen> {
        let address = this_machine(&self.host);
        if let (Path::Unknown, Some(address)) = (&self.path, address) {
            self.path = find(address).map_or(Path::Network, Path::Other);
        }
        let seen = match (&self.path, address) {
            (Path::Other(choice), Some(address)) => self.ask_other(choice, address),
            _ => {
                let measures = match plan(self.measured, self.way, now) {
                    Plan::Everything => true,
                    Plan::WithoutTime => false,
                    Plan::Nothing => return None,
                };
                if measures {
                    self.measured = Some(now);
                }
                self.probe(measures)
            }
        };
        if seen.is_answered() {
            let address =
                |address: &NetworkAddress| address.reference_clock().is_none().then(|| address.ip());
            self.sources =
                seen.peers.iter().filter_map(|row| address(row.peer.source_address.as_ref()?)).collect();
        } else {
            self.path = Path::Unknown;
        }
        (self.way, self.address) = (seen.host.way, seen.host.address.or(self.address));
        Some(seen)
    }

    fn origin(&self, address: SocketAddr) -> Origin {
        Origin { host: self.host.clone(), address: Some(address), time: clock::now(), authentic: None }
    }

    /// Asks a daemon of this machine in its own protocol.
    fn ask_other(&self, choice: &DaemonChoice, address: SocketAddr) -> Seen {
        let mut host = Host { name: self.host.clone(), ..Host::default() };
        match others::at(choice, address) {
            Ok(mut other) => {
                let (view, unknown) = other.partial_view();
                if let Some(reason) = unknown {
                    host.note(Cause::NoQueries, Severity::Warning, &format!("{reason:#}"));
                }
                if !other.health().is_synchronized {
                    host.note(Cause::Unsynchronized, Severity::Critical, "");
                }
                host.own.daemon = Some(other.name().to_owned());
                let origin = self.origin(address);
                let mut reports = of_view(origin.clone(), &view);
                reports.extend(details_of_view(&origin, &view));
                self.seen(host, reports, false, Some(other.name().to_owned()))
            }
            Err(reason) => {
                let problem = Problem::new(Cause::Unreachable, Severity::Critical, format!("{reason:#}"));
                self.seen(Host::lost(self.host.clone(), None, problem), Vec::new(), false, None)
            }
        }
    }

    /// Asks it over the network.
    fn probe(&self, measures: bool) -> Seen {
        let lost = |cause, text: String| {
            let host = Host::lost(self.host.clone(), None, Problem::new(cause, Severity::Critical, text));
            self.seen(host, Vec::new(), measures, None)
        };
        let Ok(name) = self.host.parse::<Name>() else {
            return lost(Cause::NoAddress, "invalid host name or address".into());
        };
        match talk(&name, QuerySettings { measures, ..self.settings }) {
            Ok(Some(Probed::Seen(host, reports))) => {
                let by = host.way.map(|way| match way {
                    Way::Control => "mode 6".to_owned(),
                    Way::Chrony => "chronyd's protocol".to_owned(),
                    Way::Sntp => "SNTP".to_owned(),
                });
                self.seen(*host, reports, measures, by)
            }
            Ok(_) => lost(Cause::Unreachable, String::new()),
            Err(error) => lost(Cause::Unreachable, crate::cli::output::reason(&error)),
        }
    }

    fn seen(&self, host: Host, reports: Vec<Report>, measured: bool, by: Option<String>) -> Seen {
        let mut seen = Seen { place: self.place, at: clock::now(), host, measured, by, ..Seen::default() };
        for report in reports {
            match report {
                Report::Variables(variables) if seen.system.is_none() => seen.system = Some(*variables),
                Report::Variables(variables) => seen.details.push(*variables),
                Report::Peers(peers) => seen.peers = peers.peers,
                _ => {}
            }
        }
        seen
    }

    /// Asks it for its clients.
    pub fn ask_for_clients(&mut self) -> Update {
        let list = self.address.filter(|_| self.way == Some(Way::Control)).and_then(|address| {
            let config = Config {
                version: DEFAULT_VERSION,
                first_sequence: net::random(),
                silence: self.settings.patience.min(LIST_PATIENCE),
                patience: LIST_PATIENCE,
                probe: None,
            };
            let mut daemon = Daemon::new(self.host.clone(), vec![address], config);
            let mut list =
                clients::read(&mut daemon, self.origin(address), LIST_PATIENCE, Some(LIST_WITHIN))?;
            compact::sort_by_key(&mut list.entries, |entry| std::cmp::Reverse((entry.count, entry.last.0)));
            list.entries.truncate(CLIENTS_KEPT);
            Some(Arc::new(*list))
        });
        Update::Clients { place: self.place, list }
    }

    /// Asks for the names of its sources that are not known yet.
    pub fn ask_for_names(&mut self, names: &NameService) -> Option<Update> {
        let new: Vec<IpAddr> =
            self.sources.iter().copied().filter(|address| !self.named.contains(address)).collect();
        if new.is_empty() {
            return None;
        }
        names.start_round();
        for address in &new {
            names.begin_reverse(*address);
        }
        let mut found = BTreeMap::new();
        found.extend(new.iter().map(|address| (*address, names.host_text(*address))));
        if self.named.len() >= NAMES_KEPT {
            self.named.clear();
        }
        self.named.extend(new);
        Some(Update::Names(found))
    }
}

/// What finds the names of sources.
pub fn names() -> NameService {
    NameService::system(PEER_NAMES)
}

/// The address of this machine, if the host is this machine and its usual port.
fn this_machine(host: &str) -> Option<SocketAddr> {
    let host: Name = host.parse().ok()?;
    let address = if host.name() == "localhost" {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        host.name().parse().ok().filter(IpAddr::is_loopback)?
    };
    (host.port() == NTP_PORT).then(|| SocketAddr::new(address, NTP_PORT))
}

/// Runs one probe over the network.
fn talk(name: &Name, settings: QuerySettings) -> io::Result<Option<Probed>> {
    let mut network = Epoll::new(None)?;
    let names = Names::new(Arc::new(NameService::system(DEFAULT_PATIENCE)), network.waker()?);
    let doors = Doors { look: |_| Sockets::stamped_by_address(), ask: Sockets::open };
    let mut probed = None;
    let jobs = [Probe::detailed(name, settings, doors)];
    run(network, names, Limits::of_system(1, SOCKETS), jobs, &mut |_, outcome| {
        probed = Some(outcome);
        ControlFlow::Continue(())
    })?;
    Ok(probed)
}
