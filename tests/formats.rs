//! `ntpq --format` against simulated daemons: what comes out is read back by strict readers.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is missing here is a failed test"
)]

use assert_cmd::Command;
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{Clients, Faults, Scenario, SimulatedDaemon, demo};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Output, Stdio};

#[path = "../src/render/openmetrics/checker.rs"]
mod checker;

/// A port of the loopback on which nobody listens: that of discard, which no test daemon takes.
const NOBODY: &str = "127.0.0.1:9";

fn daemon(scenario: &str) -> (SimulatedDaemon, String) {
    let scenario = demo().into_iter().find(|known| known.name == scenario).expect("a scenario");
    let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default()).expect("a daemon");
    let host = daemon.local_address().to_string();
    (daemon, host)
}

fn ntpq(words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("ntpkit").expect("the program");
    command.env_remove("NTPKIT_COMPAT").arg("ntpq").arg("-n").args(words).output().expect("a run")
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

fn objects(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn schemas(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|object| object["schema"].as_str().expect("a schema")).collect()
}

#[test]
fn json_of_every_scenario() {
    for name in ["campus", "ntpsec", "young", "pulse", "crowd"] {
        let (_daemon, host) = daemon(name);
        let output = ntpq(&["--format", "json", "-p", "-c", "as", "-c", "rv", "-c", "rv &1", &host]);
        assert!(output.status.success() && output.stderr.is_empty(), "{name}: {output:?}");
        let objects = objects(&output);
        let expected =
            ["peers", "associations", "variables", "variables"].map(|kind| format!("ntpkit.{kind}.v1"));
        assert_eq!(schemas(&objects), expected, "{name}");
        let [rows, associations, system, peer] = objects.as_slice() else { panic!("{name}") };
        let rows = rows["peers"].as_array().expect("peers");
        let listed = associations["associations"].as_array().expect("associations");
        assert!(!rows.is_empty() && listed.len() == rows.len(), "{name}");
        for (row, entry) in rows.iter().zip(listed) {
            assert_eq!(row["association_id"], entry["association_id"]);
            assert!(row["offset_ms"].is_f64() && row["reach"].is_u64() && row["poll_s"].is_u64(), "{row}");
        }
        assert_eq!((&system["kind"], &peer["kind"]), (&"system".into(), &"peer".into()));
        assert_eq!(peer["association_id"], listed[0]["association_id"]);
        assert!(system["variables"]["stratum"].is_u64() && system["variables"]["offset"].is_f64());
    }
}

#[test]
fn every_report_has_its_schema() {
    const REPORTS: [&str; 10] = [
        "sysinfo",
        "sysstats",
        "monstats",
        "iostats",
        "timerstats",
        "kerninfo",
        "authinfo",
        "ntsinfo",
        "ntskeinfo",
        "pstats",
    ];
    for name in ["campus", "ntpsec"] {
        let (_daemon, host) = daemon(name);
        for report in REPORTS {
            let command = if report == "pstats" { "pstats &1" } else { report };
            let output = ntpq(&["--format", "json", "-c", command, &host]);
            let objects = objects(&output);
            if (name == "ntpsec" || report.starts_with("nts")) && !output.status.success() {
                // Not every daemon counts everything.
                assert_eq!(schemas(&objects), ["ntpkit.error.v1"], "{report}: {output:?}");
                continue;
            }
            assert_eq!(schemas(&objects), [format!("ntpkit.{report}.v1")], "{report}: {output:?}");
            let variables = objects[0]["variables"].as_object().expect("variables");
            let numbers = variables.values().filter(|value| value.is_number()).count();
            assert!(
                numbers > 0 && variables.len() == objects[0]["raw"].as_object().unwrap().len(),
                "{objects:?}"
            );
            let table = ntpq(&["--format", "table", "-c", command, &host]);
            assert!(out(&table).contains("│ Variable") && table.status.success(), "{report}: {table:?}");
            let metrics = ntpq(&["--format", "openmetrics", "-c", command, &host]);
            assert!(metrics.status.success() && metrics.stderr.is_empty(), "{report}: {metrics:?}");
            assert!(checker::check(out(&metrics)).len() > 2, "{report}: {metrics:?}");
        }
    }
}

/// The applets that make their metrics by themselves.
#[test]
fn metrics_of_every_applet_keep_the_rules() {
    let (_daemon, host) = daemon("campus");
    let (_list, list_host) = daemon("crowd");
    let calls: [&[&str]; 6] = [
        &["ntpstat", &host],
        &["ntpstat", "--timeout", "0.2", NOBODY],
        &["ntptime"],
        &["ntpdate", "-q", "--port", host.rsplit(':').next().unwrap(), "127.0.0.1"],
        &["ntpdate", "-q", "-t", "0.2", "-p", "1", "--port", "9", "127.0.0.1"],
        &["ntpq", "-n", "-c", "mrulist", "-c", "lpeers", "-c", "cl &1", &list_host],
    ];
    for call in calls {
        let (applet, words) = call.split_first().unwrap();
        let output = Command::cargo_bin("ntpkit")
            .expect("the program")
            .env_remove("NTPKIT_COMPAT")
            .args([applet, "--format", "openmetrics"])
            .args(words)
            .output()
            .expect("a run");
        assert!(!checker::check_form(out(&output)).is_empty(), "{call:?}: {output:?}");
    }
}

#[test]
fn lists_have_every_form() {
    let scenario = demo().into_iter().find(|known| known.name == "campus").expect("a scenario");
    let control_key = Some(Key::from_text(5, KeyType::Sha1, "secret").expect("a key"));
    let daemon = SimulatedDaemon::start_on_loopback(Scenario { control_key, ..scenario }, Faults::default());
    let daemon = daemon.expect("a daemon");
    let host = daemon.local_address().to_string();
    let ask = |format, commands: &[&str]| {
        let mut words =
            vec!["--format", format, "-c", "keytype SHA1", "-c", "keyid 5", "-c", "passwd secret"];
        words.extend(commands.iter().flat_map(|command| ["-c", command]));
        words.push(&host);
        let output = ntpq(&words);
        assert!(output.status.success(), "{output:?}");
        output
    };
    let commands = ["ifstats", "reslist", "addvars stratum,leap=1", "showvars"];
    let objects = objects(&ask("json", &commands));
    assert_eq!(schemas(&objects), ["ifstats", "reslist", "showvars"].map(|name| format!("ntpkit.{name}.v1")));
    let interface = &objects[0]["interfaces"][0];
    assert!(interface["address"].is_string() && interface["received_packets"].is_u64(), "{interface}");
    let restriction = &objects[1]["restrictions"][0];
    assert!(restriction["hits"].is_u64() && restriction["flags"].is_array(), "{restriction}");
    assert_eq!(objects[2]["variables"], serde_json::json!({"stratum": null, "leap": "1"}));

    let table = ask("table", &commands);
    for heading in ["Interface", "Network", "Variable"] {
        assert!(out(&table).contains(heading), "{table:?}");
    }
    let metrics = ask("openmetrics", &commands);
    let names: Vec<String> = checker::check(out(&metrics)).into_iter().map(|sample| sample.name).collect();
    for name in ["ntpkit_interface_received_packets_total", "ntpkit_restriction_hits_total"] {
        assert!(names.iter().any(|found| found == name), "{names:?}");
    }
}

#[test]
fn the_system_peer_of_the_campus() {
    let (_daemon, host) = daemon("campus");
    let objects = objects(&ntpq(&["--format", "json", "-p", &host]));
    let peers = objects[0]["peers"].as_array().expect("peers");
    assert_eq!(peers.len(), 18);
    let followed: Vec<_> = peers.iter().filter(|peer| peer["tally"] == "*").collect();
    let [peer] = followed.as_slice() else { panic!("one system peer") };
    assert_eq!((&peer["address"], &peer["selection"]), (&"192.0.2.11".into(), &"sys.peer".into()));
    assert_eq!(peer["refid"], serde_json::json!({"kind": "code", "value": "GPS"}));
    assert_eq!(objects[0]["host"], "127.0.0.1");
}

#[test]
fn hosts_that_cannot_be_asked_have_objects_and_the_run_fails() {
    let (_daemon, host) = daemon("pulse");
    let output = ntpq(&["--format", "json", "-p", "-c", "rv 7", NOBODY, &host, "[", "nowhere.invalid"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!output.stderr.is_empty());
    let objects = objects(&output);
    let found: Vec<_> = objects
        .iter()
        .map(|object| {
            let text = |key: &str| object[key].as_str().unwrap_or("-").to_owned();
            [text("schema"), text("host"), text("command"), text("error")].join(" ")
        })
        .collect();
    assert_eq!(
        found,
        [
            "ntpkit.error.v1 127.0.0.1 peers network",
            "ntpkit.error.v1 127.0.0.1 rv network",
            "ntpkit.peers.v1 127.0.0.1 - -",
            "ntpkit.error.v1 127.0.0.1 rv refused",
            "ntpkit.error.v1 [ - no_host",
            "ntpkit.error.v1 nowhere.invalid - no_host",
        ]
    );
    assert_eq!((&objects[1]["port"], &objects[1]["association_id"]), (&9.into(), &7.into()));
    assert_eq!((&objects[3]["code"], &objects[3]["association_id"]), (&4.into(), &7.into()));
}

#[test]
fn what_the_user_got_wrong_has_an_object_too() {
    let (_daemon, host) = daemon("pulse");
    let output = ntpq(&["--format", "json", "-c", "nonsense", "-c", "rv x", "-c", "rv 70000", &host]);
    let objects = objects(&output);
    let reported: Vec<_> =
        objects.iter().map(|object| object["message"].as_str().expect("a message")).collect();
    let expected =
        ["Command `nonsense' unknown", "Illegal unsigned value x", "Invalid association ID 70000 specified"];
    assert_eq!(reported, expected);
    assert!(objects.iter().all(|object| object["error"] == "unusable"));
}

#[test]
fn commands_without_the_form_fail_and_settings_still_work() {
    let (_daemon, host) = daemon("pulse");
    let output = ntpq(&["--format", "json", "-c", "raw", "-c", "timeout 500", "-c", "as", &host]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(schemas(&objects(&output)), ["ntpkit.associations.v1"]);
    for (form, command) in [("json", "writelist"), ("openmetrics", ":config x"), ("json", "version")] {
        let output = ntpq(&["--format", form, "-c", command, "-c", "as", &host]);
        assert_eq!(output.status.code(), Some(1));
        let word = command.split(' ').next().expect("a word");
        let reported = format!("***Command `{word}' has no {form} form\n");
        assert_eq!(String::from_utf8_lossy(&output.stderr), reported);
    }
    // People get the classic layout instead.
    let output = ntpq(&["--format", "table", "-c", "host", &host]);
    assert!(output.status.success() && out(&output).contains("current host is "), "{output:?}");
}

#[test]
fn one_exposition_for_all_hosts_and_commands() {
    let running = ["campus", "ntpsec", "pulse", "young", "crowd"].map(daemon);
    let mut words =
        vec!["--format", "openmetrics", "-p", "-c", "as", "-c", "rv", "-c", "rv &1", "-c", "cl &1"];
    words.extend(running.iter().map(|(_, host)| host.as_str()));
    words.push(NOBODY);
    let output = ntpq(&words);
    let samples = checker::check(out(&output));
    let up: Vec<_> = samples
        .iter()
        .filter(|sample| sample.name == "ntpkit_up")
        .map(|sample| sample.value.to_string())
        .collect();
    assert_eq!(up, ["1", "1", "1", "1", "1", "0"]);
    let count = |name: &str, host: &str| {
        samples.iter().filter(|sample| sample.name == name && sample.label("host") == Some(host)).count()
    };
    let [(_, campus), _, (_, pulse), _, (_, crowd)] = &running;
    assert_eq!(count("ntpkit_peer_offset_seconds", campus), 18);
    assert_eq!(count("ntpkit_peer_offset_seconds", crowd), 200);
    assert_eq!(count("ntpkit_system_offset_seconds", pulse), 1);
    assert_eq!(count("ntpkit_clock_polls_total", pulse), 1);
    assert_eq!(count("ntpkit_up", NOBODY), 1);
    let selected = samples.iter().filter(|sample| {
        sample.family == "ntpkit_peer_selection"
            && sample.label("host") == Some(campus)
            && sample.label("ntpkit_peer_selection") == Some("sys.peer")
            && sample.value > 0.0
    });
    assert_eq!(selected.count(), 1);
}

#[test]
fn the_end_comes_whatever_happens() {
    for command in ["raw", "nonsense"] {
        assert_eq!(out(&ntpq(&["--format", "openmetrics", "-c", command])), "# EOF\n");
    }
    let (_daemon, host) = daemon("pulse");
    let output = ntpq(&["--format", "openmetrics", "-c", "rv", "-c", "quit", "-c", "peers", &host, NOBODY]);
    assert!(checker::check(out(&output)).iter().any(|sample| sample.name == "ntpkit_system_stratum"));
}

#[test]
fn a_redirected_command_has_a_whole_text_of_its_own() {
    let (_daemon, host) = daemon("pulse");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("metrics");
    let peers = format!("peers > {}", file.display());
    let output = ntpq(&["--format", "openmetrics", "-c", "rv", "-c", &peers, &host]);
    let redirected = std::fs::read_to_string(&file).expect("the file");
    let offsets = "ntpkit_peer_offset_seconds";
    assert!(checker::check(&redirected).iter().any(|sample| sample.name == offsets));
    let rest = checker::check(out(&output));
    assert!(rest.iter().all(|sample| sample.name != offsets));
    assert!(rest.iter().any(|sample| sample.name == "ntpkit_system_offset_seconds"));
}

#[test]
fn tables_have_a_caption_when_there_are_several_hosts() {
    let (_one, pulse) = daemon("pulse");
    let (_other, young) = daemon("young");
    let alone = ntpq(&["--format", "table", "-p", "-c", "rv", &pulse]);
    assert!(out(&alone).starts_with("┌─") && out(&alone).contains("\n\nSystem: "), "{}", out(&alone));
    let both = ntpq(&["--format", "table", "-p", &pulse, &young]);
    let captions: Vec<_> = out(&both).lines().filter(|line| line.starts_with("127.0.0.1")).collect();
    assert_eq!(captions, [&pulse, &young]);
    assert!(!out(&both).contains('\u{1b}'));
    let colored = ntpq(&["--format", "table", "--color", "always", "-p", &pulse]);
    assert!(out(&colored).contains("\u{1b}[32;1mo pps.peer\u{1b}[0m"));
}

#[test]
fn families_of_addresses_choose_rows() {
    let (_daemon, host) = daemon("campus");
    for (family, count) in [("peers -4", 17), ("peers -6", 1)] {
        let objects = objects(&ntpq(&["--format", "json", "-c", family, &host]));
        assert_eq!(objects[0]["peers"].as_array().expect("peers").len(), count, "{family}");
    }
}

fn daemon_with_clients(count: u32) -> (SimulatedDaemon, String) {
    let clients = Clients { count, ..Clients::default() };
    let scenario = Scenario { clients, ..Scenario::default() };
    let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default()).expect("a daemon");
    let host = daemon.local_address().to_string();
    (daemon, host)
}

#[test]
fn recent_clients_in_every_form() {
    let (_daemon, host) = daemon_with_clients(1200);
    let output = ntpq(&["--format", "json", "-c", "mrulist sort=addr", &host]);
    assert!(output.status.success() && output.stderr.is_empty(), "{:?}", output.status);
    let objects = objects(&output);
    let (summary, rows) = objects.split_last().expect("lines");
    assert_eq!((rows.len(), &summary["schema"]), (1200, &"ntpkit.mru_summary.v1".into()));
    assert_eq!((&summary["complete"], &summary["addresses"]), (&true.into(), &1200.into()));
    assert!(rows.iter().all(|row| row["schema"] == "ntpkit.mru.v1" && row["last_interval_s"].is_f64()));
    assert_eq!((&rows[0]["client_address"], &rows[0]["mode"]), (&"10.0.0.1".into(), &3.into()));

    let metrics = ntpq(&["--format", "openmetrics", "-c", "mrulist", &host]);
    let samples = checker::check(out(&metrics));
    let clients = samples.iter().find(|sample| sample.name == "ntpkit_clients").expect("clients");
    assert!((clients.value - 1200.0).abs() < 0.1);

    let table = ntpq(&["--format", "table", "-c", "mrulist", &host]);
    assert_eq!(out(&table).lines().filter(|line| line.contains("┆ client ┆")).count(), 1200);
}

#[test]
fn rows_of_clients_come_as_they_are_read_unless_they_have_to_be_sorted() {
    let (_daemon, host) = daemon_with_clients(1200);
    let addresses = |rows: &[Value]| -> BTreeSet<String> {
        rows.iter().map(|row| row["client_address"].as_str().expect("an address").to_owned()).collect()
    };
    let sorted = objects(&ntpq(&["--format", "json", "-c", "mrulist sort=lstint", &host]));
    let (_, sorted) = sorted.split_last().expect("lines");
    let lasts: Vec<&str> = sorted.iter().map(|row| row["last"]["raw"].as_str().expect("a stamp")).collect();
    assert!(lasts.is_sorted_by(|one, next| one >= next));

    let streamed = objects(&ntpq(&["--format", "json", "-c", "mrulist", &host]));
    let (summary, rows) = streamed.split_last().expect("lines");
    assert_eq!(addresses(rows), addresses(sorted));
    assert_eq!((&summary["complete"], &summary["addresses"]), (&true.into(), &1200.into()));
    assert_eq!(summary["rows"], rows.len());
    assert!(
        rows.iter().all(|row| row["last_interval_s"].as_f64().is_some_and(|age| (0.0..600.0).contains(&age)))
    );
}

#[test]
fn who_has_seen_enough_rows_ends_the_reading_in_silence() {
    let (_daemon, host) = daemon_with_clients(3000);
    let words = ["ntpq", "-n", "--format", "json", "-c", "mrulist", &host];
    let mut reading = std::process::Command::new(env!("CARGO_BIN_EXE_ntpkit"))
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut line = String::new();
    let mut rows = BufReader::new(reading.stdout.take().expect("a pipe"));
    rows.read_line(&mut line).expect("a row");
    assert!(line.starts_with("{\"schema\":\"ntpkit.mru.v1\""), "{line}");
    drop(rows);
    let output = reading.wait_with_output().expect("an end");
    let reported = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*reported), (Some(0), ""));
}

#[test]
fn a_list_that_cannot_be_read_is_no_complete_one() {
    let clients = Clients { count: 3000, ..Clients::default() };
    let scenario = Scenario { clients, ..Scenario::default() };
    let faults = Faults { silent_after: Some(4), ..Faults::default() };
    let daemon = SimulatedDaemon::start_on_loopback(scenario, faults).expect("a daemon");
    let host = daemon.local_address().to_string();
    let output = ntpq(&["--format", "json", "-c", "timeout 500", "-c", "mrulist", &host]);
    assert_eq!(output.status.code(), Some(1));
    let objects = objects(&output);
    let [.., summary, error] = objects.as_slice() else { panic!("{objects:?}") };
    assert_eq!((&summary["complete"], &error["error"]), (&false.into(), &"timed_out".into()));
    assert_eq!(summary["addresses"], objects.len() - 2);
}
