//! The counters of chronyd.

use super::{Address, Reader, Reply, address, age};

/// Server statistics. Releases count different things; what one does not count is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerStatistics {
    /// NTP packets received.
    pub received: u64,
    /// NTP packets dropped because their clients sent too many.
    pub dropped: u64,
    /// Command packets received.
    pub commands: u64,
    /// Command packets dropped.
    pub dropped_commands: u64,
    /// Records of clients dropped because the memory for them was used up.
    pub dropped_records: u64,
    /// NTS key establishments accepted.
    pub key_establishments: Option<u64>,
    /// NTS key establishments dropped.
    pub dropped_key_establishments: Option<u64>,
    /// NTP packets that were authenticated.
    pub authenticated: Option<u64>,
    /// NTP packets that were interleaved.
    pub interleaved: Option<u64>,
    /// NTP timestamps in memory, for the interleaved mode.
    pub time_stamps: Option<u64>,
    /// The time that they cover, seconds.
    pub time_stamp_span: Option<u64>,
    /// Timestamps of the daemon, the kernel and the hardware, each for packets received and sent.
    pub stamps: Option<[u64; 6]>,
}

impl ServerStatistics {
    /// Parses a reply; releases use four different layouts.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(reply.layout)?;
        let has_key_establishments = match reply.layout {
            14 => false,
            22 | 24 | 25 => true,
            _ => return None,
        };
        let is_wide = reply.layout == 25;
        let mut count = || if is_wide { wide(&mut reader) } else { reader.u32().map(u64::from) };
        let mut statistics = Self { received: count()?, ..Self::default() };
        if has_key_establishments {
            statistics.key_establishments = Some(count()?);
        }
        statistics.commands = count()?;
        statistics.dropped = count()?;
        if has_key_establishments {
            statistics.dropped_key_establishments = Some(count()?);
        }
        statistics.dropped_commands = count()?;
        statistics.dropped_records = count()?;
        if has_key_establishments {
            statistics.authenticated = Some(count()?);
        }
        if matches!(reply.layout, 24 | 25) {
            statistics.interleaved = Some(count()?);
            statistics.time_stamps = Some(count()?);
            statistics.time_stamp_span = Some(count()?);
        }
        if is_wide {
            statistics.stamps = Some([count()?, count()?, count()?, count()?, count()?, count()?]);
        }
        Some(statistics)
    }
}

/// The number of sources by polling state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Sources that are polled.
    pub online: u32,
    /// Sources that are not.
    pub offline: u32,
    /// Sources that are polled in a burst, and then as before.
    pub burst_online: u32,
    /// Sources that are polled in a burst, and then not.
    pub burst_offline: u32,
    /// Sources whose names have no address yet.
    pub unresolved: u32,
}

impl Activity {
    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(12)?;
        Some(Self {
            online: reader.u32()?,
            offline: reader.u32()?,
            burst_online: reader.u32()?,
            burst_offline: reader.u32()?,
            unresolved: reader.u32()?,
        })
    }
}

/// Packets of one kind from a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Packets received.
    pub received: u32,
    /// Packets dropped.
    pub dropped: u32,
    /// log2 of the average seconds between them; 127 if unknown.
    pub interval: i8,
    /// Seconds since the last; `None` without one.
    pub age: Option<u32>,
}

/// A client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: Address,
    /// NTP.
    pub ntp: Traffic,
    /// Connections to establish keys for NTS.
    pub key_establishment: Traffic,
    /// Commands.
    pub command: Traffic,
    /// log2 of the average seconds between NTP packets while they are limited; 127 if unknown.
    pub limited_interval: i8,
}

/// A part of the table of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    /// The clients.
    pub clients: Vec<Client>,
    /// The place in the table where the next part begins; `None` if there is none.
    pub next: Option<u32>,
}

impl Clients {
    /// The maximum number of clients in a reply.
    pub const MAX: usize = 8;

    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(21)?;
        let size = reader.u32()?;
        let next = reader.u32()?;
        let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
        let mut clients = Vec::new();
        for place in 0..Self::MAX {
            let client = client(&mut reader)?;
            if place < count && client.address != Address::None {
                clients.push(client);
            }
        }
        Some(Self { clients, next: Some(next).filter(|next| *next < size && count >= Self::MAX) })
    }
}

fn client(reader: &mut Reader<'_>) -> Option<Client> {
    let address = address(reader)?;
    let received = [reader.u32()?, reader.u32()?, reader.u32()?];
    let dropped = [reader.u32()?, reader.u32()?, reader.u32()?];
    let mut interval = || reader.u8().map(u8::cast_signed);
    let intervals = [interval()?, interval()?, interval()?];
    let limited_interval = interval()?;
    let ages = [age(reader)?, age(reader)?, age(reader)?];
    let mut kinds = received
        .into_iter()
        .zip(dropped)
        .zip(intervals.into_iter().zip(ages))
        .map(|((received, dropped), (interval, age))| Traffic { received, dropped, interval, age });
    Some(Client {
        address,
        ntp: kinds.next()?,
        key_establishment: kinds.next()?,
        command: kinds.next()?,
        limited_interval,
    })
}

/// Reads a 64-bit counter.
fn wide(reader: &mut Reader<'_>) -> Option<u64> {
    Some(u64::from(reader.u32()?) << 32 | u64::from(reader.u32()?))
}
