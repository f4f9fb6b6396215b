//! One question over mode 6 to a host of several addresses: the next one is asked when the one before refuses, or after
//! it was silent for its turn (as RFC 8305 does with connections). The first answer counts.

use super::control::{Acceptance, Config, ControlSession, Failure, Outcome, Request};
use super::{Received, Session, Transmit, Unreachable};
use crate::wire::control::ErrorCode;
use crate::wire::packet::TimePacket;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

/// What is asked, and how.
#[derive(Clone, Debug)]
pub struct Question {
    /// How a conversation with one address behaves.
    pub config: Config,
    /// What is taken for a reply.
    pub acceptance: Acceptance,
    /// The question.
    pub request: Request,
    /// What a daemon is asked instead that does not know all variables of the question.
    pub otherwise: Option<Request>,
    /// How long the next address waits for an answer from the one before.
    pub turn: Duration,
}

/// A question under way.
#[derive(Debug)]
pub struct Inquiry {
    question: Question,
    /// Those that were asked and may still answer.
    asked: Vec<Asked>,
    rest: VecDeque<SocketAddr>,
    /// When the next of the rest is asked at the latest.
    next_turn: Duration,
    /// Whether one that did not refuse was given up.
    was_silent: bool,
    fault: Option<io::Error>,
    /// The answer to a time request, of one that was given up since.
    time_server: Option<TimePacket>,
}

#[derive(Debug)]
struct Asked {
    address: SocketAddr,
    session: ControlSession,
}

impl Inquiry {
    /// Asks these addresses, in this order.
    pub fn new(question: Question, addresses: &[SocketAddr]) -> Self {
        Self {
            question,
            asked: Vec::new(),
            rest: addresses.iter().copied().collect(),
            next_turn: Duration::ZERO,
            was_silent: false,
            fault: None,
            time_server: None,
        }
    }

    /// Asks all that were asked once more at once; with a probe, also for the time.
    pub fn repeat(&mut self) {
        for asked in &mut self.asked {
            asked.session.repeat();
        }
    }

    /// Whether somebody is or was there who did not refuse.
    pub fn is_silent(&self) -> bool {
        self.was_silent || !self.asked.is_empty()
    }

    /// What went wrong, where it is worth more than that nobody listens.
    pub fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }

    /// The answer to a probe for a time server, if one came.
    pub fn time_server(&self) -> Option<&TimePacket> {
        self.asked.iter().find_map(|asked| asked.session.time_server()).or(self.time_server.as_ref())
    }

    fn begin(&mut self, address: SocketAddr, now: Duration) {
        let Question { config, acceptance, request, turn, .. } = &self.question;
        let mut session = ControlSession::new(*config).accepting(*acceptance);
        session.submit(request.clone());
        self.asked.push(Asked { address, session });
        self.next_turn = now.saturating_add(*turn);
    }

    fn note(&mut self, error: &io::Error) {
        let is_refusal = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
        if self.fault.as_ref().is_none_or(|known| !is_refusal(known)) {
            let copy = error.raw_os_error().map(io::Error::from_raw_os_error);
            self.fault = Some(copy.unwrap_or_else(|| error.kind().into()));
        }
    }

    /// Goes on with this one alone.
    fn settle(&mut self, at: usize) {
        self.rest.clear();
        self.asked.swap(0, at);
        self.asked.truncate(1);
    }

    /// The next outcome, and whose it is.
    fn outcome(&mut self) -> Option<(usize, Outcome)> {
        let mut sessions = self.asked.iter_mut().enumerate();
        sessions.find_map(|(at, asked)| Some((at, asked.session.poll_event()?.1)))
    }
}

impl Session for Inquiry {
    /// What the question comes to. There is none if nobody answered in time.
    type Event = Outcome;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        if (self.asked.is_empty() || self.next_turn <= now)
            && let Some(next) = self.rest.pop_front()
        {
            self.begin(next, now);
        }
        self.asked.iter_mut().find_map(|Asked { address, session }| {
            session.poll_transmit(now).map(|transmit| Transmit { to: Some(*address), ..transmit })
        })
    }

    fn handle(&mut self, received: &Received<'_>) {
        let is_sender = |asked: &&mut Asked| received.from.is_none_or(|from| from == asked.address);
        if let Some(asked) = self.asked.iter_mut().find(is_sender) {
            asked.session.handle(received);
        }
    }

    /// The other addresses may still answer.
    fn handle_unreachable(&mut self, word: &Unreachable<'_>) -> ControlFlow<()> {
        self.note(word.error.error());
        self.asked.retain(|asked| word.to.is_some_and(|to| to != asked.address));
        ControlFlow::Continue(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let next = match (self.rest.is_empty(), self.asked.is_empty()) {
            (true, _) => None,
            (false, true) => Some(Duration::ZERO),
            (false, false) => Some(self.next_turn),
        };
        self.asked.iter().filter_map(|asked| asked.session.poll_timeout()).chain(next).min()
    }

    fn handle_timeout(&mut self, now: Duration) {
        for asked in &mut self.asked {
            asked.session.handle_timeout(now);
        }
    }

    fn poll_event(&mut self) -> Option<Outcome> {
        loop {
            let (at, outcome) = self.outcome()?;
            match outcome {
                Err(Failure::Refused(ErrorCode::UNKNOWN_VARIABLE)) if self.question.otherwise.is_some() => {
                    self.settle(at);
                    let otherwise = self.question.otherwise.take();
                    for (asked, request) in self.asked.iter_mut().zip(otherwise) {
                        asked.session.submit(request);
                    }
                }
                Err(Failure::TimedOut | Failure::Incomplete) => {
                    self.was_silent = true;
                    let silent = self.asked.remove(at);
                    self.time_server = self.time_server.take().or(silent.session.time_server().copied());
                }
                outcome => {
                    self.settle(at);
                    return Some(outcome);
                }
            }
        }
    }

    fn is_done(&self) -> bool {
        self.rest.is_empty() && self.asked.iter().all(|asked| asked.session.is_done())
    }

    fn give_up(&mut self) {
        self.rest.clear();
        for asked in &mut self.asked {
            asked.session.give_up();
        }
    }
}

#[cfg(test)]
mod tests;
