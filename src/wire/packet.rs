//! Modes 1 to 5: the packet that carries the time (RFC 5905 section 7.3).

use super::reader::Reader;
use thiserror::Error;

/// Octets of the fixed header (RFC 5905 section 7.3, figure 8).
pub const HEADER_LENGTH: usize = 48;
/// The protocol version in requests.
pub const VERSION: u8 = 4;

/// Association mode (RFC 5905 section 7.3, figure 10): three bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mode(pub u8);

impl Mode {
    /// A peer with an association of its own.
    pub const SYMMETRIC_ACTIVE: Self = Self(1);
    /// A peer that answers without one.
    pub const SYMMETRIC_PASSIVE: Self = Self(2);
    /// A client's request.
    pub const CLIENT: Self = Self(3);
    /// A server's reply.
    pub const SERVER: Self = Self(4);
    /// A broadcast server.
    pub const BROADCAST: Self = Self(5);
}

/// The fixed header of a time packet. Timestamps and short formats are the fixed-point numbers of the wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimePacket {
    /// Leap indicator, two bits; 3 means not synchronised.
    pub leap: u8,
    /// Protocol version, three bits.
    pub version: u8,
    /// Association mode.
    pub mode: Mode,
    /// Distance from the primary clock; 0 is a kiss-o'-death.
    pub stratum: u8,
    /// log2 seconds between polls.
    pub poll: i8,
    /// log2 seconds of the clock's precision.
    pub precision: i8,
    /// Round trip to the primary clock, NTP short format (16.16 seconds).
    pub root_delay: u32,
    /// Dispersion to the primary clock, NTP short format (16.16 seconds).
    pub root_dispersion: u32,
    /// Reference identifier: four letters, an address, or a kiss code.
    pub reference_id: [u8; 4],
    /// When the clock was last set, NTP timestamp (32.32 seconds).
    pub reference_timestamp: u64,
    /// The request's transmit timestamp, repeated.
    pub origin_timestamp: u64,
    /// When the request arrived.
    pub receive_timestamp: u64,
    /// When this packet left.
    pub transmit_timestamp: u64,
}

/// Too few octets for a time packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0} octets are too few for an NTP header")]
pub struct Truncated(pub usize);

impl TimePacket {
    /// Creates a client request that reveals nothing about the client: all zero except version, mode and the transmit
    /// timestamp, which serves as a cookie (a random number).
    pub fn request(cookie: u64) -> Self {
        Self {
            leap: 0,
            version: VERSION,
            mode: Mode::CLIENT,
            stratum: 0,
            poll: 0,
            precision: 0,
            root_delay: 0,
            root_dispersion: 0,
            reference_id: [0; 4],
            reference_timestamp: 0,
            origin_timestamp: 0,
            receive_timestamp: 0,
            transmit_timestamp: cookie,
        }
    }

    /// Parses the fixed header; anything after it (extension fields, an authenticator) is ignored.
    ///
    /// # Errors
    /// [`Truncated`] if there are fewer than 48 octets.
    ///
    /// ```
    /// use ntpkit::wire::packet::{Mode, TimePacket};
    ///
    /// let request = TimePacket::request(0x0123_4567_89ab_cdef);
    /// assert_eq!(TimePacket::parse(&request.to_bytes())?, request);
    /// assert_eq!(request.mode, Mode::CLIENT);
    /// assert!(TimePacket::parse(&[0x23]).is_err());
    /// # Ok::<(), ntpkit::wire::packet::Truncated>(())
    /// ```
    pub fn parse(packet: &[u8]) -> Result<Self, Truncated> {
        Self::read(&mut Reader::new(packet)).ok_or(Truncated(packet.len()))
    }

    /// Encodes the header.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut packet = Vec::with_capacity(HEADER_LENGTH);
        packet.push((self.leap & 3) << 6 | (self.version & 7) << 3 | self.mode.0 & 7);
        packet.push(self.stratum);
        packet.extend(self.poll.to_be_bytes());
        packet.extend(self.precision.to_be_bytes());
        packet.extend(self.root_delay.to_be_bytes());
        packet.extend(self.root_dispersion.to_be_bytes());
        packet.extend(self.reference_id);
        for timestamp in
            [self.reference_timestamp, self.origin_timestamp, self.receive_timestamp, self.transmit_timestamp]
        {
            packet.extend(timestamp.to_be_bytes());
        }
        packet
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let first = reader.u8()?;
        Some(Self {
            leap: first >> 6,
            version: first >> 3 & 7,
            mode: Mode(first & 7),
            stratum: reader.u8()?,
            poll: reader.array().map(i8::from_be_bytes)?,
            precision: reader.array().map(i8::from_be_bytes)?,
            root_delay: reader.u32()?,
            root_dispersion: reader.u32()?,
            reference_id: reader.array()?,
            reference_timestamp: reader.u64()?,
            origin_timestamp: reader.u64()?,
            receive_timestamp: reader.u64()?,
            transmit_timestamp: reader.u64()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_reveals_nothing_but_its_cookie() {
        let bytes = TimePacket::request(0x0102_0304_0506_0708).to_bytes();
        assert_eq!(bytes.len(), HEADER_LENGTH);
        assert_eq!(bytes[0], 0x23);
        assert!(bytes[1..40].iter().all(|&byte| byte == 0));
        assert_eq!(bytes[40..], [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    proptest! {
        #[test]
        fn packets_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            match TimePacket::parse(&bytes) {
                Ok(packet) => prop_assert_eq!(&packet.to_bytes()[..], &bytes[..HEADER_LENGTH]),
                Err(Truncated(length)) => prop_assert!(length == bytes.len() && length < HEADER_LENGTH),
            }
        }
    }
}
