//! The interfaces of a daemon (mode 6, `ifstats`).

use super::address::NetworkAddress;
use super::ordered_list::{Row, fill, leading_integer, unsigned};

/// One interface; values that the daemon did not report are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// `addr`: its address.
    pub address: Option<NetworkAddress>,
    /// `bcast`: its broadcast address, if it has one.
    pub broadcast: Option<Option<NetworkAddress>>,
    /// `en`: whether the daemon accepts packets from it.
    pub enabled: Option<bool>,
    /// `flags`: the daemon's flags for it.
    pub flags: Option<u32>,
    /// `tl`: the TTL of multicast packets.
    pub time_to_live: Option<u32>,
    /// `mc`: the number of multicast groups it has joined.
    pub multicast_groups: Option<u32>,
    /// `name`: its name, without quotes.
    pub name: Option<Vec<u8>>,
    /// `rx`: packets received.
    pub received: Option<u32>,
    /// `tx`: packets sent.
    pub sent: Option<u32>,
    /// `txerr`: packets that could not be sent.
    pub send_failures: Option<u32>,
    /// `pc`: associations that use it.
    pub peers: Option<u32>,
    /// `up`: how long it has been known, in seconds.
    pub uptime: Option<i32>,
}

impl Row for Interface {
    const FIELDS: usize = 12;

    fn set(&mut self, field: &str, value: Option<&[u8]>) -> bool {
        let address = || value.and_then(NetworkAddress::parse);
        match field {
            "addr" => fill(&mut self.address, address()),
            // An earlier value is kept.
            "bcast" if value.is_none_or(<[u8]>::is_empty) => {
                self.broadcast.get_or_insert(None);
                true
            }
            "bcast" => fill(&mut self.broadcast, address().map(Some)),
            "en" => fill(&mut self.enabled, value.and_then(leading_integer).map(|enabled| enabled != 0)),
            "flags" => fill(&mut self.flags, value.and_then(hexadecimal)),
            "tl" => fill(&mut self.time_to_live, unsigned(value)),
            "mc" => fill(&mut self.multicast_groups, unsigned(value)),
            "name" => fill(&mut self.name, value.and_then(within)),
            "rx" => fill(&mut self.received, unsigned(value)),
            "tx" => fill(&mut self.sent, unsigned(value)),
            "txerr" => fill(&mut self.send_failures, unsigned(value)),
            "pc" => fill(&mut self.peers, unsigned(value)),
            "up" => fill(&mut self.uptime, unsigned(value).map(u32::cast_signed)),
            _ => false,
        }
    }

    fn count(&self) -> usize {
        [
            self.address.is_some(),
            self.broadcast.is_some(),
            self.enabled.is_some(),
            self.flags.is_some(),
            self.time_to_live.is_some(),
            self.multicast_groups.is_some(),
            self.name.is_some(),
            self.received.is_some(),
            self.sent.is_some(),
            self.send_failures.is_some(),
            self.peers.is_some(),
            self.uptime.is_some(),
        ]
        .into_iter()
        .filter(|&there| there)
        .count()
    }

    fn filled(self) -> Self {
        Self {
            address: self.address.or(Some(NetworkAddress::NONE)),
            broadcast: self.broadcast.or(Some(None)),
            enabled: self.enabled.or(Some(false)),
            flags: self.flags.or(Some(0)),
            time_to_live: self.time_to_live.or(Some(0)),
            multicast_groups: self.multicast_groups.or(Some(0)),
            name: self.name.or(Some(Vec::new())),
            received: self.received.or(Some(0)),
            sent: self.sent.or(Some(0)),
            send_failures: self.send_failures.or(Some(0)),
            peers: self.peers.or(Some(0)),
            uptime: self.uptime.or(Some(0)),
        }
    }
}

/// Parses a number written `0x1f`, ignoring the rest.
fn hexadecimal(text: &[u8]) -> Option<u32> {
    let digits = text.trim_ascii_start().strip_prefix(b"0x")?;
    let length = digits.iter().take_while(|digit| digit.is_ascii_hexdigit()).count();
    u32::from_str_radix(str::from_utf8(digits.get(..length)?).ok()?, 16).ok()
}

/// Removes the quotes around a name; 4.2.8p15 removes the first and last octet whatever they are.
fn within(text: &[u8]) -> Option<Vec<u8>> {
    match text {
        [_, name @ .., _] => Some(name.to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::ordered_list::rows;
    use super::*;
    use crate::wire::variables::scan;

    /// A row from 4.2.8p15, between decoys.
    #[test]
    fn a_row_from_ntpd_is_parsed() {
        let text = b"wok.2=5603, up.2=8, tx.2=43, txerr.2=0, mc.2=0, name.2=\"lo\", en.2=1,\r\n\
            flags.2=0x5, tl.2=0, rx.2=25, pc.2=2, addr.2=127.0.0.1:123, bcast.2=,\r\nHHM.2=1844674\r\n";
        let text = text.strip_suffix(b"\r\n").unwrap();
        let flat: Vec<u8> = String::from_utf8_lossy(text).replace("\r\n", " ").into_bytes();
        let rows = rows::<Interface>(&scan(&flat));
        let [(2, row)] = rows.as_slice() else { panic!("{rows:?}") };
        assert!(row.is_whole());
        assert_eq!(row.name.as_deref(), Some(&b"lo"[..]));
        assert_eq!(row.address, NetworkAddress::parse(b"127.0.0.1:123"));
        assert_eq!((row.broadcast, row.enabled, row.flags), (Some(None), Some(true), Some(5)));
        assert_eq!(
            (row.received, row.sent, row.send_failures, row.peers),
            (Some(25), Some(43), Some(0), Some(2))
        );
        assert_eq!((row.time_to_live, row.multicast_groups, row.uptime), (Some(0), Some(0), Some(8)));
    }

    #[test]
    fn unreadable_fields_are_missing() {
        let mut row = Interface::default();
        for (field, value) in
            [("flags", "5"), ("flags", "0xg"), ("addr", "junk"), ("bcast", "junk"), ("en", ""), ("name", "")]
        {
            assert!(!row.set(field, Some(value.as_bytes())), "{field}={value}");
        }
        assert!(!row.set("rx", None));
        assert_eq!(row, Interface::default());
        assert!(row.set("bcast", None));
        assert!(row.set("up", Some(b"-5")));
        assert_eq!((row.count(), row.uptime), (2, Some(-5)));
    }
}
