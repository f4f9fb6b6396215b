//! Every question of mode 7, in every form.

#[path = "../../../src/render/openmetrics/checker.rs"]
mod checker;

use super::{ntpdc, with_mode7};
use crate::support::{Run, Transcript, host, scenario, still};
use insta::assert_snapshot;
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{Faults, Scenario, SimulatedDaemon};

/// Each with the peers of the scenario `pulse`, among which is a clock.
const QUESTIONS: [&str; 28] = [
    "listpeers",
    "listpeers -4",
    "peers",
    "peers -6",
    "dmpeers",
    "showpeer 192.0.2.12",
    "showpeer 192.0.2.12 127.127.20.0",
    "pstats 192.0.2.12",
    "pstats 192.0.2.12 127.127.20.0",
    "loopinfo",
    "loopinfo oneline",
    "sysinfo",
    "sysstats",
    "iostats",
    "memstats",
    "timerstats",
    "ctlstats",
    "authinfo",
    "kerninfo",
    "reslist",
    "reslist -6",
    "monlist",
    "monlist 0",
    "traps",
    "clockstat 127.127.20.0",
    "clockstat 127.127.20.0 127.127.22.0",
    "clkbug 127.127.22.0",
    "clockstat 192.0.2.12",
];
/// Those that have other forms, too.
const REPORTING: [&str; 10] = [
    "peers",
    "dmpeers",
    "showpeer 192.0.2.12",
    "sysinfo",
    "sysstats",
    "loopinfo",
    "kerninfo",
    "monlist",
    "reslist",
    "iostats",
];

/// A daemon with a clock and an IPv6 peer, at which no time goes by.
fn varied(without_ipv6: bool) -> SimulatedDaemon {
    let mut scenario = Scenario { mode7_clients: Some(12), without_ipv6, ..scenario("pulse") };
    let campus = crate::support::scenario("campus").associations.into_iter();
    scenario.associations.extend(campus.filter(|peer| peer.address.is_ipv6() && !without_ipv6));
    still(scenario, Faults::default())
}

fn words<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["-n"], words].concat()
}

/// Every question in the classic form.
fn transcripts(daemon: &SimulatedDaemon) -> (Transcript, Transcript) {
    let (mut unsigned, mut classic) = (Transcript::default(), Transcript::default());
    for question in QUESTIONS {
        unsigned.add(Run::called("ntpdc", words(&["-c", question])).of(daemon));
        classic.add(Run::called("ntpdc", words(&["-c", question])).of(daemon).classic());
    }
    (unsigned, classic)
}

#[test]
fn every_question() {
    let (unsigned, classic) = transcripts(&varied(false));
    assert_snapshot!("every_question", unsigned);
    assert_snapshot!("every_question_classic", classic);
}

#[test]
fn every_question_to_a_daemon_without_ipv6() {
    let (unsigned, classic) = transcripts(&varied(true));
    assert_snapshot!("every_question_without_ipv6", unsigned);
    assert_snapshot!("every_question_without_ipv6_classic", classic);
    for (question, reported) in [
        ("showpeer 2001:db8::11", "server=127.0.0.1 ***Server doesn't understand IPv6 addresses\n"),
        ("pstats 192.0.2.12 2001:db8::11", "server=127.0.0.1 ***Server doesn't understand IPv6 addresses\n"),
    ] {
        let ran = ntpdc(&varied(true), &["-c", question]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), reported), "{question}");
    }
}

#[test]
fn tables() {
    let daemon = varied(false);
    let mut tables = Transcript::default();
    for question in REPORTING {
        tables.add(Run::called("ntpdc", words(&["--format", "table", "-c", question])).of(&daemon));
    }
    assert_snapshot!("tables", tables);
}

#[test]
fn objects() {
    let daemon = varied(false);
    let host = host(&daemon);
    let mut objects = String::new();
    for question in REPORTING {
        let arguments = words(&["--format", "json", "-c", question, &host]);
        for line in Run::called("ntpdc", arguments).run().quiet_success().lines() {
            let mut object: serde_json::Value = serde_json::from_str(line).unwrap();
            let fields = object.as_object_mut().unwrap();
            assert!(fields.remove("time").is_some_and(|time| time.is_string()), "{line}");
            assert!(fields.remove("port").is_some_and(|port| port.is_u64()), "{line}");
            objects += &format!("{question}\n{}\n", serde_json::to_string_pretty(&object).unwrap());
        }
    }
    assert_snapshot!("objects", objects);
}

#[test]
fn metrics() {
    let daemon = varied(false);
    let commands: Vec<&str> = REPORTING.iter().flat_map(|question| ["-c", question]).collect();
    let arguments = words(&[&["--format", "openmetrics"], &commands[..]].concat());
    let ran = Run::called("ntpdc", arguments).of(&daemon).run();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    let samples = checker::check(&ran.stdout);
    let tolerance =
        samples.iter().find(|sample| sample.name == "ntpkit_mode7_kernel_tolerance_ratio").unwrap();
    assert!(tolerance.label("host").is_some() && tolerance.value < 0.01, "{tolerance:?}");
    assert_snapshot!("metrics", ran.stdout);
}

/// Interfaces are reported only to those who have the key, so that time must go by as it does here.
#[test]
fn interfaces_with_a_key_of_every_kind() {
    for key_type in [KeyType::Md5, KeyType::Sha1, KeyType::Aes128Cmac] {
        let key = Key::new(5, key_type, *b"sixteen octets  ").unwrap();
        for without_ipv6 in [false, true] {
            let scenario = Scenario { request_key: Some(key.clone()), without_ipv6, ..with_mode7(0) };
            let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap();
            // More than twenty characters are hexadecimal digits.
            let secret = "7369787465656e206f63746574732020";
            let commands = [
                format!("keytype {key_type}"),
                "keyid 5".to_owned(),
                format!("passwd {secret}"),
                "ifstats".to_owned(),
                "addserver 192.0.2.98".to_owned(),
                "listpeers".to_owned(),
            ];
            let arguments: Vec<&str> = commands.iter().flat_map(|command| ["-c", command]).collect();
            let ran = ntpdc(&daemon, &arguments);
            assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{key_type}, {without_ipv6}");
            let lines: Vec<&str> = ran.stdout.lines().collect();
            assert!(
                lines[0].starts_with(" # A ") && lines[1].chars().all(|letter| letter == '='),
                "{}",
                ran.stdout
            );
            assert_eq!(
                lines[4].split_ascii_whitespace().take(6).collect::<Vec<_>>(),
                ["1", ".", "192.0.2.20", "A", "E", "eth0"]
            );
            assert_eq!(lines[6].trim(), "192.0.2.255 B");
            assert!(ran.stdout.contains("done!\nclient       192.0.2.98\n"), "{}", ran.stdout);
        }
    }
}

#[test]
fn interfaces_in_every_form() {
    let key = Key::from_text(5, KeyType::Md5, "secret").unwrap();
    let scenario = Scenario { request_key: Some(key), ..with_mode7(0) };
    let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap();
    let key = ["-c", "keyid 5", "-c", "passwd secret"];
    for question in ["ifstats", "ifreload"] {
        let host = host(&daemon);
        let reported = |form| {
            let words = [&["-n", "--format", form], &key[..], &["-c", question, &host]].concat();
            Run::called("ntpdc", words).run().quiet_success()
        };
        let object: serde_json::Value = serde_json::from_str(&reported("json")).unwrap();
        assert_eq!(object["schema"], "ntpkit.mode7.ifstats.v1");
        let names =
            object["interfaces"].as_array().unwrap().iter().map(|interface| interface["name"].as_str());
        assert_eq!(names.collect::<Vec<_>>(), [Some("v4wildcard"), Some("eth0"), Some("lo")]);
        let samples = checker::check(&reported("openmetrics"));
        assert!(samples.iter().any(|sample| sample.name == "ntpkit_mode7_interface_enabled"));
        assert!(reported("table").contains("eth0"));
    }
}
