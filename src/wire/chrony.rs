//! The command protocol of chronyd, version 6: the read-only requests about its clock and its sources.
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

use super::reader::Reader;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The port of the protocol.
pub const PORT: u16 = 323;

const VERSION: u8 = 6;
const REQUEST: u8 = 1;
const REPLY: u8 = 2;
const REPLY_HEADER_LENGTH: usize = 28;
const NAME_LENGTH: usize = 256;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The state of the clock.
    Tracking,
    /// How many sources there are.
    SourceCount,
    /// A source, by its index.
    SourceData(u32),
    /// What was measured of a source, by its index.
    SourceStatistics(u32),
    /// The last measurement of a source, by its address.
    Measurement(Address),
    /// The name that the configuration has for a source, by its address.
    SourceName(Address),
    /// Counters of what was served.
    ServerStatistics,
}

impl Request {
    const fn code(self) -> u16 {
        match self {
            Self::SourceCount => 14,
            Self::SourceData(_) => 15,
            Self::Tracking => 33,
            Self::SourceStatistics(_) => 34,
            Self::ServerStatistics => 54,
            Self::Measurement(_) => 57,
            Self::SourceName(_) => 65,
        }
    }

    /// The length of the reply, and so of the request.
    const fn length(self) -> usize {
        match self {
            Self::SourceCount => 32,
            Self::SourceData(_) => 76,
            Self::Tracking => 104,
            Self::SourceStatistics(_) => 84,
            // Before release 4.6 the reply was shorter.
            Self::Measurement(_) => 172,
            // Nor were there this many counters in early ones.
            Self::ServerStatistics => 196,
            Self::SourceName(_) => 284,
        }
    }

    /// The datagram that asks. `attempt` counts repetitions.
    pub fn encode(self, sequence: u32, attempt: u16) -> Vec<u8> {
        let mut datagram = vec![VERSION, REQUEST, 0, 0];
        datagram.extend(self.code().to_be_bytes());
        datagram.extend(attempt.to_be_bytes());
        datagram.extend(sequence.to_be_bytes());
        datagram.extend([0; 8]);
        match self {
            Self::Tracking | Self::SourceCount | Self::ServerStatistics => {}
            Self::SourceData(index) | Self::SourceStatistics(index) => datagram.extend(index.to_be_bytes()),
            Self::Measurement(address) | Self::SourceName(address) => datagram.extend(address.encode()),
        }
        datagram.resize(self.length(), 0);
        datagram
    }
}

/// What the daemon made of a request: unknown values kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    /// It is answered.
    pub const SUCCESS: Self = Self(0);
    /// This client may not ask that.
    pub const UNAUTHORIZED: Self = Self(2);
    /// There is no such source (any more).
    pub const NO_SUCH_SOURCE: Self = Self(4);
    /// The daemon speaks another version of the protocol.
    pub const BAD_VERSION: Self = Self(18);
}

/// A reply to one of our requests.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// What became of the request.
    pub status: Status,
    layout: u16,
    data: &'a [u8],
}

impl<'a> Reply<'a> {
    /// Reads a datagram; `None` for what answers none of these sendings of the request.
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

    /// The data, if they have this layout.
    fn laid_out(&self, layout: u16) -> Option<Reader<'a>> {
        (self.status == Status::SUCCESS && self.layout == layout).then(|| Reader::new(self.data))
    }

    /// The number of sources.
    pub fn source_count(&self) -> Option<u32> {
        self.laid_out(2)?.u32()
    }

    /// The name of a source; the last octet need not be a zero.
    pub fn source_name(&self) -> Option<&'a [u8]> {
        self.laid_out(19)?.take(NAME_LENGTH)?.split(|octet| *octet == 0).next()
    }
}

/// The address of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Address {
    /// None, or of a kind that is not known.
    #[default]
    None,
    /// An IP address; of a reference clock, its four letters.
    Ip(IpAddr),
    /// The number of a source whose name has no address yet.
    Unresolved(u32),
}

impl Address {
    /// 20 octets, as [`address`] reads them.
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
    /// What it is synchronised to: an address, or letters.
    pub reference_id: u32,
    /// The address of that source.
    pub address: Address,
    /// Stratum; 0 without a source.
    pub stratum: u16,
    /// Leap status: 0 normal, 1 and 2 a leap second to come, 3 and more not synchronised.
    pub leap: u16,
    /// When the clock was looked at last, in seconds since 1970; nothing without a source.
    pub reference_time: Option<i64>,
    /// What the system clock lags behind NTP time, seconds.
    pub correction: f64,
    /// Root mean square of past offsets, seconds.
    pub rms_offset: f64,
    /// What the clock's frequency is corrected by, parts per million: positive for a clock that is slow.
    pub frequency: f64,
    /// Delay to the root, seconds.
    pub root_delay: f64,
    /// Dispersion to the root, seconds.
    pub root_dispersion: f64,
}

impl Tracking {
    /// The state in a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(5)?;
        let reference_id = reader.u32()?;
        let address = address(&mut reader)?;
        let stratum = reader.u16()?;
        let leap = reader.u16()?;
        let reference_time = Some(time(&mut reader)?).filter(|seconds| *seconds != 0);
        let correction = float(&mut reader)?;
        reader.take(4)?;
        let rms_offset = float(&mut reader)?;
        // The daemon reports how much too fast the clock is.
        let frequency = -float(&mut reader)?;
        reader.take(8)?;
        let root_delay = float(&mut reader)?;
        let root_dispersion = float(&mut reader)?;
        reader.take(4)?;
        Some(Self {
            reference_id,
            address,
            stratum,
            leap,
            reference_time,
            correction,
            rms_offset,
            frequency,
            root_delay,
            root_dispersion,
        })
    }
}

/// What the daemon makes of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceState(pub u16);

impl SourceState {
    /// The one that is followed.
    pub const SELECTED: Self = Self(0);
    /// Contradicts the majority.
    pub const FALSE_TICKER: Self = Self(2);
    /// Scatters too much.
    pub const JITTERY: Self = Self(3);
    /// Goes into the average.
    pub const COMBINED: Self = Self(4);
    /// Good, but left out.
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
    /// What is made of it.
    pub state: SourceState,
    /// 0 a server, 1 a peer, 2 a reference clock.
    pub mode: u16,
    /// The reachability register, latest answer in bit 0.
    pub reach: u16,
    /// Seconds since the last sample; `None` without one.
    pub age: Option<u32>,
    /// How far the local clock is ahead of the source, seconds.
    pub offset: f64,
}

impl SourceData {
    /// The mode of a reference clock.
    pub const REFERENCE_CLOCK: u16 = 2;

    /// The source in a reply.
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

/// What was served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerStatistics {
    /// NTP packets received.
    pub received: u64,
    /// NTP packets dropped because their clients sent too many.
    pub dropped: u64,
}

impl ServerStatistics {
    /// The counters of a reply; releases have four layouts.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(reply.layout)?;
        let (received, dropped) = match reply.layout {
            14 => {
                let received = reader.u32()?;
                reader.take(4)?;
                (received.into(), reader.u32()?.into())
            }
            22 | 24 => {
                let received = reader.u32()?;
                reader.take(8)?;
                (received.into(), reader.u32()?.into())
            }
            25 => {
                let received = wide(&mut reader)?;
                reader.take(16)?;
                (received, wide(&mut reader)?)
            }
            _ => return None,
        };
        Some(Self { received, dropped })
    }
}

/// A counter of 64 bits.
fn wide(reader: &mut Reader<'_>) -> Option<u64> {
    Some(u64::from(reader.u32()?) << 32 | u64::from(reader.u32()?))
}

/// What was measured of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceStatistics {
    /// The source's own identifier: its address, or the letters of a reference clock.
    pub reference_id: u32,
    /// Its address; none for a reference clock.
    pub address: Address,
    /// How many samples are kept.
    pub samples: u32,
    /// Their standard deviation, seconds.
    pub deviation: f64,
}

impl SourceStatistics {
    /// The contents of a reply.
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

/// The last measurement of a source, reported to privileged clients only.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measurement {
    /// Stratum of the source in its last answer.
    pub stratum: u8,
    /// What the source itself is synchronised to: an address, or letters.
    pub reference_id: u32,
    /// The time that the question and the answer took, seconds.
    pub delay: f64,
    /// Answers that passed all tests; without one there is no measurement.
    pub good: u32,
}

impl Measurement {
    /// The measurement in a reply.
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
    /// The measurement, if it was reported.
    pub statistics: Option<SourceStatistics>,
    /// Its last measurement, if this client may know it.
    pub measurement: Option<Measurement>,
    /// The name that the configuration has for it, octets as received.
    pub name: Option<Vec<u8>>,
}

/// A 32-bit number: seven bits of exponent and 25 of coefficient, both signed. Always finite.
fn float(reader: &mut Reader<'_>) -> Option<f64> {
    let bits = reader.u32()?.cast_signed();
    let coefficient = bits << 7 >> 7;
    Some(f64::from(coefficient) * f64::from((bits >> 25) - 25).exp2())
}

/// 12 octets: the seconds since 1970 in two halves, which are read, and nanoseconds. An upper half of this value
/// stands for none.
fn time(reader: &mut Reader<'_>) -> Option<i64> {
    const NO_UPPER_HALF: u32 = 0x7fff_ffff;
    let (high, low) = (reader.u32()?, reader.u32()?);
    reader.take(4)?;
    let high = if high == NO_UPPER_HALF { 0 } else { high };
    Some((u64::from(high) << 32 | u64::from(low)).cast_signed())
}

/// 20 octets: room for an address, the family, two octets of nothing.
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
