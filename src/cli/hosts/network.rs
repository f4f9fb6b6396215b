//! Networks, which stand for all their hosts.

use super::name::of_address;
use ipnet::IpNet;
use std::net::IpAddr;

/// A network in prefix notation, such as `192.0.2.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// Parses a network; `None` if the text has no prefix length. Host bits may be set in the address.
pub fn parse(text: &str) -> Option<Result<Network, String>> {
    let (address, length) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let length = length.parse().ok().filter(|_| length.bytes().all(|octet| octet.is_ascii_digit()));
    let network = length.and_then(|length| IpNet::new(address, length).ok());
    let most = if address.is_ipv4() { 32 } else { 128 };
    Some(network.map(Network).ok_or_else(|| format!("not a network: the prefix length must be 0 to {most}")))
}

impl Network {
    /// The host addresses of the network, each with this port if there is one, without the network and broadcast
    /// addresses; `None` if there are more than this many.
    pub fn hosts(&self, most: usize, port: Option<u16>) -> Option<Vec<String>> {
        let bits = self.0.max_prefix_len() - self.0.prefix_len();
        let count = 1_usize.checked_shl(u32::from(bits)).filter(|_| bits < 32)?;
        (count <= most).then(|| self.0.hosts().map(|address| of_address(address, port)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Option<Vec<String>> {
        parse(text).unwrap().unwrap().hosts(1 << 16, None)
    }

    #[test]
    fn networks_expand_to_their_hosts() {
        assert_eq!(hosts("192.0.2.7/30").unwrap(), ["192.0.2.5", "192.0.2.6"]);
        assert_eq!(hosts("192.0.2.0/31").unwrap(), ["192.0.2.0", "192.0.2.1"]);
        assert_eq!(hosts("192.0.2.1/32").unwrap(), ["192.0.2.1"]);
        assert_eq!(hosts("2001:db8::/127").unwrap(), ["2001:db8::", "2001:db8::1"]);
        assert_eq!(hosts("10.0.0.0/16").unwrap().len(), 65_534);
        let at_port = |text: &str| parse(text).unwrap().unwrap().hosts(2, Some(1123)).unwrap();
        assert_eq!(at_port("192.0.2.0/31"), ["192.0.2.0:1123", "192.0.2.1:1123"]);
        assert_eq!(at_port("2001:db8::/127"), ["[2001:db8::]:1123", "[2001:db8::1]:1123"]);
        for large in ["10.0.0.0/15", "0.0.0.0/0", "::/0", "2001:db8::/64", "2001:db8::/96", "2001:db8::/97"] {
            assert_eq!(hosts(large), None, "{large}");
        }
    }

    #[test]
    fn other_words_with_a_slash_are_not_networks() {
        for wrong in ["192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "192.0.2.0/+8", "192.0.2.0/x"] {
            assert!(parse(wrong).unwrap().is_err(), "{wrong}");
        }
        for other in ["192.0.2.1", "web/24", "/24", "192.0.2/24", "http://web"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
