//! `--output FILE`: results in a file, written atomically.

use crate::support::{Ran, Run, daemon, host, nobody};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

fn ntpq(target: &str, file: &Path) -> Ran {
    let file = file.to_str().unwrap();
    Run::ntpq(["-n", "--format", "openmetrics", "--output", file, "-p", target]).run()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn metrics_for_node_exporter_and_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = daemon("campus");
    let target = host(&simulated);
    let [prom, other] = ["ntp.prom", "ntp.txt"].map(|name| folder.path().join(name));
    for file in [&prom, &other] {
        let ran = ntpq(&target, file);
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o644);
    }
    let [prom, other] = [prom, other].map(|file| fs::read_to_string(file).unwrap());
    assert!(
        prom.contains("\nntpkit_textfile_success 1\n")
            && prom.contains("\nntpkit_textfile_timestamp_seconds 1"),
        "{prom}"
    );
    assert!(
        prom.contains("# TYPE ntpkit_peer_info gauge\n")
            && prom.contains("# TYPE ntpkit_peer_selection gauge\n"),
        "{prom}"
    );
    assert!(!prom.contains("# EOF") && !prom.contains("# UNIT"), "{prom}");
    assert!(other.contains("# TYPE ntpkit_peer info\n") && other.ends_with("# EOF\n"), "{other}");
    assert_eq!(names(folder.path()), ["ntp.prom", "ntp.txt"], "nothing else is left");
}

#[test]
fn a_run_that_failed_says_so_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ntp.prom");
    let ran = ntpq(&nobody(), &file);
    assert_eq!(ran.status, Some(1));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\nntpkit_textfile_success 0\n") && text.contains("ntpkit_up{"), "{text}");
    let words =
        ["--format", "openmetrics", "--daemon", "ntpd", "--output", file.to_str().unwrap(), &nobody()];
    let ran = Run::called("ntpstat", words).run();
    assert!(ran.status != Some(0) && ran.stdout.is_empty(), "{ran:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("ntpkit_health_answered 0\n") && text.contains("ntpkit_textfile_success 0\n"),
        "{text}"
    );
}

#[test]
fn a_run_without_results_says_so_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let [file, list] = ["leap.prom", "no-such-list"].map(|name| folder.path().join(name));
    let words =
        ["leap", "--format", "openmetrics", "--output", file.to_str().unwrap(), list.to_str().unwrap()];
    let ran = Run::called("ntpkit", words).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\nntpkit_textfile_success 0\n"), "{text}");
    assert!(text.contains("\nntpkit_textfile_timestamp_seconds 1"), "{text}");
}

#[test]
fn every_program_with_results_writes_them_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = daemon("campus");
    let (target, silent) = (host(&simulated), nobody());
    for (program, words) in [
        ("ntpq", vec!["-n", "-p", &target]),
        ("ntpdc", vec!["-n", "-c", "peers", &target]),
        ("ntpdate", vec!["-q", &target]),
        ("ntpstat", vec![&target]),
        ("ntptime", vec![]),
        ("ntpkit", vec!["fleet", &target]),
        ("ntpkit", vec!["leap", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/leap-seconds.list")]),
        ("ntpkit", vec!["nts", "--timeout", "1", &silent]),
    ] {
        let file = folder.path().join("results");
        let options = ["--format", "json", "--output", file.to_str().unwrap()];
        let (first, rest) = words.split_at(usize::from(program == "ntpkit"));
        let run = |options: &[&str]| Run::called(program, [first, options, rest].concat()).run();
        let (shown, ran) = (run(&options[..2]), run(&options));
        assert_eq!((ran.status, ran.stdout.as_str()), (shown.status, ""), "{program} {words:?}: {ran:?}");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("{\"") && text.ends_with("}\n"), "{program} {words:?}: {text}");
        assert!(!text.contains("ntpkit_textfile"), "{program} {words:?}: {text}");
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_watch_does_not_write_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("results");
    for (program, words) in [
        ("ntpq", vec!["--watch=1", "-p"]),
        ("ntpstat", vec!["--watch=1"]),
        ("ntptime", vec!["--watch=1"]),
        ("ntpkit", vec!["fleet", "--watch=1"]),
    ] {
        let ran =
            Run::called(program, words.into_iter().chain(["--output", file.to_str().unwrap(), &nobody()]))
                .run();
        assert!(ran.status != Some(0) && ran.stdout.is_empty(), "{program}: {ran:?}");
        assert!(ran.stderr.contains("watch") && ran.stderr.contains("output"), "{program}: {ran:?}");
        assert!(!file.exists(), "{program}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = daemon("campus");
    let target = host(&simulated);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    for (file, reason) in [
        (folder.path().join("nowhere/ntp.prom"), "No such file or directory"),
        (folder.path().to_owned(), "not a regular file"),
        // Devices and links to them must not be replaced by files.
        (link.clone(), "not a regular file"),
        ("/dev/full".into(), "not a regular file"),
    ] {
        let ran = ntpq(&target, &file);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
        assert_eq!(ran.stderr, format!("ntpq: {}: {reason}\n", file.display()));
    }
    assert_eq!(names(folder.path()), ["link"]);
    assert!(link.is_symlink());
}

/// The limit on file sizes brings a signal that would end the program without a message.
#[test]
fn a_file_that_may_not_grow_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = daemon("campus");
    let target = host(&simulated);
    let file = folder.path().join("ntp.prom");
    fs::write(&file, "what was there\n").unwrap();
    let limited = |redirect: &str, words: &[&str]| {
        let script = format!("ulimit -f 0; exec \"$@\"{redirect}");
        let words = [&["-c", &script, "sh", env!("CARGO_BIN_EXE_ntpkit")], words].concat();
        let ran = Command::new("sh").args(words).output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
    };
    let path = file.to_str().unwrap();
    for (program, words, status) in
        [("ntpq", &["-n", "-p"][..], 1), ("ntpstat", &["--daemon", "ntpd"], 2), ("ntpdate", &["-q"], 1)]
    {
        let words = [&[program, "--format", "openmetrics"], words].concat();
        let (code, stderr) = limited("", &[&words[..], &["--output", path, &target]].concat());
        assert_eq!(code, Some(status), "{program}: {stderr}");
        assert_eq!(stderr, format!("{program}: {path}: File too large\n"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "what was there\n");
        assert_eq!(names(folder.path()), ["ntp.prom"]);
        let (code, stderr) =
            limited(&format!(" > '{path}.redirected'"), &[&words[..], &[target.as_str()]].concat());
        assert_eq!(code, Some(status), "{program}: {stderr}");
        assert_eq!(stderr, format!("{program}: write error: File too large\n"));
        fs::remove_file(format!("{path}.redirected")).unwrap();
    }
}
