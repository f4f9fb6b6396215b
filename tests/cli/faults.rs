//! What goes wrong on the way and can be mended, and how much is said at all.

use crate::hostile::assert_harmless;
use crate::support::{Run, for_each_seed, still};
use ntpkit::sim::{Fault, Faults, Flavour, Scenario, SimulatedDaemon, Turnover, crowd};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::time::{Duration, Instant};

fn billboard(faults: Faults) -> String {
    Run::ntpq(["-pn"]).of(&still(crowd(61), faults)).run().quiet_success()
}

#[test]
fn loss_duplication_and_reordering_change_nothing() {
    let whole = billboard(Faults::default());
    assert_eq!(whole.lines().count(), 63);
    let plain = Faults::default;
    for_each_seed(0..4, |seed| {
        for faults in [
            Faults { loss: 0.05, ..plain() },
            Faults { loss: 0.2, ..plain() },
            Faults { duplication: 0.5, ..plain() },
            Faults { duplication: 1.0, jitter: Duration::from_millis(30), ..plain() },
            Faults { delay: Duration::from_millis(60), jitter: Duration::from_millis(60), ..plain() },
            Faults { loss: 0.2, duplication: 0.2, jitter: Duration::from_millis(20), ..plain() },
            Faults { faults: vec![Fault::Reversed], loss: 0.1, ..plain() },
        ] {
            let reported = format!("{faults:?}");
            assert_eq!(billboard(Faults { seed, ..faults }), whole, "{reported}");
        }
    });
}

#[test]
fn decoys_before_the_true_replies_change_nothing() {
    let whole = billboard(Faults::default());
    for fault in [
        Fault::WrongSequence,
        Fault::WrongOpcode,
        Fault::NoReply,
        Fault::Elsewhere,
        Fault::Junk,
        Fault::Reversed,
    ] {
        assert_eq!(billboard(Faults { decoys: vec![fault], ..Faults::default() }), whole, "{fault:?}");
    }
    let all = vec![Fault::WrongSequence, Fault::Junk, Fault::Elsewhere, Fault::NoReply, Fault::WrongOpcode];
    assert_eq!(billboard(Faults { decoys: all, loss: 0.1, ..Faults::default() }), whole);
}

#[test]
fn a_truncated_copy_before_the_true_reply_is_reported_and_retried() {
    let whole = billboard(Faults::default());
    let faults = Faults { decoys: vec![Fault::Truncated], ..Faults::default() };
    let ran = Run::ntpq(["-pn"]).of(&still(crowd(61), faults)).run();
    assert_eq!((ran.status, &ran.stdout), (Some(0), &whole), "{ran}");
    assert!(
        ran.stderr.lines().all(|line| line.starts_with("server=127.0.0.1 Response packet claims ")),
        "{ran}"
    );
}

/// The fewest requests in some runs. None is asked twice unless this machine is too busy to answer in time.
fn fewest(scenario: &Scenario, words: &[&str], expected: u64) -> u64 {
    let requests = |_| {
        let daemon = still(scenario.clone(), Faults::default());
        Run::ntpq(words).of(&daemon).run().quiet_success();
        daemon.control_requests()
    };
    let mut fewest = u64::MAX;
    (0..8).map(requests).find(|&count| {
        fewest = fewest.min(count);
        count <= expected
    });
    fewest
}

#[test]
fn nothing_is_asked_twice() {
    let ntpsec = Scenario { flavour: Flavour::Ntpsec, ..crowd(61) };
    for (words, expected) in [
        (&["-pn"][..], 62),
        (&["-n", "-c", "lopeers"], 62),
        (&["-n", "-c", "mrv &1 &61 offset"], 62),
        (&["-n", "-c", "as", "-c", "lpassociations", "-c", "mrl &1 &2"], 3),
        (&["-n", "-c", "rv", "-c", "rv 0 stratum"], 2),
        (&["-n", "-c", "pstats &7"], 2),
        (&["-n", "-c", "timeout", "-c", "help", "-c", "host"], 0),
    ] {
        assert_eq!(fewest(&crowd(61), words, expected), expected, "{words:?}");
        assert_eq!(fewest(&ntpsec, words, expected), expected, "{words:?} of NTPsec");
    }
}

#[test]
fn all_are_asked_in_one_round() {
    // The list, and then all the others at once. One after the other, 62 replies of 200 ms each would take 12.4 s.
    let faults = Faults { delay: Duration::from_millis(200), ..Faults::default() };
    let daemon = still(crowd(61), faults);
    let begun = Instant::now();
    Run::ntpq(["-pn"]).of(&daemon).run().quiet_success();
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(400) && took < Duration::from_secs(12), "{took:?}");
}

#[test]
fn a_lossy_path_costs_little_more() {
    let daemon = still(crowd(61), Faults { loss: 0.2, seed: 3, ..Faults::default() });
    Run::ntpq(["-pn"]).of(&daemon).run().quiet_success();
    assert!((62..200).contains(&daemon.control_requests()), "{}", daemon.control_requests());
}

/// Some of everything that can go wrong.
fn any_mischief(seed: u64) -> (Faults, Turnover) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut part = |most: f64| if random.random_bool(0.5) { random.random::<f64>() * most } else { 0.0 };
    let (loss, duplication, corruption) = (part(0.4), part(0.5), part(0.5));
    let milliseconds = |part: f64| Duration::from_secs_f64(part / 1000.0);
    let (delay, jitter) = (milliseconds(part(40.0)), milliseconds(part(60.0)));
    let mut faults = |most: usize| -> Vec<Fault> {
        (0..random.random_range(0..=most)).map(|_| FAULTS[random.random_range(0..FAULTS.len())]).collect()
    };
    let (faults, decoys) = (faults(1), faults(3));
    let silent_after = random.random_bool(0.2).then(|| random.random_range(0..20));
    let turnover = if random.random_bool(0.2) {
        Turnover::RestartEvery(random.random_range(1..20))
    } else {
        Turnover::Steady
    };
    let refuses_queries = random.random_bool(0.05);
    let faults = Faults {
        seed,
        loss,
        duplication,
        corruption,
        delay,
        jitter,
        faults,
        decoys,
        silent_after,
        refuses_queries,
        ..Faults::default()
    };
    (faults, turnover)
}

const FAULTS: [Fault; 11] = [
    Fault::WrongSequence,
    Fault::WrongAssociation,
    Fault::WrongOpcode,
    Fault::NoReply,
    Fault::Truncated,
    Fault::Endless,
    Fault::Overlapping,
    Fault::Missing,
    Fault::Reversed,
    Fault::Elsewhere,
    Fault::Junk,
];

const SEEDS: u64 = 300;

#[test]
fn any_mischief_is_survived() {
    for_each_seed(0..SEEDS, survive);
}

fn survive(seed: u64) {
    let (faults, turnover) = any_mischief(seed);
    let reported = format!("{faults:?} {turnover:?}");
    let scenario = Scenario { turnover, ..crate::support::scenario("campus") };
    let daemon: SimulatedDaemon = still(scenario, faults);
    let commands = ["-c", "timeout 150", "-c", "peers", "-c", "mrv &1 &3", "-c", "cv", "-c", "pstats &1"];
    let run = Run::ntpq([&["-n"][..], &commands].concat()).of(&daemon);
    let run = if seed.is_multiple_of(25) { run.classic() } else { run };
    // A run that does not end is ended, and has no status.
    let ran = run.run();
    assert!(ran.status.is_some(), "{reported}");
    assert_harmless(&ran);
}
