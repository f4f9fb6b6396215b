//! `ntpkit exposure`, run as a program against simulated daemons.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use crate::ntptrace::{PORT, at, primary, start};
use crate::support::{Ran, Run, mute};
use ntpkit::sim::Scenario;
use serde_json::Value;
use std::net::SocketAddr;

fn exposure(words: &[&str]) -> Ran {
    // No simulated daemon answers chronyd's protocol; this port is closed.
    let words = ["exposure", "--chrony-port", "1"].iter().chain(words).copied();
    Run::called("ntpkit", words).run()
}

#[test]
fn an_open_daemon_is_critical_and_its_cure_is_named() {
    let open = Scenario { mode7_clients: Some(60), ..primary() };
    let _open = start(at(31, 1), open, 0.0);
    let host = SocketAddr::new(at(31, 1), PORT).to_string();
    let ran = exposure(&[&host]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(2), ""), "{ran}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], format!("{host} ({}):", at(31, 1)));
    assert_eq!(lines[1], "OK      time: answered: 48 octets for 48 (1.0 times)");
    assert!(lines[2].starts_with("FAIL    readvar: answered: "), "{ran}");
    assert!(lines[4].starts_with("WARN    mode7: answered: "), "{ran}");
    assert!(lines[5].starts_with("FAIL    monlist: answered: "), "{ran}");
    assert_eq!(lines[6], "OK      chronyd: no answer", "{ran}");
    assert!(ran.stdout.contains("\nTo close what is open:\n    ntp.conf: restrict default "), "{ran}");

    let ran = exposure(&["--format", "json", &host]);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(object["schema"], "ntpkit.exposure.v1");
    assert_eq!((&object["state"], &object["port"]), (&"FAIL".into(), &PORT.into()));
    let monlist = &object["answers"][4];
    assert_eq!((&monlist["question"], &monlist["octets_sent"]), (&"monlist".into(), &8.into()));
    assert!(
        monlist["amplification"].as_f64().unwrap() > 20.0 && monlist["datagrams_received"].as_u64() > Some(1)
    );
}

#[test]
fn a_silent_host_is_unknown() {
    let (_socket, mute) = mute();
    let ran = exposure(&[&mute]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(3), ""), "{ran}");
    assert!(
        ran.stdout.ends_with("UNKNOWN no answer to anything: it may be down, or not reachable from here\n"),
        "{ran}"
    );
}

#[test]
fn wrong_usage_is_unknown() {
    for words in [&[][..], &["-w", "x", "host"], &["10.0.0.0/23"], &["--frobnicate", "host"]] {
        let ran = exposure(words);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(3), ""), "{ran}");
    }
    let ran = exposure(&["10.0.0.0/23"]);
    assert_eq!(ran.stderr, "ntpkit exposure: 510 hosts; a run queries at most 256\n");
    let ran = exposure(&["--hosts-from", "/dev/null"]);
    assert_eq!(ran.status, Some(3));
    assert!(ran.stderr.ends_with("ntpkit exposure: no host left to query\n"), "{ran}");
}
