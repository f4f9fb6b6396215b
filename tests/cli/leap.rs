//! `ntpkit leap`.

use crate::support::Run;
use std::fs;

/// A list that expires in the year 2036, with its hash.
const LIST: &str =
    "#$\t3960835200\n#@\t4294944000\n3644697600\t36\t# 1 Jul 2015\n3692217600\t37\t# 1 Jan 2017\n#h\tHASH\n";

fn leap(text: &str, options: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("leap-seconds.list");
    fs::write(&path, text).expect("a file");
    let words = ["leap", path.to_str().expect("a path")];
    let ran = Run::called("ntpkit", words.iter().chain(options)).run();
    assert_eq!(ran.stderr, "");
    (ran.status, ran.stdout)
}

#[test]
fn damaged_and_missing_lists_are_failures() {
    let damaged = LIST.replace("HASH", "49db2447 571e5e1b 2f002a53 9c8da8e4 39b8e49e");
    let (status, told) = leap(&damaged, &[]);
    assert!(
        status == Some(1) && told.contains("\nhash     wrong\n") && told.contains("\nproblem  SHA-1"),
        "{told}"
    );
    let (status, told) = leap(&damaged, &["--check"]);
    assert!(status == Some(2) && told.starts_with("LEAP CRITICAL: SHA-1 hash mismatch"), "{told}");
    let (status, told) = leap("", &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((status, &json["valid"], &json["hash"]), (Some(1), &false.into(), &"missing".into()));
    let (_, told) = leap(&damaged, &["--format", "openmetrics"]);
    assert!(told.contains("\nntpkit_leap_list_valid{file=") && told.ends_with("# EOF\n"), "{told}");
    let ran = Run::called("ntpkit", ["leap", "/nonexistent"]).run();
    assert!(ran.status == Some(2) && ran.stderr.contains("/nonexistent: No such file"), "{ran:?}");
    let ran = Run::called("ntpkit", ["leap", "--check", "/nonexistent"]).run();
    assert!(ran.status == Some(3) && ran.stdout.starts_with("LEAP UNKNOWN: /nonexistent"), "{ran:?}");
}

/// IERS' own list of 2025, with its hash; it has expired or will.
#[test]
fn a_published_list_is_intact() {
    let rows = include_str!("leap-seconds.list");
    let (status, told) = leap(rows, &[]);
    assert!(
        told.contains("\nhash     right\n") && told.contains("\nexpires  2026-06-28, "),
        "{status:?} {told}"
    );
}
