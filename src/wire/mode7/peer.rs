//! Associations: lists, summaries, details, statistics.

use super::fields::{bit_names, choose, ipv4, signed32, signed64};
use crate::wire::reader::Reader;
use crate::wire::timestamp::NtpTimestamp;
use std::net::IpAddr;

/// The system peer.
pub const SYSTEM_PEER: u8 = 0x02;
/// It survived the cluster algorithm.
pub const SHORT_LIST: u8 = 0x80;
/// It may be selected.
pub const CANDIDATE: u8 = 0x40;

/// It is a reference clock.
pub const REFERENCE_CLOCK: u8 = 0x08;

const FLAGS: [(u32, &str); 9] = [
    (0x02, "system_peer"),
    (0x01, "config"),
    (0x08, "refclock"),
    (0x20, "auth"),
    (0x10, "prefer"),
    (0x100, "iburst"),
    (0x04, "burst"),
    (0x40, "candidate"),
    (0x80, "shortlist"),
];

/// Returns the names of a peer's flags.
pub fn flag_names(flags: u16) -> Vec<&'static str> {
    bit_names(flags.into(), &FLAGS)
}

/// An entry of the list of peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerEntry {
    /// Its address.
    pub address: IpAddr,
    /// The mode of our side.
    pub mode: u8,
}

impl PeerEntry {
    /// Sizes of an item.
    pub const SIZES: [usize; 2] = [32, 8];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let address = ipv4(reader)?;
        reader.u16()?;
        let mode = reader.u8()?;
        reader.u8()?;
        let [address] = choose(reader, 4, [address])?;
        Some(Self { address, mode })
    }
}

/// One line of the table of peers. Delay, offset and dispersion are seconds with 32 bits of fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerSummary {
    /// The local address.
    pub local: IpAddr,
    /// The peer's address.
    pub remote: IpAddr,
    /// Its stratum.
    pub stratum: u8,
    /// Our poll interval, log2 seconds.
    pub host_poll: i8,
    /// The peer's poll interval, log2 seconds.
    pub peer_poll: i8,
    /// Which of the last eight polls were answered.
    pub reach: u8,
    /// Its flags.
    pub flags: u8,
    /// The mode of our side.
    pub mode: u8,
    /// Round-trip delay.
    pub delay: i64,
    /// Offset of the peer's clock from ours.
    pub offset: i64,
    /// Dispersion.
    pub dispersion: i64,
}

impl PeerSummary {
    /// Sizes of an item.
    pub const SIZES: [usize; 2] = [72, 32];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let (local, remote) = (ipv4(reader)?, ipv4(reader)?);
        reader.u16()?;
        let stratum = reader.u8()?;
        let [host_poll, peer_poll] = reader.array()?.map(u8::cast_signed);
        let [reach, flags, mode] = reader.array()?;
        let delay = super::fields::short(signed32(reader)?);
        let offset = signed64(reader)?;
        let dispersion = super::fields::short_unsigned(reader.u32()?);
        let [local, remote] = choose(reader, 4, [local, remote])?;
        Some(Self {
            local,
            remote,
            stratum,
            host_poll,
            peer_poll,
            reach,
            flags,
            mode,
            delay,
            offset,
            dispersion,
        })
    }

    /// Returns the poll interval in seconds.
    pub fn poll_seconds(&self) -> u32 {
        1 << self.host_poll.min(self.peer_poll).clamp(3, 17)
    }
}

/// The byte order of the daemon's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineOrder {
    /// Little-endian: the only one that 4.2.8p15 understands when it runs on such a machine itself.
    LowestFirst,
    /// Detected from the item; little-endian if undecided.
    FoundOut,
}

/// Details of one peer. Times are seconds with 32 bits of fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variables of RFC 5905 and RFC 9327")]
pub struct PeerDetail {
    pub local: IpAddr,
    pub remote: IpAddr,
    pub flags: u8,
    pub leap: u8,
    pub host_mode: u8,
    pub peer_mode: u8,
    pub stratum: u8,
    pub peer_poll: u8,
    pub host_poll: u8,
    pub precision: i8,
    pub version: u8,
    pub reach: u8,
    pub unreach: u8,
    pub ttl: u8,
    pub flash: u16,
    pub association: u16,
    pub key_id: u32,
    pub reference_id: [u8; 4],
    pub timer: u32,
    pub root_delay: i64,
    pub root_dispersion: i64,
    pub reference_time: NtpTimestamp,
    pub originate_time: NtpTimestamp,
    pub receive_time: NtpTimestamp,
    pub transmit_time: NtpTimestamp,
    pub filter_delay: [i64; 8],
    pub filter_offset: [i64; 8],
    pub filter_order: [u8; 8],
    pub delay: i64,
    pub dispersion: i64,
    pub offset: i64,
    pub selection_dispersion: i64,
    pub broadcast_offset: i64,
}

impl PeerDetail {
    /// Sizes of an item.
    pub const SIZES: [usize; 2] = [280, 240];
    /// Offset of the flag that says whether the IPv6 addresses count.
    const MARK: usize = 240;

    /// Parses an item. Key ID and test bits are in the byte order of the daemon's machine, given by `order`.
    pub fn parse(item: &[u8], order: MachineOrder) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let (local, remote) = (ipv4(reader)?, ipv4(reader)?);
        reader.u16()?;
        let [flags, leap, host_mode, peer_mode, stratum, peer_poll, host_poll] = reader.array()?;
        let precision = reader.array().map(i8::from_be_bytes)?;
        let [version, _, reach, unreach, _, ttl] = reader.array()?;
        let flash = reader.u16()?;
        let association = reader.u16()?;
        let key_id = reader.u32()?;
        // The daemon sends these, and the flag, in its machine's byte order. Any of the test bits may be set.
        let mark =
            item.get(Self::MARK..).and_then(<[u8]>::first_chunk).map_or(0, |mark| u32::from_be_bytes(*mark));
        let is_big_endian = order == MachineOrder::FoundOut
            && (super::fields::is_big_endian(mark) || super::fields::is_big_endian(key_id));
        let flash = if is_big_endian { flash } else { flash.swap_bytes() };
        let key_id = if is_big_endian { key_id } else { key_id.swap_bytes() };
        reader.u32()?;
        let reference_id = reader.array()?;
        let timer = reader.u32()?;
        let root_delay = super::fields::short(signed32(reader)?);
        let root_dispersion = super::fields::short_unsigned(reader.u32()?);
        let reference_time = NtpTimestamp(reader.u64()?);
        let originate_time = NtpTimestamp(reader.u64()?);
        let receive_time = NtpTimestamp(reader.u64()?);
        let transmit_time = NtpTimestamp(reader.u64()?);
        let mut filter_delay = [0; 8];
        for delay in &mut filter_delay {
            *delay = super::fields::short(signed32(reader)?);
        }
        let mut filter_offset = [0; 8];
        for offset in &mut filter_offset {
            *offset = signed64(reader)?;
        }
        let filter_order = reader.array()?;
        let delay = super::fields::short(signed32(reader)?);
        let dispersion = super::fields::short_unsigned(reader.u32()?);
        let offset = signed64(reader)?;
        let selection_dispersion = super::fields::short_unsigned(reader.u32()?);
        reader.take(28)?;
        let broadcast_offset = super::fields::short(signed32(reader)?);
        let [local, remote] = choose(reader, 4, [local, remote])?;
        Some(Self {
            local,
            remote,
            flags,
            leap,
            host_mode,
            peer_mode,
            stratum,
            peer_poll,
            host_poll,
            precision,
            version,
            reach,
            unreach,
            ttl,
            flash,
            association,
            key_id,
            reference_id,
            timer,
            root_delay,
            root_dispersion,
            reference_time,
            originate_time,
            receive_time,
            transmit_time,
            filter_delay,
            filter_offset,
            filter_order,
            delay,
            dispersion,
            offset,
            selection_dispersion,
            broadcast_offset,
        })
    }
}

/// The counters of one peer; times in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PeerStatistics {
    pub local: IpAddr,
    pub remote: IpAddr,
    pub flags: u16,
    pub received_ago: u32,
    pub next_send: u32,
    pub reachable_since: u32,
    pub sent: u32,
    pub processed: u32,
    pub bad_authentication: u32,
    pub bogus_origin: u32,
    pub duplicate: u32,
    pub bad_dispersion: u32,
    pub bad_reference_time: u32,
    pub candidate_order: u8,
}

impl PeerStatistics {
    /// Sizes of an item.
    pub const SIZES: [usize; 2] = [120, 80];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let (local, remote) = (ipv4(reader)?, ipv4(reader)?);
        reader.u16()?;
        let flags = reader.u16()?;
        reader.u32()?;
        let received_ago = reader.u32()?;
        let next_send = reader.u32()?;
        let reachable_since = reader.u32()?;
        let sent = reader.u32()?;
        reader.u32()?;
        let processed = reader.u32()?;
        reader.u32()?;
        let bad_authentication = reader.u32()?;
        let bogus_origin = reader.u32()?;
        let duplicate = reader.u32()?;
        reader.u64()?;
        let bad_dispersion = reader.u32()?;
        let bad_reference_time = reader.u32()?;
        reader.u32()?;
        let candidate_order = reader.u8()?;
        reader.take(3)?;
        let [local, remote] = choose(reader, 4, [local, remote])?;
        Some(Self {
            local,
            remote,
            flags,
            received_ago,
            next_send,
            reachable_since,
            sent,
            processed,
            bad_authentication,
            bogus_origin,
            duplicate,
            bad_dispersion,
            bad_reference_time,
            candidate_order,
        })
    }
}
