//! Host arguments: a name or address, and optionally a port.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The NTP port (RFC 5905 section 7.2).
pub const NTP_PORT: u16 = 123;

/// A host as the user names it: `NAME`, `NAME:PORT`, `ADDRESS`, `ADDRESS:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`; an
/// IPv6 address may have a zone (`fe80::1%eth0`).
///
/// ```
/// # use ntpkit::net::host::Host;
/// let host: Host = "[2001:db8::1]:1123".parse()?;
/// assert_eq!((host.name(), host.port()), ("2001:db8::1", 1123));
/// let host: Host = "2001:db8::1".parse()?;
/// assert_eq!((host.name(), host.port()), ("2001:db8::1", 123));
/// # Ok::<(), ntpkit::net::host::HostError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// Creates a host from a name or address without a port.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), port: None }
    }

    /// Returns the same host with this port.
    #[must_use]
    pub fn at_port(&self, port: u16) -> Self {
        Self { port: Some(port), ..self.clone() }
    }

    /// The name or address, without brackets and port.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, by default [`NTP_PORT`].
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(NTP_PORT)
    }

    /// Whether the user gave a port.
    pub fn has_port(&self) -> bool {
        self.port.is_some()
    }
}

impl FromStr for Host {
    type Err = HostError;

    /// Parses a host argument. Only brackets can be wrong: anything that is neither an address nor a name with a port
    /// (`name:`, `name:http`, `name:0`) is treated as a name, the lookup of which fails.
    fn from_str(text: &str) -> Result<Self, HostError> {
        if let Some(bracketed) = text.strip_prefix('[') {
            let (name, rest) = bracketed.split_once(']').ok_or(HostError::Brackets)?;
            let port = match rest.strip_prefix(':') {
                Some(port) => Some(port_number(port).ok_or(HostError::Brackets)?),
                None if rest.is_empty() => None,
                None => return Err(HostError::Brackets),
            };
            return Ok(Self { name: name.to_owned(), port });
        }
        let with_port = text
            .split_once(':')
            .filter(|(name, port)| !name.is_empty() && !port.contains(':'))
            .and_then(|(name, port)| Some((name, port_number(port)?)));
        Ok(match with_port {
            Some((name, port)) => Self { name: name.to_owned(), port: Some(port) },
            None => Self { name: text.to_owned(), port: None },
        })
    }
}

/// Parses a decimal port, not 0.
fn port_number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

/// The text that [`Host::from_str`] parses as this host.
impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ipv6 = self.name.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
        match self.port {
            Some(port) if ipv6 => write!(formatter, "[{}]:{port}", self.name),
            Some(port) => write!(formatter, "{}:{port}", self.name),
            None => formatter.write_str(&self.name),
        }
    }
}

/// The address families to use for a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressFamily {
    /// IPv4 and IPv6, in the system's order of preference.
    #[default]
    Any,
    /// IPv4 only.
    Ipv4,
    /// IPv6 only.
    Ipv6,
}

impl AddressFamily {
    /// What two options come to, one for each family; the first wins.
    pub fn chosen(ipv4: bool, ipv6: bool) -> Self {
        match (ipv4, ipv6) {
            (true, _) => Self::Ipv4,
            (_, true) => Self::Ipv6,
            _ => Self::Any,
        }
    }
}

/// Why a text is not a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// A bracket is not closed, or is not followed by a port.
    #[error("bad hostname/address: Invalid argument")]
    Brackets,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn host(text: &str) -> Result<(String, u16), HostError> {
        text.parse().map(|host: Host| (host.name().to_owned(), host.port()))
    }

    #[test]
    fn every_form_is_parsed() {
        for (text, name, port) in [
            ("time.example", "time.example", 123),
            ("time.example:1123", "time.example", 1123),
            ("192.0.2.1", "192.0.2.1", 123),
            ("192.0.2.1:65535", "192.0.2.1", 65535),
            ("::1", "::1", 123),
            ("2001:db8::1:123", "2001:db8::1:123", 123),
            ("fe80::1%eth0", "fe80::1%eth0", 123),
            ("[::1]", "::1", 123),
            ("[::1]:1123", "::1", 1123),
            ("[fe80::1%eth0]:1123", "fe80::1%eth0", 1123),
            ("[time.example]", "time.example", 123),
            ("[]", "", 123),
            ("", "", 123),
            (":123", ":123", 123),
            ("name:", "name:", 123),
            ("name:0", "name:0", 123),
            ("name:+1", "name:+1", 123),
            ("name:65536", "name:65536", 123),
            ("name:ntp", "name:ntp", 123),
        ] {
            assert_eq!(host(text), Ok((name.to_owned(), port)), "{text}");
        }
    }

    #[test]
    fn brackets_must_close_and_be_followed_by_a_port_or_nothing() {
        for text in ["[", "[::1", "[::1:123", "[::1]123", "[::1]:", "[::1]:ntp", "[::1]:0", "[::1]]"] {
            assert_eq!(host(text), Err(HostError::Brackets), "{text}");
        }
        assert_eq!(HostError::Brackets.to_string(), "bad hostname/address: Invalid argument");
    }

    proptest! {
        #[test]
        fn any_text_is_safe(text in "[\\[\\]:%a-f0-9.]{0,24}|\\PC{0,24}") {
            match text.parse::<Host>() {
                Ok(host) => prop_assert!(text.contains(host.name()) && host.port() != 0),
                Err(HostError::Brackets) => prop_assert!(text.starts_with('[')),
            }
        }

        #[test]
        fn addresses_with_and_without_port_read_back(address: std::net::IpAddr, port in 1_u16..) {
            prop_assert_eq!(host(&address.to_string()), Ok((address.to_string(), 123)));
            let socket = std::net::SocketAddr::new(address, port);
            prop_assert_eq!(host(&socket.to_string()), Ok((address.to_string(), port)));
            prop_assert_eq!(socket.to_string().parse::<Host>().unwrap().to_string(), socket.to_string());
        }
    }
}
