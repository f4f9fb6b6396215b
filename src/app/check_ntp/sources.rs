//! A daemon's report on itself and its sources, whatever kind of daemon it is.

use super::args::PeerArgs;
use crate::cli::context::Context;
use crate::client::choice::DaemonChoice;
use crate::client::conversation::config;
use crate::client::daemon::{Daemon, QueryError};
use crate::client::diagnosis::{Asked, Explanation, explanation_of_name, with_address};
use crate::client::others::{Other, all, one};
use crate::compat::Quirk;
use crate::model::health::{Health, Reader};
use crate::model::{Association, Milliseconds, Peer};
use crate::net::host::Host;
use crate::net::names::NameService;
use crate::session::control::{Failure, Reply, Request};
use crate::session::look::UPTIME;
use crate::wire::AssociationId;
use crate::wire::chrony;
use crate::wire::control::Opcode;
use crate::wire::variables::scan;
use std::net::SocketAddr;
use std::time::Duration;

/// The selection codes from which a source is good, is a candidate, and is followed (RFC 9327 section 3.2).
const GOOD: u8 = 2;
const CANDIDATE: u8 = 4;
const FOLLOWED: u8 = 6;
/// The variables requested from the daemon.
const SYSTEM: &[u8] = b"leap,stratum,refid,rootdelay,rootdisp,tc,offset,sys_jitter,reftime,clock";
/// The variables requested for a source.
const SOURCE: &[u8] = b"srcadr,stratum,offset,jitter,reach";
/// The most sources queried if the daemon follows none.
const MAX_CANDIDATES: usize = 64;

/// Why nothing is known.
#[derive(Debug)]
pub enum Fault {
    /// The host has no address, for this reason.
    Name(Explanation),
    /// No answer.
    Silence(Explanation),
    /// Nothing listens there, or the daemon refuses.
    Refused(Explanation),
}

impl Fault {
    /// The same, with the host.
    fn of(self, host: &str) -> Self {
        match self {
            Self::Name(why) => Self::Name(why.after(format_args!("{host}: "))),
            Self::Silence(why) => Self::Silence(why.after(format_args!("{host}: "))),
            Self::Refused(why) => Self::Refused(why.after(format_args!("{host}: "))),
        }
    }
}

/// A source of a daemon.
#[derive(Debug)]
pub struct Source {
    selection: u8,
    peer: Peer,
}

impl Source {
    /// Whether the daemon considers it a truechimer.
    pub fn is_good(&self) -> bool {
        self.selection >= GOOD
    }

    /// A line about it.
    pub fn line(&self) -> String {
        let address = match &self.peer.source_address {
            Some(address) => address.to_string(),
            None => format!("source {}", self.peer.association.0),
        };
        let state = match self.selection {
            FOLLOWED.. => "followed",
            CANDIDATE.. => "candidate",
            GOOD.. => "good, but not needed",
            1 => "false",
            _ => "not usable",
        };
        let offset =
            self.peer.offset.as_ref().map(|offset| format!(", offset {:.6} s", offset.value() / 1000.0));
        format!("{address}: {state}{}", offset.unwrap_or_default())
    }
}

/// A daemon's state.
#[derive(Debug)]
pub struct State {
    /// The kind of daemon.
    pub name: &'static str,
    /// Its sources.
    pub sources: Vec<Source>,
    /// Whether its leap indicator means "not synchronised".
    pub is_alarmed: bool,
    /// The offset of the source that it follows, or the smallest of its candidates, in seconds.
    pub offset: Option<f64>,
    /// That source's jitter in milliseconds.
    pub jitter: Option<f64>,
    /// That source's stratum.
    pub source_stratum: Option<f64>,
    /// How many of that source's last eight polls were answered.
    pub reach: Option<f64>,
    /// The maximum error of the daemon's clock, in seconds.
    pub root_distance: Option<f64>,
    is_restarting: bool,
    uptime: Option<Duration>,
}

impl State {
    /// Whether it follows a source.
    pub fn has_sync_source(&self) -> bool {
        self.sources.iter().any(|source| source.selection >= FOLLOWED)
    }

    /// Whether it is known to have started less than this long ago.
    pub fn is_young(&self, grace: Duration) -> bool {
        !grace.is_zero() && self.uptime.map_or(self.is_restarting, |uptime| uptime < grace)
    }

    fn new(name: &'static str, sources: Vec<Source>, health: &Health) -> Self {
        let least =
            if sources.iter().any(|source| source.selection >= FOLLOWED) { FOLLOWED } else { CANDIDATE };
        let size = |source: &&Source| source.peer.offset.as_ref().map(|offset| offset.value().abs());
        let chosen = sources
            .iter()
            .filter(|source| source.selection >= least && source.peer.offset.is_some())
            .min_by(|one, other| size(one).partial_cmp(&size(other)).unwrap_or(std::cmp::Ordering::Equal));
        let peer = chosen.map(|source| &source.peer);
        Self {
            name,
            is_alarmed: !health.is_synchronized,
            offset: peer.and_then(|peer| peer.offset.as_ref()).map(|offset| offset.value() / 1000.0),
            jitter: peer.and_then(|peer| peer.jitter.as_ref()).map(Milliseconds::value),
            source_stratum: peer.and_then(|peer| peer.stratum).map(f64::from),
            reach: peer.and_then(|peer| peer.reach).map(|reach| f64::from((reach & 0xff).count_ones())),
            root_distance: health
                .maximum_error
                .known()
                .filter(|_| health.is_synchronized)
                .map(|error| error / 1000.0),
            is_restarting: health.is_restarting,
            uptime: None,
            sources,
        }
    }
}

/// Queries the daemon on a host.
///
/// # Errors
/// [`Fault`].
pub fn ask(host: &str, args: &PeerArgs, limit: Duration, context: &Context) -> Result<State, Fault> {
    let (dialect, detail) = (context.dialect, args.common.explain.detail());
    let named = host.parse().ok().filter(|_| !dialect.keeps(Quirk::PLUGIN_PORTS));
    let named = named.unwrap_or_else(|| Host::named(host));
    let has_port = named.has_port() || args.common.port != crate::net::host::NTP_PORT;
    let named = if named.has_port() { named } else { named.at_port(args.common.port) };
    let service = NameService::system(limit / 2);
    let found = service.forward(&named, args.common.family()).map_err(|error| {
        let why = explanation_of_name(&error, named.name(), detail);
        Fault::Name(why.after(format_args!("{host}: {error}; ")))
    })?;
    let ntpd_alone = dialect.keeps(Quirk::PLUGIN_ASKS_NTPD) || has_port;
    let addresses = found.addresses.clone();
    let limit = limit / if ntpd_alone || args.daemon.daemon != DaemonChoice::Auto { 1 } else { 2 };
    match &args.daemon.daemon {
        DaemonChoice::Auto | DaemonChoice::Ntpd => {}
        choice => {
            let port = if named.port() == crate::net::host::NTP_PORT { chrony::PORT } else { named.port() };
            return other(choice, &addresses, port, limit, args.grace).map_err(|fault| fault.of(host));
        }
    }
    let mut daemon = Daemon::new(found.name, found.addresses, config(limit, true));
    let fault = match by_control(&mut daemon) {
        Ok(state) => return Ok(state),
        Err(error) => error,
    };
    let diagnosis = fault.diagnosis().or_else(|| daemon.first_diagnosis());
    let explained =
        diagnosis.map(|diagnosis| diagnosis.explanation(Asked::Control, daemon.address(), detail));
    if args.daemon.daemon == DaemonChoice::Auto && !ntpd_alone {
        let is_here = addresses.iter().all(|address| address.ip().is_loopback());
        for choice in all().take(if is_here { usize::MAX } else { 1 }) {
            if let Ok(state) = other(&choice, &addresses, chrony::PORT, limit / 3, args.grace) {
                return Ok(state);
            }
        }
    }
    let asked = with_address(host, daemon.address());
    let reason = |text: &str| {
        let why = explained.clone().unwrap_or_else(|| text.to_owned().into());
        why.after(format_args!("{asked}: "))
    };
    Err(match fault {
        QueryError::Read(error) | QueryError::Write(error) | QueryError::Open(error) => {
            Fault::Refused(reason(&error.to_string()))
        }
        QueryError::Failed(Failure::TimedOut) => Fault::Silence(reason("no answer")),
        QueryError::Failed(Failure::Refused(_)) => Fault::Refused(reason("the daemon refuses queries")),
        _ => Fault::Silence(reason("no whole answer")),
    })
}

/// Queries chronyd, ntpd-rs or systemd-timesyncd.
fn other(
    choice: &DaemonChoice,
    addresses: &[SocketAddr],
    port: u16,
    limit: Duration,
    grace: Duration,
) -> Result<State, Fault> {
    let at_port: Vec<SocketAddr> =
        addresses.iter().map(|address| SocketAddr::new(address.ip(), port)).collect();
    let mut other: Other =
        one(choice, &at_port, limit, true).map_err(|error| Fault::Silence(format!("{error:#}").into()))?;
    let health = other.health();
    let name = other.name();
    let sources = other.peers(limit).into_iter().map(source).collect();
    let is_here = addresses.iter().all(|address| address.ip().is_loopback());
    let uptime = if grace.is_zero() { None } else { other.uptime(is_here) };
    Ok(State { uptime, ..State::new(name, sources, &health) })
}

fn source(peer: Peer) -> Source {
    Source { selection: selection(peer.status.0), peer }
}

/// The daemon's selection of a source.
fn selection(status: u16) -> u8 {
    u8::try_from(status >> 8 & 7).unwrap_or(0)
}

/// Queries ntpd for its sources and itself, and then for the sources that matter.
fn by_control(daemon: &mut Daemon) -> Result<State, QueryError> {
    let system = AssociationId::SYSTEM;
    let requests = [
        Request::open(Opcode::READ_STATUS, system, Vec::new()),
        Request::open(Opcode::READ_VARIABLES, system, SYSTEM.to_vec()),
        Request::open(Opcode::READ_VARIABLES, system, UPTIME.into()),
    ];
    let mut replies = daemon.ask_all(&requests, &mut |_, _| None, &mut |_, _| {}).into_iter();
    let mut next = || replies.next().unwrap_or(Err(QueryError::GivenUp));
    let list = next()?;
    let health = next();
    let uptime = next().ok().and_then(|reply| seconds_of(&reply, UPTIME.as_bytes()));
    let health = match health {
        Ok(reply) => Health::from_variables(reply.status, &reply.data, Reader::Strict),
        // The daemon may not know all of these; its status comes with the list.
        Err(_) => Health::from_variables(list.status, b"", Reader::Strict),
    };
    let listed = Association::list(&list.data).map_err(|_| QueryError::GivenUp)?;
    let least =
        if listed.iter().any(|known| selection(known.status.0) >= FOLLOWED) { FOLLOWED } else { CANDIDATE };
    let counted: Vec<&Association> =
        listed.iter().filter(|known| selection(known.status.0) >= least).take(MAX_CANDIDATES).collect();
    let requests: Vec<Request> = counted
        .iter()
        .map(|known| Request::open(Opcode::READ_VARIABLES, known.id, SOURCE.to_vec()))
        .collect();
    let all = |place: usize| {
        counted.get(place).map(|known| Request::open(Opcode::READ_VARIABLES, known.id, Vec::new()))
    };
    // A daemon that does not know a name is asked once for all its variables.
    let mut asked_again = vec![false; counted.len()];
    let mut again = |place: usize, outcome: &Result<Reply, Failure>| {
        let is_first = asked_again.get_mut(place).is_some_and(|asked| !std::mem::replace(asked, true));
        if matches!(outcome, Err(Failure::Refused(_))) && is_first { all(place) } else { None }
    };
    let replies =
        if requests.is_empty() { Vec::new() } else { daemon.ask_all(&requests, &mut again, &mut |_, _| {}) };
    let read: Vec<(AssociationId, Peer)> = counted
        .iter()
        .zip(replies)
        .filter_map(|(known, reply)| {
            let reply = reply.ok()?;
            Some((known.id, Peer::from_variables(known.id, known.status, &scan(&reply.data))))
        })
        .collect();
    let sources = listed
        .into_iter()
        .map(|Association { id, status, .. }| {
            let known = read.iter().find(|(read, _)| *read == id).map(|(_, peer)| peer.clone());
            source(known.unwrap_or_else(|| Peer { association: id, status, ..Peer::default() }))
        })
        .collect();
    Ok(State { uptime, ..State::new("ntpd", sources, &health) })
}

/// The value of a variable in seconds.
fn seconds_of(reply: &Reply, name: &[u8]) -> Option<Duration> {
    let read = scan(&reply.data);
    let variable = read.variables.iter().find(|variable| variable.name == name)?;
    std::str::from_utf8(variable.value?).ok()?.trim().parse().ok().map(Duration::from_secs)
}
