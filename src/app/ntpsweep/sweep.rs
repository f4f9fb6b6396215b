//! The sweep: all hosts at the same time, then all their unknown peers, level by level.

use crate::client::diagnosis::{Detail, explain_name};
use crate::client::hop::{Hop, Silence, is_own};
use crate::client::hops::{QuerySettings, ask};
use crate::net::host::HostError;
use crate::net::interrupt::Interrupt;
use crate::net::many::Jobs;
use crate::net::names::NameError;
use crate::wire::status::Selection;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// The most hosts found through others.
const MAX_FOUND: usize = 4096;
/// The most peers queried per host.
const MAX_PEERS: usize = 64;

/// A host.
#[derive(Clone, Debug)]
pub struct Node {
    /// The name as given; `None` for a host found through others.
    pub given: Option<String>,
    /// The address that is queried.
    pub address: Option<SocketAddr>,
    /// Its distance from a named host, in steps.
    pub level: usize,
    /// Its answer; `None` if interrupted before.
    pub answer: Option<Result<Hop, Silence>>,
    /// Why it has no address.
    pub fault: Option<NoAddress>,
    /// The indices of its peers.
    pub peers: Vec<usize>,
}

/// Why a host has no address.
#[derive(Clone, Debug)]
pub enum NoAddress {
    /// Its name is malformed.
    Malformed(HostError),
    /// The lookup of this name failed.
    Unknown(String, NameError),
}

impl NoAddress {
    fn text(&self, detail: Detail) -> String {
        match self {
            Self::Malformed(error) => error.to_string(),
            Self::Unknown(name, error) => format!("{error}; {}", explain_name(error, name, detail)),
        }
    }
}

impl Node {
    /// Its answer.
    pub fn hop(&self) -> Option<&Hop> {
        self.answer.as_ref()?.as_ref().ok()
    }

    /// Why nothing is known about it.
    pub fn reason(&self, detail: Detail) -> Option<String> {
        match (&self.fault, &self.answer) {
            (Some(fault), _) => Some(fault.text(detail)),
            (None, Some(Err(silence))) => Some(match self.address {
                Some(address) => silence.explain(address, detail),
                None => silence.to_string(),
            }),
            (None, Some(Ok(_))) => None,
            (None, None) => Some("interrupted before it answered".into()),
        }
    }
}

/// The hosts to query.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Levels of peers below the named hosts; `None` follows all of them.
    pub levels: Option<usize>,
    /// The timeout per host.
    pub patience: Duration,
    /// How many hosts to query at once.
    pub jobs: Jobs,
}

/// Queries these hosts, and their peers as far as requested.
pub fn sweep(given: Vec<Node>, extent: Extent, interrupt: Option<&Interrupt>) -> Vec<Node> {
    let mut nodes = given;
    let mut places: BTreeMap<SocketAddr, usize> = BTreeMap::new();
    for (place, node) in nodes.iter().enumerate() {
        if let Some(address) = node.address {
            places.entry(address).or_insert(place);
        }
    }
    let Extent { patience, jobs, .. } = extent;
    let settings = QuerySettings { patience, least: Selection::Reject, most_sources: MAX_PEERS, jobs };
    let (mut begin, mut level) = (0, 0);
    while begin < nodes.len() {
        let end = nodes.len();
        // Each address is queried once.
        let asked: Vec<(usize, SocketAddr)> = (begin..end)
            .filter_map(|place| Some((place, nodes.get(place)?.address?)))
            .filter(|(place, address)| places.get(address) == Some(place))
            .collect();
        let addresses: Vec<SocketAddr> = asked.iter().map(|(_, address)| *address).collect();
        for ((place, _), answer) in asked.iter().zip(ask(&addresses, settings, interrupt)) {
            if let Some(node) = nodes.get_mut(*place) {
                node.answer = answer;
            }
        }
        for place in begin..end {
            let first = nodes.get(place).and_then(|node| places.get(&node.address?)).copied();
            let known =
                first.filter(|first| *first != place).and_then(|first| nodes.get(first)?.answer.clone());
            if let Some(node) = nodes.get_mut(place).filter(|_| known.is_some()) {
                node.answer = known;
            }
        }
        if extent.levels.is_none_or(|levels| level < levels) {
            for place in begin..end {
                find_peers(&mut nodes, &mut places, place, level + 1);
            }
        }
        if interrupt.is_some_and(Interrupt::is_pending) {
            return nodes;
        }
        (begin, level) = (end, level + 1);
    }
    nodes
}

fn find_peers(nodes: &mut Vec<Node>, places: &mut BTreeMap<SocketAddr, usize>, place: usize, level: usize) {
    let Some(node) = nodes.get(place) else { return };
    let (Some(client), Some(hop)) = (node.address, node.hop()) else { return };
    let can_be_asked = |address: &SocketAddr| !is_own(address.ip()) || is_own(client.ip());
    let sources = hop.sources.iter().filter(|source| !source.is_reference_clock());
    let addresses: Vec<SocketAddr> = sources.map(|source| source.address).filter(can_be_asked).collect();
    for address in addresses {
        let peer = match places.get(&address) {
            Some(known) => *known,
            None if nodes.len() >= MAX_FOUND => continue,
            None => {
                places.insert(address, nodes.len());
                nodes.push(Node {
                    given: None,
                    address: Some(address),
                    level,
                    answer: None,
                    fault: None,
                    peers: Vec::new(),
                });
                nodes.len() - 1
            }
        };
        if let Some(node) = nodes.get_mut(place) {
            node.peers.push(peer);
        }
    }
}
