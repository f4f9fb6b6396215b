//! The numbered lists of a simulated daemon: its interfaces and its restrictions.

use super::reply::ReplyData;
use super::scenario::Flavour;
use super::variables::{plain, quoted};
use crate::model::{Interface, NetworkAddress, Restriction};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The interfaces of a machine with only a loopback.
pub(super) fn interfaces(flavour: Flavour, uptime: u32) -> Vec<Interface> {
    let wildcard = |name: &str, address: IpAddr, flags| interface(name, address, flags, false);
    let mut all = vec![
        wildcard("v6wildcard", Ipv6Addr::UNSPECIFIED.into(), 0x81),
        wildcard("v4wildcard", Ipv4Addr::UNSPECIFIED.into(), 0x89),
        interface("lo", Ipv4Addr::LOCALHOST.into(), 0x5, true),
        interface("lo", Ipv6Addr::LOCALHOST.into(), 0x5, true),
    ];
    for interface in &mut all {
        interface.uptime = i32::try_from(uptime).ok();
        if flavour == Flavour::Ntpsec {
            (interface.time_to_live, interface.multicast_groups) = (None, None);
        }
    }
    all
}

/// The restriction list of a configuration without restrictions.
pub(super) fn restrictions(flavour: Flavour, requests: u64) -> Vec<Restriction> {
    let (everything, nothing) = match flavour {
        Flavour::Classic => ("serve trust peer epeer query trap", "ntpport interface ignore serve trust"),
        Flavour::Ntpsec => ("", "ntpport interface ignore"),
    };
    let row = |address: IpAddr, mask: IpAddr, hits, flags: &str| Restriction {
        address: Some(NetworkAddress(SocketAddr::new(address, 0))),
        mask: Some(NetworkAddress(SocketAddr::new(mask, 0))),
        hits: Some(hits),
        flags: Some(flags.into()),
    };
    let (any4, any6) = (Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into());
    vec![
        row(Ipv4Addr::LOCALHOST.into(), Ipv4Addr::BROADCAST.into(), 0, nothing),
        row(any4, any4, requests, everything),
        row(Ipv6Addr::LOCALHOST.into(), Ipv6Addr::from_bits(u128::MAX).into(), 0, nothing),
        row(any6, any6, 0, everything),
    ]
}

/// Writes the reply that lists interfaces.
pub(super) fn interface_list(interfaces: &[Interface]) -> ReplyData {
    write(interfaces.iter().map(|row| {
        let number = |value: Option<u32>| value.map(plain);
        let address = |value: NetworkAddress| value.with_port().into_bytes();
        vec![
            ("addr", row.address.map(address)),
            ("bcast", row.broadcast.map(|broadcast| broadcast.map(address).unwrap_or_default())),
            ("en", row.enabled.map(|enabled| plain(u8::from(enabled)))),
            ("flags", row.flags.map(|flags| format!("0x{flags:x}").into_bytes())),
            ("tl", number(row.time_to_live)),
            ("mc", number(row.multicast_groups)),
            ("name", row.name.as_ref().map(|name| quoted(&String::from_utf8_lossy(name)))),
            ("rx", number(row.received)),
            ("tx", number(row.sent)),
            ("txerr", number(row.send_failures)),
            ("pc", number(row.peers)),
            ("up", row.uptime.map(plain)),
        ]
    }))
}

/// Writes the reply that lists restrictions.
pub(super) fn restriction_list(restrictions: &[Restriction]) -> ReplyData {
    write(restrictions.iter().map(|row| {
        vec![
            ("addr", row.address.map(plain)),
            ("mask", row.mask.map(plain)),
            ("hits", row.hits.map(plain)),
            ("flags", row.flags.clone()),
        ]
    }))
}

/// Writes rows with shuffled fields and a decoy after them, as ntpd does.
fn write(rows: impl Iterator<Item = Vec<(&'static str, Option<Vec<u8>>)>>) -> ReplyData {
    let mut reply = ReplyData::default();
    for (index, mut row) in rows.enumerate() {
        let places = row.len().max(1);
        row.rotate_left(index * 5 % places);
        if index % 2 == 1 {
            row.reverse();
        }
        for (field, value) in row {
            if let Some(value) = value {
                reply.item(&[format!("{field}.{index}=").as_bytes(), &value].concat());
            }
        }
        let letters: String = ["q^", "\\S", "zx"].into_iter().cycle().skip(index).take(1).collect();
        reply.item(format!("{letters}k.{index}={}", 1_844_674 + index).as_bytes());
    }
    reply
}

fn interface(name: &str, address: IpAddr, flags: u32, enabled: bool) -> Interface {
    Interface {
        address: Some(NetworkAddress(SocketAddr::new(address, 123))),
        broadcast: Some(None),
        enabled: Some(enabled),
        flags: Some(flags),
        time_to_live: Some(0),
        multicast_groups: Some(0),
        name: Some(name.into()),
        received: Some(0),
        sent: Some(0),
        send_failures: Some(0),
        peers: Some(0),
        uptime: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ordered_list::rows;
    use crate::wire::variables::scan;

    #[test]
    fn the_lists_read_back() {
        for flavour in [Flavour::Classic, Flavour::Ntpsec] {
            let all = interfaces(flavour, 7);
            let text = interface_list(&all).into_fragments().concat();
            let flat = String::from_utf8(text).unwrap().replace("\r\n", " ");
            let read: Vec<Interface> = rows(&scan(flat.as_bytes())).into_iter().map(|(_, row)| row).collect();
            assert_eq!(read, all, "{flat}");
        }
        let all = restrictions(Flavour::Classic, 9);
        let text = restriction_list(&all).into_fragments().concat();
        let flat = String::from_utf8(text).unwrap().replace("\r\n", " ");
        let read = rows::<Restriction>(&scan(flat.as_bytes()));
        assert!(read.iter().map(|(index, _)| *index).eq(0..4));
        for ((_, read), row) in read.iter().zip(&all) {
            assert_eq!((read.hits, &read.flags), (row.hits, &row.flags));
            assert_eq!(read.address.map(|address| address.ip()), row.address.map(|address| address.ip()));
            assert_eq!(read.prefix_length(), row.prefix_length());
        }
    }
}
