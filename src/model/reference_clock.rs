//! Reference clocks, which ntpd addresses as 127.127.type.unit.

use std::fmt;
use std::net::Ipv4Addr;

/// A reference clock by the type of its driver and its unit number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReferenceClock {
    /// The driver number.
    pub kind: u8,
    /// The unit number.
    pub unit: u8,
}

impl ReferenceClock {
    /// The clock that this address denotes, if it is within 127.127.0.0/16.
    pub fn from_address(address: Ipv4Addr) -> Option<Self> {
        match address.octets() {
            [127, 127, kind, unit] => Some(Self { kind, unit }),
            _ => None,
        }
    }

    /// The name of the driver, if it is known.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.kind {
            0 => "UNKNOWN",
            1 => "LOCAL",
            2 => "GPS_TRAK",
            3 => "WWV_PST",
            4 => "SPECTRACOM",
            5 => "TRUETIME",
            6 => "IRIG_AUDIO",
            7 => "CHU_AUDIO",
            8 => "GENERIC",
            9 => "GPS_MX4200",
            10 => "GPS_AS2201",
            11 => "GPS_ARBITER",
            12 => "IRIG_TPRO",
            13 => "ATOM_LEITCH",
            14 => "MSF_EES",
            16 => "GPS_BANC",
            17 => "GPS_DATUM",
            18 => "ACTS_MODEM",
            19 => "WWV_HEATH",
            20 => "GPS_NMEA",
            21 => "GPS_VME",
            22 => "PPS",
            26 => "GPS_HP",
            27 => "MSF_ARCRON",
            28 => "SHM",
            29 => "GPS_PALISADE",
            30 => "GPS_ONCORE",
            31 => "GPS_JUPITER",
            32 => "CHRONOLOG",
            33 => "DUMBCLOCK",
            34 => "ULINK_M320",
            35 => "PCF",
            36 => "WWV_AUDIO",
            37 => "GPS_FG",
            38 => "HOPF_S",
            39 => "HOPF_P",
            40 => "JJY",
            41 => "TT_IRIG",
            42 => "GPS_ZYFER",
            43 => "GPS_RIPENCC",
            44 => "NEOCLK4X",
            45 => "PCI_TSYNC",
            46 => "GPSD_JSON",
            _ => return None,
        })
    }
}

/// `LOCAL(0)`, or `REFCLK(200,5)` if the driver has no name.
impl fmt::Display for ReferenceClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(formatter, "{name}({})", self.unit),
            None => write!(formatter, "REFCLK({},{})", self.kind, self.unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let text =
            |address: [u8; 4]| ReferenceClock::from_address(address.into()).map(|clock| clock.to_string());
        assert_eq!(text([127, 127, 1, 0]).as_deref(), Some("LOCAL(0)"));
        assert_eq!(text([127, 127, 46, 3]).as_deref(), Some("GPSD_JSON(3)"));
        assert_eq!(text([127, 127, 0, 3]).as_deref(), Some("UNKNOWN(3)"));
        for unnamed in [15, 23, 24, 25, 47, 99] {
            assert_eq!(text([127, 127, unnamed, 255]), Some(format!("REFCLK({unnamed},255)")));
        }
        assert_eq!(text([127, 126, 1, 0]), None);
    }
}
