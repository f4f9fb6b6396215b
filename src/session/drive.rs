//! The loop that runs sessions: any number of them, over any [`Network`].
//!
//! A conversation is a [`Session`] and the network endpoint it uses. [`Driver::turn`] does one round: it sends what is
//! to be sent, waits for the network, and hands what arrived and what timed out to the sessions concerned. Timeouts are
//! kept in a heap, so the cost of a turn depends on the work to do, not on the number of waiting conversations. No
//! conversation can delay the others: each sends and receives a bounded number of datagrams per turn.

mod network;
mod single;
#[cfg(test)]
mod tests;

pub use network::{Incoming, Network, Token, Wake};
pub use single::{ConversationError, Hooks, converse};

use super::{Departure, PathError, Received, Session, Unreachable};
use std::borrow::BorrowMut;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::marker::PhantomData;
use std::time::Duration;

/// Datagrams that one conversation may send per turn before it looks at what came back.
const SENDINGS: usize = 64;
/// Maximum number of waits per turn for what has arrived before something times out; a flood does not delay it forever.
const WAITS: usize = 64;

/// The direction of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From here to the server.
    Sent,
    /// From the server.
    Received,
}

/// Observes a running driver.
pub trait Watch<S: Session> {
    /// An event of a conversation. The session may be given more requests here.
    fn event(&mut self, token: Token, session: &mut S, event: S::Event);

    /// A datagram that was sent or received.
    fn datagram(&mut self, token: Token, direction: Direction, payload: &[u8]) {
        let _ = (token, direction, payload);
    }

    /// Called after each turn of a single conversation ([`converse`]). The session may be given up here.
    fn turned(&mut self, session: &mut S) {
        let _ = session;
    }

    /// The latest time for the next call of [`Watch::turned`]; `None` if there is no need.
    fn next_turn(&self, now: Duration) -> Option<Duration> {
        let _ = now;
        None
    }
}

/// A conversation that has ended.
#[derive(Debug)]
pub struct Ended<S, E> {
    /// Its token.
    pub token: Token,
    /// Its session.
    pub session: S,
    /// Its endpoint.
    pub endpoint: E,
    /// `Ok` if the session finished, otherwise why it could not continue.
    pub result: Result<(), PathError>,
}

/// Runs sessions, each with its own endpoint.
///
/// ```
/// use ntpkit::session::control::{Config, ControlSession, Outcome, Request, RequestId};
/// use ntpkit::session::drive::{Driver, Token, Watch};
/// use ntpkit::session::memory::{MemoryNetwork, Place, Weather};
/// use ntpkit::wire::AssociationId;
/// use ntpkit::wire::control::{Header, Message, Opcode};
/// use std::time::Duration;
///
/// /// Counts the replies.
/// #[derive(Default)]
/// struct Count(usize);
///
/// impl Watch<ControlSession> for Count {
///     fn event(&mut self, _: Token, _: &mut ControlSession, (_, outcome): (RequestId, Outcome)) {
///         self.0 += usize::from(outcome.is_ok());
///     }
/// }
///
/// // Every daemon answers, 20 ms away; one datagram of five is lost.
/// let mut network = MemoryNetwork::new(Weather { delay: Duration::from_millis(10), loss: 0.2, ..Weather::default() });
/// network.answer_with(|_, request, _| {
///     let Ok(message) = Message::parse(request) else { return Vec::new() };
///     vec![Header { response: true, ..message.header }.encode(b"stratum=2")]
/// });
/// let mut driver = Driver::new(network);
/// for host in 1..=200 {
///     let second = Duration::from_secs(1);
///     let config = Config { version: 2, first_sequence: host, silence: second * 5, patience: second * 10, probe: None };
///     let mut session = ControlSession::new(config);
///     session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, Vec::new()));
///     driver.add(session, Place::at(([192, 0, 2, 1], host)));
/// }
/// let mut count = Count::default();
/// while !driver.is_empty() {
///     driver.turn(&mut count, None)?;
///     driver.take_ended();
/// }
/// assert_eq!(count.0, 200);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Driver<S, N: Network, E = <N as Network>::Endpoint> {
    network: N,
    slots: Vec<Slot<S, E>>,
    free: Vec<u32>,
    count: usize,
    timers: BinaryHeap<Reverse<(Duration, Token)>>,
    /// Conversations that may have something to send.
    busy: VecDeque<Token>,
    ready: Vec<Token>,
    ended: Vec<Ended<S, E>>,
    idle: Duration,
    endpoint: PhantomData<N::Endpoint>,
}

#[derive(Debug)]
struct Slot<S, E> {
    generation: u32,
    conversation: Option<Conversation<S, E>>,
}

#[derive(Debug)]
struct Conversation<S, E> {
    session: S,
    endpoint: E,
    /// The earliest timeout in the heap that counts; any others in the heap are stale.
    timer: Option<Duration>,
    is_busy: bool,
    fault: Option<PathError>,
}

impl<S, N, E> Driver<S, N, E>
where
    S: Session,
    N: Network,
    E: BorrowMut<N::Endpoint>,
{
    /// Creates a driver without conversations.
    pub fn new(network: N) -> Self {
        Self {
            network,
            slots: Vec::new(),
            free: Vec::new(),
            count: 0,
            timers: BinaryHeap::new(),
            busy: VecDeque::new(),
            ready: Vec::new(),
            ended: Vec::new(),
            idle: Duration::ZERO,
            endpoint: PhantomData,
        }
    }

    /// The driver's clock.
    pub fn now(&self) -> Duration {
        self.network.now()
    }

    /// How long there was nothing to do, in all.
    pub fn idle(&self) -> Duration {
        self.idle
    }

    /// Returns the network.
    pub fn network(&mut self) -> &mut N {
        &mut self.network
    }

    /// Returns the number of conversations.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are no conversations.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a session, which uses this endpoint from the next turn on.
    pub fn add(&mut self, session: S, mut endpoint: E) -> Token {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, conversation: None });
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let token = Token { place, generation: self.slot(place).map_or(0, |slot| slot.generation) };
        let fault = self.network.attach(token, endpoint.borrow_mut()).err().map(PathError::Open);
        if let Some(slot) = self.slot(place) {
            slot.conversation = Some(Conversation { session, endpoint, timer: None, is_busy: true, fault });
            self.count += 1;
            self.busy.push_back(token);
        }
        token
    }

    /// Returns the session of a running conversation. New requests are sent in the next turn.
    pub fn session(&mut self, token: Token) -> Option<&mut S> {
        self.make_busy(token);
        self.conversation(token).map(|conversation| &mut conversation.session)
    }

    /// Returns the conversations that ended since the last call.
    pub fn take_ended(&mut self) -> Vec<Ended<S, E>> {
        std::mem::take(&mut self.ended)
    }

    /// Ends all conversations as they are.
    pub fn abandon(&mut self) -> Vec<Ended<S, E>> {
        let tokens: Vec<Token> = (0_u32..)
            .zip(&self.slots)
            .filter(|(_, slot)| slot.conversation.is_some())
            .map(|(place, slot)| Token { place, generation: slot.generation })
            .collect();
        for token in tokens {
            self.end(token, Ok(()));
        }
        self.take_ended()
    }

    /// Runs one turn. Waits until `until` at most, and not at all if there is something to do.
    ///
    /// # Errors
    /// Waiting for the network failed.
    pub fn turn(&mut self, watch: &mut dyn Watch<S>, until: Option<Duration>) -> io::Result<Wake> {
        let now = self.network.now();
        for _ in 0..self.busy.len() {
            let Some(token) = self.busy.pop_front() else { break };
            self.speak(token, now, watch);
        }
        if !self.ended.is_empty() {
            // Report ended conversations without delay.
            return Ok(Wake::Turn);
        }
        let until = if self.busy.is_empty() {
            [until, self.next_timer()].into_iter().flatten().min()
        } else {
            Some(Duration::ZERO)
        };
        let wake = self.wait_and_listen(until, watch);
        let now = self.network.now();
        while let Some(&Reverse((due, token))) = self.timers.peek()
            && due <= now
        {
            self.timers.pop();
            if let Some(conversation) = self.conversation(token).filter(|known| known.timer == Some(due)) {
                conversation.timer = None;
                self.make_busy(token);
            }
        }
        // All conversations touched in this turn are busy now.
        for at in 0..self.busy.len() {
            if let Some(&token) = self.busy.get(at) {
                self.wrap_up(token, now, watch);
            }
        }
        wake
    }

    /// Waits until something has arrived, and hands it over. If something is to time out, all that has arrived by then comes
    /// first: on a busy machine, an answer that waits here must not count as missing.
    fn wait_and_listen(&mut self, until: Option<Duration>, watch: &mut dyn Watch<S>) -> io::Result<Wake> {
        let mut ready = std::mem::take(&mut self.ready);
        let begun = self.network.now();
        let mut wake = self.network.wait(until, &mut ready);
        self.idle += self.network.now().saturating_sub(begun);
        for _ in 0..WAITS {
            let is_idle = ready.is_empty();
            for token in ready.drain(..) {
                self.listen(token, watch);
            }
            let now = self.network.now();
            if is_idle || !matches!(wake, Ok(Wake::Turn)) || self.next_timer().is_none_or(|due| due > now) {
                break;
            }
            wake = self.network.wait(Some(Duration::ZERO), &mut ready);
        }
        self.ready = ready;
        wake
    }

    /// Sends what a session has to send.
    fn speak(&mut self, token: Token, now: Duration, watch: &mut dyn Watch<S>) {
        let Some(slot) = self.slots.get_mut(token.place as usize) else { return };
        let Some(conversation) = slot.conversation.as_mut().filter(|_| slot.generation == token.generation)
        else {
            return;
        };
        conversation.is_busy = false;
        let Conversation { session, endpoint, fault, .. } = conversation;
        let mut sendings = 0;
        while fault.is_none() && sendings < SENDINGS {
            let Some(transmit) = session.poll_transmit(now) else { break };
            sendings += 1;
            watch.datagram(token, Direction::Sent, &transmit.payload);
            match self.network.send(token, endpoint.borrow_mut(), &transmit) {
                Ok(None) => {}
                Ok(Some(stamp)) => {
                    session.handle_departure(&Departure { payload: &transmit.payload, stamp });
                }
                Err(error) => {
                    let notice = Unreachable { to: transmit.to, payload: &transmit.payload, error: &error };
                    if session.handle_unreachable(&notice).is_break() {
                        *fault = Some(error);
                    }
                }
            }
        }
        self.report(token, watch);
        if sendings == SENDINGS {
            self.make_busy(token);
        }
        self.close_or_wait(token);
    }

    /// Hands over what has arrived for a session.
    fn listen(&mut self, token: Token, watch: &mut dyn Watch<S>) {
        let Some(slot) = self.slots.get_mut(token.place as usize) else { return };
        let Some(conversation) = slot.conversation.as_mut().filter(|_| slot.generation == token.generation)
        else {
            return;
        };
        let at = self.network.now();
        let Conversation { session, endpoint, fault, .. } = conversation;
        self.network.receive(endpoint.borrow_mut(), &mut |incoming| match incoming {
            _ if fault.is_some() => {}
            Incoming::Datagram { from, payload, stamp } => {
                watch.datagram(token, Direction::Received, payload);
                session.handle(&Received { from, payload, at, stamp });
            }
            Incoming::Departed { payload, stamp } => session.handle_departure(&Departure { payload, stamp }),
            Incoming::Unreachable { to, payload, error } => {
                if session.handle_unreachable(&Unreachable { to, payload, error: &error }).is_break() {
                    *fault = Some(error);
                }
            }
        });
        self.make_busy(token);
    }

    /// Lets a session that was touched give up on what has waited too long, and reports its events.
    fn wrap_up(&mut self, token: Token, now: Duration, watch: &mut dyn Watch<S>) {
        if let Some(conversation) = self.conversation(token)
            && conversation.fault.is_none()
        {
            conversation.session.handle_timeout(now);
        }
        self.report(token, watch);
        self.close_or_wait(token);
    }

    fn report(&mut self, token: Token, watch: &mut dyn Watch<S>) {
        let Some(Conversation { session, .. }) = self.conversation(token) else { return };
        while let Some(event) = session.poll_event() {
            watch.event(token, session, event);
        }
    }

    /// Ends a conversation whose session is done or cannot continue; otherwise sets its timer.
    fn close_or_wait(&mut self, token: Token) {
        let Some(conversation) = self.conversation(token) else { return };
        if let Some(error) = conversation.fault.take() {
            return self.end(token, Err(error));
        }
        if conversation.session.is_done() {
            return self.end(token, Ok(()));
        }
        // A timer that fires too early does no harm: it is set again.
        if let Some(due) = conversation.session.poll_timeout()
            && conversation.timer.is_none_or(|timer| due < timer)
        {
            conversation.timer = Some(due);
            self.timers.push(Reverse((due, token)));
        }
    }

    fn end(&mut self, token: Token, result: Result<(), PathError>) {
        let Some(slot) = self.slot(token.place).filter(|slot| slot.generation == token.generation) else {
            return;
        };
        let Some(Conversation { session, mut endpoint, .. }) = slot.conversation.take() else { return };
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(token.place);
        self.count -= 1;
        self.network.detach(endpoint.borrow_mut());
        self.ended.push(Ended { token, session, endpoint, result });
    }

    /// Returns the next timeout, dropping stale ones.
    fn next_timer(&mut self) -> Option<Duration> {
        while let Some(&Reverse((due, token))) = self.timers.peek() {
            if self.conversation(token).is_some_and(|conversation| conversation.timer == Some(due)) {
                return Some(due);
            }
            self.timers.pop();
        }
        None
    }

    fn make_busy(&mut self, token: Token) {
        if let Some(conversation) = self.conversation(token)
            && !std::mem::replace(&mut conversation.is_busy, true)
        {
            self.busy.push_back(token);
        }
    }

    fn slot(&mut self, place: u32) -> Option<&mut Slot<S, E>> {
        self.slots.get_mut(place as usize)
    }

    fn conversation(&mut self, token: Token) -> Option<&mut Conversation<S, E>> {
        let slot = self.slot(token.place).filter(|slot| slot.generation == token.generation)?;
        slot.conversation.as_mut()
    }
}
