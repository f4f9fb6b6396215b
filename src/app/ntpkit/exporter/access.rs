//! The hosts that may be queried on behalf of clients.

use crate::clock::monotonic;
use crate::net::interfaces::own_networks;
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long to cache this machine's networks.
const FRESH: Duration = Duration::from_secs(10);

/// The networks whose hosts may be queried.
pub struct Allowed {
    /// The configured networks; if empty, this machine's own.
    named: Vec<IpNet>,
    own: Mutex<Option<(Duration, Vec<IpNet>)>>,
}

impl Allowed {
    /// Allows these networks, or if there are none, this machine and its own networks.
    pub fn new(named: Vec<IpNet>) -> Self {
        Self { named, own: Mutex::new(None) }
    }

    /// Whether this address may be queried. Multicast, broadcast and unspecified addresses never may.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_one = match address {
            IpAddr::V4(four) => !four.is_broadcast() && !four.is_multicast() && !four.is_unspecified(),
            IpAddr::V6(six) => !six.is_multicast() && !six.is_unspecified(),
        };
        if !is_one {
            return false;
        }
        if !self.named.is_empty() {
            return contains(&self.named, address);
        }
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let now = monotonic();
        if own.as_ref().is_none_or(|(known, _)| now.saturating_sub(*known) > FRESH) {
            *own = Some((now, own_networks()));
        }
        own.as_ref().is_some_and(|(_, networks)| contains(networks, address))
    }
}

fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(allowed: &Allowed, address: &str) -> bool {
        allowed.admits(address.parse().unwrap())
    }

    #[test]
    fn the_networks_that_are_named() {
        let networks = ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"];
        let allowed = Allowed::new(networks.map(|network| network.parse().unwrap()).to_vec());
        for address in ["192.0.2.1", "2001:db8::1", "198.51.100.7", "::ffff:192.0.2.9"] {
            assert!(admits(&allowed, address), "{address}");
        }
        for address in ["127.0.0.1", "::1", "198.51.100.8", "2001:db9::1", "::ffff:198.51.100.8"] {
            assert!(!admits(&allowed, address), "{address}");
        }
    }

    #[test]
    fn by_default_this_machine_and_nobody_far_away() {
        let allowed = Allowed::new(Vec::new());
        assert!(admits(&allowed, "127.0.0.1"));
        assert!(!admits(&allowed, "203.0.113.77"), "no machine has this network");
    }

    #[test]
    fn never_many_at_once() {
        let allowed = Allowed::new(vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()]);
        assert!(admits(&allowed, "192.0.2.77"));
        for address in ["224.0.1.1", "255.255.255.255", "0.0.0.0", "::", "ff02::101", "::ffff:224.0.1.1"] {
            assert!(!admits(&allowed, address), "{address}");
        }
    }
}
