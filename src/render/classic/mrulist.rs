//! The table of the command `mrulist`.

use std::fmt::Write as _;

use crate::model::mru::{RestrictionNumbering, average_interval, last_interval, network_address};
use crate::render::classic::HostNames;
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;

/// The two lines above the rows.
pub const HEADING: &str = "lstint avgint rstr r m v  count rport remote address\n\
    ==============================================================================\n";

/// Appends a row, as of this time of the daemon's clock.
pub fn append_row(
    lines: &mut String,
    entry: &MruEntry,
    now: NtpTimestamp,
    numbering: RestrictionNumbering,
    names: &HostNames<'_>,
) {
    let rate = match entry.restrictions {
        bits if bits & numbering.kiss_of_death() != 0 => 'K',
        bits if bits & numbering.limited() != 0 => 'L',
        _ => '.',
    };
    // Writing to a String cannot fail.
    let _ = write!(
        lines,
        "{:6} {:6} {:4x} {rate} {} {} {:6} {:5} ",
        last_interval(entry, now),
        average_interval(entry),
        entry.restrictions,
        entry.mode(),
        entry.version(),
        entry.count,
        entry.port,
    );
    let address = network_address(entry);
    let _ = match names {
        HostNames::Numeric => writeln!(lines, "{address}"),
        HostNames::Named(_) => writeln!(lines, "{}", names.host(&address)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::mru::{Dropped, Score};

    fn line(restrictions: u16, numbering: RestrictionNumbering) -> String {
        let entry = MruEntry {
            last: NtpTimestamp(5 << 32),
            first: NtpTimestamp(0),
            count: 34,
            scope: 0,
            port: 123,
            restrictions,
            address: "2001:db8::11".parse().unwrap(),
            mode_version: 36,
            score: Score::default(),
            dropped: Dropped::default(),
        };
        let mut lines = String::new();
        append_row(&mut lines, &entry, NtpTimestamp(17 << 32), numbering, &HostNames::Numeric);
        lines
    }

    #[test]
    fn a_row() {
        let current = |bits| line(bits, RestrictionNumbering::Current);
        assert_eq!(current(0), "    12      0    0 . 4 4     34   123 2001:db8::11\n");
        assert_eq!(current(0x8c0), "    12      0  8c0 K 4 4     34   123 2001:db8::11\n");
        assert_eq!(current(0xc040), "    12      0 c040 L 4 4     34   123 2001:db8::11\n");
        assert_eq!(current(0x420).get(14..21), Some(" 420 . "));
    }

    #[test]
    fn older_daemons_number_their_bits_differently() {
        let former = |bits| line(bits, RestrictionNumbering::Former);
        assert_eq!(former(0x420).get(14..21), Some(" 420 K "));
        assert_eq!(former(0x20).get(14..21), Some("  20 L "));
        assert_eq!(former(0x840).get(14..21), Some(" 840 . "));
    }

    #[test]
    fn names_stand_for_addresses() {
        let name = |_| "client.example".to_owned();
        let entry = MruEntry {
            last: NtpTimestamp(0),
            first: NtpTimestamp(0),
            count: 2_147_483_647,
            scope: 3,
            port: 5,
            restrictions: 0,
            address: "fe80::1".parse().unwrap(),
            mode_version: 0xff,
            score: Score::default(),
            dropped: Dropped::default(),
        };
        let mut lines = String::new();
        append_row(
            &mut lines,
            &entry,
            NtpTimestamp(0),
            RestrictionNumbering::Current,
            &HostNames::Named(&name),
        );
        append_row(&mut lines, &entry, NtpTimestamp(0), RestrictionNumbering::Current, &HostNames::Numeric);
        assert_eq!(
            lines,
            "     0      0    0 . 7 7 2147483647     5 client.example\n     0      0    0 . 7 7 2147483647     5 fe80::1%3\n"
        );
    }
}
