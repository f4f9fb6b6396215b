//! The shell of ntpq and ntpdc.

use super::both;
use super::fake::Fake;
use super::interrupts::children_heed_interrupts;
use crate::support::{Run, daemon, host, mute, nobody, scenario, still};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{Fault, Faults, Scenario, crowd};
use ntpkit::wire::control::{Header, Message};
use std::net::UdpSocket;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// `ntpq` with these commands and no host.
fn commands(program: &str, commands: &[&str]) -> Run {
    Run::called(program, commands.iter().flat_map(|command| ["-c", command]))
}

#[test]
fn failures_end_with_0() {
    for program in ["ntpq", "ntpdc"] {
        let [classic, ours] = both(|| commands(program, &["bogus"]));
        assert_eq!((classic.status, ours.status), (Some(0), Some(1)), "{program}");
    }
}

#[test]
fn no_hints() {
    let closed = nobody();
    for program in ["ntpq", "ntpdc"] {
        let [classic, ours] = both(|| Run::called(program, ["-c", "sysinfo", &closed]));
        assert!(!classic.stderr.contains("no NTP daemon listens"), "{classic}");
        assert!(ours.stderr.contains("no NTP daemon listens"), "{ours}");
    }
}

#[test]
fn one_question_at_a_time() {
    // One after the other, 62 replies of 200 ms each would take 12.4 s.
    let faults = Faults { delay: Duration::from_millis(200), ..Faults::default() };
    let daemon = still(crowd(61), faults);
    for classic in [false, true] {
        let run = Run::ntpq(["-pn"]).of(&daemon);
        let begun = Instant::now();
        let ran = if classic { run.classic() } else { run }.run();
        assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
        assert_eq!(ran.stdout.lines().count(), 2 + 61);
    }
}

#[test]
fn one_host_at_a_time() {
    // None of them answers before all have been asked: one after the other, each would be waited for in vain.
    let sockets: Vec<_> = (0..10).map(|_| mute()).collect();
    let hosts: Vec<String> = sockets.iter().map(|(_, host)| host.clone()).collect();
    let words = ["-c", "timeout 60000", "-c", "rv 0 leap"].map(str::to_owned);
    let words: Vec<String> = words.into_iter().chain(hosts).collect();
    for classic in [false, true] {
        let ran = std::thread::scope(|scope| {
            scope.spawn(|| answer_once_all_have_been_asked(&sockets));
            let run = Run::ntpq(&words);
            if classic { run.classic() } else { run }.run()
        });
        assert_eq!((ran.status, ran.stdout.matches("leap=00").count()), (Some(0), 10), "{ran}");
    }
}

fn answer_once_all_have_been_asked(sockets: &[(UdpSocket, String)]) {
    let mut request = [0; 512];
    let mut asked = Vec::new();
    for (socket, _) in sockets {
        let (length, source) = socket.recv_from(&mut request).unwrap();
        let header = Message::parse(&request[..length]).unwrap().header;
        asked.push((socket, source, Header { response: true, ..header }.encode(b"leap=00")));
    }
    for (socket, source, reply) in asked {
        socket.send_to(&reply, source).unwrap();
        // What was asked again meanwhile is no question of the next run.
        socket.set_nonblocking(true).unwrap();
        while socket.recv_from(&mut request).is_ok() {}
        socket.set_nonblocking(false).unwrap();
    }
}

#[test]
fn long_options_are_clusters() {
    let [classic, ours] = both(|| Run::called("ntpdate", ["--explian", "127.0.0.1"]));
    assert!(classic.stderr.contains("encryption delay xplian is unlikely"), "{classic}");
    assert!(
        ours.stderr.starts_with("ntpdate: unknown option --explian; did you mean --explain?\n"),
        "{ours}"
    );
}

#[test]
fn no_suggestions() {
    for program in ["ntpq", "ntpdc"] {
        let [classic, ours] = both(|| Run::called(program, ["--peesr"]));
        assert!(!classic.stderr.contains("did you mean"), "{classic}");
        assert!(ours.stderr.contains("did you mean --peers?"), "{ours}");
    }
}

#[test]
fn no_ports() {
    let campus = daemon("campus");
    let [classic, ours] = both(|| Run::ntpq(["-c", "rv 0 stratum", &host(&campus)]));
    assert_eq!((classic.stdout.as_str(), ours.stdout.as_str()), ("stratum=2\n", "stratum=2\n"));
}

#[test]
fn networks_are_names() {
    let [classic, ours] = both(|| Run::ntpq(["-c", "rv", "10.0.0.0/8"]));
    assert_eq!(
        ours.stderr.lines().next(),
        Some("ntpq: 10.0.0.0/8: too large: a network may have at most 65536 addresses")
    );
    assert!(!classic.stderr.is_empty() && !classic.stderr.contains("network"), "{classic}");
}

#[test]
fn errors_without_host() {
    let closed = nobody();
    let [classic, ours] = both(|| Run::ntpq(["-c", "rv", &closed]));
    assert!(classic.stderr.starts_with("ntpq: read: "), "{classic}");
    assert!(ours.stderr.starts_with("ntpq: 127.0.0.1: read: "), "{ours}");
}

#[test]
fn eager_lookup() {
    let [classic, ours] = both(|| Run::ntpq(["-d", "-d", "-d", "-c", "keytype"]));
    assert!(classic.to_string().contains("Opening host localhost"), "{classic}");
    assert!(!ours.to_string().contains("Opening host"), "{ours}");
    assert!(ours.stdout.starts_with("keytype is MD5"), "{ours}");
}

#[test]
fn failed_open_aborts() {
    // The kernel opens no socket to the broadcast address.
    let campus = daemon("campus");
    let [classic, ours] = both(|| Run::ntpq(["-c", "rv 0 stratum", "255.255.255.255"]).of(&campus));
    assert_eq!(
        (classic.stdout.as_str(), classic.stderr.as_str()),
        ("", "ntpq: connect: Permission denied\n")
    );
    assert!(ours.stdout.ends_with("stratum=2\n"), "{ours}");
}

#[test]
fn seven_words() {
    let campus = daemon("campus");
    let extra = |word| format!("***Extra arg `{word}' ignored\n");
    let [classic, ours] = both(|| Run::ntpq(["-c", "rv 0 leap stratum tc x y z"]).of(&campus));
    assert_eq!(classic.stderr, extra("x") + &extra("y"));
    assert_eq!(ours.stderr, extra("x") + &extra("y") + &extra("z"));
}

#[test]
fn no_redirection() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let line = format!("help requestkey > {}", file.display());
    let [classic, ours] = both(|| commands("ntpdc", &[&line]));
    assert!(classic.stdout.contains("requestkey") && ours.stdout.is_empty(), "{classic}{ours}");
    assert!(std::fs::read_to_string(file).unwrap().contains("requestkey"));
}

#[test]
fn no_plus() {
    let [classic, ours] = both(|| commands("ntpq", &["delay +5", "delay"]));
    assert_eq!((classic.stdout.as_str(), ours.stdout.as_str()), ("delay 20 ms\n", "\ndelay 5 ms\n"));
    assert_eq!(classic.stderr, "***Illegal integer value +5\n");
}

#[test]
fn unexplained_help() {
    for program in ["ntpq", "ntpdc"] {
        let [classic, ours] = both(|| commands(program, &["help peers"]));
        assert_eq!(classic.stdout.lines().count(), 2, "{classic}");
        assert!(ours.stdout.contains("\n\n") && ours.stdout.lines().count() > 5, "{ours}");
    }
}

#[test]
fn signed_timeout() {
    for program in ["ntpq", "ntpdc"] {
        let [classic, ours] = both(|| commands(program, &["timeout 3000000000", "timeout"]));
        assert!(classic.stdout.ends_with("primary timeout -1294967296 ms\n"), "{classic}");
        assert!(ours.stdout.ends_with("primary timeout 3000000000 ms\n"), "{ours}");
    }
}

#[test]
fn unsigned_delay() {
    for program in ["ntpq", "ntpdc"] {
        let [classic, ours] = both(|| commands(program, &["delay -5", "delay"]));
        assert!(classic.stdout.ends_with("delay 4294967291 ms\n"), "{classic}");
        assert!(ours.stdout.ends_with("delay -5 ms\n"), "{ours}");
    }
}

#[test]
fn extra_words_rename_host() {
    let [classic, ours] = both(|| commands("ntpdc", &["host -4 127.0.0.1 more"]));
    assert!(classic.stdout.starts_with("current host remains "), "{classic}");
    assert_eq!(ours.stdout, "current host set to 127.0.0.1\n");
}

#[test]
fn overstated_payload_is_a_result() {
    let fake = Fake::start(|request| {
        let mut reply = request[..12].to_vec();
        reply[1] |= 0x80;
        reply[11] = 40;
        reply.extend(b"stratum=2\r\n\0");
        vec![reply]
    });
    let words = ["-c", "timeout 400", "-c", "rv 0 stratum", &fake.address.to_string()].map(str::to_owned);
    let [classic, ours] = both(|| Run::ntpq(&words));
    let line = "Response packet claims 40 octets payload, above 12 received\n";
    assert!(classic.stdout.contains(line) && !classic.stderr.contains(line), "{classic}");
    assert!(ours.stderr.contains(line) && !ours.stdout.contains(line), "{ours}");
}

#[test]
fn mac_unchecked() {
    let key = Key::from_text(5, KeyType::Md5, "secret").unwrap();
    let scenario = Scenario { control_key: Some(key), ..scenario("campus") };
    let daemon = still(scenario, Faults { faults: vec![Fault::Forged], ..Faults::default() });
    let words = ["keyid 5", "passwd secret", "timeout 400", "authenticate yes", "rv 0 stratum"];
    let [classic, ours] = both(|| commands("ntpq", &words).of(&daemon));
    assert!(classic.stdout.ends_with("stratum=3\n") && classic.stderr.is_empty(), "{classic}");
    assert!(!ours.stderr.is_empty() && ours.status == Some(1), "{ours}");
}

#[test]
fn any_association() {
    let daemon = still(crowd(5), Faults { faults: vec![Fault::WrongAssociation], ..Faults::default() });
    for ran in both(|| Run::ntpq(["-n", "-c", "timeout 300", "-p"]).of(&daemon)) {
        assert!(!ran.stdout.contains("198.18."), "{ran}");
    }
}

#[test]
fn loose_key_ids() {
    for program in ["ntpq", "ntpdc"] {
        let [classic, ours] = both(|| commands(program, &["keyid 70000", "keyid"]));
        assert!(classic.stdout.ends_with("keyid is 70000\n"), "{classic}");
        assert!(ours.stdout.ends_with("no keyid defined\n"), "{ours}");
        assert_eq!(ours.status, Some(1));
    }
}

#[test]
fn short_digests() {
    for program in ["ntpq", "ntpdc"] {
        let [classic, ours] = both(|| commands(program, &["keytype SHA512"]));
        assert!(classic.stderr.contains("64 octet digests are too big, max 20"), "{classic}");
        assert_eq!((ours.stderr.as_str(), ours.status), ("", Some(0)));
    }
}

#[test]
fn interrupt_kills() {
    // The first of the two hosts is silent; of the second there is an answer when Ctrl-C comes.
    children_heed_interrupts();
    let printed = [true, false].map(|classic| {
        let (silent, name) = mute();
        let campus = daemon("campus");
        let words = ["-c", "timeout 60000", "-c", "rv 0 stratum", &name, &host(&campus)].map(str::to_owned);
        let run = Run::ntpq(&words);
        let mut command = if classic { run.classic() } else { run }.command();
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        silent.recv(&mut [0; 512]).unwrap();
        while campus.control_requests() == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(300));
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    });
    assert_eq!(printed[0], "");
    assert!(printed[1].contains("stratum=2"), "{printed:?}");
}
