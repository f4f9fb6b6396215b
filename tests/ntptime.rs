//! `ntptime` on this machine's clock, which is only read.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "what is missing here is a failed test")]

use assert_cmd::Command;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

fn run(words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("ntpkit").expect("the program");
    command.env_remove("NTPKIT_COMPAT").env("TZ", "UTC").arg("ntptime").args(words).output().expect("a run")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_state_of_this_machines_clock() {
    let output = run(&[]);
    if !output.status.success() {
        // A container may forbid even reading; then that is said.
        assert!(String::from_utf8_lossy(&output.stderr).contains("seccomp"), "{output:?}");
        return;
    }
    let text = out(&output);
    let beginnings = [
        "ntp_gettime() returns code ",
        "  time ",
        "  maximum error ",
        "ntp_adjtime() returns code ",
        "  modes 0x0 (),",
        "  offset ",
        "  maximum error ",
        "  status 0x",
        "  time constant ",
    ];
    for (line, beginning) in text.lines().zip(beginnings) {
        assert!(line.starts_with(beginning), "{text}");
    }
    assert!(text.lines().count() >= beginnings.len(), "{text}");
    assert_eq!(out(&run(&["--compat", "4.2.8p15"])).lines().count(), text.lines().count());

    let cost = out(&run(&["-c"]));
    let line = cost.lines().next().unwrap();
    assert!(line.starts_with("[ us ") && line.split(' ').count() == 3 + 19 + 1, "{line}");
    let raw = out(&run(&["-r"]));
    assert!(raw.contains("  ntptime=") && raw.contains("\n, TAI offset "), "{raw}");

    let value: Value = serde_json::from_str(&out(&run(&["--format", "json"]))).unwrap();
    assert_eq!(value["schema"], "ntpkit.kernel-clock.v1");
    assert!(out(&run(&["--format", "openmetrics"])).ends_with("# EOF\n"));
}

#[test]
fn it_repeats_until_nobody_listens() {
    if !run(&[]).status.success() {
        // A container may forbid reading, and then nothing is printed, for ever.
        return;
    }
    for words in [&["--watch", "1", "--format", "json"][..], &["--watch=1", "--format=json"]] {
        let program = assert_cmd::cargo::cargo_bin("ntpkit");
        let mut child = std::process::Command::new(program)
            .arg("ntptime")
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let results = BufReader::new(child.stdout.take().unwrap());
        let readings: Vec<String> = results.lines().map_while(Result::ok).take(2).collect();
        // The reader is gone, and that is not a fault.
        assert_eq!((readings.len(), child.wait().unwrap().code()), (2, Some(0)));
        for reading in readings {
            let value: Value = serde_json::from_str(&reading).unwrap();
            assert!(value["unix_time_s"].is_f64(), "{value}");
        }
    }
}

#[test]
fn wrong_usage() {
    // Nothing here would change the clock even if it were taken for good.
    for words in [&["-x"][..], &["-f"], &["-h"], &["word"], &["-rd"]] {
        let output = run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty(), "{words:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(" [-MNT:cde:f:hm:o:rs:t:]\n"), "{words:?}");
    }
}
