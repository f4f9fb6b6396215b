//! `ntpstat`, `ntp-wait` and the billboards of other daemons, against simulated daemons and ones that play back what
//! real ones said.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is missing here is a failed test"
)]

use assert_cmd::Command;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ntpkit::sim::{Faults, SimulatedDaemon, demo};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

#[path = "support/interrupts.rs"]
mod interrupts;

const CHRONYD: &str = include_str!("daemons/chronyd.txt");
const TIMESYNCD: &str = include_str!("daemons/timesyncd.txt");
const NTPD_RS: &str = include_str!("daemons/ntpd-rs.json");

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

/// What a real chronyd said to this request.
fn chronyd_reply(replies: &BTreeMap<String, Vec<u8>>, request: &[u8]) -> Vec<u8> {
    let index = request[20..24].iter().fold(0_u32, |number, octet| number << 8 | u32::from(*octet));
    let address = match request.get(36..38) {
        Some([0, 1]) => Ipv4Addr::from(index).to_string(),
        _ => "2001:db8::11".to_owned(),
    };
    // A client over UDP may not see the statistics.
    if request[4..6] == [0, 54] {
        let mut reply = vec![0; 28];
        reply[..10].copy_from_slice(&[6, 2, 0, 0, 0, 54, 0, 1, 0, 2]);
        reply[16..20].copy_from_slice(&request[8..12]);
        return reply;
    }
    let name = match u16::from_be_bytes([request[4], request[5]]) {
        14 => "N_SOURCES".to_owned(),
        15 => format!("SOURCE_DATA {index}"),
        33 => "TRACKING".to_owned(),
        34 => format!("SOURCESTATS {index}"),
        57 => format!("NTP_DATA {address}"),
        65 => format!("SOURCE_NAME {address}"),
        other => panic!("request {other}"),
    };
    let mut reply = replies.get(&name).unwrap_or(&replies["SOURCE_DATA out of range"]).clone();
    assert!(request.len() >= reply.len(), "a request is no shorter than its reply");
    reply[4..6].copy_from_slice(&request[4..6]);
    reply[16..20].copy_from_slice(&request[8..12]);
    reply
}

/// A chronyd that says what a real one said, as often as it is asked.
fn chronyd(change: fn(&mut Vec<u8>)) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let replies = sections(CHRONYD);
    thread::spawn(move || {
        let mut request = [0; 1024];
        while let Ok((length, client)) = socket.recv_from(&mut request) {
            if request[0] != 6 {
                continue;
            }
            let mut reply = chronyd_reply(&replies, &request[..length]);
            if matches!(request[5], 57 | 65) {
                // chronyd reports measurements to nobody over UDP.
                reply.clone_from(&replies["SOURCE_DATA out of range"]);
                reply[5] = request[5];
                reply[9] = 2;
                reply[16..20].copy_from_slice(&request[8..12]);
            }
            change(&mut reply);
            socket.send_to(&reply, client).unwrap();
        }
    });
    address
}

/// The folder of a chronyd whose Unix socket answers, or is silent. The second is the socket.
fn chronyd_folder(is_silent: bool) -> (tempfile::TempDir, PathBuf, Receiver<PathBuf>) {
    chronyd_that_answers(move || !is_silent)
}

/// The same; it asks each time whether to answer.
fn chronyd_that_answers(
    answers: impl Fn() -> bool + Send + 'static,
) -> (tempfile::TempDir, PathBuf, Receiver<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
    let path = folder.path().join("chronyd.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    let replies = sections(CHRONYD);
    let (tell, clients) = channel();
    thread::spawn(move || {
        let mut request = [0; 1024];
        while let Ok((length, client)) = socket.recv_from(&mut request) {
            let client = client.as_pathname().expect("a client that can be answered").to_owned();
            let _ = tell.send(client.clone());
            if answers() {
                // It may have gone meanwhile.
                let _ = socket.send_to(&chronyd_reply(&replies, &request[..length]), &client);
            }
        }
    });
    (folder, path, clients)
}

fn entries(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
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
        "ntp-wait: waiting: ntpd has just started\n\
         ntp-wait: not synchronised after 2 tries: ntpd has just started\n"
    );
    // A port that was just free: nobody listens there.
    let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let output = run(&["ntp-wait", "-n", "1", &port.to_string()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.ends_with("after 1 try: no daemon answers: Unable to talk to NTP daemon. Is it running?\n"),
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
fn chronyd_in_its_own_protocol() {
    let host = chronyd(|_| {});
    let output = run(&["ntpstat", "--daemon", "chronyd", &host]);
    assert_eq!(
        out(&output),
        "synchronised to NTP server (192.0.2.11) at stratum 2 \n   time correct to within 10 ms\n   \
         polling server every 16 s\n"
    );
    assert_eq!(output.status.code(), Some(0));
    let output = run(&["ntpq", "-pn", "--daemon", "chronyd", &host]);
    assert_eq!(
        out(&output),
        "     remote           refid      st t when poll reach   delay   offset  jitter\n\
         ==============================================================================\n\
         *192.0.2.11      -                1 u   15   16  377        -    0.005   0.003\n\
         -192.0.2.12      -                2 u    5   16  377        -   -0.003   0.002\n\
         -192.0.2.15      -                2 u   10   16  377        -   60.005   0.009\n \
         192.0.2.17      -               16 u    - 1024    0        -        -       -\n\
         -2001:db8::11    -                1 u    7   16  377        -    0.006   0.001\n"
    );
    assert!(
        String::from_utf8_lossy(&output.stderr).ends_with(": the peers of chronyd, from its own protocol\n")
    );
    // The classic looks for nobody else; but whom the user names is asked.
    let output = run(&["ntpq", "--compat", "4.2.8p15", "-pn", "--daemon", "chronyd", &host]);
    assert!(out(&output).contains("\n*192.0.2.11 "), "{output:?}");
}

#[test]
fn variables_of_chronyd_have_ntpds_names() {
    let host = chronyd(|_| {});
    for (command, lines) in [
        (
            "rv",
            &["associd=0 status=0600 leap_none, sync_ntp, no events", "leap=00, stratum=2, rootdelay="][..],
        ),
        ("rv 0 stratum,refid", &["stratum=2, refid=192.0.2.11\n"]),
        (
            "as",
            &["  1     1  9600   yes   yes  none  sys.peer ", "  4     4  8000   yes    no  none    reject "],
        ),
        (
            "sysinfo",
            &["system peer mode:   client\n", "stratum:            2\n", "reference ID:       192.0.2.11\n"],
        ),
        (
            "rv 1",
            &["associd=1 status=9600 conf, reach, sel_sys.peer", "srcadr=192.0.2.11, stratum=1", "reach=377"],
        ),
    ] {
        for compat in ["none", "4.2.8p15"] {
            let output =
                run(&["ntpq", "-n", "--compat", compat, "--daemon", "chronyd", "-c", command, &host]);
            assert_eq!((output.status.code(), &*output.stderr), (Some(0), &[][..]), "{command}");
            assert!(lines.iter().all(|line| out(&output).contains(line)), "{command}: {}", out(&output));
        }
    }
    let json: Value = serde_json::from_str(&out(&run(&[
        "ntpq", "--daemon", "chronyd", "--format", "json", "-c", "rv", &host,
    ])))
    .unwrap();
    assert!(json["variables"]["stratum"] == 2 && json["variables"]["sys_jitter"].is_number(), "{json}");
    let output = run(&["ntpq", "--daemon", "chronyd", "-c", "rv 0 precision", &host]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.ends_with("***A request variable unknown to the server\n"), "{said}");
}

#[test]
fn commands_that_need_mode_6_say_so() {
    let host = chronyd(|_| {});
    for (command, name) in [("cv", "cv"), ("mru", "mrulist")] {
        for compat in ["none", "4.2.8p15"] {
            let output = run(&["ntpq", "--compat", compat, "--daemon", "chronyd", "-c", command, &host]);
            assert_eq!(
                (output.status.code(), out(&output)),
                (Some(i32::from(compat == "none")), String::new())
            );
            let said = String::from_utf8(output.stderr).unwrap();
            let complaint = format!("`{name}' needs mode 6, which chronyd does not speak\n");
            assert!(said.contains("ntpq: 127.0.0.1") && said.contains(&complaint), "{said}");
        }
    }
    let output = run(&["ntpq", "--daemon", "chronyd", "--format", "json", "-c", "cv", &host]);
    let fault: Value = serde_json::from_str(&out(&output)).unwrap();
    assert!(fault["command"] == "cv" && fault["error"] == "unusable", "{fault}");
    let output = run(&["ntpq", "--daemon", "ntpd-rs", "-p", "192.0.2.1"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "ntpq: 192.0.2.1: --daemon ntpd-rs works only on this machine\n"
    );
    let output = run(&["ntpstat", "--daemon", "timesyncd", "192.0.2.1"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "--daemon timesyncd works only on this machine\n");
}

#[test]
fn chronyd_tells_more_through_its_socket() {
    let (folder, path, clients) = chronyd_folder(false);
    let daemon = format!("chronyd:{}", path.display());
    let output = run(&["ntpstat", "--daemon", &daemon]);
    assert_eq!(
        out(&output),
        "synchronised to NTP server (192.0.2.11) at stratum 2 \n   time correct to within 10 ms\n   \
         polling server every 16 s\n"
    );
    let output = run(&["ntpq", "-pn", "--daemon", &daemon, "127.0.0.1"]);
    assert_eq!(
        out(&output),
        "     remote           refid      st t when poll reach   delay   offset  jitter\n\
         ==============================================================================\n\
         *192.0.2.11      .LOCL.           1 u   15   16  377    0.028    0.005   0.003\n\
         -192.0.2.12      -                2 u    5   16  377        -   -0.003   0.002\n\
         -192.0.2.15      -                2 u   10   16  377        -   60.005   0.009\n \
         192.0.2.17      -               16 u    - 1024    0        -        -       -\n\
         -2001:db8::11    .LOCL.           1 u    7   16  377    0.014    0.006   0.001\n"
    );
    let clients: BTreeSet<PathBuf> = clients.try_iter().collect();
    assert_eq!(clients.len(), 2, "a path for each conversation: {clients:?}");
    assert!(clients.iter().all(|client| client.parent() == Some(folder.path())), "{clients:?}");
    assert_eq!(entries(folder.path()), ["chronyd.sock"]);
}

#[test]
fn nothing_stays_beside_chronyds_socket() {
    interrupts::children_heed_interrupts();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let (folder, path, clients) = chronyd_folder(true);
        let daemon = format!("chronyd:{}", path.display());
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("ntpkit"))
            .args(["ntpstat", "--timeout", "600", "--daemon", &daemon])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let client = clients.recv_timeout(Duration::from_secs(60)).expect("a question");
        assert!(client.exists(), "{client:?}");
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal as i32));
        assert_eq!(entries(folder.path()), ["chronyd.sock"], "after {signal}");
    }
}

/// As in a background job of a script, and under `nohup`.
#[test]
fn ignored_signals_end_no_question_to_chronyd() {
    let (go, wait) = channel::<()>();
    let (folder, path, clients) = chronyd_that_answers(move || wait.recv().is_err());
    let daemon = format!("chronyd:{}", path.display());
    let child = std::process::Command::new("sh")
        .args(["-c", "trap '' INT HUP; exec \"$0\" \"$@\""])
        .arg(assert_cmd::cargo::cargo_bin("ntpkit"))
        .args(["ntpstat", "--timeout", "600", "--daemon", &daemon])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    clients.recv_timeout(Duration::from_secs(60)).expect("a question");
    for signal in [Signal::SIGINT, Signal::SIGHUP] {
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
    }
    drop(go); // now it answers
    let output = child.wait_with_output().unwrap();
    assert!(out(&output).starts_with("synchronised to NTP server (192.0.2.11) at stratum 2"), "{output:?}");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
    assert_eq!(entries(folder.path()), ["chronyd.sock"]);
}

#[test]
fn a_socket_that_is_not_chronyds_own() {
    let (folder, path, _clients) = chronyd_folder(false);
    let link = folder.path().join("link.sock");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let refused = |path: &Path| {
        let output = run(&["ntpstat", "--daemon", &format!("chronyd:{}", path.display())]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&link).contains("not a socket of the daemon"));
    assert!(refused(&folder.path().join("none")).contains("No such file or directory"));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(refused(&path).contains("the directory is not private to the daemon"));
}

#[test]
fn chronyd_that_refuses_or_talks_nonsense() {
    let refuse: fn(&mut Vec<u8>) = |reply| reply[9] = 2;
    let cut: fn(&mut Vec<u8>) = |reply| reply.truncate(60);
    let forge: fn(&mut Vec<u8>) = |reply| reply[16] ^= 1;
    let unsynchronised: fn(&mut Vec<u8>) = |reply| {
        if reply.len() == 104 {
            reply[55] = 3;
        }
    };
    for (change, status, expected) in [
        (refuse, 2, "opencommands"),
        (cut, 2, "invalid reply"),
        (forge, 2, "no answer"),
        (unsynchronised, 1, ""),
    ] {
        let output = run(&["ntpstat", "--timeout", "0.1", "--daemon", "chronyd", &chronyd(change)]);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(expected), "{output:?}");
    }
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
    let output = run_with(&["ntpq", "-pn", "--daemon", "timesyncd", "127.0.0.1"], &path);
    assert!(out(&output).lines().nth(2).is_some_and(|row| row.contains(".LOCL.")), "{output:?}");
}
