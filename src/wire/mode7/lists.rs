//! Lists: access rules, clients, traps, interfaces.

use super::Implementation;
use super::fields::{bit_names, choose, ipv4, signed32};
use crate::wire::reader::Reader;
use std::net::{IpAddr, Ipv4Addr};

/// An access restriction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// The addresses …
    pub address: IpAddr,
    /// … and their mask.
    pub mask: IpAddr,
    /// How many packets matched it.
    pub count: u32,
    /// What it does.
    pub flags: u16,
    /// Additional conditions for a packet to match.
    pub match_flags: u16,
}

/// The restriction flags, by bit and name, in the order in which they are printed.
pub const RESTRICTIONS: [(u32, &str); 12] = [
    (0x0001, "ignore"),
    (0x0002, "noserve"),
    (0x0004, "notrust"),
    (0x0080, "noquery"),
    (0x0100, "nomodify"),
    (0x0010, "nopeer"),
    (0x0200, "notrap"),
    (0x0400, "lptrap"),
    (0x0040, "limited"),
    (0x0008, "version"),
    (0x0800, "kod"),
    (0x2000, "flake"),
];

/// The flags of a daemon without IPv6.
pub(super) const OLD_RESTRICTIONS: [(u32, &str); 9] = [
    (0x001, "ignore"),
    (0x002, "noserve"),
    (0x004, "notrust"),
    (0x008, "noquery"),
    (0x010, "nomodify"),
    (0x020, "nopeer"),
    (0x040, "notrap"),
    (0x080, "lptrap"),
    (0x100, "limited"),
];

/// Applies only to packets from port 123.
pub const NTP_PORT_ONLY: u16 = 0x2000;

const MATCHES: [(u32, &str); 3] =
    [(NTP_PORT_ONLY as u32, "ntpport"), (0x1000, "interface"), (0x4000, "source")];

impl Restriction {
    /// Sizes of an item.
    pub const SIZES: [usize; 2] = [56, 16];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let (address, mask) = (ipv4(reader)?, ipv4(reader)?);
        let count = reader.u32()?;
        let flags = reader.u16()?;
        let match_flags = reader.u16()?;
        let [address, mask] = choose(reader, 4, [address, mask])?;
        Some(Self { address, mask, count, flags, match_flags })
    }

    /// Returns the names of all its flags.
    pub fn flag_names(&self, implementation: Implementation) -> Vec<&'static str> {
        let table: &[_] =
            if implementation == Implementation::OLD { &OLD_RESTRICTIONS } else { &RESTRICTIONS };
        let mut names = bit_names(self.match_flags.into(), &MATCHES);
        names.extend(bit_names(self.flags.into(), table));
        names
    }

    /// Whether it applies to a single IPv4 host.
    pub fn is_for_one_host(&self) -> bool {
        self.mask == IpAddr::V4(Ipv4Addr::BROADCAST)
    }
}

/// The format of the items in the list of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientForm {
    /// With the local address.
    Local,
    /// Without the local address.
    Plain,
    /// From daemons that kept no average: the times of the first and the last packet.
    Ages,
}

/// A client that was heard from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Average interval between its packets, in seconds; in the oldest format, seconds since its first packet.
    pub average_interval: u32,
    /// Seconds since its last packet.
    pub last_interval: u32,
    /// The restrictions that apply to it.
    pub restrictions: u32,
    /// How many packets it sent.
    pub count: u32,
    /// Its address.
    pub address: IpAddr,
    /// The address it sent to, if the format includes it.
    pub local: Option<IpAddr>,
    /// Its port.
    pub port: u16,
    /// The mode of its last packet.
    pub mode: u8,
    /// Its version.
    pub version: u8,
}

impl Client {
    /// Sizes of an item.
    pub const SIZES: [usize; 5] = [Self::LARGEST, 32, Self::PLAIN, 24, 40];
    /// The size of current items.
    pub const LARGEST: usize = 72;
    /// The size of those without the local address.
    pub const PLAIN: usize = 48;

    /// Returns the format of items of this size, or the closest if the size is unknown.
    pub fn form(size: usize) -> ClientForm {
        match size {
            40 => ClientForm::Ages,
            24 | 48 => ClientForm::Plain,
            _ => ClientForm::Local,
        }
    }

    /// Parses an item.
    pub fn parse(item: &[u8], form: ClientForm) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let (first, second) = (reader.u32()?, reader.u32()?);
        let (average_interval, last_interval, restrictions) = match form {
            ClientForm::Ages => (second, first, 0),
            ClientForm::Local | ClientForm::Plain => (first, second, reader.u32()?),
        };
        let count = reader.u32()?;
        let address = ipv4(reader)?;
        let local = if form == ClientForm::Local {
            let local = ipv4(reader)?;
            reader.u32()?;
            Some(local)
        } else {
            None
        };
        let port = reader.u16()?;
        let [mode, version] = reader.array()?;
        let (address, local) = match local {
            Some(local) => {
                let [address, local] = choose(reader, 4, [address, local])?;
                (address, Some(local))
            }
            None => {
                let pad = if form == ClientForm::Ages { 0 } else { 4 };
                let [address] = choose(reader, pad, [address])?;
                (address, None)
            }
        };
        Some(Self {
            average_interval,
            last_interval,
            restrictions,
            count,
            address,
            local,
            port,
            mode,
            version,
        })
    }
}

/// A trap receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Trap {
    pub local: IpAddr,
    /// The IPv4 address field, which 4.2.8p15 uses even if there is an IPv6 address.
    pub old_local: Ipv4Addr,
    pub address: IpAddr,
    pub port: u16,
    pub sequence: u16,
    pub last_set_ago: u32,
    pub first_set_ago: u32,
    pub resets: u32,
    pub flags: u32,
}

impl Trap {
    /// Sizes of an item.
    pub const SIZES: [usize; 2] = [64, 28];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let (old_local, address) = (ipv4(reader)?, ipv4(reader)?);
        let (port, sequence) = (reader.u16()?, reader.u16()?);
        let (last_set_ago, first_set_ago) = (reader.u32()?, reader.u32()?);
        let resets = reader.u32()?;
        let flags = reader.u32()?;
        let [local, address] = choose(reader, 0, [old_local, address])?;
        Some(Self { local, old_local, address, port, sequence, last_set_ago, first_set_ago, resets, flags })
    }

    /// Describes how the trap was set, in the classic words. Some daemons send the flags in their machine's byte order,
    /// which [`super::fields::either_order`] detects.
    pub fn origin(flags: u32) -> &'static str {
        match flags {
            flags if flags & 4 != 0 => "configured",
            flags if flags & 2 != 0 => "low priority",
            _ => "normal priority",
        }
    }
}

/// A socket that the daemon listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Interface {
    pub address: IpAddr,
    pub broadcast: IpAddr,
    pub mask: IpAddr,
    pub name: Vec<u8>,
    pub flags: u32,
    pub ttl: u32,
    pub multicast_groups: u32,
    pub received: u32,
    pub sent: u32,
    pub not_sent: u32,
    pub uptime: u32,
    pub scope: u32,
    pub number: i32,
    pub peers: u32,
    pub ignored: bool,
    pub action: u8,
}

impl Interface {
    /// The size of an item.
    pub const SIZES: [usize; 1] = [136];
    /// Flag of a socket that receives its network's broadcasts.
    pub const HEARS_BROADCASTS: u32 = 0x20;

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let addresses: [[u8; 16]; 3] = [reader.array()?, reader.array()?, reader.array()?];
        let is_ipv6 = reader.u32()? != 0;
        let [address, broadcast, mask] = addresses.map(|octets| match octets {
            [a, b, c, d, ..] if !is_ipv6 => IpAddr::from([a, b, c, d]),
            _ => IpAddr::from(octets),
        });
        let name = reader.take(32)?;
        let name = name.split(|&octet| octet == 0).next().unwrap_or_default().to_vec();
        let (flags, ttl, multicast_groups) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (received, sent, not_sent) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (uptime, scope) = (reader.u32()?, reader.u32()?);
        reader.u32()?;
        let (number, peers) = (signed32(reader)?, reader.u32()?);
        reader.u16()?;
        let [ignored, action] = reader.array()?;
        Some(Self {
            address,
            broadcast,
            mask,
            name,
            flags,
            ttl,
            multicast_groups,
            received,
            sent,
            not_sent,
            uptime,
            scope,
            number,
            peers,
            ignored: ignored != 0,
            action,
        })
    }
}
