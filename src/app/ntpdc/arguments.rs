//! Typed access to the arguments of commands.

use crate::console::command::Argument;
use std::net::IpAddr;

/// The addresses among the arguments.
pub(super) fn addresses(arguments: &[Argument]) -> Vec<IpAddr> {
    let address = |argument: &Argument| match argument {
        Argument::Address(address) => Some(*address),
        _ => None,
    };
    arguments.iter().filter_map(address).collect()
}

/// The texts among the arguments.
pub(super) fn words(arguments: &[Argument]) -> impl Iterator<Item = String> {
    arguments.iter().filter_map(|argument| match argument {
        Argument::Text(word) => Some(String::from_utf8_lossy(word).into_owned()),
        _ => None,
    })
}

/// The numbers among the arguments.
pub(super) fn numbers(arguments: &[Argument]) -> impl Iterator<Item = u32> {
    arguments.iter().filter_map(|argument| match argument {
        Argument::Unsigned(number) => Some(*number),
        _ => None,
    })
}

/// Whether the command is about addresses of this family.
pub(super) fn wanted(arguments: &[Argument], address: IpAddr) -> bool {
    match arguments.first() {
        Some(Argument::IpVersion(4)) => address.is_ipv4(),
        Some(Argument::IpVersion(6)) => address.is_ipv6(),
        // A word that was not parsed.
        Some(Argument::IpVersion(_)) => false,
        _ => true,
    }
}
