//! chronyd's command protocol, version 6: the read-only requests about its clock and its sources.
//!
//! ```
//! use ntpkit::wire::chrony::{Reply, Request};
//!
//! let datagram = Request::Tracking.encode(7, 0);
//! assert_eq!(datagram.len(), 104); // padded to the length of the reply, so that nothing is amplified
//! assert!(Reply::parse(&datagram, Request::Tracking, &[7]).is_none(), "a request is not a reply");
//! ```
//!
//! All integers are big-endian. A request is padded to the length of its reply, so that nobody can use the
//! daemon to amplify traffic.

mod counters;
mod measurement;
mod sources;
mod tracking;

pub use counters::{Activity, Client, Clients, ServerStatistics, Traffic};
pub use measurement::Measurement;
pub use sources::{
    Authentication, KnownSource, Selection, SelectionOptions, SourceData, SourceState, SourceStatistics,
};
pub use tracking::{RealTimeClock, Tracking};

use super::number::power_of_two;
use super::reader::Reader;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The port of the protocol.
pub const PORT: u16 = 323;

const VERSION: u8 = 6;
const REQUEST: u8 = 1;
const REPLY: u8 = 2;
const REPLY_HEADER_LENGTH: usize = 28;
const NAME_LENGTH: usize = 256;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The state of the clock.
    Tracking,
    /// The number of sources.
    SourceCount,
    /// A source, by index.
    SourceData(u32),
    /// Statistics of a source's measurements, by index.
    SourceStatistics(u32),
    /// The latest measurement of a source, by address.
    Measurement(Address),
    /// The configured name of a source, by address.
    SourceName(Address),
    /// Server statistics counters.
    ServerStatistics,
    /// How many sources are polled.
    Activity,
    /// What the selection makes of a source, by index.
    Selection(u32),
    /// How a source is authenticated, by address.
    Authentication(Address),
    /// Clients from this place in the table on, with at least as many packets as the second number.
    Clients(u32, u32),
    /// The state of the real-time clock.
    RealTimeClock,
}

impl Request {
    const fn code(self) -> u16 {
        match self {
            Self::SourceCount => 14,
            Self::SourceData(_) => 15,
            Self::Tracking => 33,
            Self::SourceStatistics(_) => 34,
            Self::RealTimeClock => 35,
            Self::Activity => 44,
            Self::ServerStatistics => 54,
            Self::Measurement(_) => 57,
            Self::SourceName(_) => 65,
            Self::Authentication(_) => 67,
            Self::Clients(..) => 68,
            Self::Selection(_) => 69,
        }
    }

    /// The length of the reply, and therefore of the request.
    const fn length(self) -> usize {
        match self {
            Self::SourceCount => 32,
            Self::Activity => 48,
            Self::Authentication(_) => 52,
            Self::RealTimeClock => 56,
            Self::SourceData(_) | Self::Selection(_) => 76,
            Self::Tracking => 104,
            Self::SourceStatistics(_) => 84,
            // Before release 4.6 the reply was shorter.
            Self::Measurement(_) => 172,
            // Early releases had fewer counters.
            Self::ServerStatistics => 196,
            Self::SourceName(_) => 284,
            Self::Clients(..) => 520,
        }
    }

    /// Encodes the request. `attempt` counts retransmissions.
    pub fn encode(self, sequence: u32, attempt: u16) -> Vec<u8> {
        let mut datagram = vec![VERSION, REQUEST, 0, 0];
        datagram.extend(self.code().to_be_bytes());
        datagram.extend(attempt.to_be_bytes());
        datagram.extend(sequence.to_be_bytes());
        datagram.extend([0; 8]);
        match self {
            Self::Tracking
            | Self::SourceCount
            | Self::ServerStatistics
            | Self::Activity
            | Self::RealTimeClock => {}
            Self::SourceData(index) | Self::SourceStatistics(index) | Self::Selection(index) => {
                datagram.extend(index.to_be_bytes());
            }
            Self::Measurement(address) | Self::SourceName(address) | Self::Authentication(address) => {
                datagram.extend(address.encode());
            }
            Self::Clients(first, packets) => {
                let most = u32::try_from(Clients::MAX).unwrap_or(1);
                // The last number would reset the counters.
                datagram.extend([first, most, packets, 0].into_iter().flat_map(u32::to_be_bytes));
            }
        }
        datagram.resize(self.length(), 0);
        datagram
    }
}

/// The daemon's response to a request. Unknown values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    /// Success.
    pub const SUCCESS: Self = Self(0);
    /// This client is not authorised.
    pub const UNAUTHORIZED: Self = Self(2);
    /// No such source, or not any more.
    pub const NO_SUCH_SOURCE: Self = Self(4);
    /// The daemon speaks another version of the protocol.
    pub const BAD_VERSION: Self = Self(18);
}

/// A reply to one of our requests.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// The status of the request.
    pub status: Status,
    layout: u16,
    data: &'a [u8],
}

impl<'a> Reply<'a> {
    /// Parses a datagram; `None` if it answers none of these transmissions of the request.
    pub fn parse(datagram: &'a [u8], request: Request, sequences: &[u32]) -> Option<Self> {
        let mut reader = Reader::new(datagram);
        let version = reader.u8()?;
        let kind = reader.u8()?;
        let zero = reader.u16()?;
        let code = reader.u16()?;
        let layout = reader.u16()?;
        let status = Status(reader.u16()?);
        reader.take(6)?;
        let sequence = reader.u32()?;
        let of_this_protocol =
            version == VERSION || matches!(version, 4 | 5) && status == Status::BAD_VERSION;
        let answers = kind == REPLY && zero == 0 && code == request.code() && sequences.contains(&sequence);
        let data = datagram.get(REPLY_HEADER_LENGTH..)?;
        (of_this_protocol && answers).then_some(Self { status, layout, data })
    }

    /// Returns the data if they have this layout.
    fn laid_out(&self, layout: u16) -> Option<Reader<'a>> {
        (self.status == Status::SUCCESS && self.layout == layout).then(|| Reader::new(self.data))
    }

    /// The number of sources.
    pub fn source_count(&self) -> Option<u32> {
        self.laid_out(2)?.u32()
    }

    /// The name of a source; it need not end in a zero.
    pub fn source_name(&self) -> Option<&'a [u8]> {
        self.laid_out(19)?.take(NAME_LENGTH)?.split(|octet| *octet == 0).next()
    }
}

/// The address of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Address {
    /// None, or of an unknown kind.
    #[default]
    None,
    /// An IP address; for a reference clock, its four letters.
    Ip(IpAddr),
    /// The ID of a source whose name has not been resolved yet.
    Unresolved(u32),
}

impl Address {
    /// Encodes it as the 20 octets that [`address`] parses.
    fn encode(self) -> [u8; 20] {
        let mut octets = [0; 20];
        let mut put = |value: &[u8], family: u8| {
            octets.iter_mut().zip(value).for_each(|(octet, from)| *octet = *from);
            if let Some(low) = octets.get_mut(17) {
                *low = family;
            }
        };
        match self {
            Self::None => {}
            Self::Ip(IpAddr::V4(ip)) => put(&ip.octets(), 1),
            Self::Ip(IpAddr::V6(ip)) => put(&ip.octets(), 2),
            Self::Unresolved(number) => put(&number.to_be_bytes(), 3),
        }
        octets
    }
}

/// Reads a 32-bit float: seven bits of exponent and 25 of coefficient, both signed. Always finite.
fn float(reader: &mut Reader<'_>) -> Option<f64> {
    let bits = reader.u32()?.cast_signed();
    let coefficient = bits << 7 >> 7;
    Some(f64::from(coefficient) * power_of_two((bits >> 25) - 25))
}

/// A time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds, below 10^9.
    pub nanoseconds: u32,
}

/// Reads a time of 12 octets: the seconds since 1970 in two halves, and nanoseconds. An upper half with this value means
/// that the sender has 32 bits only.
fn time(reader: &mut Reader<'_>) -> Option<Time> {
    const NO_UPPER_HALF: u32 = 0x7fff_ffff;
    let (high, low) = (reader.u32()?, reader.u32()?);
    let nanoseconds = reader.u32()?.min(999_999_999);
    let high = if high == NO_UPPER_HALF { 0 } else { high };
    Some(Time { seconds: (u64::from(high) << 32 | u64::from(low)).cast_signed(), nanoseconds })
}

/// Reads an age in seconds; the outer `None` is the end of the data, the inner one that there is none.
#[expect(clippy::option_option, reason = "the value may be missing, and so may the field")]
fn age(reader: &mut Reader<'_>) -> Option<Option<u32>> {
    Some(Some(reader.u32()?).filter(|age| *age != u32::MAX))
}

/// Reads an address of 20 octets: room for the address, the family, and two unused octets.
fn address(reader: &mut Reader<'_>) -> Option<Address> {
    let value: [u8; 16] = reader.array()?;
    let family = reader.u16()?;
    reader.take(2)?;
    let [a, b, c, d, ..] = value;
    Some(match family {
        1 => Address::Ip(Ipv4Addr::new(a, b, c, d).into()),
        2 => Address::Ip(Ipv6Addr::from(value).into()),
        3 => Address::Unresolved(u32::from_be_bytes([a, b, c, d])),
        _ => Address::None,
    })
}

#[cfg(test)]
mod tests;
