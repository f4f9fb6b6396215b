//! Validation of hosts in files: names, addresses, ports.

use crate::net::host::Host;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The longest host name (RFC 1035 section 2.3.4).
const NAME_LIMIT: usize = 253;
/// The most characters of a faulty word that are shown.
const SHOWN_LIMIT: usize = 60;

/// Parses a host in a file. Stricter than for the command line, where anything typed is looked up.
pub fn host(text: &str) -> Result<Host, String> {
    let host: Host =
        text.parse().map_err(|_| "brackets not around an address, or not followed by a port".to_owned())?;
    let name = host.name();
    let address = name.split_once('%').map_or(name, |(address, _)| address);
    if name.is_empty() {
        return Err("missing host name".into());
    }
    if address.parse::<Ipv6Addr>().is_ok() {
        return Ok(host);
    }
    if let Some((_, port)) = name.rsplit_once(':') {
        let port = shown(port);
        return Err(format!("invalid port '{port}'"));
    }
    if name.len() > NAME_LIMIT {
        return Err(format!("longer than the maximum of {NAME_LIMIT} characters"));
    }
    let is_good = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if let Some(letter) = name.chars().find(|&letter| !is_good(letter)) {
        return Err(match letter {
            letter if letter.is_whitespace() => "more than one word".into(),
            letter => format!("'{}' is not allowed in a host name", letter.escape_debug()),
        });
    }
    if name.starts_with('-') {
        return Err("looks like an option".into());
    }
    Ok(host)
}

/// An address as a host, with this port if there is one.
pub fn of_address(address: IpAddr, port: Option<u16>) -> String {
    port.map_or_else(|| address.to_string(), |port| SocketAddr::new(address, port).to_string())
}

/// A word in a message: control characters escaped, length limited.
pub fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_LIMIT).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_LIMIT).is_some() {
        shown += "...";
    }
    shown
}
