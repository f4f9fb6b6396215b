//! `ntpkit chrony` beside a chronyd that sends recorded replies.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is missing here is a failed test")]

use crate::chronyd::{chronyd, recorded, reply};
use crate::support::{Ran, Run, mute, nobody};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::thread;

const SOURCES: &str = "^* 192.0.2.11                    1   4   377    15   +108ns[ +108ns] +/-   10ms";

fn chrony(words: &[&str]) -> Ran {
    Run::called("ntpkit", ["chrony"].iter().chain(words).copied()).run()
}

#[test]
fn reports_of_one_host() {
    let host = chronyd(|_| {});
    let ran = chrony(&["sources", "-n", &host]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "MS Name/IP address         Stratum Poll Reach LastRx Last sample               ");
    assert_eq!((lines.len(), lines[1]), (7, "=".repeat(79).as_str()), "{ran}");
    assert!(lines[2].starts_with("^* 192.0.2.11                    1   4   377    15 "), "{ran}");
    assert_eq!(lines[2].len(), SOURCES.len(), "{ran}");
    assert!(lines[5].starts_with("^? 192.0.2.17                    0  10     0     -     +0ns"), "{ran}");

    let ran = chrony(&["sourcestats", "-c", &host]);
    assert_eq!(ran.stdout.lines().count(), 5, "{ran}");
    assert!(ran.stdout.starts_with("192.0.2.11,6,4,97,"), "{ran}");
    assert!(ran.stdout.contains("\n192.0.2.17,0,0,0,0.000,2000.000,0.000000000,4.000000000\n"), "{ran}");

    let ran = chrony(&["tracking", "-n", &host]);
    assert!(
        ran.stdout.starts_with("Reference ID    : C000020B (192.0.2.11)\nStratum         : 2\n"),
        "{ran}"
    );
    assert_eq!(ran.stdout.lines().count(), 13, "{ran}");
}

#[test]
fn reports_of_several_hosts() {
    let (one, other) = (chronyd(|_| {}), chronyd(|_| {}));
    let ran = chrony(&["tracking", "-n", &one, &nobody(), &other]);
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stdout.starts_with(&format!("{one} (127.0.0.1):\nReference ID    : C000020B")), "{ran}");
    assert!(ran.stdout.contains(&format!("\n\n{other} (127.0.0.1):\nReference ID")), "{ran}");
    let reason = format!("ntpkit chrony: {}: not listening on UDP port", nobody());
    assert!(ran.stderr.starts_with(&reason) && ran.stderr.lines().count() == 1, "{ran}");

    let ran = chrony(&["sources", "-c", &one, &other]);
    let hosts: Vec<&str> = ran.stdout.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(hosts, [vec![one.as_str(); 5], vec![other.as_str(); 5]].concat(), "{ran}");
}

#[test]
fn the_formats_of_the_kit() {
    let host = chronyd(|_| {});
    let ran = chrony(&["sources", "-n", "--format", "table", &host]);
    assert!(ran.stdout.contains("│ server ┆ selected") && ran.stdout.contains("┆ 000 0/8 ┆    - ┆"), "{ran}");
    let ran = chrony(&["sources", "-n", "--format", "json", &host]);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&object["schema"], &object["report"]), (&"ntpkit.chrony.v1".into(), &"sources".into()));
    assert_eq!(object["host"], host.as_str());
    let records = object["records"].as_array().unwrap();
    assert_eq!(
        (records.len(), &records[0]["state"], &records[0]["tally"]),
        (5, &"selected".into(), &"*".into())
    );
    assert!(records[3]["offset_s"].is_null() && records[3]["age_s"].is_null(), "nothing was measured: {ran}");

    let ran = chrony(&["sourcestats", "-n", "--format", "openmetrics", &host, &nobody()]);
    assert_eq!(ran.status, Some(1), "{ran}");
    let source = format!(
        "ntpkit_chrony_source_samples{{host=\"{host}\",source=\"192.0.2.11\",address=\"192.0.2.11\"}} 6\n"
    );
    assert!(ran.stdout.contains(&source) && ran.stdout.ends_with("# EOF\n"), "{ran}");
    assert!(ran.stdout.contains(&format!("ntpkit_up{{host=\"{}\"}} 0\n", nobody())), "{ran}");
    let ran = chrony(&["tracking", "-n", "--format", "openmetrics", &host]);
    for family in ["ntpkit_system_stratum", "ntpkit_chrony_skew_ratio", "ntpkit_up"] {
        assert!(ran.stdout.contains(&format!("\n{family}{{host=\"{host}\"}} ")), "{family}: {ran}");
    }
}

#[test]
fn metrics_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chrony.prom");
    let words = ["tracking", "-n", "--format", "openmetrics", "--output", file.to_str().unwrap()];
    let host = chronyd(|_| {});
    let ran = chrony(&[&words[..], &[&host]].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran}");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("\nntpkit_textfile_success 1\n") && text.contains("ntpkit_chrony_skew_ratio{"),
        "{text}"
    );
    let ran = chrony(&[&words[..], &[&nobody()]].concat());
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("\nntpkit_textfile_success 0\n"));
}

#[test]
fn private_reports_need_the_socket() {
    let host = chronyd(|_| {});
    for report in ["selectdata", "authdata", "ntpdata", "serverstats", "clients"] {
        let ran = chrony(&[report, &host]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran}");
        let hint =
            format!("only through its Unix socket; run `ntpkit chrony {report}' on that host, as root");
        assert!(ran.stderr.contains("not authorised") && ran.stderr.contains(&hint), "{ran}");
    }
    let ran = chrony(&["clients", "--format", "json", &host]);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(
        object["records"].is_null() && object["error"].as_str().unwrap().starts_with("not authorised"),
        "{ran}"
    );
}

#[test]
fn through_the_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o750)).unwrap();
    let path = folder.path().join("chronyd.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    let replies = recorded();
    thread::spawn(move || {
        let mut request = [0; 1024];
        while let Ok((length, client)) = socket.recv_from(&mut request) {
            let _ = socket.send_to(&reply(&replies, &request[..length]), client.as_pathname().unwrap());
        }
    });
    let path = path.to_str().unwrap();
    let ran = chrony(&["tracking", "-n", path]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    assert!(ran.stdout.starts_with("Reference ID    : C000020B (192.0.2.11)\n"), "{ran}");
    let ran = chrony(&["tracking", path, "/run/another.sock"]);
    assert_eq!(ran.status, Some(2), "{ran}");
    let ran = chrony(&["tracking", "/nonexistent/chronyd.sock"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    assert!(ran.stderr.starts_with("ntpkit chrony: /nonexistent/chronyd.sock: "), "{ran}");
}

#[test]
fn bad_replies_are_reported() {
    type Change = fn(&mut Vec<u8>);
    let cases: [(Change, &str); 5] = [
        (|reply| reply.truncate(60), "invalid reply: too short, or of a layout"),
        (|reply| reply[7] = 99, "invalid reply: too short, or of a layout"),
        (|reply| reply[9] = 19, "expects requests of another length"),
        (|reply| reply[9] = 200, "invalid reply (status 200)"),
        (|reply| (reply[0], reply[9]) = (5, 18), "older command protocol"),
    ];
    for (change, reason) in cases {
        let ran = chrony(&["tracking", "-t", "1", &chronyd(change)]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran}");
        assert!(ran.stderr.contains(reason), "{reason}: {ran}");
    }
    let (_socket, mute) = mute();
    let ran = chrony(&["sources", "-t", "0.3", &mute]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    assert!(ran.stderr.contains("no answer on UDP port"), "{ran}");
    // The letters of a reference clock reach no terminal as they are.
    let ran = chrony(&[
        "tracking",
        "-n",
        &chronyd(|reply| reply[28..52].copy_from_slice(&[b"\x1b[2J", &[0; 20][..]].concat())),
    ]);
    assert!(ran.stdout.starts_with("Reference ID    : 1B5B324A ([2J)\n"), "{ran}");
}

#[test]
fn wrong_usage() {
    for words in [
        &[][..],
        &["frobnicate"],
        &["tracking", "-v"],
        &["ntpdata", "-a"],
        &["sources", "-c", "--format", "json"],
        &["sources", "-v", "--format", "table"],
        &["tracking", "-p", "3"],
        &["sources", "-k"],
        &["tracking", "-t", "0"],
    ] {
        let ran = chrony(words);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{words:?}: {ran}");
    }
}
