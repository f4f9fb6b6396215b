//! `ntpdate -q` and its usage, run as a program against simulated daemons. No run here may set a clock.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "what is missing here is a failed test")]

use assert_cmd::Command;
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{Faults, Scenario, SimulatedDaemon, demo};
use std::process::Output;

fn daemon(scenario: &str) -> (SimulatedDaemon, String) {
    let scenario = demo().into_iter().find(|known| known.name == scenario).expect("a scenario");
    let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default()).expect("a daemon");
    let port = daemon.local_address().port().to_string();
    (daemon, port)
}

/// A run that only looks, whatever else the words say.
fn look(release: &str, words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("ntpkit").expect("the program");
    command.env("NTPKIT_COMPAT", release).args(["ntpdate", "-q"]).args(words).output().expect("a run")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

#[test]
fn a_query_has_its_two_lines() {
    let (_daemon, port) = daemon("campus");
    for (release, sign) in [("none", ""), ("4.2.8p15", "[+-]")] {
        let compat = look("", &["--compat", release, "--port", &port, "127.0.0.1"]);
        assert_eq!((compat.status.code(), text(&compat.stderr)), (Some(0), ""));
        let lines: Vec<&str> = text(&compat.stdout).lines().collect();
        let [server, done] = lines.as_slice() else { panic!("{lines:?}") };
        assert!(server.starts_with("server 127.0.0.1, stratum 2, offset "), "{server}");
        assert!(done.contains(": adjust time server 127.0.0.1 offset ") && done.ends_with(" sec"), "{done}");
        let signed = server.contains("offset +") || server.contains("offset -");
        assert!(signed || sign.is_empty(), "{server}");
        assert!(!sign.is_empty() || !server.contains('+'), "{server}");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    for (words, problem) in [
        (&["-z"][..], "ntpdate: unknown option -z\nusage: ntpdate [-46bBdqsuv] "),
        (&["--explian", "x"], "ntpdate: unknown option --explian; did you mean --explain?\nusage: "),
        (&["-p", "9"], "ntpdate: number of samples (9) is invalid\nusage: "),
        (&["-t", "-1", "x"], "ntpdate: timeout -1 is undecodeable\nusage: "),
        (
            &["--rtc", "-U", "nobody", "x"],
            "ntpdate: the argument '--rtc' cannot be used with '--user <USER>'",
        ),
    ] {
        let output = look("none", words);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""));
        assert!(text(&output.stderr).starts_with(problem), "{}", text(&output.stderr));
    }
}

#[test]
fn the_name_of_a_key_file_is_octets() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::PermissionsExt as _;
    let keys = vec![Key::from_text(7, KeyType::Md5, "secret").expect("a key")];
    let campus = demo().into_iter().find(|known| known.name == "campus").expect("a scenario");
    let server = SimulatedDaemon::start_on_loopback(Scenario { keys, ..campus }, Faults::default());
    let server = server.expect("a daemon");
    let port = server.local_address().port().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let name = std::ffi::OsStr::from_bytes(b"k\xe9");
    std::fs::write(folder.path().join(name), "7 MD5 secret\n").expect("a file");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(folder.path().join(name), private).expect("permissions");
    let attached = std::ffi::OsStr::from_bytes(b"-kk\xe9");
    for words in [vec![std::ffi::OsStr::new("-k"), name], vec![attached]] {
        let mut command = Command::cargo_bin("ntpkit").expect("the program");
        command.current_dir(folder.path()).args(["ntpdate", "-q", "-a", "7", "--port", &port]).args(words);
        let output = command.arg("127.0.0.1").output().expect("a run");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    }
}

#[test]
fn names_that_cannot_be_found_do_not_hide_the_others() {
    let (_daemon, port) = daemon("campus");
    let output = look("none", &["--port", &port, "not a name", "127.0.0.1"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).starts_with("Error resolving not a name: "), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("server 127.0.0.1, stratum 2"));
    let output = look("4.2.8p15", &["-4", "::1"]);
    assert_eq!(output.status.code(), Some(1));
    let reason = "Address family for hostname not supported (-9)\n";
    assert!(text(&output.stderr).starts_with(&format!("Error resolving ::1: {reason}")));
    assert!(text(&output.stderr).ends_with(": no servers can be used, exiting\n"));
}

#[test]
fn quick_does_not_wait_for_the_last() {
    let (_daemon, port) = daemon("campus");
    let port: u16 = port.parse().unwrap();
    let scenario = || demo().into_iter().find(|known| known.name == "campus").unwrap();
    let others: Vec<SimulatedDaemon> = (2..=3)
        .map(|host| {
            SimulatedDaemon::start(scenario(), Faults::default(), ([127, 0, 0, host], port).into()).unwrap()
        })
        .collect();
    let port = port.to_string();
    let words = ["--quick", "-t", "60", "--port", &port, "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.99"];
    let output = look("none", &words);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("127.0.0.99"), "{output:?}");
    assert!(text(&output.stderr).contains("127.0.0.99: Server dropped: no data: "), "{output:?}");
    drop(others);
}

#[test]
fn addresses_do_not_blame_the_name_service() {
    for (words, said) in [
        (&["--explain", "-4", "::1"][..], "\n::1: it has no address of the family selected by -4 or -6.\n"),
        (&["--explain"], ": no servers can be used, exiting\nNo server was named.\n"),
    ] {
        let output = look("none", words);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).ends_with(said), "{}", text(&output.stderr));
    }
    let list = tempfile::NamedTempFile::new().unwrap();
    let path = list.path().to_str().unwrap();
    let output = look("none", &["--explain", "--step-tickers", path]);
    let said = format!(": no server in {path}, /etc/ntp.conf");
    if !std::path::Path::new("/etc/ntp.conf").exists() {
        assert!(text(&output.stderr).contains(&said), "{}", text(&output.stderr));
    }
    assert!(!text(&output.stderr).contains("resolv.conf"), "{}", text(&output.stderr));
}

#[test]
fn no_word_of_a_foreign_file_is_printed() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "correct-horse.invalid battery-staple.invalid\n").unwrap();
    let path = file.path().to_str().unwrap();
    let key_file = ["-a", "1", "-k", path, "127.0.0.1"];
    for release in ["none", "4.2.8p15"] {
        for words in [
            &["--step-tickers", path][..],
            &["-d", "--step-tickers", path],
            &key_file,
            &[&["-d"], &key_file[..]].concat(),
        ] {
            let output = look(release, words);
            // In the dialect of the original there is no such option.
            assert!(matches!(output.status.code(), Some(1 | 2)), "{output:?}");
            let reported = format!("{}{}", text(&output.stdout), text(&output.stderr));
            assert!(!reported.contains("horse") && !reported.contains("staple"), "{reported}");
        }
    }
    let output = look("none", &["--step-tickers", path]);
    let said = format!("Error resolving the server on line 1 of {path}: ");
    assert!(text(&output.stderr).starts_with(&said), "{}", text(&output.stderr));
}

#[test]
fn the_superuser_is_nobody_to_drop_privileges_to() {
    let output = look("none", &["-U", "root", "127.0.0.1"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.ends_with(": cannot drop privileges to root: it is the superuser\n"), "{said}");
}

#[test]
fn servers_have_ports_and_come_from_files() {
    let (_daemon, port) = daemon("campus");
    let host = format!("127.0.0.1:{port}");
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("servers");
    std::fs::write(&list, format!("{host}\n1 2\n")).unwrap();
    let file = list.to_str().unwrap();
    for words in [&[host.as_str()][..], &[&format!("[127.0.0.1]:{port}")], &["--hosts-from", file]] {
        let output = look("none", words);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(text(&output.stdout).starts_with("server 127.0.0.1, stratum 2, offset "), "{output:?}");
        let complains = text(&output.stderr).contains(&format!("{file}:2: '1 2': more than one word\n"));
        assert_eq!(complains, words.contains(&file), "{output:?}");
    }
    let output = look("none", &["10.0.0.0/16"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("networks with 65534 addresses need confirmation or --yes"),
        "{output:?}"
    );
}
