//! The owners of the keys, and the names of their files.

use crate::compat::{Dialect, Quirk};
use crate::text::date;
use anyhow::bail;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds from the start of the NTP era to 1970.
const UNIX_EPOCH: i64 = 2_208_988_800;

/// The names used in files and file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The host that the files are for.
    pub host: String,
    /// The group that the keys belong to; by default the machine's name.
    pub group: String,
    /// The name in a certificate: the host, and the group if one was given.
    pub certificate: String,
}

impl Names {
    /// Derives the names from the machine's name and the options `-s HOST[@GROUP]` and `-i GROUP`.
    ///
    /// # Errors
    /// A name that cannot be part of a file name.
    pub fn new(
        machine: &str,
        subject: Option<&str>,
        ident: Option<&str>,
        dialect: Dialect,
    ) -> anyhow::Result<Self> {
        // The classic program accepts an empty name.
        let given = |name: &&str| dialect.keeps(Quirk::EMPTY_NAMES) || !name.is_empty();
        let (host, subject_group) = match subject.map(|subject| (subject, subject.split_once('@'))) {
            Some((_, Some(("", group)))) => (None, Some(group)),
            Some((_, Some((host, group)))) => (Some(host), Some(group)),
            Some((host, None)) => (Some(host), None),
            None => (None, None),
        };
        let host = host.filter(given).unwrap_or(machine).to_owned();
        let group = subject_group.filter(given).or(ident.filter(given));
        let certificate = group.map_or_else(|| host.clone(), |group| format!("{host}@{group}"));
        let names = Self { group: group.unwrap_or(machine).to_owned(), host, certificate };
        for name in [&names.host, &names.group] {
            if name.contains('/') || name.contains(char::is_control) || name.len() > 100 {
                bail!("'{}' cannot be a part of a file's name", name.escape_debug());
            }
        }
        Ok(names)
    }
}

/// The timestamp of a file written now, in seconds of the NTP era.
pub fn filestamp(now: Timestamp) -> u32 {
    // Truncated to 32 bits, like NTP's seconds.
    u32::try_from((now.as_second() + UNIX_EPOCH) & i64::from(u32::MAX)).unwrap_or_default()
}

/// The first lines of every file: its name and the date.
pub fn header(file: &str, now: Timestamp, time_zone: &TimeZone) -> String {
    let date = date::ctime(time_zone.to_datetime(now));
    format!("# {file}\n# {date}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(subject: Option<&str>, ident: Option<&str>) -> [String; 3] {
        let names = Names::new("alice", subject, ident, Dialect::Native).unwrap();
        [names.host, names.group, names.certificate]
    }

    #[test]
    fn empty_names_are_none_but_in_the_classic_dialect() {
        for (subject, ident) in [(Some(""), None), (Some("@"), None), (None, Some("")), (Some(""), Some(""))]
        {
            assert_eq!(names(subject, ident), ["alice", "alice", "alice"]);
        }
        let classic = |subject, ident| {
            let names = Names::new("alice", subject, ident, Dialect::Classic).unwrap();
            [names.host, names.group, names.certificate]
        };
        assert_eq!(classic(Some(""), None), ["", "alice", ""]);
        assert_eq!(classic(Some("bob@"), None), ["bob", "", "bob@"]);
        assert_eq!(classic(None, Some("")), ["alice", "", "alice@"]);
        assert_eq!(classic(Some("@grp"), None), ["alice", "grp", "alice@grp"]);
    }

    #[test]
    fn hosts_and_groups_come_from_the_options() {
        assert_eq!(names(None, None), ["alice", "alice", "alice"]);
        assert_eq!(names(Some("bob"), None), ["bob", "alice", "bob"]);
        assert_eq!(names(Some("bob@grp"), None), ["bob", "grp", "bob@grp"]);
        assert_eq!(names(Some("@grp"), None), ["alice", "grp", "alice@grp"]);
        assert_eq!(names(None, Some("grp")), ["alice", "grp", "alice@grp"]);
        assert_eq!(names(Some("bob"), Some("grp")), ["bob", "grp", "bob@grp"]);
    }

    #[test]
    fn names_stay_in_their_folder() {
        assert!(Names::new("alice", Some("../etc/x"), None, Dialect::Native).is_err());
        assert!(Names::new("alice", None, Some("a/b"), Dialect::Native).is_err());
        assert!(Names::new("alice", None, Some("a\nb"), Dialect::Native).is_err());
    }

    #[test]
    fn the_header_names_the_file_and_the_date() {
        let now: Timestamp = "2026-11-20T15:42:41Z".parse().unwrap();
        assert_eq!(filestamp(now), 4_004_178_161);
        assert_eq!(
            header("ntpkey_RSAhost_alice.4004178161", now, &TimeZone::UTC),
            "# ntpkey_RSAhost_alice.4004178161\n# Fri Nov 20 15:42:41 2026\n\n"
        );
        let early: Timestamp = "2026-03-05T07:01:02Z".parse().unwrap();
        assert!(header("f", early, &TimeZone::UTC).contains("# Thu Mar  5 07:01:02 2026\n"));
        let late: Timestamp = "2036-02-07T06:28:17Z".parse().unwrap();
        assert_eq!(filestamp(late), 1, "the next era");
    }
}
