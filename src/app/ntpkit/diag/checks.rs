//! The checks: what each examines, and its verdict.

mod authentication;
mod clock;
mod daemons;
mod sources;

use super::facts::Facts;
use crate::cli::plugin::State;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How serious it is.
    pub state: State,
    /// What was observed.
    pub seen: String,
    /// Why it matters; empty if all is well.
    pub why: &'static str,
    /// The command or configuration line that fixes it; empty if there is none.
    pub mend: String,
}

impl Verdict {
    /// All is well.
    fn ok(seen: impl Into<String>) -> Self {
        Self { state: State::Ok, seen: seen.into(), why: "", mend: String::new() }
    }

    /// Something is not as it should be.
    fn warn(seen: impl Into<String>, why: &'static str, mend: impl Into<String>) -> Self {
        Self { state: State::Warning, seen: seen.into(), why, mend: mend.into() }
    }

    /// Something does not work.
    fn fail(seen: impl Into<String>, why: &'static str, mend: impl Into<String>) -> Self {
        Self { state: State::Critical, ..Self::warn(seen, why, mend) }
    }

    /// It cannot be determined.
    fn unknown(seen: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Unknown, ..Self::warn(seen, "", mend) }
    }
}

/// A check.
#[derive(Debug)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What it examines, when it fails, and what the causes are.
    pub explanation: &'static str,
    /// Returns the verdict; `None` if the check does not apply.
    pub judge: fn(&Facts) -> Option<Verdict>,
}

/// All checks, in output order.
pub const CHECKS: &[Check] = &[
    Check {
        name: "daemons",
        explanation: "Exactly one daemon should discipline the clock. Two of them undo each other's corrections, and the \
                      clock oscillates. A daemon without CAP_SYS_TIME, for example in a container, or chronyd -x does not \
                      set the clock. FAIL if none is running, or if several may set the clock.",
        judge: daemons::running,
    },
    Check {
        name: "port",
        explanation: "ntpd listens on UDP port 123 even as a client, and exits if another process holds it. FAIL if ntpd \
                      is running and another process holds the port; WARN if the port is held by a process that is not a \
                      time daemon.",
        judge: daemons::port,
    },
    Check {
        name: "answer",
        explanation: "The daemon is queried over mode 6 (RFC 9327), else over the protocol of chronyd, ntpd-rs or systemd- \
                      timesyncd. FAIL if there is no answer, with what is known of the reason.",
        judge: daemons::answer,
    },
    Check {
        name: "synchronized",
        explanation: "A daemon follows a source once some of its sources have answered several polls and agree: about five \
                      minutes after its start, or a few seconds with iburst. FAIL if it follows none, with the reason: no \
                      source is reachable, the sources disagree, or it has only just started.",
        judge: daemons::synchronized,
    },
    Check {
        name: "kernel",
        explanation: "Programs ask the kernel whether its clock is synchronised (adjtimex). WARN if the daemon is \
                      synchronised but the kernel reports that it is not: chronyd without rtcsync, or a daemon that may \
                      not set the clock.",
        judge: clock::kernel,
    },
    Check {
        name: "error-bound",
        explanation: "Half the root delay plus the root dispersion bounds the error of the clock (RFC 5905, section 11.2). \
                      WARN above 0.5 s, FAIL above 1.5 s, where other hosts stop following this one.",
        judge: clock::error_bound,
    },
    Check {
        name: "offset",
        explanation: "The daemon slews small offsets and steps the clock if an offset exceeds 0.128 s for several minutes. \
                      WARN above 0.128 s: the daemon has just started, the path to the sources is congested, or the clock \
                      cannot be set.",
        judge: clock::offset,
    },
    Check {
        name: "frequency",
        explanation: "The daemon corrects the clock frequency by at most 500 parts per million. WARN above 400, FAIL at \
                      the limit, where the clock drifts away: the crystal or the clock source is bad, or two programs \
                      correct the clock.",
        judge: clock::frequency,
    },
    Check {
        name: "stratum",
        explanation: "The stratum counts the servers between a host and a reference clock. WARN from 10, the stratum \
                      usually given to clocks of last resort, and if the local clock itself is followed.",
        judge: clock::stratum,
    },
    Check {
        name: "sources",
        explanation: "RFC 8633, section 3.2: with four sources, a wrong one is outvoted even if another one fails. WARN if \
                      fewer than four are reachable, FAIL if none is.",
        judge: sources::number,
    },
    Check {
        name: "independence",
        explanation: "Sources that are one server under two names, or that all follow the same server, are wrong together. \
                      WARN if a source is listed twice or under two names, or if all follow the same server. Sources that \
                      follow other sources are named.",
        judge: sources::independence,
    },
    Check {
        name: "falsetickers",
        explanation: "A falseticker's time is outside the interval on which the majority of the sources agrees (RFC 5905, \
                      section 11.2.1). WARN if there is one: it is wrong, or the path to it is asymmetric.",
        judge: sources::falsetickers,
    },
    Check {
        name: "reach",
        explanation: "The reachability register has one bit for each of the last eight polls. No bit set: a wrong address, \
                      a firewall, or a server that ignores us. Only high bits set: it has stopped answering. Regular gaps: \
                      it is rate-limiting. Other gaps: packets are lost. FAIL if no source answers, WARN for each that \
                      does not.",
        judge: sources::reach,
    },
    Check {
        name: "port-123",
        explanation: "Sources that the daemon cannot reach are asked for the time from an ephemeral port. FAIL if they \
                      answer: packets from or to UDP port 123 of this host are dropped on the path, or the daemon has not \
                      polled them yet.",
        judge: sources::blocked,
    },
    Check {
        name: "tests",
        explanation: "The flash bits show which RFC 5905 tests a source fails: not synchronised, access denied, not \
                      authentic, too far from the root, or synchronised to this host. WARN for each source that is \
                      reachable but fails a test.",
        judge: sources::tests,
    },
    Check {
        name: "jitter",
        explanation: "WARN if the jitter of the followed source exceeds 50 ms: the path to it is congested or wireless, \
                      and the offset is no more accurate than that. The poll interval grows from 64 s to 1024 s while the \
                      clock is stable.",
        judge: sources::jitter,
    },
    Check {
        name: "authentication",
        explanation: "FAIL if a source has a key and its packets are not authentic: number, type and secret of the key \
                      must be the same on both sides, and the key must be trusted. FAIL if a source has no NTS cookies \
                      (RFC 8915) because the key exchange fails; WARN if the server rejects them (NTS NAK). chronyd \
                      reports this only through its Unix socket, to root; otherwise nothing is said about it. Anybody on \
                      the path can forge packets of a source without authentication; NTS prevents this.",
        judge: authentication::sources,
    },
    Check {
        name: "leap",
        explanation: "WARN if a leap second is announced, or if the leap-seconds list is damaged or has expired: daemons \
                      then learn of leap seconds only from their sources. `ntpkit leap` shows the details.",
        judge: clock::leap,
    },
    Check {
        name: "clock-source",
        explanation: "The kernel measures time with a clock source. jiffies and pit are coarse, acpi_pm and hpet are slow \
                      to read: the kernel falls back to them if it considers the CPU's counter unstable, often in virtual \
                      machines.",
        judge: clock::clock_source,
    },
    Check {
        name: "hardware-clock",
        explanation: "The hardware clock provides the time at the next boot. WARN if it is more than 60 s off: certificate \
                      checks and log times are wrong until the daemon has set the clock. Not checked if it runs on local \
                      time.",
        judge: clock::hardware,
    },
    Check {
        name: "configuration",
        explanation: "The findings of `ntpkit check-config` in this machine's files: FAIL for errors, WARN for the rest.",
        judge: daemons::configuration,
    },
    Check {
        name: "names",
        explanation: "FAIL if none of the configured source names resolves to an address, WARN if some do not.",
        judge: daemons::names,
    },
    Check {
        name: "time",
        explanation: "The clock of another host is measured by SNTP from this machine. WARN if it differs from this \
                      machine's clock by more than 0.128 s plus the uncertainty of the measurement: one of the two is \
                      wrong, whatever they report.",
        judge: clock::measured,
    },
];

/// Names of sources; a long list is shortened.
fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let first = names.get(..MOST).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MOST) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// A number with a noun.
fn count(number: usize, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{ending}")
}

#[cfg(test)]
mod tests;
