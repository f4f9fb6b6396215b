//! Explains in plain words why no time was found and what to do.

use super::action::Action;
use super::args::NtpdateArgs;
use super::servers::Nobody;
use super::verdict::{Inconsistency, Judged, Verdict};
use crate::cli::context::Context;
use crate::client::diagnosis::{
    Asked, Detail, Diagnosis, NO_NAME_SERVER, UNKNOWN_NAME, WRONG_FAMILY, reasons_of_name,
};
use crate::compat::Quirk;
use crate::model::selection::Unfit;
use crate::net::names::{NameError, ResolverError};
use crate::net::presence::{Holders, holders};
use crate::net::sockets::OpenError;
use nix::errno::Errno;
use std::io;
use std::path::Path;

/// The most lines of one explanation.
const MAX_LINES: usize = 3;
/// The most names in one line.
const MAX_NAMES: usize = 3;

/// Prints an explanation if one is requested or somebody is there to read it.
pub fn print(context: &mut Context, args: &NtpdateArgs, explanation: impl FnOnce() -> String) {
    let has_reader = context.terminals.error && !args.syslog && !context.dialect.keeps(Quirk::NO_HINTS);
    if args.explain.is_given() || has_reader {
        context.output.message(explanation());
    }
}

/// Why there is no server to query, one line per reason.
pub fn nobody(nobody: &Nobody, detail: Detail) -> String {
    let error = |error| Some(NameError::Resolver(error));
    let reasons = [
        (&nobody.unanswered, NO_NAME_SERVER, Some(NameError::TimedOut)),
        (&nobody.unknown, UNKNOWN_NAME, error(ResolverError::NO_NAME)),
        (&nobody.wrong_family, WRONG_FAMILY, error(ResolverError::ADDRESS_FAMILY)),
        (&nobody.unroutable, "this machine has no route to it; is the network up (see `ip route')?", None),
    ];
    let line = |(names, reason, error): (&Vec<String>, &str, Option<NameError>)| {
        let first = names.first()?;
        let below = detail.below(|| match error {
            Some(error) => reasons_of_name(&error, first),
            None => Diagnosis::Unreachable(0).reasons(None),
        });
        Some(format!("{}: {reason}{}{below}\n", listed(names), next_step(names, reason)))
    };
    let lines: String = reasons.into_iter().filter_map(line).collect();
    if lines.is_empty() { "No server was named.\n".to_owned() } else { lines }
}

/// The next step for the first of these names, unless it is in the reason.
fn next_step(names: &[String], reason: &str) -> String {
    match names.first() {
        Some(name) if [NO_NAME_SERVER, UNKNOWN_NAME].contains(&reason) => {
            format!(" next: getent ahosts {name}")
        }
        _ => String::new(),
    }
}

/// Why there is no socket.
pub fn no_socket(error: &OpenError, port: u16) -> String {
    match error {
        OpenError::InUse => in_use(&holders(port), port),
        OpenError::Bind(Errno::EACCES | Errno::EPERM) => format!(
            "Port {port} needs root or the capability CAP_NET_BIND_SERVICE; next: use -u to send from another port, or -q to \
             only look.\n"
        ),
        OpenError::Bind(_) => {
            "The kernel refuses the socket; next: use -u to send from another port.\n".to_owned()
        }
        OpenError::NoFamily => {
            "This machine has neither IPv4 nor IPv6, or not the family selected by -4 or -6.\n".to_owned()
        }
    }
}

fn in_use(found: &Holders, port: u16) -> String {
    let processes: Vec<String> =
        found.processes.iter().map(|(number, name)| format!("{name} (process {number})")).collect();
    let holder = match (processes.as_slice(), found.users.as_slice()) {
        ([], []) => "a process that is not visible from here".to_owned(),
        ([], users) => {
            let users: Vec<String> = users.iter().map(ToString::to_string).collect();
            format!("a process of user {} visible to root only", listed(&users))
        }
        (processes, _) => listed(processes),
    };
    format!(
        "Port {port} is held by {holder}. While a time daemon runs, it sets the clock; next: use -q to compare clocks \
         nevertheless.\n"
    )
}

/// Why the kernel did not set the clock.
pub fn not_set(error: &io::Error, action: Action) -> String {
    let text = match (error.raw_os_error().map(Errno::from_raw), action) {
        (Some(Errno::EPERM | Errno::EACCES), _) => {
            "Setting the clock needs root or the capability CAP_SYS_TIME, which containers have only if it was given to \
             them; next: sudo ntpdate SERVER, or -q to only look."
        }
        (Some(Errno::EINVAL), Action::Slew) => {
            "The kernel slews at most about 2145 seconds, which takes 50 days; next: omit -B, so that ntpdate steps."
        }
        _ => "The kernel rejected the new time.",
    };
    format!("{text}\n")
}

/// Why there is no key.
pub fn no_key(path: &Path) -> String {
    format!(
        "The file must have a line with the key's number, type and secret; next: ntpkit keys check {}\n",
        path.display()
    )
}

/// Why an offset beyond `--max-step` was not corrected.
pub fn beyond_limit() -> &'static str {
    "Either this clock or the servers are wrong; next: ntpdate -q OTHER-SERVERS, then set the clock with a larger \
     --max-step.\n"
}

/// Why servers were dropped, and why none is left, if so: up to three explanations, each with its line end.
pub fn dropped(verdict: &Verdict, detail: Detail) -> String {
    if verdict.no_majority {
        return "The servers disagree about the time, and no majority of them agrees: their offsets are listed above.\n\
                Ask more servers, or only those that you trust.\n"
            .to_owned();
    }
    // The next step names the first of several servers.
    let mut reasons: Vec<(Hint, &Judged, Vec<String>)> = Vec::new();
    for (reason, server) in verdict.servers.iter().filter_map(|server| Some((hint(server)?, server))) {
        match reasons.iter_mut().find(|(known, ..)| *known == reason) {
            Some((.., names)) => names.push(server.name()),
            None => reasons.push((reason, server, vec![server.name()])),
        }
    }
    let text = |(hint, server, names): &(Hint, &Judged, Vec<String>)| {
        let reason = match hint {
            Hint::Silence(diagnosis) => diagnosis.explain(Asked::Time, Some(server.asked.address), detail),
            Hint::Words(words) => (*words).to_owned(),
        };
        format!("{}: {reason}\n", listed(names))
    };
    reasons.iter().take(MAX_LINES).map(text).collect()
}

/// The first names of a list, and how many more there are.
fn listed(names: &[String]) -> String {
    let shown = names.get(..MAX_NAMES).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MAX_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Why a server was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hint {
    /// It gave no time.
    Silence(Diagnosis),
    /// Its time is of no use.
    Words(&'static str),
}

fn hint(server: &Judged) -> Option<Hint> {
    let is_silent = server.unfit == Some(Unfit::NoData) && server.inconsistency().is_none();
    if server.asked.wants_to_be_left_alone()
        || is_silent && (server.asked.fault.is_some() || !server.asked.is_nts())
    {
        return Some(Hint::Silence(Diagnosis::of_server(&server.asked)));
    }
    words(server).map(Hint::Words)
}

fn words(server: &Judged) -> Option<&'static str> {
    Some(match (server.unfit?, server.inconsistency()) {
        (Unfit::NoData, Some(Inconsistency::NoReceiveTime)) => {
            "its answers lack the receive timestamp; its software is broken."
        }
        (Unfit::NoData, Some(Inconsistency::SentBeforeReceived)) => {
            "its answers are inconsistent (sent before received); its clock or software is broken."
        }
        (Unfit::NoData, Some(Inconsistency::TooLongThere)) => {
            "its timestamps are further apart than the whole exchange took; its clock or software is broken."
        }
        (Unfit::NoData, None) => {
            "no answer to authenticated requests: a firewall blocks UDP port 123 or packets of this length; see \
             `ntpkit nts --lengths'."
        }
        (Unfit::StrataTooHigh | Unfit::LeapNotInSync, ..) => {
            "it answers but is not synchronised itself (stratum 16): if its daemon has just started, wait about 5 minutes; \
             see `ntpq -p' there."
        }
        (Unfit::TooFarAway, ..) => "its answers take more than 8 seconds; use a nearer server.",
        (Unfit::VeryBroken | Unfit::TooLongWithoutSync, ..) => {
            "its clock has not been updated for a day, or its reference time is in the future; check `ntpq -p' there."
        }
        (Unfit::Untrusted, ..) if server.asked.is_nts() => {
            "no answer is authentic: its NTP server has lost the keys of its key exchange, or something on the path modifies or \
             forges packets; see `ntpkit nts'."
        }
        (Unfit::Untrusted, ..) => {
            "an answer is not authentic: the key's number, type and secret must be the same in both key files, and be \
             listed under `trustedkey' in the server's ntp.conf."
        }
        (Unfit::TooUncertain, ..) => {
            "its root distance (delay and dispersion) is more than 1.5 seconds; check `ntpq -c rv' there."
        }
        (Unfit::ImpossibleTime, ..) => {
            "its time is before this program was built, so it is wrong; its clock battery may be flat."
        }
        (Unfit::Falseticker, ..) => "it disagrees with the majority.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn addresses_do_not_blame_the_name_service() {
        let unroutable = Nobody { unroutable: names(&["192.0.2.1"]), ..Nobody::default() };
        assert_eq!(
            nobody(&unroutable, Detail::Line),
            "192.0.2.1: this machine has no route to it; is the network up (see `ip route')?\n"
        );
        assert_eq!(nobody(&Nobody::default(), Detail::Line), "No server was named.\n");
        let unanswered = Nobody { unanswered: names(&["a", "b", "c", "d", "e"]), ..unroutable };
        let text = nobody(&unanswered, Detail::Line);
        assert!(text.starts_with("a, b, c and 2 more: no name server answered"), "{text}");
        assert_eq!(text.lines().count(), 2);
        let text = nobody(&unanswered, Detail::Reasons);
        assert!(text.contains("resolvectl query a\n") && text.contains("ip route get HOST\n"), "{text}");
    }

    #[test]
    fn the_process_that_holds_the_port_is_named_if_visible() {
        let holders = |processes: &[(u32, &str)], users: &[u32]| Holders {
            processes: processes.iter().map(|(number, name)| (*number, (*name).to_owned())).collect(),
            users: users.to_vec(),
        };
        for (found, who) in [
            (holders(&[(7, "chronyd")], &[102]), "held by chronyd (process 7). While"),
            (holders(&[], &[102]), "held by a process of user 102 visible to root only. While"),
            (holders(&[], &[]), "held by a process that is not visible from here. While"),
        ] {
            let text = in_use(&found, 123);
            assert!(text.contains(who), "{text}");
        }
    }

    #[test]
    fn kernel_and_port_errors_name_the_cure() {
        let not_set = |error: Errno, action| super::not_set(&error.into(), action);
        assert!(not_set(Errno::EPERM, Action::Step).contains("CAP_SYS_TIME"));
        assert!(not_set(Errno::EINVAL, Action::Slew).contains("2145 seconds"));
        assert!(!not_set(Errno::EINVAL, Action::Step).contains("2145"));
        assert!(
            no_socket(&OpenError::Bind(Errno::EACCES), 123).contains("CAP_NET_BIND_SERVICE; next: use -u")
        );
    }
}
