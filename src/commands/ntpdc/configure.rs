//! The commands that add and remove associations.

use super::query::Question;
use super::read::addresses;
use crate::commands::shell::Shell;
use crate::commands::shell::command::{Argument, Verdict};
use crate::session::private::Items;
use crate::wire::private::RequestCode;
use std::net::{IpAddr, Ipv6Addr};

const SYMMETRIC_ACTIVE: u8 = 1;
const CLIENT: u8 = 3;
const BROADCAST: u8 = 5;

const AUTHENTICATED: u8 = 0x01;
const PREFER: u8 = 0x02;
const BURST: u8 = 0x04;
const INITIAL_BURST: u8 = 0x08;

/// Octets that no daemon looks at any more: the name of a public key.
const KEY_NAME: usize = 128;
/// The range of poll exponents.
const POLLS: std::ops::RangeInclusive<u32> = 3..=17;

pub(super) fn add_peer(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    add(shell, arguments, SYMMETRIC_ACTIVE, false)
}

pub(super) fn add_server(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    add(shell, arguments, CLIENT, false)
}

pub(super) fn add_clock(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    add(shell, arguments, CLIENT, true)
}

pub(super) fn broadcast(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    add(shell, arguments, BROADCAST, false)
}

pub(super) fn remove_peers(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    change_peers(shell, arguments, RequestCode::UNCONFIG)
}

pub(super) fn reset_peers(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    change_peers(shell, arguments, RequestCode::RESET_PEER)
}

fn change_peers(shell: &mut Shell, arguments: &[Argument], code: RequestCode) -> Verdict {
    let addresses = addresses(arguments);
    let item = |address: &IpAddr| {
        let mut item = ipv4_octets(*address).to_vec();
        extend_with_ipv6(&mut item, *address, 0);
        item
    };
    let old: Option<Vec<Vec<u8>>> =
        addresses.iter().map(|address| address.is_ipv4().then(|| ipv4_octets(*address).to_vec())).collect();
    let items: Vec<Vec<u8>> = addresses.iter().map(item).collect();
    shell.change(Question {
        items: Items::of(&items),
        old_items: old.map(|old| Items::of(&old)),
        ..Question::sealed(code)
    })
}

/// The octets of an IPv4 address, zeros for another.
pub(super) fn ipv4_octets(address: IpAddr) -> [u8; 4] {
    match address {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(_) => [0; 4],
    }
}

/// The octets of an IPv6 address, zeros for another.
pub(super) fn ipv6_octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(_) => Ipv6Addr::UNSPECIFIED.octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

/// The mark that tells whether the IPv6 addresses that follow count. The classic sends it in the order of its
/// machine; any octet but zero will do.
pub(super) fn ipv6_mark(address: IpAddr) -> [u8; 4] {
    [u8::from(address.is_ipv6()), 0, 0, 0]
}

/// Ends an item with the mark, so many octets of padding, and the IPv6 address.
pub(super) fn extend_with_ipv6(item: &mut Vec<u8>, address: IpAddr, pad: usize) {
    item.extend(ipv6_mark(address));
    item.resize(item.len() + pad, 0);
    item.extend(ipv6_octets(address));
}

/// What the words after the address say.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Options {
    key_id: u32,
    version: u32,
    mode: u32,
    minimum_poll: u32,
    maximum_poll: u32,
    flags: u8,
}

/// What is wrong with them, and whether the classic says so on standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Misfit(String, bool);

fn add(shell: &mut Shell, arguments: &[Argument], mode: u8, is_clock: bool) -> Verdict {
    let Some(&address) = addresses(arguments).first() else { return Verdict::Failed };
    let words: Vec<&[u8]> = arguments
        .iter()
        .filter_map(|argument| match argument {
            Argument::Text(word) => Some(word.as_slice()),
            _ => None,
        })
        .collect();
    let options = match Options::read(&words, is_clock).and_then(Options::check) {
        Ok(options) => options,
        Err(misfits) => {
            for Misfit(line, is_error) in misfits {
                if is_error {
                    shell.complain(&line);
                } else {
                    shell.fail_with_remark(&line);
                }
            }
            return Verdict::Failed;
        }
    };
    let options = match arguments.get(1) {
        Some(&Argument::Unsigned(mode)) => Options { mode, ..options },
        _ => options,
    };
    let begin = options.begin_item(address, mode);
    let mut item = begin.clone();
    item.resize(item.len() + KEY_NAME, 0);
    extend_with_ipv6(&mut item, address, 4);
    shell.change(Question {
        items: Items::of(&[item]),
        old_items: address.is_ipv4().then(|| Items::of(&[begin])),
        ..Question::sealed(RequestCode::CONFIG)
    })
}

impl Options {
    fn read(words: &[&[u8]], is_clock: bool) -> Result<Self, Vec<Misfit>> {
        let mut options =
            Self { key_id: 0, version: 3, mode: 0, minimum_poll: 6, maximum_poll: 10, flags: 0 };
        let mut bare = if is_clock { 2 } else { 0 };
        let mut misfits = Vec::new();
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let (place, next) = match word {
                b"prefer" => {
                    options.flags |= PREFER;
                    continue;
                }
                b"burst" => {
                    options.flags |= BURST;
                    continue;
                }
                b"iburst" => {
                    options.flags |= INITIAL_BURST;
                    continue;
                }
                b"keyid" => (Some(&mut options.key_id), 1),
                b"version" => (Some(&mut options.version), 2),
                b"minpoll" => (Some(&mut options.minimum_poll), 2),
                b"maxpoll" => (Some(&mut options.maximum_poll), 2),
                _ => (None, bare + 1),
            };
            let (place, word) = match (place, bare) {
                (Some(place), _) => (place, words.next().copied().unwrap_or_default()),
                // What is not named comes in this order.
                (None, 0) => (&mut options.key_id, word),
                (None, 1) => (&mut options.version, word),
                (None, _) => {
                    misfits.push(not_understood(word));
                    continue;
                }
            };
            bare = next.max(bare);
            match number(word) {
                Ok(number) => *place = number,
                Err(misfit) => misfits.push(misfit),
            }
        }
        if misfits.is_empty() { Ok(options) } else { Err(misfits) }
    }

    fn check(self) -> Result<Self, Vec<Misfit>> {
        if !(1..=4).contains(&self.version) {
            return Err(vec![Misfit(format!("***invalid version number: {}\n", self.version), false)]);
        }
        if !POLLS.contains(&self.minimum_poll) || !POLLS.contains(&self.maximum_poll) {
            let (least, most) = (POLLS.start(), POLLS.end());
            return Err(vec![Misfit(format!("***min/max-poll must be within {least}..{most}\n"), false)]);
        }
        Ok(self)
    }

    /// The beginning of the item, all that the oldest daemons know. The key's identifier goes in the order of
    /// the machines that nearly all daemons run on, as the classic sends it there.
    fn begin_item(&self, address: IpAddr, mode: u8) -> Vec<u8> {
        let octet = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        let flags = self.flags | if self.key_id > 0 { AUTHENTICATED } else { 0 };
        let mut item = ipv4_octets(address).to_vec();
        item.extend([mode, octet(self.version), octet(self.minimum_poll), octet(self.maximum_poll)]);
        item.extend([flags, octet(self.mode), 0, 0]);
        item.extend(self.key_id.to_le_bytes());
        item
    }
}

fn number(word: &[u8]) -> Result<u32, Misfit> {
    let text = String::from_utf8_lossy(word);
    if text.starts_with('-') && text.get(1..).is_some_and(|digits| digits.parse::<u32>().is_ok()) {
        return Err(Misfit(format!("*** Value '{text}' should be unsigned\n"), true));
    }
    text.parse().map_err(|_| not_understood(word))
}

fn not_understood(word: &[u8]) -> Misfit {
    Misfit(format!("*** '{}' not understood\n", String::from_utf8_lossy(word)), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, Vec<Misfit>> {
        let words: Vec<&[u8]> = line.split_whitespace().map(str::as_bytes).collect();
        Options::read(&words, false).and_then(Options::check)
    }

    #[test]
    fn words_are_understood_in_any_order() {
        let options = read("5 4 iburst prefer").unwrap();
        assert_eq!((options.key_id, options.version, options.flags), (5, 4, PREFER | INITIAL_BURST));
        let options = read("minpoll 5 maxpoll 8 keyid 7 version 2 burst").unwrap();
        assert_eq!((options.minimum_poll, options.maximum_poll, options.key_id), (5, 8, 7));
        assert_eq!((options.version, options.flags), (2, BURST));
    }

    #[test]
    fn misfits_are_told_in_the_classic_words() {
        for (line, told, on_error) in [
            ("bogus", "*** 'bogus' not understood\n", false),
            ("-3", "*** Value '-3' should be unsigned\n", true),
            ("keyid 4 9", "***invalid version number: 9\n", false),
            ("5 minpoll 6 9", "*** '9' not understood\n", false),
            ("1 9", "***invalid version number: 9\n", false),
            ("minpoll 2", "***min/max-poll must be within 3..17\n", false),
        ] {
            assert_eq!(read(line), Err(vec![Misfit(told.into(), on_error)]), "{line}");
        }
    }

    /// What ntpdc 4.2.8p15 sent.
    #[test]
    fn items_begin_as_the_original_sends_them() {
        let item = read("5 4 prefer").unwrap().begin_item("10.0.0.1".parse().unwrap(), CLIENT);
        assert_eq!(item, [10, 0, 0, 1, 3, 4, 6, 10, 3, 0, 0, 0, 5, 0, 0, 0]);
    }
}
