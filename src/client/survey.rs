//! What a daemon reports about itself and all its sources, in one go.

use super::associations::{sources, uptime};
use super::daemon::{Daemon, QueryError};
use crate::model::{Association, Peer};
use crate::net::host::NTP_PORT;
use crate::net::presence;
use crate::session::control::Request;
use crate::session::look::UPTIME;
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
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

/// Reads the variables of a daemon and of its sources.
///
/// # Errors
/// Why not even the list of sources could be read.
pub fn survey(daemon: &mut Daemon) -> Result<Survey, QueryError> {
    let system = AssociationId::SYSTEM;
    let requests = [
        Request::open(Opcode::READ_STATUS, system, Vec::new()),
        Request::open(Opcode::READ_VARIABLES, system, Vec::new()),
        Request::open(Opcode::READ_VARIABLES, system, UPTIME.into()),
    ];
    let mut replies = daemon.ask_all(&requests, &mut |_, _| None, &mut |_, _| {}).into_iter();
    let mut next = || replies.next().unwrap_or(Err(QueryError::GivenUp));
    let (list, variables, running) = (next()?, next(), next());
    let listed = Association::list(&list.data).map_err(|_| QueryError::GivenUp)?;
    let requests: Vec<Request> = listed
        .iter()
        .take(MAX_SOURCES)
        .map(|known| Request::open(Opcode::READ_VARIABLES, known.id, Vec::new()))
        .collect();
    let replies = if requests.is_empty() {
        Vec::new()
    } else {
        daemon.ask_all(&requests, &mut |_, _| None, &mut |_, _| {})
    };
    let rows = listed.iter().zip(&replies);
    let peers = sources(rows.map(|(known, reply)| {
        (known.id, known.status, reply.as_ref().ok().map(|reply| reply.data.as_slice()))
    }));
    // At another port of a loopback address there may be another machine's, through a tunnel.
    let is_here =
        daemon.address().is_some_and(|address| address.ip().is_loopback() && address.port() == NTP_PORT);
    let reported = running.ok().and_then(|reply| uptime(&reply.data));
    Ok(Survey {
        status: list.status,
        variables: variables.map(|reply| reply.data).unwrap_or_default(),
        uptime: reported.or_else(|| if is_here { presence::uptime(daemon.choice().process()) } else { None }),
        peers,
    })
}
