//! Why there is no time, in plain words, and what to do.

use super::args::NtpdateArgs;
use super::verdict::{Judged, Senseless, Verdict};
use crate::cli::context::Context;
use crate::compat::Quirk;
use crate::model::selection::Unfit;

/// The most lines of one explanation.
const MOST_LINES: usize = 3;

/// Where no name was found.
pub const NO_NAMES: &str = "No server's address could be found: is the network up, and does /etc/resolv.conf name a \
     name server that answers?\nNames may be misspelt; addresses need no name server.\n";

/// Whether explanations are asked for, or there is somebody to read them.
pub fn is_wanted(context: &Context, args: &NtpdateArgs) -> bool {
    args.explain || (context.terminals.error && !args.syslog && !context.dialect.keeps(Quirk::NO_HINTS))
}

/// Up to three lines, each with its end.
pub fn explanation(verdict: &Verdict) -> String {
    if verdict.no_majority {
        return "The servers disagree about the time, and no majority of them agrees: their offsets stand above.\n\
                Ask more servers, or only those that you trust.\n"
            .to_owned();
    }
    let mut lines: Vec<&str> = Vec::new();
    for line in verdict.servers.iter().filter_map(hint) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.iter().take(MOST_LINES).map(|line| format!("{line}\n")).collect()
}

fn hint(server: &Judged) -> Option<&'static str> {
    if server.asked.rate_limited {
        return Some(
            "A server asks to be asked less often (RATE): wait some minutes, and run ntpdate more rarely.",
        );
    }
    if server.asked.refused {
        return Some("A server refuses to serve this machine (DENY): ask its operator, or another server.");
    }
    Some(match server.unfit? {
        Unfit::NoData if server.nonsense().is_some() => match server.nonsense()? {
            Senseless::NoReceiveTime => {
                "A server's answers do not say when the request arrived: its software is broken."
            }
            Senseless::SentBeforeReceived => {
                "A server's answers make no sense (it sends before it receives): its clock or software is broken."
            }
            Senseless::TooLongThere => {
                "A server's time stamps lie further apart than the whole exchange took: its clock or software is broken."
            }
        },
        Unfit::NoData => {
            "No answer from a server: a firewall on the way for UDP port 123, no NTP daemon there, \
             `restrict ignore', `noserve' or `notrust' in its ntp.conf, or it is not synchronised."
        }
        Unfit::StrataTooHigh | Unfit::LeapNotInSync => {
            "A server answers but is not synchronised itself (stratum 16): after the start of its daemon wait \
             about 5 minutes; see `ntpq -p' there."
        }
        Unfit::TooFarAway => "A server's answers take more than 8 seconds: ask a nearer one.",
        Unfit::VeryBroken | Unfit::TooLongWithoutSync => {
            "A server's own clock was not set for a day, or was set in its future: see `ntpq -p' there."
        }
        Unfit::Untrusted => {
            "An answer is not authentic: the key's number, type and secret must be the same in both key files, \
             and be listed under `trustedkey' in the server's ntp.conf."
        }
        Unfit::TooUncertain => {
            "A server's own error may be more than 1.5 seconds (its root delay and dispersion): see `ntpq -c rv' there."
        }
        Unfit::ImpossibleTime => {
            "A server's time lies before this program was written, so it is wrong: its clock may have lost its battery."
        }
        Unfit::Falseticker => "A server disagrees with the majority about the time.",
    })
}
