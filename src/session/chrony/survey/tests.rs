//! Surveys of a chronyd in memory.

use super::*;
use crate::session::drive::{Hooks, Network as _, converse};
use crate::session::memory::{MemoryNetwork, Place, Weather};
use crate::wire::chrony::{Reply, Status};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

const MS: fn(u64) -> Duration = Duration::from_millis;
const PATIENCE: Patience = Patience::USUAL;
const WHOLE: Extent = Extent { tracking: true, sources: true, statistics: true };
const TRACKING: u16 = 33;
const SOURCE_COUNT: u16 = 14;
const SOURCE_DATA: u16 = 15;
const SOURCE_NAME: u16 = 65;
const STATISTICS: u16 = 54;

/// What a chronyd with three sources replies with: the layout of the data, the status, and the data.
fn data(command: u16, index: u32) -> (u16, u16, Vec<u8>) {
    let address = [&[192, 0, 2, u8::try_from(index & 0xff).unwrap()][..], &[0; 12], &[0, 1, 0, 0]].concat();
    match command {
        TRACKING => (5, 0, vec![0; 76]),
        SOURCE_COUNT => (2, 0, 3_u32.to_be_bytes().to_vec()),
        SOURCE_DATA => (3, 0, [address, vec![0; 28]].concat()),
        // The name of the first source is shown; nothing else is shown to this client.
        _ => (1, Status::UNAUTHORIZED.0, Vec::new()),
    }
}

struct Ran {
    surveyed: Surveyed,
    /// The commands that were received.
    commands: Vec<u16>,
    lasted: Duration,
}

/// A survey of a daemon that does not answer some commands.
fn survey(extent: Extent, is_answered: impl Fn(u16, usize) -> bool + 'static) -> Ran {
    survey_within(PATIENCE, MS(5), extent, is_answered)
}

fn survey_within(
    patience: Patience,
    delay: Duration,
    extent: Extent,
    is_answered: impl Fn(u16, usize) -> bool + 'static,
) -> Ran {
    let commands = Rc::new(RefCell::new(Vec::new()));
    let received = Rc::clone(&commands);
    let mut network = MemoryNetwork::new(Weather { delay, ..Weather::default() });
    network.answer_with(move |_, request, _| {
        let word = |at: usize| u16::from_be_bytes(request[at..at + 2].try_into().unwrap());
        let command = word(4);
        let mut received = RefCell::borrow_mut(&received);
        received.push(command);
        if !is_answered(command, received.len()) {
            return Vec::new();
        }
        let (layout, status, data) = data(command, u32::from(word(22)));
        let mut reply = vec![6, 2, 0, 0];
        for word in [command, layout, status, 0, 0, 0] {
            reply.extend(word.to_be_bytes());
        }
        reply.extend(&request[8..12]);
        reply.extend([0; 8]);
        reply.extend(data);
        assert!(Reply::parse(&reply, Request::Tracking, &[]).is_none());
        vec![reply]
    });
    let address = SocketAddr::from(([127, 0, 0, 1], 323));
    let mut survey = Survey::new(ChronySession::new(&[address], [3; 32]), extent, patience);
    let mut watch = Hooks {
        event: &mut |_: &mut Survey, event| match event {},
        datagram: &mut |_, _| {},
        turned: &mut |_| {},
        tick: None,
    };
    converse(&mut network, &mut Place::at(address), &mut survey, &mut watch).unwrap();
    let lasted = network.now();
    let commands = RefCell::borrow(&commands).clone();
    Ran { surveyed: survey.into_surveyed(), commands, lasted }
}

#[test]
fn everything_is_read_and_what_is_refused_is_not_asked_for_again() {
    let Ran { surveyed, commands, lasted } = survey(WHOLE, |_, _| true);
    assert!(surveyed.tracking.is_some() && surveyed.failure.is_none() && surveyed.statistics.is_none());
    let addresses: Vec<String> =
        surveyed.sources.iter().map(|source| format!("{:?}", source.data.address)).collect();
    assert_eq!(addresses, ["Ip(192.0.2.0)", "Ip(192.0.2.1)", "Ip(192.0.2.2)"]);
    // Statistics of measurements are a matter of each source; measurements, authentication and names of the daemon.
    assert_eq!(commands, [TRACKING, SOURCE_COUNT, 15, 34, 57, 67, SOURCE_NAME, 15, 34, 15, 34, STATISTICS]);
    assert_eq!(lasted, MS(10) * 12);
}

#[test]
fn only_what_is_wanted_is_asked_for() {
    let commands = |extent| survey(extent, |_, _| true).commands;
    assert_eq!(commands(Extent { tracking: true, ..Extent::default() }), [TRACKING]);
    assert_eq!(commands(Extent { statistics: true, ..Extent::default() }), [STATISTICS]);
    assert_eq!(commands(Extent { statistics: false, ..WHOLE }).len(), 11);
    assert!(commands(Extent::default()).is_empty());
}

#[test]
fn a_silent_daemon_is_given_up_and_one_that_falls_silent_as_well() {
    let Ran { surveyed, lasted, .. } = survey(WHOLE, |_, _| false);
    assert_eq!((surveyed.failure, lasted), (Some(Failure::Silent), PATIENCE.each));
    let Ran { surveyed, .. } = survey(WHOLE, |command, _| command != SOURCE_COUNT);
    assert!(surveyed.tracking.is_some() && surveyed.failure == Some(Failure::Silent));
    // With its second source.
    let Ran { surveyed, commands, .. } = survey(WHOLE, |command, place| command != SOURCE_DATA || place < 8);
    assert_eq!((surveyed.failure, surveyed.sources.len()), (Some(Failure::Silent), 1));
    assert_eq!(commands.last(), Some(&STATISTICS), "what does not depend on it is read");
}

#[test]
fn the_whole_has_an_end() {
    // It answers every second request only.
    let patience = Patience { total: PATIENCE.each * 2, ..PATIENCE };
    let Ran { surveyed, lasted, .. } = survey_within(patience, MS(5), WHOLE, |_, place| place % 2 == 0);
    assert_eq!(lasted, patience.total);
    assert_eq!((surveyed.tracking.is_some(), surveyed.failure), (true, Some(Failure::Silent)));
}

#[test]
fn a_slow_path_needs_patience_for_each_source() {
    let run = |patience| survey_within(patience, MS(300), WHOLE, |_, _| true);
    let Ran { surveyed, lasted, .. } = run(PATIENCE);
    assert_eq!((surveyed.sources.len(), surveyed.failure, lasted), (3, None, MS(600) * 12));
    // After the state of the clock, as a conversation that goes on.
    let Ran { surveyed, lasted, .. } = run(PATIENCE.after(MS(600)));
    assert_eq!((surveyed.sources.len(), surveyed.failure, lasted), (3, None, MS(600) * 12));
    let Ran { surveyed, lasted, .. } = run(PATIENCE.each.into());
    assert_eq!((surveyed.failure, lasted), (Some(Failure::Silent), PATIENCE.each));
}

#[test]
fn what_is_left_of_the_patience_limits_the_wait_for_an_answer() {
    let until = |spent| PATIENCE.after(MS(spent)).until(MS(spent)).as_millis();
    assert_eq!([0, 9000, 9800, 10_000, 60_000].map(until), [1000, 10_000, 10_000, 10_000, 60_000]);
}

#[test]
fn a_survey_that_is_given_up_says_so() {
    let mut survey = Survey::new(ChronySession::new(&[], [3; 32]), WHOLE, PATIENCE);
    assert!(survey.poll_transmit(Duration::ZERO).is_some());
    survey.give_up();
    assert!(survey.is_done() && survey.poll_timeout().is_none());
    assert_eq!(survey.into_surveyed().failure, Some(Failure::Silent));
}
