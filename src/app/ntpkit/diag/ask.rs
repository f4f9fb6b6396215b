//! Queries a daemon about itself and its sources, whatever kind of daemon it is.

use super::facts::{Daemon as Known, Measured, Silence, SilenceKind, Source};
use crate::client::choice::DaemonChoice;
use crate::client::daemon::{Daemon, QueryError};
use crate::client::diagnosis::{Asked, Diagnosis};
use crate::client::others;
use crate::client::time::ask_once;
use crate::model::selection::exchange;
use crate::model::{Association, Peer, ReferenceId};
use crate::net;
use crate::net::host::NTP_PORT;
use crate::net::presence::UdpListeners;
use crate::session::control::{Config, Failure, Reply, Request};
use crate::session::sntp::Server;
use crate::text::visible;
use crate::wire::AssociationId;
use crate::wire::control::{DEFAULT_VERSION, Opcode};
use crate::wire::variables::{Scan, scan};
use std::net::SocketAddr;
use std::time::Duration;

/// The variable for how long ntpd has been running.
const UPTIME: &[u8] = b"ss_uptime";
/// The most sources that are examined.
const MAX_SOURCES: usize = 64;
/// The association mode of a client (RFC 5905 figure 10).
const CLIENT: i64 = 3;
/// The most unreachable sources that are asked for the time from here.
const MAX_PROBES: usize = 16;
/// Reference identifiers of associations that are not sources but templates for them.
const TEMPLATES: [&[u8]; 4] = [b"POOL", b"BCST", b"ACST", b"MCST"];

/// Queries the daemon at these addresses over mode 6; if there is no reply, over the protocols of the other daemons.
/// With `probe`, a silent host is also asked for the time.
///
/// # Errors
/// What is known of the silence.
pub fn daemon(name: &str, addresses: &[SocketAddr], limit: Duration, probe: bool) -> Result<Known, Silence> {
    let is_here = addresses.iter().all(|address| address.ip().is_loopback());
    let has_port = addresses.iter().any(|address| address.port() != NTP_PORT);
    let mut by_control = Daemon::new(name.to_owned(), addresses.to_vec(), config(limit, probe));
    let fault = match read(&mut by_control, "ntpd") {
        Ok(known) => return Ok(known),
        Err(error) => error,
    };
    let diagnosis = by_control.first_diagnosis();
    let mut choices =
        if is_here { others::visible(&UdpListeners::now()) } else { vec![DaemonChoice::Chronyd(None)] };
    if has_port {
        choices.clear();
    }
    let mut reasons = Vec::new();
    for choice in choices {
        let mut other =
            Daemon::new(name.to_owned(), addresses.to_vec(), config(limit, false)).through(choice.clone());
        let called = match &choice {
            DaemonChoice::Timesyncd => "systemd-timesyncd".to_owned(),
            choice => choice.to_string(),
        };
        match read(&mut other, &called) {
            Ok(known) => return Ok(known),
            Err(QueryError::Open(error)) => reasons.push(error.to_string()),
            Err(_) => {}
        }
    }
    let diagnosis = fault.diagnosis().or(diagnosis);
    let is_timeout = fault == QueryError::Failed(Failure::TimedOut);
    let seen = match &fault {
        QueryError::Read(error) | QueryError::Write(error) | QueryError::Open(error) => error.to_string(),
        QueryError::Failed(Failure::Refused(_)) => "the daemon refuses queries".to_owned(),
        _ if is_timeout => "no answer".to_owned(),
        _ => "incomplete reply".to_owned(),
    };
    let silence = Silence {
        seen,
        others: reasons,
        kind: SilenceKind::Nothing,
        next: None,
        is_open: is_timeout || fault.diagnosis().is_some(),
    };
    Err(silence.explained_by(diagnosis, addresses.first().copied()))
}

fn config(limit: Duration, probe: bool) -> Config {
    Config {
        version: DEFAULT_VERSION,
        first_sequence: net::random(),
        silence: limit,
        patience: limit,
        probe: probe.then(net::random),
    }
}

fn read(daemon: &mut Daemon, name: &str) -> Result<Known, QueryError> {
    let system = AssociationId::SYSTEM;
    let requests = [
        Request::open(Opcode::READ_STATUS, system, Vec::new()),
        Request::open(Opcode::READ_VARIABLES, system, Vec::new()),
        Request::open(Opcode::READ_VARIABLES, system, UPTIME.to_vec()),
    ];
    let mut replies = daemon.ask_all(&requests, &mut |_, _| None, &mut |_, _| {}).into_iter();
    let mut next = || replies.next().unwrap_or(Err(QueryError::GivenUp));
    let (list, variables, uptime) = (next()?, next(), next());
    let listed = Association::list(&list.data).map_err(|_| QueryError::GivenUp)?;
    let requests: Vec<Request> = listed
        .iter()
        .take(MAX_SOURCES)
        .map(|known| Request::open(Opcode::READ_VARIABLES, known.id, Vec::new()))
        .collect();
    let replies = if requests.is_empty() {
        Vec::new()
    } else {
        daemon.ask_all(&requests, &mut |_, _| None, &mut |_, _| {})
    };
    let sources =
        listed.iter().zip(replies).map(|(known, reply)| source(known, reply.as_ref().ok())).collect();
    let variables = variables.map(|reply| reply.data).unwrap_or_default();
    let scanned = scan(&variables);
    let name = scanned.value("version").map_or(name, |version| product(version).unwrap_or(name));
    let mut known = Known { sources, name: name.to_owned(), ..system_of(&scanned, list.status) };
    known.sources.retain(|source| !is_template(&source.peer));
    known.uptime = uptime.ok().and_then(|reply| {
        number(&scan(&reply.data), "ss_uptime").and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    });
    Ok(known)
}

/// The ntpd variant, according to its version.
fn product(version: &[u8]) -> Option<&'static str> {
    version.windows(6).any(|part| part == b"ntpsec").then_some("NTPsec's ntpd")
}

fn source(known: &Association, reply: Option<&Reply>) -> Source {
    let peer = match reply {
        Some(reply) => Peer::from_variables(known.id, known.status, &scan(&reply.data)),
        None => Peer { association: known.id, status: known.status, ..Peer::default() },
    };
    Source { peer, answers: None }
}

fn is_template(peer: &Peer) -> bool {
    matches!(&peer.reference_id, Some(ReferenceId::Text(text)) if TEMPLATES.contains(&text.as_slice()))
}

fn number(scanned: &Scan<'_>, name: &str) -> Option<f64> {
    let text = std::str::from_utf8(scanned.value(name)?).ok()?.trim();
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn system_of(scanned: &Scan<'_>, status: u16) -> Known {
    let milliseconds = |name| number(scanned, name).map(|value| value / 1000.0);
    let leap = scanned.value("leap").and_then(|digits| {
        // Two binary digits, or one decimal digit.
        let text = std::str::from_utf8(digits).ok()?.trim();
        if text.len() == 2 { u8::from_str_radix(text, 2).ok() } else { text.parse().ok() }
    });
    Known {
        leap: leap.or_else(|| u8::try_from(status >> 14).ok()),
        stratum: scanned.unsigned("stratum"),
        reference: scanned.value("refid").map(visible),
        root_delay: milliseconds("rootdelay"),
        root_dispersion: milliseconds("rootdisp"),
        offset: milliseconds("offset"),
        frequency: number(scanned, "frequency"),
        ..Known::default()
    }
}

/// Asks the sources that the daemon cannot reach for the time, from an ephemeral port.
pub fn probe(known: &mut Known, limit: Duration) {
    let is_client = |source: &Source| source.peer.host_mode.is_none_or(|mode| mode == CLIENT);
    let silent = |source: &Source| {
        source.reach() == Some(0)
            && !source.is_clock()
            && !source.sends_unusable_packets()
            && is_client(source)
    };
    let targets: Vec<(usize, SocketAddr)> = known
        .sources
        .iter()
        .enumerate()
        .filter(|(_, source)| silent(source))
        .filter_map(|(place, source)| {
            let address = source.peer.source_address.as_ref()?;
            if address.is_unspecified() || address.is_multicast() {
                return None;
            }
            Some((place, SocketAddr::new(address.ip(), source.peer.source_port.unwrap_or(NTP_PORT))))
        })
        .take(MAX_PROBES)
        .collect();
    let addresses: Vec<SocketAddr> = targets.iter().map(|(_, address)| *address).collect();
    if addresses.is_empty() {
        return;
    }
    for ((place, _), server) in targets.iter().zip(ask_once(&addresses, limit)) {
        if let Some(source) = known.sources.get_mut(*place) {
            source.answers =
                Some(is_usable(&server) && server.exchanges.iter().any(|exchange| exchange.answered));
        }
    }
}

/// Whether a server claims to have the time.
fn is_usable(server: &Server) -> bool {
    server.reply.as_ref().is_some_and(|reply| reply.leap < 3 && reply.stratum < 16)
}

/// Measures the clock of another host.
#[expect(clippy::cast_precision_loss, reason = "seconds to some nanoseconds")]
pub fn measure(address: SocketAddr, limit: Duration) -> Measured {
    const UNIT: f64 = 4_294_967_296.0;
    let server = ask_once(&[address], limit).pop();
    let answered =
        server.as_ref().and_then(|server| server.exchanges.iter().find(|exchange| exchange.answered));
    let found =
        answered.map(|answer| exchange(answer.sent, answer.received, answer.transmitted, answer.arrived));
    let reply = server.as_ref().and_then(|server| server.reply.as_ref());
    let diagnosis = server.as_ref().map_or(Diagnosis::Nothing, Diagnosis::of_server);
    let fault = match reply {
        _ if !matches!(diagnosis, Diagnosis::ServesTimeOnly(_)) => diagnosis.cause(Asked::Time),
        Some(reply) if reply.leap == 3 || reply.stratum == 16 => {
            "it reports that it is not synchronised".to_owned()
        }
        _ => "its time stamps contradict one another".to_owned(),
    };
    let diagnosis = Some(diagnosis);
    let usable = server.as_ref().is_some_and(is_usable);
    match found.filter(|(delay, _)| usable && *delay >= 0) {
        Some((delay, offset)) => Measured {
            address: Some(address),
            offset: Some(offset as f64 / UNIT),
            uncertainty: f64::from(delay) / 65536.0 / 2.0,
            fault: String::new(),
            diagnosis,
        },
        None => Measured { address: Some(address), fault, diagnosis, ..Measured::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_state_is_read_from_its_variables() {
        let data = b"version=\"ntpd ntpsec-1.2.2\", leap=00, stratum=2, rootdelay=20.0, rootdisp=30.0, refid=192.0.2.1, \
                     offset=-1.5, frequency=-12.3";
        let known = system_of(&scan(data), 0xc000);
        assert!(known.is_synchronized() && known.leap == Some(0));
        assert_eq!((known.bound(), known.offset, known.frequency), (Some(0.04), Some(-0.0015), Some(-12.3)));
        let known = system_of(&scan(b"leap=11, stratum=16"), 0);
        assert!(!known.is_synchronized() && known.bound().is_none());
        assert_eq!(system_of(&scan(b""), 0xc016).leap, Some(3));
        assert_eq!(system_of(&scan(b"frequency=nan, leap=1"), 0).leap, Some(1));
        assert_eq!((product(b"ntpd ntpsec-1.2.2"), product(b"ntpd 4.2.8p15")), (Some("NTPsec's ntpd"), None));
    }

    #[test]
    fn templates_are_not_sources() {
        let peer = |text: &[u8]| Peer { reference_id: Some(ReferenceId::parse(text)), ..Peer::default() };
        assert!(is_template(&peer(b"POOL")) && !is_template(&peer(b"GPS")) && !is_template(&Peer::default()));
    }
}
