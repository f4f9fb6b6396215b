//! The daemon of another host.

use super::control::{Conversation, Manner};
use super::failure::{Failure, Finding};
use super::question::{Question, chronyd_addresses};
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::Diagnosis;
use crate::client::others;
use crate::clock::Stopwatch;
use crate::model::health::Health;
use crate::wire::packet::TimePacket;
use std::net::SocketAddr;
use std::time::Duration;

/// How long to wait for a host's first address before also trying the second.
pub(super) const TURN: Duration = Duration::from_millis(250);
/// The fraction of the time after which other protocols are tried.
const SHARE: u32 = 4;

/// Queries in mode 6; if that is not answered, over chronyd's protocol, and for the time alone, to report what is
/// known. Other kinds of daemons report their state only on their own machines.
///
/// # Errors
/// [`Failure`] if nobody reports the state of the clock.
pub fn ask(question: &Question, addresses: &[SocketAddr]) -> Result<Health, Failure> {
    let clock = Stopwatch::start();
    let limit = question.timeout;
    let manner = Manner { reader: question.reader, turn: TURN, limit, probes: true };
    let mut conversation = Conversation::begin(addresses, manner);
    if let Some(health) = conversation.wait(limit / SHARE)? {
        return Ok(health);
    }
    // This request is in flight while chronyd is queried.
    conversation.repeat();
    let left = limit.saturating_sub(clock.elapsed());
    let chronyd = DaemonChoice::Chronyd(None);
    let reason = match others::one(&chronyd, &chronyd_addresses(addresses), left / 2, true) {
        Ok(mut other) => return Ok(other.health()),
        Err(error) => format!("{error:#}"),
    };
    if let Some(health) = conversation.wait(limit)? {
        return Ok(health);
    }
    let failure = conversation.failure();
    let host = question.host.as_deref().unwrap_or_default();
    let time = conversation.time_server().as_ref().map(reported);
    let looked = std::iter::once(reason).chain(time).map(Finding::Said);
    let of_host = |finding| match finding {
        Finding::Said(line) => Finding::Said(format!("{host}: {line}")),
        answered @ Finding::Answered(_) => answered,
    };
    let findings = std::iter::once(failure.of_ntpd()).chain(looked).map(of_host).collect();
    Err(failure.after(findings))
}

/// Describes what a time reply alone reveals.
pub(super) fn reported(packet: &TimePacket) -> String {
    let state = match Diagnosis::of_time(packet) {
        Diagnosis::Kiss(code) => {
            let code = String::from_utf8_lossy(&code).trim_end_matches('\0').to_owned();
            return format!("it refuses this client (kiss-o'-death {code})");
        }
        _ if packet.leap == 3 || packet.stratum == 0 => "reports that it is not synchronised".to_owned(),
        _ => format!("serves time at stratum {}", packet.stratum),
    };
    format!(
        "it {state}, but does not answer queries: ntpd's `restrict ... noquery', or a daemon that can only be queried on its own machine"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::packet::Mode;

    fn packet(leap: u8, stratum: u8, reference_id: [u8; 4]) -> TimePacket {
        TimePacket {
            leap,
            stratum,
            reference_id,
            mode: Mode::SERVER,
            origin_timestamp: 7,
            ..TimePacket::request(0)
        }
    }

    #[test]
    fn a_time_reply_alone_is_described() {
        for (packet, expected) in [
            (packet(0, 2, [192, 0, 2, 1]), "it serves time at stratum 2, but does not answer queries: "),
            (packet(3, 0, *b"INIT"), "it reports that it is not synchronised, but "),
            (packet(3, 0, *b"RATE"), "it refuses this client (kiss-o'-death RATE)"),
        ] {
            assert!(reported(&packet).starts_with(expected), "{}", reported(&packet));
        }
    }
}
