//! The daemon itself: its state, its loop filter, the kernel's clock.

use super::fields::{bit_names, choose, ipv4, signed32, signed64};
use crate::wire::reader::Reader;
use crate::wire::timestamp::NtpTimestamp;
use std::net::IpAddr;

/// The state of the daemon. Times are seconds, the frequency is ppm, all with 32 bits of fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variables of RFC 5905")]
pub struct SystemInfo {
    pub peer: IpAddr,
    pub peer_mode: u8,
    pub leap: u8,
    pub stratum: u8,
    pub precision: i8,
    pub root_delay: i64,
    pub root_dispersion: i64,
    pub reference_id: [u8; 4],
    pub reference_time: NtpTimestamp,
    pub flags: u8,
    pub broadcast_delay: i64,
    pub jitter: i64,
    pub authentication_delay: i64,
    pub stability: i64,
}

impl SystemInfo {
    /// Sizes of an item.
    pub const SIZES: [usize; 2] = [80, 56];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let peer = ipv4(reader)?;
        let [peer_mode, leap, stratum] = reader.array()?;
        let precision = reader.array().map(i8::from_be_bytes)?;
        let root_delay = super::fields::short(signed32(reader)?);
        let root_dispersion = super::fields::short_unsigned(reader.u32()?);
        let reference_id = reader.array()?;
        let reference_time = NtpTimestamp(reader.u64()?);
        reader.u32()?;
        let flags = reader.u8()?;
        reader.take(3)?;
        let broadcast_delay = super::fields::short(signed32(reader)?);
        let jitter = super::fields::short(signed32(reader)?);
        let authentication_delay = signed64(reader)?;
        let stability = super::fields::short_unsigned(reader.u32()?);
        let [peer] = choose(reader, 4, [peer])?;
        Some(Self {
            peer,
            peer_mode,
            leap,
            stratum,
            precision,
            root_delay,
            root_dispersion,
            reference_id,
            reference_time,
            flags,
            broadcast_delay,
            jitter,
            authentication_delay,
            stability,
        })
    }

    /// The names of the flags that are set.
    pub fn flag_names(&self) -> Vec<&'static str> {
        const NAMES: [(u32, &str); 8] = [
            (0x01, "bclient"),
            (0x02, "auth"),
            (0x40, "monitor"),
            (0x04, "ntp"),
            (0x08, "kernel"),
            (0x80, "stats"),
            (0x10, "calibrate"),
            (0x20, "pps"),
        ];
        bit_names(self.flags.into(), &NAMES)
    }
}

/// The state of the loop filter. Offset in seconds, frequency in ppm, both with 32 bits of fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopInfo {
    /// The clock's offset.
    pub offset: i64,
    /// The frequency correction.
    pub frequency: i64,
    /// How far the poll interval is from its next change.
    pub poll_adjust: i32,
    /// Seconds since the clock was last set.
    pub watchdog: u32,
}

impl LoopInfo {
    /// The size of an item.
    pub const SIZES: [usize; 1] = [24];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        Some(Self {
            offset: signed64(reader)?,
            frequency: signed64(reader)?,
            poll_adjust: signed32(reader)?,
            watchdog: reader.u32()?,
        })
    }
}

/// The state of the kernel's clock (`struct timex`). Frequencies are ppm with 16 bits of fraction; the unit of times is
/// that of [`KernelInfo::tick`], or the microsecond.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of struct timex")]
pub struct KernelInfo {
    pub offset: i32,
    pub frequency: i32,
    pub maximum_error: u32,
    pub estimated_error: u32,
    pub status: u16,
    pub shift: u16,
    pub constant: u32,
    pub precision: u32,
    pub tolerance: i32,
    pub pps_frequency: i32,
    pub pps_jitter: u32,
    pub pps_stability: i32,
    pub jitter_exceeded: u32,
    pub calibration_cycles: u32,
    pub calibration_errors: u32,
    pub stability_exceeded: u32,
}

impl KernelInfo {
    /// The size of an item.
    pub const SIZES: [usize; 1] = [60];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        Some(Self {
            offset: signed32(reader)?,
            frequency: signed32(reader)?,
            maximum_error: reader.u32()?,
            estimated_error: reader.u32()?,
            status: reader.u16()?,
            shift: reader.u16()?,
            constant: reader.u32()?,
            precision: reader.u32()?,
            tolerance: signed32(reader)?,
            pps_frequency: signed32(reader)?,
            pps_jitter: reader.u32()?,
            pps_stability: signed32(reader)?,
            jitter_exceeded: reader.u32()?,
            calibration_cycles: reader.u32()?,
            calibration_errors: reader.u32()?,
            stability_exceeded: reader.u32()?,
        })
    }

    /// The unit of the offset and of the PPS jitter, in seconds.
    pub fn tick(&self) -> f64 {
        if self.status & 0x2000 != 0 { 1e-9 } else { 1e-6 }
    }

    /// Returns the names of the status bits that are set.
    pub fn status_names(&self) -> Vec<&'static str> {
        const NAMES: [(u32, &str); 16] = [
            (0x1, "pll"),
            (0x2, "ppsfreq"),
            (0x4, "ppstime"),
            (0x8, "fll"),
            (0x10, "ins"),
            (0x20, "del"),
            (0x40, "unsync"),
            (0x80, "freqhold"),
            (0x100, "ppssignal"),
            (0x200, "ppsjitter"),
            (0x400, "ppswander"),
            (0x800, "ppserror"),
            (0x1000, "clockerr"),
            (0x2000, "nano"),
            (0x4000, "mode=fll"),
            (0x8000, "src=B"),
        ];
        bit_names(self.status.into(), &NAMES)
    }
}
