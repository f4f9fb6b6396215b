//! One mode 6 request to a host with several addresses. The next address is tried when the one before refuses, or has
//! been silent for its turn (as RFC 8305 does for connections). The first reply counts.

use super::control::{Acceptance, Config, ControlSession, Failure, Outcome, Request};
use super::{Received, Session, Transmit, Unreachable, copied};
use crate::wire::control::ErrorCode;
use crate::wire::packet::TimePacket;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

/// What to ask, and how.
#[derive(Clone, Debug)]
pub struct Question {
    /// Behaviour of the conversation with one address.
    pub config: Config,
    /// What counts as a reply.
    pub acceptance: Acceptance,
    /// The request.
    pub request: Request,
    /// A fallback for a daemon that does not know all the variables in the request.
    pub otherwise: Option<Request>,
    /// How long to wait for one address before also asking the next.
    pub turn: Duration,
}

/// A running inquiry.
#[derive(Debug)]
pub struct Inquiry {
    question: Question,
    /// Addresses that were asked and may still answer.
    asked: Vec<Asked>,
    rest: VecDeque<SocketAddr>,
    /// When to ask the next remaining address at the latest.
    next_turn: Duration,
    /// Whether an address was given up that had not refused.
    was_silent: bool,
    fault: Option<io::Error>,
    /// The reply to a time request from an address that was given up since.
    time_server: Option<TimePacket>,
}

#[derive(Debug)]
struct Asked {
    address: SocketAddr,
    session: ControlSession,
}

impl Inquiry {
    /// Creates an inquiry that asks these addresses in this order.
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

    /// Resends the request to every address asked so far; with a probe, the time request too.
    pub fn repeat(&mut self) {
        for asked in &mut self.asked {
            asked.session.repeat();
        }
    }

    /// Whether there is, or was, an address that did not refuse.
    pub fn is_silent(&self) -> bool {
        self.was_silent || !self.asked.is_empty()
    }

    /// The error, preferably something other than a refused connection.
    pub fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }

    /// The reply to the time request, if one arrived.
    pub fn time_server(&self) -> Option<TimePacket> {
        self.asked.iter().find_map(|asked| asked.session.silence().time).or(self.time_server)
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
            self.fault = Some(copied(error));
        }
    }

    /// Drops all addresses but this one.
    fn settle(&mut self, at: usize) {
        self.rest.clear();
        self.asked.swap(0, at);
        self.asked.truncate(1);
    }

    /// Returns the next outcome and the index of its address.
    fn outcome(&mut self) -> Option<(usize, Outcome)> {
        let mut sessions = self.asked.iter_mut().enumerate();
        sessions.find_map(|(at, asked)| Some((at, asked.session.poll_event()?.1)))
    }
}

impl Session for Inquiry {
    /// The outcome. There is no event if nobody answered in time.
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
    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        self.note(notice.error.error());
        if notice.is_hint() {
            return ControlFlow::Continue(());
        }
        self.asked.retain(|asked| notice.to.is_some_and(|to| to != asked.address));
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
                    self.time_server = self.time_server.or(silent.session.silence().time);
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
