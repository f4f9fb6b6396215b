//! `ntpstat`, `ntp-wait` and the billboards of other daemons, against simulated daemons and ones that play back what
//! real ones said.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is missing here is a failed test"
)]

use assert_cmd::Command;
use ntpkit::sim::{Faults, SimulatedDaemon, demo};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Output;
use std::thread;

mod chronyd;
#[path = "../support/interrupts.rs"]
mod interrupts;

const TIMESYNCD: &str = include_str!("../daemons/timesyncd.txt");
const NTPD_RS: &str = include_str!("../daemons/ntpd-rs.json");

fn run(words: &[&str]) -> Output {
    run_with(words, "/nowhere")
}

fn run_with(words: &[&str], bus: &str) -> Output {
    let mut command = Command::cargo_bin("ntpkit").expect("the program");
    command.env_remove("NTPKIT_COMPAT").env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={bus}"));
    command.args(words).output().expect("a run")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn simulated(scenario: &str) -> (SimulatedDaemon, String) {
    let scenario = demo().into_iter().find(|known| known.name == scenario).expect("a scenario");
    let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default()).expect("a daemon");
    let host = daemon.local_address().to_string();
    (daemon, host)
}

/// Sections of hexadecimal octets under their names.
fn sections(text: &str) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("# ") {
            heading.clone_into(&mut name);
            continue;
        }
        let octets: &mut Vec<u8> = all.entry(name.clone()).or_default();
        octets
            .extend((0..line.len() / 2).map(|at| u8::from_str_radix(&line[2 * at..2 * at + 2], 16).unwrap()));
    }
    all
}

/// A socket at which a thread serves whoever connects.
fn served(serve: impl Fn(std::os::unix::net::UnixStream) + Send + 'static) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(&serve));
    (folder, path)
}

fn ntpd_rs() -> (tempfile::TempDir, PathBuf) {
    served(|mut stream| {
        let json = NTPD_RS.trim_end().as_bytes();
        stream.write_all(&u64::try_from(json.len()).unwrap().to_be_bytes()).unwrap();
        stream.write_all(json).unwrap();
    })
}

/// A system bus with timesyncd on it.
fn bus() -> (tempfile::TempDir, PathBuf) {
    served(|mut stream| {
        let said = sections(TIMESYNCD);
        let mut octets = Vec::new();
        let mut hear = |until: &[u8], stream: &mut std::os::unix::net::UnixStream| {
            let mut octet = [0];
            while !octets.windows(until.len()).any(|window| window == until) {
                if stream.read(&mut octet).unwrap_or(0) == 0 {
                    return;
                }
                octets.push(octet[0]);
            }
        };
        hear(b"\r\n", &mut stream);
        stream.write_all(b"OK 0123456789abcdef0123456789abcdef\r\n").unwrap();
        hear(b"NameHasOwner", &mut stream);
        for name in ["hello", "signal", "owner"] {
            stream.write_all(&said[name]).unwrap();
        }
        hear(b"GetAll", &mut stream);
        // What was recorded answered the fourth call; ours is the third.
        let mut properties = said["properties"].clone();
        let at = properties.windows(8).position(|window| window == b"\x05\x01u\0\x04\0\0\0").unwrap();
        properties[at + 4] = 3;
        stream.write_all(&properties).unwrap();
        hear(b"the end", &mut stream);
    })
}

#[test]
fn simulated_daemons() {
    let (_campus, host) = simulated("campus");
    let output = run(&["ntpstat", &host]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("synchronised to NTP server (") && lines[0].ends_with(' '), "{text}");
    assert!(lines[1].starts_with("   time correct to within ") && lines[1].ends_with(" ms"), "{text}");
    assert!(lines[2].starts_with("   polling server every ") && lines[2].ends_with(" s"), "{text}");
    assert_eq!(out(&run(&["ntpstat", "--compat", "4.2.8p15", &host])), text);

    let output = run(&["ntpstat", "--format", "json", &host]);
    let value: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!((&value["schema"], &value["daemon"]), (&"ntpkit.health.v1".into(), &"ntpd".into()));
    assert!(
        value["ok"] == true && value["maximum_error_ms"].is_f64() && value["stratum"].is_u64(),
        "{value}"
    );

    let (_young, host) = simulated("young");
    let output = run(&["ntpstat", &host]);
    assert!(output.status.code() == Some(1) && out(&output).starts_with("unsynchronised\n"), "{output:?}");
    let said =
        "ntpstat: not synchronised: no source is selected yet; 1 of 2 sources answer; next: wait 192 s: ";
    assert!(String::from_utf8_lossy(&output.stderr).starts_with(said), "{output:?}");
    let json: Value = serde_json::from_str(&out(&run(&["ntpstat", "--format", "json", &host]))).unwrap();
    assert_eq!(json["unsynchronized"]["cause"], "not_selected_yet");
    let check = out(&run(&["ntpstat", "--check", &host]));
    assert!(
        check.starts_with("NTP CRITICAL: ntpd is unsynchronised: no source is selected yet; 1 of 2"),
        "{check}"
    );
    let mut classic = Command::cargo_bin("ntpkit").unwrap();
    let output = classic.args(["ntpstat", "--compat", "4.2.8p15", &host]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "the original says nothing more");
    let figures = ["maximum_error_ms", "offset_ms", "jitter_ms"];
    let value: Value = serde_json::from_str(&out(&run(&["ntpstat", "--format", "json", &host]))).unwrap();
    assert!(figures.iter().all(|figure| value[*figure].is_null()), "nothing was measured: {value}");
    let metrics = out(&run(&["ntpstat", "--format", "openmetrics", &host]));
    assert!(metrics.contains("_synchronized") && !metrics.contains("_offset_seconds"), "{metrics}");
    let output = run(&["ntpstat", "--check", &host]);
    assert!(output.status.code() == Some(2) && out(&output).starts_with("NTP CRITICAL: "), "{output:?}");
    let output = run(&["ntpstat", "--wait=0.001", &host]);
    assert!(output.status.code() == Some(1) && !output.stderr.is_empty(), "{output:?}");
}

#[test]
fn ntp_wait_tells_in_time() {
    let (_campus, host) = simulated("campus");
    let output = run(&["ntp-wait", "-v", &host]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(out(&output), "Waiting for ntpd to synchronize...  \u{8}OK!\n");
    let (_young, host) = simulated("young");
    let output = run(&["ntp-wait", "-v", "-n", "2", "-s", "0.01", &host]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(out(&output), "Waiting for ntpd to synchronize...  \u{8}+\u{8}:\u{8}No!\n");
    assert_eq!(run(&["ntp-wait", "-n", "0"]).status.code(), Some(2));
}

#[test]
fn ntp_wait_tells_nobody_there_from_not_yet() {
    let (_young, host) = simulated("young");
    let output = run(&["ntp-wait", "-n", "2", "-s", "0.01", &host]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        said,
        "ntp-wait: waiting: ntpd has just started: no source is selected yet; 1 of 2 sources answer; next: wait 192 s: \
         ntpstat --wait=192\n\
         ntp-wait: not synchronised after 2 tries: ntpd has just started: no source is selected yet; 1 of 2 sources \
         answer; next: wait 192 s: ntpstat --wait=192\n"
    );
    // A port that was just free: nobody listens there.
    let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let output = run(&["ntp-wait", "-n", "1", &port.to_string()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("after 1 try: no daemon answers: Unable to talk to NTP daemon. Is it running?\n")
            && said.ends_with(&format!("; next: ss -lunp 'sport = :{}'\n", port.port())),
        "{said}"
    );
}

#[test]
fn ntp_wait_of_the_classic_ends_where_nobody_answers() {
    let (_young, young) = simulated("young");
    let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().to_string();
    for (words, host, text) in [
        (&["-n", "1000"][..], &port, "\u{8}Leap status not available\n"),
        (&["-v"], &port, "Waiting for ntpd to synchronize...  \u{8}Leap status not available\n"),
        (&["-n", "1"], &young, ""),
        (
            &["-v", "-n", "1"],
            &young,
            "Waiting for ntpd to synchronize...  \u{8}+\u{8}No!\nntpd did not synchronize.\n",
        ),
    ] {
        let mut command = Command::cargo_bin("ntpkit").unwrap();
        let output =
            command.env("NTPKIT_COMPAT", "4.2.8p15").arg("ntp-wait").args(words).arg(host).output().unwrap();
        let said = (output.status.code(), out(&output), String::from_utf8(output.stderr.clone()).unwrap());
        assert_eq!(said, (Some(1), text.to_owned(), String::new()), "{words:?}");
    }
}

#[test]
fn results_that_cannot_be_written_have_a_status_of_their_own() {
    let (_campus, host) = simulated("campus");
    for (words, status) in [
        (&["ntpstat"][..], 2),
        (&["ntpstat", "--check"], 3),
        (&["ntpstat", "--format", "json"], 2),
        (&["ntp-wait", "-v"], 2),
    ] {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("ntpkit"));
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output =
            command.env_remove("NTPKIT_COMPAT").args(words).arg(&host).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{words:?} {said}");
        assert_eq!(said, format!("{}: write error: No space left on device\n", words[0]));
    }
    let keys = tempfile::NamedTempFile::new().unwrap();
    fs::write(keys.path(), "1 MD5 secret\n").unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("ntpkit"));
    let output = command.args(["keys", "check"]).arg(keys.path()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "1 says that a row is refused: {output:?}");
}

#[test]
fn ntpd_rs_through_its_socket() {
    let (_folder, path) = ntpd_rs();
    let daemon = format!("ntpd-rs:{}", path.display());
    let output = run(&["ntpstat", "--daemon", &daemon]);
    assert_eq!(
        out(&output),
        "synchronised to NTP server (192.0.2.12) at stratum 3 \n   time correct to within 12 ms\n   \
         polling server every 16 s\n"
    );
    let output = run(&["ntpq", "-n", "-p", "--daemon", &daemon, "--format", "json", "127.0.0.1"]);
    let value: Value = serde_json::from_str(&out(&output)).unwrap();
    let tallies: Vec<&str> =
        value["peers"].as_array().unwrap().iter().map(|peer| peer["tally"].as_str().unwrap()).collect();
    assert_eq!(tallies.iter().filter(|tally| **tally == "*").count(), 1, "{value}");
    assert_eq!(tallies.len(), 5);
    let output = run(&["ntpq", "-c", "rv 0 ss_uptime", "--daemon", &daemon, "127.0.0.1"]);
    assert_eq!(out(&output), "ss_uptime=58\n");
}

#[test]
fn a_young_ntpd_rs_is_no_alert() {
    let (_folder, path) = ntpd_rs();
    let daemon = format!("ntpd-rs:{}", path.display());
    let check = |grace: &str| {
        run(&["check_ntp_peer", "-H", "127.0.0.1", "--daemon", &daemon, "-n", "20:", "--grace", grace])
    };
    let young = check("59");
    assert!(out(&young).contains("the daemon has just started"), "{young:?}");
    assert_eq!(young.status.code(), Some(0));
    assert_eq!(check("58").status.code(), Some(2), "it started 58 seconds before");
}

#[test]
fn timesyncd_through_the_bus() {
    let (_folder, path) = bus();
    let path = path.display().to_string();
    let output = run_with(&["ntpstat", "--daemon", "timesyncd", "--format", "json"], &path);
    let value: Value = serde_json::from_str(&out(&output)).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(value["daemon"], "systemd-timesyncd");
    // Its last answer is old by now.
    assert_eq!((output.status.code(), &value["synchronized"]), (Some(1), &Value::Bool(false)));
    assert_eq!(value["unsynchronized"]["cause"], "not_in_force");
    let output = run_with(&["ntpq", "-pn", "--daemon", "timesyncd", "127.0.0.1"], &path);
    assert!(out(&output).lines().nth(2).is_some_and(|row| row.contains(".LOCL.")), "{output:?}");
}

#[test]
fn several_hosts_in_their_order() {
    let daemons: Vec<SimulatedDaemon> = demo()
        .into_iter()
        .filter(|scenario| ["campus", "young"].contains(&scenario.name.as_str()))
        .map(|scenario| SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap())
        .collect();
    let hosts: Vec<String> = daemons.iter().map(|daemon| daemon.local_address().to_string()).collect();
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let silent = silent.local_addr().unwrap().to_string();
    let list = tempfile::NamedTempFile::new().unwrap();
    fs::write(list.path(), format!("{silent}\n{}\n", hosts[1])).unwrap();
    let list = list.path().to_str().unwrap();

    let words = ["ntpstat", "--timeout", "0.5", &hosts[0], "--hosts-from", list, "--format", "json"];
    let output = run(&words);
    let rows: Vec<Value> = out(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named: Vec<&str> = rows.iter().map(|row| row["host"].as_str().unwrap()).collect();
    assert_eq!(named, [&hosts[0], &silent, &hosts[1]]);
    assert_eq!((&rows[0]["ok"], &rows[2]["ok"]), (&true.into(), &false.into()));
    assert_eq!(rows[2]["unsynchronized"]["cause"], "not_selected_yet");
    assert!(rows[0]["unsynchronized"].is_null());
    assert_eq!(rows[1]["error"], "timeout");
    assert_eq!(output.status.code(), Some(2), "that of the worst");

    let output = run(&["ntpstat", "--timeout", "0.5", &hosts[0], &silent]);
    let port = silent.rsplit(':').next().unwrap();
    let line = format!("ntpstat: {silent}: ntpd: no answer (UDP port {port})\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains(&line), "{output:?}");

    let output = run(&["ntpstat", &hosts[0], &hosts[1]]);
    let text = out(&output);
    assert!(text.starts_with(&format!("{}: synchronised to NTP server", hosts[0])), "{text}");
    assert!(text.contains(&format!("\n{}: unsynchronised\n", hosts[1])), "{text}");
    let said = format!(
        "ntpstat: {}: not synchronised: no source is selected yet; 1 of 2 sources answer; next: wait 192 s",
        hosts[1]
    );
    assert!(String::from_utf8_lossy(&output.stderr).starts_with(&said), "{output:?}");
    assert_eq!(output.status.code(), Some(1));

    let metrics = out(&run(&["ntpstat", "--format", "openmetrics", &hosts[0], &hosts[1]]));
    assert_eq!(metrics.matches("ntpkit_health_answered{host=").count(), 2, "{metrics}");
    assert!(metrics.ends_with("# EOF\n"));

    for words in [&["--check"][..], &["--wait=1"], &["--compat", "4.2.8p15"]] {
        let output = run(&[&["ntpstat"], words, &[&hosts[0], &hosts[1]]].concat());
        assert_eq!(output.status.code(), Some(3), "{words:?}");
    }
}
