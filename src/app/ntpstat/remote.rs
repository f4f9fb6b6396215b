//! The daemon of another host.

use super::ask::{Failure, Question, REMOTE_TURN, chronyd_addresses};
use super::control::Conversation;
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::Diagnosis;
use crate::client::others;
use crate::clock::Stopwatch;
use crate::model::health::Health;
use crate::net::inquiry::Inquiry;
use crate::wire::packet::{Mode, TimePacket};
use std::net::SocketAddr;

/// The share of the time after which a silent daemon is asked otherwise.
const SHARE: u32 = 4;

/// Asks in mode 6; where nobody answers to it, as chronyd is asked; and last of all for the time alone, to tell
/// what is known of it. Daemons of other kinds tell their state on their own machines only.
///
/// # Errors
/// [`Failure`] when nobody tells how the clock is kept.
pub fn ask(question: &Question, addresses: &[SocketAddr]) -> Result<Health, Failure> {
    let clock = Stopwatch::start();
    let limit = question.timeout;
    let mut conversation = Conversation::begin(addresses, question.reader, REMOTE_TURN);
    if let Some(health) = conversation.wait(limit / SHARE)? {
        return Ok(health);
    }
    let cookie = rand::random();
    let mut time = Inquiry::send(addresses, &TimePacket::request(cookie).to_bytes());
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
    let left = limit.saturating_sub(clock.elapsed());
    let packet = time.wait(time.elapsed() + left, &mut |datagram| answer(datagram, cookie));
    let host = question.host.as_deref().unwrap_or_default();
    let mut looked = vec![failure.of_ntpd(), reason];
    looked.extend(packet.map(|packet| reported(&packet)));
    Err(failure.after(looked.into_iter().map(|line| format!("{host}: {line}")).collect()))
}

/// The answer to the question for the time.
fn answer(datagram: &[u8], cookie: u64) -> Option<TimePacket> {
    let packet = TimePacket::parse(datagram).ok()?;
    (packet.mode == Mode::SERVER && packet.origin_timestamp == cookie).then_some(packet)
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

    #[test]
    fn only_the_answer_to_our_question_counts() {
        let bytes = packet(0, 2, [0; 4]).to_bytes();
        assert!(answer(&bytes, 7).is_some());
        assert!(answer(&bytes, 8).is_none());
        assert!(answer(&TimePacket::request(7).to_bytes(), 7).is_none());
        assert!(answer(&bytes[..40], 7).is_none());
    }
}
