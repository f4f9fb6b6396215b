//! What is true of a fleet as a whole.

use super::{Cause, Clocks, Host, Majority, Order, Severity, Way};
use std::collections::{BTreeMap, HashSet};

/// The stratum of the servers that have a clock of their own.
const ROOT: u8 = 1;

/// How many hosts answered in which protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Over mode 6.
    pub control: usize,
    /// Over chronyd's protocol.
    pub chrony: usize,
    /// With the time alone.
    pub sntp: usize,
}

/// Hosts whose worst problem is of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How bad it is.
    pub severity: Severity,
    /// The kind.
    pub cause: Cause,
    /// Their places, the worst first.
    pub hosts: Vec<usize>,
}

/// What is true of all hosts together.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Hosts that there are.
    pub hosts: usize,
    /// How often hosts were named: one that is named twice is looked at once.
    pub named: usize,
    /// How many of them answered how.
    pub ways: Ways,
    /// How many did not, by the reason.
    pub lost: Vec<(Cause, usize)>,
    /// Their clocks.
    pub clocks: Clocks,
    /// Different servers that synchronised hosts follow, by their reference identifiers.
    pub sources: usize,
    /// Different servers of stratum 1 among those and among the hosts themselves.
    pub roots: usize,
    /// Those with problems, by the worst of them; the worst group first.
    pub groups: Vec<Group>,
    /// How bad the worst problem is; none if there is none.
    pub severity: Option<Severity>,
}

impl Summary {
    /// Sums up hosts whose problems are noted. The hosts of a group are in this order.
    pub fn new(hosts: &[Host], clocks: Clocks, order: Order) -> Self {
        let mut ways = Ways::default();
        let mut lost: BTreeMap<Cause, usize> = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        let (mut sources, mut roots) = (HashSet::new(), HashSet::new());
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
                // A clock of its own, or none: no server.
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
        groups.sort_by_key(|group| (std::cmp::Reverse(group.severity), group.cause));
        for group in &mut groups {
            let host = |place: &usize| hosts.get(*place);
            group.hosts.sort_by(|one, other| match (host(one), host(other)) {
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

    /// How many hosts answered.
    pub fn answered(&self) -> usize {
        self.ways.control + self.ways.chrony + self.ways.sntp
    }
}

/// How many hosts of each group are shown when this many are shown in all: each its share, as far as it has as many.
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
