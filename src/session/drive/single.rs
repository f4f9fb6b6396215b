//! A single conversation: a driver with one session, which the caller keeps.

use super::{Direction, Driver, Ended, Network, Token, Wake, Watch};
use crate::session::{PathError, Session};
use std::time::Duration;
use thiserror::Error;

/// Why a single conversation could not continue.
#[derive(Debug, Error)]
pub enum ConversationError {
    /// Nothing can be sent or received.
    #[error(transparent)]
    Path(#[from] PathError),
    /// An interrupt.
    #[error("interrupted")]
    Interrupted,
}

impl ConversationError {
    /// Returns the system error, unless it is an interrupt.
    pub fn system_error(&self) -> Option<&std::io::Error> {
        match self {
            Self::Path(error) => Some(error.error()),
            Self::Interrupted => None,
        }
    }
}

/// Runs one session until it is done: a driver with a single conversation. Calls [`Watch::turned`] after each turn, and
/// when [`Watch::next_turn`] asks for it.
///
/// # Errors
/// [`ConversationError`]; requests without an outcome stay in the session.
pub fn converse<S: Session, N: Network>(
    network: N,
    endpoint: &mut N::Endpoint,
    session: &mut S,
    watch: &mut dyn Watch<S>,
) -> Result<(), ConversationError> {
    let mut driver = Driver::new(network);
    let mut lent = Lent(watch);
    let token = driver.add(session, endpoint);
    loop {
        let until = lent.0.next_turn(driver.now());
        let wake = driver.turn(&mut lent, until).map_err(PathError::Read)?;
        if let Some(Ended { session, result, .. }) = driver.take_ended().pop() {
            lent.0.turned(session);
            return Ok(result?);
        }
        if wake == Wake::Interrupted {
            return Err(ConversationError::Interrupted);
        }
        if let Some(session) = driver.session(token) {
            lent.0.turned(session);
        }
    }
}

/// Observes a borrowed session.
struct Lent<'a, S: Session>(&'a mut dyn Watch<S>);

#[expect(clippy::mut_mut, reason = "the session of this driver is itself lent")]
impl<S: Session> Watch<&mut S> for Lent<'_, S> {
    fn event(&mut self, token: Token, session: &mut &mut S, event: S::Event) {
        self.0.event(token, session, event);
    }

    fn datagram(&mut self, token: Token, direction: Direction, payload: &[u8]) {
        self.0.datagram(token, direction, payload);
    }
}

/// A [`Watch`] made of closures, for a single conversation.
pub struct Hooks<'a, S: Session> {
    /// Called for each event; the session may be given more requests.
    pub event: &'a mut dyn FnMut(&mut S, S::Event),
    /// Called for each datagram sent or received.
    pub datagram: &'a mut dyn FnMut(Direction, &[u8]),
    /// Called after each turn.
    pub turned: &'a mut dyn FnMut(&mut S),
    /// The longest time between two turns.
    pub tick: Option<Duration>,
}

impl<S: Session> Watch<S> for Hooks<'_, S> {
    fn event(&mut self, _token: Token, session: &mut S, event: S::Event) {
        (self.event)(session, event);
    }

    fn datagram(&mut self, _token: Token, direction: Direction, payload: &[u8]) {
        (self.datagram)(direction, payload);
    }

    fn turned(&mut self, session: &mut S) {
        (self.turned)(session);
    }

    fn next_turn(&self, now: Duration) -> Option<Duration> {
        self.tick.map(|tick| now.saturating_add(tick))
    }
}
