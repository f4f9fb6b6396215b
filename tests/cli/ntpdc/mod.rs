//! `ntpdc` against simulated daemons with mode 7.

mod hostile;
mod reading;

use crate::support::{Run, for_each_seed, host, scenario};
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{Fault, Faults, Scenario, SimulatedDaemon};
use std::time::Duration;

const HEADING: &str = "     remote           local      st poll reach  delay   offset    disp\n\
=======================================================================\n";

fn with_mode7(clients: u32) -> Scenario {
    Scenario { mode7_clients: Some(clients), ..scenario("campus") }
}

fn start(scenario: Scenario, faults: Faults) -> SimulatedDaemon {
    SimulatedDaemon::start_on_loopback(scenario, faults).unwrap()
}

fn ntpdc(daemon: &SimulatedDaemon, arguments: &[&str]) -> crate::support::Ran {
    Run::called("ntpdc", [&["-n"], arguments].concat()).of(daemon).run()
}

#[test]
fn peers_are_listed_youngest_first() {
    let daemon = start(with_mode7(0), Faults::default());
    let ran = ntpdc(&daemon, &["-p"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    let rows = ran.stdout.strip_prefix(HEADING).unwrap();
    assert_eq!(rows.lines().count(), scenario("campus").associations.len());
    assert!(rows.lines().any(|row| row.starts_with('*')), "{rows}");
    assert!(rows.lines().all(|row| row.chars().count() == 71), "{rows}");
}

#[test]
fn six_hundred_clients_come_whole_and_in_order() {
    let daemon = start(with_mode7(600), Faults { faults: vec![Fault::Reversed], ..Faults::default() });
    let ran = ntpdc(&daemon, &["-c", "monlist"]);
    let rows: Vec<&str> = ran.stdout.lines().skip(2).collect();
    assert_eq!((ran.status, rows.len()), (Some(0), 600));
    assert!(rows[0].starts_with("10.0.0.1 ") && rows[599].starts_with("10.0.2.88 "), "{}", rows[599]);
    let ran = Run::called("ntpdc", ["--format", "json", "-n", "-c", "monlist", &host(&daemon)]).run();
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["schema"], "ntpkit.mode7.monlist.v1");
    assert_eq!(report["clients"].as_array().unwrap().len(), 600);
}

#[test]
fn lost_replies_are_requested_again_every_time() {
    for_each_seed(0..40, |number| {
        let (seed, loss) = (number / 2, if number % 2 == 0 { 0.05 } else { 0.2 });
        let daemon = start(with_mode7(200), Faults { seed, loss, ..Faults::default() });
        let ran = ntpdc(&daemon, &["-c", "peers", "-c", "monlist", "-c", "sysinfo"]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "seed {seed}, loss {loss}");
        let rows = 2 + scenario("campus").associations.len() + 2 + 200 + 14;
        assert_eq!(ran.stdout.lines().count(), rows, "seed {seed}, loss {loss}");
    });
}

#[test]
fn a_table_takes_one_round_trip() {
    let delay = Duration::from_millis(100);
    let daemon = start(with_mode7(100), Faults { delay, ..Faults::default() });
    let ran = ntpdc(&daemon, &["-c", "monlist"]);
    assert_eq!(ran.stdout.lines().count(), 102);
    assert_eq!(daemon.datagrams(), 1, "asked once");
}

#[test]
fn hosts_without_mode_7_are_recognised() {
    let daemon = start(scenario("campus"), Faults::default());
    let ran = ntpdc(&daemon, &["-c", "sysinfo"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("timed out, nothing received\n***Request timed out\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("enable mode7") && ran.stderr.contains("ntpq -c sysinfo "), "{}", ran.stderr);
}

#[test]
fn changes_take_effect_with_the_right_key_only() {
    let key = Key::from_text(1, KeyType::Md5, "secret").unwrap();
    let daemon = start(Scenario { request_key: Some(key), ..with_mode7(0) }, Faults::default());
    let key = ["-c", "keyid 1", "-c", "passwd secret"];
    let ran = ntpdc(&daemon, &[&key[..], &["-c", "addserver 192.0.2.98 iburst", "-c", "listpeers"]].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    assert!(
        ran.stdout.starts_with("done!\n") && ran.stdout.contains("client       192.0.2.98\n"),
        "{}",
        ran.stdout
    );
    let ran =
        ntpdc(&daemon, &[&key[..], &["-c", "unconfig 192.0.2.98", "-c", "unconfig 192.0.2.98"]].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), "done!\n"));
    assert_eq!(ran.stderr, "server=127.0.0.1 ***Server reports data not found\n");
    let ran = ntpdc(&daemon, &["-c", "keyid 1", "-c", "passwd wrong", "-c", "readkeys"]);
    let cure = "server=127.0.0.1 ***Permission denied\nntpdc: 127.0.0.1: it refuses key 1, or all changes: its ntp.conf needs \
        `requestkey 1' and `trustedkey 1'";
    assert!(ran.status == Some(1) && ran.stderr.starts_with(cure), "{}", ran.stderr);
}

#[test]
fn refusals_have_the_classic_words() {
    let daemon = start(with_mode7(0), Faults::default());
    for (command, reported) in [
        ("monlist", "server=127.0.0.1 ***Server reports data not found\n"),
        ("showpeer nowhere.invalid", "***Can't find host nowhere.invalid\n"),
        ("showpeer", "usage: showpeer [ -4|-6 ] peer_address [ peer2_addr ] [ peer3_addr ] [ peer4_addr ]\n"),
        ("loopinfo x", "How many lines?\n"),
        ("listpeers 5", "***Version must be either 4 or 6\n"),
    ] {
        let ran = ntpdc(&daemon, &["-c", command]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), reported), "{command}");
    }
    let old = start(Scenario { without_ipv6: true, ..with_mode7(0) }, Faults::default());
    let ran = ntpdc(&old, &["-c", "monlist 1"]);
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (Some(1), "server=127.0.0.1 ***Server doesn't implement this request\n")
    );
    let classic = Run::called("ntpdc", ["-n", "-c", "monlist"]).classic().of(&daemon).run();
    assert_eq!(classic.status, Some(0), "as the original");
}

#[test]
fn changes_over_a_bad_network_are_made_and_confirmed() {
    let key = Key::from_text(1, KeyType::Md5, "secret").unwrap();
    for_each_seed(0..20, |seed| {
        let scenario = Scenario { request_key: Some(key.clone()), ..with_mode7(0) };
        let daemon = start(scenario, Faults { seed, loss: 0.3, ..Faults::default() });
        let key = ["-c", "keyid 1", "-c", "passwd secret"];
        let changes =
            ["-c", "addserver 192.0.2.98", "-c", "unconfig 192.0.2.11 192.0.2.12", "-c", "listpeers"];
        let ran = ntpdc(&daemon, &[&key[..], &changes].concat());
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "seed {seed}");
        assert!(ran.stdout.starts_with("done!\ndone!\nclient       192.0.2.98\n"), "{}", ran.stdout);
        assert!(
            !ran.stdout.contains("192.0.2.11\n") && !ran.stdout.contains("192.0.2.12\n"),
            "{}",
            ran.stdout
        );
    });
}

/// The original takes the lack of a key for the refusal of a daemon of another age, and asks twice.
#[test]
fn only_the_classic_prompts_for_a_key_twice() {
    let daemon = start(with_mode7(0), Faults::default());
    let run = || Run::called("ntpdc", ["-n", "-c", "readkeys", "-c", "readkeys"]).of(&daemon);
    let asked = |count| "Keyid: Invalid key identifier\n".repeat(count);
    assert_eq!(run().run().stderr, asked(2));
    assert_eq!(run().classic().run().stderr, asked(3));
}
