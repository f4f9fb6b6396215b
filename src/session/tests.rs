//! Patience and loss in each request protocol, played in virtual time.

use super::control::{self, ControlSession};
use super::drive::{ConversationError, Hooks, converse};
use super::memory::{MemoryNetwork, Place, Weather};
use super::mode7::{self, Mode7Session};
use super::*;
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::mode7::RequestCode;

const MS: fn(u64) -> Duration = Duration::from_millis;
const SILENCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(10);

/// A mode 6 request, as ntpq sends it.
fn control() -> ControlSession {
    let config = control::Config {
        version: 2,
        first_sequence: 7,
        silence: SILENCE,
        patience: PATIENCE,
        probe: Some(99),
    };
    let mut session = ControlSession::new(config);
    let system = AssociationId::SYSTEM;
    session.submit(control::Request::open(Opcode::READ_VARIABLES, system, Vec::new()));
    session
}

/// A mode 7 request, as ntpdc sends it.
fn mode7() -> Mode7Session {
    let config = mode7::Config { silence: SILENCE, patience: PATIENCE, probe: Some(99) };
    let mut session = Mode7Session::new(config);
    session.submit(mode7::Request {
        code: RequestCode::PEER_LIST,
        items: mode7::Items::default(),
        old_items: None,
        seal: None,
        gives_up_early: false,
    });
    session
}

/// A daemon that answers both protocols, but not time requests.
fn daemon(weather: Weather) -> MemoryNetwork {
    let mut network = MemoryNetwork::new(weather);
    network.answer_with(|_, request, _| {
        let mut reply = request.to_vec();
        match request.first().map(|first| first & 7) {
            Some(6) => {
                reply.truncate(12);
                reply[1] |= 0x80;
            }
            Some(7) => {
                reply.truncate(8);
                reply[0] |= 0x80;
                reply[4] = 4 << 4;
            }
            _ => return Vec::new(),
        }
        vec![reply]
    });
    network
}

/// Plays a conversation; returns its events and how long it took.
fn play<S: Session>(mut network: MemoryNetwork, mut session: S) -> (Vec<S::Event>, Duration) {
    let mut events = Vec::new();
    let mut watch = Hooks {
        event: &mut |_: &mut S, event| events.push(event),
        datagram: &mut |_, _| {},
        turned: &mut |_| {},
        tick: None,
    };
    let ended = converse(&mut network, &mut Place::at(([192, 0, 2, 1], 123)), &mut session, &mut watch);
    assert!(!matches!(ended, Err(ConversationError::Interrupted)));
    assert!(session.is_done());
    (events, drive::Network::now(&network))
}

#[test]
fn a_path_that_loses_a_fifth_each_way_is_not_silent() {
    let mut failures = [0, 0];
    for seed in 0..1000 {
        let weather = Weather { delay: MS(1), loss: 0.2, seed, ..Weather::default() };
        let (outcomes, _) = play(daemon(weather), control());
        failures[0] += outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count();
        let (outcomes, _) = play(daemon(weather), mode7());
        failures[1] += outcomes.iter().filter(|outcome| **outcome == Err(mode7::Failure::TimedOut)).count();
    }
    assert!(failures.iter().all(|failures| *failures <= 1), "{failures:?} of 1000 each");
}

#[test]
fn silence_is_tolerated_for_exactly_the_configured_time() {
    let nobody = || MemoryNetwork::new(Weather::default());
    let (outcomes, took) = play(nobody(), control());
    assert_eq!((outcomes.pop_one().1, took), (Err(control::Failure::TimedOut), SILENCE));
    let (outcomes, took) = play(nobody(), mode7());
    assert_eq!((outcomes.pop_one(), took), (Err(mode7::Failure::TimedOut), SILENCE));
}

/// Takes the only element.
trait PopOne<T> {
    fn pop_one(self) -> T;
}

impl<T> PopOne<T> for Vec<T> {
    fn pop_one(mut self) -> T {
        assert_eq!(self.len(), 1);
        self.pop().unwrap()
    }
}

#[test]
fn giving_up_gives_every_request_an_outcome() {
    let mut session = control();
    session.poll_transmit(MS(0));
    session.submit(control::Request::open(Opcode::READ_CLOCK, AssociationId(1), Vec::new()));
    session.give_up();
    let outcomes: Vec<_> = std::iter::from_fn(|| session.poll_event()).map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, vec![Err(control::Failure::TimedOut); 2]);
    assert!(session.is_done() && session.poll_timeout().is_none());
    let mut session = mode7();
    session.give_up();
    assert_eq!(session.poll_event(), Some(Err(mode7::Failure::TimedOut)));
}
