//! Mode 7: ntpd's private protocol, in which requests and replies carry items of a fixed size.
//!
//! There is no RFC; the format is that of 4.2.8p15. A packet is a header of eight octets followed by whole items. The
//! packets of a reply are numbered, and all but the last are marked.

pub mod clock;
pub mod counters;
pub mod fields;
pub mod lists;
pub mod peer;
pub mod requests;
pub mod system;

use super::reader::Reader;
use thiserror::Error;

/// The mode of these packets.
pub const MODE: u8 = 7;
/// Octets of the header.
pub const HEADER_LENGTH: usize = 8;
/// Maximum octets of items in one reply packet.
pub const DATA_LIMIT: usize = 500;
/// Maximum number of packets per reply: the sequence number has seven bits.
pub const PACKET_LIMIT: usize = 128;
/// The protocol version in requests.
pub const VERSION: u8 = 2;

const RESPONSE: u8 = 0x80;
const MORE: u8 = 0x40;
const AUTHENTICATED: u8 = 0x80;

/// The implementation that defines the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Implementation(pub u8);

impl Implementation {
    /// xntpd before IPv6: items hold IPv4 addresses only.
    pub const OLD: Self = Self(2);
    /// xntpd and ntpd since then.
    pub const CURRENT: Self = Self(3);
}

/// The request code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestCode(pub u8);

#[expect(missing_docs, reason = "the names say it")]
impl RequestCode {
    pub const PEER_LIST: Self = Self(0);
    pub const PEER_LIST_SUM: Self = Self(1);
    pub const PEER_INFO: Self = Self(2);
    pub const PEER_STATS: Self = Self(3);
    pub const SYS_INFO: Self = Self(4);
    pub const SYS_STATS: Self = Self(5);
    pub const IO_STATS: Self = Self(6);
    pub const MEM_STATS: Self = Self(7);
    pub const LOOP_INFO: Self = Self(8);
    pub const TIMER_STATS: Self = Self(9);
    pub const CONFIG: Self = Self(10);
    pub const UNCONFIG: Self = Self(11);
    pub const SET_SYS_FLAG: Self = Self(12);
    pub const CLEAR_SYS_FLAG: Self = Self(13);
    pub const RESTRICTIONS: Self = Self(16);
    pub const ADD_RESTRICT: Self = Self(17);
    pub const SUB_RESTRICT: Self = Self(18);
    pub const REMOVE_RESTRICT: Self = Self(19);
    pub const MON_LIST: Self = Self(20);
    pub const RESET_STATS: Self = Self(21);
    pub const RESET_PEER: Self = Self(22);
    pub const REREAD_KEYS: Self = Self(23);
    pub const TRUST_KEY: Self = Self(26);
    pub const UNTRUST_KEY: Self = Self(27);
    pub const AUTH_INFO: Self = Self(28);
    pub const TRAPS: Self = Self(29);
    pub const ADD_TRAP: Self = Self(30);
    pub const CLEAR_TRAP: Self = Self(31);
    pub const REQUEST_KEY: Self = Self(32);
    pub const CONTROL_KEY: Self = Self(33);
    pub const CONTROL_STATS: Self = Self(34);
    pub const CLOCK_INFO: Self = Self(36);
    pub const SET_CLOCK_FUDGE: Self = Self(37);
    pub const KERNEL_INFO: Self = Self(38);
    pub const CLOCK_BUG_INFO: Self = Self(39);
    pub const MON_LIST_1: Self = Self(42);
    pub const INTERFACE_STATS: Self = Self(44);
    pub const INTERFACE_RELOAD: Self = Self(45);
}

/// Why the daemon refused; four bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub u8);

impl ErrorCode {
    /// Not refused.
    pub const OKAY: Self = Self(0);
    /// The implementation does not match.
    pub const IMPLEMENTATION: Self = Self(1);
    /// Unknown request.
    pub const REQUEST: Self = Self(2);
    /// The format of the request is wrong.
    pub const FORMAT: Self = Self(3);
    /// There are no data of the kind requested.
    pub const NO_DATA: Self = Self(4);
    /// The request needs authentication, which was missing, used the wrong key, or came too late.
    pub const AUTHENTICATION: Self = Self(7);
}

/// The header of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether it is a reply.
    pub response: bool,
    /// Whether more packets follow.
    pub more: bool,
    /// The protocol version, three bits.
    pub version: u8,
    /// Whether an authenticator follows.
    pub authenticated: bool,
    /// The number of the packet within its reply, seven bits.
    pub sequence: u8,
    /// The implementation that defines the request.
    pub implementation: Implementation,
    /// The request code.
    pub request: RequestCode,
    /// The error code, four bits.
    pub error: ErrorCode,
    /// The number of items, twelve bits.
    pub item_count: u16,
    /// Octets per item, twelve bits.
    pub item_size: u16,
}

/// Why bytes are not a packet of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// The header is incomplete.
    #[error("{0} octets are too few for a header")]
    Short(usize),
    /// It has another mode.
    #[error("mode {0}")]
    Mode(u8),
    /// The version is invalid.
    #[error("version {0}")]
    Version(u8),
    /// Bits that must be zero are not.
    #[error("reserved bits are set")]
    Reserved,
    /// The items are not as long as the header says.
    #[error("{claimed} octets of items claimed, {received} received")]
    Items {
        /// The number of items times their size.
        claimed: usize,
        /// Octets after the header.
        received: usize,
    },
}

/// A parsed packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Its header.
    pub header: Header,
    /// Its items, concatenated.
    pub items: &'a [u8],
    /// The rest: in a request, unused space and an authenticator.
    pub rest: &'a [u8],
}

impl Header {
    /// Creates the header of a request.
    pub fn request(implementation: Implementation, request: RequestCode) -> Self {
        Self {
            response: false,
            more: false,
            version: VERSION,
            authenticated: false,
            sequence: 0,
            implementation,
            request,
            error: ErrorCode::OKAY,
            item_count: 0,
            item_size: 0,
        }
    }

    /// Encodes the header and the items. Numbers that do not fit are truncated.
    pub fn encode(&self, items: &[u8]) -> Vec<u8> {
        let flag = |set: bool, bit| if set { bit } else { 0 };
        let mut packet = Vec::with_capacity(HEADER_LENGTH + items.len());
        packet.push(flag(self.response, RESPONSE) | flag(self.more, MORE) | (self.version & 7) << 3 | MODE);
        packet.push(flag(self.authenticated, AUTHENTICATED) | self.sequence & 0x7f);
        packet.push(self.implementation.0);
        packet.push(self.request.0);
        packet.extend((u16::from(self.error.0) << 12 | self.item_count & 0xfff).to_be_bytes());
        packet.extend((self.item_size & 0xfff).to_be_bytes());
        packet.extend_from_slice(items);
        packet
    }

    fn read(reader: &mut Reader<'_>) -> Option<(Self, u8, bool)> {
        let first = reader.u8()?;
        let second = reader.u8()?;
        let implementation = Implementation(reader.u8()?);
        let request = RequestCode(reader.u8()?);
        let count = reader.u16()?;
        let size = reader.u16()?;
        let [error, _] = (count >> 12).to_le_bytes();
        let header = Self {
            response: first & RESPONSE != 0,
            more: first & MORE != 0,
            version: first >> 3 & 7,
            authenticated: second & AUTHENTICATED != 0,
            sequence: second & 0x7f,
            implementation,
            request,
            error: ErrorCode(error),
            item_count: count & 0xfff,
            item_size: size & 0xfff,
        };
        Some((header, first & 7, size >> 12 != 0))
    }
}

impl<'a> Message<'a> {
    /// Parses a packet.
    ///
    /// ```
    /// use ntpkit::wire::mode7::{Header, Implementation, Message, RequestCode};
    ///
    /// let request = Header::request(Implementation::CURRENT, RequestCode::SYS_INFO);
    /// let packet = request.encode(&[]);
    /// assert_eq!(Message::parse(&packet)?.header, request);
    /// # Ok::<(), ntpkit::wire::mode7::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// [`ParseError`]: it is not a packet of this protocol.
    pub fn parse(packet: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(packet);
        let (header, mode, reserved) = Header::read(&mut reader).ok_or(ParseError::Short(packet.len()))?;
        if mode != MODE {
            return Err(ParseError::Mode(mode));
        }
        if !(1..=4).contains(&header.version) {
            return Err(ParseError::Version(header.version));
        }
        if reserved {
            return Err(ParseError::Reserved);
        }
        // Without items, their size is meaningless.
        let claimed = usize::from(header.item_count) * usize::from(header.item_size);
        let received = reader.rest().len();
        let items = reader.take(claimed).ok_or(ParseError::Items { claimed, received })?;
        Ok(Self { header, items, rest: reader.rest() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_as_4_2_8p15_sends_it() {
        let header = Header {
            authenticated: true,
            item_count: 1,
            item_size: 0xa8,
            ..Header::request(Implementation::CURRENT, RequestCode::CONFIG)
        };
        assert_eq!(header.encode(b"x"), [0x17, 0x80, 3, 10, 0, 1, 0, 0xa8, b'x']);
    }

    #[test]
    fn replies_as_4_2_8p15_sends_them() {
        let refusal = Message::parse(&[0x97, 0, 3, 0x17, 0x70, 0, 0, 0]).unwrap();
        assert!(refusal.header.response && !refusal.header.more);
        assert_eq!(refusal.header.error, ErrorCode::AUTHENTICATION);
        let part = [&[0xd7, 1, 3, 0, 0, 2, 0, 4][..], b"abcdefgh"].concat();
        let part = Message::parse(&part).unwrap();
        assert!(part.header.more);
        assert_eq!((part.header.sequence, part.items), (1, &b"abcdefgh"[..]));
    }

    #[test]
    fn invalid_packets_are_reported() {
        assert_eq!(Message::parse(&[0x97; 7]), Err(ParseError::Short(7)));
        assert_eq!(Message::parse(&[0x96, 0, 3, 0, 0, 0, 0, 0]), Err(ParseError::Mode(6)));
        assert_eq!(Message::parse(&[0x87, 0, 3, 0, 0, 0, 0, 0]), Err(ParseError::Version(0)));
        assert_eq!(Message::parse(&[0xaf, 0, 3, 0, 0, 0, 0, 0]), Err(ParseError::Version(5)));
        assert_eq!(Message::parse(&[0x97, 0, 3, 0, 0, 0, 0x10, 0]), Err(ParseError::Reserved));
        assert_eq!(
            Message::parse(&[0x97, 0, 3, 0, 0, 2, 0, 4, 1, 2, 3, 4]),
            Err(ParseError::Items { claimed: 8, received: 4 })
        );
    }

    proptest! {
        #[test]
        fn packets_round_trip(packet in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(message) = Message::parse(&packet) {
                let mut again = message.header.encode(message.items);
                again.extend_from_slice(message.rest);
                prop_assert_eq!(again, packet);
            }
        }
    }
}
