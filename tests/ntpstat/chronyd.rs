//! chronyd in its own protocol: over UDP as everybody may, and through its Unix socket.

use super::{interrupts, out, run, sections};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

const CHRONYD: &str = include_str!("../daemons/chronyd.txt");

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
        67 => format!("AUTH_DATA {address}"),
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
            if matches!(request[5], 57 | 65 | 67) {
                // chronyd reports measurements and keys to nobody over UDP.
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

/// What ntpstat prints of the recorded chronyd.
const SYNCHRONISED: &str = "synchronised to NTP server (192.0.2.11) at stratum 2 \n   time correct to within 10 ms\n   \
                            polling server every 16 s\n";

#[test]
fn chronyd_in_its_own_protocol() {
    let host = chronyd(|_| {});
    let output = run(&["ntpstat", "--daemon", "chronyd", &host]);
    assert_eq!(out(&output), SYNCHRONISED);
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
fn sources_that_are_not_reported_are_no_empty_table() {
    let host = chronyd(|reply| {
        if reply[5] == 14 {
            reply.truncate(28);
            reply[6..10].copy_from_slice(&[0, 1, 0, 2]);
        }
    });
    let port = host.rsplit_once(':').unwrap().1;
    let why = format!("chronyd: not open to this client (see opencommands in chrony.conf) (UDP port {port})");
    for words in [["ntpq", "-pn"].as_slice(), &["ntpq", "-c", "associations"]] {
        let output = run(&[words, &["--daemon", "chronyd", &host]].concat());
        assert_eq!((out(&output), output.status.code()), (String::new(), Some(1)), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(&why), "{output:?}");
    }
    let output = run(&["check_ntp_peer", "--daemon", "chronyd", "-H", &host]);
    assert!(out(&output).starts_with("NTP CRITICAL: ") && out(&output).contains(&why), "{output:?}");
    // The state of its clock is known.
    assert_eq!(run(&["ntpstat", "--daemon", "chronyd", &host]).status.code(), Some(0));
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
            let problem = format!("`{name}' needs mode 6, which chronyd does not speak\n");
            assert!(said.contains("ntpq: 127.0.0.1") && said.contains(&problem), "{said}");
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
    assert_eq!(out(&output), SYNCHRONISED);
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
    let output =
        run(&["ntpq", "--daemon", &daemon, "-c", "rv &1 mechanism,keyid,keybits,ntscookies", "127.0.0.1"]);
    assert_eq!(out(&output), "mechanism=nts, keyid=1, keybits=256, ntscookies=8\n");
    let output = run(&["ntpq", "--daemon", &daemon, "-c", "rv &2 mechanism", "127.0.0.1"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown to the server"), "{output:?}");
    let clients: BTreeSet<PathBuf> = clients.try_iter().collect();
    assert_eq!(clients.len(), 6, "a path for each conversation: {clients:?}");
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
