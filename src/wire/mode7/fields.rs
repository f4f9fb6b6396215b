//! Fields of items: numbers, and addresses in either of two places.
//!
//! Current items end in a flag and IPv6 addresses, which replace the IPv4 addresses before them if the flag is set.
//! Items of daemons without IPv6 are shorter. An item truncated anywhere else is invalid.

use crate::wire::reader::Reader;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Returns the names of the bits that are set, in the order of the table.
pub fn bit_names(bits: u32, table: &[(u32, &'static str)]) -> Vec<&'static str> {
    table.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect()
}

/// Converts seconds from 16 to 32 bits of fraction.
pub fn short(seconds: i32) -> i64 {
    i64::from(seconds) << 16
}

/// The same for an unsigned number.
pub fn short_unsigned(seconds: u32) -> i64 {
    i64::from(seconds) << 16
}

/// Converts a number with 32 bits of fraction to seconds.
#[expect(clippy::cast_precision_loss, reason = "19 digits are more than anybody measures")]
pub fn seconds(fixed: i64) -> f64 {
    fixed as f64 / 4_294_967_296.0
}

pub(super) fn ipv4(reader: &mut Reader<'_>) -> Option<Ipv4Addr> {
    reader.array::<4>().map(Ipv4Addr::from)
}

pub(super) fn ipv6(reader: &mut Reader<'_>) -> Option<Ipv6Addr> {
    reader.array::<16>().map(Ipv6Addr::from)
}

pub(super) fn signed32(reader: &mut Reader<'_>) -> Option<i32> {
    reader.array().map(i32::from_be_bytes)
}

pub(super) fn signed64(reader: &mut Reader<'_>) -> Option<i64> {
    reader.array().map(i64::from_be_bytes)
}

/// Decodes a small number that daemons send in their machine's byte order. Nearly all are little-endian, so that order
/// counts if both are possible.
pub fn either_order(number: u32) -> u32 {
    if is_big_endian(number) { number } else { number.swap_bytes() }
}

/// Whether a number in machine byte order is small only if it is big-endian.
pub(super) fn is_big_endian(number: u32) -> bool {
    const SMALL: u32 = 0xffff;
    number != 0 && number <= SMALL && number.swap_bytes() > SMALL
}

/// Returns the addresses that count: those at the item's end, if present and flagged. `pad` octets separate the flag
/// from the addresses.
pub(super) fn choose<const N: usize>(
    reader: &mut Reader<'_>,
    pad: usize,
    old: [Ipv4Addr; N],
) -> Option<[IpAddr; N]> {
    let mut chosen = old.map(IpAddr::V4);
    if reader.is_at_end() {
        return Some(chosen);
    }
    let is_ipv6 = reader.u32()? != 0;
    reader.take(pad)?;
    for address in &mut chosen {
        let new = ipv6(reader)?;
        if is_ipv6 {
            *address = IpAddr::V6(new);
        }
    }
    Some(chosen)
}
