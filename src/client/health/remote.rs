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

/// How long the second address of a host waits for an answer from the first.
pub(super) const TURN: Duration = Duration::from_millis(250);
/// The share of the time after which a silent daemon is asked otherwise.
const SHARE: u32 = 4;

/// Asks in mode 6; where nobody answers to it, as chronyd is asked, and for the time alone, to report what is known of it.
/// Daemons of other kinds report their state on their own machines only.
///
/// # Errors
/// [`Failure`] when nobody reports how the clock is kept.
pub fn ask(question: &Question, addresses: &[SocketAddr]) -> Result<Health, Failure> {
    let clock = Stopwatch::start();
    let limit = question.timeout;
    let manner = Manner { reader: question.reader, turn: TURN, limit, probes: true };
    let mut conversation = Conversation::begin(addresses, manner);
    if let Some(health) = conversation.wait(limit / SHARE)? {
        return Ok(health);
    }
    // While chronyd is asked, the answer to this is on its way.
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

/// What the time alone tells of a daemon.
fn reported(packet: &TimePacket) -> String {
    let state = match Diagnosis::of_time(packet) {
        Diagnosis::Kiss(code) => {
            let code = String::from_utf8_lossy(&code).trim_end_matches('\0').to_owned();
            return format!("it refuses this client (kiss-o'-death {code})");
        }
        _ if packet.leap == 3 || packet.stratum == 0 => {
            "says of itself that it is not synchronised".to_owned()
        }
        _ => format!("gives the time at stratum {}", packet.stratum),
    };
    format!(
        "it {state}, but tells no more: ntpd's `restrict ... noquery', or a daemon that is to be asked on its own machine"
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
    fn what_the_time_alone_tells() {
        for (packet, expected) in [
            (packet(0, 2, [192, 0, 2, 1]), "it gives the time at stratum 2, but tells no more: "),
            (packet(3, 0, *b"INIT"), "it says of itself that it is not synchronised, but "),
            (packet(3, 0, *b"RATE"), "it refuses this client (kiss-o'-death RATE)"),
        ] {
            assert!(reported(&packet).starts_with(expected), "{}", reported(&packet));
        }
    }
}
