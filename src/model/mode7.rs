//! The meaning of the numbers in mode 7.

use super::NetworkAddress;
use std::net::IpAddr;

/// The NTP port.
const NTP_PORT: u16 = 123;

/// Wraps an address without a port.
pub fn address(ip: IpAddr) -> NetworkAddress {
    NetworkAddress((ip, NTP_PORT).into())
}

/// The names of the association modes (RFC 5905 section 7.3), in the classic spelling.
pub const MODE_NAMES: [&str; 9] =
    ["unspec", "sym_active", "sym_passive", "client", "server", "broadcast", "control", "private", "bclient"];

/// The name of an association mode.
pub fn mode_name(mode: u8) -> String {
    MODE_NAMES.get(usize::from(mode)).map_or_else(|| format!("mode#{mode}"), |name| (*name).to_owned())
}

/// The kind of reference clock with this driver number; most numbers no longer have a driver.
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
