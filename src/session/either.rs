//! A conversation in one of two protocols, for a task that uses one and then the other.

use super::{Departure, Received, Session, Transmit, Unreachable};
use std::ops::ControlFlow;
use std::time::Duration;

/// One of two sessions, or an event of one of them. Nest it for three protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Either<A, B> {
    /// The first.
    One(A),
    /// The second.
    Other(B),
}

impl<A: Session, B: Session> Session for Either<A, B> {
    type Event = Either<A::Event, B::Event>;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        match self {
            Self::One(one) => one.poll_transmit(now),
            Self::Other(other) => other.poll_transmit(now),
        }
    }

    fn handle(&mut self, received: &Received<'_>) {
        match self {
            Self::One(one) => one.handle(received),
            Self::Other(other) => other.handle(received),
        }
    }

    fn handle_departure(&mut self, departure: &Departure<'_>) {
        match self {
            Self::One(one) => one.handle_departure(departure),
            Self::Other(other) => other.handle_departure(departure),
        }
    }

    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        match self {
            Self::One(one) => one.handle_unreachable(notice),
            Self::Other(other) => other.handle_unreachable(notice),
        }
    }

    fn poll_timeout(&self) -> Option<Duration> {
        match self {
            Self::One(one) => one.poll_timeout(),
            Self::Other(other) => other.poll_timeout(),
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        match self {
            Self::One(one) => one.handle_timeout(now),
            Self::Other(other) => other.handle_timeout(now),
        }
    }

    fn poll_event(&mut self) -> Option<Self::Event> {
        match self {
            Self::One(one) => one.poll_event().map(Either::One),
            Self::Other(other) => other.poll_event().map(Either::Other),
        }
    }

    fn is_done(&self) -> bool {
        match self {
            Self::One(one) => one.is_done(),
            Self::Other(other) => other.is_done(),
        }
    }

    fn give_up(&mut self) {
        match self {
            Self::One(one) => one.give_up(),
            Self::Other(other) => other.give_up(),
        }
    }
}
