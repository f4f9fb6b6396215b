//! What is known of the hosts.

use super::history::History;
use crate::model::Milliseconds;
use crate::model::fleet::{Cause, Clocks, Host, Problem, Severity, clocks};
use crate::model::mru::MruReport;
use crate::model::report::{PeerRow, VariablesReport};
use crate::model::variable::Value;
use crate::wire::AssociationId;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The names that are kept; a daemon may report other sources each time.
pub const NAMES_KEPT: usize = 4096;

/// News from the network.
#[derive(Debug)]
pub enum Update {
    /// One of many hosts was looked at.
    Look {
        /// Its number.
        place: usize,
        /// What it is like.
        host: Box<Host>,
        /// Whether its clock was measured this time.
        measured: bool,
    },
    /// All of many hosts have been looked at.
    RoundOver,
    /// The open host was asked about everything.
    Seen(Box<Seen>),
    /// The clients of the open host; `None` if it does not list them.
    Clients {
        /// Its number.
        place: usize,
        /// The list, busiest clients first.
        list: Option<Arc<MruReport>>,
    },
    /// Names of addresses.
    Names(BTreeMap<IpAddr, String>),
}

/// What a host and its daemon report.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The host's number.
    pub place: usize,
    /// When.
    pub at: Timestamp,
    /// What it is like.
    pub host: Host,
    /// Whether its clock was measured this time.
    pub measured: bool,
    /// The protocol, or the daemon that has its own.
    pub by: Option<String>,
    /// The daemon's variables.
    pub system: Option<VariablesReport>,
    /// Its sources.
    pub peers: Vec<PeerRow>,
    /// The variables of each source.
    pub details: Vec<VariablesReport>,
}

impl Seen {
    /// Whether anything answered.
    pub fn is_answered(&self) -> bool {
        self.system.is_some() || self.host.is_answered()
    }

    /// The daemon's own offset in milliseconds, or else the measured one.
    pub fn offset(&self) -> Option<f64> {
        let own = self.system.as_ref().and_then(|system| system.value("offset"));
        let measured = || self.host.time.filter(|_| self.measured).map(|time| time.offset * 1000.0);
        own.and_then(Value::number).or_else(measured)
    }
}

/// A host of many.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What it is like.
    pub host: Host,
    /// Whether it has been looked at.
    pub is_known: bool,
    /// Its measured offsets, in seconds.
    pub offsets: History,
}

/// The clients of a daemon.
#[derive(Clone, Debug, Default)]
pub enum Clients {
    /// It has not been asked for them.
    #[default]
    Unknown,
    /// It does not list them.
    Refused,
    /// The busiest first.
    Known(Arc<MruReport>),
}

/// The open host.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Its number.
    pub place: usize,
    /// The last report.
    pub seen: Option<Seen>,
    /// Why it did not answer the last time, if it did not.
    pub lost: Option<Vec<Problem>>,
    /// When it last answered.
    pub answered: Option<Timestamp>,
    /// Its offsets, in milliseconds.
    pub offsets: History,
    /// The offsets of its sources.
    pub peers: BTreeMap<AssociationId, History>,
    /// Its clients.
    pub clients: Clients,
}

/// Everything known.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The hosts, as named.
    pub rows: Vec<Row>,
    /// The open one.
    pub open: Option<Opened>,
    /// Facts about all clocks together, after the first round.
    pub clocks: Option<Clocks>,
    /// Names of addresses.
    pub names: BTreeMap<IpAddr, String>,
}

impl Data {
    /// Nothing yet about these hosts.
    pub fn new(hosts: &[String]) -> Self {
        let row =
            |name: &String| Row { host: Host { name: name.clone(), ..Host::default() }, ..Row::default() };
        Self { rows: hosts.iter().map(row).collect(), ..Self::default() }
    }

    /// Takes news.
    pub fn take(&mut self, update: Update) {
        match update {
            Update::Look { place, host, measured } => self.take_look(place, *host, measured),
            Update::RoundOver => self.compare(),
            Update::Seen(seen) => self.take_seen(*seen),
            Update::Clients { place, list } => {
                if let Some(open) = self.open.as_mut().filter(|open| open.place == place) {
                    open.clients = list.map_or(Clients::Refused, Clients::Known);
                }
            }
            Update::Names(names) => {
                // Those that are still needed are asked for again.
                if self.names.len() >= NAMES_KEPT {
                    self.names.clear();
                }
                self.names.extend(names);
            }
        }
    }

    fn take_look(&mut self, place: usize, mut host: Host, measured: bool) {
        let Some(row) = self.rows.get_mut(place) else { return };
        if measured {
            row.offsets.push(host.time.map(|time| time.offset));
        } else if host.is_answered() {
            host.time = host.time.or(row.host.time);
            host.served_reference = host.served_reference.or(row.host.served_reference);
        }
        // Until the round is over.
        host.agrees = row.host.agrees;
        if row.host.problems.iter().any(|problem| problem.cause == Cause::Disagrees) && host.is_answered() {
            host.note(Cause::Disagrees, Severity::Critical, "");
        }
        row.host = host;
        row.is_known = true;
    }

    fn take_seen(&mut self, mut seen: Seen) {
        let place = seen.place;
        let Some(open) = self.open.as_mut().filter(|open| open.place == place) else { return };
        if !seen.measured
            && let Some(before) = &open.seen
            && seen.is_answered()
        {
            seen.host.time = seen.host.time.or(before.host.time);
        }
        if seen.is_answered() {
            open.answered = Some(seen.at);
        }
        open.offsets.push(seen.offset());
        open.peers.retain(|id, _| seen.peers.iter().any(|row| row.peer.association == *id));
        for row in &seen.peers {
            let offset = row.peer.offset.as_ref().map(Milliseconds::value);
            open.peers.entry(row.peer.association).or_default().push(offset);
        }
        let (host, measured) = (seen.host.clone(), seen.measured);
        // What it said last remains visible, with the reason why there is nothing newer.
        open.lost = if seen.is_answered() { None } else { Some(host.problems.clone()) };
        if open.lost.is_none() || open.seen.is_none() {
            open.seen = Some(seen);
        }
        if self.rows.len() > 1 {
            self.take_look(place, host, measured);
        }
    }

    /// Compares the clocks of all hosts.
    fn compare(&mut self) {
        let mut hosts: Vec<Host> = self.rows.iter_mut().map(|row| std::mem::take(&mut row.host)).collect();
        for host in &mut hosts {
            host.problems.retain(|problem| problem.cause != Cause::Disagrees);
            host.agrees = None;
        }
        self.clocks = Some(clocks(&mut hosts));
        for (row, host) in self.rows.iter_mut().zip(hosts) {
            row.host = host;
        }
    }
}
