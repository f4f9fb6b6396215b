//! The tables of `ifstats` and `reslist`.

use std::fmt::{self, Write as _};

use super::Rendered;
use super::escape::escape;
use crate::compat::{Dialect, Quirk};
use crate::model::ordered_list::{Row, fields, rows};
use crate::model::{Interface, Restriction};
use crate::wire::variables::Scan;

const INTERFACES_HEADING: &str = "    interface name                                        send\n \
     #  address/broadcast     drop flag ttl mc received sent failed peers   uptime\n\
     ==============================================================================\n";

const RESTRICTIONS_HEADING: &str = "   hits    addr/prefix or addr mask\n           restrictions\n\
     ==============================================================================\n";

/// Maximum number of letters shown of an interface's name.
const NAME_WIDTH: usize = 24;

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its text.
    pub rendered: Rendered,
    /// Whether the rows came in an order that makes the classic program give up and exit.
    pub aborted: bool,
}

/// Formats the table of interfaces.
///
/// The classic dialect shows a row only if all twelve fields arrived. The default one shows whatever arrived for each
/// address, because NTPsec's daemons omit two fields.
pub fn interfaces(scan: &Scan<'_>, dialect: Dialect) -> Listing {
    if dialect.keeps(Quirk::SHORT_ROWS_LOST) {
        INTERFACES.classic(scan)
    } else {
        INTERFACES.lenient(&rows(scan), |row| row.address.is_some())
    }
}

/// Formats the table of restrictions.
pub fn restrictions(scan: &Scan<'_>, dialect: Dialect) -> Listing {
    if dialect.keeps(Quirk::SHORT_ROWS_LOST) {
        RESTRICTIONS.classic(scan)
    } else {
        RESTRICTIONS.lenient(&rows(scan), Row::is_whole)
    }
}

/// The layout of a kind of table, and the classic program's treatment of bad ones.
struct Table<R> {
    heading: &'static str,
    /// The beginning of the message about wrongly ordered rows.
    complaint: &'static str,
    /// Whether row numbers may be skipped.
    may_skip: bool,
    /// The end of the classic program's warnings.
    warning_end: &'static str,
    print: fn(&mut String, u32, &R) -> fmt::Result,
}

const INTERFACES: Table<Interface> = Table {
    heading: INTERFACES_HEADING,
    complaint: "received if index",
    may_skip: true,
    warning_end: "\n",
    print: interface,
};

const RESTRICTIONS: Table<Restriction> = Table {
    heading: RESTRICTIONS_HEADING,
    complaint: "received reslist index",
    may_skip: false,
    warning_end: "",
    print: restriction,
};

impl<R: Row> Table<R> {
    /// Like the classic program: every field counts, even a duplicate, and from the one that completes a row on, each
    /// field prints everything since the last row. The fields of an incomplete row are left for the next one.
    fn classic(&self, scan: &Scan<'_>) -> Listing {
        let mut listing = Listing::default();
        let Rendered { output, diagnostics } = &mut listing.rendered;
        output.push_str(self.heading);
        let (mut row, mut current, mut count) = (R::default(), 0_u32, 0);
        for (field, index, value) in fields(scan) {
            if !row.set(field, value) {
                continue;
            }
            if index != current {
                let next = current.checked_add(1);
                let in_order = if self.may_skip { index > current } else { next == Some(index) };
                if !in_order {
                    let fields = R::FIELDS;
                    // Writing to a String cannot fail; nor can it below.
                    let _ = writeln!(
                        diagnostics,
                        "{} {index}, have {count} of {fields} fields for index {current}, aborting.",
                        self.complaint
                    );
                    listing.aborted = true;
                    return listing;
                }
                if count < R::FIELDS {
                    output.push_str(&warning::<R>(count));
                    output.push_str(self.warning_end);
                }
                (current, count) = (index, 0);
            }
            count += 1;
            if count >= R::FIELDS {
                let _ = (self.print)(output, index, &std::mem::take(&mut row).filled());
            }
        }
        if count != R::FIELDS {
            output.push_str(&warning::<R>(count));
            output.push_str(self.warning_end);
        }
        listing
    }

    fn lenient(&self, rows: &[(u32, R)], is_shown: fn(&R) -> bool) -> Listing {
        let mut listing = Listing::default();
        let Rendered { output, diagnostics } = &mut listing.rendered;
        output.push_str(self.heading);
        for (index, row) in rows {
            if is_shown(row) {
                let _ = (self.print)(output, *index, row);
            } else {
                let _ = writeln!(diagnostics, "{}", warning::<R>(row.count()));
            }
        }
        listing
    }
}

fn warning<R: Row>(count: usize) -> String {
    format!("Warning: incomplete row with {count} (of {}) fields", R::FIELDS)
}

fn interface(text: &mut String, index: u32, row: &Interface) -> fmt::Result {
    let name: String = escape(row.name.as_deref().unwrap_or_default()).chars().take(NAME_WIDTH).collect();
    let drop = match row.enabled {
        Some(true) => '.',
        Some(false) => 'D',
        None => '-',
    };
    let flags = row.flags.map_or_else(|| "-".to_owned(), |flags| format!("{flags:x}"));
    writeln!(
        text,
        "{index:3} {name:NAME_WIDTH$} {drop} {flags:>4} {:>3} {:>2} {:>6} {:>6} {:>6} {:>5} {:>8}",
        number(row.time_to_live),
        number(row.multicast_groups),
        number(row.received),
        number(row.sent),
        number(row.send_failures),
        number(row.peers),
        number(row.uptime),
    )?;
    let broadcast = row.broadcast.iter().flatten().filter(|address| !address.0.ip().is_unspecified());
    for address in row.address.iter().chain(broadcast) {
        writeln!(text, "    {}", address.with_port())?;
    }
    Ok(())
}

fn number<T: fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn restriction(text: &mut String, _: u32, row: &Restriction) -> fmt::Result {
    let (Some(address), Some(mask)) = (row.address, row.mask) else { return Ok(()) };
    write!(text, "{:>10} {address}", row.hits.unwrap_or_default())?;
    match row.prefix_length() {
        Some(length) => writeln!(text, "/{length}")?,
        None => writeln!(text, " {mask}")?,
    }
    writeln!(text, "           {}", escape(row.flags.as_deref().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::variables::scan;

    fn interface_fields(index: u32) -> String {
        format!(
            "addr.{index}=10.0.0.{index}:123, bcast.{index}=, en.{index}=1, flags.{index}=0x5, mc.{index}=0, \
             name.{index}=\"eth{index}\", pc.{index}=1, rx.{index}=2, tl.{index}=3, tx.{index}=4, \
             txerr.{index}=5, up.{index}=6, "
        )
    }

    fn interface_row(index: u32) -> String {
        format!(
            "  {index} eth{index}                     .    5   3  0      2      4      5     1        6\n    \
             10.0.0.{index}:123\n"
        )
    }

    fn restriction_fields(index: u32) -> String {
        format!("addr.{index}=10.0.0.0, mask.{index}=255.0.0.0, hits.{index}=7, flags.{index}=a b, ")
    }

    const RESTRICTION_ROW: &str = "         7 10.0.0.0/8\n           a b\n";

    fn ifstats(text: &str, dialect: Dialect) -> (String, String, bool) {
        let Listing { rendered, aborted } = interfaces(&scan(text.as_bytes()), dialect);
        let rest = rendered.output.strip_prefix(INTERFACES_HEADING).unwrap().to_owned();
        (rest, rendered.diagnostics, aborted)
    }

    fn reslist(text: &str, dialect: Dialect) -> (String, String, bool) {
        let Listing { rendered, aborted } = restrictions(&scan(text.as_bytes()), dialect);
        let rest = rendered.output.strip_prefix(RESTRICTIONS_HEADING).unwrap().to_owned();
        (rest, rendered.diagnostics, aborted)
    }

    /// How 4.2.8p15 rendered the same lists.
    #[test]
    fn the_classic_keeps_and_drops_interfaces() {
        let [zero, one, two] = [0, 1, 2].map(interface_fields);
        let short = zero.replace("up.0=6, ", "");
        let warned = |count: usize| format!("Warning: incomplete row with {count} (of 12) fields\n");
        for (text, expected) in [
            (format!("{zero}{one}"), interface_row(0) + &interface_row(1)),
            (format!("{short}{one}"), warned(11) + &interface_row(1)),
            (short.clone(), warned(11)),
            (one.clone(), warned(0) + &interface_row(1)),
            (format!("{zero}{two}"), interface_row(0) + &interface_row(2)),
            (format!("{zero}up.1=3"), interface_row(0) + &warned(1)),
            (format!("{zero}en.1"), interface_row(0)),
            (String::new(), warned(0)),
        ] {
            assert_eq!(ifstats(&text, Dialect::Classic), (expected, String::new(), false), "{text}");
        }
        assert_eq!(
            ifstats(&format!("{zero}{one}{zero}"), Dialect::Classic),
            (
                interface_row(0) + &interface_row(1),
                "received if index 0, have 12 of 12 fields for index 1, aborting.\n".to_owned(),
                true
            )
        );
    }

    /// How 4.2.8p15 treated duplicate fields, empty addresses, and one-letter names.
    #[test]
    fn the_classic_program_counts_fields_without_looking_at_them() {
        let [zero, one, two] = [0, 1, 2].map(interface_fields);
        let zeros = |index: u32, received: u32| {
            format!(
                "  {index} {:24} D    0   0  0 {received:6}      0      0     0        0\n    0.0.0.0:0\n",
                ""
            )
        };
        let warned = |count: usize| format!("Warning: incomplete row with {count} (of 12) fields\n");
        let [zero_row, one_row, two_row] = [0, 1, 2].map(interface_row);
        let again = format!("{zero}{one}rx.1=9, ");
        let stale =
            format!("{}{two}", one.replace("bcast.1=", "bcast.1=127.0.0.1:123").replace("up.1=6, ", ""));
        let unspecified = zero.replace("bcast.0=", "bcast.0=[::]:123");
        for (text, expected) in [
            (format!("{again}{two}"), format!("{zero_row}{one_row}{}{two_row}", zeros(1, 9))),
            (again, format!("{zero_row}{one_row}{}{}", zeros(1, 9), warned(13))),
            (zero.replace("up.0=6", "rx.0=2"), zero_row.replace("       6\n", "       0\n")),
            (format!("{zero}{stale}"), format!("{zero_row}{}{two_row}    127.0.0.1:123\n", warned(11))),
            (unspecified, zero_row.clone()),
            (zero.replace("name.0=\"eth0\"", "name.0=x"), warned(11)),
        ] {
            assert_eq!(ifstats(&text, Dialect::Classic), (expected, String::new(), false), "{text}");
        }
    }

    #[test]
    fn wide_values_widen_the_row() {
        let text = "addr.0=[2001:db8::1]:5, bcast.0=[ff02::1]:123, en.0=0, flags.0=0xabcdef, mc.0=0, \
            name.0=abcdefghijklmnopqrstuvwxyz0123, pc.0=123456, rx.0=12345678, tl.0=3, tx.0=4, txerr.0=5, \
            up.0=123456789";
        let expected = "  0 bcdefghijklmnopqrstuvwxy D abcdef   3  0 12345678      4      5 123456 123456789\n    \
            [2001:db8::1]:5\n    [ff02::1]:123\n";
        assert_eq!(ifstats(text, Dialect::Classic).0, expected);
    }

    /// NTPsec's ntpd 1.2.2 reports neither `tl` nor `mc`.
    #[test]
    fn missing_fields_are_dashes_except_in_the_classic_dialect() {
        let text = "tx.0=0, addr.0=[::]:123, bcast.0=, en.0=0, name.0=\"v6wildcard\", flags.0=0x81, rx.0=0, \
            up.0=78, txerr.0=0, pc.0=0, etr.0=43465, up.1=3";
        let row =
            "  0 v6wildcard               D   81   -  -      0      0      0     0       78\n    [::]:123\n";
        let warning = "Warning: incomplete row with 1 (of 12) fields\n";
        assert_eq!(ifstats(text, Dialect::Native), (row.to_owned(), warning.to_owned(), false));
        assert_eq!(ifstats("", Dialect::Native), (String::new(), String::new(), false));
    }

    /// How 4.2.8p15 rendered the same lists.
    #[test]
    fn the_classic_keeps_and_drops_restrictions() {
        let [zero, one, two] = [0, 1, 2].map(restriction_fields);
        let short = zero.replace("hits.0=7, ", "");
        let warned = |count: usize| format!("Warning: incomplete row with {count} (of 4) fields");
        for (text, expected) in [
            (format!("{zero}{one}"), RESTRICTION_ROW.repeat(2)),
            (one.clone(), warned(0) + RESTRICTION_ROW),
            (format!("{short}{one}"), warned(3) + RESTRICTION_ROW),
            (short.clone(), warned(3)),
            (String::new(), warned(0)),
        ] {
            assert_eq!(reslist(&text, Dialect::Classic), (expected, String::new(), false), "{text}");
        }
        assert_eq!(
            reslist(&format!("{zero}{two}"), Dialect::Classic),
            (
                RESTRICTION_ROW.to_owned(),
                "received reslist index 2, have 4 of 4 fields for index 0, aborting.\n".to_owned(),
                true
            )
        );
        assert_eq!(
            reslist(&format!("{zero}{one}{zero}{short}"), Dialect::Native),
            (RESTRICTION_ROW.repeat(3), String::new(), false)
        );
    }

    #[test]
    fn masks_with_gaps_are_written_out() {
        let text = "addr.0=10.0.0.0, mask.0=255.0.255.0, hits.0=12345678901, flags.0=e\x1b[1m, \
            addr.1=2001:db8::, mask.1=ffff:ffff::, hits.1=0, flags.1=";
        assert_eq!(
            reslist(text, Dialect::Classic).0,
            "12345678901 10.0.0.0 255.0.255.0\n           e^[[1m\n         0 2001:db8::/32\n           \n"
        );
    }
}
