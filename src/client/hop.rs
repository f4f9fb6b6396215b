//! One clock on the way to its sources: what its daemon reports, and what was measured.

use super::candidate::time;
use super::diagnosis::{Asked, Detail, Diagnosis};
use super::system_error::SystemError;
use crate::compact;
use crate::model::fleet::Time;
use crate::model::{NetworkAddress, Peer};
use crate::session::control::{Failure, Reply};
use crate::session::look::Seen;
use crate::wire::chrony::{Address, SourceData, SourceState, Tracking};
use crate::wire::number::atof;
use crate::wire::packet::TimePacket;
use crate::wire::status::{Selection, SystemStatusWord};
use crate::wire::variables::scan;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The stratum of an unsynchronised clock, which sends 0.
pub const UNSYNCHRONIZED: u8 = 16;
/// The leap indicator of an unsynchronised clock.
const ALARM: u8 = 3;
/// Units per second, of delays.
const SHORT_UNIT: f64 = 65_536.0;

/// The protocol in which a daemon reported its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Mode 6.
    Control,
    /// chronyd's command protocol.
    Chrony,
    /// The time alone.
    Sntp,
}

impl Way {
    /// Returns its keyword for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Control => "mode6",
            Self::Chrony => "chronyd",
            Self::Sntp => "sntp",
        }
    }
}

/// A source of a clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// Its address, or that of a reference clock (127.127.t.u).
    pub address: SocketAddr,
    /// Its selection status at the client.
    pub selection: Selection,
}

impl Source {
    /// Whether it is a reference clock of the client rather than a server.
    pub fn is_reference_clock(&self) -> bool {
        NetworkAddress(self.address).reference_clock().is_some()
    }

    /// Whether the client follows it.
    pub fn is_followed(&self) -> bool {
        self.selection >= Selection::SystemPeer
    }
}

/// What the clock is synchronised to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Not reported.
    Unknown,
    /// Letters: a kind of clock at stratum 1, or a state.
    Letters(Vec<u8>),
    /// Four octets: the address of the source, or a hash of its IPv6 address.
    Octets([u8; 4]),
}

impl Reference {
    /// Letters for a stratum 1 clock or a state, otherwise an address.
    fn of_octets(octets: [u8; 4], stratum: u8) -> Self {
        let length = octets.iter().position(|octet| *octet == 0).unwrap_or(octets.len());
        let (letters, zeros) = octets.split_at(length);
        let is_text = letters.iter().all(u8::is_ascii_graphic) && zeros.iter().all(|octet| *octet == 0);
        if is_text && !(2..UNSYNCHRONIZED).contains(&stratum) {
            Self::Letters(letters.to_vec())
        } else {
            Self::Octets(octets)
        }
    }

    /// Parses it as written in mode 6.
    fn of_text(text: &[u8]) -> Self {
        let text = text.strip_prefix(b".").and_then(|text| text.strip_suffix(b".")).unwrap_or(text);
        match std::str::from_utf8(text).ok().and_then(|text| text.parse::<Ipv4Addr>().ok()) {
            Some(address) => Self::Octets(address.octets()),
            None if text.is_empty() => Self::Unknown,
            None => Self::Letters(text.to_vec()),
        }
    }

    /// Its text, in octets as received.
    pub fn text(&self) -> Option<Vec<u8>> {
        match self {
            Self::Unknown => None,
            Self::Letters(letters) => Some(letters.clone()),
            Self::Octets(octets) => Some(Ipv4Addr::from(*octets).to_string().into_bytes()),
        }
    }
}

/// What a daemon reports about where it runs, in octets as received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The program.
    pub daemon: Option<Vec<u8>>,
    /// The operating system.
    pub system: Option<Vec<u8>>,
    /// The processor.
    pub processor: Option<Vec<u8>>,
}

/// A host's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The protocol.
    pub way: Way,
    /// Its stratum, 16 if it is not synchronised.
    pub stratum: Option<u8>,
    /// The leap indicator.
    pub leap: Option<u8>,
    /// Its own offset according to its daemon, in seconds.
    pub offset: Option<f64>,
    /// Its maximum error (RFC 5905's root synchronisation distance) according to its daemon, in seconds.
    pub distance: Option<f64>,
    /// What it is synchronised to.
    pub reference: Reference,
    /// The measurement.
    pub clock: Option<Time>,
    /// The requested sources, the followed one first; none if only the time is known.
    pub sources: Vec<Source>,
    /// Its program, operating system and processor, as received.
    pub description: Description,
}

impl Hop {
    /// Whether it is unsynchronised.
    pub fn is_unsynchronized(&self) -> bool {
        self.leap == Some(ALARM)
            || self.stratum.is_none_or(|stratum| stratum == 0 || stratum >= UNSYNCHRONIZED)
    }

    /// Builds it from a look and the variables of the sources.
    ///
    /// # Errors
    /// Why nothing is known about the host.
    pub fn of(seen: &Seen, sources: Vec<Source>, least: Selection) -> Result<Self, Silence> {
        let reply = seen.time.as_ref().and_then(|server| server.reply);
        let clock = seen.time.as_ref().and_then(time);
        let hop = match (&seen.control.system, &seen.chrony.tracking) {
            (Some(Ok(answer)), _) => Self::of_control(answer, sources),
            (_, Some(Ok(tracking))) => Self::of_chrony(tracking, &seen.chrony.sources, least),
            _ => match (reply, silence(seen)) {
                (Some(packet), Silence::Silent(Diagnosis::ServesTimeOnly(_))) => Self::of_time(&packet),
                (_, silence) => return Err(silence),
            },
        };
        Ok(Self { clock, ..hop })
    }

    fn of_control(reply: &Reply, sources: Vec<Source>) -> Self {
        let read = scan(&reply.data);
        let figure = |name: &str| {
            let text = std::str::from_utf8(read.value(name)?).ok()?;
            text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
                .then(|| atof(text))
        };
        let text = |name: &str| read.value(name).map(<[u8]>::to_vec);
        let milliseconds = |name: &str| figure(name).map(|value| value / 1000.0);
        let distance = milliseconds("rootdisp")
            .or_else(|| milliseconds("rootdispersion"))
            .and_then(|dispersion| Some(dispersion + milliseconds("rootdelay")? / 2.0));
        let stratum = read.unsigned("stratum").and_then(|stratum| u8::try_from(stratum).ok());
        Self {
            way: Way::Control,
            stratum,
            leap: Some(SystemStatusWord(reply.status).leap()),
            offset: milliseconds("offset").or_else(|| milliseconds("phase")),
            distance,
            reference: read.value("refid").map_or(Reference::Unknown, Reference::of_text),
            clock: None,
            sources,
            description: Description {
                daemon: text("version"),
                system: text("system"),
                processor: text("processor"),
            },
        }
    }

    fn of_chrony(tracking: &Tracking, known: &[SourceData], least: Selection) -> Self {
        let distance = tracking.root_delay / 2.0 + tracking.root_dispersion + tracking.correction.abs();
        let stratum = u8::try_from(tracking.stratum).unwrap_or(UNSYNCHRONIZED);
        let address = |address: Address| match address {
            Address::Ip(ip) => Some(SocketAddr::new(ip, crate::net::host::NTP_PORT)),
            Address::None | Address::Unresolved(_) => None,
        };
        let mut sources: Vec<Source> = known
            .iter()
            .filter(|source| source.mode != SourceData::REFERENCE_CLOCK)
            .filter_map(|source| {
                let selection = match source.state {
                    SourceState::SELECTED => Selection::SystemPeer,
                    SourceState::COMBINED => Selection::Candidate,
                    SourceState::SELECTABLE => Selection::Outlier,
                    SourceState::FALSE_TICKER => Selection::FalseTicker,
                    _ => Selection::Reject,
                };
                Some(Source { address: address(source.address)?, selection }).filter(|_| selection >= least)
            })
            .collect();
        if let Some(followed) = address(tracking.address)
            && !sources.iter().any(Source::is_followed)
        {
            sources.push(Source { address: followed, selection: Selection::SystemPeer });
        }
        compact::sort_by_key(&mut sources, |source| !source.is_followed());
        Self {
            way: Way::Chrony,
            stratum: Some(if stratum == 0 { UNSYNCHRONIZED } else { stratum }),
            leap: u8::try_from(tracking.leap).ok(),
            offset: Some(tracking.correction),
            distance: Some(distance.max(0.0)),
            reference: Reference::of_octets(tracking.reference_id.to_be_bytes(), stratum),
            clock: None,
            sources,
            description: Description { daemon: Some(b"chronyd".to_vec()), ..Description::default() },
        }
    }

    fn of_time(packet: &TimePacket) -> Self {
        let distance =
            f64::from(packet.root_dispersion) / SHORT_UNIT + f64::from(packet.root_delay) / SHORT_UNIT / 2.0;
        Self {
            way: Way::Sntp,
            stratum: Some(packet.stratum),
            leap: Some(packet.leap),
            offset: None,
            distance: Some(distance),
            reference: Reference::of_octets(packet.reference_id, packet.stratum),
            clock: None,
            sources: Vec::new(),
            description: Description::default(),
        }
    }
}

/// Builds a source from the variables that its client returned.
pub fn source(peer: &Peer) -> Option<Source> {
    let address =
        peer.source_address.filter(|address| !address.is_unspecified() && !address.is_multicast())?;
    let mut address = address.0;
    if let Some(port) = peer.source_port.filter(|port| *port != 0) {
        address.set_port(port);
    }
    Some(Source { address, selection: peer.status.selection() })
}

/// Determines why nothing is known.
fn silence(seen: &Seen) -> Silence {
    match (&seen.control.system, &seen.fault) {
        (Some(Err(Failure::Refused(code))), _)
            if seen.time.as_ref().is_none_or(|time| time.reply.is_none()) =>
        {
            Silence::Refused(code.0)
        }
        (_, Some(error)) if seen.heard == 0 && Diagnosis::of_error(error).is_none() => {
            Silence::System(SystemError::of(error))
        }
        _ => Silence::Silent(Diagnosis::of_seen(seen)),
    }
}

/// Why nothing is known about a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Silence {
    /// It did not answer.
    #[error("{}", .0.cause(Asked::State))]
    Silent(Diagnosis),
    /// It refuses queries with this code, and does not serve time.
    #[error("it refuses queries (error {0}) and does not serve time")]
    Refused(u8),
    /// It could not be asked.
    #[error(transparent)]
    System(SystemError),
    /// It was not queried.
    #[error("it was not queried")]
    NotAsked,
}

impl Silence {
    /// The cause and, if there is one, the next step for the host at this address; below that the possible reasons, if
    /// they are wanted.
    pub fn explain(&self, address: SocketAddr, detail: Detail) -> String {
        match self {
            Self::Silent(diagnosis) => diagnosis.explain(Asked::State, Some(address), detail),
            _ => self.to_string(),
        }
    }
}

/// Whether an address is valid only on its own machine.
pub fn is_own(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}
