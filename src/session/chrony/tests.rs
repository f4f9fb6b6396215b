//! Conversations with chronyd, played without a socket.

use super::*;
use crate::session::PathError;
use crate::session::drive::{Hooks, converse};
use crate::session::memory::{MemoryNetwork, Place, Weather};
use std::io;

const MS: fn(u64) -> Duration = Duration::from_millis;
const SOURCES: u32 = 5;

fn addresses() -> [SocketAddr; 2] {
    [([127, 0, 0, 1], 323).into(), ([127, 0, 0, 2], 323).into()]
}

fn session() -> ChronySession {
    ChronySession::new(&addresses(), [3; 32])
}

/// Builds chronyd's reply to the request for the number of sources, with this status and this many octets missing.
fn reply(request: &[u8], status: Status, missing: usize) -> Vec<u8> {
    let mut reply = vec![6, 2, 0, 0];
    reply.extend(&request[4..6]);
    // The type of the reply's data, if any.
    reply.extend(if status == Status::SUCCESS { [0, 2] } else { [0, 1] });
    reply.extend(status.0.to_be_bytes());
    reply.extend([0; 6]);
    reply.extend(&request[8..12]);
    reply.extend([0; 8]);
    if status == Status::SUCCESS {
        reply.extend(SOURCES.to_be_bytes());
    }
    reply.truncate(reply.len() - missing);
    reply
}

/// Asks for the number of sources, for ten seconds at most; returns the outcome and how long it took.
fn asked(mut network: MemoryNetwork, session: &mut ChronySession) -> (Result<Answer, Failure>, Duration) {
    session.ask(Request::SourceCount, Duration::from_secs(10));
    let mut outcomes = Vec::new();
    let mut watch = Hooks {
        event: &mut |_: &mut ChronySession, event| outcomes.push(event),
        datagram: &mut |_, _| {},
        turned: &mut |_| {},
        tick: None,
    };
    converse(&mut network, &mut Place::at(addresses()[0]), session, &mut watch).unwrap();
    assert_eq!(outcomes.len(), 1);
    (outcomes.pop().unwrap(), crate::session::drive::Network::now(&network))
}

fn network(answer: impl FnMut(SocketAddr, &[u8], Duration) -> Vec<Vec<u8>> + 'static) -> MemoryNetwork {
    let mut network = MemoryNetwork::new(Weather { delay: MS(5), ..Weather::default() });
    network.answer_with(answer);
    network
}

#[test]
fn the_first_address_to_answer_is_used_from_then_on() {
    let [first, second] = addresses();
    let mut session = session();
    let speaking =
        network(
            move |address, request, _| {
                if address == second { vec![reply(request, Status::SUCCESS, 0)] } else { Vec::new() }
            },
        );
    assert_eq!(asked(speaking, &mut session), (Ok(Answer::SourceCount(SOURCES)), MS(10)));
    session.ask(Request::Tracking, Duration::from_secs(20));
    let next = session.poll_transmit(MS(20)).unwrap();
    assert_eq!((next.to, session.poll_transmit(MS(20))), (Some(second), None));
    // The slower one is neither asked again nor believed.
    let late = reply(&next.payload, Status::UNAUTHORIZED, 0);
    session.handle(&Received { from: Some(first), ..Received::new(&late, MS(21)) });
    assert!(!session.is_done());
}

#[test]
fn a_loss_is_recovered_at_once_and_silence_waited_out() {
    let mut number = 0;
    let lossy = network(move |_, request, _| {
        number += 1;
        if number <= 4 { Vec::new() } else { vec![reply(request, Status::SUCCESS, 0)] }
    });
    let (outcome, took) = asked(lossy, &mut session());
    assert!(outcome.is_ok() && took < Duration::from_secs(1), "{took:?}");
    let silent = network(|_, _, _| Vec::new());
    assert_eq!(asked(silent, &mut session()), (Err(Failure::Silent), Duration::from_secs(10)));
}

#[test]
fn a_refused_address_leaves_the_answer_to_the_other() {
    let [first, second] = addresses();
    let mut speaking = network(|_, request, _| vec![reply(request, Status::SUCCESS, 0)]);
    speaking.refuse(first);
    assert!(asked(speaking, &mut session()).0.is_ok());
    let mut absent = network(|_, _, _| Vec::new());
    absent.refuse(first);
    absent.refuse(second);
    let mut session = session();
    assert_eq!(asked(absent, &mut session), (Err(Failure::Absent), MS(10)));
    // It is not asked again.
    session.ask(Request::Tracking, Duration::from_secs(20));
    assert_eq!((session.poll_event(), session.is_done()), (Some(Err(Failure::Absent)), true));
}

#[test]
fn refusals_and_malformed_replies_are_distinguished() {
    for (status, failure) in [
        (Status::UNAUTHORIZED, Failure::Unauthorized),
        (Status::BAD_VERSION, Failure::TooOld),
        (Status::NO_SUCH_SOURCE, Failure::Unreadable(4)),
    ] {
        let refusing = network(move |_, request, _| vec![reply(request, status, 0)]);
        assert_eq!(asked(refusing, &mut session()), (Err(failure), MS(10)));
    }
    // A reply that is too short may be forged: the session waits for the genuine one, and believes it.
    let short = network(|_, request, _| vec![reply(request, Status::SUCCESS, 2)]);
    assert_eq!(asked(short, &mut session()), (Err(Failure::Unreadable(0)), Duration::from_secs(10)));
    let both =
        network(|_, request, _| vec![reply(request, Status::SUCCESS, 2), reply(request, Status::SUCCESS, 0)]);
    assert!(asked(both, &mut session()).0.is_ok());
}

#[test]
fn the_failure_of_the_only_address_ends_the_session() {
    let mut session = ChronySession::new(&[], [3; 32]);
    session.ask(Request::Tracking, MS(5000));
    assert_eq!(session.poll_transmit(MS(0)).unwrap().to, None);
    let error = &PathError::Read(io::ErrorKind::ConnectionRefused.into());
    let ended = session.handle_unreachable(&Unreachable { to: None, payload: &[], error });
    assert!(ended.is_continue());
    assert_eq!(session.poll_event(), Some(Err(Failure::Absent)));
}
