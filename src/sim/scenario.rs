//! The configuration of a simulated daemon.

use super::overrides::Overrides;
use crate::auth::Key;
use crate::wire::AssociationId;
use std::net::{IpAddr, Ipv4Addr};

/// Whose ways the daemon has: names, order, decimals and refusals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavour {
    /// ntp.org's ntpd 4.2.8p15.
    #[default]
    Classic,
    /// NTPsec's ntpd 1.2.2.
    Ntpsec,
}

/// Everything the daemon is: itself, its associations, and how it treats those who ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// Under which name it is offered; no part of any reply.
    pub name: String,
    /// What there is to see, in one line.
    pub description: String,
    /// Whose ways the daemon has.
    pub flavour: Flavour,
    /// The daemon itself.
    pub system: System,
    /// In the order of the configuration, that is by ascending identifier.
    pub associations: Vec<Association>,
    /// The addresses that it heard of last.
    pub clients: Clients,
    /// What a request for the time gets.
    pub time_service: TimeService,
    /// The keys with which requests for the time may be authenticated, and then their answers are.
    pub keys: Vec<Key>,
    /// Whether the associations stay.
    pub turnover: Turnover,
    /// The key that opens the operations which want one; without it nobody may use them.
    pub control_key: Option<Key>,
    /// Answers mode 7, with this many clients in `monlist` (0: no data).
    pub mode7_clients: Option<u32>,
    /// In mode 7 it is a daemon from before IPv6: it answers to the old implementation only, and its items are
    /// shorter.
    pub without_ipv6: bool,
    /// The key that changes by mode 7 need.
    pub request_key: Option<Key>,
    /// NTPsec 1.2.2 puts the text of the arrays before into `filtdelay`, `filtoffset` and `filtdisp`, together
    /// with stray octets; with this set, so does the simulation.
    pub stale_filters: bool,
}

/// The list of the addresses that a daemon heard of last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    /// How many there are; none means that the daemon knows no such list.
    pub count: u32,
    /// How many of them are heard of again with each request for the list.
    pub moving: u32,
    /// The most fragments that a request may ask for, 128 if nothing is said; with 0 only rows can be limited.
    pub most_fragments: Option<u32>,
}

/// The daemon's own state.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// Last count and code of system events: the low octet of the status word (RFC 9327 section 3.1).
    pub event: Event,
    /// Set while a leap second is armed: 1 insert, 2 delete. 3 is shown whenever there is no system peer.
    pub leap: u8,
    /// log2 seconds.
    pub precision: i8,
    /// Frequency correction, ppm.
    pub frequency: f64,
    /// Seconds since the daemon started, at the moment the simulation begins.
    pub uptime: u32,
    /// The `version` variable; `None` for the flavour's own.
    pub version: Option<String>,
    /// The `processor` variable.
    pub processor: String,
    /// The `system` variable.
    pub operating_system: String,
    /// What the leap second file says, if one was read.
    pub leap_seconds: Option<LeapSeconds>,
    /// Changes to what the variables say.
    pub overrides: Overrides,
}

/// How often something happened (saturating at 15) and what it was last (RFC 9327 section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// 0 to 15.
    pub count: u8,
    /// 0 to 15.
    pub code: u8,
}

impl Event {
    /// The low octet of a status word.
    pub(super) fn octet(self) -> u16 {
        u16::from(self.count & 15) << 4 | u16::from(self.code & 15)
    }
}

/// What a daemon knows from its leap second file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeapSeconds {
    /// Seconds from UTC to TAI.
    pub tai_offset: u32,
    /// The last leap second, as `201701010000`.
    pub last: String,
    /// When the file expires.
    pub expires: String,
}

/// The part of a daemon that answers mode 3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeService {
    /// The time is given.
    #[default]
    Answer,
    /// Every request gets a kiss-o'-death with this code, such as `RATE`, `DENY` or `RSTR`
    /// (RFC 5905 section 7.4).
    Kiss([u8; 4]),
    /// This many requests get the time, later ones a kiss-o'-death with this code.
    KissAfter(u64, [u8; 4]),
    /// No answer.
    Silent,
    /// What is not authenticated at all is not answered (`restrict notrust`).
    OnlyAuthenticated,
}

/// What happens to the associations while somebody looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turnover {
    /// They stay.
    #[default]
    Steady,
    /// After each this many mode 6 requests the daemon restarts: every association has a new identifier, the
    /// uptime begins again.
    RestartEvery(u64),
    /// From this mode 6 request on (counted from 1) the youngest associations, so many of them, are gone.
    VanishAt {
        /// The first request that does not find them.
        request: u64,
        /// How many are gone.
        associations: usize,
    },
}

/// What the daemon makes of an association (RFC 9327 section 3.2, "Peer Selection").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Selection {
    /// Unusable; shown as a blank.
    #[default]
    Rejected = 0,
    /// Its time is false; shown as `x`.
    Falseticker = 1,
    /// One too many; shown as `.`.
    Excess = 2,
    /// Cast off by the cluster algorithm; shown as `-`.
    Outlier = 3,
    /// Combined into the time; shown as `+`.
    Candidate = 4,
    /// A spare; shown as `#`.
    Backup = 5,
    /// The one followed; shown as `*`.
    SystemPeer = 6,
    /// The one followed, by its pulse per second; shown as `o`.
    PulsePerSecond = 7,
}

/// Whether packets are authenticated, and well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authentication {
    /// No key.
    #[default]
    None,
    /// A key, and the last packet was good.
    Good,
    /// A key, and the last packet was not.
    Bad,
}

/// What kind of association it is; decides the modes and the `t` column.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `server`: `u`.
    Server,
    /// `peer`: `s`.
    Symmetric,
    /// An unconfigured peer that called first: `S`.
    SymmetricPassive,
    /// `broadcast` to a network or multicast address: `B` or `M`.
    Broadcast,
    /// What `broadcastclient` found: `b`.
    BroadcastClient,
    /// `pool`: `p`.
    Pool,
    /// `manycastclient`: `a`.
    Manycast,
    /// `server 127.127.t.u`: `l`.
    ReferenceClock(ReferenceClock),
}

/// The variables of a reference clock.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceClock {
    /// What the driver calls itself.
    pub device: String,
    /// The driver's short name, which NTPsec gives.
    pub driver_name: String,
    /// The driver's number, the third octet of `127.127.t.u`.
    pub driver: u8,
    /// The last time code.
    pub time_code: String,
    /// Times without a reply.
    pub no_reply: u32,
    /// Replies of a wrong format.
    pub bad_format: u32,
    /// Replies with a wrong time.
    pub bad_data: u32,
    /// First fudge, in milliseconds.
    pub fudge_time1: f64,
    /// Second fudge, in milliseconds.
    pub fudge_time2: f64,
    /// The stratum the driver claims.
    pub stratum: u8,
    /// Four bits.
    pub flags: u8,
    /// Count and code of clock events (RFC 9327 section 3.3).
    pub event: Event,
}

/// One association. The numbers are what the measurements waver around.
#[derive(Clone, Debug, PartialEq)]
pub struct Association {
    /// Its identifier; never 0.
    pub id: AssociationId,
    /// What it is.
    pub kind: Kind,
    /// Whom it talks to; `127.127.t.u` for a reference clock.
    pub address: IpAddr,
    /// From where.
    pub local_address: IpAddr,
    /// The name it was configured by, if it was by name.
    pub host: Option<String>,
    /// Mobilised by the configuration, not by a packet.
    pub configured: bool,
    /// State of the keys.
    pub authentication: Authentication,
    /// The key's number, 0 for none.
    pub key_id: u32,
    /// What the daemon makes of it.
    pub selection: Selection,
    /// Count and last code of peer events.
    pub event: Event,
    /// Leap indicator of the other side.
    pub leap: u8,
    /// Stratum of the other side, 16 if it is not synchronised or unknown.
    pub stratum: u8,
    /// log2 seconds.
    pub precision: i8,
    /// As the daemon writes it: `192.0.2.11`, `GPS`, `INIT`, or the hash of an IPv6 address, as an address.
    pub reference_id: String,
    /// The other side's root delay in milliseconds.
    pub root_delay: f64,
    /// The other side's root dispersion in milliseconds.
    pub root_dispersion: f64,
    /// Which of the last eight polls were answered; the latest in bit 0.
    pub reach: u8,
    /// log2 seconds, ours.
    pub host_poll: i8,
    /// log2 seconds, theirs.
    pub peer_poll: i8,
    /// Why packets or the peer are refused: the bits of `flash`.
    pub flash: u16,
    /// Milliseconds.
    pub offset: f64,
    /// Milliseconds.
    pub delay: f64,
    /// How far the measurements waver, in milliseconds.
    pub jitter: f64,
    /// The time to live of what is sent, shown if the kind has one.
    pub time_to_live: u8,
    /// Changes to what the variables say.
    pub overrides: Overrides,
}

impl Default for System {
    fn default() -> Self {
        Self {
            event: Event { count: 1, code: 5 },
            leap: 0,
            precision: -24,
            frequency: -12.413,
            uptime: 86_400,
            version: None,
            processor: "x86_64".to_owned(),
            operating_system: "Linux/6.1.0".to_owned(),
            leap_seconds: None,
            overrides: Overrides::none(),
        }
    }
}

impl Association {
    /// A server of stratum 2 that answers, one of the candidates.
    pub fn server(id: u16, address: IpAddr) -> Self {
        let local_address = match address {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 20)),
            IpAddr::V6(_) => IpAddr::V6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x20].into()),
        };
        Self {
            id: AssociationId(id),
            kind: Kind::Server,
            address,
            local_address,
            host: None,
            configured: true,
            authentication: Authentication::None,
            key_id: 0,
            selection: Selection::Candidate,
            event: Event { count: 1, code: 4 },
            leap: 0,
            stratum: 2,
            precision: -24,
            reference_id: "192.0.2.1".to_owned(),
            root_delay: 0.412,
            root_dispersion: 10.147,
            reach: 0xff,
            host_poll: 6,
            peer_poll: 6,
            flash: 0,
            offset: 0.125,
            delay: 0.75,
            jitter: 0.05,
            time_to_live: 0,
            overrides: Overrides::none(),
        }
    }

    /// A server that never answered.
    pub fn unreachable(id: u16, address: IpAddr) -> Self {
        Self {
            selection: Selection::Rejected,
            event: Event { count: 1, code: 1 },
            leap: 3,
            stratum: 16,
            reference_id: "INIT".to_owned(),
            root_delay: 0.0,
            root_dispersion: 0.0,
            reach: 0,
            peer_poll: 10,
            flash: 0x1600,
            offset: 0.0,
            delay: 0.0,
            jitter: 0.0,
            ..Self::server(id, address)
        }
    }

    /// A reference clock that ticks.
    pub fn reference_clock(id: u16, unit: u8, clock: ReferenceClock, reference_id: &str) -> Self {
        Self {
            local_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            stratum: clock.stratum,
            reference_id: reference_id.to_owned(),
            root_delay: 0.0,
            root_dispersion: 0.0,
            host_poll: 4,
            peer_poll: 4,
            delay: 0.0,
            offset: 0.002,
            jitter: 0.001,
            precision: -20,
            ..Self::server(id, IpAddr::V4(Ipv4Addr::new(127, 127, clock.driver, unit)))
        }
        .with_kind(Kind::ReferenceClock(clock))
    }

    /// The same association of another kind.
    #[must_use]
    pub fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}
