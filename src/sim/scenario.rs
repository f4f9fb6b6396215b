//! The configuration of a simulated daemon.

use super::overrides::Overrides;
use crate::auth::Key;
use crate::wire::AssociationId;
use std::net::{IpAddr, Ipv4Addr};

/// The implementation to imitate: names, order, decimals and refusals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavour {
    /// ntp.org's ntpd 4.2.8p15.
    #[default]
    Classic,
    /// NTPsec's ntpd 1.2.2.
    Ntpsec,
}

/// The complete state of a simulated daemon: system, associations and treatment of clients.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// The name of the scenario; not part of any reply.
    pub name: String,
    /// A one-line description.
    pub description: String,
    /// The implementation to imitate.
    pub flavour: Flavour,
    /// The daemon itself.
    pub system: System,
    /// The associations in the order of the configuration, that is by ascending identifier.
    pub associations: Vec<Association>,
    /// The list of recent clients.
    pub clients: Clients,
    /// The reply to time requests.
    pub time_service: TimeService,
    /// The keys accepted for time requests; replies to authenticated requests are authenticated too.
    pub keys: Vec<Key>,
    /// Changes to the associations during the run.
    pub turnover: Turnover,
    /// The control key; without one, operations that require it are refused.
    pub control_key: Option<Key>,
    /// Answers mode 7, with this many clients in `monlist` (0: no data).
    pub mode7_clients: Option<u32>,
    /// In mode 7, imitates a daemon without IPv6: it accepts only the old implementation number, and its items are shorter.
    pub without_ipv6: bool,
    /// The request key, required for changes by mode 7.
    pub request_key: Option<Key>,
    /// NTPsec 1.2.2 puts the text of the arrays before into `filtdelay`, `filtoffset` and `filtdisp`, together
    /// with stray octets; with this set, so does the simulation.
    pub stale_filters: bool,
}

/// The list of recent clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    /// Their number; 0 for a daemon without such a list.
    pub count: u32,
    /// How many of them are heard again with each request for the list.
    pub moving: u32,
    /// The maximum number of fragments per request, default 128; with 0 only the number of rows can be limited.
    pub most_fragments: Option<u32>,
}

/// The daemon's own state.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// Count and last code of system events: the low octet of the status word (RFC 9327 section 3.1).
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
    /// The contents of the leap second file, if one was read.
    pub leap_seconds: Option<LeapSeconds>,
    /// Replacements for values of variables.
    pub overrides: Overrides,
}

/// The number of events (saturating at 15) and the last one (RFC 9327 section 3).
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

/// The contents of a leap second file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeapSeconds {
    /// TAI minus UTC in seconds.
    pub tai_offset: u32,
    /// The last leap second, as `201701010000`.
    pub last: String,
    /// When the file expires.
    pub expires: String,
}

/// The treatment of mode 3 requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeService {
    /// Requests get the time.
    #[default]
    Answer,
    /// Every request gets a kiss-o'-death with this code, such as `RATE`, `DENY` or `RSTR`
    /// (RFC 5905 section 7.4).
    Kiss([u8; 4]),
    /// This many requests get the time, later ones a kiss-o'-death with this code.
    KissAfter(u64, [u8; 4]),
    /// No answer.
    Silent,
    /// Unauthenticated requests get no answer (`restrict notrust`).
    OnlyAuthenticated,
}

/// Changes to the associations while they are being queried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turnover {
    /// No changes.
    #[default]
    Steady,
    /// The daemon restarts after every this many mode 6 requests: all associations get new identifiers and the uptime is
    /// reset.
    RestartEvery(u64),
    /// The youngest associations disappear.
    VanishAt {
        /// The first mode 6 request, counted from 1, that no longer finds them.
        request: u64,
        /// The number of associations that disappear.
        associations: usize,
    },
}

/// The selection status of an association (RFC 9327 section 3.2, "Peer Selection").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Selection {
    /// Unusable; shown as a blank.
    #[default]
    Rejected = 0,
    /// A falseticker; shown as `x`.
    Falseticker = 1,
    /// Excess; shown as `.`.
    Excess = 2,
    /// An outlier, removed by the cluster algorithm; shown as `-`.
    Outlier = 3,
    /// A candidate; shown as `+`.
    Candidate = 4,
    /// A backup; shown as `#`.
    Backup = 5,
    /// The system peer; shown as `*`.
    SystemPeer = 6,
    /// The system peer by pulse per second; shown as `o`.
    PulsePerSecond = 7,
}

/// The authentication state of an association.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authentication {
    /// No key.
    #[default]
    None,
    /// A key; the last packet was authentic.
    Good,
    /// A key; the last packet was not authentic.
    Bad,
}

/// The kind of association, which determines the modes and the `t` column.
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
    /// Mobilised by `broadcastclient`: `b`.
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
    /// The driver's description.
    pub device: String,
    /// The driver's short name, reported by NTPsec.
    pub driver_name: String,
    /// The driver's number, the third octet of `127.127.t.u`.
    pub driver: u8,
    /// The last time code.
    pub time_code: String,
    /// Polls without a reply.
    pub no_reply: u32,
    /// Replies with a bad format.
    pub bad_format: u32,
    /// Replies with a bad time.
    pub bad_data: u32,
    /// `fudge time1`, in milliseconds.
    pub fudge_time1: f64,
    /// `fudge time2`, in milliseconds.
    pub fudge_time2: f64,
    /// The stratum the driver claims.
    pub stratum: u8,
    /// The four flags.
    pub flags: u8,
    /// Count and code of clock events (RFC 9327 section 3.3).
    pub event: Event,
}

/// An association. The measurements vary around these values.
#[derive(Clone, Debug, PartialEq)]
pub struct Association {
    /// Its identifier; never 0.
    pub id: AssociationId,
    /// Its kind.
    pub kind: Kind,
    /// The remote address; `127.127.t.u` for a reference clock.
    pub address: IpAddr,
    /// The local address.
    pub local_address: IpAddr,
    /// The configured name, if any.
    pub host: Option<String>,
    /// Mobilised by the configuration rather than by a packet.
    pub configured: bool,
    /// Its authentication state.
    pub authentication: Authentication,
    /// The key identifier, 0 for none.
    pub key_id: u32,
    /// Its selection status.
    pub selection: Selection,
    /// Count and last code of peer events.
    pub event: Event,
    /// Leap indicator of the remote clock.
    pub leap: u8,
    /// Stratum of the remote clock, 16 if unsynchronised or unknown.
    pub stratum: u8,
    /// log2 seconds.
    pub precision: i8,
    /// The reference identifier as the daemon writes it: `192.0.2.11`, `GPS`, `INIT`, or the hash of an IPv6 address in the
    /// form of an IPv4 address.
    pub reference_id: String,
    /// Root delay of the remote clock in milliseconds.
    pub root_delay: f64,
    /// Root dispersion of the remote clock in milliseconds.
    pub root_dispersion: f64,
    /// The reach register: which of the last eight polls were answered, the latest in bit 0.
    pub reach: u8,
    /// The local poll interval, log2 s.
    pub host_poll: i8,
    /// The remote poll interval, log2 s.
    pub peer_poll: i8,
    /// The bits of `flash`: why packets or the peer are rejected.
    pub flash: u16,
    /// Milliseconds.
    pub offset: f64,
    /// Milliseconds.
    pub delay: f64,
    /// The variation of the measurements, in milliseconds.
    pub jitter: f64,
    /// The time to live of sent packets, shown for kinds that have one.
    pub time_to_live: u8,
    /// Replacements for values of variables.
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
    /// A stratum 2 server that answers and is a candidate.
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

    /// A server that has never answered.
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

    /// A working reference clock.
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

    /// The same association with another kind.
    #[must_use]
    pub fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}
