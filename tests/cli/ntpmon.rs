//! `ntpmon` without a terminal: one frame as plain text.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use crate::support::Run;
use ntpkit::sim::{Faults, SimulatedDaemon, demo};
use std::net::UdpSocket;

fn campus() -> SimulatedDaemon {
    let scenario = demo().into_iter().find(|scenario| scenario.name == "campus").unwrap();
    SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap()
}

#[test]
fn one_frame_and_a_status() {
    let daemon = campus();
    let host = daemon.local_address().to_string();
    let ran = Run::called("ntpmon", ["-n", &host]).run();
    let shown = ran.quiet_success();
    assert!(shown.starts_with(&host), "{shown}");
    assert!(shown.contains("mode 6: ntpd") && shown.contains("  offset  jitter\n"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown}");

    let silent = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let nobody = silent.local_addr().unwrap().to_string();
    let ran = Run::called("ntpmon", ["-t", "0.5", &nobody]).run();
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stdout.contains("CRITICAL no answer"), "{ran}");

    let ran = Run::called("ntpmon", ["-t", "0.5", &nobody, &host, "nosuch.invalid"]).run();
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stdout.starts_with("ntpmon  3 hosts, worst first"), "{ran}");
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.starts_with(&host), "the one without problems comes last: {ran}");
}

#[test]
fn wrong_usage_and_help() {
    for (words, complaint) in [
        (&["--interval", "0.5"][..], "must be 1 to 86400 seconds"),
        (&["--frobnicate"], "--frobnicate"),
        (&["-4", "--timeout", "0"], "out of range"),
    ] {
        let ran = Run::called("ntpmon", words.iter().copied()).run();
        assert_eq!(ran.status, Some(2), "{ran}");
        assert!(ran.stderr.starts_with("ntpmon: ") && ran.stderr.contains(complaint), "{ran}");
    }
    let help = Run::called("ntpmon", ["--help"]).run().quiet_success();
    assert!(help.contains("--hosts-from"), "{help}");
    let ran = Run::called("ntpmon", ["--log", "/nonexistent/log", "127.0.0.1:9"]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    assert_eq!(ran.stderr, "ntpmon: /nonexistent/log: No such file or directory\n", "{ran}");
}
