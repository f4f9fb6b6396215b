//! The access restrictions of a daemon (mode 6, `reslist`).

use super::address::NetworkAddress;
use super::ordered_list::{Row, fill, leading_integer};
use std::net::IpAddr;

/// One restriction; values that the daemon did not report are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restriction {
    /// `addr`: the address, or the lowest address of the network, that it applies to.
    pub address: Option<NetworkAddress>,
    /// `mask`: the significant bits of the address.
    pub mask: Option<NetworkAddress>,
    /// `hits`: the number of packets it was applied to.
    pub hits: Option<u64>,
    /// `flags`: the flags, as the daemon names them.
    pub flags: Option<Vec<u8>>,
}

impl Row for Restriction {
    const FIELDS: usize = 4;

    fn set(&mut self, field: &str, value: Option<&[u8]>) -> bool {
        match field {
            "addr" => fill(&mut self.address, value.and_then(NetworkAddress::parse)),
            "mask" => fill(&mut self.mask, value.and_then(NetworkAddress::parse)),
            "hits" => fill(&mut self.hits, value.and_then(hits)),
            "flags" => fill(&mut self.flags, Some(value.unwrap_or_default().to_vec())),
            _ => false,
        }
    }

    fn count(&self) -> usize {
        [self.address.is_some(), self.mask.is_some(), self.hits.is_some(), self.flags.is_some()]
            .into_iter()
            .filter(|&there| there)
            .count()
    }

    /// Without a mask the classic program aborts, so there is no value to fill in.
    fn filled(self) -> Self {
        Self {
            address: self.address.or(Some(NetworkAddress::NONE)),
            mask: self.mask,
            hits: self.hits.or(Some(0)),
            flags: self.flags.or(Some(Vec::new())),
        }
    }
}

impl Restriction {
    /// The prefix length of the mask; `None` if its set bits have gaps.
    pub fn prefix_length(&self) -> Option<u32> {
        let (bits, width) = match self.mask?.ip() {
            IpAddr::V4(mask) => (u128::from(mask.to_bits()) << 96, 32),
            IpAddr::V6(mask) => (mask.to_bits(), 128),
        };
        let length = bits.leading_ones().min(width);
        (bits.count_ones() == length).then_some(length)
    }
}

/// Parses a counter; saturates at 64 bits, and wraps if negative, as in C.
fn hits(text: &[u8]) -> Option<u64> {
    let number = leading_integer(text)?;
    let wrapped = if number < 0 {
        number.max(i128::from(i64::MIN)).rem_euclid(1 << 64)
    } else {
        number.min(i128::from(u64::MAX))
    };
    u64::try_from(wrapped).ok()
}

#[cfg(test)]
mod tests {
    use super::super::ordered_list::rows;
    use super::*;
    use crate::wire::variables::scan;

    #[test]
    fn rows_from_ntpd_are_parsed() {
        let text =
            b"flags.0=ntpport interface ignore serve trust, addr.0=127.0.0.1, mask.0=255.255.255.255, \
            hits.0=0, OYP.0=18446744073709489277, addr.1=::, mask.1=::, hits.1=27, flags.1=";
        let rows = rows::<Restriction>(&scan(text));
        let [(0, first), (1, second)] = rows.as_slice() else { panic!("{rows:?}") };
        assert!(first.is_whole() && second.is_whole());
        assert_eq!(first.flags.as_deref(), Some(&b"ntpport interface ignore serve trust"[..]));
        assert_eq!((first.hits, first.prefix_length()), (Some(0), Some(32)));
        assert_eq!((second.hits, second.prefix_length()), (Some(27), Some(0)));
        assert_eq!(second.flags.as_deref(), Some(&b""[..]));
    }

    #[test]
    fn masks_are_prefixes_or_not() {
        for (mask, length) in [
            ("255.0.0.0", Some(8)),
            ("255.0.255.0", None),
            ("0.0.0.255", None),
            ("255.255.255.255", Some(32)),
            ("ffff:ffff::", Some(32)),
            ("ffff:0:ffff::", None),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some(128)),
            ("::", Some(0)),
        ] {
            let mask = NetworkAddress::parse(mask.as_bytes());
            assert_eq!(Restriction { mask, ..Restriction::default() }.prefix_length(), length, "{mask:?}");
        }
    }

    #[test]
    fn counters_at_their_limits() {
        assert_eq!(hits(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(hits(b"99999999999999999999999"), Some(u64::MAX));
        assert_eq!(hits(b"-1"), Some(u64::MAX));
        assert_eq!(hits(b"x"), None);
    }
}
