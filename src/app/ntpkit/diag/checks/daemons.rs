//! The daemons, and whether one of them disciplines the clock.

use super::super::facts::{Facts, SilenceKind, Source};
use super::{Verdict, count, listed};
use crate::client::unsynchronized::{Evidence, Reason};
use crate::model::Peer;
use crate::net::presence::Process;

/// The running daemons.
pub fn running(facts: &Facts) -> Option<Verdict> {
    let here = facts.here.as_ref()?;
    let described = |process: &&Process| format!("{} (process {})", full_name(&process.name), process.number);
    let setting: Vec<&Process> =
        here.processes.iter().filter(|process| process.may_set_clock != Some(false)).collect();
    let names = |processes: &[&Process]| listed(&processes.iter().map(described).collect::<Vec<_>>());
    let sure = setting.iter().filter(|process| process.may_set_clock == Some(true)).count();
    Some(match (here.processes.as_slice(), setting.as_slice()) {
        ([], _) => match (&facts.daemon, &facts.silence) {
            (Some(daemon), _) => {
                Verdict::ok(format!("{} replies; its process is not visible from here", daemon.name))
            }
            (None, silence) => Verdict::fail(
                format!(
                    "no time daemon is running, and none replies{}",
                    silence.as_ref().map_or(String::new(), |silence| format!(" ({})", silence.text()))
                ),
                "nothing disciplines the clock",
                "start one, for example: systemctl enable --now chrony",
            ),
        },
        (all, []) => {
            let all: Vec<&Process> = all.iter().collect();
            Verdict::warn(
                format!("{} may not set the clock", names(&all)),
                "nothing disciplines this machine's clock",
                "outside a container, start it with CAP_SYS_TIME (and chronyd without -x)",
            )
        }
        (_, [only]) => Verdict::ok(format!("{} disciplines the clock", described(only))),
        // The processes of ntpd-rs, and helpers of one daemon, count as one.
        (_, [first, rest @ ..])
            if rest.iter().all(|process| process.name == first.name && first.name != "ntpd") =>
        {
            Verdict::ok(format!("{} disciplines the clock", described(first)))
        }
        (_, several) if sure > 1 => Verdict::fail(
            format!("{} may set the clock: {}", count(several.len(), "daemon"), names(several)),
            "they undo each other's corrections",
            stop_all_but_one(several),
        ),
        (_, several) => Verdict::unknown(
            format!(
                "{} running, and it is not visible whether they may set the clock: {}",
                several.len(),
                names(several)
            ),
            "run this as root",
        ),
    })
}

fn full_name(process: &str) -> &str {
    if process == "systemd-timesyn" { "systemd-timesyncd" } else { process }
}

/// The command that stops all but the first.
fn stop_all_but_one(processes: &[&Process]) -> String {
    let unit = |process: &&Process| match process.name.as_str() {
        "chronyd" => "chrony",
        "ntp-daemon" => "ntpd-rs",
        "systemd-timesyn" => "systemd-timesyncd",
        "ntpd" => "ntp",
        _ => "SERVICE",
    };
    let last = processes.last().map_or("SERVICE", unit);
    format!("keep only one; to stop the last: systemctl disable --now {last}")
}

/// The process that holds port 123.
pub fn port(facts: &Facts) -> Option<Verdict> {
    let here = facts.here.as_ref()?;
    let is_daemon = |name: &str| here.processes.iter().any(|process| process.name == name);
    let foreign = here.holders.processes.iter().find(|(_, name)| !is_daemon(name));
    let ntpd = here.processes.iter().find(|process| process.name == "ntpd");
    let holds = |number: u32| here.holders.processes.iter().any(|(holder, _)| *holder == number);
    match (foreign, ntpd) {
        (Some((number, name)), Some(ntpd)) if !holds(ntpd.number) => Some(Verdict::fail(
            format!(
                "UDP port 123 is held by {name} (process {number}), not by ntpd (process {})",
                ntpd.number
            ),
            "ntpd receives no replies",
            format!("stop {name}, then restart ntpd"),
        )),
        (Some((number, name)), _) => Some(Verdict::warn(
            format!("UDP port 123 is held by {name} (process {number}), which is not a known time daemon"),
            "a daemon that is started now cannot open the port",
            format!("stop {name} unless it serves time"),
        )),
        (None, Some(ntpd)) if holds(ntpd.number) => {
            Some(Verdict::ok(format!("UDP port 123 is held by ntpd (process {})", ntpd.number)))
        }
        _ => None,
    }
}

/// Whether the daemon replied.
pub fn answer(facts: &Facts) -> Option<Verdict> {
    if let Some(daemon) = &facts.daemon {
        return Some(Verdict::ok(format!("{} answers", daemon.name)));
    }
    let silence = facts.silence.as_ref()?;
    let why = "nothing is known about its sources";
    let seen = silence.text();
    let next = |otherwise: &str| silence.next.clone().unwrap_or_else(|| otherwise.to_owned());
    Some(match (silence.kind, &facts.here) {
        // The check `daemons` reports that.
        (_, Some(here)) if here.processes.is_empty() => return None,
        (SilenceKind::ServesTime, None) => Verdict::warn(seen, why, next("ntpkit diag on that host")),
        (SilenceKind::ServesTime, Some(_)) => Verdict::fail(
            seen,
            why,
            "in ntp.conf: restrict 127.0.0.1 and restrict ::1; for chronyd run this as root",
        ),
        (SilenceKind::Refuses, _) => Verdict::warn(seen, why, next("ask less often, or ask its operator")),
        (SilenceKind::NoAddress, _) => Verdict::fail(seen, "", next("check the name")),
        (SilenceKind::Nothing, Some(_)) => Verdict::fail(
            seen,
            why,
            "restart the daemon; its log says what is wrong: journalctl -u ntp -u chrony",
        ),
        (SilenceKind::Nothing, None) => {
            Verdict::fail(seen, why, next("check the host, the route and UDP port 123"))
        }
    })
}

/// Whether the daemon is synchronised, and if not, why.
pub fn synchronized(facts: &Facts) -> Option<Verdict> {
    let daemon = facts.daemon.as_ref()?;
    if daemon.is_synchronized() {
        let followed = daemon.followed().map(Source::name);
        let source = followed.or_else(|| daemon.reference.clone()).unwrap_or_else(|| "a source".into());
        let stratum = daemon.stratum.map_or(String::new(), |stratum| format!(", stratum {stratum}"));
        return Some(Verdict::ok(format!("synchronised to {source}{stratum}")));
    }
    let why = "clients do not follow it, and its clock drifts";
    let sources: Vec<&Peer> = daemon.sources.iter().map(|source| &source.peer).collect();
    let reason = Reason::of(&Evidence { daemon: &daemon.name, uptime: daemon.uptime, sources: &sources });
    Some(Verdict::fail(format!("not synchronised: {}", reason.words()), why, reason.next_step()))
}

/// The findings in the configuration.
pub fn configuration(facts: &Facts) -> Option<Verdict> {
    let summary = facts.here.as_ref()?.configuration.as_ref()?;
    let files = summary.files.join(", ");
    let numbers = [(summary.errors, "error"), (summary.warnings, "warning")];
    let numbers: Vec<String> =
        numbers.iter().filter(|(number, _)| *number > 0).map(|(number, what)| count(*number, what)).collect();
    let seen = format!("{files}: {}, first {}", numbers.join(" and "), summary.first);
    Some(match (summary.errors, summary.warnings) {
        (0, 0) => Verdict::ok(format!("{files}: no findings")),
        (0, _) => {
            Verdict::warn(seen, "it does not work as well as it could", "ntpkit check-config lists all")
        }
        _ => Verdict::fail(
            seen,
            "the daemon ignores lines or refuses the file",
            "ntpkit check-config lists all",
        ),
    })
}

/// Whether the sources' names resolve.
pub fn names(facts: &Facts) -> Option<Verdict> {
    let names = facts.here.as_ref()?.names.as_ref()?;
    let failed: Vec<String> = names.failed.iter().map(|(name, reason)| format!("{name}: {reason}")).collect();
    let why = "a source without an address is not polled";
    Some(if failed.is_empty() {
        Verdict::ok(format!("{} of the sources resolved", count(names.asked, "name")))
    } else if failed.len() == names.asked {
        Verdict::fail(listed(&failed), why, "check /etc/resolv.conf and the path to the name servers")
    } else {
        Verdict::warn(listed(&failed), why, "correct or remove these names")
    })
}
