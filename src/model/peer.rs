//! One association, as described by its variables.

use std::net::IpAddr;

use super::{FlashWord, NetworkAddress, ReferenceClock, SourceAuthentication};
use crate::wire::AssociationId;
use crate::wire::number;
use crate::wire::status::PeerStatusWord;
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::{Scan, Variable};

/// The variables that a [`Peer`] is built from, with the names used by daemons.
pub const PEER_VARIABLES: [&str; 17] = [
    "srcadr",
    "srcport",
    "srchost",
    "dstadr",
    "refid",
    "stratum",
    "hmode",
    "hpoll",
    "ppoll",
    "reach",
    "flash",
    "rec",
    "reftime",
    "delay",
    "offset",
    "jitter",
    "dispersion",
];

/// Maximum length of a host name, including quotes.
const MAX_HOST_NAME_LENGTH: usize = 255;

/// Replaces a negative poll exponent.
const MINIMUM_POLL: i64 = 3;

/// An association's variables (RFC 9327 section 4, appendix A). Missing or invalid ones are `None`; of duplicates the
/// last valid one counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Peer {
    /// The association.
    pub association: AssociationId,
    /// The status word of the reply.
    pub status: PeerStatusWord,
    /// `srcadr`: the peer's address, with its port if the value has one.
    pub source_address: Option<NetworkAddress>,
    /// `srcport`: the peer's port.
    pub source_port: Option<u16>,
    /// `srchost`: the name with which the peer was configured, unquoted, octets as received.
    pub source_host: Option<Vec<u8>>,
    /// `dstadr`: the daemon's local address for the peer.
    pub destination_address: Option<NetworkAddress>,
    /// `refid`: what the peer is synchronised to.
    pub reference_id: Option<ReferenceId>,
    /// `stratum`.
    pub stratum: Option<u32>,
    /// `hmode`: the daemon's mode towards the peer (RFC 5905 figure 10).
    pub host_mode: Option<i64>,
    /// `hpoll`: the daemon's poll exponent, log2 seconds.
    pub host_poll: Option<i64>,
    /// `ppoll`: the peer's poll exponent, log2 seconds.
    pub peer_poll: Option<i64>,
    /// `reach`: the reachability register, latest reply in bit 0.
    pub reach: Option<u32>,
    /// `flash`: the tests that failed.
    pub flash: Option<FlashWord>,
    /// `rec`: when the latest packet arrived.
    pub receive_time: Option<NtpTimestamp>,
    /// `reftime`: when the peer's clock was last set.
    pub reference_time: Option<NtpTimestamp>,
    /// `delay`: round-trip delay.
    pub delay: Option<Milliseconds>,
    /// `offset`: the offset of the peer's clock from the daemon's.
    pub offset: Option<Milliseconds>,
    /// `jitter`.
    pub jitter: Option<Milliseconds>,
    /// `dispersion`; or `rootdisp`, if that comes later in the reply.
    pub dispersion: Option<Milliseconds>,
    /// `ntscookies`: the number of cookies that the daemon (NTPsec's, ntpd-rs or chronyd) has for an association secured
    /// by NTS (RFC 8915); -1 for others.
    pub nts_cookies: Option<i64>,
    /// How it is authenticated.
    pub authentication: SourceAuthentication,
    /// The names and values of invalid addresses.
    pub malformed_addresses: Vec<(&'static str, Vec<u8>)>,
}

impl Peer {
    /// Builds a peer from the variables of a reply.
    pub fn from_variables(association: AssociationId, status: PeerStatusWord, scan: &Scan<'_>) -> Self {
        let mut peer = Self { association, status, ..Self::default() };
        for variable in &scan.variables {
            peer.read(variable);
        }
        peer
    }

    /// When the peer was last heard from: its latest packet, or else when its clock was last set; `None` if both are
    /// unknown or zero.
    pub fn last_heard(&self) -> Option<NtpTimestamp> {
        [self.receive_time, self.reference_time].into_iter().flatten().find(|stamp| stamp.seconds() != 0)
    }

    fn read(&mut self, variable: &Variable<'_>) {
        let text = variable.text();
        match variable.name {
            b"srcadr" => self.read_source_address("srcadr", text),
            b"peeradr" => self.read_source_address("peeradr", text),
            b"srcport" | b"peerport" => {
                let port = number::parse_unsigned(text).and_then(|port| u16::try_from(port).ok());
                set(&mut self.source_port, port);
            }
            b"srchost" => {
                // The first and the last octet are the quotes.
                if let [_, name @ .., _] = text
                    && !name.is_empty()
                    && text.len() <= MAX_HOST_NAME_LENGTH
                {
                    self.source_host = Some(name.to_vec());
                }
            }
            b"dstadr" => set(&mut self.destination_address, NetworkAddress::parse(text)),
            b"refid" => self.reference_id = Some(ReferenceId::parse(text)),
            b"stratum" => set(&mut self.stratum, number::parse_unsigned(text)),
            b"hmode" => set(&mut self.host_mode, number::parse_signed(text)),
            b"hpoll" => set(&mut self.host_poll, parse_poll(text)),
            b"ppoll" => set(&mut self.peer_poll, parse_poll(text)),
            b"reach" => set(&mut self.reach, number::parse_unsigned(text)),
            b"flash" => set(&mut self.flash, number::parse_unsigned(text).map(FlashWord)),
            b"rec" => set(&mut self.receive_time, NtpTimestamp::parse(text)),
            b"reftime" => self.reference_time = NtpTimestamp::parse(text),
            b"delay" => set(&mut self.delay, Milliseconds::parse(text)),
            b"offset" => set(&mut self.offset, Milliseconds::parse(text)),
            b"jitter" => set(&mut self.jitter, Milliseconds::parse(text)),
            b"dispersion" | b"rootdisp" => set(&mut self.dispersion, Milliseconds::parse(text)),
            b"ntscookies" => set(&mut self.nts_cookies, number::parse_signed(text)),
            name => self.authentication.read(name, text),
        }
    }

    fn read_source_address(&mut self, name: &'static str, text: &[u8]) {
        match NetworkAddress::parse(text) {
            Some(address) => self.source_address = Some(address),
            None => self.malformed_addresses.push((name, text.to_vec())),
        }
    }
}

/// What a peer is synchronised to (RFC 5905 section 7.3, "Reference ID").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReferenceId {
    /// Up to four octets of text: a kind of clock at stratum 1, a kiss code, or nothing.
    Text(Vec<u8>),
    /// A reference clock of the peer.
    Clock(ReferenceClock),
    /// The address of the peer's server.
    Address(NetworkAddress),
    /// Longer text that is not a valid address.
    Unreadable(Vec<u8>),
}

impl ReferenceId {
    /// Parses the value of `refid` as received.
    pub fn parse(text: &[u8]) -> Self {
        if text.len() <= 4 {
            return Self::Text(text.to_vec());
        }
        match NetworkAddress::parse(text) {
            Some(address) => address.reference_clock().map_or(Self::Address(address), Self::Clock),
            None => Self::Unreadable(text.to_vec()),
        }
    }

    /// The address of the peer's server, if it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(address.ip()),
            _ => None,
        }
    }
}

/// A number of milliseconds, as received and as a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Milliseconds {
    text: Box<str>,
    fixed: i64,
    value: f64,
}

impl Milliseconds {
    /// Parses a decimal number before the first blank, if there is one.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let fixed = number::parse_milliseconds(text)?;
        let text = text.split(|&byte| number::is_blank(byte)).find(|word| !word.is_empty())?;
        let text = str::from_utf8(text).ok()?;
        // A lone point is zero in ntpq, but not a number in Rust.
        let value = text.parse().unwrap_or(0.0);
        Some(Self { text: text.into(), fixed, value })
    }

    /// The digits as received.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Seconds in 32.32 fixed point, rounded to the nearest unit: the basis of the classic columns.
    pub fn fixed_seconds(&self) -> i64 {
        self.fixed
    }
}

fn parse_poll(text: &[u8]) -> Option<i64> {
    number::parse_signed(text).map(|poll| if poll < 0 { MINIMUM_POLL } else { poll })
}

/// Keeps the previous value if the new one is invalid.
fn set<T>(place: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::variables::scan;

    fn peer(text: &str) -> Peer {
        Peer::from_variables(AssociationId(7), PeerStatusWord(0x961a), &scan(text.as_bytes()))
    }

    #[test]
    fn a_daemons_reply() {
        let peer = peer(
            "srcadr=192.0.2.11, srcport=123, srchost=\"time.example\", dstadr=192.0.2.20, stratum=1, rootdisp=10.132, \
             refid=LOCL, reftime=0xeeaaf06e.ee15f70b, rec=0xeeaaf070.f2a93104, reach=0xff, hmode=3, hpoll=4, ppoll=-4, \
             flash=0x800, offset=-0.020, delay=0.055, dispersion=0.918, jitter=0.038",
        );
        assert_eq!(peer.association, AssociationId(7));
        assert_eq!(peer.source_address.map(|address| address.to_string()).as_deref(), Some("192.0.2.11"));
        assert_eq!(peer.source_port, Some(123));
        assert_eq!(peer.source_host.as_deref(), Some(&b"time.example"[..]));
        assert_eq!(peer.reference_id, Some(ReferenceId::Text(b"LOCL".to_vec())));
        assert_eq!((peer.stratum, peer.reach), (Some(1), Some(255)));
        assert_eq!((peer.host_mode, peer.host_poll, peer.peer_poll), (Some(3), Some(4), Some(3)));
        assert!(peer.flash.is_some_and(FlashWord::is_loop));
        let offset = peer.offset.as_ref().expect("an offset");
        assert_eq!((offset.text(), offset.value()), ("-0.020", -0.020));
        assert_eq!(peer.dispersion.as_ref().map(Milliseconds::text), Some("0.918"));
        assert_eq!(peer.last_heard(), peer.receive_time);
        assert_eq!(peer.malformed_addresses, []);
    }

    #[test]
    fn the_last_valid_value_counts() {
        let peer = peer(
            "stratum=4, stratum=x, delay=2, delay=x, srchost=\"ab\", srchost=x, refid=GPS, refid=TOOLONG, reftime=5, \
             reftime=x, rec=0, srcadr=junk",
        );
        assert_eq!(peer.stratum, Some(4));
        assert_eq!(peer.delay.as_ref().map(Milliseconds::text), Some("2"));
        assert_eq!(peer.source_host.as_deref(), Some(&b"ab"[..]));
        assert_eq!(peer.reference_id, Some(ReferenceId::Unreadable(b"TOOLONG".to_vec())));
        assert_eq!(peer.last_heard(), None);
        assert_eq!(peer.malformed_addresses, [("srcadr", b"junk".to_vec())]);
    }

    #[test]
    fn the_requested_variables_are_the_ones_used() {
        for name in PEER_VARIABLES {
            let value = match name {
                "srcadr" | "dstadr" | "refid" => "192.0.2.1",
                "srchost" => "\"host\"",
                _ => "1",
            };
            assert_ne!(peer(&format!("{name}={value}")), peer(""), "{name}");
        }
    }
}
