//! The monitoring plugins, run as programs against simulated daemons.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use crate::support::{Run, daemon, host, mute, nobody};
use ntpkit::sim::{Faults, SimulatedDaemon, demo};

/// A daemon whose clock is this machine's.
fn true_daemon() -> SimulatedDaemon {
    let scenario = demo().into_iter().find(|known| known.name == "campus").unwrap();
    SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap()
}

/// A plugin's line and status.
fn run(words: &[&str]) -> (Option<i32>, String) {
    let (name, words) = words.split_first().unwrap();
    let ran = Run::called(name, words).run();
    assert_eq!(ran.stderr, "", "{ran}");
    (ran.status, ran.stdout)
}

#[test]
fn a_good_daemon_and_its_figures() {
    let daemon = true_daemon();
    let host = host(&daemon);
    let (status, line) = run(&[
        "check_ntp_peer",
        "-H",
        &host,
        "-w",
        "1",
        "-W",
        "5",
        "-m",
        "1:",
        "--dcrit",
        "5",
        "--rwarn",
        "1:",
    ]);
    assert_eq!(status, Some(0), "{line}");
    let (words, data) = line.trim_end().split_once('|').unwrap();
    assert!(words.starts_with("NTP OK: Offset ") && words.contains(", truechimers="), "{line}");
    let names: Vec<&str> = data.split(' ').map(|datum| datum.split('=').next().unwrap()).collect();
    assert_eq!(names, ["offset", "jitter", "stratum", "truechimers", "reach", "distance"]);
    assert!(data.starts_with("offset=") && data.contains("s;1;120 "), "{line}");
    let (status, line) = run(&["check_ntp_peer", "-H", &host, "-m", "100:", "-n", "50:"]);
    assert!(status == Some(2) && line.starts_with("NTP CRITICAL: Offset "), "{line}");

    let (status, line) = run(&["check_ntp_time", "-H", &host, "-W", "5", "-v"]);
    assert_eq!(status, Some(0), "{line}");
    assert!(line.starts_with("NTP OK: Offset ") && line.contains(" secs, stratum=2, distance="), "{line}");
    assert_eq!(line.lines().count(), 2, "a line for the server: {line}");
    let (status, line) = run(&["check_ntp_time", "-H", &host, "-w", "0.5", "-c", "10:", "-o", "3"]);
    assert!(status == Some(2) && line.contains("|offset=") && line.contains("s;0.5;10:"), "{line}");
}

#[test]
fn the_dialect_has_the_lines_of_the_monitoring_plugins() {
    let (good, young) = (true_daemon(), daemon("young"));
    let classic = |words: &[&str]| {
        let ran = Run::called(words[0], &words[1..]).classic().run();
        (ran.status, ran.stdout)
    };
    let port = |daemon: &SimulatedDaemon| daemon.local_address().port().to_string();
    let (status, line) =
        classic(&["check_ntp_peer", "-H", "127.0.0.1", "-p", &port(&good), "-m", "1:", "-W", "5"]);
    assert_eq!(status, Some(0), "{line}");
    assert!(
        line.contains("s;60.000000;120.000000; stratum=") && line.contains(";5;16;0;16 truechimers="),
        "{line}"
    );
    let (status, line) =
        classic(&["check_ntp_peer", "-H", "127.0.0.1", "-p", &port(&young), "-j", "1", "-W", "2"]);
    assert_eq!(status, Some(2));
    assert_eq!(
        line,
        "NTP CRITICAL: Server not synchronized, Offset unknown, jitter=-1.000000 (WARNING), stratum=-1 (WARNING)|\
         offset=0.000000s;60.000000;120.000000; jitter=-1.000000;1.000000;10000.000000;0.000000 stratum=-1;2;16;0;16\n"
    );
    let (status, line) = classic(&["check_ntp_time", "-H", "127.0.0.1", "-p", &port(&young), "-q"]);
    assert_eq!((status, line.as_str()), (Some(3), "NTP UNKNOWN: Offset unknown|\n"));
    let (status, line) = classic(&["check_ntp_time", "-H", "127.0.0.1", "-w", "5:1"]);
    assert_eq!((status, line.as_str()), (Some(3), "Range format incorrect"));
    let (status, line) = classic(&["check_ntp_time", "-V"]);
    assert_eq!((status, line.as_str()), (Some(3), "check_ntp_time v2.3.3 (monitoring-plugins 2.3.3)\n"));
}

#[test]
fn what_is_unknown_is_never_zero() {
    let daemon = daemon("young");
    let host = host(&daemon);
    let (status, line) = run(&["check_ntp_peer", "-H", &host, "-j", "1", "-n", "1:"]);
    assert_eq!(status, Some(2));
    assert_eq!(
        line,
        "NTP CRITICAL: Server not synchronized, Offset unknown, jitter=unknown (UNKNOWN), truechimers=0 (CRITICAL)|\
         offset=U;60;120 jitter=U;1;;0 stratum=U;;;0;16 truechimers=0;;1:;0 reach=U;;;0;8 distance=U;;;0\n"
    );
    let (status, line) = run(&["check_ntp_peer", "-H", &host, "-q"]);
    assert!(status == Some(3) && line.starts_with("NTP UNKNOWN: "), "{line}");
    let (status, line) = run(&["check_ntp_time", "-H", &host]);
    assert_eq!(status, Some(2), "{line}");
    assert!(
        line.starts_with("NTP CRITICAL: Offset unknown, it is not synchronised|offset=U;60;120 "),
        "{line}"
    );
}

#[test]
fn silence_ends_in_time_and_says_why() {
    let (_socket, silent) = mute();
    let refusing = nobody();
    for (plugin, host, expected) in [
        ("check_ntp_peer", silent.as_str(), "no answer"),
        ("check_ntp_peer", &refusing, "no NTP daemon listens on that port there; next: ss -lunp"),
        ("check_ntp_time", &silent, "gave no time within 1 s: no answer"),
        (
            "check_ntp_time",
            &refusing,
            "gave no time within 1 s: no NTP daemon listens on that port there; next: ss",
        ),
    ] {
        let (status, line) = run(&[plugin, "-H", host, "-t", "1"]);
        let begin = format!("NTP CRITICAL: {host}");
        assert!(status == Some(2) && line.starts_with(&begin), "{line}");
        assert!(line.contains(expected) || plugin == "check_ntp_peer" && host == silent, "{line}");
        assert_eq!(line.matches('|').count(), 0, "{line}");
    }
}

#[test]
fn the_majority_counts() {
    let (one, two) = (true_daemon(), true_daemon());
    let (_socket, silent) = mute();
    let (status, line) =
        run(&["check_ntp_time", "-H", &host(&one), "-H", &host(&two), "-H", &silent, "-t", "1", "-w", "5"]);
    assert_eq!(status, Some(1), "{line}");
    assert!(
        line.starts_with("NTP WARNING: Offset ") && line.contains(", 1 of 3 servers without time,"),
        "{line}"
    );
}

#[test]
fn options_come_from_a_file_too() {
    let daemon = true_daemon();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugins.ini");
    std::fs::write(&path, format!("[check_ntp_time]\nhostname={}\nwarning=0.5\n", host(&daemon))).unwrap();
    let (status, line) = run(&["check_ntp_time", &format!("--extra-opts=@{}", path.display()), "-c", "9"]);
    assert!(status == Some(0) && line.contains("s;0.5;9 "), "{line}");
}

#[test]
fn wrong_usage_is_unknown() {
    for (words, expected) in [
        (&["check_ntp_time"][..], "NTP UNKNOWN: no host; give one with -H; see check_ntp_time --help\n"),
        (&["check_ntp_peer", "-w", "1"], "NTP UNKNOWN: Hostname was not supplied; see "),
        (&["check_ntp_time", "-H", "x", "-w", "5x"], "NTP UNKNOWN: invalid range '5x'; see "),
        (&["check_ntp_time", "-x"], "NTP UNKNOWN: unexpected argument '-x' found; see "),
        (&["check_ntp_peer", "-h"], "Monitoring plugin: "),
    ] {
        let (status, line) = run(words);
        assert!(status == Some(3) && line.starts_with(expected), "{line}");
    }
}
