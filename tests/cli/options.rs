//! Options that several programs have, and those that no other test needs.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use crate::support::{Run, daemon, host, nobody};
use std::fs;

/// Programs that read files of hosts, the words they need to ask quickly, and what they print of a daemon.
const READERS: &[(&str, &[&str], &str)] = &[
    ("ntpq", &["-c", "rv 0 stratum"], "stratum=2"),
    ("ntpdate", &["-q", "-p", "1"], "stratum 2"),
    ("ntpdate-debian", &["-q", "-p", "1"], "stratum 2"),
    ("ntpstat", &[], "synchronised to NTP server"),
    ("ntpsweep", &["-n"], "4.2.8p15"),
    ("ntptrace", &["-n", "-m", "1"], "stratum 2"),
    ("ntpmon", &["-n"], "mode 6: ntpd"),
];

#[test]
fn hosts_format_and_hosts_port_say_how_a_file_of_hosts_is_read() {
    let daemon = daemon("campus");
    let port = daemon.local_address().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    // Of another service of the host.
    fs::write(folder.path().join("hosts"), "[{\"targets\": [\"127.0.0.1:9\"]}]\n").unwrap();
    for (program, words, expected) in READERS {
        let run = |format: &str| {
            let files = ["--hosts-from", "hosts", "--hosts-format", format, "--hosts-port", &port];
            Run::called(program, [words, files.as_slice()].concat()).folder(folder.path()).run()
        };
        let ran = run("file-sd-json");
        assert!(ran.stdout.contains(expected), "{program}: {ran}");
        let refused = run("list");
        assert!(refused.stderr.contains("hosts:1: ") && refused.stdout.is_empty(), "{program}: {refused}");
    }
    let fleet: [&[&str]; 3] = [&["ntpdc", "-c", "sysinfo"], &["ntpkit", "fleet"], &["ntpkit", "exposure"]];
    for words in fleet {
        let (program, words) = (words[0], &words[1..]);
        let words = [words, &["--hosts-from", "hosts", "--hosts-format", "list"]].concat();
        let refused = Run::called(program, &words).folder(folder.path()).run();
        assert!(refused.stderr.contains("hosts:1: "), "{words:?}: {refused}");
    }
}

#[test]
fn ntpdate_debian_has_the_options_of_ntpdate() {
    let options: [&[&str]; 7] = [
        &["--max-step", "1"],
        &["--rtc"],
        &["--yes"],
        &["--nts-trust-time"],
        &["--nts", "--nts-save", "/nonexistent/keys"],
        &["--ca", "/nonexistent/ca.pem"],
        &["--hosts-from", "/nonexistent/hosts"],
    ];
    for option in options {
        let run = |program: &str| {
            let host = nobody();
            let ran = Run::called(
                program,
                [&["-q", "-p", "1", "-t", "0.2", "--nts-trust-time"], option, &[&host]].concat(),
            )
            .run();
            // The time of day and the number of the process are in front of messages.
            let messages: Vec<String> = ran
                .stderr
                .lines()
                .map(|line| line.split("]: ").last().unwrap().replace(&host, "HOST"))
                .collect();
            (ran.status, messages)
        };
        assert_eq!(run("ntpdate-debian"), run("ntpdate"), "{option:?}");
    }
}

#[test]
fn old_rv_prints_the_status_line_for_named_variables() {
    let daemon = daemon("campus");
    let host = host(&daemon);
    let rv = |words: &[&str]| {
        let words = [words, &["-c", "rv 0 stratum", &host]].concat();
        Run::ntpq(words).run().quiet_success()
    };
    assert_eq!(rv(&[]), "stratum=2\n");
    assert!(rv(&["--old-rv"]).starts_with("associd=0 status="));
}

#[test]
fn rcrit_bounds_the_reach_of_the_source() {
    let daemon = daemon("campus");
    let port = daemon.local_address().port().to_string();
    for (range, status) in [("8:", 0), ("9:", 2)] {
        let ran = Run::called("check_ntp_peer", ["-H", "127.0.0.1", "-p", &port, "--rcrit", range]).run();
        assert_eq!(ran.status, Some(status), "{ran}");
    }
}

#[test]
fn more_help_is_the_help() {
    for program in ["ntpsweep", "ntptrace"] {
        let help =
            |option: &str| Run::called(program, [option]).environment("PAGER", "cat").run().quiet_success();
        assert_eq!(help("--more-help"), help("--help"), "{program}");
    }
}

#[test]
fn name_timeout_of_ntpsweep_is_a_number_of_seconds() {
    let daemon = daemon("campus");
    let ran = Run::called("ntpsweep", ["--name-timeout", "60", "-n", "-l", &host(&daemon)]).run();
    assert!(ran.quiet_success().contains("4.2.8p15"));
    let refused = Run::called("ntpsweep", ["--name-timeout", "soon", "-l", &host(&daemon)]).run();
    assert!(refused.stderr.contains("--name-timeout"), "{refused}");
}

#[test]
fn options_of_ntp_keygen_come_from_a_file_and_its_password_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("options"), "type AES128CMAC\n").unwrap();
    fs::write(folder.path().join(".ntprc"), "[NTP-KEYGEN]\ntype SHA512\n").unwrap();
    let keys = |words: &[&str]| {
        let words = [&["-M", "--stdout"], words].concat();
        let ran = Run::called("ntp-keygen", words)
            .folder(folder.path())
            .environment("HOME", &folder.path().to_string_lossy())
            .run();
        ran.stdout
    };
    assert!(keys(&["--load-opts", "options"]).contains(" AES128CMAC "));
    assert!(keys(&["--no-load-opts"]).contains(" MD5 "));
    let words = ["--export-passwd-file", "/nonexistent/password"];
    let refused = Run::called("ntp-keygen", words).folder(folder.path()).run();
    assert!(refused.stderr.contains("/nonexistent/password"), "{refused}");
}
