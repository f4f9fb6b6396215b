//! `ntpq` with a key: changing a daemon's configuration, its lists of interfaces and restrictions, and the
//! reports, against simulated daemons.
#![allow(clippy::expect_used, reason = "what is missing here is a failed test")]

use assert_cmd::Command;
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{Fault, Faults, Flavour, Scenario, SimulatedDaemon, demo};
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

/// Where the tests find no terminal to ask, even when a person runs them: in a session of its own.
const WITHOUT_TERMINAL: [&str; 2] = ["setsid", "--wait"];

struct Run {
    status: i32,
    out: String,
    err: String,
}

fn daemon(flavour: Flavour, key_type: KeyType, secret: &str) -> (SimulatedDaemon, String) {
    let name = if flavour == Flavour::Classic { "campus" } else { "ntpsec" };
    let scenario = demo().into_iter().find(|known| known.name == name).expect("a scenario");
    let control_key = Some(Key::from_text(5, key_type, secret).expect("a key"));
    let scenario = Scenario { control_key, ..scenario };
    let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default()).expect("a daemon");
    let host = daemon.local_address().to_string();
    (daemon, host)
}

fn classic_daemon() -> (SimulatedDaemon, String) {
    daemon(Flavour::Classic, KeyType::Sha1, "sha1asciikey")
}

fn run(words: &[&str], input: &str) -> Run {
    let [setsid, wait] = WITHOUT_TERMINAL;
    let output = Command::new(setsid)
        .arg(wait)
        .arg(env!("CARGO_BIN_EXE_ntpkit"))
        .args(["ntpq", "-n"])
        .args(words)
        .env_remove("NTPKIT_COMPAT")
        .write_stdin(input)
        .timeout(Duration::from_secs(60))
        .output()
        .expect("a run");
    Run {
        status: output.status.code().expect("a status"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// With the key that the daemon wants, and these commands.
fn with_key(options: &[&str], commands: &[&str], host: &str) -> Run {
    let mut words = options.to_vec();
    for command in ["keytype SHA1", "keyid 5", "passwd sha1asciikey"].iter().chain(commands) {
        words.extend(["-c", command]);
    }
    words.push(host);
    let mut run = run(&words, "");
    run.out = run.out.strip_prefix("\n\n\n").expect("the lines between commands").to_owned();
    run
}

const CLASSIC: &[&str] = &["--compat", "4.2.8p15"];

#[test]
fn a_server_is_added_and_removed() {
    let (_daemon, host) = classic_daemon();
    let commands = [":config server 192.0.2.77 iburst", "peers", ":config unconfig 192.0.2.77", "peers"];
    let Run { status, out, err } = with_key(&[], &commands, &host);
    assert_eq!((status, err.as_str()), (0, ""));
    let parts: Vec<&str> = out.split("Config Succeeded\n").collect();
    let [before, with, without] = parts.as_slice() else { panic!("{out}") };
    assert_eq!(*before, "");
    assert!(with.contains("\n 192.0.2.77 "), "{with}");
    assert!(without.contains("\n*192.0.2.11 ") && !without.contains("192.0.2.77"), "{without}");
}

#[test]
fn the_classic_keeps_carriage_returns() {
    let (_daemon, host) = classic_daemon();
    let commands = [":config logconfig =all", "saveconfig x.conf", "saveconfig ../x", ":config bogus line"];
    let saved = "Configuration saved to 'x.conf'";
    let unsafe_name = "saveconfig rejects unsafe file name '../x'";
    let fault = "bogus line\n^\ncolumn 0 syntax error, unexpected T_String";
    let Run { status, out, err } = with_key(CLASSIC, &commands, &host);
    let expected = format!("Config Succeeded\r\n\n{saved}\r\n\n{unsafe_name}\r\n\n{fault}\r\n");
    assert_eq!((status, out, err.as_str()), (0, expected, ""));
    let Run { status, out, err } = with_key(&[], &commands, &host);
    let expected = format!("Config Succeeded\n\n{saved}\n\n{unsafe_name}\n\n{fault}\n");
    assert_eq!((status, out, err.as_str()), (1, expected, ""));
}

#[test]
fn every_key_type_opens_the_door() {
    let hexadecimal = "bd0aa8d8b763670d38a3f00e46979da07e8495ac";
    for key_type in KeyType::ALL {
        for (secret, flavour) in [("plain words", Flavour::Classic), (hexadecimal, Flavour::Ntpsec)] {
            let (_daemon, host) = daemon(flavour, key_type, secret);
            let (choice, password) = (format!("keytype {key_type}"), format!("passwd \"{secret}\""));
            let commands = [choice.as_str(), "keyid 5", &password, "authenticate yes", "ifstats", "as"];
            let mut words: Vec<&str> = commands.iter().flat_map(|command| ["-c", command]).collect();
            words.push(&host);
            let Run { status, out, err } = run(&words, "");
            assert_eq!((status, err.as_str()), (0, ""), "{key_type} {secret}: {out}");
            assert!(out.contains("v4wildcard") && out.contains("ind assid"), "{key_type}: {out}");
        }
    }
}

#[test]
fn a_wrong_key_gets_the_daemons_refusal() {
    let (_daemon, host) = classic_daemon();
    let words = ["-c", "keytype SHA1", "-c", "keyid 5", "-c", "passwd wrong"];
    for command in [":config server 192.0.2.77", "saveconfig x", "writevar 0 a=1", "ifstats", "reslist"] {
        let Run { status, err, .. } = run(&[&words[..], &["-c", command, &host]].concat(), "");
        let refusal = "server=127.0.0.1 ***Server disallowed request (authentication?)\nntpq: 127.0.0.1: it refuses key 5, \
            or all changes: its ntp.conf needs `controlkey 5' and `trustedkey 5', type and secret must be those of its keys \
            file, and `restrict ... nomodify' must not apply to this client\n";
        assert_eq!((status, err.as_str()), (1, refusal), "{command}");
    }
    let all = ["-c", "authenticate yes", "-c", "rv 0 stratum", &host];
    let Run { status, out, err } = run(&[&words[..], &all].concat(), "");
    assert!(out.ends_with("stratum=2\n"), "{out}");
    let warning = "ntpq: 127.0.0.1: warning: the reply is not authenticated\nntpq: 127.0.0.1: its ntp.conf needs \
        `trustedkey 5', and type and secret of the key must be those of its keys file\n";
    assert_eq!((status, err.as_str()), (1, warning));
    let Run { status, err, .. } = run(&[CLASSIC, &words[..], &all].concat(), "");
    assert_eq!((status, err.as_str()), (0, ""));
}

/// Somebody on the path is faster than the daemon.
#[test]
fn forged_replies_are_ignored() {
    let scenario = demo().into_iter().find(|known| known.name == "campus").expect("a scenario");
    let control_key = Some(Key::from_text(5, KeyType::Sha1, "sha1asciikey").expect("a key"));
    let decoys = vec![Fault::Forged, Fault::Refused];
    for decoys in [decoys.clone(), decoys.into_iter().rev().collect()] {
        let scenario = Scenario { control_key: control_key.clone(), ..scenario.clone() };
        let faults = Faults { decoys, ..Faults::default() };
        let daemon = SimulatedDaemon::start_on_loopback(scenario, faults).expect("a daemon");
        let host = daemon.local_address().to_string();
        let commands = ["authenticate yes", "rv 0 stratum", "ifstats"];
        let Run { status, out, err } = with_key(&[], &commands, &host);
        assert_eq!(status, 0, "{err}");
        assert!(out.contains("\nstratum=2\n") && out.contains("v4wildcard"), "{out}");
        assert!(err.contains("warning: another answer came before the authentic one: "), "{err}");
        let Run { status, out, .. } = run(
            &[
                "--format",
                "json",
                "-c",
                "keytype SHA1",
                "-c",
                "keyid 5",
                "-c",
                "passwd sha1asciikey",
                "-c",
                "authenticate yes",
                "-c",
                "rv 0 stratum",
                &host,
            ],
            "",
        );
        assert_eq!(status, 0);
        assert!(out.contains(r#""authentic":true"#) && out.contains(r#""stratum":2"#), "{out}");
    }
}

#[test]
fn the_list_of_clients_is_authenticated_too() {
    let scenario = demo().into_iter().find(|known| known.name == "campus").expect("a scenario");
    let control_key = Some(Key::from_text(5, KeyType::Sha1, "sha1asciikey").expect("a key"));
    let faults = Faults { decoys: vec![Fault::Forged], ..Faults::default() };
    let scenario = Scenario { control_key, ..scenario };
    let daemon = SimulatedDaemon::start_on_loopback(scenario, faults).expect("a daemon");
    let host = daemon.local_address().to_string();
    let words = |secret: &'static str| {
        ["--format", "json", "-c", "keytype SHA1", "-c", "keyid 5", "-c", secret, "-c", "authenticate yes"]
    };
    let list = ["-c", "mrulist", host.as_str()];
    let Run { status, out, err } = run(&[&words("passwd sha1asciikey")[..], &list].concat(), "");
    assert_eq!(status, 0, "{err}");
    assert!(out.lines().all(|line| line.contains(r#""authentic":true"#)), "{out}");
    assert!(out.contains(r#""complete":true"#), "{out}");
    let (_daemon, host) = classic_daemon();
    for list in ["mrulist", "mrulist sort=addr"] {
        let Run { status, out, .. } = run(&[&words("passwd wrong")[..], &["-c", list, &host]].concat(), "");
        assert_eq!(status, 1);
        assert!(out.contains(r#""complete":true"#) && out.contains(r#""error":"unauthentic""#), "{out}");
        assert!(out.lines().all(|line| line.contains(r#""authentic":false"#)), "{out}");
    }
}

#[test]
fn every_form_says_that_an_answer_is_not_authentic() {
    let (_daemon, host) = classic_daemon();
    let ask = |form: &str, words: &[&str]| {
        let format = ["--format", form, "-c", "keytype SHA1", "-c", "keyid 5"];
        run(&[&format[..], words, &["-c", "rv 0 stratum", &host]].concat(), "")
    };
    let wrong = ["-c", "passwd wrong", "-c", "authenticate yes"];
    let Run { status, out, .. } = ask("json", &wrong);
    assert_eq!(status, 1);
    assert!(out.contains(r#""authentic":false"#), "{out}");
    let Run { status, out, .. } = ask("openmetrics", &wrong);
    assert_eq!(status, 1);
    let failed = out.lines().find(|line| line.starts_with("ntpkit_failed_queries{")).expect("the family");
    assert!(failed.ends_with(" 1"), "{failed}");
    let Run { status, out, .. } = ask("json", &[]);
    assert_eq!(status, 0);
    assert!(out.contains(r#""authentic":null"#), "nothing was to be authentic: {out}");
}

#[test]
fn keys_come_from_a_file() {
    let (_daemon, host) = classic_daemon();
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("keys");
    fs::write(&file, "4 MD5 other\n5 SHA1 sha1asciikey\n").expect("a file");
    let file = file.to_str().expect("a path");
    let Run { status, out, err } = run(&["-k", file, "-a", "5", "-c", "reslist", &host, &host], "");
    assert_eq!((status, err.as_str()), (0, ""));
    assert_eq!(out.matches("\n         0 127.0.0.1/32\n").count(), 2, "{out}");
    let Run { status, out, err } = run(&["-k", file, "-a", "6", "-c", "reslist", &host], "");
    assert_eq!((status, out.as_str(), err), (1, "", format!("ntpq: {file}: no usable key 6\n")));
}

#[test]
fn missing_parts_of_a_key_are_prompted_for() {
    let (_daemon, host) = classic_daemon();
    let ask = |input: &str| run(&["-c", "keytype SHA1", "-c", ":config logconfig =all", &host], input);
    let Run { status, out, err } = ask("5\nsha1asciikey\n");
    assert_eq!((status, out.as_str(), err.as_str()), (0, "\nConfig Succeeded\n", "Keyid: SHA1 Password: "));
    for (input, asked) in [
        ("", "Keyid: Invalid key identifier\n"),
        ("70000\n", "Keyid: Invalid key identifier\n"),
        ("5\n", "Keyid: SHA1 Password: Invalid password\n"),
    ] {
        let Run { status, out, err } = ask(input);
        assert_eq!((status, out.as_str(), err.as_str()), (1, "\n", asked));
    }
}

/// A session over a pipe: the lines behind a command that asks are the answers.
#[test]
fn answers_come_from_the_same_pipe_as_commands() {
    let (_daemon, host) = classic_daemon();
    let input = "keytype SHA1\n:config logconfig =all\n5\nsha1asciikey\nkeyid\n";
    let Run { status, out, err } = run(&[&host], input);
    assert_eq!(
        (status, out.as_str(), err.as_str()),
        (0, "Config Succeeded\nkeyid is 5\n", "Keyid: SHA1 Password: ")
    );
}

#[test]
fn lines_of_a_file_are_sent_in_order() {
    let (daemon, host) = classic_daemon();
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("ntp.conf");
    fs::write(&file, "server 192.0.2.77\n\n  # nothing\nbogus\nunconfig 192.0.2.77 # gone\n")
        .expect("a file");
    let command = format!("config-from-file {}", file.display());
    let Run { status, out, err } = with_key(&[], &[&command, "associations"], &host);
    let lines = "Sending configuration file, one line at a time.\n\
        Line No: 1 Config Succeeded: server 192.0.2.77\n\
        Line No: 4 column 0 syntax error, unexpected T_String: bogus\n\
        Line No: 5 Config Succeeded: unconfig 192.0.2.77\n\
        Done sending file\n";
    assert_eq!((status, err.as_str()), (1, ""));
    assert!(out.starts_with(lines), "{out}");
    assert_eq!(daemon.control_requests(), 4);

    let unreadable = ["config-from-file /nonexistent"];
    let Run { status, out, err } = with_key(&[], &unreadable, &host);
    let problem = "ERROR!! Couldn't open file: /nonexistent";
    assert_eq!((status, out.as_str(), err), (1, "", format!("{problem}: No such file or directory\n")));
    let Run { status, out, err } = with_key(CLASSIC, &unreadable, &host);
    assert_eq!((status, out, err.as_str()), (0, format!("{problem}\n"), ""));
}

#[test]
fn only_files_that_end_are_sent() {
    let (daemon, host) = classic_daemon();
    let folder = TempDir::new().expect("a folder");
    let (pipe, large) = (folder.path().join("pipe"), folder.path().join("large"));
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    fs::write(&large, "# \n".repeat(1 << 19)).expect("a file");
    let before = daemon.control_requests();
    for (file, reason) in [
        ("/dev/zero", "neither a regular file nor a pipe"),
        (large.to_str().expect("text"), "larger than 1048576 octets"),
    ] {
        let command = format!("config-from-file {file}");
        let problem = format!("ERROR!! Couldn't open file: {file}");
        let Run { status, out, err } = with_key(&[], &[&command], &host);
        assert_eq!((status, out.as_str(), err), (1, "", format!("{problem}: {reason}\n")));
        // The original never ends with these.
        let Run { out, .. } = with_key(CLASSIC, &[&command], &host);
        assert_eq!(out, format!("{problem}\n"));
    }
    // A pipe that nobody writes to is empty, and is not waited for.
    let command = format!("config-from-file {}", pipe.display());
    let Run { status, out, .. } = with_key(&[], &[&command], &host);
    assert_eq!((status, out.lines().last()), (0, Some("Done sending file")), "{out}");
    assert_eq!(daemon.control_requests(), before);
    let words = [
        "-c",
        "keytype SHA1",
        "-c",
        "keyid 5",
        "-c",
        "passwd wrong",
        "-c",
        "config-from-file /dev/stdin",
        &host,
    ];
    let found = run(&words, "enable auth\n");
    assert!(found.out.contains("Line No: 1 query failed: enable auth\n"), "{}", found.out);
}

#[test]
fn the_first_failure_ends_a_file() {
    let (daemon, host) = classic_daemon();
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("ntp.conf");
    fs::write(&file, "enable auth\nenable stats\n").expect("a file");
    let command = format!("config-from-file {}", file.display());
    let words = ["-c", "keytype SHA1", "-c", "keyid 5", "-c", "passwd wrong", "-c", &command, &host];
    let refusal = "***Server disallowed request (authentication?)\n";
    let expected = "\n\n\nSending configuration file, one line at a time.\n\
        Line No: 1 query failed: enable auth\nSubsequent lines not sent.\n";
    for (dialect, status, tries) in [(&[][..], 1, 1), (CLASSIC, 0, 3)] {
        let before = daemon.control_requests();
        let found = run(&[dialect, &words].concat(), "");
        assert_eq!((found.status, found.out.as_str()), (status, expected));
        let named = dialect.is_empty().then(|| format!("server=127.0.0.1 {refusal}"));
        assert!(found.err.starts_with(&named.unwrap_or_else(|| refusal.repeat(tries))), "{}", found.err);
        assert_eq!(usize::try_from(daemon.control_requests() - before), Ok(tries));
    }
}

#[test]
fn interfaces_and_restrictions_of_both_daemons() {
    let (_classic, host) = classic_daemon();
    let heading = "    interface name                                        send\n \
        #  address/broadcast     drop flag ttl mc received sent failed peers   uptime\n";
    let Run { status, out, err } = with_key(CLASSIC, &["ifstats", "reslist"], &host);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.starts_with(heading), "{out}");
    assert!(
        out.contains("\n  2 lo                       .    5   0  0      0      0      0     0    8640"),
        "{out}"
    );
    assert!(out.contains("\n    [::1]:123\n\n   hits    addr/prefix or addr mask\n"), "{out}");
    assert!(out.ends_with("\n         0 ::/0\n           serve trust peer epeer query trap\n"), "{out}");

    let (_ntpsec, host) = daemon(Flavour::Ntpsec, KeyType::Sha1, "sha1asciikey");
    let Run { status, out, err } = with_key(&[], &["ifstats"], &host);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.contains("\n  0 v6wildcard               D   81   -  -      0      0"), "{out}");
    let Run { status, out, .. } = with_key(CLASSIC, &["ifstats"], &host);
    assert_eq!(status, 0);
    assert_eq!(out.matches("Warning: incomplete row with 10 (of 12) fields\n").count(), 4, "{out}");
}

#[test]
fn reports_of_both_daemons() {
    let (_classic, classic) = classic_daemon();
    let (_ntpsec, ntpsec) = daemon(Flavour::Ntpsec, KeyType::Sha1, "x");
    let commands = ["sysinfo", "sysstats", "monstats", "iostats", "timerstats", "kerninfo", "authinfo"];
    for (command, first) in commands.into_iter().zip([
        "system peer:        192.0.2.11:123\n",
        "uptime:                 8640",
        "enabled:              0x1\n",
        "time since reset:       8640",
        "time since reset:    8640",
        "pll offset:            0\n",
        "time since reset:  8640",
    ]) {
        for dialect in [&[][..], CLASSIC] {
            let Run { status, out, err } = run(&[dialect, &["-c", command, &classic]].concat(), "");
            assert_eq!((status, err.as_str()), (0, ""), "{command}");
            let body =
                out.split_once(",\n").filter(|_| out.starts_with("associd=")).map_or(&*out, |(_, body)| body);
            assert!(body.starts_with(first), "{command}: {out}");
        }
        let Run { status, out, err } = run(&["-c", command, &ntpsec], "");
        assert_eq!((status, err.as_str()), (0, ""), "{command}");
        assert!(!out.is_empty(), "{command}");
    }
    // NTPsec does not know two of the variables, and so answers the classic nothing.
    let Run { status, out, err } = run(&["-c", "authinfo", &ntpsec], "");
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.contains("stored keys:") && !out.contains("uncached keys:"), "{out}");
    let Run { status, out, err } = run(&[CLASSIC, &["-c", "authinfo", &ntpsec]].concat(), "");
    let refusal = "***A request variable unknown to the server\n";
    assert_eq!((status, out.as_str(), err.as_str()), (0, "", refusal));
}

#[test]
fn variables_are_listed_read_and_written() {
    let (_daemon, host) = classic_daemon();
    let commands = [
        "addvars stratum,leap",
        "showvars",
        "rl",
        "rmvars leap,zz",
        "writelist",
        "clearvars",
        "showvars",
        "writelist",
    ];
    let Run { status, out, err } = with_key(CLASSIC, &commands, &host);
    let expected =
        "\nstratum=\nleap=\n\nleap=00, stratum=2\n\n\n\n\nNo variables on list\n\ndone! (no data returned)\n";
    assert_eq!((status, out.as_str()), (0, expected));
    let reported = "Variable `zz' not found\n***A request variable unknown to the server\n";
    assert_eq!(err, reported);
}

#[test]
fn key_identifiers_and_types() {
    let (_daemon, host) = classic_daemon();
    let commands = ["-c", "keyid 70000", "-c", "keyid", "-c", "keytype sha256", "-c", "keytype", &host];
    let Run { status, out, err } = run(&commands, "");
    let known = "\nno keyid defined\n\n\nkeytype is SHA256 with 32 octet digests\n";
    assert_eq!((status, out.as_str(), err.as_str()), (1, known, "Invalid key identifier\n"));
    let Run { status, out, err } = run(&[CLASSIC, &commands].concat(), "");
    let known = "Invalid key identifier\n\nkeyid is 70000\n\n\
        keytype is not valid. Type \"help keytype\" for the available digest types.\n\n\
        keytype is MD5 with 16 octet digests\n";
    let reported = "key type SHA256 32 octet digests are too big, max 20\n";
    assert_eq!((status, out.as_str(), err.as_str()), (0, known, reported));
}

#[test]
fn what_does_not_fit_into_a_packet_is_not_sent() {
    let (daemon, host) = classic_daemon();
    let command = format!(":config {}", "x".repeat(469));
    let Run { status, out, err } = with_key(&[], &[&command], &host);
    assert_eq!((status, out.as_str(), err.as_str()), (1, "", "***Request too long: 469 octets, limit 468\n"));
    let Run { status, out, err } = with_key(CLASSIC, &[&command], &host);
    assert_eq!((status, out.as_str(), err.as_str()), (0, "", "***Internal error!  qsize (469) too large\n"));
    assert_eq!(daemon.control_requests(), 0);
}
