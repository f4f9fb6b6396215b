//! The monitoring plugins.

use super::both;
use crate::support::{Run, daemon, host, mute, nobody};

fn plugin(name: &str, words: &[&str]) -> Run {
    Run::called(name, words)
}

#[test]
fn lenient_ranges() {
    let closed = nobody();
    let port = closed.rsplit(':').next().unwrap();
    let [classic, ours] =
        both(|| plugin("check_ntp_time", &["-H", "127.0.0.1", "-p", port, "-w", "abc", "-t", "1"]));
    assert_eq!((classic.status, ours.status), (Some(2), Some(3)), "{classic}{ours}");
    assert!(ours.stdout.contains("invalid range 'abc'"), "{ours}");
}

#[test]
fn minus_1_for_unknown() {
    let young = daemon("young");
    let port = young.local_address().port().to_string();
    let [classic, ours] = both(|| plugin("check_ntp_peer", &["-H", "127.0.0.1", "-p", &port, "-j", "1"]));
    assert!(
        classic.stdout.contains("jitter=-1.000000") && ours.stdout.contains("jitter=U"),
        "{classic}{ours}"
    );
}

#[test]
fn no_reason() {
    let (_socket, silent) = mute();
    let port = silent.rsplit(':').next().unwrap();
    let [classic, ours] = both(|| plugin("check_ntp_time", &["-H", "127.0.0.1", "-p", port, "-t", "1"]));
    assert!(!classic.stdout.contains("no answer") && ours.stdout.contains("no answer"), "{classic}{ours}");
}

#[test]
fn plugin_ports() {
    let campus = daemon("campus");
    let [classic, ours] = both(|| plugin("check_ntp_peer", &["-H", &host(&campus), "-t", "2"]));
    assert!(!classic.stdout.contains("Offset"), "{classic}");
    assert!(ours.stdout.starts_with("NTP OK: Offset "), "{ours}");
}

#[test]
fn four_at_once() {
    let requests = [true, false].map(|classic| {
        let campus = daemon("campus");
        let port = campus.local_address().port().to_string();
        let run = plugin("check_ntp_time", &["-H", "127.0.0.1", "-p", &port, "-t", "5"]);
        if classic { run.classic() } else { run }.run();
        campus.time_requests()
    });
    assert_eq!(requests, [4, 1]);
}

#[test]
fn best_stratum_counts() {
    // The original knows one name; of several it takes the last.
    let (one, two) = (daemon("campus"), daemon("campus"));
    let port = two.local_address().port().to_string();
    let words = ["-H", &host(&one), "-H", "127.0.0.1", "-p", &port];
    let requests = [true, false].map(|classic| {
        let before = one.time_requests();
        let run = plugin("check_ntp_time", &words);
        if classic { run.classic() } else { run }.run();
        one.time_requests() - before
    });
    assert_eq!(requests, [0, 1]);
}
