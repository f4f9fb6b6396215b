//! Records of the NTS key exchange (RFC 8915 section 4): the client's request, and the server's answer.

use super::PROTOCOL_NTPV4;
use crate::wire::reader::Reader;
use std::net::IpAddr;
use thiserror::Error;

/// Octets before a record's body.
const HEADER_LENGTH: usize = 4;
/// The critical bit of the type: a recipient that does not know the type must give up.
const CRITICAL: u16 = 0x8000;
/// Maximum length of a message; a server sends eight cookies of some 100 octets.
pub const MESSAGE_LIMIT: usize = 16_384;
/// Maximum number of cookies kept per message, and their maximum length.
const MAX_COOKIES: usize = 8;
const LONGEST_COOKIE: usize = 1024;
/// Maximum length of a server's name (RFC 1035 section 2.3.4).
const LONGEST_NAME: usize = 255;

/// Record type (RFC 8915 section 7.6): fifteen bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordType(pub u16);

impl RecordType {
    /// The last record of a message.
    pub const END_OF_MESSAGE: Self = Self(0);
    /// The protocols requested or granted.
    pub const NEXT_PROTOCOL: Self = Self(1);
    /// Why the server refuses.
    pub const ERROR: Self = Self(2);
    /// A warning from the server.
    pub const WARNING: Self = Self(3);
    /// The algorithms that the client supports, or the one that the server chose.
    pub const AEAD: Self = Self(4);
    /// A cookie.
    pub const COOKIE: Self = Self(5);
    /// The NTP server to use.
    pub const SERVER: Self = Self(6);
    /// Its port.
    pub const PORT: Self = Self(7);
    /// Not in the RFC, but from chrony: the keys of `AEAD_AES_128_GCM_SIV` are exported under its own number.
    pub const COMPLIANT_128_GCM_EXPORT: Self = Self(1024);

    /// Returns the name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::END_OF_MESSAGE => "End of Message",
            Self::NEXT_PROTOCOL => "NTS Next Protocol",
            Self::ERROR => "Error",
            Self::WARNING => "Warning",
            Self::AEAD => "AEAD Algorithm",
            Self::COOKIE => "New Cookie for NTPv4",
            Self::SERVER => "NTPv4 Server",
            Self::PORT => "NTPv4 Port",
            Self::COMPLIANT_128_GCM_EXPORT => "Compliant AES-128-GCM-SIV Exporter",
            _ => "unknown",
        }
    }
}

/// A record in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Whether a recipient that does not know the type must give up.
    pub critical: bool,
    /// Its type.
    pub kind: RecordType,
    /// Its body.
    pub body: &'a [u8],
}

impl<'a> Record<'a> {
    /// Reads the next record; `None` if it is incomplete.
    pub fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut ahead = *reader;
        let kind = ahead.u16()?;
        let length = ahead.u16()?;
        let body = ahead.take(usize::from(length))?;
        *reader = ahead;
        Some(Self { critical: kind & CRITICAL != 0, kind: RecordType(kind & !CRITICAL), body })
    }

    /// Appends the record to a message. A body longer than 65535 octets is truncated.
    pub fn write(&self, message: &mut Vec<u8>) {
        let critical = if self.critical { CRITICAL } else { 0 };
        let length = u16::try_from(self.body.len()).unwrap_or(u16::MAX);
        message.extend((self.kind.0 & !CRITICAL | critical).to_be_bytes());
        message.extend(length.to_be_bytes());
        message.extend(self.body.iter().take(usize::from(length)));
    }

    /// Decodes the body as 16-bit numbers.
    pub fn numbers(&self) -> Option<Vec<u16>> {
        let mut reader = Reader::new(self.body);
        let numbers = std::iter::from_fn(|| reader.u16()).collect();
        reader.is_at_end().then_some(numbers)
    }
}

/// Parses the records of a message, up to the first incomplete one.
pub fn records(message: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut reader = Reader::new(message);
    std::iter::from_fn(move || Record::read(&mut reader))
}

/// Returns the length of the message at the beginning of these octets; `None` if it is incomplete.
pub fn message_length(octets: &[u8]) -> Option<usize> {
    let mut length = 0;
    for record in records(octets) {
        length += HEADER_LENGTH + record.body.len();
        if record.kind == RecordType::END_OF_MESSAGE {
            return Some(length);
        }
    }
    None
}

/// Encodes a client's request: keys for `NTPv4`, and one of these algorithms. `compliant`: request keys of
/// `AEAD_AES_128_GCM_SIV` under its own number.
pub fn request(algorithms: &[u16], compliant: bool) -> Vec<u8> {
    let mut message = Vec::new();
    let algorithms: Vec<u8> = algorithms.iter().flat_map(|number| number.to_be_bytes()).collect();
    let mut write = |critical, kind, body: &[u8]| Record { critical, kind, body }.write(&mut message);
    write(true, RecordType::NEXT_PROTOCOL, &PROTOCOL_NTPV4.to_be_bytes());
    write(true, RecordType::AEAD, &algorithms);
    if compliant {
        write(false, RecordType::COMPLIANT_128_GCM_EXPORT, &[]);
    }
    write(true, RecordType::END_OF_MESSAGE, &[]);
    message
}

/// A server's answer that grants keys (RFC 8915 section 4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// The chosen algorithm.
    pub algorithm: u16,
    /// Cookies for the first requests; at least one.
    pub cookies: Vec<Vec<u8>>,
    /// The NTP server to use, if not the key exchange server.
    pub server: Option<String>,
    /// Its port, if not 123.
    pub port: Option<u16>,
    /// The codes of warnings.
    pub warnings: Vec<u16>,
    /// Whether keys of `AEAD_AES_128_GCM_SIV` are exported under its own number.
    pub compliant: bool,
}

/// Why a message does not grant keys.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MessageFault {
    /// The records violate the RFC.
    #[error("{0} (RFC 8915 section 4)")]
    Malformed(&'static str),
    /// A critical record of an unknown type.
    #[error("the server sent a critical record of unknown type {0}")]
    UnknownCritical(u16),
    /// The server's error code.
    #[error("the server reports error {0} ({name})", name = error_name(*.0))]
    Refused(u16),
    /// The server supports only other protocols.
    #[error("the server does not serve NTPv4 with NTS")]
    NoProtocol,
    /// The server supports none of the algorithms offered.
    #[error("no AEAD algorithm in common")]
    NoAlgorithm,
    /// The server sent no cookie.
    #[error("the server sent no cookie")]
    NoCookies,
}

/// Returns the name of a server's error code (RFC 8915 section 4.1.3).
pub fn error_name(code: u16) -> &'static str {
    match code {
        0 => "unrecognized critical record",
        1 => "bad request",
        2 => "internal server error",
        _ => "unknown error",
    }
}

impl Grant {
    /// Parses a server's complete message.
    ///
    /// # Errors
    /// [`MessageFault`].
    pub fn parse(message: &[u8]) -> Result<Self, MessageFault> {
        let malformed = |what| Err(MessageFault::Malformed(what));
        let (mut protocols, mut algorithms) = (None, None);
        let mut grant = Self::default();
        let mut refused = None;
        let mut ended = false;
        for record in records(message) {
            match record.kind {
                RecordType::END_OF_MESSAGE => {
                    ended = true;
                    break;
                }
                RecordType::NEXT_PROTOCOL | RecordType::AEAD => {
                    let Some(numbers) = record.numbers() else {
                        return malformed("a record ends in the middle of a number");
                    };
                    let said = if record.kind == RecordType::AEAD { &mut algorithms } else { &mut protocols };
                    if said.replace(numbers).is_some() {
                        return malformed("a record that may occur only once is repeated");
                    }
                }
                RecordType::ERROR | RecordType::WARNING => {
                    let Some([code]) = record.numbers().as_deref().and_then(<[u16]>::first_chunk).copied()
                    else {
                        return malformed("an error or a warning without a number");
                    };
                    if record.kind == RecordType::ERROR {
                        refused = Some(code);
                    } else if grant.warnings.len() < MAX_COOKIES {
                        grant.warnings.push(code);
                    }
                }
                RecordType::COOKIE => {
                    if record.body.is_empty() || record.body.len() > LONGEST_COOKIE {
                        return malformed("a cookie that is empty or too long");
                    }
                    if grant.cookies.len() < MAX_COOKIES {
                        grant.cookies.push(record.body.to_vec());
                    }
                }
                RecordType::SERVER => {
                    let Some(name) = server_name(record.body) else {
                        return malformed("the NTP server's name is invalid");
                    };
                    if grant.server.replace(name).is_some() {
                        return malformed("a record that may occur only once is repeated");
                    }
                }
                RecordType::PORT => {
                    let port = record.numbers().filter(|numbers| numbers.len() == 1);
                    let Some(port) =
                        port.and_then(|numbers| numbers.first().copied()).filter(|port| *port != 0)
                    else {
                        return malformed("the NTP server's port is invalid");
                    };
                    if grant.port.replace(port).is_some() {
                        return malformed("a record that may occur only once is repeated");
                    }
                }
                RecordType::COMPLIANT_128_GCM_EXPORT => grant.compliant = true,
                RecordType(kind) if record.critical => return Err(MessageFault::UnknownCritical(kind)),
                _ => {}
            }
        }
        if let Some(code) = refused {
            return Err(MessageFault::Refused(code));
        }
        if !ended {
            return malformed("the message has no end");
        }
        match protocols {
            None => return malformed("the server specified no protocol"),
            Some(protocols) if !protocols.contains(&PROTOCOL_NTPV4) => return Err(MessageFault::NoProtocol),
            Some(_) => {}
        }
        grant.algorithm = match algorithms.as_deref() {
            None | Some([]) => return Err(MessageFault::NoAlgorithm),
            Some([algorithm]) => *algorithm,
            Some(_) => return malformed("the server chose several algorithms"),
        };
        if grant.cookies.is_empty() { Err(MessageFault::NoCookies) } else { Ok(grant) }
    }
}

/// Parses the name or address of a server: printable ASCII without spaces, and only characters allowed in names.
fn server_name(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let is_name = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
    let is_host = text.bytes().all(is_name) || text.parse::<IpAddr>().is_ok();
    (is_host && !text.is_empty() && text.len() <= LONGEST_NAME).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(records: &[(bool, u16, &[u8])]) -> Vec<u8> {
        let mut message = Vec::new();
        for (critical, kind, body) in records {
            Record { critical: *critical, kind: RecordType(*kind), body }.write(&mut message);
        }
        message
    }

    const PROTOCOL: (bool, u16, &[u8]) = (true, 1, &[0, 0]);
    const SIV: (bool, u16, &[u8]) = (true, 4, &[0, 15]);
    const COOKIE: (bool, u16, &[u8]) = (false, 5, &[7; 100]);
    const END: (bool, u16, &[u8]) = (true, 0, &[]);

    #[test]
    fn a_request_is_encoded_as_in_the_rfc() {
        assert_eq!(request(&[15], false), [0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0]);
        assert_eq!(
            request(&[30, 15], true),
            [0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 4, 0, 30, 0, 15, 4, 0, 0, 0, 0x80, 0, 0, 0]
        );
    }

    #[test]
    fn a_grant_contains_what_the_server_sent() {
        let whole = message(&[
            PROTOCOL,
            SIV,
            (false, 6, b"ntp.example"),
            (false, 7, &[4, 99]),
            (false, 3, &[0, 9]),
            (false, 1024, &[]),
            (false, 99, b"non-critical unknown records are ok"),
            COOKIE,
            COOKIE,
            END,
        ]);
        let grant = Grant::parse(&whole).unwrap();
        assert_eq!(
            grant,
            Grant {
                algorithm: 15,
                cookies: vec![vec![7; 100]; 2],
                server: Some("ntp.example".to_owned()),
                port: Some(1123),
                warnings: vec![9],
                compliant: true,
            }
        );
        assert_eq!(message_length(&whole), Some(whole.len()));
        assert_eq!(message_length(&[whole.as_slice(), b"more"].concat()), Some(whole.len()));
        assert_eq!(message_length(&whole[..whole.len() - 1]), None);
        let many = message(&[&[PROTOCOL, SIV][..], &[COOKIE; 20], &[END]].concat());
        assert_eq!(Grant::parse(&many).unwrap().cookies.len(), MAX_COOKIES);
    }

    #[test]
    fn every_fault_is_reported() {
        use MessageFault::{Malformed, NoAlgorithm, NoCookies, NoProtocol, Refused, UnknownCritical};
        let twice = Malformed("a record that may occur only once is repeated");
        let long = [1; LONGEST_COOKIE + 1];
        for (records, fault) in [
            (&[PROTOCOL, SIV, END][..], NoCookies),
            (&[PROTOCOL, (true, 4, &[]), COOKIE, END], NoAlgorithm),
            (&[PROTOCOL, COOKIE, END], NoAlgorithm),
            (&[(true, 1, &[]), SIV, COOKIE, END], NoProtocol),
            (&[(true, 1, &[0x80, 0]), SIV, COOKIE, END], NoProtocol),
            (&[SIV, COOKIE, END], Malformed("the server specified no protocol")),
            (&[(true, 2, &[0, 1]), END], Refused(1)),
            (&[(true, 2, &[0, 2])], Refused(2)),
            (&[(true, 2, &[]), END], Malformed("an error or a warning without a number")),
            (&[PROTOCOL, PROTOCOL, SIV, COOKIE, END], twice.clone()),
            (&[PROTOCOL, SIV, SIV, COOKIE, END], twice.clone()),
            (&[PROTOCOL, SIV, COOKIE, (true, 6, b"a"), (true, 6, b"b"), END], twice.clone()),
            (&[PROTOCOL, SIV, COOKIE, (true, 7, &[0, 1]), (true, 7, &[0, 1]), END], twice),
            (
                &[(true, 1, &[0, 0, 0]), SIV, COOKIE, END],
                Malformed("a record ends in the middle of a number"),
            ),
            (
                &[PROTOCOL, (true, 4, &[0, 15, 0, 30]), COOKIE, END],
                Malformed("the server chose several algorithms"),
            ),
            (&[PROTOCOL, SIV, (false, 5, &[]), END], Malformed("a cookie that is empty or too long")),
            (&[PROTOCOL, SIV, (false, 5, &long), END], Malformed("a cookie that is empty or too long")),
            (
                &[PROTOCOL, SIV, COOKIE, (false, 6, b"a b"), END],
                Malformed("the NTP server's name is invalid"),
            ),
            (
                &[PROTOCOL, SIV, COOKIE, (false, 6, b"\x1b[2J"), END],
                Malformed("the NTP server's name is invalid"),
            ),
            (&[PROTOCOL, SIV, COOKIE, (false, 6, b""), END], Malformed("the NTP server's name is invalid")),
            (
                &[PROTOCOL, SIV, COOKIE, (false, 7, &[0, 0]), END],
                Malformed("the NTP server's port is invalid"),
            ),
            (&[PROTOCOL, SIV, COOKIE, (false, 7, &[0]), END], Malformed("the NTP server's port is invalid")),
            (&[PROTOCOL, SIV, COOKIE, (true, 99, b"x"), END], UnknownCritical(99)),
            (&[PROTOCOL, SIV, COOKIE], Malformed("the message has no end")),
        ] {
            assert_eq!(Grant::parse(&message(records)), Err(fault), "{records:?}");
        }
    }

    proptest! {
        #[test]
        fn records_round_trip(
            written in proptest::collection::vec(
                (any::<bool>(), 0_u16..0x8000, proptest::collection::vec(any::<u8>(), 0..40)), 0..20)
        ) {
            let whole = message(&written.iter().map(|(a, b, c)| (*a, *b, c.as_slice())).collect::<Vec<_>>());
            let read: Vec<_> =
                records(&whole).map(|record| (record.critical, record.kind.0, record.body.to_vec())).collect();
            prop_assert_eq!(read, written);
        }

        #[test]
        fn any_octets_are_safe(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(grant) = Grant::parse(&octets) {
                prop_assert!(!grant.cookies.is_empty() && grant.cookies.len() <= MAX_COOKIES);
            }
            prop_assert!(message_length(&octets).is_none_or(|length| length <= octets.len()));
        }
    }
}
