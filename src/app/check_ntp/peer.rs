//! `check_ntp_peer`: checks how well a daemon keeps its clock, according to the daemon itself.

use super::args::{PeerArgs, thresholds};
use super::report::{Figure, offset_text};
use super::sources::{self, Fault, State as Daemon};
use super::{Found, left};
use crate::cli::context::Context;
use crate::cli::plugin::{Misuse, State, Thresholds};
use crate::client::choice::DaemonChoice;
use crate::clock::Stopwatch;
use crate::compat::Quirk;
use crate::net::confine::Tcp;

/// Runs the check.
///
/// # Errors
/// The command line is wrong.
pub fn check(args: &PeerArgs, context: &Context, watch: &Stopwatch) -> Result<Found, Misuse> {
    DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, &args.host);
    let common = &args.common;
    let classic = context.dialect.keeps(Quirk::MINUS_1_FOR_UNKNOWN);
    let ranges = match Ranges::of(args, context) {
        Err(Misuse(reason)) if classic => return Ok(Found::line(State::Unknown, reason)),
        ranges => ranges?,
    };
    let Some(host) = &args.host else { return Err(Misuse("Hostname was not supplied".into())) };
    let daemon = match sources::ask(host, args, left(common, watch), context) {
        Ok(daemon) => daemon,
        Err(Fault::Name(_)) if classic => return Err(Misuse(format!("Invalid hostname/address - {host}"))),
        Err(Fault::Name(reason)) => return Ok(Found::nothing(State::Unknown, &reason)),
        Err(Fault::Silence(_)) if classic => {
            let seconds = common.timeout.as_secs();
            return Ok(Found::line(
                State::Critical,
                format!("CRITICAL - Socket timeout after {seconds} seconds"),
            ));
        }
        Err(Fault::Refused(_)) if classic => {
            return Ok(Found::line(State::Critical, "NTP CRITICAL: No response from NTP server"));
        }
        Err(Fault::Silence(reason) | Fault::Refused(reason)) => {
            return Ok(Found::nothing(State::Critical, &reason));
        }
    };
    let details = daemon.sources.iter().map(sources::line).collect();
    let line = if classic { as_in_c(args, &ranges, &daemon) } else { judged(args, ranges, &daemon) };
    Ok(Found { details, ..line })
}

/// The ranges of all figures.
struct Ranges {
    offset: Thresholds,
    jitter: Thresholds,
    stratum: Thresholds,
    truechimers: Thresholds,
    reach: Thresholds,
    distance: Thresholds,
}

impl Ranges {
    fn of(args: &PeerArgs, context: &Context) -> Result<Self, Misuse> {
        let common = &args.common;
        let classic = context.dialect.keeps(Quirk::MINUS_1_FOR_UNKNOWN);
        let read = |warning: &Option<String>, critical: &Option<String>, without| {
            thresholds(warning.as_ref(), critical.as_ref(), without, context.dialect)
        };
        // The C program also has ranges for figures that are not requested.
        let without = |ranges| Some(ranges).filter(|_| classic);
        Ok(Self {
            offset: read(&common.warning, &common.critical, Some(("60", "120")))?,
            jitter: read(&args.jitter_warning, &args.jitter_critical, without(("-1:5000", "-1:10000")))?,
            stratum: read(&common.stratum_warning, &common.stratum_critical, without(("-1:16", "-1:16")))?,
            truechimers: read(&args.truechimers_warning, &args.truechimers_critical, without(("0:", "0:")))?,
            reach: read(&args.reach_warning, &args.reach_critical, None)?,
            distance: read(&common.distance_warning, &common.distance_critical, None)?,
        })
    }
}

fn figure<'a>(
    name: &'a str,
    value: Option<f64>,
    (decimals, unit): (usize, &'a str),
    thresholds: Thresholds,
    bounds: &'a str,
) -> Figure<'a> {
    Figure { name, value, decimals, unit, thresholds, bounds }
}

/// The number of good sources.
fn truechimers(daemon: &Daemon) -> f64 {
    let count = daemon.sources.iter().filter(|source| sources::is_good(source)).count();
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The state of the offset as the C program judges it: without a followed source it is a warning.
fn offset_state(args: &PeerArgs, ranges: &Thresholds, daemon: &Daemon) -> State {
    let quiet = args.common.quiet;
    if daemon.offset.is_none() {
        return if quiet { State::Unknown } else { State::Critical };
    }
    let follows = daemon.has_sync_source() && !daemon.is_alarmed;
    let state = match (follows, quiet) {
        (true, _) => State::Ok,
        (false, true) => State::Unknown,
        (false, false) => State::Warning,
    };
    state.or_worse(ranges.judge(daemon.offset.map(f64::abs)))
}

fn remark(daemon: &Daemon) -> &'static str {
    match () {
        () if !daemon.has_sync_source() => "Server not synchronized, ",
        () if daemon.is_alarmed => "Server has the LI_ALARM bit set, ",
        () => "",
    }
}

/// The line of the C program.
fn as_in_c(args: &PeerArgs, ranges: &Ranges, daemon: &Daemon) -> Found {
    let mut state = offset_state(args, &ranges.offset, daemon);
    let suffix = |state| match state {
        State::Warning => " (WARNING)",
        State::Critical => " (CRITICAL)",
        _ => "",
    };
    let mut words = offset_text(daemon.offset);
    if daemon.offset.is_some() {
        words += suffix(state);
    }
    let offset = figure("offset", daemon.offset, (6, "s"), ranges.offset.clone(), "");
    let mut data = vec![offset.c_perf_value(0.0)];
    let wanted = |options: [&Option<String>; 2]| options.iter().any(|option| option.is_some());
    let jitter = daemon.jitter.or(Some(-1.0));
    let stratum = daemon.source_stratum.or(Some(-1.0));
    for (figure, is_wanted) in [
        (
            figure("jitter", jitter, (6, ""), ranges.jitter.clone(), "0.000000"),
            wanted([&args.jitter_warning, &args.jitter_critical]),
        ),
        (
            figure("stratum", stratum, (0, ""), ranges.stratum.clone(), "0;16"),
            wanted([&args.common.stratum_warning, &args.common.stratum_critical]),
        ),
        (
            figure("truechimers", Some(truechimers(daemon)), (0, ""), ranges.truechimers.clone(), "0;"),
            wanted([&args.truechimers_warning, &args.truechimers_critical]),
        ),
    ] {
        if is_wanted {
            let judged = figure.thresholds.judge(figure.value);
            words += &figure.text(judged);
            data.push(figure.c_perf_value(-1.0));
            state = state.or_worse(judged);
        }
    }
    Found::line(state, format!("NTP {}: {}{words}|{}", state.name(), remark(daemon), data.join(" ")))
}

/// The line with all known figures.
fn judged(args: &PeerArgs, ranges: Ranges, daemon: &Daemon) -> Found {
    let is_young = daemon.is_young(args.grace);
    // A figure that a young daemon cannot have yet raises no alert.
    let excused = |state: State| if is_young { State::Ok } else { state };
    let follows = daemon.has_sync_source() && !daemon.is_alarmed;
    let mut state = offset_state(args, &ranges.offset, daemon);
    if !follows {
        state = excused(state);
    }
    let mut words = offset_text(daemon.offset);
    if daemon.offset.is_some() && state != State::Ok {
        words += &format!(" ({})", state.name());
    }
    let mut data = vec![figure("offset", daemon.offset, (6, "s"), ranges.offset, "").perf_value()];
    for (figure, can_be_excused) in [
        (figure("jitter", daemon.jitter, (6, ""), ranges.jitter, "0"), !follows),
        (figure("stratum", daemon.source_stratum, (0, ""), ranges.stratum, "0;16"), !follows),
        (figure("truechimers", Some(truechimers(daemon)), (0, ""), ranges.truechimers, "0"), true),
        (figure("reach", daemon.reach, (0, ""), ranges.reach, "0;8"), true),
        (figure("distance", daemon.root_distance, (6, "s"), ranges.distance, "0"), !follows),
    ] {
        let judged = figure.thresholds.judge(figure.value);
        let judged = if can_be_excused { excused(judged) } else { judged };
        if figure.thresholds.are_set() {
            words += &figure.text(judged);
        }
        data.push(figure.perf_value());
        state = state.or_worse(judged);
    }
    if is_young {
        words += ", the daemon has just started";
    }
    let name = if daemon.name == "ntpd" { String::new() } else { format!(", {}", daemon.name) };
    Found::line(state, format!("NTP {}: {}{words}{name}|{}", state.name(), remark(daemon), data.join(" ")))
}
