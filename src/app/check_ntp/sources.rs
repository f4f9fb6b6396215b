//! A daemon's report on itself and its sources, whatever kind of daemon it is.

use super::args::PeerArgs;
use crate::cli::context::Context;
use crate::client::choice::DaemonChoice;
use crate::client::conversation::config;
use crate::client::daemon::{Daemon, QueryError};
use crate::client::diagnosis::{Asked, Explanation, explanation_of_name, with_address};
use crate::client::others::{Other, all, one};
use crate::client::survey::{Extent, survey};
use crate::compat::Quirk;
use crate::model::health::{Health, Reader};
use crate::model::{Milliseconds, Peer};
use crate::net::host::Host;
use crate::net::names::NameService;
use crate::session::control::Failure;
use crate::wire::chrony;
use crate::wire::status::Selection;
use std::net::SocketAddr;
use std::time::Duration;

/// What is read of ntpd.
const EXTENT: Extent = Extent {
    system: "leap,stratum,refid,rootdelay,rootdisp,tc,offset,sys_jitter,reftime,clock",
    source: "srcadr,stratum,offset,jitter,reach",
    only_chosen: true,
};

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

/// Whether the daemon considers a source a truechimer.
pub fn is_good(source: &Peer) -> bool {
    source.status.selection() >= Selection::Excess
}

/// A line about a source.
pub fn line(source: &Peer) -> String {
    let address = match &source.source_address {
        Some(address) => address.to_string(),
        None => format!("source {}", source.association.0),
    };
    let state = match source.status.selection() {
        Selection::SystemPeer | Selection::PpsPeer => "followed",
        Selection::Candidate | Selection::Backup => "candidate",
        Selection::Excess | Selection::Outlier => "good, but not needed",
        Selection::FalseTicker => "false",
        Selection::Reject => "not usable",
    };
    let offset = source.offset.as_ref().map(|offset| format!(", offset {:.6} s", offset.value() / 1000.0));
    format!("{address}: {state}{}", offset.unwrap_or_default())
}

fn is_followed(source: &Peer) -> bool {
    source.status.selection() >= Selection::SystemPeer
}

/// A daemon's state.
#[derive(Debug)]
pub struct State {
    /// The kind of daemon.
    pub name: &'static str,
    /// Its sources.
    pub sources: Vec<Peer>,
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
        self.sources.iter().any(is_followed)
    }

    /// Whether it is known to have started less than this long ago.
    pub fn is_young(&self, grace: Duration) -> bool {
        !grace.is_zero() && self.uptime.map_or(self.is_restarting, |uptime| uptime < grace)
    }

    fn new(name: &'static str, sources: Vec<Peer>, health: &Health) -> Self {
        let least =
            if sources.iter().any(is_followed) { Selection::SystemPeer } else { Selection::Candidate };
        let size = |source: &&Peer| source.offset.as_ref().map(|offset| offset.value().abs());
        let peer = sources
            .iter()
            .filter(|source| source.status.selection() >= least && source.offset.is_some())
            .min_by(|one, other| size(one).partial_cmp(&size(other)).unwrap_or(std::cmp::Ordering::Equal));
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
    let limit = limit / if ntpd_alone || args.daemon.chosen() != DaemonChoice::Auto { 1 } else { 2 };
    match &args.daemon.chosen() {
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
    if args.daemon.chosen() == DaemonChoice::Auto && !ntpd_alone {
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
    let silence = |error: anyhow::Error| Fault::Silence(format!("{error:#}").into());
    let mut other: Other = one(choice, &at_port, limit, true).map_err(silence)?;
    let health = other.health();
    let name = other.name();
    let sources = other.peers().map_err(silence)?;
    let is_here = addresses.iter().all(|address| address.ip().is_loopback());
    let uptime = if grace.is_zero() { None } else { other.uptime(is_here) };
    Ok(State { uptime, ..State::new(name, sources, &health) })
}

/// Queries ntpd for its sources and itself, and then for the sources that matter.
fn by_control(daemon: &mut Daemon) -> Result<State, QueryError> {
    let found = survey(daemon, EXTENT)?;
    // A daemon that does not know all of the variables reports its status nevertheless.
    let health = Health::from_variables(found.status, &found.variables, Reader::Strict);
    Ok(State { uptime: found.uptime, ..State::new("ntpd", found.peers, &health) })
}
