//! `ntpkit ping`, run as a program against simulated daemons.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use crate::ntptrace::{PORT, at, primary, start};
use crate::support::{Ran, Run, mute, nobody};
use ntpkit::sim::{Scenario, TimeService};
use serde_json::Value;
use std::net::SocketAddr;

fn ping(words: &[&str]) -> Ran {
    Run::called("ntpkit", ["ping"].iter().chain(words).copied()).run()
}

#[test]
fn a_line_for_each_answer_and_a_summary() {
    let (_one, _other) = (start(at(21, 1), primary(), 0.0), start(at(21, 2), primary(), 3.0));
    let hosts = [1, 2].map(|host| SocketAddr::new(at(21, host), PORT).to_string());
    let ran = ping(&["-c", "3", "-i", "0.02", "--compare", &hosts[0], &hosts[1]]);
    let text = ran.quiet_success();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with(&format!("{}: 1: offset ", hosts[0])), "{text}");
    assert!(lines[0].contains(", stratum 1, refid GPS") && !lines[0].contains("from the first"), "{text}");
    assert!(lines[5].starts_with(&format!("{}: 3: offset ", hosts[1])), "{text}");
    assert!(lines[5].ends_with(" from the first"), "{text}");
    assert!(
        text.contains(&format!("--- {}: 3 sent, 3 answered, 0 % lost\n    offset min ", hosts[0])),
        "{text}"
    );
    assert!(
        text.contains("    jitter ") && text.ends_with(" s between the medians of 2 servers\n"),
        "{text}"
    );
    assert!(!text.contains('\u{2588}'), "no plot but on a terminal: {text}");

    let ran = ping(&["-c", "2", "-i", "0.02", "--format", "json", &hosts[1], &hosts[0]]);
    let objects: Vec<Value> =
        ran.quiet_success().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 5);
    assert!((objects[0]["offset_s"].as_f64().unwrap() - 3.0).abs() < 0.5);
    assert_eq!(objects[4]["schema"], "ntpkit.ping_summary.v1");
    assert!((objects[4]["spread_s"].as_f64().unwrap() - 3.0).abs() < 0.5);
    assert_eq!(objects[4]["hosts"][1]["answered"], 2);
}

#[test]
fn silence_and_refusals() {
    let (_socket, mute) = mute();
    let ran = ping(&["-c", "2", "-i", "0.05", &mute]);
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (Some(1), format!("ntpkit: ping: {mute}: next: ntpkit diag\n").as_str()),
        "{ran}"
    );
    // The possible reasons are printed once.
    let mut lines = ran.stdout.lines();
    assert!(lines.next().unwrap().starts_with(&format!("{mute}: 1: no answer: a firewall")), "{ran}");
    assert_eq!(lines.next(), Some(format!("{mute}: 2: no answer").as_str()), "{ran}");
    assert!(ran.stdout.ends_with(&format!("\n--- {mute}: 2 sent, 0 answered, 100 % lost\n")), "{ran}");
    let nobody = nobody();
    let ran = ping(&["-c", "1", &nobody]);
    assert!(ran.stdout.contains(": 1: no NTP daemon listens on that port there\n"), "{ran}");
    assert!(ran.stderr.contains(": next: ss -lunp 'sport = :"), "{ran}");

    let limited = Scenario { time_service: TimeService::KissAfter(1, *b"RATE"), ..primary() };
    let _limited = start(at(22, 1), limited, 0.0);
    let host = SocketAddr::new(at(22, 1), PORT).to_string();
    let ran = ping(&["-c", "9", "-i", "0.02", &host]);
    assert_eq!(ran.status, Some(0), "{ran}");
    let is_told = ran.stdout.contains(&format!("{host}: 2: it refuses this client (kiss-o'-death RATE)\n"));
    assert!(is_told && ran.stdout.contains("2 sent, 1 answered, 50 % lost"), "{ran}");

    // Nobody else is asked so often; without a request, for the address is only a documentation's.
    let ran = ping(&["-i", "1.9", "192.0.2.1"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran}");
    assert_eq!(
        ran.stderr,
        "ntpkit: ping: intervals under 2 s are allowed only for servers on this machine\n"
    );
    let ran = ping(&["-c", "1", "nosuch.invalid"]);
    assert!(ran.status == Some(1) && ran.stderr.starts_with("ntpkit: ping: nosuch.invalid: "), "{ran}");
}
