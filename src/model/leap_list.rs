//! `leap-seconds.list` from NIST or IERS: the changes of TAI minus UTC, the expiry date, and a hash.

use sha1::{Digest as _, Sha1};

/// Seconds from 1900, the epoch of the file's times, to 1970.
const ERA: i64 = 2_208_988_800;
/// Maximum number of rows kept; there have been fewer than thirty in fifty years.
const MAX_ROWS: usize = 1000;
/// Maximum number of octets parsed per line.
const LONGEST_LINE: usize = 1024;

/// The result of checking the file's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// It matches.
    Right,
    /// It does not match: the file has been changed or damaged.
    Wrong,
    /// There is no legible hash.
    Missing,
}

impl Hash {
    /// Its name in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Missing => "missing",
        }
    }
}

/// TAI minus UTC from some time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The beginning, in seconds since 1970.
    pub from: i64,
    /// The difference in seconds.
    pub tai_offset: i32,
}

/// An announced leap second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leap {
    /// The second after it, in seconds since 1970.
    pub at: i64,
    /// Whether a second is inserted rather than deleted.
    pub is_insertion: bool,
}

/// A parsed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeapList {
    /// When it was last changed, in seconds since 1970.
    pub updated: Option<i64>,
    /// When it expires, in seconds since 1970.
    pub expires: Option<i64>,
    /// The rows, in the order of the file.
    pub rows: Vec<Row>,
    /// The result of checking its hash.
    pub hash: Hash,
    /// The first line that is invalid, or out of order.
    pub fault: Option<usize>,
}

impl LeapList {
    /// Parses a list.
    pub fn parse(text: &[u8]) -> Self {
        let mut list =
            Self { updated: None, expires: None, rows: Vec::new(), hash: Hash::Missing, fault: None };
        let mut digest = Sha1::new();
        let mut claimed = None;
        for (at, line) in text.split(|octet| *octet == b'\n').enumerate() {
            let line = String::from_utf8_lossy(line.get(..LONGEST_LINE).unwrap_or(line));
            let line = line.trim();
            if let Some(rest) = line.strip_prefix("#$") {
                list.updated = hashed_time(rest, &mut digest);
            } else if let Some(rest) = line.strip_prefix("#@") {
                list.expires = hashed_time(rest, &mut digest);
            } else if let Some(rest) = line.strip_prefix("#h") {
                claimed = claimed_hash(rest);
            } else if !line.is_empty() && !line.starts_with('#') {
                let content = line.split('#').next().unwrap_or_default();
                digest.update(digits(content));
                let row = row(content).filter(|_| list.rows.len() < MAX_ROWS);
                match row.filter(|row| list.rows.last().is_none_or(|last| last.from < row.from)) {
                    Some(row) => list.rows.push(row),
                    None => drop(list.fault.get_or_insert(at + 1)),
                }
            }
        }
        let computed: [u8; 20] = digest.finalize().into();
        list.hash = match claimed {
            Some(claimed) if claimed == computed => Hash::Right,
            Some(_) => Hash::Wrong,
            None => Hash::Missing,
        };
        list
    }

    /// Whether the list can be trusted: the hash matches, and there are rows and an expiry date.
    pub fn is_sound(&self) -> bool {
        self.hash == Hash::Right && self.fault.is_none() && !self.rows.is_empty() && self.expires.is_some()
    }

    /// The row that applies at this time.
    pub fn row_at(&self, now: i64) -> Option<Row> {
        self.rows.iter().rev().find(|row| row.from <= now).copied()
    }

    /// The next leap second after this time, if one is announced.
    pub fn next(&self, now: i64) -> Option<Leap> {
        let after = self.rows.iter().position(|row| row.from > now)?;
        let (next, before) = (self.rows.get(after)?, self.rows.get(after.checked_sub(1)?)?);
        Some(Leap { at: next.from, is_insertion: next.tai_offset > before.tai_offset })
    }
}

/// The digits of a text, which the hash covers.
fn digits(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).collect()
}

fn hashed_time(text: &str, digest: &mut Sha1) -> Option<i64> {
    let text = text.split('#').next().unwrap_or_default();
    digest.update(digits(text));
    time(text.trim())
}

/// Converts seconds since 1900 to seconds since 1970; the file's times have never wrapped.
fn time(text: &str) -> Option<i64> {
    let seconds: u32 = text.parse().ok()?;
    Some(i64::from(seconds) - ERA)
}

fn row(text: &str) -> Option<Row> {
    let mut words = text.split_ascii_whitespace();
    let (from, tai_offset) = (time(words.next()?)?, words.next()?.parse().ok()?);
    words.next().is_none().then_some(Row { from, tai_offset })
}

/// Parses five words of up to eight hexadecimal digits; leading zeros may be missing.
fn claimed_hash(text: &str) -> Option<[u8; 20]> {
    let mut octets = [0; 20];
    let mut words = text.split_ascii_whitespace();
    for chunk in octets.chunks_exact_mut(4) {
        let word = words.next().filter(|word| word.len() <= 8)?;
        chunk.copy_from_slice(&u32::from_str_radix(word, 16).ok()?.to_be_bytes());
    }
    words.next().is_none().then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list with these rows, and the hash of its digits.
    fn list(rows: &str) -> String {
        let text = format!("#\tcomment\n#$\t3960835200\n#@\t3991593600\n{rows}");
        let mut digest = Sha1::new();
        digest.update("39608352003991593600");
        digest.update(digits(&rows.lines().map(|line| line.split('#').next().unwrap()).collect::<String>()));
        let octets: [u8; 20] = digest.finalize().into();
        let words =
            octets.chunks(4).map(|word| format!("{:x}", u32::from_be_bytes(word.try_into().unwrap())));
        format!("{text}#h {}\n", words.collect::<Vec<_>>().join(" "))
    }

    const ROWS: &str = "3644697600\t36\t# 1 Jul 2015\n3692217600\t37\t# 1 Jan 2017\n";

    #[test]
    fn a_list_is_parsed_and_its_hash_verified() {
        let list = LeapList::parse(list(ROWS).as_bytes());
        assert!(list.is_sound(), "{list:?}");
        assert_eq!(list.expires, Some(3_991_593_600 - ERA));
        assert_eq!(list.row_at(1_600_000_000).map(|row| row.tai_offset), Some(37));
        assert_eq!(list.row_at(1_450_000_000).map(|row| row.tai_offset), Some(36));
        assert_eq!(list.row_at(0), None);
        assert_eq!(list.next(1_450_000_000), Some(Leap { at: 3_692_217_600 - ERA, is_insertion: true }));
        assert_eq!(list.next(1_600_000_000), None);
    }

    #[test]
    fn a_leap_second_may_be_deleted() {
        let list = LeapList::parse(list("3644697600 37\n3692217600 36\n").as_bytes());
        assert_eq!(list.next(1_450_000_000).map(|leap| leap.is_insertion), Some(false));
    }

    #[test]
    fn damage_is_detected() {
        let good = list(ROWS);
        assert_eq!(LeapList::parse(good.replace("\t37\t", "\t38\t").as_bytes()).hash, Hash::Wrong);
        assert_eq!(
            LeapList::parse(good.replace("#@\t3991593600", "#@\t4991593600").as_bytes()).hash,
            Hash::Wrong
        );
        assert_eq!(LeapList::parse(good.replace("#h", "#x").as_bytes()).hash, Hash::Missing);
        assert_eq!(LeapList::parse(good.replace("#h ", "#h zz").as_bytes()).hash, Hash::Missing);
        for (rows, fault) in [("3692217600 37 38\n", 4), ("x 37\n", 4), ("3692217600 37\n3692217600 37\n", 5)]
        {
            let list = LeapList::parse(list(rows).as_bytes());
            assert!(list.fault == Some(fault) && !list.is_sound(), "{list:?}");
        }
        // Comments and blanks are not covered by the hash.
        assert!(
            LeapList::parse(good.replace("# 1 Jul 2015", "# 2 Jul").replace('\t', "   ").as_bytes())
                .is_sound()
        );
    }

    #[test]
    fn hostile_files_are_bounded() {
        for text in ["", "\n", "#h", "#$\n#@\n", "\u{0}\u{0}", "99999999999999999999 1"] {
            assert!(!LeapList::parse(text.as_bytes()).is_sound());
        }
        let many: String = (0..20_000).map(|at| format!("{at} 1\n")).collect();
        assert!(LeapList::parse(many.as_bytes()).rows.len() <= MAX_ROWS);
        assert!(LeapList::parse(&vec![b'1'; 1 << 20]).rows.is_empty());
    }
}
