//! The daemon of another host.

use super::control::{Conversation, Manner};
use super::failure::{Failure, Finding};
use super::question::{Question, chronyd_addresses};
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::{Asked, with_address};
use crate::client::others;
use crate::clock::Stopwatch;
use crate::model::health::Health;
use crate::net::host::NTP_PORT;
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
    let host = with_address(question.host.as_deref().unwrap_or_default(), addresses.first().copied());
    let explained =
        conversation.diagnosis().explain(Asked::State, addresses.first().copied(), question.detail);
    let looked = [reason, explained].map(Finding::Said).into_iter();
    let of_host = |finding| match finding {
        Finding::Said(line) => Finding::Said(format!("{host}: {line}")),
        answered @ Finding::Answered(_) => answered,
    };
    let port = addresses.first().map_or(NTP_PORT, SocketAddr::port);
    let findings = std::iter::once(failure.of_ntpd(port)).chain(looked).map(of_host).collect();
    Err(failure.after(findings))
}
