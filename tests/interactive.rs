//! `ntpq` at a prompt: on a terminal of its own, and fed through a pipe.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use ntpkit::sim::{Mischief, SimulatedDaemon, demo};
use rexpect::session::{PtySession, spawn_command};
use std::io::Write;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// No answer of a terminal may take longer, in milliseconds.
const PATIENCE: u64 = 15_000;
/// What asks for a command.
const PROMPT: &str = "ntpq> ";

fn campus() -> SimulatedDaemon {
    let scenario = demo().into_iter().find(|scenario| scenario.name == "campus").unwrap();
    SimulatedDaemon::start_on_loopback(scenario, Mischief::default()).unwrap()
}

/// `ntpq -n` in this home directory, with nothing else of the environment that could steer it.
fn ntpq(home: &Path, terminal: &str, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
    command.env_clear().env("HOME", home).env("TERM", terminal).args(["ntpq", "-n"]).args(words);
    command
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
    let home = tempfile::tempdir().unwrap();
    let mut command = ntpq(home.path(), "xterm", words);
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

#[test]
fn help_explains_but_in_the_classic() {
    let ours = piped(&["127.0.0.1"], false, b"help quit\nhelp\n");
    let classic = piped(&["127.0.0.1"], true, b"help quit\nhelp\n");
    let (ours, classic) =
        (String::from_utf8(ours.stdout).unwrap(), String::from_utf8(classic.stdout).unwrap());
    let (lines, list) = classic.split_once("ntpq commands:\n").unwrap();
    assert_eq!(lines, "function: leave\nusage: quit\n");
    assert!(ours.starts_with(&format!("{lines}\nLeaves.")), "{ours}");
    assert!(ours.ends_with(list));
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
