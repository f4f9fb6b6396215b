//! IP addresses as text, in the C library's notation.

use std::net::{IpAddr, Ipv4Addr};

/// Formats an address. IPv6 addresses that end in an IPv4 address (`::1.2.3.4`, RFC 4291 section 2.2) are written as
/// such; the standard library does that only for `::ffff:1.2.3.4`.
pub fn ip_text(address: IpAddr) -> String {
    let compatible = match address {
        IpAddr::V6(ipv6) => match ipv6.octets() {
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] if (a, b) != (0, 0) => {
                Some(Ipv4Addr::new(a, b, c, d))
            }
            _ => None,
        },
        IpAddr::V4(_) => None,
    };
    compatible.map_or_else(|| address.to_string(), |ipv4| format!("::{ipv4}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_end_in_an_ipv4_address() {
        for text in [
            "::127.127.49.0",
            "::1.0.0.0",
            "::ffff:10.0.0.1",
            "::1",
            "::",
            "::ff",
            "2001:db8::1.2.3.4",
            "1.2.3.4",
        ] {
            let address: IpAddr = text.parse().unwrap();
            let expected = if text.starts_with("2001") { "2001:db8::102:304" } else { text };
            assert_eq!(ip_text(address), expected);
        }
    }
}
