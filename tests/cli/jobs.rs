//! `--jobs`: how many hosts are queried at once, as the simulated fleet sees it.

use crate::support::{Ran, Run, mute, nobody};
use ntpkit::sim::fleet::{Behaviour, Rule, SimulatedFleet, number_of};
use std::net::Ipv4Addr;
use std::time::Duration;

const ROUND_TRIP: Duration = Duration::from_millis(20);
/// Long enough that requests to several hosts of a run without a limit arrive before the first reply leaves.
const LONG: Duration = Duration::from_millis(250);
const RULE: Rule = Rule { silent_every: 0 };

/// The programs that query any number of hosts, and for each an option of its own or a command.
const PROGRAMS: [(&str, &[&str]); 13] = [
    ("ntpq", &["-n", "-c", "rv 0 stratum"]),
    ("ntpq", &["-n", "-c", "peers"]),
    ("ntpq", &["-n", "-d", "-l", "/dev/null", "-c", "rv 0 stratum"]),
    ("ntpstat", &[]),
    ("ntpdate", &["-q", "-u"]),
    ("ntpsweep", &["-n", "--hosts-from", "-"]),
    ("ntptrace", &["-n", "-m", "1"]),
    ("fleet", &["--by", "control"]),
    ("fleet", &["--by", "chrony"]),
    ("chrony", &["tracking", "-n"]),
    ("ping", &["-c", "1"]),
    ("diag", &["--timeout", "20"]),
    ("ntpmon", &["-n"]),
];

/// Six hosts with this behaviour.
fn hosts(behaviour: Behaviour, port: u16) -> Vec<String> {
    let addresses = (1..).map(|number| Ipv4Addr::from_bits(0x7f07_0000 + number));
    let chosen = addresses.filter(|address| RULE.behaviour(number_of(*address)) == behaviour);
    chosen.take(6).map(|address| format!("{address}:{port}")).collect()
}

/// Runs a program on six hosts; returns how many of them it queried at the same time.
fn most_at_once(program: &str, words: &[&str], jobs: &[&str], round_trip: Duration) -> (u64, Ran) {
    let fleet = SimulatedFleet::start(RULE, round_trip).unwrap();
    let chrony_port = fleet.chrony_port().to_string();
    let speaks_chrony = words.contains(&"chrony") || program == "chrony";
    let hosts = match program {
        "chrony" => hosts(Behaviour::Chronyd, fleet.chrony_port()),
        _ if speaks_chrony => hosts(Behaviour::Chronyd, fleet.port()),
        _ => hosts(Behaviour::Good, fleet.port()),
    };
    let mut all: Vec<&str> = Vec::new();
    let called = if ["fleet", "chrony", "ping", "diag"].contains(&program) {
        all.push(program);
        "ntpkit"
    } else {
        program
    };
    all.extend(words);
    if program == "fleet" {
        all.extend(["--chrony-port", &chrony_port]);
    }
    all.extend(jobs);
    let run = if words.contains(&"--hosts-from") {
        Run::called(called, all).input(hosts.join("\n"))
    } else {
        Run::called(called, all.into_iter().chain(hosts.iter().map(String::as_str)))
    };
    let ran = run.run();
    (fleet.most_waiting(), ran)
}

#[test]
fn hosts_are_queried_one_after_another_or_a_few_at_once() {
    for (program, words) in PROGRAMS {
        let (most, ran) = most_at_once(program, words, &["--jobs", "1"], ROUND_TRIP);
        assert_eq!(most, 1, "{program} {words:?}: {ran}");
        let (most, ran) = most_at_once(program, words, &["--jobs", "2"], ROUND_TRIP);
        assert!(most <= 2, "{program} {words:?}: {most}: {ran}");
        let (most, ran) = most_at_once(program, words, &[], LONG);
        assert!(most > 2, "{program} {words:?}: {most}: {ran}");
    }
}

/// The source ports of what three silent hosts are sent, in order of arrival.
fn ports(words: &[&str]) -> Vec<u16> {
    let (socket, silent) = mute();
    let words =
        words.iter().copied().chain(["-c", "timeout 800", "-c", "sysinfo", &silent, &silent, &silent]);
    let ran = Run::called("ntpdc", words).run();
    assert_ne!(ran.status, Some(0), "{ran}");
    socket.set_nonblocking(true).unwrap();
    std::iter::from_fn(|| socket.recv_from(&mut [0; 512]).ok()).map(|(_, from)| from.port()).collect()
}

#[test]
fn ntpdc_queries_hosts_one_after_another() {
    let mut one_by_one = ports(&["-n", "--jobs", "1"]);
    one_by_one.dedup();
    let runs = one_by_one.len();
    one_by_one.sort_unstable();
    one_by_one.dedup();
    assert!(runs >= 3 && runs == one_by_one.len(), "no host is returned to: {one_by_one:?}");
    let mut first: Vec<u16> = ports(&["-n"]).into_iter().take(3).collect();
    first.sort_unstable();
    first.dedup();
    assert_eq!(first.len(), 3, "all at once");
}

/// With so few descriptors, threads would query one host at a time.
#[test]
fn one_loop_queries_many_chronyds() {
    let fleet = SimulatedFleet::start(RULE, LONG).unwrap();
    let hosts = hosts(Behaviour::Chronyd, fleet.chrony_port());
    let mut command = std::process::Command::new("sh");
    command.env_remove("NTPKIT_COMPAT");
    command.args(["-c", "ulimit -n 40; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_ntpkit")]);
    command.args(["ntpq", "-n", "--daemon", "chronyd", "-c", "rv 0 stratum"]).args(&hosts);
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.matches("stratum=2").count(), 6, "{printed}");
    assert!(fleet.most_waiting() > 1, "{}", fleet.most_waiting());
}

#[test]
fn one_loop_prints_of_chronyds_what_threads_print() {
    let fleet = SimulatedFleet::start(RULE, ROUND_TRIP).unwrap();
    let mut hosts = hosts(Behaviour::Chronyd, fleet.chrony_port());
    let (_socket, silent) = mute();
    hosts.insert(2, silent);
    hosts.insert(4, nobody());
    hosts.push("nowhere.invalid".to_owned());
    for commands in [
        &["-c", "peers"][..],
        &["-c", "as", "-c", "rv 0 stratum,offset", "-c", "rv &1 srcadr,reach", "-c", "rv 9 offset"],
        &["-c", "cv", "-c", "lpeers", "-c", "nonsense"],
        &["--format", "json", "-c", "as", "-c", "rv &2 offset,delay"],
    ] {
        // A log of what goes over the network keeps threads.
        let ran = |options: &[&str]| {
            let words = options.iter().chain(&["--daemon", "chronyd"]).chain(commands).copied();
            Run::ntpq(words.chain(hosts.iter().map(String::as_str))).run()
        };
        let (one, other) = (ran(&["-n"]), ran(&["-n", "-d", "-l", "/dev/null"]));
        let without_time = |text: &str| -> String {
            let mut parts = text.split("\"time\":\"");
            let first = parts.next().unwrap().to_owned();
            parts.fold(first, |text, part| text + part.split_once(',').unwrap().1)
        };
        assert_eq!(without_time(&one.stdout), without_time(&other.stdout), "{commands:?}");
        assert_eq!((one.stderr, one.status), (other.stderr, other.status), "{commands:?}");
        assert!(other.stdout.contains("192.0.2.") || other.stdout.contains("reach"), "{}", other.stdout);
    }
}

/// Key exchanges are the one conversation over TCP.
#[cfg(feature = "nts")]
#[test]
fn key_exchanges_take_turns() {
    use std::net::TcpListener;
    use std::process::Stdio;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let hosts: Vec<String> = (1..=4).map(|number| format!("127.7.0.{number}:{port}")).collect();
    let words = ["nts", "--jobs", "1"].into_iter().chain(hosts.iter().map(String::as_str));
    let mut child = Run::called("ntpkit", words).command().stdout(Stdio::null()).spawn().unwrap();
    for _ in &hosts {
        listener.set_nonblocking(false).unwrap();
        let (connection, _) = listener.accept().unwrap();
        // Its hello has arrived, so that anybody else's connection would have, too.
        connection.peek(&mut [0]).unwrap();
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "another host is asked meanwhile");
    }
    assert!(!child.wait().unwrap().success());
}

#[test]
fn a_number_of_hosts_is_at_least_one() {
    let programs: [&[&str]; 12] = [
        &["ntpq"],
        &["ntpdc"],
        &["ntpstat"],
        &["ntpdate"],
        &["ntpdate-debian"],
        &["ntpsweep"],
        &["ntptrace"],
        &["ntpmon"],
        &["ntpkit", "fleet"],
        &["ntpkit", "chrony", "tracking"],
        &["ntpkit", "ping"],
        &["ntpkit", "diag"],
    ];
    for words in programs {
        for wrong in ["0", "-1", "many", "100001"] {
            let option = format!("--jobs={wrong}");
            let (program, rest) = words.split_first().unwrap();
            let ran =
                Run::called(program, rest.iter().copied().chain([option.as_str(), "127.0.0.1:9"])).run();
            let reason = format!("'{wrong}' is not a number of hosts from 1 to 100000");
            assert!(ran.stderr.contains(&reason), "{words:?}: {ran}");
            assert!(ran.stdout.is_empty() && ran.status != Some(0), "{words:?}: {ran}");
        }
    }
}
