//! When there is no answer, or no whole one.

use crate::support::{Run, host, mute, scenario, still};
use ntpkit::sim::{Fault, Faults, Scenario, TimeService, Turnover, crowd};
use std::time::{Duration, Instant};

/// A time-out that is long for a loopback and short for a test.
const SOON: [&str; 2] = ["-c", "timeout 300"];

fn peers() -> Run {
    Run::ntpq([&["-n"][..], &SOON, &["-p"]].concat())
}

fn with(fault: Fault) -> Faults {
    Faults { faults: vec![fault], ..Faults::default() }
}

/// The rows of a billboard and the associations that are reported to be missing.
fn rows_and_missing(stdout: &str, stderr: &str) -> (usize, usize) {
    let rows =
        stdout.lines().filter(|line| line.get(1..).is_some_and(|row| row.starts_with("198.18."))).count();
    let missing = stderr.lines().filter_map(|line| line.split_once("missing above: associations "));
    (rows, missing.map(|(_, identifiers)| identifiers.split(' ').count()).sum())
}

#[test]
fn silence_ends_with_the_time_out() {
    let (_socket, host) = mute();
    let begun = Instant::now();
    let ran = Run::ntpq(["-n", "-c", "timeout 600", "-p", &host]).run();
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(600), "{took:?}");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), "\n"));
    assert!(
        ran.stderr.starts_with("127.0.0.1: timed out, nothing received\n***Request timed out\n"),
        "{ran}"
    );
    assert!(ran.stderr.contains("\nntpq: 127.0.0.1: no reply"), "{ran}");
}

/// The default time-out is 5 s in both dialects (`presets`).
#[test]
fn the_classic_waits_twice_as_long() {
    let (_socket, host) = mute();
    let begun = Instant::now();
    let ran = Run::ntpq(["-n", "-c", "timeout 300", "-p", &host]).classic().run();
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(600), "{took:?}");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), "\n"));
    assert_eq!(ran.stderr, "127.0.0.1: timed out, nothing received\n***Request timed out\n");
}

#[test]
fn silence_is_waited_for_once() {
    let (_socket, host) = mute();
    let begun = Instant::now();
    let ran = Run::ntpq([
        "-c",
        "timeout 400",
        "-c",
        "rv",
        "-c",
        "as",
        "-c",
        "peers",
        "-c",
        "rv",
        "-c",
        "rv",
        &host,
    ])
    .run();
    // Each time anew it would take five times as long as once, 0.8 s at most.
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    assert_eq!(ran.status, Some(1));
    assert_eq!(ran.stderr.matches("***Request timed out\n").count(), 5, "{ran}");
    assert_eq!(ran.stderr.matches("ntpq: 127.0.0.1: no reply").count(), 1, "{ran}");
}

#[test]
fn a_daemon_that_answers_no_queries() {
    // Long enough for the question about the time, which is asked when the first sending has no answer.
    let peers = || Run::ntpq(["-n", "-c", "timeout 900", "-p"]);
    let faults = Faults { refuses_queries: true, ..Faults::default() };
    let daemon = still(scenario("campus"), faults.clone());
    let ran = peers().of(&daemon).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), "\n"));
    assert!(ran.stderr.contains("ntpq: 127.0.0.1: it serves time but answers no queries"), "{ran}");
    assert_eq!(daemon.time_requests(), 1);
    // The classic asks for no time.
    let ran = peers().classic().of(&daemon).run();
    assert_eq!((ran.status, daemon.time_requests()), (Some(0), 1), "{ran}");

    let kissing = Scenario { time_service: TimeService::Kiss(*b"RATE"), ..scenario("campus") };
    let ran = peers().of(&still(kissing, faults.clone())).run();
    assert!(ran.stderr.contains("ntpq: 127.0.0.1: it refuses this client (kiss-o'-death RATE)"), "{ran}");
    let mute = Scenario { time_service: TimeService::Silent, ..scenario("campus") };
    let ran = peers().of(&still(mute, faults)).run();
    assert!(ran.stderr.contains("ntpq: 127.0.0.1: no reply, not even to a time request"), "{ran}");
}

#[test]
fn a_daemon_that_has_no_time_does_not_refuse_it() {
    // Of stratum 0 and with a word for an identifier, as a refusal is.
    let daemon = still(scenario("young"), Faults { refuses_queries: true, ..Faults::default() });
    let ran = Run::ntpq(["-n", "-c", "timeout 900", "-p"]).of(&daemon).run();
    assert!(
        ran.stderr
            .contains("ntpq: 127.0.0.1: it serves time but answers no queries, and is not synchronised"),
        "{ran}"
    );
}

#[test]
fn nothing_is_said_of_what_was_not_tried() {
    // There is no time left to ask for the time.
    let daemon = still(scenario("campus"), Faults { refuses_queries: true, ..Faults::default() });
    let ran = Run::ntpq(["-n", "-c", "timeout 100", "-p"]).of(&daemon).run();
    assert_eq!(ran.stderr, "127.0.0.1: timed out, nothing received\n***Request timed out\n");
    assert_eq!((ran.status, daemon.time_requests()), (Some(1), 0));
}

#[test]
fn replies_that_are_no_answers() {
    for (fault, reported) in [
        (Fault::WrongSequence, "***Request timed out\n"),
        (Fault::WrongOpcode, "***Request timed out\n"),
        (Fault::NoReply, "***Request timed out\n"),
        (Fault::Junk, "***Request timed out\n"),
        (Fault::Elsewhere, "***Request timed out\n"),
        (Fault::Truncated, "***"),
        (Fault::Missing, "***Response from server was incomplete\n"),
        (Fault::Endless, "***Buffer size exceeded for returned data\n"),
    ] {
        let daemon = still(crowd(61), with(fault));
        let ran = peers().of(&daemon).run();
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), "\n"), "{fault:?} {ran}");
        assert!(ran.stderr.contains(reported), "{fault:?} {ran}");
        assert!(ran.stderr.contains("127.0.0.1: "), "the host is named: {fault:?} {ran}");
    }
}

#[test]
fn overlapping_fragments_are_not_reassembled() {
    let daemon = still(crowd(3), with(Fault::Overlapping));
    let ran = peers().of(&daemon).run();
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stderr.contains("***Response from server was incomplete\n"), "{ran}");
}

#[test]
fn answers_for_another_association_do_not_count() {
    // The list is asked of association 0, where another in the reply is borne: servers do that with clocks.
    let daemon = still(crowd(61), with(Fault::WrongAssociation));
    let ran = peers().of(&daemon).run();
    assert_eq!((ran.status, rows_and_missing(&ran.stdout, &ran.stderr)), (Some(1), (0, 61)), "{ran}");
}

#[test]
fn what_was_read_before_the_silence_is_printed() {
    let daemon = still(crowd(61), Faults { silent_after: Some(30), ..Faults::default() });
    let ran = peers().of(&daemon).run();
    assert_eq!((ran.status, rows_and_missing(&ran.stdout, &ran.stderr)), (Some(1), (29, 32)), "{ran}");
    assert!(ran.stderr.contains("ntpq: 127.0.0.1: missing above: associations 1029 1030 "), "{ran}");
    // The classic stops at the first that is missing, and succeeds.
    let daemon = still(crowd(61), Faults { silent_after: Some(30), ..Faults::default() });
    let ran = peers().classic().of(&daemon).run();
    assert_eq!((ran.status, rows_and_missing(&ran.stdout, &ran.stderr)), (Some(0), (29, 0)), "{ran}");
}

#[test]
fn a_daemon_that_restarts_meanwhile() {
    let restarting = |every| Scenario { turnover: Turnover::RestartEvery(every), ..crowd(61) };
    for every in [1, 12, 40] {
        let ran = peers().of(&still(restarting(every), Faults::default())).run();
        let (rows, missing) = rows_and_missing(&ran.stdout, &ran.stderr);
        assert_eq!((ran.status, rows + missing), (Some(1), 61), "{ran}");
        assert!(ran.stderr.contains("***Association ID 1"), "{ran}");
    }
}

#[test]
fn the_restless_scenario_loses_what_it_renames() {
    let ran = peers().of(&still(scenario("restless"), Faults::default())).run();
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stdout.contains("\n*192.0.2.11 ") && !ran.stdout.contains("192.0.2.33"), "{ran}");
    assert!(ran.stderr.starts_with("server=127.0.0.1 ***Association ID 44"), "{ran}");
    assert!(ran.stderr.contains("ntpq: 127.0.0.1: missing above: associations 44"), "{ran}");
}

#[test]
fn associations_that_vanish_meanwhile() {
    let turnover = Turnover::VanishAt { request: 2, associations: 5 };
    let ran = peers().of(&still(Scenario { turnover, ..crowd(61) }, Faults::default())).run();
    assert_eq!((ran.status, rows_and_missing(&ran.stdout, &ran.stderr)), (Some(1), (56, 5)), "{ran}");
    let missing = "ntpq: 127.0.0.1: missing above: associations 1056 1057 1058 1059 1060\n";
    assert_eq!(ran.stderr, format!("server=127.0.0.1 ***Association ID 1056 unknown to server\n{missing}"));
}

/// Each command that refers to associations of an empty list reports that it is empty.
#[test]
fn places_in_an_empty_list() {
    let daemon = still(crowd(0), Faults::default());
    let words = ["-c", "rv &1", "-c", "mrv 1 2", "-c", "mrl &1 &2"];
    for run in [Run::ntpq(words), Run::ntpq(words).classic()] {
        let ran = run.of(&daemon).run();
        assert_eq!(ran.stdout.matches("No association ID's returned\n").count(), 3, "{ran}");
    }
}

#[test]
fn faults_of_several_hosts_are_reported_by_name() {
    let (_socket, silent) = mute();
    let vanishing = Scenario { turnover: Turnover::VanishAt { request: 2, associations: 1 }, ..crowd(3) };
    let daemon = still(vanishing, Faults::default());
    let ran = Run::ntpq([&["-n"][..], &SOON, &["-p", &silent, &host(&daemon)]].concat()).run();
    assert_eq!(ran.status, Some(1));
    // `of` is not used here: the ports are those of the command line.
    let living = host(&daemon);
    assert!(
        ran.stderr.contains(&format!(
            "{silent}: timed out, nothing received\nserver={silent} ***Request timed out\n"
        )),
        "{ran}"
    );
    assert!(
        ran.stderr.contains(&format!("server={living} ***Association ID 1002 unknown to server\n")),
        "{ran}"
    );
    let classic =
        Run::ntpq([&["-n"][..], &SOON, &["-c", "rv 99", &living, &living]].concat()).classic().run();
    assert_eq!(classic.stderr, "server=127.0.0.1 ***Association ID 99 unknown to server\n".repeat(2));
}
