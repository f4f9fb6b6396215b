//! The items of requests: what to query, and what to change.
//!
//! An item has a format for current daemons, which ends in a flag and IPv6 addresses, and one for IPv4-only daemons, if
//! they support the request at all. Numbers that 4.2.8p15 sends in its machine's byte order are sent little-endian
//! here, as on nearly all machines that daemons run on.

use super::fields::{choose, ipv4};
use super::lists::{NTP_PORT_ONLY, OLD_RESTRICTIONS, RESTRICTIONS};
use crate::wire::reader::Reader;
use std::net::{IpAddr, Ipv6Addr};

/// The port of NTP.
const NTP_PORT: u16 = 123;

/// Packets of the new association are authenticated with a key.
pub const AUTHENTICATED: u8 = 0x01;
/// It is preferred.
pub const PREFER: u8 = 0x02;
/// Send a burst of packets at each poll.
pub const BURST: u8 = 0x04;
/// Send a burst of packets at the first poll.
pub const INITIAL_BURST: u8 = 0x08;

/// Octets that no daemon reads any more: the name of a public key.
const KEY_NAME: usize = 128;

/// [`NTP_PORT_ONLY`] in the numbering of a daemon without IPv6.
const OLD_NTP_PORT_ONLY: u16 = 0x02;

/// An item of a request.
pub trait Item: Sized {
    /// Encodes the item for a current daemon.
    fn encode(&self) -> Vec<u8>;

    /// Encodes the item for an IPv4-only daemon; `None` if it does not support the request.
    fn encode_old(&self) -> Option<Vec<u8>> {
        Some(self.encode())
    }

    /// Parses an item in either format.
    fn parse(item: &[u8]) -> Option<Self>;
}

/// An association to query (`PEER_INFO`, `PEER_STATS`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queried(pub IpAddr);

impl Item for Queried {
    fn encode(&self) -> Vec<u8> {
        let mut item = self.beginning();
        extend_with_ipv6(&mut item, 4, &[self.0]);
        item
    }

    fn encode_old(&self) -> Option<Vec<u8>> {
        self.0.is_ipv4().then(|| self.beginning())
    }

    fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let address = ipv4(reader)?;
        reader.u32()?;
        let [address] = choose(reader, 4, [address])?;
        Some(Self(address))
    }
}

impl Queried {
    fn beginning(self) -> Vec<u8> {
        let [high, low] = NTP_PORT.to_be_bytes();
        [ipv4_octets(self.0), [high, low, 0, 0]].concat()
    }
}

/// An association to remove, or whose counters to reset (`UNCONFIG`, `RESET_PEER`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed(pub IpAddr);

impl Item for Changed {
    fn encode(&self) -> Vec<u8> {
        let mut item = ipv4_octets(self.0).to_vec();
        extend_with_ipv6(&mut item, 0, &[self.0]);
        item
    }

    fn encode_old(&self) -> Option<Vec<u8>> {
        self.0.is_ipv4().then(|| ipv4_octets(self.0).to_vec())
    }

    fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let address = ipv4(reader)?;
        let [address] = choose(reader, 0, [address])?;
        Some(Self(address))
    }
}

/// A new association (`CONFIG`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewAssociation {
    /// Its address.
    pub address: IpAddr,
    /// The mode of the daemon's side (RFC 5905 section 7.3).
    pub mode: u8,
    /// The version of its packets.
    pub version: u8,
    /// The shortest interval between polls, log2 seconds.
    pub minimum_poll: u8,
    /// The longest.
    pub maximum_poll: u8,
    /// [`AUTHENTICATED`], [`PREFER`], [`BURST`], [`INITIAL_BURST`].
    pub flags: u8,
    /// The TTL of broadcasts, or the mode of a reference clock.
    pub ttl: u8,
    /// Its key ID; 0 for none.
    pub key_id: u32,
}

impl Item for NewAssociation {
    fn encode(&self) -> Vec<u8> {
        let mut item = self.beginning();
        item.resize(item.len() + KEY_NAME, 0);
        extend_with_ipv6(&mut item, 4, &[self.address]);
        item
    }

    fn encode_old(&self) -> Option<Vec<u8>> {
        self.address.is_ipv4().then(|| self.beginning())
    }

    fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let address = ipv4(reader)?;
        let [mode, version, minimum_poll, maximum_poll, flags, ttl, _, _] = reader.array()?;
        let key_id = u32::from_le_bytes(reader.array()?);
        if !reader.is_at_end() {
            reader.take(KEY_NAME)?;
        }
        let [address] = choose(reader, 4, [address])?;
        Some(Self { address, mode, version, minimum_poll, maximum_poll, flags, ttl, key_id })
    }
}

impl NewAssociation {
    /// The part that the oldest daemons know.
    fn beginning(&self) -> Vec<u8> {
        let Self { address, mode, version, minimum_poll, maximum_poll, flags, ttl, key_id } = *self;
        let mut item = ipv4_octets(address).to_vec();
        item.extend([mode, version, minimum_poll, maximum_poll, flags, ttl, 0, 0]);
        item.extend(key_id.to_le_bytes());
        item
    }
}

/// An access restriction to add, change or remove (`ADD_RESTRICT`, `SUB_RESTRICT`, `REMOVE_RESTRICT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestrictionChange {
    /// The addresses …
    pub address: IpAddr,
    /// … and their mask.
    pub mask: IpAddr,
    /// The bits of [`RESTRICTIONS`].
    pub flags: u16,
    /// [`NTP_PORT_ONLY`], or 0.
    pub match_flags: u16,
}

impl Item for RestrictionChange {
    fn encode(&self) -> Vec<u8> {
        let mut item = self.beginning();
        item.extend([0; 8]);
        item.extend(self.flags.to_be_bytes());
        item.extend(self.match_flags.to_be_bytes());
        item.extend([0; 4]);
        item.extend(mark(self.address));
        item.extend(ipv6_octets(self.address));
        item.extend(ipv6_octets(self.mask));
        item
    }

    /// A daemon without IPv6 numbers the flags differently.
    fn encode_old(&self) -> Option<Vec<u8>> {
        let flags = other_bits(self.flags, &RESTRICTIONS, &OLD_RESTRICTIONS);
        let match_flags = if self.match_flags & NTP_PORT_ONLY == 0 { 0 } else { OLD_NTP_PORT_ONLY };
        self.address.is_ipv4().then(|| {
            let mut item = self.beginning();
            item.extend(flags.to_be_bytes());
            item.extend(match_flags.to_be_bytes());
            item
        })
    }

    fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let (address, mask) = (ipv4(reader)?, ipv4(reader)?);
        if reader.rest().len() == 4 {
            let flags = other_bits(reader.u16()?, &OLD_RESTRICTIONS, &RESTRICTIONS);
            let match_flags = if reader.u16()? & OLD_NTP_PORT_ONLY == 0 { 0 } else { NTP_PORT_ONLY };
            return Some(Self { address: address.into(), mask: mask.into(), flags, match_flags });
        }
        reader.take(8)?;
        let (flags, match_flags) = (reader.u16()?, reader.u16()?);
        reader.u32()?;
        let [address, mask] = choose(reader, 0, [address, mask])?;
        Some(Self { address, mask, flags, match_flags })
    }
}

impl RestrictionChange {
    fn beginning(&self) -> Vec<u8> {
        [ipv4_octets(self.address), ipv4_octets(self.mask)].concat()
    }
}

/// Converts bits to another table with the same names, dropping names that it does not have.
fn other_bits(bits: u16, from: &[(u32, &str)], to: &[(u32, &str)]) -> u16 {
    let names = from.iter().filter(|(bit, _)| u32::from(bits) & bit != 0).map(|(_, name)| *name);
    let bit = |name| to.iter().find(|(_, other)| *other == name).map_or(0, |(bit, _)| *bit);
    u16::try_from(names.map(bit).fold(0, |all, bit| all | bit)).unwrap_or(0)
}

/// A trap receiver to add or remove (`ADD_TRAP`, `CLEAR_TRAP`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrapChange {
    /// The local address that traps are sent from; of the same family.
    pub local: IpAddr,
    /// The receiver's address.
    pub address: IpAddr,
    /// The receiver's port.
    pub port: u16,
}

impl Item for TrapChange {
    fn encode(&self) -> Vec<u8> {
        let mut item = self.beginning();
        item.extend(mark(self.address));
        item.extend(ipv6_octets(self.local));
        item.extend(ipv6_octets(self.address));
        item
    }

    fn encode_old(&self) -> Option<Vec<u8>> {
        self.address.is_ipv4().then(|| self.beginning())
    }

    fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let (local, address) = (ipv4(reader)?, ipv4(reader)?);
        let port = reader.u16()?;
        reader.u16()?;
        let [local, address] = choose(reader, 0, [local, address])?;
        Some(Self { local, address, port })
    }
}

impl TrapChange {
    fn beginning(&self) -> Vec<u8> {
        let [high, low] = self.port.to_be_bytes();
        [ipv4_octets(self.local), ipv4_octets(self.address), [high, low, 0, 0]].concat()
    }
}

/// A parameter of a reference clock (`SET_CLOCK_FUDGE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockFudge {
    /// The address of the clock; an IPv6 address cannot be one.
    pub address: IpAddr,
    /// The parameter: `time1`, `time2`, `val1`, `val2`, `flags`, from 1.
    pub parameter: u32,
    /// The value of a time: seconds with 32 bits of fraction.
    pub time: u64,
    /// The value of the others: a signed number or bits.
    pub number: u32,
}

impl Item for ClockFudge {
    fn encode(&self) -> Vec<u8> {
        let mut item = ipv4_octets(self.address).to_vec();
        item.extend(self.parameter.to_be_bytes());
        item.extend(self.time.to_be_bytes());
        item.extend(self.number.to_be_bytes());
        item
    }

    fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let address = ipv4(reader)?.into();
        Some(Self { address, parameter: reader.u32()?, time: reader.u64()?, number: reader.u32()? })
    }
}

/// A number, usually a bit mask (`SET_SYS_FLAG`, `CLEAR_SYS_FLAG`, `RESET_STATS`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub u32);

impl Item for Number {
    fn encode(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn parse(item: &[u8]) -> Option<Self> {
        Reader::new(item).u32().map(Self)
    }
}

/// A key to trust, or no longer (`TRUST_KEY`, `UNTRUST_KEY`). Its ID is sent as a 64-bit little-endian number: 4.2.8p15
/// sends it that way on nearly all machines, and daemons on them expect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedKey(pub u32);

impl Item for TrustedKey {
    fn encode(&self) -> Vec<u8> {
        u64::from(self.0).to_le_bytes().to_vec()
    }

    fn parse(item: &[u8]) -> Option<Self> {
        let number = u64::from_le_bytes(Reader::new(item).array()?);
        u32::try_from(number).ok().map(Self)
    }
}

/// The key that requests must use (`REQUEST_KEY`, `CONTROL_KEY`). The daemon reads 32 bits in network byte order, but
/// expects items of the size of its machine's `unsigned long`, nearly everywhere 64 bits, and rejects the 32 bits that
/// 4.2.8p15 sends. If 32 bits are expected, they are tried next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequiredKey(pub u32);

impl Item for RequiredKey {
    fn encode(&self) -> Vec<u8> {
        [self.0.to_be_bytes(), [0; 4]].concat()
    }

    fn encode_old(&self) -> Option<Vec<u8>> {
        Some(self.0.to_be_bytes().to_vec())
    }

    fn parse(item: &[u8]) -> Option<Self> {
        Reader::new(item).u32().map(Self)
    }
}

/// The addresses of reference clocks, this many octets apart (`CLOCK_INFO`, `CLOCK_BUG_INFO`), truncated to the length
/// that they would have without gaps. IPv6 addresses, which no clock has, are omitted.
pub fn clocks(addresses: &[IpAddr], apart: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    for address in addresses {
        if let IpAddr::V4(address) = address {
            octets.extend(address.octets());
            octets.resize(octets.len().next_multiple_of(apart), 0);
        }
    }
    octets.truncate(addresses.len() * CLOCK_LENGTH);
    octets
}

/// Octets of the item that identifies a clock.
pub const CLOCK_LENGTH: usize = 4;

/// The octets of an IPv4 address; zeros for IPv6.
fn ipv4_octets(address: IpAddr) -> [u8; 4] {
    match address {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(_) => [0; 4],
    }
}

/// The octets of an IPv6 address; zeros for IPv4.
fn ipv6_octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(_) => Ipv6Addr::UNSPECIFIED.octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

/// The flag that says whether the IPv6 addresses that follow count. 4.2.8p15 sends it in its machine's byte order; any
/// nonzero octet will do.
fn mark(address: IpAddr) -> [u8; 4] {
    [u8::from(address.is_ipv6()), 0, 0, 0]
}

/// Appends the flag, this many octets of padding, and the IPv6 addresses to an item.
fn extend_with_ipv6(item: &mut Vec<u8>, pad: usize, addresses: &[IpAddr]) {
    item.extend(addresses.first().copied().map_or([0; 4], mark));
    item.resize(item.len() + pad, 0);
    item.extend(addresses.iter().flat_map(|address| ipv6_octets(*address)));
}

#[cfg(test)]
mod tests;
