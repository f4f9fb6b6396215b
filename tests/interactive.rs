//! `ntpq` and `ntpdc` at a prompt: on a terminal of its own, and fed through a pipe.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{Clients, Faults, Scenario, SimulatedDaemon, demo};
use rexpect::session::{PtySession, spawn_command};
use std::collections::BTreeSet;
use std::io::Write;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// An answer of a terminal that takes longer, in milliseconds, never comes, however busy this machine is.
const PATIENCE: u64 = 120_000;
/// What asks for a command.
const PROMPT: &str = "ntpq> ";
const NTPDC_PROMPT: &str = "ntpdc> ";

#[path = "support/interrupts.rs"]
mod interrupts;
#[cfg(feature = "tui")]
#[path = "interactive/ntpmon.rs"]
mod ntpmon;
#[path = "interactive/secrets.rs"]
mod secrets;
#[path = "interactive/watch.rs"]
mod watch;

fn campus() -> SimulatedDaemon {
    let scenario = demo().into_iter().find(|scenario| scenario.name == "campus").unwrap();
    SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap()
}

/// `ntpq -n` in this home directory, with nothing else of the environment that could steer it.
fn ntpq(home: &Path, terminal: &str, words: &[&str]) -> Command {
    program("ntpq", home, terminal, words)
}

fn program(name: &str, home: &Path, terminal: &str, words: &[&str]) -> Command {
    interrupts::children_heed_interrupts();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
    command.env_clear().env("HOME", home).env("TERM", terminal).args([name, "-n"]).args(words);
    command
}

/// A session of `ntpdc` on a terminal at its first prompt.
fn ntpdc_session(home: &Path, terminal: &str, words: &[&str]) -> PtySession {
    let mut session = spawn_command(program("ntpdc", home, terminal, words), Some(PATIENCE)).unwrap();
    session.exp_string(NTPDC_PROMPT).unwrap();
    session
}

/// A session on a terminal at its first prompt.
fn session(home: &Path, terminal: &str, words: &[&str]) -> PtySession {
    let mut session = spawn_command(ntpq(home, terminal, words), Some(PATIENCE)).unwrap();
    session.exp_string(PROMPT).unwrap();
    session
}

/// Types something and waits for this on the screen.
fn type_for(session: &mut PtySession, typed: &str, shown: &str) {
    session.send(typed).unwrap();
    session.flush().unwrap();
    session.exp_string(shown).unwrap();
}

/// How the session ends, and the rest of the screen.
fn ending(mut session: PtySession) -> (String, i32) {
    let rest = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, status) => (rest, status),
        other => panic!("{other:?}"),
    }
}

/// What comes of a whole session through a pipe.
fn piped(words: &[&str], classic: bool, input: &[u8]) -> Output {
    piped_to("ntpq", words, classic, input)
}

fn piped_to(name: &str, words: &[&str], classic: bool, input: &[u8]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = program(name, home.path(), "xterm", words);
    if classic {
        command.env("NTPKIT_COMPAT", "4.2.8p15");
    }
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_session_with_an_editor() {
    let (daemon, home) = (campus(), tempfile::tempdir().unwrap());
    let host = daemon.local_address().to_string();
    let mut session = session(home.path(), "xterm", &[&host]);
    type_for(&mut session, "host\r", "current host is 127.0.0.1\r\n");
    // Words are completed as far as they are unambiguous: commands, variables, and identifiers once known.
    type_for(&mut session, "rv 0 strat\t\r", "stratum=2\r\n");
    type_for(&mut session, "timeo\t1234\rtimeout\r", "primary timeout 1234 ms\r\n");
    type_for(&mut session, "assoc\t\r", " 18 44176");
    type_for(&mut session, "rv 4415\t refid\r", "refid=GPS\r\n");
    type_for(&mut session, "rv &18\t hmo\t\r", "hmode=");
    // Several candidates are listed.
    type_for(&mut session, "pst\t&\t", "&18 (44176)");
    // Ctrl-C drops the line, and only the line.
    type_for(&mut session, "\x03", PROMPT);
    session.exp_string(PROMPT).unwrap();
    type_for(&mut session, "raw\r", "Output set to raw\r\n");
    // The line before the last, edited: two characters back, one deleted, another in its place.
    type_for(&mut session, "cooked\r", "Output set to cooked\r\n");
    type_for(&mut session, "\x1b[A\x1b[A\r", "Output set to raw\r\n");
    type_for(&mut session, "kimeout\x01\x1b[3~t\r", "primary timeout 1234 ms\r\n");
    // Ctrl-D ends, on a line of its own.
    session.exp_string(PROMPT).unwrap();
    session.send_control('d').unwrap();
    let (rest, status) = ending(session);
    assert!(rest.ends_with("\r\n"), "{rest:?}");
    assert_eq!(status, 0);
}

#[test]
fn lines_are_remembered_but_no_secrets() {
    let home = tempfile::tempdir().unwrap();
    let words = ["127.0.0.1"];
    let mut first = session(home.path(), "xterm", &words);
    type_for(&mut first, "timeout\r", "primary timeout 5000 ms\r\n");
    type_for(&mut first, "passwdd geheim\r", "unknown");
    type_for(&mut first, " delay\r", "delay 20 ms\r\n");
    type_for(&mut first, "quit\r", "\r\n");
    assert_eq!(ending(first).1, 1, "one command was unknown");

    let file = home.path().join(".local/state/ntpkit/ntpq_history");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("timeout\nquit\n"), "{text}");
    assert!(!text.contains("geheim") && !text.contains("delay"), "{text}");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));

    let mut second = session(home.path(), "xterm", &words);
    type_for(&mut second, "\x1b[A\x1b[A\r", "primary timeout 5000 ms\r\n");
    type_for(&mut second, "quit\r", "\r\n");
    assert_eq!(ending(second).1, 0);

    // What comes through a pipe is nobody's typing.
    let before = std::fs::read_to_string(&file).unwrap();
    let mut command = ntpq(home.path(), "xterm", &words);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"raw\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn ctrl_c_ends_the_command_and_keeps_the_prompt() {
    let (socket, home) = (UdpSocket::bind("127.0.0.1:0").unwrap(), tempfile::tempdir().unwrap());
    let mute = socket.local_addr().unwrap().to_string();
    for terminal in ["xterm", "dumb"] {
        let mut session = session(home.path(), terminal, &[&mute]);
        session.send_line("associations").unwrap();
        // The question has come: the answer is waited for.
        socket.recv(&mut [0; 512]).unwrap();
        session.send_control('c').unwrap();
        session.exp_string("\r\n\r\n >>> command aborted <<<\r\n").unwrap();
        session.exp_string(PROMPT).unwrap();
        type_for(&mut session, "host\n", "current host is 127.0.0.1\r\n");
        session.exp_string(PROMPT).unwrap();
        session.send_control('d').unwrap();
        assert_eq!(ending(session).1, 1, "{terminal}: the aborted command did not do what it should");
    }
}

#[test]
fn ctrl_c_at_the_prompt_of_a_simple_terminal_drops_the_line() {
    let home = tempfile::tempdir().unwrap();
    let mut session = session(home.path(), "dumb", &["127.0.0.1"]);
    type_for(&mut session, "zzz\x03", "\n");
    session.exp_string(PROMPT).unwrap();
    type_for(&mut session, "timeout\n", "primary timeout 5000 ms\r\n");
    session.send_line("quit").unwrap();
    assert_eq!(ending(session).1, 0);
}

#[test]
fn ctrl_c_is_an_answer_to_questions_about_keys() {
    let home = tempfile::tempdir().unwrap();
    for terminal in ["xterm", "dumb"] {
        let mut session = session(home.path(), terminal, &["127.0.0.1"]);
        for (command, question) in [("passwd\n", "Keyid: "), ("keyid 7\npasswd\n", "MD5 Password: ")] {
            type_for(&mut session, command, question);
            session.send_control('c').unwrap();
            let before = session.exp_string("\n >>> command aborted <<<\r\n").unwrap();
            assert!(!before.contains("must be defined") && !before.contains("unchanged"), "{before:?}");
            session.exp_string(PROMPT).unwrap();
        }
        session.send_line("quit").unwrap();
        assert_eq!(ending(session).1, 1);
    }
}

#[test]
fn ctrl_c_ends_a_batch_at_once() {
    let (socket, home) = (UdpSocket::bind("127.0.0.1:0").unwrap(), tempfile::tempdir().unwrap());
    let mute = socket.local_addr().unwrap().to_string();
    let mut session =
        spawn_command(ntpq(home.path(), "xterm", &["-c", "associations", &mute]), Some(PATIENCE)).unwrap();
    socket.recv(&mut [0; 512]).unwrap();
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
    // The shell calls this status 130.
    let ended = session.process().wait().unwrap();
    assert!(matches!(ended, WaitStatus::Signaled(_, Signal::SIGINT, _)), "{ended:?}");
}

/// A script's background jobs begin with SIGINT ignored: Ctrl-C is meant for the script, not for them.
#[test]
fn a_background_job_goes_on_after_ctrl_c() {
    let (socket, list) = (UdpSocket::bind("127.0.0.1:0").unwrap(), endless_list());
    let (mute, endless) = (socket.local_addr().unwrap().to_string(), list.local_address().to_string());
    for (name, command, host) in
        [("ntpq", "associations", &mute), ("ntpdc", "sysinfo", &mute), ("ntpq", "mrulist", &endless)]
    {
        let mut job = Command::new("sh");
        job.args(["-c", "trap '' INT; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_ntpkit"), name, "-n"]);
        job.args(["-c", "timeout 300", "-c", command, host]);
        let job = job.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if *host == mute {
            socket.recv(&mut [0; 512]).unwrap();
        } else {
            while list.control_requests() == 0 {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        kill(Pid::from_raw(job.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let output = job.wait_with_output().unwrap();
        let reported = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name} {command}: {reported}");
        assert!(
            reported.contains("timed out") && !reported.contains("interrupted"),
            "{name} {command}: {reported}"
        );
        // What was sent again while it was waited for answers nothing of the next round.
        socket.set_nonblocking(true).unwrap();
        while socket.recv(&mut [0; 512]).is_ok() {}
        socket.set_nonblocking(false).unwrap();
    }
}

/// A daemon whose list of clients never ends: after the first few requests it says nothing.
fn endless_list() -> SimulatedDaemon {
    let scenario = Scenario { clients: Clients { count: 3000, ..Clients::default() }, ..Scenario::default() };
    let faults = Faults { silent_after: Some(4), ..Faults::default() };
    SimulatedDaemon::start_on_loopback(scenario, faults).unwrap()
}

#[test]
fn ctrl_c_prints_what_there_is_of_all_hosts_and_ends_the_batch() {
    let home = tempfile::tempdir().unwrap();
    for format in ["classic", "json"] {
        let (whole, one, other) = (campus(), endless_list(), endless_list());
        let hosts = [&whole, &one, &other].map(|daemon| daemon.local_address().to_string());
        let words = ["--format", format, "-c", "timeout 60000", "-c", "mrulist", "-c", "rv 0 stratum"];
        let words: Vec<&str> = words.into_iter().chain(hosts.iter().map(String::as_str)).collect();
        let mut session = spawn_command(ntpq(home.path(), "xterm", &words), Some(PATIENCE)).unwrap();
        // The first host is done; with `json` the others come one after the other.
        session.exp_string("stratum").unwrap();
        let all_wait = || one.control_requests() > 4 && (format == "json" || other.control_requests() > 4);
        while !all_wait() {
            std::thread::sleep(Duration::from_millis(10));
        }
        session.send_control('c').unwrap();
        let reported = session.exp_eof().unwrap();
        let ended = session.process().wait().unwrap();
        assert!(matches!(ended, WaitStatus::Signaled(_, Signal::SIGINT, _)), "{ended:?}: {reported}");
        let partial = reported.matches("retrieval interrupted by operator").count();
        assert_eq!(partial, if format == "json" { 1 } else { 2 }, "{reported}");
        let incomplete = reported.matches("\"complete\":false").count();
        assert_eq!(incomplete, usize::from(format == "json"), "{reported}");
        let asked = reported.lines().skip(1).any(|line| line.contains("stratum"));
        assert!(!asked, "nothing was asked after that: {reported}");
    }
}

#[test]
fn help_explains_but_in_the_classic() {
    let ours = piped(&["127.0.0.1"], false, b"help quit\nhelp\n");
    let classic = piped(&["127.0.0.1"], true, b"help quit\nhelp\n");
    let (ours, classic) =
        (String::from_utf8(ours.stdout).unwrap(), String::from_utf8(classic.stdout).unwrap());
    let (lines, list) = classic.split_once("ntpq commands:\n").unwrap();
    assert_eq!(lines, "function: exit\nusage: quit\n");
    assert!(ours.starts_with(&format!("{lines}\nExits.")), "{ours}");
    let names = |list: &str| list.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let (_, new) = ours.split_once("ntpq commands:\n").unwrap();
    let (new, old) = (names(new), names(list));
    assert!(old.is_subset(&new));
    assert_eq!(new.difference(&old).collect::<Vec<_>>(), ["ntsinfo", "ntskeinfo"]);
}

#[test]
fn a_pipe_has_no_prompt_and_ends_the_session() {
    let input = b"host\ntimeout\n\nzzz\ndelay";
    for (words, classic, said, status) in [
        (&["127.0.0.1"][..], false, "***Command `zzz' unknown\n", 1),
        (&["127.0.0.1"], true, "***Command `zzz' unknown\n", 0),
        (&["-i", "127.0.0.1"], true, "***Command `zzz' unknown\n", 0),
        (&["-i", "127.0.0.1"], false, "ntpq> ntpq> ntpq> ntpq> ***Command `zzz' unknown\nntpq> ntpq> \n", 1),
    ] {
        let output = piped(words, classic, input);
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(out, "current host is 127.0.0.1\nprimary timeout 5000 ms\ndelay 20 ms\n");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), said, "{words:?} {classic}");
        assert_eq!(output.status.code(), Some(status), "{words:?} {classic}");
    }
    let output = piped(&["127.0.0.1"], false, b"quit\nhost\n");
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn a_session_through_a_pipe_gives_the_classic_bytes() {
    let daemon = campus();
    let host = daemon.local_address().to_string();
    let output = piped(&[&host], true, b"host\nas\nrv 0 stratum\nhost 127.0.0.2\nquit\n");
    let expected = "current host is 127.0.0.1
ind assid status  conf reach auth condition  last_event cnt
===========================================================
  1 44159  961a   yes   yes  none  sys.peer    sys_peer  1
  2 44160  f414   yes   yes   ok  candidate   reachable  1
";
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.starts_with(expected), "{out}");
    assert!(out.ends_with("stratum=2\ncurrent host set to 127.0.0.2\n"), "{out}");
    assert_eq!((output.stderr.as_slice(), output.status.code()), (&b""[..], Some(0)));
}

fn ntpdc_campus() -> SimulatedDaemon {
    let scenario = demo().into_iter().find(|scenario| scenario.name == "campus").unwrap();
    let key = Key::from_text(7, KeyType::Md5, "geheim").unwrap();
    let scenario = Scenario { mode7_clients: Some(0), request_key: Some(key), ..scenario };
    SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap()
}

#[test]
fn a_session_of_ntpdc_with_an_editor() {
    let (daemon, home) = (ntpdc_campus(), tempfile::tempdir().unwrap());
    let host = daemon.local_address().to_string();
    let mut session = ntpdc_session(home.path(), "xterm", &[&host]);
    type_for(&mut session, "host\r", "current host is 127.0.0.1\r\n");
    // Commands, and once they are known the peers' addresses.
    type_for(&mut session, "listp\t\r", "client       192.0.2.11\r\n");
    type_for(&mut session, "unconfig 192.0.2.1\t\t", "192.0.2.12");
    // What is typed together with Ctrl-C would go with the line: the editor's end of the line comes first.
    type_for(&mut session, "\x03", "\x1b[?2004l\r\n");
    session.exp_string(NTPDC_PROMPT).unwrap();
    type_for(&mut session, "help loopi\t\r", "\r\nPrints the state of the clock discipline");
    // A password is asked for unseen, and not remembered.
    type_for(&mut session, "readkeys\r", "Keyid: ");
    type_for(&mut session, "7\r", "MD5 Password: ");
    session.send("geheim\r").unwrap();
    session.flush().unwrap();
    let before = session.exp_string("done!\r\n").unwrap();
    assert!(!before.contains("geheim"), "{before:?}");
    type_for(&mut session, "addserver 192.0.2.99 ib\t\r", "done!\r\n");
    type_for(&mut session, "listpeers\r", "client       192.0.2.99\r\n");
    type_for(&mut session, "passwd oops\r", NTPDC_PROMPT);
    type_for(&mut session, "\x1b[A\r", "192.0.2.99\r\n");
    session.exp_string(NTPDC_PROMPT).unwrap();
    session.send_control('d').unwrap();
    assert_eq!(ending(session).1, 0);
    let history = std::fs::read_to_string(home.path().join(".local/state/ntpkit/ntpdc_history")).unwrap();
    assert!(
        history.contains("listpeers\n") && !history.contains("oops") && !history.contains("geheim"),
        "{history}"
    );
}

#[test]
fn ctrl_c_ends_a_command_of_ntpdc_and_keeps_the_prompt() {
    let (socket, home) = (UdpSocket::bind("127.0.0.1:0").unwrap(), tempfile::tempdir().unwrap());
    let mute = socket.local_addr().unwrap().to_string();
    for terminal in ["xterm", "dumb"] {
        let mut session = ntpdc_session(home.path(), terminal, &[&mute]);
        session.send_line("sysinfo").unwrap();
        socket.recv(&mut [0; 512]).unwrap();
        session.send_control('c').unwrap();
        session.exp_string("\r\n\r\n >>> command aborted <<<\r\n").unwrap();
        session.exp_string(NTPDC_PROMPT).unwrap();
        // At the prompt only the line is dropped.
        type_for(&mut session, "zzz\x03", "\n");
        session.exp_string(NTPDC_PROMPT).unwrap();
        type_for(&mut session, "timeout\n", "primary timeout 5000 ms\r\n");
        session.exp_string(NTPDC_PROMPT).unwrap();
        type_for(&mut session, "readkeys\n", "Keyid: ");
        session.send_control('c').unwrap();
        session.exp_string("\n >>> command aborted <<<\r\n").unwrap();
        session.exp_string(NTPDC_PROMPT).unwrap();
        session.send_line("quit").unwrap();
        assert_eq!(ending(session).1, 1, "{terminal}: the aborted commands did not do what they should");
        // What was sent again while it was waited for answers nothing of the next round.
        socket.set_nonblocking(true).unwrap();
        while socket.recv(&mut [0; 512]).is_ok() {}
        socket.set_nonblocking(false).unwrap();
    }
}

#[test]
fn ctrl_c_ends_a_batch_of_ntpdc() {
    let (socket, home) = (UdpSocket::bind("127.0.0.1:0").unwrap(), tempfile::tempdir().unwrap());
    let mute = socket.local_addr().unwrap().to_string();
    for compat in [&[][..], &["--compat", "4.2.8p15"]] {
        let words = [compat, &["-c", "sysinfo", &mute]].concat();
        let batch = program("ntpdc", home.path(), "xterm", &words);
        let mut session = spawn_command(batch, Some(PATIENCE)).unwrap();
        socket.recv(&mut [0; 512]).unwrap();
        session.send_control('c').unwrap();
        session.exp_eof().unwrap();
        let ended = session.process().wait().unwrap();
        assert!(matches!(ended, WaitStatus::Signaled(_, Signal::SIGINT, _)), "{ended:?}");
        socket.set_nonblocking(true).unwrap();
        while socket.recv(&mut [0; 512]).is_ok() {}
        socket.set_nonblocking(false).unwrap();
    }
}

/// A line of more than 511 octets is refused in the words of the original, and without a daemon local commands
/// still do what they should.
#[test]
fn lines_of_ntpdc_through_a_pipe() {
    let long = format!("peers {}", "x".repeat(600));
    let input = format!("timeout\n{long}\nzzz\n\nhost\n");
    for (classic, status) in [(false, 1), (true, 0)] {
        let output = piped_to("ntpdc", &["127.0.0.1"], classic, input.as_bytes());
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(out, "primary timeout 5000 ms\ncurrent host is 127.0.0.1\n");
        let expected =
            format!("***Command ignored, more than 511 characters:\n{long}\n\n***Command `zzz' unknown\n");
        assert_eq!((err, output.status.code()), (expected, Some(status)), "{classic}");
    }
    let output = piped_to("ntpdc", &["[::1"], true, b"host\ntimeout\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "no current host\nprimary timeout 5000 ms\n");
}
