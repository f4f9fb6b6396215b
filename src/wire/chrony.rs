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

pub use counters::{Activity, ServerStatistics};

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
}

impl Request {
    const fn code(self) -> u16 {
        match self {
            Self::SourceCount => 14,
            Self::SourceData(_) => 15,
            Self::Tracking => 33,
            Self::SourceStatistics(_) => 34,
            Self::Activity => 44,
            Self::ServerStatistics => 54,
            Self::Measurement(_) => 57,
            Self::SourceName(_) => 65,
        }
    }

    /// The length of the reply, and therefore of the request.
    const fn length(self) -> usize {
        match self {
            Self::SourceCount => 32,
            Self::Activity => 48,
            Self::SourceData(_) => 76,
            Self::Tracking => 104,
            Self::SourceStatistics(_) => 84,
            // Before release 4.6 the reply was shorter.
            Self::Measurement(_) => 172,
            // Early releases had fewer counters.
            Self::ServerStatistics => 196,
            Self::SourceName(_) => 284,
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
            Self::Tracking | Self::SourceCount | Self::ServerStatistics | Self::Activity => {}
            Self::SourceData(index) | Self::SourceStatistics(index) => datagram.extend(index.to_be_bytes()),
            Self::Measurement(address) | Self::SourceName(address) => datagram.extend(address.encode()),
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

/// The state of the daemon's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tracking {
    /// The reference ID: an address, or letters.
    pub reference_id: u32,
    /// The address of that source.
    pub address: Address,
    /// Stratum; 0 without a source.
    pub stratum: u16,
    /// Leap status: 0 normal, 1 and 2 leap second announced, 3 and more not synchronised.
    pub leap: u16,
    /// When the clock was last updated, in seconds since 1970; `None` without a source.
    pub reference_time: Option<i64>,
    /// The amount by which the system clock is behind NTP time, in seconds.
    pub correction: f64,
    /// What the last update estimated the clock to be slow by, seconds.
    pub last_offset: f64,
    /// Root mean square of past offsets, seconds.
    pub rms_offset: f64,
    /// The frequency correction in parts per million, positive if the clock is slow.
    pub frequency: f64,
    /// By how much the frequency that the source asks for differs from that, parts per million; positive likewise.
    pub residual_frequency: f64,
    /// How uncertain the frequency is, parts per million.
    pub skew: f64,
    /// Delay to the root, seconds.
    pub root_delay: f64,
    /// Dispersion to the root, seconds.
    pub root_dispersion: f64,
    /// Between the last two updates, seconds.
    pub update_interval: f64,
}

impl Tracking {
    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(5)?;
        let reference_id = reader.u32()?;
        let address = address(&mut reader)?;
        let stratum = reader.u16()?;
        let leap = reader.u16()?;
        let reference_time = Some(time(&mut reader)?).filter(|seconds| *seconds != 0);
        let correction = float(&mut reader)?;
        let last_offset = -float(&mut reader)?;
        let rms_offset = float(&mut reader)?;
        // The daemon reports by how much the clock is too fast.
        let frequency = -float(&mut reader)?;
        let residual_frequency = -float(&mut reader)?;
        let skew = float(&mut reader)?;
        let root_delay = float(&mut reader)?;
        let root_dispersion = float(&mut reader)?;
        let update_interval = float(&mut reader)?;
        Some(Self {
            reference_id,
            address,
            stratum,
            leap,
            reference_time,
            correction,
            last_offset,
            rms_offset,
            frequency,
            residual_frequency,
            skew,
            root_delay,
            root_dispersion,
            update_interval,
        })
    }
}

/// The selection state of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceState(pub u16);

impl SourceState {
    /// Selected for synchronisation.
    pub const SELECTED: Self = Self(0);
    /// Disagrees with the majority.
    pub const FALSE_TICKER: Self = Self(2);
    /// Too variable.
    pub const JITTERY: Self = Self(3);
    /// Combined with the selected source.
    pub const COMBINED: Self = Self(4);
    /// Selectable, but not used.
    pub const SELECTABLE: Self = Self(5);
}

/// A source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceData {
    /// Its address.
    pub address: Address,
    /// log2 of the seconds between polls.
    pub poll: i16,
    /// Its stratum.
    pub stratum: u16,
    /// Its selection state.
    pub state: SourceState,
    /// 0 a server, 1 a peer, 2 a reference clock.
    pub mode: u16,
    /// The reachability register, latest reply in bit 0.
    pub reach: u16,
    /// Seconds since the last sample; `None` without one.
    pub age: Option<u32>,
    /// The local clock's offset from the source, positive if the local clock is ahead, in seconds.
    pub offset: f64,
}

impl SourceData {
    /// The mode of a reference clock.
    pub const REFERENCE_CLOCK: u16 = 2;

    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(3)?;
        let address = address(&mut reader)?;
        let poll = reader.u16()?.cast_signed();
        let stratum = reader.u16()?;
        let state = SourceState(reader.u16()?);
        let mode = reader.u16()?;
        reader.take(2)?;
        let reach = reader.u16()?;
        let age = Some(reader.u32()?).filter(|age| *age <= i32::MAX.cast_unsigned());
        reader.take(4)?;
        let offset = float(&mut reader)?;
        reader.take(4)?;
        Some(Self { address, poll, stratum, state, mode, reach, age, offset })
    }
}

/// Statistics of a source's measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceStatistics {
    /// The source's reference ID: its address, or the letters of a reference clock.
    pub reference_id: u32,
    /// Its address; none for a reference clock.
    pub address: Address,
    /// The number of samples kept.
    pub samples: u32,
    /// Their standard deviation, seconds.
    pub deviation: f64,
}

impl SourceStatistics {
    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(6)?;
        let reference_id = reader.u32()?;
        let address = address(&mut reader)?;
        let samples = reader.u32()?;
        reader.take(8)?;
        let deviation = float(&mut reader)?;
        reader.take(16)?;
        Some(Self { reference_id, address, samples, deviation })
    }
}

/// The latest measurement of a source, reported to privileged clients only.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measurement {
    /// Stratum in the source's last reply.
    pub stratum: u8,
    /// The reference ID of the source: an address, or letters.
    pub reference_id: u32,
    /// Round-trip delay, seconds.
    pub delay: f64,
    /// The number of replies that passed all tests; without one there is no measurement.
    pub good: u32,
}

impl Measurement {
    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let (mut reader, rest) = match reply.layout {
            16 => (reply.laid_out(16)?, 12),
            _ => (reply.laid_out(26)?, 32),
        };
        reader.take(45)?;
        let stratum = reader.u8()?;
        reader.take(10)?;
        let reference_id = reader.u32()?;
        reader.take(16)?;
        let delay = float(&mut reader)?;
        reader.take(28)?;
        let good = reader.u32()?;
        reader.take(rest)?;
        Some(Self { stratum, reference_id, delay, good })
    }
}

/// A source, combined from several replies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownSource {
    /// The source.
    pub data: SourceData,
    /// The statistics, if reported.
    pub statistics: Option<SourceStatistics>,
    /// Its latest measurement, if this client may read it.
    pub measurement: Option<Measurement>,
    /// Its configured name, octets as received.
    pub name: Option<Vec<u8>>,
}

/// Reads a 32-bit float: seven bits of exponent and 25 of coefficient, both signed. Always finite.
fn float(reader: &mut Reader<'_>) -> Option<f64> {
    let bits = reader.u32()?.cast_signed();
    let coefficient = bits << 7 >> 7;
    Some(f64::from(coefficient) * power_of_two((bits >> 25) - 25))
}

/// Reads a time of 12 octets: the seconds since 1970 in two halves, and nanoseconds, which are ignored. An upper half
/// with this value means that there is no time.
fn time(reader: &mut Reader<'_>) -> Option<i64> {
    const NO_UPPER_HALF: u32 = 0x7fff_ffff;
    let (high, low) = (reader.u32()?, reader.u32()?);
    reader.take(4)?;
    let high = if high == NO_UPPER_HALF { 0 } else { high };
    Some((u64::from(high) << 32 | u64::from(low)).cast_signed())
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
