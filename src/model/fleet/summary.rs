//! A summary of the whole fleet.

use super::{Cause, Clocks, Host, Majority, Order, Severity, Way};
use crate::compact;
use std::collections::{BTreeMap, BTreeSet};

/// The stratum of servers with a reference clock.
const ROOT: u8 = 1;

/// The number of hosts that answered in each protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Over mode 6.
    pub control: usize,
    /// Over chronyd's protocol.
    pub chrony: usize,
    /// Only to time requests.
    pub sntp: usize,
}

/// Hosts that have the same kind of worst problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its severity.
    pub severity: Severity,
    /// The kind.
    pub cause: Cause,
    /// The hosts' indexes, the worst first.
    pub hosts: Vec<usize>,
}

/// Facts about all hosts together.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The number of hosts.
    pub hosts: usize,
    /// How often hosts were given: one given twice is queried once.
    pub named: usize,
    /// How many of them answered in which protocol.
    pub ways: Ways,
    /// How many did not answer, by reason.
    pub lost: Vec<(Cause, usize)>,
    /// Their clocks.
    pub clocks: Clocks,
    /// The number of different servers that synchronised hosts follow, by reference ID.
    pub sources: usize,
    /// The number of different stratum 1 servers among those and among the hosts themselves.
    pub roots: usize,
    /// Hosts with problems, grouped by the worst of them; the worst group first.
    pub groups: Vec<Group>,
    /// The severity of the worst problem; `None` if there is none.
    pub severity: Option<Severity>,
}

impl Summary {
    /// Summarises hosts whose problems have been recorded. Hosts within a group are in this order.
    pub fn new(hosts: &[Host], clocks: Clocks, order: Order) -> Self {
        let mut ways = Ways::default();
        let mut lost: BTreeMap<Cause, usize> = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        let (mut sources, mut roots) = (BTreeSet::new(), BTreeSet::new());
        for (place, host) in hosts.iter().enumerate() {
            match host.way {
                Some(Way::Control) => ways.control += 1,
                Some(Way::Chrony) => ways.chrony += 1,
                Some(Way::Sntp) => ways.sntp += 1,
                None => {}
            }
            if let Some(worst) = host.worst() {
                if worst.cause.is_loss() && !host.is_answered() {
                    *lost.entry(worst.cause).or_default() += 1;
                }
                let is_same =
                    |group: &&mut Group| (group.severity, group.cause) == (worst.severity, worst.cause);
                match groups.iter_mut().find(is_same) {
                    Some(group) => group.hosts.push(place),
                    None => {
                        groups.push(Group {
                            severity: worst.severity,
                            cause: worst.cause,
                            hosts: vec![place],
                        });
                    }
                }
            }
            if host.is_synchronized() != Some(true) {
                continue;
            }
            let reference = host.served_reference.or(host.own.reference);
            match (host.stratum(), reference) {
                (Some(ROOT), _) => roots.extend(host.identifier().map(u32::to_be_bytes)),
                // A reference clock, or none: not a server.
                (_, Some([127, 127, ..])) => {}
                (_, Some(letters)) if letters == *b"LOCL" => {}
                (Some(stratum), Some(reference)) => {
                    sources.insert(reference);
                    if stratum == ROOT + 1 {
                        roots.insert(reference);
                    }
                }
                _ => {}
            }
        }
        compact::sort_by_key(&mut groups, |group| (std::cmp::Reverse(group.severity), group.cause));
        for group in &mut groups {
            let host = |place: &usize| hosts.get(*place);
            compact::sort_by(&mut group.hosts, |one, other| match (host(one), host(other)) {
                (Some(one), Some(other)) => order.compare(one, other),
                _ => std::cmp::Ordering::Equal,
            });
        }
        let undecided = matches!(clocks.majority, Majority::None(_)).then_some(Severity::Warning);
        let severity = groups.first().map(|group| group.severity).max(undecided);
        Self {
            hosts: hosts.len(),
            named: hosts.len(),
            ways,
            lost: lost.into_iter().collect(),
            clocks,
            sources: sources.len(),
            roots: roots.len(),
            groups,
            severity,
        }
    }

    /// The number of hosts that answered.
    pub fn answered(&self) -> usize {
        self.ways.control + self.ways.chrony + self.ways.sntp
    }
}

/// How many hosts to show of each group if this many are shown in total: equal shares, as far as a group has that many.
pub fn share(groups: &[Group], most: usize) -> Vec<usize> {
    let mut given = vec![0; groups.len()];
    let mut left = most.min(groups.iter().map(|group| group.hosts.len()).sum());
    while left > 0 {
        for (given, group) in given.iter_mut().zip(groups) {
            if left > 0 && *given < group.hosts.len() {
                *given += 1;
                left -= 1;
            }
        }
    }
    given
}
