//! The commands that change the daemon, except those about associations.

use super::arguments::{addresses, numbers, words};
use super::query::Question;
use crate::compat::Quirk;
use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed};
use crate::wire::mode7::RequestCode;
use crate::wire::mode7::lists::{NTP_PORT_ONLY, RESTRICTIONS};
use crate::wire::mode7::requests::{
    ClockFudge, Number, RequiredKey, RestrictionChange, TrapChange, TrustedKey,
};
use crate::wire::number::parse_fixed;
use std::net::{IpAddr, Ipv4Addr};

/// The default port for traps.
const TRAP_PORT: u32 = 18_447;

const SYSTEM_FLAGS: [(&str, u32); 8] = [
    ("auth", 0x40),
    ("bclient", 0x01),
    ("calibrate", 0x80),
    ("kernel", 0x08),
    ("monitor", 0x10),
    ("ntp", 0x04),
    ("pps", 0x02),
    ("stats", 0x20),
];

const COUNTERS: [(&str, u32); 7] = [
    ("allpeers", 0x01),
    ("io", 0x02),
    ("sys", 0x04),
    ("mem", 0x08),
    ("timer", 0x10),
    ("auth", 0x20),
    ("ctl", 0x40),
];

pub(super) fn read_keys(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.change(Question::sealed(RequestCode::REREAD_KEYS))
}

pub(super) fn trust_keys(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_keys(shell, arguments, RequestCode::TRUST_KEY)
}

pub(super) fn distrust_keys(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_keys(shell, arguments, RequestCode::UNTRUST_KEY)
}

fn change_keys(shell: &mut Shell, arguments: &[Argument], code: RequestCode) -> CommandResult {
    let keys: Vec<TrustedKey> = numbers(arguments).map(TrustedKey).collect();
    shell.change(Question::change(code, &keys))
}

pub(super) fn request_key(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_own_key(shell, arguments, RequestCode::REQUEST_KEY)
}

pub(super) fn control_key(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_own_key(shell, arguments, RequestCode::CONTROL_KEY)
}

fn change_own_key(shell: &mut Shell, arguments: &[Argument], code: RequestCode) -> CommandResult {
    let key = numbers(arguments).next().unwrap_or(0);
    if shell.settings.dialect.keeps(Quirk::SHORT_OWN_KEYS) {
        return change_number(shell, code, key);
    }
    shell.change(Question::change(code, &[RequiredKey(key)]))
}

fn change_number(shell: &mut Shell, code: RequestCode, number: u32) -> CommandResult {
    shell.change(Question::change(code, &[Number(number)]))
}

pub(super) fn enable(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_flags(shell, arguments, RequestCode::SET_SYS_FLAG)
}

pub(super) fn disable(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_flags(shell, arguments, RequestCode::CLEAR_SYS_FLAG)
}

fn change_flags(shell: &mut Shell, arguments: &[Argument], code: RequestCode) -> CommandResult {
    match sum_of(words(arguments), &SYSTEM_FLAGS) {
        Ok(flags) => change_number(shell, code, flags),
        Err(unknown) => {
            for word in unknown {
                shell.fail_with_note(&format!("Unknown flag {word}\n"));
            }
            Err(Failed)
        }
    }
}

pub(super) fn reset(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    match sum_of(words(arguments), &COUNTERS) {
        Ok(flags) => change_number(shell, RequestCode::RESET_STATS, flags),
        Err(unknown) => {
            for word in unknown {
                shell.fail_with_note(&format!("Flag {word} unknown\n"));
            }
            shell.fail_with_note("Not done due to errors\n");
            Err(Failed)
        }
    }
}

/// The combined bits of the words, or the words that are not in the table.
fn sum_of(words: impl Iterator<Item = String>, table: &[(&str, u32)]) -> Result<u32, Vec<String>> {
    let mut unknown = Vec::new();
    let mut bits = 0;
    for word in words {
        match table.iter().find(|(name, _)| *name == word) {
            Some((_, bit)) => bits |= bit,
            None => unknown.push(word),
        }
    }
    if unknown.is_empty() { Ok(bits) } else { Err(unknown) }
}

pub(super) fn restrict(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_restriction(shell, arguments, RequestCode::ADD_RESTRICT)
}

pub(super) fn unrestrict(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_restriction(shell, arguments, RequestCode::SUB_RESTRICT)
}

pub(super) fn remove_restriction(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_restriction(shell, arguments, RequestCode::REMOVE_RESTRICT)
}

fn change_restriction(shell: &mut Shell, arguments: &[Argument], code: RequestCode) -> CommandResult {
    let [address, mask] = addresses(arguments)[..] else { return Err(Failed) };
    let mask = match (address, mask) {
        // The classic program does not check that both are of one family.
        (IpAddr::V4(_), IpAddr::V6(_)) if shell.settings.dialect.keeps(Quirk::MIXED_FAMILIES) => {
            IpAddr::from([0; 4])
        }
        (IpAddr::V6(_), IpAddr::V4(_)) if shell.settings.dialect.keeps(Quirk::MIXED_FAMILIES) => mask,
        (IpAddr::V4(address), IpAddr::V4(mask)) => {
            if !is_contiguous(mask) {
                shell.fail_with_note(&format!("Invalid mask {mask}\n"));
                return Err(Failed);
            }
            if address.is_unspecified() { IpAddr::from([0; 4]) } else { mask.into() }
        }
        (IpAddr::V6(_), IpAddr::V6(_)) => mask,
        _ => {
            shell.fail_with_note(&format!("Invalid mask {mask}\n"));
            return Err(Failed);
        }
    };
    let (mut flags, mut match_flags) = (0_u16, 0_u16);
    let mut is_known = true;
    for word in words(arguments) {
        let bit = RESTRICTIONS.iter().find(|(_, name)| *name == word).map(|(bit, _)| *bit);
        match (word.as_str(), bit) {
            ("ntpport", _) => match_flags |= NTP_PORT_ONLY,
            (_, Some(_)) if code == RequestCode::REMOVE_RESTRICT => {
                shell.fail_with_note(&format!("Flag {word} inappropriate\n"));
                is_known = false;
            }
            (_, Some(bit)) => flags |= u16::try_from(bit).unwrap_or(0),
            (_, None) => {
                shell.fail_with_note(&format!("Unknown flag {word}\n"));
                is_known = false;
            }
        }
    }
    if !is_known {
        return Err(Failed);
    }
    shell.change(Question::change(code, &[RestrictionChange { address, mask, flags, match_flags }]))
}

/// A number in hexadecimal digits only.
fn hexadecimal(digits: &str) -> Option<u32> {
    u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))
}

fn is_contiguous(mask: Ipv4Addr) -> bool {
    let bits = mask.to_bits();
    bits.leading_ones() + bits.trailing_zeros() >= 32
}

pub(super) fn add_trap(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_trap(shell, arguments, RequestCode::ADD_TRAP)
}

pub(super) fn clear_trap(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_trap(shell, arguments, RequestCode::CLEAR_TRAP)
}

fn change_trap(shell: &mut Shell, arguments: &[Argument], code: RequestCode) -> CommandResult {
    let addresses = addresses(arguments);
    let Some(&address) = addresses.first() else { return Err(Failed) };
    let nowhere = if address.is_ipv4() { IpAddr::from([0; 4]) } else { IpAddr::from([0; 16]) };
    let local = addresses.get(1).copied().unwrap_or(nowhere);
    if local.is_ipv4() != address.is_ipv4() {
        shell.error("***Cannot mix IPv4 and IPv6 addresses\n");
        return Err(Failed);
    }
    // Only its low sixteen bits are sent.
    let [_, _, high, low] = numbers(arguments).next().unwrap_or(TRAP_PORT).to_be_bytes();
    let port = u16::from_be_bytes([high, low]);
    shell.change(Question::change(code, &[TrapChange { local, address, port }]))
}

pub(super) fn fudge(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let Some(&address) = addresses(arguments).first() else { return Err(Failed) };
    let mut words = words(arguments);
    let (which, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (parameter, time, number) = match which.as_str() {
        "time1" => (1, parse_fixed(value.as_bytes()), Some(0)),
        "time2" => (2, parse_fixed(value.as_bytes()), Some(0)),
        "val1" | "val2" => {
            let number = value.parse::<i32>().ok().filter(|_| !value.starts_with('+'));
            (if which == "val1" { 3 } else { 4 }, Some(0), number.map(i32::cast_unsigned))
        }
        "flags" => {
            let digits = if shell.settings.dialect.keeps(Quirk::HEX_FLAGS_WITHOUT_PREFIX) {
                &value
            } else {
                value.strip_prefix("0x").unwrap_or(&value)
            };
            (5, Some(0), hexadecimal(digits).map(|bits| bits & 0xf))
        }
        _ => {
            shell.error(&format!("What fudge is {which}?\n"));
            return Err(Failed);
        }
    };
    let (Some(time), Some(number)) = (time, number) else {
        shell.error(&format!("Unknown fudge parameter {value}\n"));
        return Err(Failed);
    };
    let fudge = ClockFudge { address, parameter, time, number };
    shell.change(Question::change(RequestCode::SET_CLOCK_FUDGE, &[fudge]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_contiguous() {
        for (mask, is) in
            [("255.255.0.0", true), ("0.0.0.0", true), ("255.255.255.255", true), ("255.0.255.0", false)]
        {
            assert_eq!(is_contiguous(mask.parse().unwrap()), is, "{mask}");
        }
    }

    #[test]
    fn flags_are_summed_unless_one_is_unknown() {
        let sum = |line: &str| sum_of(line.split(' ').map(str::to_owned), &SYSTEM_FLAGS);
        assert_eq!(sum("auth monitor"), Ok(0x50));
        assert_eq!(sum("auth bogus pll"), Err(vec!["bogus".to_owned(), "pll".to_owned()]));
    }
}
