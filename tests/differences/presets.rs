//! Option files and saved options.

use super::both;
use crate::support::{Ran, Run};
use std::fs;
use std::path::Path;

/// A home with this in its `.ntprc`, and what both dialects make of it.
fn with_file(text: &str, words: &[&str]) -> [Ran; 2] {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(".ntprc"), text).unwrap();
    let path = home.path().display().to_string();
    both(|| Run::ntpq(words).environment("HOME", &path))
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn preset_commands_are_garbage() {
    for ran in with_file("command = timeout\n", &["-c", "delay"]) {
        assert_eq!(ran.stdout, "primary timeout 5000 ms\n\ndelay 20 ms\n");
    }
}

#[test]
fn preset_lines_verbatim() {
    let [classic, ours] = with_file("refid = hash", &["-c", "drefid"]);
    assert_eq!(
        (classic.stdout.as_str(), ours.stdout.as_str()),
        ("drefid value is ipv4\n", "drefid value is hash\n")
    );
}

#[test]
fn preset_conflicts_ignored() {
    let [classic, ours] = with_file("command = timeout\n", &["-i", "127.0.0.1"]);
    assert_eq!((classic.stdout.as_str(), ours.stdout.as_str()), ("primary timeout 5000 ms\n", ""));
}

#[test]
fn preset_faults_silent() {
    let [classic, ours] = with_file("\nrefid=bogus\n", &["-c", "drefid"]);
    assert!(!classic.stderr.contains(".ntprc"), "{classic}");
    assert!(ours.stderr.contains(".ntprc, line 2:"), "{ours}");
}

#[test]
fn preset_rest_after_fault() {
    let [classic, ours] =
        both(|| Run::ntpq(["-c", "hostnames"]).environment("NTPQ", "--numeric --bogus --refid=hash"));
    assert_eq!((classic.status, classic.stderr.as_str()), (Some(0), ""));
    assert!(ours.status == Some(1) && ours.stderr.contains("environment variable NTPQ:"), "{ours}");
}

#[test]
fn saved_options_overwrite() {
    let [classic, ours] = [true, false].map(|classic| {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("options");
        fs::write(&file, "[NTPDC]\nwide\n").unwrap();
        let run = Run::ntpq(["->options", "-n"]).folder(home.path());
        if classic { run.classic() } else { run }.run();
        lines(&file).join("\n")
    });
    assert!(!classic.contains("[NTPDC]") && ours.contains("[NTPDC]\nwide"), "{classic} / {ours}");
}

#[test]
fn saved_values_unquoted() {
    let [classic, ours] = [true, false].map(|classic| {
        let home = tempfile::tempdir().unwrap();
        let run = Run::ntpq(["->options", "-c", " rv"]).folder(home.path());
        if classic { run.classic() } else { run }.run();
        lines(&home.path().join("options")).join("\n")
    });
    assert_eq!(classic, "command =            rv");
    assert_eq!(ours, "command =           \" rv\"");
}

#[test]
fn presets_in_current_folder() {
    let (home, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(here.path().join(".ntprc"), "refid=hash\n").unwrap();
    let home = home.path().display().to_string();
    let [classic, ours] = both(|| Run::ntpq(["-c", "drefid"]).folder(here.path()).environment("HOME", &home));
    assert_eq!(
        (classic.stdout.as_str(), ours.stdout.as_str()),
        ("drefid value is hash\n", "drefid value is ipv4\n")
    );
}
