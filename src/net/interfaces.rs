//! The networks that this machine is part of.

use ipnet::IpNet;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;
use std::net::IpAddr;

/// The networks of the interfaces that are up, that of the loopback among them.
pub fn own_networks() -> Vec<IpNet> {
    let Ok(interfaces) = getifaddrs() else { return Vec::new() };
    let address = |storage: Option<SockaddrStorage>| {
        let storage = storage?;
        let four = storage.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
        four.or_else(|| storage.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
    };
    let network = |interface: nix::ifaddrs::InterfaceAddress| {
        let is_up = interface.flags.contains(InterfaceFlags::IFF_UP);
        let network = IpNet::with_netmask(address(interface.address)?, address(interface.netmask)?).ok()?;
        is_up.then(|| network.trunc())
    };
    interfaces.filter_map(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_is_among_them() {
        let networks = own_networks();
        let address = IpAddr::from([127, 0, 0, 1]);
        assert!(networks.iter().any(|network| network.contains(&address)), "{networks:?}");
        assert!(networks.iter().all(|network| network.prefix_len() > 0), "{networks:?}");
    }
}
