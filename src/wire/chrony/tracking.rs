//! The state of chronyd's clock, and of the real-time clock.

use super::{Address, Reply, Time, address, float, time};

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
    /// The nanoseconds of that second.
    pub reference_nanoseconds: u32,
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
        let Time { seconds, nanoseconds } = time(&mut reader)?;
        let reference_time = Some(seconds).filter(|seconds| *seconds != 0);
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
            reference_nanoseconds: nanoseconds,
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

/// The state of the real-time clock, which keeps the time while the machine is off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RealTimeClock {
    /// When the estimates below were made.
    pub reference_time: Time,
    /// The number of measurements kept.
    pub samples: u16,
    /// Runs of residuals with the same sign.
    pub runs: u16,
    /// The time that the measurements cover, seconds.
    pub span: u32,
    /// How far the clock is ahead, seconds.
    pub offset: f64,
    /// How much it gains, parts per million.
    pub gain: f64,
}

impl RealTimeClock {
    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(7)?;
        Some(Self {
            reference_time: time(&mut reader)?,
            samples: reader.u16()?,
            runs: reader.u16()?,
            span: reader.u32()?,
            offset: float(&mut reader)?,
            gain: float(&mut reader)?,
        })
    }
}
