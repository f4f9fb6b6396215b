//! `ntpkit diag`.

use crate::support::{Run, daemon};

#[test]
fn another_host_is_examined_from_outside() {
    let daemon = daemon("campus");
    let ran = Run::called("ntpkit", ["diag"]).of(&daemon).run();
    assert_eq!(ran.stderr, "");
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some("127.0.0.1:PORT:"), "{ran}");
    let lines: Vec<&str> = lines.collect();
    assert!(lines.contains(&"OK      answer: ntpd answers"), "{ran}");
    assert!(lines.iter().any(|line| line.starts_with("OK      synchronized: synchronised to ")), "{ran}");
    for line in &lines {
        assert!(["OK ", "WARN ", "FAIL ", "UNKNOWN "].iter().any(|word| line.starts_with(word)), "{line}");
        assert!(line.starts_with("OK ") || line.contains("; "), "{line}");
    }
}

#[test]
fn the_worst_verdict_is_the_status() {
    let daemon = daemon("campus");
    let ran = Run::called("ntpkit", ["diag", "--format", "json"]).of(&daemon).run();
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let found: Vec<&str> = json["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter_map(|check| check["state"].as_str())
        .collect();
    let worst =
        ["FAIL", "WARN", "UNKNOWN", "OK"].into_iter().find(|state| found.contains(state)).expect("a state");
    let status = match worst {
        "FAIL" => 2,
        "WARN" => 1,
        "UNKNOWN" => 3,
        _ => 0,
    };
    assert_eq!((json["schema"].as_str(), json["state"].as_str()), (Some("ntpkit.diag.v1"), Some(worst)));
    assert_eq!(ran.status, Some(status));
}

#[test]
fn a_host_that_is_silent_or_has_no_address_fails() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let host = silent.local_addr().expect("an address").to_string();
    let ran = Run::called("ntpkit", ["diag", "--timeout", "0.1", &host]).run();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(2), ""));
    assert!(ran.stdout.contains("\nFAIL    answer: no reply, not even to a time request"), "{ran}");
    assert_eq!(ran.stdout.lines().count(), 2, "{ran}");
    let ran = Run::called("ntpkit", ["diag", "name.invalid"]).run();
    assert_eq!(ran.status, Some(2));
    assert!(ran.stdout.starts_with("name.invalid:\nFAIL    answer: "), "{ran}");
}

#[test]
fn checks_are_explained() {
    let ran = Run::called("ntpkit", ["diag", "--explain", "falsetickers"]).run().quiet_success();
    assert!(ran.starts_with("falsetickers\n    A falseticker's time is outside "), "{ran}");
    let all = Run::called("ntpkit", ["diag", "--explain", "all"]).run().quiet_success();
    assert!(all.contains(&ran) && all.lines().all(|line| line.len() <= 80), "{all}");
    let ran = Run::called("ntpkit", ["diag", "--explain", "nothing"]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(3), ""));
    assert!(
        ran.stderr.starts_with("ntpkit: no such check: nothing; the checks are daemons, port, "),
        "{ran}"
    );
}
