//! What chronyd reports about its sources.

use super::{Address, Measurement, Reply, address, age, float};

/// The selection state of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceState(pub u16);

impl SourceState {
    /// Selected for synchronisation.
    pub const SELECTED: Self = Self(0);
    /// Cannot be selected: no samples, too old, or too far away.
    pub const UNUSABLE: Self = Self(1);
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
    /// The offset measured last, as it was then: positive if the local clock is ahead, seconds.
    pub measured_offset: f64,
    /// The same, adjusted for corrections of the local clock since.
    pub offset: f64,
    /// The error bound of that measurement, seconds.
    pub error: f64,
}

impl SourceData {
    /// The mode of a reference clock.
    pub const REFERENCE_CLOCK: u16 = 2;
    /// The mode of a symmetric peer.
    pub const PEER: u16 = 1;
    /// The mode of a server.
    pub const SERVER: u16 = 0;

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
        let age = age(&mut reader)?;
        let measured_offset = float(&mut reader)?;
        let offset = float(&mut reader)?;
        let error = float(&mut reader)?;
        Some(Self { address, poll, stratum, state, mode, reach, age, measured_offset, offset, error })
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
    /// Runs of residuals with the same sign.
    pub runs: u32,
    /// The time that the samples cover, seconds.
    pub span: u32,
    /// Their standard deviation, seconds.
    pub deviation: f64,
    /// The frequency of the local clock relative to the source, apart from the correction in use: parts per million,
    /// positive if the local clock is fast.
    pub residual_frequency: f64,
    /// How uncertain that is, parts per million.
    pub skew: f64,
    /// The estimated offset, positive if the local clock is ahead, seconds.
    pub offset: f64,
    /// How uncertain that is, seconds.
    pub offset_error: f64,
}

impl SourceStatistics {
    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(6)?;
        let reference_id = reader.u32()?;
        let address = address(&mut reader)?;
        let samples = reader.u32()?;
        Some(Self {
            reference_id,
            address,
            samples,
            runs: reader.u32()?,
            span: reader.u32()?,
            deviation: float(&mut reader)?,
            residual_frequency: float(&mut reader)?,
            skew: float(&mut reader)?,
            offset: float(&mut reader)?,
            offset_error: float(&mut reader)?,
        })
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
    /// How it is authenticated, if this client may know.
    pub authentication: Option<Authentication>,
    /// Its configured name, octets as received.
    pub name: Option<Vec<u8>>,
}

/// What chronyd's selection makes of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Selection {
    /// The source's reference ID: its address, or the letters of a reference clock.
    pub reference_id: u32,
    /// Its address; none for a reference clock.
    pub address: Address,
    /// The letter of its state: `*` for the best, `x` for a falseticker.
    pub state: u8,
    /// Whether its measurements are authenticated.
    pub is_authenticated: bool,
    /// Its leap status: 0 normal, 1 and 2 leap second announced, 3 and more not synchronised.
    pub leap: u8,
    /// Its options in the configuration.
    pub configured: SelectionOptions,
    /// Its options in effect.
    pub effective: SelectionOptions,
    /// Seconds since the last sample; `None` without one.
    pub age: Option<u32>,
    /// How it compares with the selected source.
    pub score: f64,
    /// The interval that the true offset is in according to the source, seconds.
    pub interval: [f64; 2],
}

impl Selection {
    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(23)?;
        let reference_id = reader.u32()?;
        let address = address(&mut reader)?;
        let state = reader.u8()?;
        let is_authenticated = reader.u8()? != 0;
        let leap = reader.u8()?;
        reader.take(1)?;
        Some(Self {
            reference_id,
            address,
            state,
            is_authenticated,
            leap,
            configured: SelectionOptions(reader.u16()?),
            effective: SelectionOptions(reader.u16()?),
            age: age(&mut reader)?,
            score: float(&mut reader)?,
            interval: [float(&mut reader)?, float(&mut reader)?],
        })
    }
}

/// Options of a source's selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelectionOptions(pub u16);

impl SelectionOptions {
    /// The options by bit, from the lowest: their letters, and their names in chrony.conf.
    pub const NAMES: [(char, &'static str); 4] =
        [('N', "noselect"), ('P', "prefer"), ('T', "trust"), ('R', "require")];

    /// Whether the option with this bit is set.
    pub fn has(self, bit: usize) -> bool {
        u32::try_from(bit)
            .is_ok_and(|bit| u32::from(self.0).checked_shr(bit).is_some_and(|bits| bits & 1 == 1))
    }
}

/// How a source is authenticated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Authentication {
    /// 0 not at all, 1 with a symmetric key, 2 by NTS.
    pub mode: u16,
    /// The algorithm: that of the keys' file, or for NTS the number of the AEAD (RFC 5116).
    pub key_type: u16,
    /// The ID of the key.
    pub key_id: u32,
    /// The length of the key, bits.
    pub key_length: u16,
    /// Attempts of key establishment since the last that succeeded.
    pub attempts: u16,
    /// Seconds since the last key establishment that succeeded; `None` without one.
    pub age: Option<u32>,
    /// NTS cookies in store.
    pub cookies: u16,
    /// Their length, octets.
    pub cookie_length: u16,
    /// NTS negative acknowledgements since the last key establishment.
    pub refusals: u16,
}

impl Authentication {
    /// Authenticated with a symmetric key.
    pub const SYMMETRIC: u16 = 1;
    /// Authenticated by NTS.
    pub const NTS: u16 = 2;

    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(20)?;
        let mode = reader.u16()?;
        let key_type = reader.u16()?;
        let key_id = reader.u32()?;
        let key_length = reader.u16()?;
        let attempts = reader.u16()?;
        let age = age(&mut reader)?;
        let (cookies, cookie_length, refusals) = (reader.u16()?, reader.u16()?, reader.u16()?);
        reader.take(2)?;
        Some(Self { mode, key_type, key_id, key_length, attempts, age, cookies, cookie_length, refusals })
    }
}
