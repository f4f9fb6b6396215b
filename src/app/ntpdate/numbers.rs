//! Number and address formats of `ntpdate`.

use crate::compat::{Dialect, Quirk};
use std::net::SocketAddr;

/// An offset in units of 2^-32 s as seconds with six decimals; only the classic dialect writes a plus sign.
pub fn offset(value: impl Into<i128>, dialect: Dialect) -> String {
    let value: i128 = value.into();
    let millionths = (value.unsigned_abs().saturating_mul(1_000_000) + (1 << 31)) >> 32;
    let sign = match (value < 0, dialect.keeps(Quirk::SIGNED_OFFSETS)) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) => "",
    };
    format!("{sign}{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// A number in units of 2^-16 s as seconds with this many decimals.
pub fn seconds(value: i64, decimals: u32) -> String {
    let scale = 10_u128.pow(decimals);
    let parts = (u128::from(value.unsigned_abs()) * scale + (1 << 15)) >> 16;
    let sign = if value < 0 { "-" } else { "" };
    let width = usize::try_from(decimals).unwrap_or(0);
    format!("{sign}{}.{:0width$}", parts / scale, parts % scale)
}

/// An address without its port, with an IPv6 zone as a number.
pub fn address(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(ipv6) if ipv6.scope_id() != 0 => format!("{}%{}", ipv6.ip(), ipv6.scope_id()),
        _ => address.ip().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_rounded_away_from_zero() {
        assert_eq!(offset(0, Dialect::Classic), "+0.000000");
        assert_eq!(offset(-1, Dialect::Classic), "-0.000000");
        assert_eq!(offset(1_i64 << 31, Dialect::Native), "0.500000");
        assert_eq!(offset(-(1000_i64 << 32) - (1 << 31), Dialect::Native), "-1000.500000");
        assert_eq!(offset(i64::MIN, Dialect::Classic), "-2147483648.000000");
        // Slightly more than 0.0000005 s: half is rounded away from zero.
        assert_eq!(offset(2148, Dialect::Classic), "+0.000001");
        assert_eq!(offset(2147, Dialect::Classic), "+0.000000");
    }

    #[test]
    fn short_numbers_keep_their_decimals() {
        assert_eq!(seconds(1679, 5), "0.02562");
        assert_eq!(seconds(64 << 16, 5), "64.00000");
        assert_eq!(seconds(65_535, 5), "0.99998");
        assert_eq!(seconds(4660, 6), "0.071106");
    }
}
