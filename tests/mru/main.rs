//! The list of recent clients, read from simulated daemons over paths of every kind, in simulated time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails here fails the test")]

mod hostile;

use ntpkit::session::mru::{Config, Fault, MruList, MruSession};
use ntpkit::session::{Received, Session, Transmit};
use ntpkit::sim::{
    Clients, Daemon, Delivery, Fault as Spoilt, FaultInjector, Faults, Flavour, NtpTime, Scenario, Turnover,
};
use ntpkit::wire::AssociationId;
use ntpkit::wire::control::{Header, Opcode};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

const MS: fn(u64) -> Duration = Duration::from_millis;
/// Nothing here takes longer than this.
const LONGEST: Duration = Duration::from_secs(120);
const BEGIN: NtpTime = NtpTime(0xeeab_74e6_1557_929f);

/// What a reading came to.
struct Played {
    list: MruList,
    took: Duration,
    requests: usize,
}

/// Where the daemon is, and what happens on the way there and back.
#[derive(Clone, Default)]
struct Path {
    faults: Faults,
    /// Every so-manieth request is lost.
    loses_every: usize,
}

fn config() -> Config {
    Config {
        version: 2,
        first_sequence: 65_500,
        secret: 3,
        silence: Duration::from_secs(5),
        parameters: String::new(),
        longest_interval: None,
        raw: false,
        follows: false,
        divides: true,
        window: 1024,
        key: None,
    }
}

fn daemon(clients: Clients, turnover: Turnover, flavour: Flavour) -> Daemon {
    Daemon::new(Scenario { clients, turnover, flavour, ..Scenario::default() }, BEGIN)
}

fn steady(count: u32) -> Daemon {
    daemon(Clients { count, ..Clients::default() }, Turnover::Steady, Flavour::Classic)
}

fn at(now: Duration) -> NtpTime {
    BEGIN.plus_seconds(now.as_secs_f64())
}

fn source() -> SocketAddr {
    ([192, 0, 2, 60], 50_123).into()
}

fn nonce(daemon: &mut Daemon, begin: NtpTime) -> String {
    let request = Header::request(Opcode::REQUEST_NONCE, AssociationId::SYSTEM, 1, 2).encode(b"");
    let reply = daemon.answer_to(&request, source(), begin).pop().unwrap();
    String::from_utf8(reply[18..42].to_vec()).unwrap()
}

fn play(daemon: Daemon, path: &Path, config: Config) -> Played {
    play_until(daemon, path, config, BEGIN, |_, _| false)
}

fn play_until(
    mut daemon: Daemon,
    path: &Path,
    config: Config,
    begin: NtpTime,
    interrupt: impl Fn(Duration, (usize, u64)) -> bool,
) -> Played {
    let nonce = nonce(&mut daemon, begin);
    let mut mischiefs = FaultInjector::new(path.faults.clone());
    let mut now = Duration::ZERO;
    let mut session = MruSession::new(config, &nonce, Some(path.faults.delay), now);
    let mut arriving: BTreeMap<(Duration, usize), Vec<u8>> = BTreeMap::new();
    let (mut requests, mut number) = (0, 0);
    while !session.is_done() && now < LONGEST {
        while let Some(Transmit { payload: request, .. }) = session.poll_transmit(now) {
            requests += 1;
            assert!(requests < 20_000, "a flood of requests");
            assert!(request.len() <= 480);
            if path.loses_every > 0 && requests % path.loses_every == 0 {
                continue;
            }
            let replies = daemon.answer_to(&request, source(), begin.plus_seconds(now.as_secs_f64()));
            for Delivery { after, datagram, .. } in mischiefs.deliveries(replies) {
                number += 1;
                // Ten microseconds for each datagram.
                arriving.insert(
                    (now + after + Duration::from_micros(number as u64 % 128 * 10), number),
                    datagram,
                );
            }
        }
        let wakeup = session.poll_timeout().unwrap_or(LONGEST);
        match arriving.first_key_value() {
            Some((&(time, _), _)) if time <= wakeup => {
                let ((time, _), datagram) = arriving.pop_first().unwrap();
                now = now.max(time);
                session.handle(&Received::new(&datagram, now));
            }
            _ => now = now.max(wakeup),
        }
        session.handle_timeout(now);
        if interrupt(now, session.progress()) {
            session.give_up();
        }
    }
    assert!(session.is_done(), "no end after {now:?}");
    Played { list: session.into_list(), took: now, requests }
}

fn addresses(list: &MruList) -> BTreeSet<String> {
    list.entries.iter().map(|entry| entry.address.to_string()).collect()
}

/// All rows, each once.
fn assert_complete(played: &Played, count: usize) {
    assert_eq!(played.list.fault, None);
    assert_eq!(played.list.entries.len(), count);
    assert_eq!(addresses(&played.list).len(), count);
    assert!(played.list.now.is_some());
}

#[test]
fn a_list_is_read_with_few_requests() {
    let played = play(steady(3000), &Path::default(), config());
    assert_complete(&played, 3000);
    assert!(played.requests <= 20, "{}", played.requests);
    let newest = played.list.entries.iter().max_by_key(|entry| entry.last.0).unwrap();
    assert_eq!(
        (newest.address.to_string().as_str(), newest.mode(), newest.version()),
        ("2001:db8::bb7", 3, 4)
    );
    assert_eq!(newest.last.0 - newest.first.0, 0x40_8000_0000);
}

#[test]
fn an_era_may_end_within_the_list() {
    let begin = NtpTime(0x0000_0100_0000_0000);
    let path = Path { faults: Faults { delay: MS(20), loss: 0.02, ..Faults::default() }, loses_every: 0 };
    for moving in [0, 3] {
        let clients = Clients { count: 10_000, moving, ..Clients::default() };
        let scenario = Scenario { clients, turnover: Turnover::Steady, ..Scenario::default() };
        let played = play_until(Daemon::new(scenario, begin), &path, config(), begin, |_, _| false);
        assert_complete(&played, 10_000);
        assert!(played.list.entries.iter().any(|entry| entry.last.seconds() > u32::MAX / 2));
        assert!(played.requests < 300, "{}", played.requests);
    }
}

#[test]
fn an_empty_list_is_complete() {
    let nobody = Clients { count: 1, ..Clients::default() };
    let config = Config { parameters: ", mincount=50".to_owned(), ..config() };
    assert_complete(&play(daemon(nobody, Turnover::Steady, Flavour::Classic), &Path::default(), config), 0);
}

#[test]
fn a_long_way_is_walked_side_by_side() {
    let path = Path { faults: Faults { delay: MS(20), ..Faults::default() }, loses_every: 0 };
    let played = play(steady(50_000), &path, config());
    assert_complete(&played, 50_000);
    // One after the other, the hundred and more answers would take more than two seconds.
    assert!(played.took < MS(900), "{:?}", played.took);
    assert!(played.requests < 250, "{}", played.requests);
}

#[test]
fn losses_cost_little_but_what_was_lost() {
    for (loss, flavour) in
        [(0.05, Flavour::Classic), (0.2, Flavour::Classic), (0.05, Flavour::Ntpsec), (0.4, Flavour::Ntpsec)]
    {
        let faults = Faults { loss, seed: 7, delay: MS(10), ..Faults::default() };
        let clients = Clients { count: 10_000, ..Clients::default() };
        let played =
            play(daemon(clients, Turnover::Steady, flavour), &Path { faults, loses_every: 19 }, config());
        assert_complete(&played, 10_000);
        assert!(played.took < MS(if loss > 0.3 { 8000 } else { 2000 }), "{loss} {:?}", played.took);
    }
}

#[test]
fn disorder_and_repetitions_do_not_matter() {
    let faults = Faults {
        duplication: 0.3,
        jitter: MS(30),
        delay: MS(5),
        loss: 0.02,
        faults: vec![Spoilt::Reversed],
        decoys: vec![Spoilt::WrongSequence, Spoilt::NoReply, Spoilt::Junk],
        ..Faults::default()
    };
    assert_complete(&play(steady(5000), &Path { faults, loses_every: 0 }, config()), 5000);
}

#[test]
fn a_list_that_moves_is_still_read_whole() {
    for (moving, loss) in [(3, 0.0), (25, 0.0), (2, 0.1)] {
        let clients = Clients { count: 8000, moving, ..Clients::default() };
        let faults = Faults { loss, delay: MS(10), ..Faults::default() };
        let daemon = daemon(clients, Turnover::Steady, Flavour::Classic);
        let played = play(daemon, &Path { faults, loses_every: 0 }, config());
        assert_complete(&played, 8000);
        assert!(played.list.updates > 0);
    }
}

#[test]
fn a_list_that_changes_too_fast_ends_incomplete() {
    let clients = Clients { count: 8000, moving: 400, ..Clients::default() };
    let faults = Faults { loss: 0.2, delay: MS(1), ..Faults::default() };
    let daemon = daemon(clients, Turnover::Steady, Flavour::Classic);
    let played = play(daemon, &Path { faults, loses_every: 0 }, config());
    assert!(matches!(played.list.fault, Some(Fault::TooFast | Fault::Restarts)), "{:?}", played.list.fault);
}

#[test]
fn a_daemon_that_restarts_is_read_all_the_same() {
    let clients = Clients { count: 6000, ..Clients::default() };
    let daemon = daemon(clients, Turnover::RestartEvery(9), Flavour::Classic);
    let path = Path { faults: Faults { delay: MS(2), ..Faults::default() }, loses_every: 0 };
    let played = play(daemon, &path, Config { window: 128, ..config() });
    // It restarts while the list is read, again and again: either all was caught, or it says that it was not.
    assert!(played.list.fault.is_some() || played.list.entries.len() == 6000, "{:?}", played.list.fault);
    assert!(played.list.entries.len() > 400);
}

#[test]
fn one_restart_is_no_hindrance() {
    let clients = Clients { count: 20_000, ..Clients::default() };
    let daemon = daemon(clients, Turnover::RestartEvery(60), Flavour::Classic);
    let path = Path { faults: Faults { delay: MS(2), ..Faults::default() }, loses_every: 0 };
    let played = play(daemon, &path, config());
    assert_complete(&played, 20_000);
}

#[test]
fn older_daemons_limit_rows_or_fewer_fragments() {
    for most in [0, 32] {
        let clients = Clients { count: 2000, most_fragments: Some(most), ..Clients::default() };
        let played = play(daemon(clients, Turnover::Steady, Flavour::Classic), &Path::default(), config());
        assert_complete(&played, 2000);
    }
}

#[test]
fn filters_hold_for_all_parts() {
    let path = Path { faults: Faults { delay: MS(20), loss: 0.05, ..Faults::default() }, loses_every: 0 };
    let old = Config { longest_interval: Some(200), ..config() };
    let played = play(steady(20_000), &path, old);
    assert_eq!(played.list.fault, None);
    assert!((3960..=4000).contains(&played.list.entries.len()), "{}", played.list.entries.len());
    let busy = Config { parameters: ", mincount=9".to_owned(), ..config() };
    assert_eq!(play(steady(20_000), &path, busy).list.entries.len(), 20_000 / 9);
}

#[test]
fn raw_answers_come_one_by_one() {
    let played = play(steady(2000), &Path::default(), Config { raw: true, ..config() });
    assert_complete(&played, 2000);
    assert_eq!(played.requests, 5);
}

#[test]
fn a_narrow_window_only_takes_longer() {
    let path = Path { faults: Faults { delay: MS(20), ..Faults::default() }, loses_every: 0 };
    assert_complete(&play(steady(3000), &path, Config { window: 0, ..config() }), 3000);
}

#[test]
fn a_silent_daemon_ends_the_list() {
    let path = Path { faults: Faults { silent_after: Some(4), ..Faults::default() }, loses_every: 0 };
    let played = play(steady(9000), &path, config());
    assert_eq!(played.list.fault, Some(Fault::TimedOut));
    assert!(played.list.entries.len() > 900);
    assert!(played.took > MS(4900) && played.took < MS(8000), "{:?}", played.took);
    assert!(played.requests < 100, "{}", played.requests);
}

#[test]
fn a_request_the_daemon_does_not_understand_times_out() {
    let config = Config { parameters: ", mincount=x".to_owned(), ..config() };
    let played = play(steady(100), &Path::default(), config);
    assert_eq!(played.list.fault, Some(Fault::TimedOut));
}

#[test]
fn a_wrong_nonce_is_replaced() {
    let mut session = MruSession::new(config(), "00000000deadbeef01234567", None, Duration::ZERO);
    let mut daemon = steady(100);
    let mut now = Duration::ZERO;
    while !session.is_done() {
        let mut replies = Vec::new();
        while let Some(Transmit { payload: request, .. }) = session.poll_transmit(now) {
            replies.extend(daemon.answer_to(&request, source(), at(now)));
        }
        for reply in &replies {
            session.handle(&Received::new(reply, now));
        }
        now = session.poll_timeout().unwrap_or(now).max(now);
        session.handle_timeout(now);
    }
    let list = session.into_list();
    assert_eq!((list.fault, list.entries.len()), (None, 100));
}

#[test]
fn an_interrupt_leaves_what_there_is() {
    let path = Path { faults: Faults { delay: MS(20), ..Faults::default() }, loses_every: 0 };
    let played = play_until(steady(50_000), &path, config(), BEGIN, |_, (count, _)| count > 2000);
    assert_eq!(played.list.fault, Some(Fault::Interrupted));
    assert!((2001..40_000).contains(&played.list.entries.len()));
    assert!(played.list.now.is_some());
}

/// Answers to the sequence numbers that the session uses, with text made up by somebody else.
fn feed(texts: &[(Vec<u8>, bool, u8)]) -> usize {
    let mut session = MruSession::new(config(), "eeab74e61557929f01234567", Some(MS(1)), Duration::ZERO);
    let mut now = Duration::ZERO;
    let mut sent = 0;
    for (text, more, code) in texts {
        let mut sequences = Vec::new();
        while let Some(Transmit { payload: request, .. }) = session.poll_transmit(now) {
            sent += 1;
            sequences.push((u16::from_be_bytes([request[2], request[3]]), request[1]));
        }
        for (sequence, opcode) in sequences {
            let header = Header::request(Opcode(opcode), AssociationId::SYSTEM, sequence, 2);
            let status = u16::from(*code) << 8;
            let header = Header { response: true, error: *code > 0, more: *more, status, ..header };
            session.handle(&Received::new(&header.encode(text), now));
        }
        now += MS(40);
        session.handle_timeout(now);
        if session.is_done() {
            break;
        }
    }
    sent
}

fn item() -> impl Strategy<Value = String> {
    let tag = prop_oneof![
        Just("addr"),
        Just("last"),
        Just("first"),
        Just("ct"),
        Just("mv"),
        Just("rs"),
        Just("nonce"),
        Just("now"),
        Just("abc")
    ];
    let index = prop_oneof![
        (0..3_u32).prop_map(|n| format!(".{n}")),
        Just(String::new()),
        Just(".older".to_owned()),
        Just(".newest".to_owned())
    ];
    let value = prop_oneof![
        (0..4_u32).prop_map(|n| format!("10.0.0.{n}:123")),
        (0..4_u32).prop_map(|n| format!("0xeeab74e{n}.00000000")),
        (0..40_u32).prop_map(|n| n.to_string()),
        "[ -~]{0,12}",
    ];
    (tag, index, value).prop_map(|(tag, index, value)| format!("{tag}{index}={value}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_received_hurts(texts in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..468), any::<bool>(), 0u8..9), 0..40)) {
        prop_assert!(feed(&texts) < 2000);
    }

    #[test]
    fn lies_in_due_form_do_not_hurt_either(texts in proptest::collection::vec((proptest::collection::vec(item(), 0..20), any::<bool>(), prop_oneof![9 => Just(0u8), 1 => 1u8..8]), 0..60)) {
        let texts: Vec<_> = texts.into_iter().map(|(items, more, code)| (items.join(", ").into_bytes(), more, code)).collect();
        prop_assert!(feed(&texts) < 2000);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn corrupted_answers_end_somehow(seed: u64) {
        let faults = Faults { seed, corruption: 0.2, loss: 0.1, delay: MS(5), ..Faults::default() };
        let played = play(steady(600), &Path { faults, loses_every: 0 }, config());
        prop_assert!(played.list.fault.is_some() || played.list.entries.len() >= 590);
    }
}
