//! Addresses as daemons write them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use md5::{Digest as _, Md5};

use super::ReferenceClock;
use crate::wire::ip_text::ip_text;

/// The default NTP port.
const NTP_PORT: u16 = 123;

/// The longest text that can be an address.
const MAX_TEXT_LENGTH: usize = 63;

/// A numeric address with its port, and for IPv6 its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkAddress(pub SocketAddr);

impl NetworkAddress {
    /// 0.0.0.0, port 0: no address at all.
    pub const NONE: Self = Self(SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)));

    /// Parses `1.2.3.4`, `1.2.3.4:123`, `2001:db8::1`, `fe80::1%2`, `[2001:db8::1]:123`.
    ///
    /// If port or scope is not a number, the default applies: port 123, scope 0.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > MAX_TEXT_LENGTH {
            return None;
        }
        let text = str::from_utf8(text).ok()?;
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']')?;
                (host, after.strip_prefix(':'))
            }
            None => match (text.find('.'), text.find(':')) {
                (None, None) => return None,
                (Some(dot), Some(colon)) if dot < colon => text.split_once(':').map(|(h, p)| (h, Some(p)))?,
                _ => (text, None),
            },
        };
        let port = port.and_then(number).and_then(|port| u16::try_from(port).ok()).unwrap_or(NTP_PORT);
        if !host.contains(':') {
            return Some(Self(SocketAddrV4::new(host.parse().ok()?, port).into()));
        }
        let (host, scope) = host.split_once('%').unwrap_or((host, ""));
        let scope = number(scope).unwrap_or(0);
        Some(Self(SocketAddrV6::new(host.parse().ok()?, port, 0, scope).into()))
    }

    /// The address without port and scope.
    pub fn ip(&self) -> IpAddr {
        self.0.ip()
    }

    /// Whether it is the unspecified address, 0.0.0.0 or `::`.
    pub fn is_unspecified(&self) -> bool {
        self.ip().is_unspecified()
    }

    /// Whether it is a multicast address.
    pub fn is_multicast(&self) -> bool {
        self.ip().is_multicast()
    }

    /// The reference clock that it denotes, if any.
    pub fn reference_clock(&self) -> Option<ReferenceClock> {
        match self.ip() {
            IpAddr::V4(address) => ReferenceClock::from_address(address),
            IpAddr::V6(_) => None,
        }
    }

    /// The reference ID of a server at this address (RFC 5905 section 7.3): the IPv4 address, or the first four octets
    /// of the MD5 digest of the IPv6 address.
    pub fn reference_id(&self) -> u32 {
        match self.ip() {
            IpAddr::V4(address) => address.to_bits(),
            IpAddr::V6(address) => {
                let digest: [u8; 16] = Md5::digest(address.octets()).into();
                let [a, b, c, d, ..] = digest;
                u32::from_be_bytes([a, b, c, d])
            }
        }
    }

    /// The text with the port: `1.2.3.4:123`, `[2001:db8::1]:123`.
    pub fn with_port(&self) -> String {
        match self.0 {
            SocketAddr::V4(address) => address.to_string(),
            SocketAddr::V6(address) => format!("[{self}]:{}", address.port()),
        }
    }
}

/// The text without the port: `1.2.3.4`, `2001:db8::1`, `fe80::1%2`.
///
/// IPv4-compatible addresses are written as the C library does: `::1.2.3.4`.
impl fmt::Display for NetworkAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = match self.0 {
            SocketAddr::V4(address) => return write!(formatter, "{}", address.ip()),
            SocketAddr::V6(address) => address,
        };
        formatter.write_str(&ip_text((*address.ip()).into()))?;
        if address.scope_id() != 0 {
            write!(formatter, "%{}", address.scope_id())?;
        }
        Ok(())
    }
}

fn number(digits: &str) -> Option<u32> {
    digits.starts_with(|first: char| first.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations() {
        for (text, address, with_port) in [
            ("1.2.3.4", "1.2.3.4", "1.2.3.4:123"),
            ("1.2.3.4:77", "1.2.3.4", "1.2.3.4:77"),
            ("1.2.3.4:99999", "1.2.3.4", "1.2.3.4:123"),
            ("1.2.3.4:5x", "1.2.3.4", "1.2.3.4:123"),
            ("[1.2.3.4]:5", "1.2.3.4", "1.2.3.4:5"),
            ("[1.2.3.4]x", "1.2.3.4", "1.2.3.4:123"),
            ("2001:db8::1", "2001:db8::1", "[2001:db8::1]:123"),
            ("[2001:db8::1]:77", "2001:db8::1", "[2001:db8::1]:77"),
            ("fe80::1%2", "fe80::1%2", "[fe80::1%2]:123"),
            ("fe80::1%lo", "fe80::1", "[fe80::1]:123"),
            ("[fe80::1%3]:5", "fe80::1%3", "[fe80::1%3]:5"),
            ("::1.2.3.4", "::1.2.3.4", "[::1.2.3.4]:123"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4", "[::ffff:1.2.3.4]:123"),
            ("::1:0", "::0.1.0.0", "[::0.1.0.0]:123"),
            ("::1", "::1", "[::1]:123"),
            ("::", "::", "[::]:123"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3", "[1:0:0:2::3]:123"),
            ("1:2:3:4:5:6:0:8", "1:2:3:4:5:6:0:8", "[1:2:3:4:5:6:0:8]:123"),
        ] {
            let parsed = NetworkAddress::parse(text.as_bytes()).expect(text);
            assert_eq!((parsed.to_string().as_str(), parsed.with_port().as_str()), (address, with_port));
        }
    }

    #[test]
    fn invalid_addresses() {
        for text in
            ["", "GPS", "1.2.3", "001.2.3.4", "0x1234", "1234", "abcd.ef", "[1.2.3.4", "1.2.3.4 ", "\"::\""]
        {
            assert_eq!(NetworkAddress::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(NetworkAddress::parse(&[b':'; 64]), None);
        assert_eq!(NetworkAddress::parse(b"\xff.1.2.3"), None);
        assert_eq!(NetworkAddress::NONE.with_port(), "0.0.0.0:0");
    }

    #[test]
    fn reference_ids() {
        let id = |text: &str| NetworkAddress::parse(text.as_bytes()).expect(text).reference_id();
        assert_eq!(id("1.2.3.4:5"), 0x0102_0304);
        assert_eq!(id("2001:db8::1"), 0x39ab_9b37);
        assert_eq!(id("fe80::1%3"), 0x89e5_301f);
        assert_eq!(id("::"), 0x4ae7_1336);
    }
}
