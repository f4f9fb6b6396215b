//! Which rows are shown, and in which order.

use super::data::{Data, Row};
use crate::compact;
use crate::model::fleet::Order;
use crate::model::report::PeerRow;
use crate::model::{Milliseconds, Peer};
use crate::text::visible;
use std::cmp::{Ordering, Reverse};

/// The order of many hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowOrder {
    /// The worst first: by severity and cause, as `ntpkit fleet` groups them.
    #[default]
    Worst,
    /// By a figure.
    Figure(Order),
    /// As named.
    Named,
}

/// The order of the sources of a daemon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeerOrder {
    /// As the daemon lists them.
    #[default]
    Listed,
    /// By the size of the offset.
    Offset,
    /// By delay.
    Delay,
    /// By jitter.
    Jitter,
    /// By stratum.
    Stratum,
}

impl RowOrder {
    /// The one after it.
    pub fn next(self) -> Self {
        match self {
            Self::Worst => Self::Figure(Order::Offset),
            Self::Figure(Order::Offset) => Self::Figure(Order::Bound),
            Self::Figure(Order::Bound) => Self::Figure(Order::Stratum),
            Self::Figure(Order::Stratum) => Self::Figure(Order::Reach),
            Self::Figure(Order::Reach) => Self::Figure(Order::Name),
            Self::Figure(Order::Name) => Self::Named,
            Self::Named => Self::Worst,
        }
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Worst => "worst first",
            Self::Figure(Order::Offset) => "by offset",
            Self::Figure(Order::Bound) => "by error bound",
            Self::Figure(Order::Stratum) => "by stratum",
            Self::Figure(Order::Reach) => "by reach",
            Self::Figure(Order::Name) => "by name",
            Self::Named => "as named",
        }
    }

    fn compare(self, one: &Row, other: &Row) -> Ordering {
        match self {
            Self::Worst => {
                let rank = |row: &Row| {
                    let worst = row.host.worst();
                    let severity = Reverse(worst.map(|problem| problem.severity));
                    (!row.is_known, severity, worst.map(|problem| problem.cause))
                };
                let by_rank = rank(one).cmp(&rank(other));
                by_rank.then_with(|| Order::Offset.compare(&one.host, &other.host))
            }
            Self::Figure(order) => order.compare(&one.host, &other.host),
            Self::Named => Ordering::Equal,
        }
    }
}

impl PeerOrder {
    /// The one after it.
    pub fn next(self) -> Self {
        match self {
            Self::Listed => Self::Offset,
            Self::Offset => Self::Delay,
            Self::Delay => Self::Jitter,
            Self::Jitter => Self::Stratum,
            Self::Stratum => Self::Listed,
        }
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listed => "as listed",
            Self::Offset => "by offset",
            Self::Delay => "by delay",
            Self::Jitter => "by jitter",
            Self::Stratum => "by stratum",
        }
    }

    /// Large values first, unknown ones last.
    fn compare(self, one: &Peer, other: &Peer) -> Ordering {
        let size = |value: &Option<Milliseconds>| value.as_ref().map(|value| value.value().abs());
        let figure = |peer: &Peer| match self {
            Self::Listed => None,
            Self::Offset => size(&peer.offset),
            Self::Delay => size(&peer.delay),
            Self::Jitter => size(&peer.jitter),
            Self::Stratum => peer.stratum.map(f64::from),
        };
        match (figure(one), figure(other)) {
            (Some(one), Some(other)) => other.total_cmp(&one),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }
}

/// Whether a text contains the filter, in capitals or not.
fn contains(text: &str, filter: &str) -> bool {
    filter.is_empty() || text.to_lowercase().contains(&filter.to_lowercase())
}

/// The numbers of the hosts that are shown, in order.
pub fn shown_rows(data: &Data, order: RowOrder, filter: &str) -> Vec<usize> {
    let mut shown: Vec<(usize, &Row)> = data
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| {
            filter.is_empty()
                || contains(&visible(row.host.name.as_bytes()), filter)
                || row.host.problems.iter().any(|problem| contains(problem.cause.text(), filter))
        })
        .collect();
    compact::sort_by(&mut shown, |(_, one), (_, other)| order.compare(one, other));
    shown.into_iter().map(|(place, _)| place).collect()
}

/// The sources that are shown, in order.
pub fn shown_peers<'a>(
    data: &'a Data,
    order: PeerOrder,
    filter: &str,
    reachable_only: bool,
) -> Vec<&'a PeerRow> {
    let seen = data.open.as_ref().and_then(|open| open.seen.as_ref());
    let matches = |row: &PeerRow| {
        let address = row.peer.source_address.map(|address| address.to_string()).unwrap_or_default();
        let name = row.peer.source_address.and_then(|address| data.names.get(&address.ip()));
        contains(&visible(&row.name), filter)
            || contains(&address, filter)
            || name.is_some_and(|name| contains(name, filter))
    };
    let is_shown = |row: &&PeerRow| matches(row) && (!reachable_only || row.peer.status.is_reachable());
    let mut shown: Vec<&PeerRow> =
        seen.map(|seen| seen.peers.iter().filter(is_shown).collect()).unwrap_or_default();
    compact::sort_by(&mut shown, |one, other| order.compare(&one.peer, &other.peer));
    shown
}
