//! The checks: what each looks at, and what it says about it.

mod clock;
mod daemons;
mod sources;

use super::facts::Facts;
use crate::cli::plugin::State;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How bad it is.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// Why it matters; empty if all is well.
    pub why: &'static str,
    /// The command or the line of configuration that mends it; empty if there is none.
    pub mend: String,
}

impl Verdict {
    /// All is well.
    fn ok(seen: impl Into<String>) -> Self {
        Self { state: State::Ok, seen: seen.into(), why: "", mend: String::new() }
    }

    /// It is not as it should be.
    fn warn(seen: impl Into<String>, why: &'static str, mend: impl Into<String>) -> Self {
        Self { state: State::Warning, seen: seen.into(), why, mend: mend.into() }
    }

    /// It does not work.
    fn fail(seen: impl Into<String>, why: &'static str, mend: impl Into<String>) -> Self {
        Self { state: State::Critical, ..Self::warn(seen, why, mend) }
    }

    /// It cannot be seen.
    fn unknown(seen: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Unknown, ..Self::warn(seen, "", mend) }
    }
}

/// A check.
#[derive(Debug)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What it looks at, when it fails, and what is behind it.
    pub explanation: &'static str,
    /// Judges; nothing where there is nothing to judge.
    pub judge: fn(&Facts) -> Option<Verdict>,
}

/// All checks, in the order of their lines.
pub const CHECKS: &[Check] = &[
    Check {
        name: "daemons",
        explanation: "Exactly one daemon should discipline the clock. Two of them undo each other's corrections, and the clock \
                      swings. A daemon without CAP_SYS_TIME, in a container for example, or chronyd -x, leaves the clock alone. \
                      FAIL if none runs, or if several may set the clock.",
        judge: daemons::running,
    },
    Check {
        name: "port",
        explanation: "ntpd listens on UDP port 123 even as a client, and ends if another process holds it. FAIL if ntpd runs and \
                      another process holds the port; WARN if the port is held by a process that is no time daemon.",
        judge: daemons::port,
    },
    Check {
        name: "answer",
        explanation: "The daemon is asked over mode 6 (RFC 9327), else through the protocol of chronyd, ntpd-rs or \
                      systemd-timesyncd. FAIL if nothing answers, with what is known of the reason.",
        judge: daemons::answer,
    },
    Check {
        name: "synchronized",
        explanation: "A daemon follows a source once some of its sources have answered several polls and agree: about five \
                      minutes after its start, some seconds with iburst. FAIL if it follows none, with the reason: no source \
                      answers, the sources disagree, or it is still young.",
        judge: daemons::synchronized,
    },
    Check {
        name: "kernel",
        explanation: "Programs learn from the kernel whether its clock is synchronised (adjtimex). WARN if the daemon is \
                      synchronised and the kernel says that it is not: chronyd without rtcsync, or a daemon that may not set \
                      the clock.",
        judge: clock::kernel,
    },
    Check {
        name: "error-bound",
        explanation: "Half the delay to the root of time, and the dispersion on the way, bound the error of the clock (RFC 5905, \
                      section 11.2). WARN above 0.5 s, FAIL above 1.5 s, where other hosts stop following this one.",
        judge: clock::error_bound,
    },
    Check {
        name: "offset",
        explanation: "The daemon slews small offsets away and steps the clock if one exceeds 0.128 s for some minutes. WARN above \
                      0.128 s: the daemon has just started, the way to the sources is congested, or the clock cannot be set.",
        judge: clock::offset,
    },
    Check {
        name: "frequency",
        explanation: "The daemon corrects the clock's rate by 500 parts per million at the most. WARN above 400, FAIL at the \
                      limit, where the clock runs away: the crystal is bad, the clock source is, or two programs correct it.",
        judge: clock::frequency,
    },
    Check {
        name: "stratum",
        explanation: "The stratum counts the servers between a host and a reference clock. WARN from 10 on, where configurations \
                      put clocks of last resort, and if the local clock itself is followed.",
        judge: clock::stratum,
    },
    Check {
        name: "sources",
        explanation: "RFC 8633, section 3.2: with four sources one that is wrong is outvoted, and one may fail besides. WARN \
                      below four that answer, FAIL if none does.",
        judge: sources::number,
    },
    Check {
        name: "independence",
        explanation: "Sources that are one server under two names, or all follow the same server, are wrong together. WARN if a \
                      source is listed twice, or if all follow the same one.",
        judge: sources::independence,
    },
    Check {
        name: "falsetickers",
        explanation: "A falseticker's time is outside the interval in which the majority of the sources agrees (RFC 5905, section \
                      11.2.1). WARN if there is one: it is wrong, or the way to it is asymmetric.",
        judge: sources::falsetickers,
    },
    Check {
        name: "reach",
        explanation: "The reachability register has a bit for each of the last eight polls. None set: a wrong address, a firewall, \
                      or the server ignores us. High bits alone: it has stopped answering. Gaps at equal distances: it limits \
                      the rate. Other gaps: packets are lost. FAIL if no source answers, WARN for each that does not.",
        judge: sources::reach,
    },
    Check {
        name: "port-123",
        explanation: "Sources that are silent to the daemon are asked for the time from an ephemeral port. FAIL if they answer \
                      it: packets from or to UDP port 123 of this host are dropped on the way, or the daemon has not asked yet.",
        judge: sources::blocked,
    },
    Check {
        name: "tests",
        explanation: "The flash bits say which tests of RFC 5905 a source fails: not synchronised, refused, not authentic, too \
                      far from the root, or following this very host. WARN for each source that answers and fails one.",
        judge: sources::tests,
    },
    Check {
        name: "jitter",
        explanation: "WARN if the jitter of the followed source exceeds 50 ms: the way to it is congested or wireless, and the \
                      offset is not known better than that.",
        judge: sources::jitter,
    },
    Check {
        name: "authentication",
        explanation: "FAIL if a source has a key and its packets are not authentic: number, type and secret of the key must be the \
                      same on both sides, and trusted. Sources without authentication can be forged by anybody on the way: NTS \
                      (RFC 8915) prevents it.",
        judge: sources::authentication,
    },
    Check {
        name: "leap",
        explanation: "WARN if a leap second is announced, if the list of leap seconds is damaged or has expired: daemons then \
                      rely on their sources alone. `ntpkit leap` has the details.",
        judge: clock::leap,
    },
    Check {
        name: "clock-source",
        explanation: "The kernel counts time by a clock source. jiffies and pit are coarse, acpi_pm and hpet are slow to read: the \
                      kernel falls back to them if it holds the processor's counter for unstable, often in virtual machines.",
        judge: clock::clock_source,
    },
    Check {
        name: "hardware-clock",
        explanation: "The hardware clock gives the time at the next boot. WARN if it is more than 60 s off: certificates and logs \
                      are wrong until the daemon has set the clock. Not judged where it keeps local time.",
        judge: clock::hardware,
    },
    Check {
        name: "configuration",
        explanation: "What `ntpkit check-config` finds in this machine's files: FAIL for errors, WARN for the rest.",
        judge: daemons::configuration,
    },
    Check {
        name: "names",
        explanation: "FAIL if no name of the configured sources has an address, WARN if some have none.",
        judge: daemons::names,
    },
    Check {
        name: "time",
        explanation: "The clock of another host is measured by SNTP from this machine. WARN if it differs from this machine's clock \
                      by more than 0.128 s and the uncertainty of the measurement: one of both is wrong, whatever they say.",
        judge: clock::measured,
    },
];

/// Names of sources, the first of them.
fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let first = names.get(..MOST).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MOST) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// A number of things.
fn count(number: usize, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{ending}")
}

#[cfg(test)]
mod tests;
