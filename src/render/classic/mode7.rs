//! The layouts of the classic `ntpdc`.

pub mod clock;
pub mod lists;
pub mod peers;
pub mod system;

use super::Style;
use super::escape::escape;
use crate::model::mode7::address;
use std::net::IpAddr;

/// Formats a host: as a name, unless names are not wanted.
fn host(ip: IpAddr, style: &Style<'_>) -> String {
    style.names.host(&address(ip))
}

/// Formats an address.
fn number(ip: IpAddr) -> String {
    address(ip).to_string()
}

/// Formats a reference ID: text up to stratum 1 and for reference clocks, otherwise an address.
fn reference_id(id: [u8; 4], stratum: u8, is_clock: bool) -> String {
    if stratum > 1 && !is_clock {
        return IpAddr::from(id).to_string();
    }
    escape(id.split(|&octet| octet == 0).next().unwrap_or_default())
}

fn leap(leap: u8) -> String {
    format!("{}{}", leap >> 1 & 1, leap & 1)
}

/// Joins names; `none` if there are none.
fn joined(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod odd_item_tests;
#[cfg(test)]
mod tests;
