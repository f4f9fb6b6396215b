//! Follows clocks to their sources, level by level, until nothing is left to follow.

use crate::client::hop::{Hop, Reference, Source, Way, is_own};
use crate::client::hops::Answer;
use crate::model::NetworkAddress;
use crate::net::host::NTP_PORT;
use crate::wire::status::Selection;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Reference identifiers of a daemon that falls back to its own clock.
const OWN_CLOCK: [&[u8]; 3] = [b"LOCL", b"LOCAL", b"ORPH"];
/// The reference clock type of the machine's own clock.
const LOCAL_DRIVER: u8 = 1;

/// Why a trace does not continue from a host.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// It is a primary server.
    Root,
    /// It follows its machine's own clock.
    OwnClock,
    /// It is not synchronised.
    Unsynchronized,
    /// It does not report what it follows.
    NoSource,
    /// It follows a server whose reference identifier matches no known address.
    Unidentified([u8; 4]),
    /// It follows a daemon on its own machine, which cannot be queried from elsewhere.
    OwnMachine(SocketAddr),
    /// It follows a host that follows it.
    Mutual(usize),
    /// It follows a host that leads back to it through others.
    Loop(usize),
    /// The limit on hosts is reached.
    Limit,
    /// It did not answer.
    Silent,
}

/// A host's relation to a host that it follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The index of the followed host.
    pub to: usize,
    /// The host's selection of it.
    pub selection: Selection,
}

/// A host of a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The address that is queried.
    pub address: SocketAddr,
    /// Its distance from the first host, in steps.
    pub depth: usize,
    /// Whether its address was guessed from a reference identifier.
    pub is_guess: bool,
    /// Its answer; `None` if it was not queried before an interrupt.
    pub answer: Option<Answer>,
    /// The hosts that it follows, the most important first.
    pub edges: Vec<Edge>,
    /// Why the trace ends here; for a host with edges, the fault of one of them.
    pub end: Option<End>,
}

impl Node {
    fn new(address: SocketAddr, depth: usize) -> Self {
        Self { address, depth, is_guess: false, answer: None, edges: Vec::new(), end: None }
    }

    /// Its answer.
    pub fn hop(&self) -> Option<&Hop> {
        self.answer.as_ref()?.as_ref().ok()
    }
}

/// All hosts in the order in which they were found; the first is the one that was named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The hosts.
    pub nodes: Vec<Node>,
    /// Addresses of the first host that were not queried.
    pub aliases: Vec<IpAddr>,
}

/// Where a source leads.
enum Target {
    To(SocketAddr, bool),
    Nowhere(End),
}

impl Trace {
    /// Traces from the first of these addresses, all of one host, to at most this many hosts. `ask` queries hosts in
    /// parallel; it returns nothing for hosts that it could no longer query.
    pub fn follow(
        addresses: &[SocketAddr],
        most: usize,
        ask: &mut dyn FnMut(&[SocketAddr]) -> Vec<Option<Answer>>,
    ) -> Self {
        let mut trace = Self::default();
        let Some(first) = addresses.first() else { return trace };
        trace.nodes.push(Node::new(*first, 0));
        trace.aliases = addresses.iter().skip(1).map(SocketAddr::ip).collect();
        let mut begin = 0;
        while begin < trace.nodes.len() {
            let end = trace.nodes.len();
            let level: Vec<SocketAddr> =
                trace.nodes.get(begin..end).unwrap_or_default().iter().map(|node| node.address).collect();
            for (place, answer) in (begin..).zip(ask(&level)) {
                if let Some(node) = trace.nodes.get_mut(place) {
                    node.answer = answer;
                }
            }
            for place in begin..end {
                trace.go_on(place, most);
            }
            begin = end;
        }
        trace
    }

    /// Finds the hosts that an answering host follows.
    fn go_on(&mut self, place: usize, most: usize) {
        let Some(node) = self.nodes.get(place) else { return };
        let (address, depth) = (node.address, node.depth);
        let Some(hop) = node.hop().cloned() else {
            return self.end(place, End::Silent);
        };
        let targets = match last(&hop) {
            Some(end) => return self.end(place, end),
            None if hop.sources.is_empty() => vec![(self.by_reference(&hop, address), Selection::SystemPeer)],
            None => hop.sources.iter().map(|source| (target(source, address), source.selection)).collect(),
        };
        for (target, selection) in targets {
            let (to, is_guess) = match target {
                Target::To(to, is_guess) => (to, is_guess),
                Target::Nowhere(end) => {
                    self.end(place, end);
                    continue;
                }
            };
            let known = self.nodes.iter().position(|node| node.address == to);
            let to = match known {
                Some(known) => {
                    if self.reaches(known, place) {
                        let is_mutual = known == place || self.follows(known, place);
                        self.end(place, if is_mutual { End::Mutual(known) } else { End::Loop(known) });
                    }
                    known
                }
                None if self.nodes.len() >= most => {
                    self.end(place, End::Limit);
                    continue;
                }
                None => {
                    self.nodes.push(Node { is_guess, ..Node::new(to, depth + 1) });
                    self.nodes.len() - 1
                }
            };
            if let Some(node) = self.nodes.get_mut(place) {
                node.edges.push(Edge { to, selection });
            }
        }
    }

    /// The first reason takes precedence.
    fn end(&mut self, place: usize, end: End) {
        if let Some(node) = self.nodes.get_mut(place) {
            node.end.get_or_insert(end);
        }
    }

    /// The host that is followed according to a reference identifier alone: a known address with this identifier, else
    /// what looks like an address.
    fn by_reference(&self, hop: &Hop, client: SocketAddr) -> Target {
        let Reference::Octets(octets) = hop.reference else { return Target::Nowhere(End::NoSource) };
        let identifier = u32::from_be_bytes(octets);
        let is_it = |ip: IpAddr| NetworkAddress(SocketAddr::new(ip, NTP_PORT)).reference_id() == identifier;
        if let Some(known) = self.known().find(|known| known.ip() != client.ip() && is_it(known.ip())) {
            return Target::To(known, false);
        }
        let ip = Ipv4Addr::from(octets);
        let [first, ..] = octets;
        if ip.is_loopback() {
            return target(
                &Source { address: (ip, NTP_PORT).into(), selection: Selection::SystemPeer },
                client,
            );
        }
        if first == 0 || ip.is_multicast() || ip.is_broadcast() || first >= 240 {
            return Target::Nowhere(End::Unidentified(octets));
        }
        Target::To((ip, NTP_PORT).into(), hop.way == Way::Sntp)
    }

    /// All addresses seen so far.
    fn known(&self) -> impl Iterator<Item = SocketAddr> {
        let asked = self.nodes.iter().map(|node| node.address);
        let sources = self
            .nodes
            .iter()
            .filter_map(Node::hop)
            .flat_map(|hop| hop.sources.iter().map(|source| source.address));
        let aliases = self.aliases.iter().map(|ip| SocketAddr::new(*ip, NTP_PORT));
        asked.chain(sources).chain(aliases)
    }

    /// Whether the first follows the second, directly or through others.
    pub fn reaches(&self, from: usize, to: usize) -> bool {
        let mut open = vec![from];
        let mut seen = vec![false; self.nodes.len()];
        while let Some(place) = open.pop() {
            if place == to {
                return true;
            }
            if let (Some(node), Some(seen @ false)) = (self.nodes.get(place), seen.get_mut(place)) {
                *seen = true;
                open.extend(node.edges.iter().map(|edge| edge.to));
            }
        }
        false
    }

    fn follows(&self, from: usize, to: usize) -> bool {
        self.nodes.get(from).is_some_and(|node| node.edges.iter().any(|edge| edge.to == to))
    }

    /// The index of the source whose time a host has.
    pub fn followed_by(&self, place: usize) -> Option<usize> {
        self.nodes.get(place)?.edges.first().map(|edge| edge.to)
    }

    /// The hosts from the first on, each followed by the one whose time it has.
    pub fn chain(&self) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut next = (!self.nodes.is_empty()).then_some(0);
        while let Some(place) = next.filter(|place| !chain.contains(place)) {
            chain.push(place);
            next = self.followed_by(place);
        }
        chain
    }

    /// Why the chain ends where it does.
    pub fn end_of_chain(&self) -> Option<&End> {
        self.nodes.get(*self.chain().last()?)?.end.as_ref()
    }
}

/// Whether the trace ends at this host.
fn last(hop: &Hop) -> Option<End> {
    let clock = |octets: [u8; 4]| {
        NetworkAddress(SocketAddr::new(Ipv4Addr::from(octets).into(), NTP_PORT)).reference_clock()
    };
    if hop.is_unsynchronized() {
        return Some(End::Unsynchronized);
    }
    if hop.stratum == Some(1) {
        return Some(End::Root);
    }
    match &hop.reference {
        Reference::Letters(letters) if OWN_CLOCK.iter().any(|own| letters.starts_with(own)) => {
            Some(End::OwnClock)
        }
        Reference::Octets(octets) => match clock(*octets) {
            Some(clock) if clock.kind == LOCAL_DRIVER => Some(End::OwnClock),
            Some(_) => Some(End::Root),
            None if *octets == Ipv4Addr::LOCALHOST.octets() && hop.sources.is_empty() => Some(End::OwnClock),
            None => None,
        },
        Reference::Letters(_) | Reference::Unknown => None,
    }
}

/// The address of a source, if it is a host that can be queried.
fn target(source: &Source, client: SocketAddr) -> Target {
    if source.is_reference_clock() {
        return Target::Nowhere(End::Root);
    }
    let address = source.address;
    if is_own(address.ip()) && !is_own(client.ip()) {
        return Target::Nowhere(End::OwnMachine(address));
    }
    Target::To(address, false)
}
