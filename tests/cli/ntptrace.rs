//! `ntptrace`, run as a program against simulated daemons that follow each other.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use crate::support::{Run, mute};
use ntpkit::sim::{
    Association, Flavour, Overrides, ReferenceClock, Scenario, Selection, System, TimeService,
};
use ntpkit::sim::{Faults, NtpTime, SimulatedDaemon};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

/// The port of all daemons here: each has an address of its own.
pub const PORT: u16 = 11_123;

fn now() -> NtpTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    NtpTime(
        ((since.as_secs() + 2_208_988_800) << 32) | ((u64::from(since.subsec_nanos()) << 32) / 1_000_000_000),
    )
}

/// The address of a host of a test. Tests run side by side.
pub fn at(test: u8, host: u8) -> IpAddr {
    Ipv4Addr::new(127, 77, test, host).into()
}

/// A daemon at this address, whose clock is so many seconds ahead.
pub fn start(address: IpAddr, scenario: Scenario, ahead: f64) -> SimulatedDaemon {
    let clock = move || now().plus_seconds(ahead);
    SimulatedDaemon::start_with_clock(scenario, Faults::default(), SocketAddr::new(address, PORT), clock)
        .unwrap()
}

/// One that has this to say of its sources, the first of which it follows.
pub fn following(sources: &[IpAddr]) -> Scenario {
    let mut scenario = Scenario { flavour: Flavour::Classic, ..Scenario::default() };
    for (number, address) in (1..).zip(sources) {
        let mut source = Association::server(number, *address);
        source.selection = if number == 1 { Selection::SystemPeer } else { Selection::Candidate };
        source.overrides = Overrides::none().with("srcport", PORT.to_string());
        scenario.associations.push(source);
    }
    scenario
}

/// A primary server.
pub fn primary() -> Scenario {
    let clock = ReferenceClock {
        device: "GPS".into(),
        driver_name: "NMEA".into(),
        driver: 20,
        time_code: String::new(),
        no_reply: 0,
        bad_format: 0,
        bad_data: 0,
        fudge_time1: 0.0,
        fudge_time2: 0.0,
        stratum: 0,
        flags: 0,
        event: ntpkit::sim::Event { count: 0, code: 0 },
    };
    let mut clock = Association::reference_clock(1, 0, clock, "GPS");
    clock.selection = Selection::SystemPeer;
    Scenario { associations: vec![clock], ..Scenario::default() }
}

fn trace(words: &[&str], first: IpAddr) -> crate::support::Ran {
    let host = SocketAddr::new(first, PORT).to_string();
    Run::called("ntptrace", words.iter().copied().chain([host.as_str()])).run()
}

fn json(words: &[&str], first: IpAddr) -> (Option<i32>, Value) {
    let ran = trace(&[&["-n", "--format", "json"], words].concat(), first);
    (ran.status, serde_json::from_str(&ran.stdout).unwrap())
}

#[test]
fn a_chain_ends_at_a_primary_server() {
    let _root = start(at(1, 1), primary(), 0.0);
    let _middle = start(at(1, 2), following(&[at(1, 1)]), 0.0);
    let _first = start(at(1, 3), following(&[at(1, 2)]), 0.0);
    let ran = trace(&["-n"], at(1, 3));
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{ran}");
    assert!(
        lines[0].starts_with("127.77.1.3:11123: stratum 3, offset ")
            && lines[0].contains(", synch distance "),
        "{ran}"
    );
    assert!(
        lines[2].starts_with("127.77.1.1:11123: stratum 1, ") && lines[2].ends_with(", refid 'GPS'"),
        "{ran}"
    );
    let figure = lines[0].split("offset ").nth(1).unwrap().split(',').next().unwrap();
    assert!(!figure.contains('+') && figure.split('.').nth(1).unwrap().len() == 6, "{ran}");

    let (status, whole) = json(&["-m", "2"], at(1, 3));
    assert_eq!(
        (status, &whole["complete"], whole["hops"].as_array().unwrap().len()),
        (Some(0), &Value::Bool(true), 2)
    );
    assert_eq!((&whole["schema"], &whole["hops"][1]["end"]), (&"ntpkit.trace.v1".into(), &"limit".into()));

    let ran = trace(&["-n", "--format", "dot"], at(1, 3));
    let graph = ran.quiet_success();
    assert!(graph.starts_with("digraph ntptrace {\n") && graph.ends_with("}\n"), "{graph}");
    assert!(
        graph.contains("n0 -> n1 [style=bold];") && graph.contains("label=\"127.77.1.1:11123\\nstratum 1\\n"),
        "{graph}"
    );
}

#[test]
fn loops_have_names() {
    let _one = start(at(2, 1), following(&[at(2, 2)]), 0.0);
    let _other = start(at(2, 2), following(&[at(2, 1)]), 0.0);
    let ran = trace(&["-n"], at(2, 1));
    assert_eq!((ran.status, ran.stdout.lines().count()), (Some(1), 2), "{ran}");
    assert_eq!(ran.stderr, "ntptrace: 127.77.2.2:11123: it and 127.77.2.1:11123 follow each other\n");

    let _third = start(at(2, 3), following(&[at(2, 4)]), 0.0);
    let _fourth = start(at(2, 4), following(&[at(2, 5)]), 0.0);
    let _fifth = start(at(2, 5), following(&[at(2, 3)]), 0.0);
    let ran = trace(&["-n"], at(2, 3));
    assert_eq!(
        ran.stderr,
        "ntptrace: 127.77.2.5:11123: it follows 127.77.2.3:11123, which comes back to it: a loop\n"
    );
    let (status, whole) = json(&[], at(2, 3));
    assert_eq!(
        (status, &whole["hops"][2]["end"], &whole["complete"]),
        (Some(1), &"loop".into(), &Value::Bool(false))
    );

    let _self = start(at(2, 6), following(&[at(2, 6)]), 0.0);
    assert_eq!(trace(&["-n"], at(2, 6)).stderr, "ntptrace: 127.77.2.6:11123: it follows itself\n");
}

#[test]
fn a_tree_has_all_survivors_and_each_host_once() {
    let _root = start(at(3, 1), primary(), 0.0);
    let _left = start(at(3, 2), following(&[at(3, 1)]), 0.0);
    let _right = start(at(3, 3), following(&[at(3, 1)]), 0.0);
    let mut sources = following(&[at(3, 2), at(3, 3), at(3, 9)]);
    sources.associations[2].selection = Selection::Falseticker;
    let _first = start(at(3, 4), sources, 0.0);
    let ran = trace(&["-n", "--all"], at(3, 4));
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    let begins: Vec<&str> = ran.stdout.lines().map(|line| line.split(": ").next().unwrap()).collect();
    let expected = [
        "127.77.3.4:11123",
        "  *127.77.3.2:11123",
        "    *127.77.3.1:11123",
        "  +127.77.3.3:11123",
        "    *127.77.3.1:11123",
    ];
    assert_eq!(begins, expected, "{ran}");
    assert!(ran.stdout.ends_with("    *127.77.3.1:11123: see above\n"), "{ran}");
}

/// The figure of a mark.
fn seconds(line: &str) -> f64 {
    line.split("begins here: ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn the_error_begins_where_a_clock_is_far_from_its_source() {
    let _root = start(at(4, 1), primary(), 0.0);
    let _wrong = start(at(4, 2), following(&[at(4, 1)]), 7.5);
    let _first = start(at(4, 3), following(&[at(4, 2)]), 7.5);
    let ran = trace(&["-n"], at(4, 3));
    assert_eq!(ran.status, Some(0), "{ran}");
    let marked: Vec<&str> =
        ran.stdout.lines().filter(|line| line.contains(" <- the error begins here: ")).collect();
    assert_eq!(marked.len(), 1, "{ran}");
    assert!(marked[0].starts_with("127.77.4.2:11123: ") && (seconds(marked[0]) - 7.5).abs() < 0.1, "{ran}");
    let (_, whole) = json(&[], at(4, 3));
    assert_eq!(
        (&whole["hops"][1]["error_begins"], &whole["hops"][0]["error_begins"]),
        (&true.into(), &false.into())
    );

    // What a clock's source says of it is not known: the others outvote it.
    let _liar = start(at(4, 4), primary(), -30.0);
    let _other = start(at(4, 5), primary(), 0.0);
    let _all = start(at(4, 6), following(&[at(4, 1), at(4, 5), at(4, 4)]), 0.0);
    let ran = trace(&["-n", "-a"], at(4, 6));
    let marked: Vec<&str> =
        ran.stdout.lines().filter(|line| line.contains(" <- the error begins here: ")).collect();
    assert_eq!(marked.len(), 1, "{ran}");
    let is_named =
        marked[0].starts_with("  +127.77.4.4:11123: ") && marked[0].ends_with(" s from the majority");
    assert!(is_named && (seconds(marked[0]) + 30.0).abs() < 0.1, "{ran}");
}

#[test]
fn a_host_that_tells_nothing_says_why() {
    let silent = following(&[at(5, 9)]);
    let _first = start(at(5, 1), silent, 0.0);
    let ran = trace(&["-n", "--timeout", "2"], at(5, 1));
    assert_eq!((ran.status, ran.stdout.lines().count()), (Some(1), 1), "{ran}");
    assert_eq!(
        ran.stderr,
        "ntptrace: 127.77.5.9:11123: no NTP daemon listens on that port there; next: ss -lunp 'sport = :11123'\n"
    );

    let (_socket, mute) = mute();
    let ran = Run::called("ntptrace", ["-n", "--timeout", "0.3", &mute]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    let silence = format!("ntptrace: {mute}: no reply, not even to a time request: ");
    assert!(ran.stderr.starts_with(&silence) && ran.stderr.ends_with("; next: ntpkit diag\n"), "{ran}");

    let unsynchronized = Scenario { system: System::default(), ..Scenario::default() };
    let _young = start(at(5, 2), unsynchronized, 0.0);
    let ran = trace(&["-n"], at(5, 2));
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (Some(1), "ntptrace: 127.77.5.2:11123: it is not synchronised\n")
    );
    assert!(ran.stdout.ends_with(" <- the error begins here: not synchronised\n"), "{ran}");

    let kiss = Scenario { time_service: TimeService::Kiss(*b"DENY"), ..primary() };
    let _refusing = start(at(5, 3), kiss, 0.0);
    assert_eq!(trace(&["-n"], at(5, 3)).status, Some(0), "queries are answered all the same");
}

#[test]
fn what_a_daemon_sends_is_no_command_and_reaches_no_terminal_raw() {
    let mut hostile = following(&[at(6, 9)]);
    hostile.associations[0].overrides = Overrides::none().with("srcadr", "$(touch /tmp/x)");
    hostile.system.overrides = Overrides::none().with("refid", "\u{1b}[31m\u{202e}`id`").with("stratum", "1");
    let _daemon = start(at(6, 1), hostile, 0.0);
    let ran = trace(&["-n"], at(6, 1));
    assert!(ran.stdout.contains("[31m\\u{202e}`id`'"), "{ran}");
    assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']), "{ran}");
}

#[test]
fn the_dialect_reads_options_as_perl_does_and_prints_the_lines_of_the_script() {
    let _root = start(at(7, 1), primary(), 0.0);
    let host = SocketAddr::new(at(7, 1), PORT).to_string();
    let classic = |words: &[&str]| Run::called("ntptrace", words.iter().copied()).classic().run();
    let ran = classic(&["+N", "-MAX=3", &host]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    assert!(
        ran.stdout.starts_with(&format!("{host}: stratum 1, offset 0.0"))
            && ran.stdout.ends_with(", refid 'GPS'\n"),
        "{ran}"
    );

    // It ends with 0 whatever happens; without `ntpq` it knows nothing.
    let _first = start(at(7, 2), following(&[at(7, 1)]), 0.0);
    let host = SocketAddr::new(at(7, 2), PORT).to_string();
    let ran = classic(&["-n", &host]);
    assert_eq!(ran.status, Some(0), "{ran}");
    assert!(ran.stdout.starts_with(&format!("{host}: stratum 3, ")), "{ran}");

    let usage = "ntptrace - Trace peers of an NTP server - Ver. 4.2.8p15\n\
                 USAGE: ntptrace [ -<flag> [<val>] | --<name>[{=| }<val>] ]... [host]\n";
    let ran = classic(&["-x", "-m", "y", "-h"]);
    let expected = "Unknown option: x\nValue \"y\" invalid for option m (number expected)\nOption h is ambiguous (help, host)\n";
    assert_eq!((ran.status, ran.stderr), (Some(1), format!("{expected}{usage}")));
    let ran = classic(&["--help"]);
    assert!(ran.status == Some(0) && ran.stdout.is_empty() && ran.stderr.contains("--max-hosts"), "{ran}");
}

/// Traces from several hosts are printed in the order of the hosts, whichever is finished first.
#[test]
fn several_hosts() {
    let [clock, follower, silent] = [at(31, 1), at(31, 2), at(31, 3)];
    let _daemons = [start(clock, primary(), 0.0), start(follower, following(&[clock]), 0.0)];
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("hosts");
    std::fs::write(&list, format!("{follower}:{PORT} # a comment\n{silent}:{PORT}\nno host\n")).unwrap();
    let from = list.to_str().unwrap();
    let words = ["-n", "--timeout", "0.3", "--hosts-from", from];
    let ran = trace(&words, clock);
    let of = |lines: &str| {
        let blocks: Vec<usize> = lines.split("\n\n").map(|block| block.lines().count()).collect();
        let firsts: Vec<_> =
            lines.split("\n\n").map(|block| block.split(": ").next().unwrap().to_owned()).collect();
        (blocks, firsts)
    };
    let (blocks, firsts) = of(&ran.stdout);
    assert_eq!(blocks, [1, 2], "a silent host has no line: {ran}");
    assert_eq!(firsts, [clock, follower].map(|address| format!("{address}:{PORT}")), "{ran}");
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stderr.contains(&format!("{from}:3: ")), "{ran}");
    let ran = trace(&[&words[..], &["--format", "json"]].concat(), clock);
    let complete =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["complete"].as_bool();
    assert_eq!(
        ran.stdout.lines().map(complete).collect::<Vec<_>>(),
        [Some(true), Some(true), Some(false)],
        "{ran}"
    );
}

#[test]
fn wrong_usage() {
    for (words, expected) in [
        (&["-x"][..], "ntptrace: unexpected argument '-x' found\nUsage: ntptrace [OPTION]... [HOST]...\n"),
        (
            &["-m", "x", "h"],
            "ntptrace: invalid value 'x' for '--max-hosts <NUMBER>': invalid digit found in string\n\
                             Usage: ntptrace [OPTION]... [HOST]...\n",
        ),
    ] {
        let ran = Run::called("ntptrace", words.iter().copied()).run();
        assert_eq!(
            (ran.status, ran.stderr.as_str(), ran.stdout.as_str()),
            (Some(2), expected, ""),
            "{words:?}"
        );
    }
    let ran = Run::called("ntptrace", ["-h"]).run();
    assert!(ran.quiet_success().contains("--all"));
    assert!(
        Run::called("ntptrace", ["--version"]).run().quiet_success().starts_with("ntptrace 4.2.8p15@ntpkit-")
    );
}
