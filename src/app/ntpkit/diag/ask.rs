//! Queries a daemon about itself and its sources, whatever kind of daemon it is.

use super::facts::{Daemon as Known, Measured, Silence, SilenceKind, Source};
use crate::client::associations::number;
use crate::client::candidate::time;
use crate::client::choice::DaemonChoice;
use crate::client::conversation::config;
use crate::client::daemon::{Daemon, QueryError};
use crate::client::diagnosis::{Asked, Diagnosis};
use crate::client::others;
use crate::client::survey::{Extent, survey};
use crate::client::time::ask_once;
use crate::net::host::NTP_PORT;
use crate::net::many::Jobs;
use crate::net::presence::UdpListeners;
use crate::session::control::Failure;
use crate::session::sntp::Server;
use crate::text::visible;
use crate::wire::variables::{Scan, scan};
use std::net::SocketAddr;
use std::time::Duration;

/// The association mode of a client (RFC 5905 figure 10).
const CLIENT: i64 = 3;
/// The most unreachable sources that are asked for the time from here.
const MAX_PROBES: usize = 16;

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

fn read(daemon: &mut Daemon, name: &str) -> Result<Known, QueryError> {
    let found = survey(daemon, Extent::WHOLE)?;
    let scanned = scan(&found.variables);
    let name = scanned.value("version").map_or(name, |version| product(version).unwrap_or(name));
    let sources = found.peers.into_iter().map(|peer| Source { peer, answers: None }).collect();
    let known = system_of(&scanned, found.status);
    Ok(Known { sources, name: name.to_owned(), uptime: found.uptime, ..known })
}

/// The ntpd variant, according to its version.
fn product(version: &[u8]) -> Option<&'static str> {
    version.windows(6).any(|part| part == b"ntpsec").then_some("NTPsec's ntpd")
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
pub fn probe(known: &mut Known, limit: Duration, jobs: Jobs) {
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
    for ((place, _), server) in targets.iter().zip(ask_once(&addresses, limit, jobs)) {
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
pub fn measure(address: SocketAddr, limit: Duration) -> Measured {
    let server = ask_once(&[address], limit, Jobs::Usual).pop();
    let reply = server.as_ref().and_then(|server| server.reply.as_ref());
    let diagnosis = server.as_ref().map_or(Diagnosis::Nothing, Diagnosis::of_server);
    let fault = match reply {
        _ if !matches!(diagnosis, Diagnosis::ServesTimeOnly(_)) => diagnosis.cause(Asked::Time),
        Some(reply) if reply.leap == 3 || reply.stratum == 16 => {
            "it reports that it is not synchronised".to_owned()
        }
        _ => "its timestamps contradict each other".to_owned(),
    };
    let diagnosis = Some(diagnosis);
    let measured = server.as_ref().filter(|server| is_usable(server)).and_then(time);
    match measured.filter(|time| time.delay >= 0.0) {
        Some(time) => Measured {
            address: Some(address),
            offset: Some(time.offset),
            uncertainty: time.delay / 2.0,
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
}
