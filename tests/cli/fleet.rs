//! `ntpkit fleet` on a simulated fleet with liars, silent, unsynchronised, rate-limiting and queryless hosts.

#[path = "../support/interrupts.rs"]
mod interrupts;

use crate::support::{Ran, Run, daemon, host, mute, nobody, on_a_terminal};
use insta::assert_snapshot;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ntpkit::sim::fleet::{Behaviour, Rule, SimulatedFleet};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::Duration;

use interrupts::children_heed_interrupts;

const RULE: Rule = Rule { silent_every: 10 };

fn fleet() -> SimulatedFleet {
    SimulatedFleet::start(RULE, Duration::from_millis(2)).unwrap()
}

/// The program with these words, on this fleet.
fn run<'a>(fleet: &SimulatedFleet, words: impl IntoIterator<Item = &'a str>) -> Ran {
    let (port, chrony) = (fleet.port().to_string(), fleet.chrony_port().to_string());
    let own = ["fleet", "-p", &port, "--chrony-port", &chrony, "-t", "2"].map(str::to_owned);
    Run::called("ntpkit", own.into_iter().chain(words.into_iter().map(str::to_owned))).run()
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Offsets, delays and what follows from them differ from run to run.
fn steady(text: &str) -> String {
    let mut steady = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('.') {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (before, after) = rest.split_at(at);
        let decimals = digits(&after[1..]);
        let whole = before.bytes().rev().take_while(u8::is_ascii_digit).count();
        let is_figure = decimals >= 3 && whole > 0 && !after[1 + decimals..].starts_with('.');
        if is_figure {
            let kept = &before[..before.len() - whole];
            steady += kept.strip_suffix('-').unwrap_or(kept);
            steady += "N.N";
        } else {
            steady += before;
            steady += &after[..=decimals];
        }
        rest = &after[1 + decimals..];
    }
    steady + rest
}

/// Which of the good clocks seems to be furthest behind or ahead differs, too.
fn nameless(text: &str) -> String {
    let mut text = text.to_owned();
    for key in ["\"behind\":\"", "\"ahead\":\"", " ms: "] {
        let end = |rest: &str| rest.find(['"', '\n']).unwrap_or(rest.len());
        if let Some(at) = text.find(key).map(|at| at + key.len()) {
            let length = end(&text[at..]);
            text.replace_range(at..at + length, "HOST");
        }
    }
    text
}

/// Blanks in a row are one: how many there are depends on the figures.
fn squeezed(text: &str) -> String {
    let words = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        format!("{}{}\n", " ".repeat(indent), line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    nameless(&steady(text)).lines().map(words).collect()
}

#[test]
fn the_summary_is_what_the_fleet_was_set_up_to_be() {
    let fleet = fleet();
    let ran = run(&fleet, ["--format", "json", "127.0.0.0/23"]);
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (Some(3), "ntpkit fleet: networks with 510 addresses need confirmation or --yes\n")
    );
    let ran = run(&fleet, ["--format", "json", "--yes", "127.0.0.0/23"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(2), ""), "{ran}");
    let lines = lines(&ran);
    let (summary, hosts) = lines.split_last().unwrap();
    let census = RULE.census(1..=510);
    let count = |behaviour| census[&behaviour];
    assert_eq!(summary["schema"], "ntpkit.fleet.v1");
    assert_eq!(
        (&summary["hosts"], &summary["answered"]),
        (&510.into(), &(510 - count(Behaviour::Silent)).into())
    );
    assert_eq!(summary["by"]["sntp"], count(Behaviour::Queryless));
    assert_eq!(summary["by"]["chrony"], count(Behaviour::Chronyd));
    assert_eq!(summary["lost"], serde_json::json!({ "silent": count(Behaviour::Silent) }));
    assert_eq!(summary["measured"], 510 - count(Behaviour::Silent) - count(Behaviour::RateLimiting));
    assert_eq!(
        (&summary["majority"], &summary["disagreeing"]),
        (&"found".into(), &count(Behaviour::Liar).into())
    );
    assert_eq!((&summary["sources"], &summary["stratum1_roots"]), (&1.into(), &1.into()));
    let groups: BTreeMap<&str, usize> = summary["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["cause"].as_str().unwrap(), group["hosts"].as_array().unwrap().len()))
        .collect();
    let expected = [
        ("disagrees", count(Behaviour::Liar)),
        ("silent", count(Behaviour::Silent)),
        ("unsynchronized", count(Behaviour::Unsynchronized)),
        ("rate_limited", count(Behaviour::RateLimiting)),
    ];
    assert_eq!(groups, expected.into());
    // Every host is there, in the order given.
    let names: Vec<&str> = hosts.iter().map(|host| host["host"].as_str().unwrap()).collect();
    let expected: Vec<String> =
        (1..=510).map(|number| format!("127.0.{}.{}", number / 256, number % 256)).collect();
    assert_eq!(names, expected);
    for (host, number) in hosts.iter().zip(1..) {
        let by = match RULE.behaviour(number) {
            Behaviour::Silent => Value::Null,
            Behaviour::Queryless => "sntp".into(),
            Behaviour::Chronyd => "chrony".into(),
            _ => "control".into(),
        };
        assert_eq!(host["by"], by, "{host}");
    }
}

#[test]
fn the_table_and_its_groups() {
    let fleet = fleet();
    let words = ["127.0.0.0/26", "-N", "8", "--sort", "name", "-w", "10", "-c", "~:"];
    let ran = run(&fleet, words);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(2), ""), "{ran}");
    assert_snapshot!("table", squeezed(&ran.stdout));
    let ran = run(&fleet, ["127.0.0.0/29", "--all"]);
    assert_snapshot!("table_of_all", squeezed(&ran.stdout));
    let ran = run(&fleet, ["127.0.0.0/28", "--only", "problems", "--sort", "offset"]);
    assert_snapshot!("table_of_problems", squeezed(&ran.stdout));
}

#[test]
fn objects_and_samples() {
    let fleet = fleet();
    let ran = run(
        &fleet,
        ["127.0.0.4", "127.0.0.9", "127.0.0.31", "127.0.0.7", "127.0.0.3", "127.0.0.41", "--format", "json"],
    );
    assert_snapshot!("json", nameless(&steady(&ran.stdout)).replace(&fleet.port().to_string(), "PORT"));
    let ran = run(&fleet, ["127.0.0.4", "127.0.0.3", "127.0.0.9", "--format", "openmetrics", "--all"]);
    assert_snapshot!("openmetrics", steady(&ran.stdout));
}

#[test]
fn a_liar_shows_whatever_it_reports_of_itself() {
    let fleet = fleet();
    let hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.4", "127.0.0.5", "127.0.0.6"];
    let ran = run(&fleet, hosts.into_iter().chain(["--format", "json", "--sort", "offset"]));
    let liar = lines(&ran).into_iter().next().unwrap();
    assert_eq!(
        (&liar["host"], &liar["agrees"], &liar["state"]),
        (&"127.0.0.5".into(), &false.into(), &"critical".into())
    );
    assert!(
        liar["offset_ms"].as_f64().unwrap() > 4000.0 && liar["own_offset_ms"].as_f64().unwrap().abs() < 1.0
    );
    assert_eq!(ran.status, Some(2));
}

#[test]
fn statuses_are_those_of_a_plugin() {
    let fleet = fleet();
    let status = |words: &[&str]| run(&fleet, words.iter().copied()).status;
    let good = ["127.0.0.1", "127.0.0.2", "127.0.0.4"];
    assert_eq!(status(&good), Some(0));
    for (option, range, expected) in [
        ("-w", "30", 0),
        ("-w", "@0:30", 1),
        ("-c", "@0:30", 2),
        ("--bound", "0.02", 0),
        ("--bound", "0.001", 1),
        ("--stratum", "2", 0),
        ("--stratum", "1", 1),
        ("--sources", "3:", 0),
        ("--sources", "5:", 1),
    ] {
        let words: Vec<&str> = good.into_iter().chain([option, range]).collect();
        assert_eq!(status(&words), Some(expected), "{option} {range}");
    }
    // The queryless host has no number of sources, and the rate-limiting one no offset.
    assert_eq!(status(&["127.0.0.7", "--sources", "1:"]), Some(3));
    assert_eq!(status(&["127.0.0.7", "--by", "control"]), Some(1));
    assert_eq!(status(&["127.0.0.7", "--by", "sntp"]), Some(0));
    assert_eq!(status(&["127.0.0.31", "--by", "chrony"]), Some(0));
    assert_eq!(status(&["127.0.0.9", "-t", "0.2"]), Some(2));
    let wrong: [&[&str]; 6] = [
        &[],
        &["-w", "5:1", "127.0.0.1"],
        &["-t", "0", "127.0.0.1"],
        &["--no-such-option"],
        &["-j", "0", "127.0.0.1"],
        &["-N", "3", "--format", "json", "127.0.0.1"],
    ];
    for wrong in wrong {
        let ran = run(&fleet, wrong.iter().copied());
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(3), ""), "{wrong:?}");
        assert!(!ran.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn one_host_named_a_hundred_times_is_asked_once() {
    let fleet = fleet();
    let ran = run(&fleet, std::iter::repeat_n("127.0.0.1", 100).chain(["--by", "sntp"]));
    assert!(ran.stdout.starts_with("1 host (named 100 times), 1 answered (1 by SNTP alone)\n"), "{ran}");
    assert_eq!(fleet.received(), 1);
}

#[test]
fn a_list_with_errors_and_names_that_fail() {
    let fleet = fleet();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts");
    std::fs::write(&file, "127.0.0.1\ntwo words # here\n127.0.0.2\n").unwrap();
    let file = file.to_str().unwrap();
    let ran = run(&fleet, ["--hosts-from", file]);
    assert_eq!(ran.stderr, format!("ntpkit fleet: {file}:2: 'two words # here': more than one word\n"));
    assert!(ran.stdout.starts_with("2 hosts, 2 answered") && ran.status == Some(3), "{ran}");
    let ran = run(&fleet, ["one.invalid", "two.invalid", "[three", "--format", "json"]);
    let lines = lines(&ran);
    assert_eq!((ran.status, lines.len()), (Some(2), 4));
    assert!(lines.iter().take(3).all(|host| host["problems"][0]["cause"] == "no_address"), "{ran}");
    assert_eq!((&lines[3]["lost"]["no_address"], &lines[3]["offset_p50_ms"]), (&3.into(), &Value::Null));
}

#[test]
fn few_descriptors_are_enough() {
    let fleet = fleet();
    let (port, chrony) = (fleet.port().to_string(), fleet.chrony_port().to_string());
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_ntpkit"), "fleet", "--yes"]);
    command.args(["-p", &port, "--chrony-port", &chrony, "-t", "1", "127.0.4.0/24"]);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lost = RULE.census(0x401..=0x4fe)[&Behaviour::Silent];
    assert!(text.starts_with(&format!("254 hosts, {} answered", 254 - lost)), "{text}");
    assert!(text.contains(&format!("\n{lost} lost ({lost} no answer)\n")), "{text}");
}

#[test]
fn where_nobody_listens_and_where_nobody_answers() {
    let (_socket, silent) = mute();
    let ran = Run::called("ntpkit", ["fleet", "-t", "0.5", &nobody(), &silent, "--chrony-port", "9"]).run();
    assert_eq!(ran.status, Some(2), "{ran}");
    assert!(ran.stdout.contains("\n2 lost (1 unreachable, 1 no answer)\n"), "{ran}");
    assert!(ran.stdout.contains("  Connection refused\n"), "{ran}");
}

#[test]
fn a_terminal_sees_how_far_it_is() {
    let fleet = fleet();
    let (port, chrony) = (fleet.port().to_string(), fleet.chrony_port().to_string());
    let words =
        ["fleet", "-t", "1", "-p", &port, "--chrony-port", &chrony, "127.0.0.9", "127.0.0.1", "127.0.0.19"];
    let (seen, status) = on_a_terminal(&Run::called("ntpkit", words), "");
    assert_eq!(status, Some(2), "{seen}");
    assert!(seen.contains("1 of 3 hosts, 0 lost") || seen.contains("2 of 3 hosts, 1 lost"), "{seen:?}");
    assert!(seen.contains("3 hosts, 1 answered"), "{seen:?}");
}

#[test]
fn an_interrupt_prints_what_there_is() {
    children_heed_interrupts();
    let fleet = fleet();
    let (port, chrony) = (fleet.port().to_string(), fleet.chrony_port().to_string());
    let words = ["fleet", "-t", "60", "--format", "json", "-p", &port, "--chrony-port", &chrony];
    let hosts = ["127.0.0.1", "127.0.0.9", "127.0.0.2"];
    let mut command = Run::called("ntpkit", words.into_iter().chain(hosts)).command();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    // The first two have answered: the second is printed when the silent one is given up.
    while fleet.received() < 7 {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::SIGINT as i32));
    let objects: Vec<Value> =
        first.lines().chain(rest.lines()).map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut names: Vec<&str> = objects.iter().filter_map(|object| object["host"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["127.0.0.1", "127.0.0.2", "127.0.0.9"], "each host is accounted for");
    let summary = objects.last().unwrap();
    assert_eq!((&summary["interrupted"], &summary["answered"]), (&true.into(), &2.into()));
    assert_eq!(summary["lost"], serde_json::json!({ "interrupted": 1 }));
}

#[test]
fn an_interrupt_prints_what_many_hosts_have_said() {
    children_heed_interrupts();
    let (young, (socket, silent)) = (daemon("young"), mute());
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let host = host(&young);
    let words =
        ["-n", "--format", "json", "-c", "timeout 60000", "-c", "rv 0 stratum", &host, &silent, &host];
    let run = Run::ntpq(words);
    let mut child = run.command().stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("\"stratum\""));
    socket.recv_from(&mut [0; 512]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(rest.len(), 2, "{rest:?}");
    assert!(rest[0].contains("interrupted") && rest[1].contains("\"stratum\""), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), None);
}

#[test]
fn no_answer_of_many_servers_is_lost() {
    let fleet = SimulatedFleet::start(Rule { silent_every: 0 }, Duration::from_millis(2)).unwrap();
    let port = fleet.port().to_string();
    let words = ["-q", "--yes", "--port", &port, "127.0.8.0/21"];
    let ran = Run::called("ntpdate", words).run();
    let asked = 0xffe - 0x800;
    let answered = ran.stdout.matches("server 127.0.").count();
    // Those that refuse, or that are not fit, are named on the other stream.
    let dropped = ran.stderr.matches(": Server dropped: ").count();
    assert!(answered + dropped >= asked && answered > asked * 8 / 10, "{answered} {dropped} of {asked}");
    assert!(!ran.stderr.contains(": no answer"), "{}", ran.stderr);
}

#[test]
fn hosts_whose_peers_are_named_need_no_threads_of_their_own() {
    let fleet = SimulatedFleet::start(Rule { silent_every: 1 }, Duration::ZERO).unwrap();
    let port = fleet.port();
    let words: Vec<String> = (1..=200).map(|host| format!("127.1.1.{host}:{port}")).collect();
    let run = Run::ntpq(["-c", "timeout 60000", "-c", "peers"].map(str::to_owned).into_iter().chain(words));
    let mut child = run.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while fleet.received() < 200 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap();
    // The loop, the printer and the name service.
    assert!(threads.trim().parse::<usize>().unwrap() < 40, "{threads}");
}
