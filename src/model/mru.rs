//! The list of clients that a daemon heard from most recently.

use super::NetworkAddress;
use super::origin::Origin;
use crate::compact::sort_by;
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

/// A daemon's MRU list.
#[derive(Clone, Debug, PartialEq)]
pub struct MruReport {
    /// The daemon.
    pub origin: Origin,
    /// The rows, one per address, in display order.
    pub entries: Vec<MruEntry>,
    /// The confirmed names of addresses, if they were looked up.
    pub names: BTreeMap<IpAddr, String>,
    /// When the list was read, by the daemon's clock.
    pub now: NtpTimestamp,
    /// The meaning of the restriction bits.
    pub numbering: RestrictionNumbering,
    /// How many rows arrived again, newer, while the list was read.
    pub updates: u64,
    /// Why the list is incomplete, if it is.
    pub fault: Option<String>,
    /// How many rows were printed while the list was read, if they were; the rows need not be printed again then.
    pub streamed: Option<usize>,
}

/// The address of a row, with port and zone.
pub fn network_address(entry: &MruEntry) -> NetworkAddress {
    let mut address = SocketAddr::new(entry.address, entry.port);
    if let SocketAddr::V6(ipv6) = &mut address {
        *ipv6 = SocketAddrV6::new(*ipv6.ip(), entry.port, 0, entry.scope);
    }
    NetworkAddress(address)
}

/// How a daemon numbers the restriction bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestrictionNumbering {
    /// 4.2.8p11 and later.
    #[default]
    Current,
    /// Earlier releases, and NTPsec.
    Former,
}

impl RestrictionNumbering {
    /// The numbering of a daemon with this value of the variable `version`.
    pub fn of_version(version: &[u8]) -> Self {
        let version = String::from_utf8_lossy(version);
        if version.contains("ntpsec") {
            return Self::Former;
        }
        let release =
            version.split_whitespace().find_map(|word| word.split('@').next()?.strip_prefix("4.2."));
        let Some((minor, patch)) = release.map(|release| release.split_once('p').unwrap_or((release, "0")))
        else {
            return Self::Current;
        };
        match (minor.parse::<u32>(), patch.parse::<u32>()) {
            (Ok(..=7), _) | (Ok(8), Ok(..=10)) => Self::Former,
            _ => Self::Current,
        }
    }

    /// The bit of `limited`: packets that arrive too fast are not answered.
    pub fn limited(self) -> u16 {
        match self {
            Self::Current => 0x40,
            Self::Former => 0x20,
        }
    }

    /// The bit of `kod`: packets that arrive too fast are answered with a kiss-o'-death.
    pub fn kiss_of_death(self) -> u16 {
        match self {
            Self::Current => 0x800,
            Self::Former => 0x400,
        }
    }

    /// The names of the bits that are set, lowest first; the value of a bit without a name.
    pub fn names(self, bits: u16) -> Vec<String> {
        const NAMES: [&str; 15] = [
            "ignore",
            "noserve",
            "notrust",
            "version",
            "nopeer",
            NEW,
            "limited",
            "noquery",
            "nomodify",
            "notrap",
            "lptrap",
            "kod",
            "mssntp",
            "flake",
            "nomrulist",
        ];
        const NEW: &str = "noepeer";
        let names: Vec<&str> =
            NAMES.into_iter().filter(|name| self == Self::Current || *name != NEW).collect();
        (0..16)
            .filter(|bit| bits >> bit & 1 != 0)
            .map(|bit| match names.get(bit) {
                Some(name) => (*name).to_owned(),
                None => format!("0x{:x}", 1_u32 << bit),
            })
            .collect()
    }
}

/// The sort orders of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MruOrder {
    /// Most recently heard from first.
    #[default]
    LastInterval,
    /// Most recently heard from last.
    LastIntervalReversed,
    /// Shortest average interval first.
    AverageInterval,
    /// Longest average interval first.
    AverageIntervalReversed,
    /// By address, IPv4 before IPv6.
    Address,
    /// By address, descending.
    AddressReversed,
    /// Fewest packets first.
    Count,
    /// Most packets first.
    CountReversed,
    /// Lowest score first, unknown ones before all others.
    Score,
    /// Highest score first.
    ScoreReversed,
    /// Fewest dropped packets first, unknown ones before all others.
    Dropped,
    /// Most dropped packets first.
    DroppedReversed,
}

impl MruOrder {
    /// Whether 4.2.8p15 supports it.
    pub fn is_of_the_classic(self) -> bool {
        !matches!(self, Self::Score | Self::ScoreReversed | Self::Dropped | Self::DroppedReversed)
    }

    /// Returns the order with this name, a value of the parameter `sort`.
    pub fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"lstint" => Self::LastInterval,
            b"-lstint" => Self::LastIntervalReversed,
            b"avgint" => Self::AverageInterval,
            b"-avgint" => Self::AverageIntervalReversed,
            b"addr" => Self::Address,
            b"-addr" => Self::AddressReversed,
            b"count" => Self::Count,
            b"-count" => Self::CountReversed,
            b"score" => Self::Score,
            b"-score" => Self::ScoreReversed,
            b"drop" => Self::Dropped,
            b"-drop" => Self::DroppedReversed,
            _ => return None,
        })
    }

    /// Sorts rows that are in order of arrival, as of this time of the daemon's clock. Among equal ones, the one heard
    /// from more recently comes first, but last in the reversed orders of intervals.
    pub fn sort(self, entries: &mut [MruEntry], now: NtpTimestamp) {
        entries.reverse();
        sort_by(entries, |one, other| now.since(one.last).cmp(&now.since(other.last)));
        match self {
            Self::LastInterval => {}
            Self::LastIntervalReversed => entries.reverse(),
            Self::AverageInterval => sort_by(entries, compare_averages),
            Self::AverageIntervalReversed => {
                sort_by(entries, compare_averages);
                entries.reverse();
            }
            Self::Address => sort_by(entries, compare_addresses),
            Self::AddressReversed => sort_by(entries, |one, other| compare_addresses(other, one)),
            Self::Count => sort_by(entries, |one, other| one.count.cmp(&other.count)),
            Self::CountReversed => sort_by(entries, |one, other| other.count.cmp(&one.count)),
            Self::Score => sort_by(entries, compare_scores),
            Self::ScoreReversed => sort_by(entries, |one, other| compare_scores(other, one)),
            Self::Dropped => sort_by(entries, compare_drops),
            Self::DroppedReversed => sort_by(entries, |one, other| compare_drops(other, one)),
        }
    }
}

fn compare_addresses(one: &MruEntry, other: &MruEntry) -> Ordering {
    (one.address, one.scope).cmp(&(other.address, other.scope))
}

fn compare_scores(one: &MruEntry, other: &MruEntry) -> Ordering {
    one.score.thousandths().cmp(&other.score.thousandths())
}

fn compare_drops(one: &MruEntry, other: &MruEntry) -> Ordering {
    one.dropped.count().cmp(&other.dropped.count())
}

/// Seconds since an address was last heard from, rounded.
pub fn last_interval(entry: &MruEntry, now: NtpTimestamp) -> i64 {
    rounded(now.since(entry.last))
}

/// Average interval between packets from an address in seconds, rounded.
pub fn average_interval(entry: &MruEntry) -> i64 {
    rounded(entry.last.since(entry.first) / i64::from(entry.count.max(1)))
}

/// Seconds since an address was last heard from.
pub fn last_seconds(entry: &MruEntry, now: NtpTimestamp) -> f64 {
    now.seconds_since(entry.last)
}

/// Average interval between packets from an address, in seconds.
pub fn average_seconds(entry: &MruEntry) -> f64 {
    entry.last.seconds_since(entry.first) / f64::from(entry.count.max(1))
}

fn rounded(difference: i64) -> i64 {
    // Towards zero, like a conversion to an integer in C.
    difference.saturating_add(1 << 31) / (1 << 32)
}

/// Compares the quotients of total time and count without dividing.
fn compare_averages(one: &MruEntry, other: &MruEntry) -> Ordering {
    let span = |entry: &MruEntry| i128::from(entry.last.since(entry.first));
    let count = |entry: &MruEntry| i128::from(entry.count.max(1));
    (span(one) * count(other)).cmp(&(span(other) * count(one)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::mru::{Dropped, Score};

    fn entry(address: &str, last: u64, first: u64, count: u32) -> MruEntry {
        MruEntry {
            last: NtpTimestamp(last << 32),
            first: NtpTimestamp(first << 32),
            count,
            scope: 0,
            port: 123,
            restrictions: 0,
            address: address.parse().unwrap(),
            mode_version: 0x23,
            score: Score::default(),
            dropped: Dropped::default(),
        }
    }

    fn list() -> Vec<MruEntry> {
        vec![
            entry("10.0.0.1", 1, 0, 5),
            entry("10.0.0.2", 2, 0, 5),
            entry("2001:db8::1", 3, 0, 7),
            entry("10.0.0.9", 4, 4, 1),
            entry("10.0.0.3", 5, 5, 1),
            entry("2001:db8::2", 6, 0, 5),
            entry("9.0.0.1", 7, 2, 5),
        ]
    }

    /// The rows, named by their timestamps, in the orders in which 4.2.8p15 prints them.
    #[test]
    fn orders() {
        for (name, expected) in [
            ("lstint", [7, 6, 5, 4, 3, 2, 1]),
            ("-lstint", [1, 2, 3, 4, 5, 6, 7]),
            ("avgint", [5, 4, 1, 2, 3, 7, 6]),
            ("-avgint", [6, 7, 3, 2, 1, 4, 5]),
            ("addr", [7, 1, 2, 5, 4, 3, 6]),
            ("-addr", [6, 3, 4, 5, 2, 1, 7]),
            ("count", [5, 4, 7, 6, 2, 1, 3]),
            ("-count", [3, 7, 6, 2, 1, 5, 4]),
        ] {
            let mut entries = list();
            MruOrder::named(name.as_bytes()).unwrap().sort(&mut entries, NtpTimestamp(100 << 32));
            assert_eq!(
                entries.iter().map(|entry| entry.last.seconds()).collect::<Vec<_>>(),
                expected,
                "{name}"
            );
        }
        assert_eq!(MruOrder::named(b"bogus"), None);
    }

    #[test]
    fn intervals_are_rounded_and_may_be_negative() {
        let now = NtpTimestamp(0x10 << 32);
        let at = |last| MruEntry { last: NtpTimestamp(last), ..entry("10.0.0.1", 0, 0, 3) };
        assert_eq!(last_interval(&at(0x5_8000_0000), now), 11);
        assert_eq!(last_interval(&at(0x5_8000_0001), now), 10);
        assert_eq!(last_interval(&at(0x5_7fff_ffff), now), 11);
        assert_eq!(last_interval(&at(0x12_0000_0000), now), -1, "as the original rounds");
        assert_eq!(last_interval(&at(0x12_a000_0000), now), -2);
        assert_eq!(average_interval(&at(5 << 32)), 2);
        assert_eq!(average_interval(&MruEntry { count: 0, ..at(5 << 32) }), 5);
    }

    #[test]
    fn an_era_ends_within_an_interval() {
        let entry = entry("10.0.0.1", 0xffff_ffff, 0xffff_fffe, 1);
        assert_eq!(last_interval(&entry, NtpTimestamp(2 << 32)), 3);
    }

    #[test]
    fn an_era_ends_within_the_order() {
        let mut entries = [("10.0.0.1", 0xffff_fff0), ("10.0.0.2", 1), ("10.0.0.3", 0xffff_ffff)]
            .map(|(address, last)| entry(address, last, last, 1));
        MruOrder::LastInterval.sort(&mut entries, NtpTimestamp(3 << 32));
        let last = entries.map(|entry| entry.last.seconds());
        assert_eq!(last, [1, 0xffff_ffff, 0xffff_fff0]);
    }

    #[test]
    fn the_numbering_follows_from_the_release() {
        for (version, numbering) in [
            ("ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)", RestrictionNumbering::Current),
            ("ntpd 4.2.8p11@1.3728-o", RestrictionNumbering::Current),
            ("ntpd 4.2.8p10@1.3728-o", RestrictionNumbering::Former),
            ("ntpd 4.2.8@1.3265-o", RestrictionNumbering::Former),
            ("ntpd 4.2.6p5@1.2349-o", RestrictionNumbering::Former),
            ("ntpd ntpsec-1.2.2", RestrictionNumbering::Former),
            ("ntpd 4.3.99", RestrictionNumbering::Current),
            ("", RestrictionNumbering::Current),
        ] {
            assert_eq!(RestrictionNumbering::of_version(version.as_bytes()), numbering, "{version}");
        }
    }

    #[test]
    fn bits_have_names() {
        assert_eq!(RestrictionNumbering::Current.names(0x840), ["limited", "kod"].map(String::from));
        assert_eq!(
            RestrictionNumbering::Former.names(0x8420),
            ["limited", "kod", "0x8000"].map(String::from)
        );
    }
}
