//! The part of a look that queries chronyd: the state of its clock, then its sources.

use super::OverChrony;
use crate::session::chrony::{Answer, ChronySession};
use crate::session::{Seed, Session};
use crate::wire::chrony::Request;
use std::net::SocketAddr;
use std::time::Duration;

/// Maximum number of sources to query.
const MAX_SOURCES: u32 = 32;

/// The requests to chronyd, one at a time.
#[derive(Debug)]
pub(super) struct Chronyd {
    pub(super) session: ChronySession,
    /// The address to query.
    pub(super) address: SocketAddr,
    /// When to start at the latest.
    begin: Duration,
    has_begun: bool,
    pub(super) is_over: bool,
}

impl Chronyd {
    pub(super) fn new(address: SocketAddr, seed: Seed, begin: Duration) -> Self {
        let session = ChronySession::new(&[address], seed);
        Self { session, address, begin, has_begun: false, is_over: false }
    }

    /// Starts the next request. The first one starts when its time has come, or at once if nothing else is being asked.
    pub(super) fn advance(&mut self, is_alone: bool, until: Duration, now: Duration, known: &mut OverChrony) {
        if self.is_over {
            return;
        }
        if !self.has_begun {
            if is_alone || self.begin <= now {
                self.has_begun = true;
                self.session.ask(Request::Tracking, until);
            }
            return;
        }
        let sources = self.take_answers(known);
        if !self.session.is_done() {
            return;
        }
        match sources {
            Some(next) => self.session.ask(next, until),
            None => self.is_over = true,
        }
    }

    /// Stores the answers; returns the next request.
    pub(super) fn take_answers(&mut self, known: &mut OverChrony) -> Option<Request> {
        let mut next = None;
        while let Some(outcome) = self.session.poll_event() {
            match outcome {
                Ok(Answer::Tracking(tracking)) => {
                    known.tracking = Some(Ok(tracking));
                    next = Some(Request::SourceCount);
                }
                Ok(Answer::SourceCount(count)) => {
                    known.source_count = Some(count);
                    next = (count > 0).then_some(Request::SourceData(0));
                }
                Ok(Answer::SourceData(source)) => {
                    known.sources.push(source);
                    let number = u32::try_from(known.sources.len()).unwrap_or(u32::MAX);
                    let count = known.source_count.unwrap_or(0).min(MAX_SOURCES);
                    next = (number < count).then_some(Request::SourceData(number));
                }
                Err(failure) if known.tracking.is_none() => known.tracking = Some(Err(failure)),
                Ok(_) | Err(_) => {}
            }
        }
        next
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        if self.is_over {
            None
        } else if self.has_begun {
            self.session.poll_timeout()
        } else {
            Some(self.begin)
        }
    }
}
