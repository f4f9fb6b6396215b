//! The list of associations.

use std::fmt::Write as _;

use crate::compat::{Dialect, Quirk};
use crate::model::Association;

/// Printed instead of an empty list that came from the daemon.
pub const NONE_RETURNED: &str = "No association ID's returned\n";

/// Printed instead of an empty list that was kept from before.
pub const NONE_IN_LIST: &str = "No association ID's in list\n";

const HEADING: &str = "ind assid status  conf reach auth condition  last_event cnt
===========================================================
";

/// Formats the table of associations: all, or only those that are configured or reachable.
///
/// `version` is the NTP version in the program's requests: 1 changes the conditions.
pub fn table(associations: &[Association], all: bool, version: u8, dialect: Dialect) -> String {
    let mut text = HEADING.to_owned();
    for association in associations.iter().filter(|association| all || association.is_shown_by_default()) {
        line(&mut text, association, version, dialect);
    }
    text
}

fn line(text: &mut String, association: &Association, version: u8, dialect: Dialect) {
    let status = association.status;
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" };
    let reach = if status.is_broadcast() { "none" } else { yes_or_no(status.is_reachable()) };
    let authentication = match (status.is_authentication_enabled(), status.is_broadcast()) {
        (false, _) => "none",
        (true, true) => "yes",
        (true, false) if status.is_authentic() => "ok ",
        (true, false) => "bad",
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:>3} {:>5}  {:04x}   {:>3}  {reach:>4}  {authentication:>4} {:>9} {:>11} {:>2}",
        association.index,
        association.id.0,
        status.0,
        yes_or_no(status.is_configured()),
        status.condition(version),
        if status.event() >= 12 && dialect.keeps(Quirk::UNNAMED_EVENTS) {
            ""
        } else {
            status.listed_event_name()
        },
        status.event_count(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The entries 1, 2, 3, 65535 with these statuses.
    fn list(statuses: [u16; 4]) -> Vec<Association> {
        let data: Vec<u8> = [1_u16, 2, 3, 65535]
            .into_iter()
            .zip(statuses)
            .flat_map(|(id, status)| [id.to_be_bytes(), status.to_be_bytes()].concat())
            .collect();
        Association::list(&data).expect("whole entries")
    }

    #[test]
    fn the_short_table_keeps_the_numbers_of_the_long_one() {
        let list = list([0x9614, 0x0014, 0x1014, 0x8017]);
        assert_eq!(
            table(&list, false, 2, Dialect::Native),
            "ind assid status  conf reach auth condition  last_event cnt\n\
             ===========================================================\n  \
             1     1  9614   yes   yes  none  sys.peer   reachable  1\n  \
             3     3  1014    no   yes  none    reject   reachable  1\n  \
             4 65535  8017   yes    no  none    reject rate_exceeded  1\n"
        );
        assert!(
            table(&list, true, 2, Dialect::Native)
                .contains("\n  2     2  0014    no    no  none    reject   reachable  1\n")
        );
    }

    #[test]
    fn authentication_and_version_1() {
        let list = list([0xf314, 0xc4ff, 0x8811, 0xc80c]);
        let lines: Vec<_> =
            table(&list, true, 1, Dialect::Native).lines().skip(2).map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "  1     1  f314   yes   yes   ok   sys_peer   reachable  1",
                "  2     2  c4ff   yes    no   bad    insane interleave_error 15",
                "  3     3  8811   yes  none  none   hi_disp    mobilize  1",
                "  4 65535  c80c   yes  none   yes   hi_disp    bad_auth  0",
            ]
        );
        let text = table(&list, true, 1, Dialect::Classic);
        assert!(text.contains("  2     2  c4ff   yes    no   bad    insane             15\n"), "{text}");
        assert!(text.ends_with("  4 65535  c80c   yes  none   yes   hi_disp              0\n"), "{text}");
    }
}
