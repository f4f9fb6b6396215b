//! The sources: how many there are, and whether they are reachable, agree, and are independent.

use super::super::facts::{Daemon, Facts, Source};
use super::authentication::is_unusable;
use super::clock::signed;
use super::{Verdict, count, listed};
use crate::config::rules::{IGNORE_DEFAULT, NOTRUST};
use crate::model::{Peer, ReferenceId};
use crate::wire::status::Selection;

/// The recommended number of sources (RFC 8633, section 3.2).
const ENOUGH: usize = 4;
/// The highest jitter of a good path, in milliseconds.
const MAX_JITTER: f64 = 50.0;
/// The longest poll interval, as a power of two seconds (RFC 5905 section 7.2).
const LONGEST_POLL: u32 = 17;
/// The fewest missed polls out of eight that are reported.
const MANY: u32 = 2;

fn sources(facts: &Facts) -> Option<&Daemon> {
    facts.daemon.as_ref().filter(|daemon| !daemon.sources.is_empty())
}

/// How many sources there are.
pub fn number(facts: &Facts) -> Option<Verdict> {
    let daemon = facts.daemon.as_ref()?;
    let all = daemon.real_sources().count();
    let answering = daemon.real_sources().filter(|source| source.reach() != Some(0)).count();
    let seen = format!("{}, {answering} answering", count(all, "source"));
    let mend = "add sources run by different operators until there are four: pool 2.pool.ntp.org iburst";
    Some(match all {
        // The daemon's reference clock is its source.
        0 if daemon.followed().is_some() => return None,
        0 => Verdict::fail("no sources", "nothing disciplines the clock", mend),
        // It never has more than one.
        1 if daemon.name == "systemd-timesyncd" => Verdict::ok(seen),
        1 => Verdict::warn(seen, "there is no way to tell whether it is wrong", mend),
        2 => Verdict::warn(seen, "if they differ, there is no way to tell which is wrong", mend),
        few if few < ENOUGH => {
            Verdict::warn(seen, "if one fails, the others cannot outvote one that is wrong (RFC 8633)", mend)
        }
        _ => Verdict::ok(seen),
    })
}

/// Whether the sources are distinct.
pub fn independence(facts: &Facts) -> Option<Verdict> {
    if let Some((one, other)) = facts.here.as_ref().and_then(|here| here.names.as_ref()?.same.as_ref()) {
        return Some(Verdict::warn(
            format!("{one} and {other} are the same server"),
            "there are fewer sources than the configuration names",
            format!("remove {other} from the configuration"),
        ));
    }
    let daemon = sources(facts)?;
    let address = |source: &Source| source.peer.source_address.as_ref().map(ToString::to_string);
    for (at, source) in daemon.sources.iter().enumerate() {
        let is_same = |other: &&Source| {
            address(other).is_some()
                && address(other) == address(source)
                && other.peer.source_port == source.peer.source_port
        };
        if daemon.sources.iter().take(at).any(|other| is_same(&other)) {
            return Some(Verdict::warn(
                format!("{} is listed twice", source.name()),
                "one server has two votes",
                "remove one of its names from the configuration",
            ));
        }
    }
    let answering: Vec<&Source> = daemon.sources.iter().filter(|source| source.reach() != Some(0)).collect();
    for (at, source) in answering.iter().enumerate() {
        if let Some(other) = answering.iter().take(at).find(|other| is_one_server(&other.peer, &source.peer))
        {
            return Some(Verdict::warn(
                format!("{} and {} are the same server", other.name(), source.name()),
                "one server has two votes",
                format!("remove {} from the configuration", source.name()),
            ));
        }
    }
    let upstream = |source: &&Source| match &source.peer.reference_id {
        Some(ReferenceId::Address(address)) if source.peer.stratum.is_some_and(|stratum| stratum > 1) => {
            Some(address.to_string())
        }
        _ => None,
    };
    let is_source =
        |upstream: &String| answering.iter().any(|source| address(source).as_ref() == Some(upstream));
    let dependent = |source: &&Source| {
        let upstream = upstream(source).filter(is_source)?;
        Some(format!("{} follows {upstream}", source.name()))
    };
    let dependents: Vec<String> = answering.iter().filter_map(dependent).collect();
    if !dependents.is_empty() {
        return Some(Verdict::ok(format!("one source follows another: {}", listed(&dependents))));
    }
    let first = answering.first().and_then(upstream)?;
    if answering.len() > 1 && answering.iter().all(|source| upstream(source).as_ref() == Some(&first)) {
        return Some(Verdict::warn(
            format!("all {} follow {first}", count(answering.len(), "source")),
            "if that server is wrong, all of them are",
            "add sources with a different reference",
        ));
    }
    None
}

/// Whether two sources report the same state of the same clock: no two servers set theirs in the same instant.
fn is_one_server(one: &Peer, other: &Peer) -> bool {
    one.reference_time.is_some_and(|time| time.fraction() != 0)
        && one.reference_time == other.reference_time
        && one.reference_id == other.reference_id
        && one.stratum == other.stratum
}

/// What a kiss-o'-death of this source says (RFC 5905 section 7.4), if it sent one and nothing better since.
fn kiss(source: &Source) -> Option<&'static str> {
    let code = match &source.peer.reference_id {
        Some(ReferenceId::Text(code)) => code.as_slice(),
        _ => &[],
    };
    // ntpd keeps no code: its latest event says so.
    let event = if source.reach() == Some(0) { source.peer.status.event_name() } else { "" };
    match (code, event) {
        (b"RATE", _) | (_, "rate_exceeded") => Some("limits the rate of requests (kiss-o'-death RATE)"),
        (b"DENY" | b"RSTR", _) | (_, "access_denied") => {
            Some("refuses this host (kiss-o'-death DENY or RSTR)")
        }
        _ => None,
    }
}

/// Sources that the majority contradicts.
pub fn falsetickers(facts: &Facts) -> Option<Verdict> {
    let daemon = sources(facts)?;
    let described = |source: &Source| match source.offset() {
        Some(offset) => format!("{} at {}", source.name(), signed(offset)),
        None => source.name(),
    };
    let false_ones: Vec<String> = daemon
        .sources
        .iter()
        .filter(|source| source.selection() == Selection::FalseTicker)
        .map(described)
        .collect();
    if false_ones.is_empty() {
        return daemon.is_synchronized().then(|| Verdict::ok("the sources agree"));
    }
    let against =
        daemon.followed().map_or(String::new(), |source| format!("; {} is followed", described(source)));
    Some(Verdict::warn(
        format!("outside the majority: {}{against}", listed(&false_ones)),
        "such a source is wrong, or the path to it is asymmetric",
        "remove it, or ask its operator",
    ))
}

/// What the reachability register of a source shows.
fn pattern(reach: u8) -> Option<&'static str> {
    let lost = reach.count_zeros();
    let begun = reach.leading_zeros();
    let stopped = reach.trailing_zeros();
    if reach == 0 {
        return Some("has not answered any of the last eight polls");
    }
    // No poll has been missed since the first reply.
    if begun + reach.count_ones() == u8::BITS {
        return None;
    }
    if stopped >= MANY {
        return Some("has stopped answering");
    }
    let since = lost - begun;
    if since < MANY {
        return None;
    }
    let is_regular = (2..=4).any(|period| {
        (0..period).any(|phase| (0..8).filter(|bit| reach >> bit & 1 == 1).all(|bit| bit % period == phase))
    }) && reach.count_ones() > 1;
    Some(if is_regular { "answers only every nth poll: it is rate-limiting" } else { "loses packets" })
}

/// Why the daemon itself refuses what these sources answer, and the cure, if its configuration shows that.
fn refusal(facts: &Facts, silent: &[&Source]) -> Option<(&'static str, &'static str)> {
    let rules = &facts.here.as_ref()?.configuration.as_ref()?.rules;
    let is_keyless = |source: &&Source| !source.peer.status.is_authentication_enabled();
    if rules.contains(NOTRUST.id()) && silent.iter().any(is_keyless) {
        Some((
            "`restrict ... notrust' refuses replies without a key",
            "remove notrust from ntp.conf, or use keys",
        ))
    } else if rules.contains(IGNORE_DEFAULT.id()) {
        Some(("`restrict ... ignore' refuses all replies", "in ntp.conf: noquery in place of ignore"))
    } else {
        None
    }
}

/// Which sources answer, and how regularly.
pub fn reach(facts: &Facts) -> Option<Verdict> {
    let daemon = sources(facts)?;
    let polled: Vec<&Source> = daemon
        .real_sources()
        .filter(|source| !source.sends_unusable_packets() || kiss(source).is_some())
        .filter(|source| !is_unusable(daemon, source))
        .collect();
    let bad: Vec<(&Source, &'static str)> = polled
        .iter()
        .filter_map(|source| Some((*source, kiss(source).or_else(|| pattern(source.reach()?))?)))
        .collect();
    let lines: Vec<String> = bad
        .iter()
        .map(|(source, what)| format!("{} {what} (reach {:03o})", source.name(), source.reach().unwrap_or(0)))
        .collect();
    let silent: Vec<&Source> =
        bad.iter().map(|(source, _)| *source).filter(|source| source.reach() == Some(0)).collect();
    let refusal = refusal(facts, &silent).filter(|_| !silent.is_empty());
    let mend = if let Some((_, mend)) = refusal {
        mend
    } else if bad.iter().any(|(_, what)| what.contains("refuses")) {
        "ask its operator, or use another server"
    } else if bad.iter().any(|(source, _)| kiss(source).is_some()) {
        "remove minpoll, burst and iburst from its line"
    } else if !silent.is_empty() {
        "check the address, and that firewalls pass UDP port 123 both ways: ntpdate -q -u SOURCE --explain"
    } else if bad.iter().any(|(_, what)| what.contains("rate")) {
        "remove minpoll, burst and iburst from its line"
    } else {
        "check the path to it: ntpdate -q -u SOURCE --explain"
    };
    let seen = listed(&lines) + &refusal.map_or(String::new(), |(why, _)| format!("; {why}"));
    Some(match bad.len() {
        0 if polled.is_empty() => return None,
        0 => Verdict::ok("the sources answer all polls"),
        all if silent.len() == all && all == polled.len() => Verdict::fail(seen, "no source answers", mend),
        _ => Verdict::warn(seen, "fewer sources take part in the selection", mend),
    })
}

/// Sources that answer requests from here but not from the daemon.
pub fn blocked(facts: &Facts) -> Option<Verdict> {
    let daemon = sources(facts)?;
    let answering: Vec<&Source> = daemon
        .sources
        .iter()
        .filter(|source| source.answers == Some(true) && !is_unusable(daemon, source))
        .collect();
    if answering.is_empty() {
        return None;
    }
    // That is not the network's doing.
    if refusal(facts, &answering).is_some() {
        return None;
    }
    let young = daemon.uptime.is_some_and(|uptime| uptime.as_secs() < 64);
    if young {
        return None;
    }
    Some(Verdict::fail(
        format!(
            "silent to the daemon, but answering a request from an ephemeral port: {}",
            listed(&answering.iter().map(|source| source.name()).collect::<Vec<_>>())
        ),
        "packets from or to UDP port 123 of this host are dropped on the way",
        "open UDP port 123 in both directions, or let the daemon use another port (chrony.conf: acquisitionport 0)",
    ))
}

/// The results of the RFC 5905 packet tests.
pub fn tests(facts: &Facts) -> Option<Verdict> {
    let daemon = sources(facts)?;
    let failing: Vec<String> = daemon
        .sources
        .iter()
        .filter(|source| source.selection() == Selection::Reject)
        .filter_map(|source| {
            // Without a packet no other test applies.
            let is_silent = source.reach() == Some(0);
            let tested = |name: &&str| !is_silent || name.starts_with("pkt_");
            let mut words: Vec<&str> =
                source.peer.flash?.names().filter(tested).filter_map(in_words).collect();
            words.dedup();
            (!words.is_empty()).then(|| format!("{} {}", source.name(), words.join(" and ")))
        })
        .collect();
    (!failing.is_empty()).then(|| {
        Verdict::warn(
            listed(&failing),
            "a source that fails a test is not followed",
            "ntpq -p and ntpq -c rv on that server show its state",
        )
    })
}

/// Describes a failed test; `None` if another check reports it.
fn in_words(test: &str) -> Option<&'static str> {
    Some(match test {
        "pkt_bogus" => "sends replies to no request",
        "pkt_unsync" | "pkt_stratum" | "peer_stratum" => "is not synchronised itself",
        "pkt_denied" => "refuses access",
        "pkt_auth" | "pkt_autokey" | "pkt_crypto" => "is not authentic",
        "pkt_header" => "sends invalid packets",
        "peer_dist" => "is more than 1.5 s from the root of time",
        "peer_loop" => "is synchronised to this host",
        _ => return None,
    })
}

/// The jitter of the followed source.
pub fn jitter(facts: &Facts) -> Option<Verdict> {
    let source = facts.daemon.as_ref()?.followed()?;
    let jitter = source.peer.jitter.as_ref()?.value();
    let poll =
        source.peer.host_poll.and_then(|poll| u32::try_from(poll).ok()).filter(|poll| *poll <= LONGEST_POLL);
    let poll = poll.map_or(String::new(), |poll| format!(", polled every {} s", 1_u32 << poll));
    let seen = format!("jitter of {}: {jitter:.3} ms{poll}", source.name());
    Some(if jitter > MAX_JITTER {
        Verdict::warn(
            seen,
            "the offset is no more accurate than that",
            "choose sources that are nearer, or a wired network",
        )
    } else {
        Verdict::ok(seen)
    })
}
