//! Reference clocks.

use super::fields::{ipv4, signed64};
use crate::wire::reader::Reader;
use std::net::Ipv4Addr;

/// The counters of a reference clock driver. Fudge times are seconds with 32 bits of fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ClockInfo {
    pub address: Ipv4Addr,
    pub kind: u8,
    pub flags: u8,
    pub last_event: u8,
    pub status: u8,
    pub polls: u32,
    pub no_response: u32,
    pub bad_format: u32,
    pub bad_data: u32,
    pub running_time: u32,
    pub fudge_times: [i64; 2],
    pub stratum: u32,
    pub reference_id: [u8; 4],
}

impl ClockInfo {
    /// The size of an item.
    pub const SIZES: [usize; 1] = [52];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let address = ipv4(reader)?;
        let [kind, flags, last_event, status] = reader.array()?;
        Some(Self {
            address,
            kind,
            flags,
            last_event,
            status,
            polls: reader.u32()?,
            no_response: reader.u32()?,
            bad_format: reader.u32()?,
            bad_data: reader.u32()?,
            running_time: reader.u32()?,
            fudge_times: [signed64(reader)?, signed64(reader)?],
            stratum: reader.u32()?,
            reference_id: reader.array()?,
        })
    }
}

/// Debugging data of a driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockBug {
    /// The clock.
    pub address: Ipv4Addr,
    /// How many numbers and times the daemon claims; an item has room for 16 and 32.
    pub claimed: [u8; 2],
    /// Numbers, and whether they are signed.
    pub values: Vec<(u32, bool)>,
    /// Seconds with 32 bits of fraction, and whether they are a difference rather than a date.
    pub times: Vec<(u64, bool)>,
}

impl ClockBug {
    /// The size of an item.
    pub const SIZES: [usize; 1] = [332];

    /// Parses an item.
    pub fn parse(item: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(item);
        let address = ipv4(reader)?;
        let [value_count, time_count] = reader.array()?;
        let signed_values = u32::from(reader.u16()?);
        let signed_times = reader.u32()?;
        let mut values = Vec::with_capacity(16);
        for at in 0..16 {
            values.push((reader.u32()?, signed_values >> at & 1 != 0));
        }
        let mut times = Vec::with_capacity(32);
        for at in 0..32 {
            times.push((reader.u64()?, signed_times >> at & 1 != 0));
        }
        values.truncate(value_count.into());
        times.truncate(time_count.into());
        Some(Self { address, claimed: [value_count, time_count], values, times })
    }
}
