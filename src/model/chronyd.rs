//! chronyd's reports, as its own client names them.

use crate::wire::chrony::{
    Activity, Address, Authentication, Client, Measurement, RealTimeClock, Selection, ServerStatistics,
    SourceData, SourceState, SourceStatistics, Tracking,
};
use crate::wire::ip_text::ip_text;
use std::net::IpAddr;

/// A kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The state of the clock.
    Tracking,
    /// The sources.
    Sources,
    /// Statistics of the sources' measurements.
    SourceStatistics,
    /// What the selection makes of the sources.
    Selection,
    /// How the sources are authenticated.
    Authentication,
    /// The latest measurement of each source.
    Measurements,
    /// Counters of the server.
    ServerStatistics,
    /// How many sources are polled.
    Activity,
    /// The clients of the server.
    Clients,
    /// The real-time clock.
    RealTimeClock,
}

impl Kind {
    /// Its name as a command of chronyc.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tracking => "tracking",
            Self::Sources => "sources",
            Self::SourceStatistics => "sourcestats",
            Self::Selection => "selectdata",
            Self::Authentication => "authdata",
            Self::Measurements => "ntpdata",
            Self::ServerStatistics => "serverstats",
            Self::Activity => "activity",
            Self::Clients => "clients",
            Self::RealTimeClock => "rtcdata",
        }
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// The state of the clock.
    Tracking(Tracking),
    /// The sources.
    Sources(Vec<SourceData>),
    /// Statistics of the sources' measurements.
    SourceStatistics(Vec<SourceStatistics>),
    /// What the selection makes of the sources.
    Selection(Vec<Selection>),
    /// How the sources are authenticated.
    Authentication(Vec<(Address, Authentication)>),
    /// The latest measurement of each source.
    Measurements(Vec<Measurement>),
    /// Counters of the server.
    ServerStatistics(ServerStatistics),
    /// How many sources are polled.
    Activity(Activity),
    /// The clients of the server.
    Clients(Vec<Client>),
    /// The real-time clock.
    RealTimeClock(RealTimeClock),
}

impl Report {
    /// Whether it is a list without rows.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Sources(rows) => rows.is_empty(),
            Self::SourceStatistics(rows) => rows.is_empty(),
            Self::Selection(rows) => rows.is_empty(),
            Self::Authentication(rows) => rows.is_empty(),
            Self::Measurements(rows) => rows.is_empty(),
            Self::Clients(rows) => rows.is_empty(),
            Self::Tracking(_) | Self::ServerStatistics(_) | Self::Activity(_) | Self::RealTimeClock(_) => {
                false
            }
        }
    }

    /// The addresses in it that have names.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let named = |address: &Address| match address {
            Address::Ip(address) => Some(*address),
            _ => None,
        };
        match self {
            Self::Tracking(tracking) => named(&tracking.address).into_iter().collect(),
            Self::Sources(sources) => {
                let is_host = |source: &&SourceData| clock_letters(source).is_none();
                sources.iter().filter(is_host).filter_map(|source| named(&source.address)).collect()
            }
            Self::SourceStatistics(rows) => rows.iter().filter_map(|row| named(&row.address)).collect(),
            Self::Selection(rows) => rows.iter().filter_map(|row| named(&row.address)).collect(),
            Self::Authentication(rows) => rows.iter().filter_map(|(address, _)| named(address)).collect(),
            Self::Clients(clients) => clients.iter().filter_map(|client| named(&client.address)).collect(),
            Self::Measurements(_)
            | Self::ServerStatistics(_)
            | Self::Activity(_)
            | Self::RealTimeClock(_) => Vec::new(),
        }
    }
}

/// The reference ID that stands in the place of a reference clock's address.
pub fn clock_letters(source: &SourceData) -> Option<u32> {
    match source.address {
        Address::Ip(IpAddr::V4(address)) if source.mode == SourceData::REFERENCE_CLOCK => {
            Some(address.to_bits())
        }
        _ => None,
    }
}

/// An address as chrony writes it: `192.0.2.1`, or `ID#0000000001` before its name is resolved.
pub fn address_text(address: &Address) -> String {
    match address {
        Address::None => "[UNSPEC]".to_owned(),
        Address::Ip(address) => ip_text(*address),
        Address::Unresolved(number) => format!("ID#{number:010}"),
    }
}

/// The printable letters of a reference ID.
pub fn letters(reference_id: u32) -> String {
    let printable = |octet: &u8| octet.is_ascii_graphic() || *octet == b' ';
    reference_id
        .to_be_bytes()
        .iter()
        .filter(|octet| printable(octet))
        .map(|octet| char::from(*octet))
        .collect()
}

/// The mode of a source: its letter, and in words.
pub fn mode(mode: u16) -> (char, &'static str) {
    match mode {
        SourceData::SERVER => ('^', "server"),
        SourceData::PEER => ('=', "peer"),
        SourceData::REFERENCE_CLOCK => ('#', "reference clock"),
        _ => (' ', "unknown"),
    }
}

/// The state of a source: its letter, and in words.
pub fn state(state: SourceState) -> (char, &'static str) {
    match state {
        SourceState::SELECTED => ('*', "selected"),
        SourceState::UNUSABLE => ('?', "unusable"),
        SourceState::FALSE_TICKER => ('x', "falseticker"),
        SourceState::JITTERY => ('~', "too variable"),
        SourceState::COMBINED => ('+', "combined"),
        SourceState::SELECTABLE => ('-', "not combined"),
        _ => (' ', "unknown"),
    }
}

/// What a letter of the selection means.
pub fn selection_state(letter: u8) -> &'static str {
    match letter {
        b'N' => "noselect",
        b's' => "not synchronised",
        b'M' => "too few samples",
        b'r' => "stratum too high",
        b'd' => "root distance too large",
        b'D' => "root distance too large now",
        b'~' => "too variable",
        b'w' => "waits for other sources",
        b'W' => "waits for required sources",
        b'S' => "stale samples",
        b'O' => "orphan, not the one to follow",
        b'T' => "disagrees with trusted sources",
        b'P' => "not preferred",
        b'U' => "waits for an update",
        b'x' => "falseticker",
        b'+' => "combined",
        b'*' => "selected",
        b'-' => "not combined",
        _ => "unknown",
    }
}

/// A leap status: its letter, and in chronyc's words.
pub fn leap(leap: u16) -> (char, &'static str) {
    match leap {
        0 => ('N', "Normal"),
        1 => ('+', "Insert second"),
        2 => ('-', "Delete second"),
        3 => ('?', "Not synchronised"),
        _ => ('?', "Invalid"),
    }
}

/// How a source is authenticated: chronyc's abbreviation, and in words.
pub fn authentication(mode: u16) -> (&'static str, &'static str) {
    match mode {
        0 => ("-", "none"),
        Authentication::SYMMETRIC => ("SK", "symmetric key"),
        Authentication::NTS => ("NTS", "NTS"),
        _ => ("?", "unknown"),
    }
}

/// The mode in a packet, in chronyc's words.
pub fn packet_mode(mode: u8) -> &'static str {
    match mode {
        1 => "Symmetric active",
        2 => "Symmetric passive",
        4 => "Server",
        _ => "Invalid",
    }
}

/// Who made a timestamp, in chronyc's words.
pub fn stamp(letter: u8) -> &'static str {
    match letter {
        b'D' => "Daemon",
        b'K' => "Kernel",
        b'H' => "Hardware",
        _ => "Invalid",
    }
}

/// The seconds of a poll or precision exponent, which chrony limits.
pub fn log2_seconds(exponent: i8) -> f64 {
    crate::wire::number::power_of_two(i32::from(exponent).clamp(-31, 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_letters() {
        let clock = SourceData {
            mode: SourceData::REFERENCE_CLOCK,
            address: Address::Ip("80.80.83.0".parse().expect("an address")),
            ..SourceData::default()
        };
        assert_eq!(clock_letters(&clock).map(letters).as_deref(), Some("PPS"));
        assert_eq!(clock_letters(&SourceData { mode: 0, ..clock }), None);
        assert_eq!(letters(0x1b5b_4148), "[AH");
        assert_eq!(address_text(&Address::Unresolved(7)), "ID#0000000007");
        assert_eq!(address_text(&Address::None), "[UNSPEC]");
        assert!(Report::Sources(vec![clock]).addresses().is_empty());
        assert!((log2_seconds(-128) - 1.0 / 2_147_483_648.0).abs() < 1e-20);
    }
}
