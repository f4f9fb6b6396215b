//! Mode 6, the control protocol (RFC 9327): header, opcodes, error codes.
//!
//! ```
//! use ntpkit::wire::AssociationId;
//! use ntpkit::wire::control::{Header, Message, Opcode};
//!
//! let request = Header::request(Opcode::READ_VARIABLES, AssociationId::SYSTEM, 7, 2).encode(b"stratum");
//! assert_eq!(request.len(), 12 + 8); // padded to a multiple of four octets
//!
//! let message = Message::parse(&request)?;
//! assert_eq!((message.header.sequence, message.data), (7, &b"stratum"[..]));
//! # Ok::<(), ntpkit::wire::control::ParseError>(())
//! ```

use super::AssociationId;
use super::reader::Reader;
use thiserror::Error;

/// Octets before the data (RFC 9327 section 2).
pub const HEADER_LENGTH: usize = 12;
/// Maximum data per packet (RFC 9327 section 2, "Data").
pub const DATA_LIMIT: usize = 468;
/// The mode of every packet of this protocol.
pub const MODE: u8 = 6;
/// The default protocol version of requests.
pub const DEFAULT_VERSION: u8 = 2;

/// The operation of a request (RFC 9327 section 2, "Operation Code"): five bits. Unknown values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Opcode(pub u8);

impl Opcode {
    /// Read the association list, or one association's status and variables.
    pub const READ_STATUS: Self = Self(1);
    /// Read system or peer variables.
    pub const READ_VARIABLES: Self = Self(2);
    /// Write system or peer variables (authenticated).
    pub const WRITE_VARIABLES: Self = Self(3);
    /// Read the variables of a reference clock.
    pub const READ_CLOCK: Self = Self(4);
    /// Write the variables of a reference clock (authenticated).
    pub const WRITE_CLOCK: Self = Self(5);
    /// Run a line of configuration (authenticated).
    pub const CONFIGURE: Self = Self(8);
    /// Write the running configuration to a file of the server (authenticated).
    pub const SAVE_CONFIGURATION: Self = Self(9);
    /// Read the most recently used (MRU) list.
    pub const READ_MRU: Self = Self(10);
    /// Read the interface list or the restriction list (authenticated).
    pub const READ_ORDERED_LIST: Self = Self(11);
    /// Request the nonce that [`Opcode::READ_MRU`] needs.
    pub const REQUEST_NONCE: Self = Self(12);
}

/// Why a server refused a request (RFC 9327 section 4, "Error Codes"). Unknown values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub u8);

impl ErrorCode {
    /// No reason given.
    pub const UNSPECIFIED: Self = Self(0);
    /// Authentication missing or wrong.
    pub const PERMISSION: Self = Self(1);
    /// The length or the format of the request is wrong.
    pub const BAD_FORMAT: Self = Self(2);
    /// Unknown opcode.
    pub const BAD_OPCODE: Self = Self(3);
    /// Unknown association.
    pub const UNKNOWN_ASSOCIATION: Self = Self(4);
    /// Unknown variable.
    pub const UNKNOWN_VARIABLE: Self = Self(5);
    /// Invalid value of a variable.
    pub const BAD_VALUE: Self = Self(6);
    /// Administratively prohibited.
    pub const PROHIBITED: Self = Self(7);
}

/// The fixed part of every packet (RFC 9327 section 2, figure 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The server's leap indicator in replies, 0 in requests.
    pub leap: u8,
    /// Protocol version, 1 to 4; a reply repeats that of the request.
    pub version: u8,
    /// R: a reply.
    pub response: bool,
    /// E: a refusal; the error code is in the status word's high octet.
    pub error: bool,
    /// M: more fragments follow this one.
    pub more: bool,
    /// The operation.
    pub opcode: Opcode,
    /// Pairs replies with requests.
    pub sequence: u16,
    /// System, peer or clock status word; 0 in requests.
    pub status: u16,
    /// The association; [`AssociationId::SYSTEM`] for the daemon itself.
    pub association: AssociationId,
    /// Offset of this packet's data in the whole reply, in octets.
    pub offset: u16,
    /// Octets of data in this packet, without padding and authenticator.
    pub count: u16,
}

/// Why bytes are not a packet of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Fewer octets than a header has.
    #[error("{0} octets are too few for a mode 6 header")]
    Truncated(usize),
    /// Another mode than 6.
    #[error("mode {0} is not the control protocol")]
    Mode(u8),
    /// A version outside 1 to 4.
    #[error("version {0} is unknown")]
    Version(u8),
    /// The length is not a multiple of four octets.
    #[error("a length of {0} octets is not a multiple of four")]
    Unpadded(usize),
    /// The count field exceeds the data received.
    #[error("packet claims {claimed} octets of data, above {received} received")]
    Count {
        /// The count field.
        claimed: u16,
        /// Octets after the header.
        received: usize,
    },
}

/// A parsed packet, which borrows from the received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The fixed part.
    pub header: Header,
    /// The data, as long as the count field says.
    pub data: &'a [u8],
    /// The rest: padding, and possibly an authenticator.
    pub tail: &'a [u8],
}

impl Header {
    /// Creates the header of a request.
    pub fn request(opcode: Opcode, association: AssociationId, sequence: u16, version: u8) -> Self {
        Self {
            leap: 0,
            version,
            response: false,
            error: false,
            more: false,
            opcode,
            sequence,
            status: 0,
            association,
            offset: 0,
            count: 0,
        }
    }

    /// The error code of a refusal.
    pub fn error_code(&self) -> ErrorCode {
        let [high, _] = self.status.to_be_bytes();
        ErrorCode(high)
    }

    /// Encodes the header.
    pub fn to_bytes(self) -> [u8; HEADER_LENGTH] {
        let flags = u8::from(self.response) << 7
            | u8::from(self.error) << 6
            | u8::from(self.more) << 5
            | self.opcode.0 & 0x1f;
        let first = (self.leap & 3) << 6 | (self.version & 7) << 3 | MODE;
        let [s0, s1] = self.sequence.to_be_bytes();
        let [t0, t1] = self.status.to_be_bytes();
        let [a0, a1] = self.association.0.to_be_bytes();
        let [o0, o1] = self.offset.to_be_bytes();
        let [c0, c1] = self.count.to_be_bytes();
        [first, flags, s0, s1, t0, t1, a0, a1, o0, o1, c0, c1]
    }

    /// Encodes the whole packet: this header with `count` set to the data's length, the data, and zeros up to a
    /// multiple of four octets. Data beyond 65535 octets is cut off.
    pub fn encode(mut self, data: &[u8]) -> Vec<u8> {
        self.count = u16::try_from(data.len()).unwrap_or(u16::MAX);
        let data = data.get(..usize::from(self.count)).unwrap_or(data);
        let mut packet = Vec::with_capacity(HEADER_LENGTH + data.len() + 3);
        packet.extend_from_slice(&self.to_bytes());
        packet.extend_from_slice(data);
        packet.resize(packet.len().next_multiple_of(4), 0);
        packet
    }

    /// Parses only the header of a received packet, if its mode is 6 and its version is known.
    ///
    /// For packets that [`Message::parse`] rejects because of their length, to find the request they answer.
    pub fn peek(packet: &[u8]) -> Option<Self> {
        let (mode, header) = Self::read(&mut Reader::new(packet))?;
        (mode == MODE && (1..=4).contains(&header.version)).then_some(header)
    }

    /// Reads the header without checking its fields.
    fn read(reader: &mut Reader<'_>) -> Option<(u8, Self)> {
        let first = reader.u8()?;
        let flags = reader.u8()?;
        let header = Self {
            leap: first >> 6,
            version: first >> 3 & 7,
            response: flags & 0x80 != 0,
            error: flags & 0x40 != 0,
            more: flags & 0x20 != 0,
            opcode: Opcode(flags & 0x1f),
            sequence: reader.u16()?,
            status: reader.u16()?,
            association: AssociationId(reader.u16()?),
            offset: reader.u16()?,
            count: reader.u16()?,
        };
        Some((first & 7, header))
    }
}

impl<'a> Message<'a> {
    /// Parses a received packet.
    ///
    /// # Errors
    /// [`ParseError`]: the rule of RFC 9327 section 2 that the bytes violate.
    pub fn parse(packet: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(packet);
        let (mode, header) = Header::read(&mut reader).ok_or(ParseError::Truncated(packet.len()))?;
        if mode != MODE {
            return Err(ParseError::Mode(mode));
        }
        if !(1..=4).contains(&header.version) {
            return Err(ParseError::Version(header.version));
        }
        if !packet.len().is_multiple_of(4) {
            return Err(ParseError::Unpadded(packet.len()));
        }
        // A refusal carries no data, and some servers leave junk in its offset and count.
        let count = if header.error { 0 } else { usize::from(header.count) };
        let received = reader.rest().len();
        let data = reader.take(count).ok_or(ParseError::Count { claimed: header.count, received })?;
        Ok(Self { header, data, tail: reader.rest() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_plain_read_request_has_twelve_octets() {
        let header = Header::request(Opcode::READ_STATUS, AssociationId::SYSTEM, 1, DEFAULT_VERSION);
        assert_eq!(header.encode(b""), [0x16, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn data_is_padded_and_counted() {
        let header = Header::request(Opcode::READ_VARIABLES, AssociationId(0xabcd), 0x1234, 4);
        let packet = header.encode(b"leap,");
        assert_eq!(packet.len(), 20);
        let message = Message::parse(&packet).unwrap();
        assert_eq!(message.data, b"leap,");
        assert_eq!(message.tail, [0, 0, 0]);
        assert_eq!(message.header.association, AssociationId(0xabcd));
    }

    #[test]
    fn each_fault_is_reported() {
        let good = Header::request(Opcode::READ_VARIABLES, AssociationId(1), 7, 2).encode(b"abcd");
        let with = |at: usize, byte: u8| {
            let mut bad = good.clone();
            bad[at] = byte;
            bad
        };
        assert_eq!(Message::parse(&good[..11]), Err(ParseError::Truncated(11)));
        assert_eq!(Message::parse(&with(0, 0x17)), Err(ParseError::Mode(7)));
        assert_eq!(Message::parse(&with(0, 0x06)), Err(ParseError::Version(0)));
        assert_eq!(Message::parse(&with(0, 0x2e)), Err(ParseError::Version(5)));
        assert_eq!(Message::parse(&good[..15]), Err(ParseError::Unpadded(15)));
        assert_eq!(Message::parse(&with(11, 40)), Err(ParseError::Count { claimed: 40, received: 4 }));
    }

    #[test]
    fn junk_in_a_refusal_is_ignored() {
        let mut packet = Header::request(Opcode::READ_VARIABLES, AssociationId(1), 7, 2).encode(b"");
        packet[1] = 0xc2;
        packet[4] = 5;
        packet[9] = 0xd4;
        packet[11] = 0xff;
        let message = Message::parse(&packet).unwrap();
        assert_eq!(message.header.error_code(), ErrorCode::UNKNOWN_VARIABLE);
        assert!(message.data.is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_safe(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(message) = Message::parse(&bytes) {
                prop_assert_eq!(HEADER_LENGTH + message.data.len() + message.tail.len(), bytes.len());
                prop_assert_eq!(&message.header.to_bytes()[..], &bytes[..HEADER_LENGTH]);
            }
        }
    }
}
