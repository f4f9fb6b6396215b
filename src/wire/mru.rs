//! The text of replies to `READ_MRU` (opcode 10): the list of clients that a daemon heard from most recently.
//!
//! A reply consists of rows `addr.N=`, `last.N=`, `first.N=`, `ct.N=`, `mv.N=`, `rs.N=` in any order within the row, in
//! NTPsec also `sc.N=` and `dr.N=`, variables about the reply itself, and decoy variables with random names. Any run
//! between two lost fragments can be parsed: items truncated at its edges are dropped.

use super::number::parse_decimal;
use super::timestamp::NtpTimestamp;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

/// One row: a client of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MruEntry {
    /// When it was last heard from.
    pub last: NtpTimestamp,
    /// When it was first heard from.
    pub first: NtpTimestamp,
    /// Packets received from it, at least one.
    pub count: u32,
    /// The zone of an IPv6 address, or 0.
    pub scope: u32,
    /// The port of the last packet.
    pub port: u16,
    /// Its restrictions; the meaning of the bits depends on the daemon's release.
    pub restrictions: u16,
    /// The address.
    pub address: IpAddr,
    /// Mode (bits 0 to 2) and version (bits 3 to 5) of the last packet.
    pub mode_version: u8,
    /// The score that the rate limit is based on (NTPsec only).
    pub score: Score,
    /// Packets dropped (NTPsec only).
    pub dropped: Dropped,
}

/// The rate of packets from an address, in packets per second weighted by their age, in thousandths; or unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score(Option<NonZeroU32>);

/// A number of dropped packets, or unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped(Option<NonZeroU32>);

impl Score {
    /// Creates a score from thousandths.
    pub fn of_thousandths(thousandths: u32) -> Self {
        Self(NonZeroU32::new(thousandths.saturating_add(1)))
    }

    /// The thousandths, if known.
    pub fn thousandths(self) -> Option<u32> {
        self.0.map(|stored| stored.get() - 1)
    }

    /// Parses `0.050`; digits after the third decimal are ignored.
    fn parse(text: &[u8]) -> Option<Self> {
        let mut parts = text.splitn(2, |&octet| octet == b'.');
        let whole = parse_decimal(parts.next()?)?;
        let decimals = parts.next().unwrap_or_default();
        if !decimals.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let digits = decimals.iter().copied().chain(std::iter::repeat(b'0')).take(3);
        let thousandths = digits.fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        Some(Self::of_thousandths(whole.checked_mul(1000)?.checked_add(thousandths)?))
    }
}

impl Dropped {
    /// Creates a known number.
    pub fn of(count: u32) -> Self {
        Self(NonZeroU32::new(count.saturating_add(1)))
    }

    /// The number, if known.
    pub fn count(self) -> Option<u32> {
        self.0.map(|stored| stored.get() - 1)
    }
}

impl MruEntry {
    /// The mode of the last packet.
    pub fn mode(&self) -> u8 {
        self.mode_version & 7
    }

    /// The protocol version of the last packet.
    pub fn version(&self) -> u8 {
        self.mode_version >> 3 & 7
    }
}

/// A contiguous part of a reply's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// Its offset in the reply.
    pub offset: usize,
    /// Its text.
    pub text: &'a [u8],
    /// Whether the reply ends with it.
    pub ends: bool,
}

/// An item of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A complete row and its number within the reply. NTPsec's additional fields may be missing.
    Entry(u32, MruEntry),
    /// A row, not at an edge, that lacks fields: its number and the fields it has, see [`FIELDS`].
    Broken(u32, u8),
    /// The nonce for the next request.
    Nonce(&'a [u8]),
    /// `last.older`: the timestamp of the row that the reply continues from.
    OlderLast(&'a [u8]),
    /// `addr.older`: the row that the reply continues from.
    OlderAddress(&'a [u8]),
    /// `now`: the time at which the end of the list was reached.
    Now(&'a [u8]),
    /// `last.newest`: the timestamp of the newest row.
    NewestLast(&'a [u8]),
}

/// All fields of a row: `ct` 1, `last` 2, `first` 4, `mv` 8, `rs` 16, `addr` 32, numbered as in 4.2.8p15.
pub const FIELDS: u8 = 0x3f;

/// The port of an address without one.
const NTP_PORT: u16 = 123;

const COUNT: u8 = 1;
const LAST: u8 = 2;
const FIRST: u8 = 4;
const MODE_VERSION: u8 = 8;
const RESTRICTIONS: u8 = 16;
const ADDRESS: u8 = 32;
const SCORE: u8 = 64;
const DROPPED: u8 = 128;

/// Parses a run and reports its items in order.
pub fn read<'a>(run: &Run<'a>, report: &mut dyn FnMut(Item<'a>)) {
    let whole = run.text;
    let mut text = whole.split(|&octet| octet == 0).next().unwrap_or_default();
    let begins = run.offset == 0;
    if !begins {
        // The first item may have lost its beginning.
        let Some(comma) = text.iter().position(|&octet| octet == b',') else { return };
        text = text.get(comma + 1..).unwrap_or_default();
    }
    let mut row = Row::new(None);
    let mut first_row = true;
    while !text.is_empty() {
        let (item, rest) = match text.iter().position(|&octet| octet == b',') {
            Some(comma) => (text.get(..comma).unwrap_or_default(), text.get(comma + 1..).unwrap_or_default()),
            // The last item may have lost its end.
            None if run.ends => (text, &[][..]),
            None => break,
        };
        text = rest;
        let item = item.trim_ascii();
        let Some(equals) = item.iter().position(|&octet| octet == b'=') else { continue };
        let (name, value) =
            (item.get(..equals).unwrap_or_default(), item.get(equals + 1..).unwrap_or_default());
        let Some(dot) = name.iter().position(|&octet| octet == b'.') else {
            match name {
                b"nonce" => report(Item::Nonce(value)),
                b"now" => {
                    row.report_complete(report);
                    report(Item::Now(value));
                }
                _ => {}
            }
            continue;
        };
        let (tag, index) = (name.get(..dot).unwrap_or_default(), name.get(dot + 1..).unwrap_or_default());
        let Some(index) = parse_decimal(index) else {
            match name {
                b"last.older" => report(Item::OlderLast(value)),
                b"addr.older" => report(Item::OlderAddress(value)),
                b"last.newest" => {
                    row.report_complete(report);
                    if let Some(broken) = row.index.filter(|_| row.lacks() && (begins || !first_row)) {
                        report(Item::Broken(broken, row.fields & FIELDS));
                        row = Row::new(None);
                    }
                    report(Item::NewestLast(value));
                }
                _ => {}
            }
            continue;
        };
        let field = match tag {
            b"addr" => ADDRESS,
            b"last" => LAST,
            b"first" => FIRST,
            b"ct" => COUNT,
            b"mv" => MODE_VERSION,
            b"rs" => RESTRICTIONS,
            b"sc" => SCORE,
            b"dr" => DROPPED,
            _ => continue,
        };
        if row.index != Some(index) {
            row.report_complete(report);
            if let Some(broken) = row.index.filter(|_| row.lacks() && (begins || !first_row)) {
                report(Item::Broken(broken, row.fields & FIELDS));
            }
            first_row = row.index.is_none();
            row = Row::new(Some(index));
        }
        row.set(field, value);
    }
    row.report_complete(report);
    if let Some(broken) = row.index.filter(|_| row.lacks() && run.ends && (begins || !first_row)) {
        report(Item::Broken(broken, row.fields & FIELDS));
    }
}

/// A row being assembled.
struct Row {
    index: Option<u32>,
    fields: u8,
    entry: MruEntry,
    reported: bool,
}

impl Row {
    fn new(index: Option<u32>) -> Self {
        let entry = MruEntry {
            last: NtpTimestamp(0),
            first: NtpTimestamp(0),
            count: 0,
            scope: 0,
            port: 0,
            restrictions: 0,
            address: IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
            mode_version: 0,
            score: Score::default(),
            dropped: Dropped::default(),
        };
        Self { index, fields: 0, entry, reported: false }
    }

    fn lacks(&self) -> bool {
        self.fields & FIELDS != FIELDS
    }

    /// Reports the row, once, if it is complete. Call this when no more of it follows.
    fn report_complete<'a>(&mut self, report: &mut dyn FnMut(Item<'a>)) {
        if let Some(index) = self.index.filter(|_| !self.reported && !self.lacks()) {
            self.reported = true;
            report(Item::Entry(index, self.entry));
        }
    }

    /// Sets a field; returns whether it was new. An invalid value is not.
    fn set(&mut self, field: u8, value: &[u8]) -> bool {
        if self.fields & field != 0 {
            return false;
        }
        let entry = &mut self.entry;
        let read = match field {
            ADDRESS => socket_address(value).map(|address| {
                (entry.address, entry.port) = (address.ip(), address.port());
                entry.scope = if let SocketAddr::V6(address) = address { address.scope_id() } else { 0 };
            }),
            LAST => timestamp(value).map(|last| entry.last = last),
            FIRST => timestamp(value).map(|first| entry.first = first),
            COUNT => leading_number(value).filter(|count| (1..1 << 31).contains(count)).map(|count| {
                entry.count = u32::try_from(count).unwrap_or(0);
            }),
            MODE_VERSION => leading_number(value).map(|number| {
                let [.., octet] = number.to_be_bytes();
                entry.mode_version = octet;
            }),
            SCORE => Score::parse(value).map(|score| entry.score = score),
            DROPPED => leading_number(value)
                .and_then(|count| u32::try_from(count).ok())
                .map(|count| entry.dropped = Dropped::of(count)),
            _ => {
                value.strip_prefix(b"0x").and_then(leading_hexadecimal).map(|bits| entry.restrictions = bits)
            }
        };
        if read.is_some() {
            self.fields |= field;
        }
        read.is_some()
    }
}

/// Parses `1.2.3.4:123` or `[2001:db8::1%2]:123`; the default port is 123.
pub fn socket_address(text: &[u8]) -> Option<SocketAddr> {
    // Longer than any address.
    if text.len() > 64 {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let alone =
        || text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text).parse().ok();
    text.parse().ok().or_else(|| Some(SocketAddr::new(alone()?, NTP_PORT)))
}

/// Parses `0x`, eight hexadecimal digits, a point and eight more.
pub fn timestamp(text: &[u8]) -> Option<NtpTimestamp> {
    let digits = text.strip_prefix(b"0x")?;
    let (seconds, fraction) = digits.split_at_checked(8)?;
    let fraction = fraction.strip_prefix(b".").filter(|fraction| fraction.len() == 8)?;
    Some(NtpTimestamp::new(hexadecimal(seconds)?, hexadecimal(fraction)?))
}

/// Parses a leading number with optional sign, ignoring the rest.
fn leading_number(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii_start();
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1, digits),
    };
    let digits = digits.iter().take_while(|digit| digit.is_ascii_digit());
    let number = digits.fold(None, |number: Option<i64>, digit| {
        Some(number.unwrap_or(0).saturating_mul(10).saturating_add((digit - b'0').into()))
    });
    number.map(|number| sign * number)
}

/// Parses the low 16 bits of a leading hexadecimal number, ignoring the rest.
fn leading_hexadecimal(text: &[u8]) -> Option<u16> {
    let digits = text.iter().map_while(|&digit| char::from(digit).to_digit(16));
    digits.fold(None, |bits: Option<u16>, digit| {
        Some(bits.unwrap_or(0) << 4 | u16::try_from(digit).unwrap_or(0))
    })
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value: u32, &digit| Some(value << 4 | char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests;
