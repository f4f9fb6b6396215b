//! Reference clocks.

use super::{ipv4, signed64};
use crate::wire::reader::Reader;
use std::net::Ipv4Addr;

/// What a reference clock's driver counts. Fudge times are seconds with 32 bits of fraction.
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

    /// Reads an item.
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

/// What a driver shows for the search of faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockBug {
    /// The clock.
    pub address: Ipv4Addr,
    /// How many numbers and times the daemon says there are; an item has room for 16 and 32.
    pub claimed: [u8; 2],
    /// Numbers, and whether they have a sign.
    pub values: Vec<(u32, bool)>,
    /// Seconds with 32 bits of fraction, and whether they are a difference and no date.
    pub times: Vec<(u64, bool)>,
}

impl ClockBug {
    /// The size of an item.
    pub const SIZES: [usize; 1] = [332];

    /// Reads an item.
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

/// What kind of clock a driver's number stands for; most of the numbers no longer have a driver.
pub fn type_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0 => "unspecified type",
        1 => "Undisciplined local clock",
        2 => "TRAK 8810 GPS Receiver",
        3 => "PSTI/Traconex WWV/WWVH Receiver",
        4 => "Spectracom (generic) Receivers",
        5 => "TrueTime (generic) Receivers",
        6 => "IRIG Audio Decoder",
        7 => "CHU Audio Demodulator/Decoder",
        8 => "Generic reference clock driver",
        9 => "Magnavox MX4200 GPS Receiver",
        10 => "Austron 2201A GPS Receiver",
        11 => "Arbiter 1088A/B GPS Receiver",
        12 => "KSI/Odetics TPRO/S IRIG Interface",
        13 => "Leitch CSD 5300 Master Clock Controller",
        14 => "EES M201 MSF Receiver",
        16 => "Bancomm GPS/IRIG Receiver",
        17 => "Datum Precision Time System",
        18 => "Automated Computer Time Service",
        19 => "Heath WWV/WWVH Receiver",
        20 => "Generic NMEA GPS Receiver",
        21 => "TrueTime GPS-VME Interface",
        22 => "PPS Clock Discipline",
        26 => "HP 58503A GPS Time & Frequency Receiver",
        27 => "ARCRON MSF (and DCF77) Receiver",
        28 => "Clock attached thru shared Memory",
        29 => "Trimble Navigation Palisade GPS",
        30 => "Motorola UT Oncore GPS",
        31 => "Rockwell Jupiter GPS",
        32 => "Chrono-log K",
        33 => "Dumb generic hh:mm:ss local clock",
        34 => "Ultralink M320 WWVB receiver",
        35 => "Conrad parallel port radio clock",
        36 => "WWV/H Audio Demodulator/Decoder",
        37 => "Forum Graphic GPS Dating Station",
        38 => "hopf Elektronic serial line receiver",
        39 => "hopf Elektronic PCI receiver",
        40 => "JJY receiver",
        41 => "TrueTime 560 IRIG-B decoder",
        42 => "Zyfer GPStarplus receiver",
        43 => "RIPE NCC Trimble driver",
        44 => "NeoClock4X DCF77 / TDF receiver",
        45 => "Spectracom TSYNC PCI timing board",
        46 => "GPSD JSON socket",
        _ => return None,
    })
}
