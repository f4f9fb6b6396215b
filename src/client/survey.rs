//! What a daemon reports about itself and all its sources, in one go.

use super::daemon::{Daemon, QueryError};
use crate::model::{Association, Peer, ReferenceId};
use crate::session::control::Request;
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::variables::{Scan, scan};
use std::time::Duration;

/// The variable for how long ntpd has been running.
const UPTIME: &str = "ss_uptime";
/// The most sources that are examined.
const MAX_SOURCES: usize = 64;
/// Reference identifiers of associations that are not sources but templates for them.
const TEMPLATES: [&[u8]; 4] = [b"POOL", b"BCST", b"ACST", b"MCST"];

/// A daemon and its sources.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The system status word.
    pub status: u16,
    /// The system variables, as received.
    pub variables: Vec<u8>,
    /// How long the daemon has been running, if it reports that.
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
    let (list, variables, uptime) = (next()?, next(), next());
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
    let peer = |known: &Association, data: Option<&[u8]>| match data {
        Some(data) => Peer::from_variables(known.id, known.status, &scan(data)),
        None => Peer { association: known.id, status: known.status, ..Peer::default() },
    };
    let peers = listed
        .iter()
        .zip(replies)
        .map(|(known, reply)| peer(known, reply.as_ref().ok().map(|reply| reply.data.as_slice())))
        .filter(|peer| !is_template(peer))
        .collect();
    let uptime = uptime.ok().and_then(|reply| number(&scan(&reply.data), UPTIME));
    Ok(Survey {
        status: list.status,
        variables: variables.map(|reply| reply.data).unwrap_or_default(),
        uptime: uptime.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        peers,
    })
}

/// Returns a finite number among the variables.
pub fn number(scanned: &Scan<'_>, name: &str) -> Option<f64> {
    let text = std::str::from_utf8(scanned.value(name)?).ok()?.trim();
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn is_template(peer: &Peer) -> bool {
    matches!(&peer.reference_id, Some(ReferenceId::Text(text)) if TEMPLATES.contains(&text.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_not_sources() {
        let peer = |text: &[u8]| Peer { reference_id: Some(ReferenceId::parse(text)), ..Peer::default() };
        assert!(is_template(&peer(b"POOL")) && !is_template(&peer(b"GPS")) && !is_template(&Peer::default()));
    }
}
