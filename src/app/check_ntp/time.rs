//! `check_ntp_time`: compares this machine's clock with servers.

use super::args::{BAD_RANGE, TimeArgs, thresholds};
use super::judgement::{Judged, best, trusted};
use super::report::{Figure, offset_text};
use super::{Found, left};
use crate::cli::context::Context;
use crate::cli::plugin::{Misuse, State};
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::{Detail, Explanation, explanation_of_name, is_name};
use crate::client::time::run;
use crate::clock::{Stopwatch, monotonic, now};
use crate::compact;
use crate::compat::Quirk;
use crate::net::confine::Tcp;
use crate::net::host::Host;
use crate::net::names::{EveryAddress, NameError, NameService};
use crate::net::seed;
use crate::session::sntp::{Asking, Fault, Server, SntpSession};
use std::net::SocketAddr;
use std::time::Duration;

/// The shortest interval between requests to one server (RFC 5905 section 7.4, and servers' limits).
const POLITE_INTERVAL: Duration = Duration::from_secs(2);
/// Requests sent to a silent server.
const TRIES: u32 = 4;
/// Requests sent by the C program.
const SAMPLES: usize = 4;
/// The most addresses queried.
const MAX_ADDRESSES: usize = 64;

/// Runs the check.
///
/// # Errors
/// The command line is wrong.
pub fn check(args: &TimeArgs, context: &Context, watch: &Stopwatch) -> Result<Found, Misuse> {
    DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, [""; 0]);
    let common = &args.common;
    let dialect = context.dialect;
    let read = |warning, critical, without| thresholds(warning, critical, without, dialect);
    let offset = read(common.warning.as_ref(), common.critical.as_ref(), Some(("60", "120")));
    let stratum = read(common.stratum_warning.as_ref(), common.stratum_critical.as_ref(), None)?;
    let distance = read(common.distance_warning.as_ref(), common.distance_critical.as_ref(), None)?;
    if args.hosts.is_empty() {
        return Err(Misuse("Hostname was not supplied".into()));
    }
    let classic = dialect.keeps(Quirk::BEST_STRATUM_COUNTS);
    if let (Err(misuse), false) = (&offset, classic) {
        return Err(misuse.clone());
    }
    let hosts = match args.hosts.last() {
        Some(last) if classic => std::slice::from_ref(last),
        _ => args.hosts.as_slice(),
    };
    let targets = match resolve(hosts, args, context, watch) {
        Ok(targets) => targets,
        Err(unknown) if classic => {
            return Err(Misuse(format!("Invalid hostname/address - {}", unknown.host)));
        }
        Err(unknown) => return Ok(Found::nothing(State::Unknown, &unknown.explanation())),
    };
    let offset = match offset {
        Err(_) if classic => return Ok(Found::line(State::Unknown, BAD_RANGE)),
        offset => offset?,
    };
    let samples = if dialect.keeps(Quirk::FOUR_AT_ONCE) { SAMPLES } else { 1 };
    let time = now();
    let servers: Vec<Judged> =
        ask(&targets, samples, args, watch).into_iter().map(|server| Judged::new(server, time)).collect();
    let unknown = if common.quiet { State::Unknown } else { State::Critical };
    if !servers.iter().any(Judged::was_heard) {
        if classic {
            return Ok(Found::line(State::Critical, "NTP CRITICAL: No response from NTP server"));
        }
        // Where this machine fails, nothing is known of its clock.
        let is_local = servers.iter().all(|server| matches!(server.asked.fault, Some(Fault::Local(_))));
        let state = if is_local { State::Unknown } else { State::Critical };
        return Ok(Found::nothing(state, &silence(&servers, args)));
    }
    let mut state = State::Ok;
    let details = servers.iter().map(|server| detail(server, args)).collect();
    let (chosen, doubt) = if classic { (best(&servers), None) } else { trusted(&servers) };
    let value = chosen
        .and_then(|server| if classic { server.mean_offset() } else { server.offset() })
        .map(|value| value + f64::from(args.time_offset));
    let words = offset_text(value);
    state = state.or_worse(if value.is_none() { unknown } else { offset.judge(value.map(f64::abs)) });
    let figure = Figure { name: "offset", value, decimals: 6, unit: "s", thresholds: offset, bounds: "" };
    if classic {
        let data = if value.is_some() { figure.c_perf_value(0.0) } else { String::new() };
        return Ok(Found {
            state,
            line: format!("NTP {}: {words}|{data}", state.name()),
            reasons: Vec::new(),
            details,
        });
    }
    let candidate = chosen.map(|server| &server.candidate);
    let mut more = vec![
        Figure {
            name: "stratum",
            value: candidate.map(|candidate| f64::from(candidate.stratum)),
            decimals: 0,
            unit: "",
            thresholds: stratum,
            bounds: "0;16",
        },
        Figure {
            name: "distance",
            value: chosen.map(Judged::root_distance),
            decimals: 6,
            unit: "s",
            thresholds: distance,
            bounds: "0",
        },
    ];
    let mut line = words;
    if let Some(doubt) = doubt {
        line += &format!(", {doubt}");
        state = state.or_worse(State::Warning);
    }
    let mut data = vec![figure.perf_value()];
    for figure in more.drain(..) {
        let judged = figure.thresholds.judge(figure.value);
        if figure.thresholds.are_set() || figure.value.is_some() {
            line += &figure.text(judged);
        }
        state = state.or_worse(judged);
        data.push(figure.perf_value());
    }
    Ok(Found {
        state,
        line: format!("NTP {}: {line}|{}", state.name(), data.join(" ")),
        reasons: Vec::new(),
        details,
    })
}

/// An address, and the numbers of the hosts that led to it.
type Target = (SocketAddr, Vec<usize>);

/// A host without an address, and the reason.
#[derive(Debug)]
struct UnknownHost {
    host: String,
    error: NameError,
    detail: Detail,
}

impl UnknownHost {
    fn explanation(&self) -> Explanation {
        let Self { host, error, detail } = self;
        explanation_of_name(error, host, *detail).after(format_args!("{host}: {error}; "))
    }
}

/// The addresses of all hosts, each with the numbers of the hosts that led to it.
fn resolve(
    hosts: &[String],
    args: &TimeArgs,
    context: &Context,
    watch: &Stopwatch,
) -> Result<Vec<Target>, UnknownHost> {
    let family = args.common.family();
    let names = NameService::new(EveryAddress, left(&args.common, watch) / 2);
    let plain = context.dialect.keeps(Quirk::PLUGIN_PORTS);
    let host_of = |text: &String| {
        let host = text.parse().ok().filter(|_| !plain).unwrap_or_else(|| Host::named(text));
        if host.has_port() { host } else { host.at_port(args.common.port) }
    };
    for host in hosts {
        names.begin_forward(&host_of(host), family);
    }
    let mut targets: Vec<Target> = Vec::new();
    let mut fault = None;
    for (number, text) in hosts.iter().enumerate() {
        match names.forward(&host_of(text), family) {
            Ok(found) => {
                for address in found.addresses {
                    // The addresses of the only name have one vote each.
                    let voter = if hosts.len() == 1 { targets.len() } else { number };
                    let is_full = targets.len() >= MAX_ADDRESSES;
                    match targets.iter_mut().find(|(known, _)| *known == address) {
                        Some((_, voters)) => voters.push(voter),
                        None if !is_full => targets.push((address, vec![voter])),
                        None => {}
                    }
                }
            }
            Err(error) => {
                fault = Some(UnknownHost { host: text.clone(), error, detail: args.common.explain.detail() });
            }
        }
    }
    match fault {
        Some(fault) if targets.is_empty() => Err(fault),
        _ => Ok(targets),
    }
}

/// Queries all of them until each has answered often enough or time runs out.
fn ask(targets: &[Target], samples: usize, args: &TimeArgs, watch: &Stopwatch) -> Vec<Server> {
    let in_turn = samples > 1;
    let limit = left(&args.common, watch);
    let tries = usize::try_from(limit.as_millis() / POLITE_INTERVAL.as_millis()).unwrap_or(usize::MAX);
    let asking = if in_turn {
        Asking::plain(samples, Duration::from_secs(1), Duration::ZERO)
    } else {
        let most = usize::try_from(TRIES).unwrap_or(1);
        Asking::plain(tries.clamp(1, most), POLITE_INTERVAL, POLITE_INTERVAL)
    };
    let addresses: Vec<SocketAddr> = targets.iter().map(|(address, _)| *address).collect();
    let begin = monotonic();
    let session = SntpSession::new(asking, &addresses, seed(), begin);
    let session = session.sharing_votes(targets.iter().map(|(_, voters)| voters.clone()));
    run(session, samples, Some(begin.saturating_add(limit)))
}

/// Why there was no answer.
fn silence(servers: &[Judged], args: &TimeArgs) -> Explanation {
    let has_names = args.hosts.iter().any(|host| is_name(host));
    let why = |server: &Judged| {
        let why = server.reason(args.common.explain.detail())?;
        Some(if has_names { why.after(format_args!("{}: ", server.asked.address.ip())) } else { why })
    };
    let all: Vec<Explanation> = servers.iter().filter_map(why).collect();
    let mut lines: Vec<&str> = all.iter().map(|why| why.line.as_str()).collect();
    compact::sort(&mut lines);
    lines.dedup();
    let mut reasons = Vec::new();
    for reason in all.iter().flat_map(|why| &why.reasons) {
        if !reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    let seconds = args.common.timeout.as_secs_f64();
    let line = format!("{} gave no time within {seconds} s: {}", args.hosts.join(", "), lines.join("; "));
    Explanation { line, reasons }
}

/// A line about a server.
fn detail(server: &Judged, args: &TimeArgs) -> String {
    let value = server.offset().map(|value| value + f64::from(args.time_offset));
    let state = server
        .reason(Detail::Line)
        .map_or_else(|| format!("stratum {}", server.candidate.stratum), |why| why.line);
    format!("{}: {}, {state}", server.asked.address, offset_text(value))
}
