//! The daemon of this machine, whatever kind it is.

use super::control::{Conversation, Manner};
use super::failure::{Failure, Finding};
use super::owner::{self, Answer};
use super::question::{Question, chronyd_addresses};
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::Asked;
use crate::client::others::{self, Other};
use crate::clock::Stopwatch;
use crate::model::health::{Health, Reader};
use crate::net::host::NTP_PORT;
use crate::net::presence::UdpListeners;
use std::net::SocketAddr;
use std::time::Duration;

/// How long to wait for this machine's first address before also trying the second.
pub(super) const TURN: Duration = Duration::from_millis(5);
/// How long to wait for a mode 6 daemon before trying other kinds.
const HEAD_START: Duration = Duration::from_millis(50);
/// The same if another daemon seems to own the NTP port. A mode 6 daemon answers faster than this.
const GRACE: Duration = Duration::from_micros(200);

/// Queries this machine's daemon, whatever kind it is.
pub(super) fn ask(question: &Question, addresses: &[SocketAddr]) -> Result<Health, Failure> {
    let clock = Stopwatch::start();
    let limit = question.timeout;
    let mut search = Search::begin(addresses, limit);
    let control = search.control(limit);
    let mut answers: Vec<Answer> = Vec::new();
    let fault = match control {
        Ok(health) => {
            answers.extend(health.map(|health| Answer::Ntpd(Box::new(health))));
            None
        }
        Err(fault) => Some(fault),
    };
    answers.extend(search.answers.drain(..).map(Answer::Other));
    if answers.is_empty() {
        let left = limit.saturating_sub(clock.elapsed());
        answers.extend(search.ask_rest(addresses, left).map(Answer::Other));
    }
    if !answers.is_empty() {
        return owner::choose(answers).map(|mut answer| answer.health());
    }
    let failure = match fault {
        Some(fault) => fault,
        None => match search.conversation.wait(limit)? {
            Some(health) => return Ok(health),
            None => search.conversation.failure(),
        },
    };
    let explained =
        search.conversation.diagnosis().explain(Asked::State, addresses.first().copied(), question.detail);
    let asked: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let explained = format!("{}: {explained}", asked.join(" and "));
    let looked = search.looked.into_iter().chain(others::traces()).chain([explained]).map(Finding::Said);
    let findings = std::iter::once(failure.of_ntpd(NTP_PORT)).chain(looked).collect();
    Err(failure.after(findings))
}

/// Returns a daemon of this machine that has its own protocol, if the one at this address does not answer mode 6 at
/// once.
pub fn find_instead(address: SocketAddr, limit: Duration) -> Option<Other> {
    let mut search = Search::begin(&[address], limit);
    if !matches!(search.control(limit), Ok(None)) {
        return None;
    }
    let mut answers: Vec<Answer> = search.answers.drain(..).map(Answer::Other).collect();
    if answers.is_empty() {
        answers.extend(search.ask_rest(&[address], limit).map(Answer::Other));
    }
    match owner::choose(answers) {
        Ok(Answer::Other(other)) => Some(other),
        _ => None,
    }
}

/// Whether there may be one: there are traces of it, or nothing seems to own the NTP port.
pub fn may_be_instead() -> bool {
    let listeners = UdpListeners::now();
    listeners.user(NTP_PORT).is_none() || !others::visible(&listeners).is_empty()
}

/// Queries to all daemons of which there are traces on this machine.
struct Search {
    conversation: Conversation,
    listeners: UdpListeners,
    asked: Vec<DaemonChoice>,
    answers: Vec<Other>,
    looked: Vec<String>,
}

impl Search {
    fn begin(addresses: &[SocketAddr], limit: Duration) -> Self {
        let conversation = Conversation::begin(
            addresses,
            Manner { reader: Reader::Strict, turn: TURN, limit, probes: true },
        );
        // While the request is in flight.
        let listeners = UdpListeners::now();
        let asked = others::visible(&listeners);
        let (mut answers, mut looked) = (Vec::new(), Vec::new());
        for choice in &asked {
            // None of them may use up all the time.
            match others::one(choice, &chronyd_addresses(addresses), limit / 4, false) {
                Ok(other) => answers.push(other),
                Err(reason) => looked.push(format!("{reason:#}")),
            }
        }
        Self { conversation, listeners, asked, answers, looked }
    }

    /// Returns the first answer from daemons of which there are no traces.
    fn ask_rest(&mut self, addresses: &[SocketAddr], limit: Duration) -> Option<Other> {
        for choice in others::all().filter(|choice| !self.asked.contains(choice)) {
            match others::one(&choice, &chronyd_addresses(addresses), limit / 4, false) {
                Ok(other) => return Some(other),
                Err(reason) => self.looked.push(format!("{reason:#}")),
            }
        }
        None
    }

    /// Returns the mode 6 answer, if it arrives in the usual time.
    fn control(&mut self, limit: Duration) -> Result<Option<Health>, Failure> {
        let holder = self.listeners.user(NTP_PORT);
        let is_theirs = |other: &Other| other.user(&self.listeners) == holder;
        let is_silent = self.answers.iter().any(is_theirs) && !self.listeners.has_loopback(NTP_PORT);
        let patience = if is_silent { GRACE } else { HEAD_START };
        self.conversation.wait(patience.min(limit))
    }
}
