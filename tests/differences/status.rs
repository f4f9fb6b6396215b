//! ntp-wait and ntptime.

use super::both;
use crate::support::{Run, nobody};

#[test]
fn wait_ends_without_daemon() {
    let closed = nobody();
    let [classic, ours] = both(|| Run::called("ntp-wait", ["-n", "1", "-s", "1", &closed]));
    assert!(classic.stdout.ends_with("Leap status not available\n"), "{classic}");
    assert!(ours.status == Some(1) && !ours.to_string().contains("Leap status"), "{ours}");
}

#[test]
fn ntptime_options() {
    let [classic, ours] = both(|| Run::called("ntptime", ["--help"]));
    assert_eq!((classic.status, classic.stdout.as_str()), (Some(2), ""));
    assert!(ours.status == Some(0) && ours.stdout.contains("--format"), "{ours}");
}

#[test]
fn stale_summary() {
    let [classic, ours] = both(|| Run::called("ntptime", ["-h"]));
    assert!(!classic.to_string().contains("0 .. 10 with NANO"), "{classic}");
    assert!(ours.to_string().contains("0 .. 10 with NANO"), "{ours}");
}

#[test]
fn silent_misuse() {
    for (words, fault) in [
        (&["-s", "300"][..], "-s: 300 is not between 0 and 255"),
        (&["word"], "unexpected argument 'word' found"),
    ] {
        let [classic, ours] = both(|| Run::called("ntptime", words));
        assert!(classic.stderr.starts_with("usage: "), "{classic}");
        assert!(ours.stderr.starts_with(&format!("ntptime: {fault}\n")), "{ours}");
    }
}
