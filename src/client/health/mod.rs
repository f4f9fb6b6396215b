//! How well a daemon keeps its clock, for every kind of daemon and protocol.

mod control;
mod failure;
mod local;
mod many;
mod owner;
mod question;
mod remote;

pub use failure::{Cause, Failure, Finding};
pub use local::{find_instead, may_be_instead};
pub use many::{Why, ask_all};
pub use question::{Question, addresses};

use super::choice::DaemonChoice;
use super::diagnosis::{Asked, with_address};
use super::others;
use crate::model::health::{Health, Reader};
use crate::net::host::NTP_PORT;
use crate::wire::chrony;
use control::{Conversation, Manner};
use question::is_this_machine;

/// Queries the health of a daemon.
///
/// # Errors
/// [`Failure`] if no daemon reports its health.
pub fn ask(question: &Question) -> Result<Health, Failure> {
    let limit = question.timeout;
    match &question.daemon {
        DaemonChoice::Ntpd => ask_ntpd(question),
        // On a port given by the user, nothing but mode 6 is tried.
        DaemonChoice::Auto if question.reader == Reader::Classic || question.has_port() => ask_ntpd(question),
        DaemonChoice::Auto => {
            let addresses = addresses(question, NTP_PORT)?;
            if is_this_machine(&addresses) {
                local::ask(question, &addresses)
            } else {
                remote::ask(question, &addresses)
            }
        }
        choice => {
            if question.host.is_some() && !choice.is_reachable_over_network() {
                return Err(Cause::Elsewhere(choice.clone()).into());
            }
            let addresses = match choice {
                DaemonChoice::Chronyd(None) => addresses(question, chrony::PORT)?,
                _ => Vec::new(),
            };
            others::one(choice, &addresses, limit, true).map(|mut other| other.health()).map_err(|reason| {
                Failure::from(Cause::Nobody).after(vec![Finding::Said(format!("{reason:#}"))])
            })
        }
    }
}

fn ask_ntpd(question: &Question) -> Result<Health, Failure> {
    let addresses = addresses(question, NTP_PORT)?;
    let turn = if is_this_machine(&addresses) { local::TURN } else { remote::TURN };
    // The original says no more than that there is no answer.
    let explains = question.reader == Reader::Strict;
    let manner = Manner { reader: question.reader, turn, limit: question.timeout, probes: explains };
    let mut conversation = Conversation::begin(&addresses, manner);
    if let Some(health) = conversation.wait(question.timeout)? {
        return Ok(health);
    }
    let failure = conversation.failure();
    if !explains {
        return Err(failure);
    }
    let address = addresses.first().copied();
    let host = question.host.as_ref().map_or(String::new(), |host| with_address(host, address) + ": ");
    let explained = conversation.diagnosis().explain(Asked::Control, address, question.detail);
    let findings = match failure.of_ntpd(address.map_or(NTP_PORT, |address| address.port())) {
        Finding::Said(line) => vec![line, explained],
        Finding::Answered(_) => vec![explained],
    };
    Err(failure.after(findings.into_iter().map(|line| Finding::Said(format!("{host}{line}"))).collect()))
}
