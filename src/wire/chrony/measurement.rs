//! The latest measurement of a source.

use super::{Address, Reply, Time, address, float, time};

/// The latest measurement of a source, reported to privileged clients only.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measurement {
    /// The address of the source.
    pub remote: Address,
    /// The address that it was asked from.
    pub local: Address,
    /// The port of the source.
    pub port: u16,
    /// The leap indicator in its last reply: 0 normal, 1 and 2 leap second announced, 3 not synchronised.
    pub leap: u8,
    /// The version of NTP in it.
    pub version: u8,
    /// The mode of NTP in it.
    pub mode: u8,
    /// Stratum in it.
    pub stratum: u8,
    /// log2 of the seconds between polls in it.
    pub poll: i8,
    /// log2 of the precision in seconds in it.
    pub precision: i8,
    /// Its delay to the root, seconds.
    pub root_delay: f64,
    /// Its dispersion to the root, seconds.
    pub root_dispersion: f64,
    /// The reference ID of the source: an address, or letters.
    pub reference_id: u32,
    /// When the source's clock was last updated.
    pub reference_time: Time,
    /// The measured offset, positive if the local clock is behind, seconds.
    pub offset: f64,
    /// Round-trip delay, seconds.
    pub delay: f64,
    /// The dispersion of the measurement, seconds.
    pub dispersion: f64,
    /// How long the source took to answer, seconds.
    pub response_time: f64,
    /// How asymmetric the jitter of the path is, -0.5 to 0.5.
    pub asymmetry: f64,
    /// The tests passed in bits 0 to 9 (the first test in bit 9), whether the exchange was interleaved and whether it was
    /// authenticated.
    pub flags: u16,
    /// Who made the transmit timestamp, as a letter: `D` the daemon, `K` the kernel, `H` the hardware.
    pub transmit_stamp: u8,
    /// The same for the receive timestamp.
    pub receive_stamp: u8,
    /// Packets sent.
    pub sent: u32,
    /// Packets received.
    pub received: u32,
    /// Valid packets received.
    pub valid: u32,
    /// The number of replies that passed all tests; without one there is no measurement.
    pub good: u32,
    /// Timestamps of the kernel and of the hardware, each for packets sent and received; since release 4.6.
    pub stamps: Option<[u32; 4]>,
}

impl Measurement {
    /// Parses a reply; since release 4.6 it has more counters.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let has_stamps = reply.layout != 16;
        let mut reader = reply.laid_out(if has_stamps { 26 } else { 16 })?;
        let measurement = Self {
            remote: address(&mut reader)?,
            local: address(&mut reader)?,
            port: reader.u16()?,
            leap: reader.u8()?,
            version: reader.u8()?,
            mode: reader.u8()?,
            stratum: reader.u8()?,
            poll: reader.u8()?.cast_signed(),
            precision: reader.u8()?.cast_signed(),
            root_delay: float(&mut reader)?,
            root_dispersion: float(&mut reader)?,
            reference_id: reader.u32()?,
            reference_time: time(&mut reader)?,
            offset: float(&mut reader)?,
            delay: float(&mut reader)?,
            dispersion: float(&mut reader)?,
            response_time: float(&mut reader)?,
            asymmetry: float(&mut reader)?,
            flags: reader.u16()?,
            transmit_stamp: reader.u8()?,
            receive_stamp: reader.u8()?,
            sent: reader.u32()?,
            received: reader.u32()?,
            valid: reader.u32()?,
            good: reader.u32()?,
            stamps: if has_stamps {
                Some([reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?])
            } else {
                None
            },
        };
        reader.take(if has_stamps { 16 } else { 12 })?;
        Some(measurement)
    }

    /// Whether test number `test` of ten, from 0, was passed.
    pub fn passed(&self, test: u32) -> bool {
        test < 10 && self.flags >> (9 - test) & 1 == 1
    }

    /// Whether the exchange was interleaved.
    pub fn is_interleaved(&self) -> bool {
        self.flags & 0x4000 != 0
    }

    /// Whether the exchange was authenticated.
    pub fn is_authenticated(&self) -> bool {
        self.flags & 0x8000 != 0
    }
}
