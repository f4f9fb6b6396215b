//! Outcome of a run -> exit status.

use crate::cli::output::Output;
use crate::compat::{Dialect, Quirk};

/// How a run of commands ended.
#[derive(Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// All commands ran.
    Ran {
        /// Whether a host could not be opened, a query failed, or a command was unknown or misused.
        failed: bool,
    },
    /// The command line was wrong.
    Usage,
    /// The point where the classic program aborts.
    Aborted,
    /// Interrupted; the results so far have been printed.
    Interrupted,
}

/// The exit status a shell reports for SIGINT (128 + 2).
pub const INTERRUPTED: u8 = 130;

/// What went wrong -> exit status, for a family of programs. In each, 0 is success; what a program says when the answer
/// is no is its own matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statuses {
    /// What was asked for could not be done.
    pub failed: u8,
    /// The command line was wrong.
    pub usage: u8,
    /// Results could not be written.
    pub unwritten: u8,
}

/// Those of `ntpq` and `ntpdc`.
pub const SHELL: Statuses = Statuses { failed: 1, usage: 1, unwritten: 1 };
/// Those of `ntpdate` and `ntpdate-debian`.
pub const NTPDATE: Statuses = Statuses { failed: 1, usage: 2, unwritten: 1 };
/// Those of `ntpstat`; 1 says that the clock is not synchronised.
pub const NTPSTAT: Statuses = Statuses { failed: 2, usage: 3, unwritten: 2 };
/// Those of `ntp-wait`.
pub const NTP_WAIT: Statuses = Statuses { failed: 1, usage: 2, unwritten: 2 };
/// Those of `ntptime`.
pub const NTPTIME: Statuses = Statuses { failed: 1, usage: 2, unwritten: 1 };
/// Those of `ntptrace`, `ntpsweep`, and the tools of `ntpkit` that are not plugins.
pub const TOOL: Statuses = Statuses { failed: 1, usage: 2, unwritten: 2 };
/// Those of `ntp-keygen`.
pub const KEYGEN: Statuses = Statuses { failed: 255, usage: 1, unwritten: 255 };
/// Those of monitoring plugins: UNKNOWN.
pub const PLUGIN: Statuses = Statuses { failed: 3, usage: 3, unwritten: 3 };

impl RunOutcome {
    /// The exit status: 0, or 1 if anything failed. The classic program fails only on wrong usage or when it aborts.
    pub fn status(&self, dialect: Dialect) -> u8 {
        match self {
            Self::Ran { failed: true } if !dialect.keeps(Quirk::FAILURES_END_WITH_0) => SHELL.failed,
            Self::Ran { .. } => 0,
            Self::Usage | Self::Aborted => SHELL.usage,
            Self::Interrupted => INTERRUPTED,
        }
    }
}

/// How a run of a command that prints its results at the end was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this exit status.
    Status(u8),
    /// Interrupted; the results so far have been printed.
    Interrupted,
}

impl Ending {
    /// The exit status.
    pub fn status(self) -> u8 {
        match self {
            Self::Status(status) => status,
            Self::Interrupted => INTERRUPTED,
        }
    }
}

/// Writes the file of results, if any, flushes the output, and returns `status`, or `unwritten` if the results could not be written.
///
/// Each program has its own `unwritten` status: it must not be one that means "not synchronised" or "warning".
pub fn conclude(output: &mut Output, name: &str, status: u8, unwritten: u8) -> u8 {
    if let Err((path, error)) = output.write_file(status == 0) {
        let cause = crate::cli::output::reason(&error);
        output.message(format!("{name}: {}: {cause}\n", path.display()));
        drop(output.finish());
        return unwritten;
    }
    match output.finish() {
        Ok(()) => status,
        Err(fault) => {
            output.message(format!("{name}: write error: {}\n", crate::cli::output::reason(&fault)));
            unwritten
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../docs/exit-statuses.md");

    /// The rows of the page about a program: statuses and meaning.
    fn rows(program: &str) -> Vec<(Vec<u8>, &'static str)> {
        let mut names = "";
        let mut rows = Vec::new();
        for line in PAGE.lines() {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, applets, statuses, meaning, _] = cells.as_slice() else { continue };
            names = if applets.is_empty() { names } else { applets };
            if names.split(", ").any(|name| name == program) {
                rows.push((
                    statuses.split(", ").filter_map(|status| status.parse().ok()).collect(),
                    *meaning,
                ));
            }
        }
        rows
    }

    #[test]
    fn the_page_of_statuses_says_the_same() {
        for (program, statuses) in [
            ("ntpq", SHELL),
            ("ntpdc", SHELL),
            ("ntpdate", NTPDATE),
            ("ntpdate-debian", NTPDATE),
            ("ntpstat", NTPSTAT),
            ("ntp-wait", NTP_WAIT),
            ("ntptime", NTPTIME),
            ("ntptrace", TOOL),
            ("ntpsweep", TOOL),
            ("ntpmon", TOOL),
            ("ntpkit ping", TOOL),
            ("ntpkit chrony", TOOL),
            ("ntp-keygen", KEYGEN),
            ("check_ntp_time", PLUGIN),
            ("check_ntp_peer", PLUGIN),
            ("ntpkit fleet", PLUGIN),
            ("ntpkit exposure", PLUGIN),
        ] {
            let rows = rows(program);
            let said = |words: &[&str], status: u8| {
                let mut about =
                    rows.iter().filter(|(_, meaning)| words.iter().any(|word| meaning.contains(word)));
                about.all(|(statuses, _)| statuses.contains(&status))
            };
            assert!(said(&["command line was wrong", "wrong usage"], statuses.usage), "{program}: {rows:?}");
            assert!(said(&["not be written"], statuses.unwritten), "{program}: {rows:?}");
            let known = rows.iter().any(|(listed, _)| listed.contains(&statuses.failed));
            assert!(
                known && rows.iter().any(|(listed, _)| listed.contains(&statuses.usage)),
                "{program}: {rows:?}"
            );
        }
        assert!(rows("ntpfoo").is_empty());
    }
}
