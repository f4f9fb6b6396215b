//! The results of commands, as plain values. Renderers turn them into bytes and query nothing themselves.

use super::association::Association;
use super::interface::Interface;
use super::mru::MruReport;
use super::origin::Origin;
use super::peer::Peer;
use super::records::RecordsReport;
use super::restriction::Restriction;
use super::variable::{Value, decode};
use crate::wire::AssociationId;
use crate::wire::status::StatusWord;
use crate::wire::variables::Scan;
use jiff::Timestamp;

/// The result of one command for one daemon.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// Peers with their measurements.
    Peers(PeersReport),
    /// The list of associations.
    Associations(AssociationsReport),
    /// Variables of the daemon, of an association, or of a reference clock.
    Variables(Box<VariablesReport>),
    /// The daemon's MRU list.
    Mru(Box<MruReport>),
    /// Records of mode 7.
    Records(RecordsReport),
    /// The list of variables to request.
    VariableList(VariableListReport),
    /// The daemon's interfaces.
    Interfaces(InterfacesReport),
    /// The daemon's access restrictions.
    Restrictions(RestrictionsReport),
    /// No result: the daemon could not be queried, or did not answer.
    Failure(FailureReport),
}

impl Report {
    /// Returns its origin.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Peers(report) => &report.origin,
            Self::Associations(report) => &report.origin,
            Self::Variables(report) => &report.origin,
            Self::Mru(report) => &report.origin,
            Self::Records(report) => &report.origin,
            Self::VariableList(report) => &report.origin,
            Self::Interfaces(report) => &report.origin,
            Self::Restrictions(report) => &report.origin,
            Self::Failure(report) => &report.origin,
        }
    }
}

/// The peers of a daemon.
#[derive(Clone, Debug, PartialEq)]
pub struct PeersReport {
    /// The daemon.
    pub origin: Origin,
    /// The columns that the command prints.
    pub columns: PeerColumns,
    /// The peers, in order of the association list.
    pub peers: Vec<PeerRow>,
    /// Listed associations about which nothing could be determined.
    pub missing: Vec<MissingPeer>,
}

/// The columns of a table that cannot show all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeerColumns {
    /// Reference ID and jitter (`peers`).
    #[default]
    Reference,
    /// The same with the association ID, and with reference ID addresses as 32-bit hexadecimal numbers (`apeers`).
    Association,
    /// Local address and dispersion (`opeers`).
    Local,
}

/// One peer.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerRow {
    /// Its variables.
    pub peer: Peer,
    /// Its name, octets as received: as configured, its host name, or its address.
    pub name: Vec<u8>,
}

impl PeerRow {
    /// Seconds since the peer was last heard from; `None` if it never was. Negative if the daemon's clock is ahead of
    /// this machine's.
    pub fn age_seconds(&self, now: Timestamp) -> Option<i64> {
        let last = self.peer.last_heard()?;
        Some(now.as_second().saturating_sub(last.unix_seconds(now.as_second())))
    }

    /// The poll interval in seconds: two to the power of the smaller valid poll exponent.
    pub fn poll_seconds(&self) -> Option<u32> {
        let exponents = [self.peer.host_poll, self.peer.peer_poll].into_iter().flatten();
        let exponent = exponents.filter(|exponent| (0..32).contains(exponent)).min()?;
        u32::try_from(exponent).ok().and_then(|exponent| 1_u32.checked_shl(exponent))
    }

    /// How many of the last eight polls were answered.
    pub fn reach_count(&self) -> Option<u32> {
        self.peer.reach.map(|reach| (reach & 0xff).count_ones())
    }
}

/// An association about which nothing could be determined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPeer {
    /// The association.
    pub association: AssociationId,
    /// The reason.
    pub fault: Fault,
}

/// The association list of a daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssociationsReport {
    /// The daemon.
    pub origin: Origin,
    /// The entries to show.
    pub associations: Vec<Association>,
}

/// The variables of one reply.
#[derive(Clone, Debug, PartialEq)]
pub struct VariablesReport {
    /// The daemon.
    pub origin: Origin,
    /// The name of the command if it requests certain variables (`sysinfo`), otherwise `variables`.
    pub name: &'static str,
    /// The association; 0 is the daemon itself.
    pub association: AssociationId,
    /// The status word of the reply; its kind says what the variables are about.
    pub status: StatusWord,
    /// The variables in the order received; of duplicates, the last.
    pub variables: Vec<ReportedVariable>,
    /// The peer that the variables describe, if any; without a name if they contain none.
    pub peer: Option<PeerRow>,
}

impl VariablesReport {
    /// The value of a variable, if it is present and valid.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let variable = self.variables.iter().find(|variable| variable.name == name.as_bytes())?;
        variable.value.as_ref()
    }
}

/// A variable as received and as decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedVariable {
    /// Its name, octets as received.
    pub name: Vec<u8>,
    /// Its value, octets as received with quotes; `None` if it has none.
    pub raw: Option<Vec<u8>>,
    /// The decoded value; `None` if it is not valid for its name.
    pub value: Option<Value>,
}

impl ReportedVariable {
    /// The variables of a reply, in order of their first occurrence; of duplicates, the last one counts.
    pub fn list(scan: &Scan<'_>) -> Vec<Self> {
        let mut list: Vec<Self> = Vec::with_capacity(scan.variables.len());
        let mut places = std::collections::BTreeMap::new();
        for variable in &scan.variables {
            let read = Self {
                name: variable.name.to_vec(),
                raw: variable.value.map(<[u8]>::to_vec),
                value: variable.value.and_then(|text| decode(variable.name, text)),
            };
            let place = *places.entry(variable.name).or_insert(list.len());
            match list.get_mut(place) {
                Some(earlier) => *earlier = read,
                None => list.push(read),
            }
        }
        list
    }
}

/// The list of variables to request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableListReport {
    /// The daemon that would be queried.
    pub origin: Origin,
    /// Names with the values to write, octets as typed, in list order.
    pub entries: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// The interfaces of a daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfacesReport {
    /// The daemon.
    pub origin: Origin,
    /// With their numbers from the daemon, in the order received.
    pub interfaces: Vec<(u32, Interface)>,
}

/// The access restrictions of a daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestrictionsReport {
    /// The daemon.
    pub origin: Origin,
    /// With their numbers from the daemon, in the order received.
    pub restrictions: Vec<(u32, Restriction)>,
}

/// A query that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureReport {
    /// The daemon.
    pub origin: Origin,
    /// The command; `None` if the daemon could not be contacted for any.
    pub command: Option<&'static str>,
    /// The association queried, if any.
    pub association: Option<AssociationId>,
    /// The reason.
    pub fault: Fault,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind.
    pub cause: FaultCause,
    /// The description, one line.
    pub message: String,
}

/// The kinds of reasons for the lack of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCause {
    /// The host has no address, or no socket can be opened to it.
    NoHost,
    /// No answer in time.
    TimedOut,
    /// Parts of the answer are missing.
    Incomplete,
    /// The answer is invalid.
    Malformed,
    /// The answer cannot be verified with the request's key.
    Unauthentic,
    /// The daemon refused the request with this error code (RFC 9327 section 2).
    Refused(u8),
    /// Sending or receiving failed.
    Network,
    /// The user interrupted it.
    Interrupted,
    /// The command could not be executed as given.
    Unusable,
}

impl FaultCause {
    /// Its keyword.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoHost => "no_host",
            Self::TimedOut => "timed_out",
            Self::Incomplete => "incomplete",
            Self::Malformed => "malformed",
            Self::Unauthentic => "unauthentic",
            Self::Refused(_) => "refused",
            Self::Network => "network",
            Self::Interrupted => "interrupted",
            Self::Unusable => "unusable",
        }
    }

    /// Whether the daemon was heard from nevertheless.
    pub fn daemon_was_heard(self) -> bool {
        matches!(self, Self::Incomplete | Self::Malformed | Self::Unauthentic | Self::Refused(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::status::PeerStatusWord;
    use crate::wire::variables::scan;

    fn row(text: &str) -> PeerRow {
        let peer = Peer::from_variables(AssociationId(7), PeerStatusWord(0x961a), &scan(text.as_bytes()));
        PeerRow { peer, name: Vec::new() }
    }

    #[test]
    fn polls_are_the_smaller_sensible_one() {
        for (text, seconds) in [
            ("hpoll=6, ppoll=10", Some(64)),
            ("hpoll=6, ppoll=99", Some(64)),
            ("hpoll=10", Some(1024)),
            ("ppoll=31", Some(1 << 31)),
            ("hpoll=40", None),
            ("", None),
        ] {
            assert_eq!(row(text).poll_seconds(), seconds, "{text}");
        }
    }

    #[test]
    fn ages_and_reach() {
        let now: Timestamp = "2026-11-21T02:16:25Z".parse().unwrap();
        assert_eq!(row("rec=0xeeab7d79.00000000").age_seconds(now), Some(0));
        assert_eq!(row("rec=0xeeab7d80.00000000").age_seconds(now), Some(-7));
        assert_eq!(row("rec=0").age_seconds(now), None);
        assert_eq!(row("reach=0x176").reach_count(), Some(5));
        assert_eq!(row("").reach_count(), None);
    }

    #[test]
    fn of_duplicates_the_last_counts_in_place_of_the_first() {
        let list = ReportedVariable::list(&scan(b"a=1, b, a=2"));
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].raw.as_deref(), Some(&b"2"[..]));
        assert_eq!((list[1].name.as_slice(), &list[1].raw), (&b"b"[..], &None));
    }
}
