//! What a daemon reports about itself and all its sources, in one go.

use super::associations::{sources, uptime};
use super::daemon::{Daemon, QueryError};
use crate::model::{Association, Peer};
use crate::net::host::NTP_PORT;
use crate::net::presence;
use crate::session::control::{Failure, Outcome, Request};
use crate::session::look::UPTIME;
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::status::Selection;
use std::time::Duration;

/// The most sources that are examined.
const MAX_SOURCES: usize = 64;

/// A daemon and its sources.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The system status word.
    pub status: u16,
    /// The system variables, as received.
    pub variables: Vec<u8>,
    /// How long the daemon has been running: as it reports, or by the age of its process on this machine.
    pub uptime: Option<Duration>,
    /// Its sources, without templates for them.
    pub peers: Vec<Peer>,
}

/// Which variables to read.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Those of the daemon, separated by commas; empty for all.
    pub system: &'static str,
    /// Those of a source; all of them if the daemon does not know one.
    pub source: &'static str,
    /// Whether only the sources that matter are read: those that are followed, or the candidates if there are none.
    pub only_chosen: bool,
}

impl Extent {
    /// All variables of all sources.
    pub const WHOLE: Self = Self { system: "", source: "", only_chosen: false };

    /// The least selection of the sources to read.
    fn least(self, listed: &[Association]) -> Selection {
        match listed.iter().map(|known| known.status.selection()).max() {
            _ if !self.only_chosen => Selection::Reject,
            Some(most) if most >= Selection::SystemPeer => Selection::SystemPeer,
            _ => Selection::Candidate,
        }
    }
}

/// Reads the variables of a daemon and of its sources. Of a source that is not read, only the status is known.
///
/// # Errors
/// Why not even the list of sources could be read.
pub fn survey(daemon: &mut Daemon, extent: Extent) -> Result<Survey, QueryError> {
    if daemon.choice().is_other() {
        return survey_of_other(daemon);
    }
    let system = AssociationId::SYSTEM;
    let requests = [
        Request::open(Opcode::READ_STATUS, system, Vec::new()),
        Request::open(Opcode::READ_VARIABLES, system, extent.system.into()),
        Request::open(Opcode::READ_VARIABLES, system, UPTIME.into()),
    ];
    let mut replies = daemon.ask_all(&requests, &mut |_, _| None, &mut |_, _| {}).into_iter();
    let mut next = || replies.next().unwrap_or(Err(QueryError::GivenUp));
    let (list, variables, running) = (next()?, next(), next());
    let listed = Association::list(&list.data).map_err(|_| QueryError::GivenUp)?;
    let least = extent.least(&listed);
    let is_read = |known: &&Association| known.status.selection() >= least;
    let read: Vec<&Association> = listed.iter().filter(is_read).take(MAX_SOURCES).collect();
    let ask =
        |known: &Association, names: &str| Request::open(Opcode::READ_VARIABLES, known.id, names.into());
    let requests: Vec<Request> = read.iter().map(|known| ask(known, extent.source)).collect();
    // A daemon that does not know a name is asked once for all its variables.
    let mut is_first = vec![!extent.source.is_empty(); read.len()];
    let mut again = |place: usize, outcome: &Outcome| {
        let is_first = is_first.get_mut(place).is_some_and(std::mem::take);
        if !is_first || !matches!(outcome, Err(Failure::Refused(_))) {
            return None;
        }
        read.get(place).map(|known| ask(known, ""))
    };
    let replies =
        if requests.is_empty() { Vec::new() } else { daemon.ask_all(&requests, &mut again, &mut |_, _| {}) };
    let peers = sources(listed.iter().map(|known| {
        let mut rows = read.iter().zip(&replies);
        let reply = rows.find(|(read, _)| read.id == known.id).and_then(|(_, reply)| reply.as_ref().ok());
        (known.id, known.status, reply.map(|reply| reply.data.as_slice()))
    }));
    let reported = running.ok().and_then(|reply| uptime(&reply.data));
    Ok(Survey {
        status: list.status,
        variables: variables.map(|reply| reply.data).unwrap_or_default(),
        uptime: reported.or_else(|| age(daemon)),
        peers,
    })
}

/// Reads the report of a daemon that does not speak mode 6, once: each report is a conversation of its own.
fn survey_of_other(daemon: &mut Daemon) -> Result<Survey, QueryError> {
    daemon.open()?;
    let view = daemon.view_of_other().unwrap_or(Err(QueryError::Interrupted))?;
    let read = |names: &str| {
        let request = Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, names.into());
        view.answer(&request).unwrap_or(Err(Failure::TimedOut)).map_err(QueryError::Failed)
    };
    let system = read("")?;
    let reported = read(UPTIME).ok().and_then(|reply| uptime(&reply.data));
    Ok(Survey {
        status: system.status,
        variables: system.data,
        uptime: reported.or_else(|| age(daemon)),
        peers: view.peers().to_vec(),
    })
}

/// The age of the daemon's process, if it is on this machine.
fn age(daemon: &mut Daemon) -> Option<Duration> {
    // At another port of a loopback address there may be another machine's, through a tunnel.
    let is_here =
        daemon.address().is_some_and(|address| address.ip().is_loopback() && address.port() == NTP_PORT);
    if is_here { presence::uptime(daemon.choice().process()) } else { None }
}

#[cfg(all(test, feature = "ntpd-rs"))]
mod tests {
    use super::*;
    use crate::client::choice::DaemonChoice;
    use crate::client::conversation::config;
    use crate::net::ntpd_rs::tests::Served;

    #[test]
    fn another_daemon_is_asked_once() {
        let served = Served::new();
        let choice = DaemonChoice::NtpdRs(Some(served.path.clone()));
        let address = ([127, 0, 0, 1], NTP_PORT).into();
        let limit = Duration::from_secs(5);
        let daemon = Daemon::new("here".to_owned(), vec![address], config(limit, false));
        let found = survey(&mut daemon.through(choice), Extent::WHOLE).unwrap();
        assert!(!found.variables.is_empty() && !found.peers.is_empty(), "{found:?}");
        assert!(found.uptime.is_some(), "{found:?}");
        assert_eq!(served.asked(), 1);
    }
}
