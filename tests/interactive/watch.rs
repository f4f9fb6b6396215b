//! `--watch` on a terminal: frames in place, and a terminal that is as it was before.

use super::*;
use nix::sys::termios::{LocalFlags, tcgetattr};

/// The screen of its own that the frames have.
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l";
const LEAVE: &str = "\u{1b}[?25h\u{1b}[?1049l";
/// The row of a peer begins here: the heading of the watch, that of the table, and its line go before.
const FIRST_PEER: &str = "\u{1b}[4;1H";

/// A program that watches, on a terminal of 24 rows.
fn watching(home: &Path, words: &[&str]) -> PtySession {
    interrupts::children_heed_interrupts();
    let mut command = Command::new("sh");
    command.env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin").env("TERM", "xterm");
    let script = "stty echo rows 24 cols 100; exec \"$0\" \"$@\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_ntpkit")]).args(words);
    let mut session = spawn_command(command, Some(PATIENCE)).unwrap();
    session.exp_string(ENTER).unwrap();
    session
}

/// Waits until the terminal echoes, or does not.
pub fn until_echo(session: &PtySession, echoes: bool) {
    let is_echoing = || {
        let terminal = session.process().get_file_handle().unwrap();
        tcgetattr(terminal).unwrap().local_flags.contains(LocalFlags::ECHO | LocalFlags::ICANON)
    };
    let begun = std::time::Instant::now();
    while is_echoing() != echoes {
        assert!(begun.elapsed() < Duration::from_millis(PATIENCE), "never {echoes}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn resize(session: &PtySession, rows: &str, columns: &str) {
    let terminal = session.process().get_file_handle().unwrap();
    let status = Command::new("stty").args(["rows", rows, "cols", columns]).stdin(terminal).status().unwrap();
    assert!(status.success());
}

fn host(daemon: &SimulatedDaemon) -> String {
    daemon.local_address().to_string()
}

#[test]
fn frames_follow_in_place_until_q() {
    let (home, daemon) = (tempfile::tempdir().unwrap(), campus());
    let mut session = watching(home.path(), &["ntpq", "-n", "-p", "--watch", "1", &host(&daemon)]);
    until_echo(&session, false);
    session.exp_string("every 1 s: ntpq -n -p --watch=1 ").unwrap();
    session.exp_string(FIRST_PEER).unwrap();
    // The seconds since the last packet go on: only they stand out.
    let changed = session.exp_regex("\u{1b}\\[1;33m *[0-9]+\u{1b}\\[0m").unwrap().0;
    assert!(!changed.contains("\u{1b}[2J"), "{changed:?}");
    session.send("q").unwrap();
    session.flush().unwrap();
    session.exp_string(LEAVE).unwrap();
    until_echo(&session, true);
    let (rest, status) = ending(session);
    assert_eq!(status, 0);
    assert!(rest.contains("remote") && !rest.contains("\u{1b}[4;1H"), "the last frame stays: {rest:?}");
}

#[test]
fn another_size_is_filled_at_once() {
    let (home, daemon) = (tempfile::tempdir().unwrap(), campus());
    let words = ["ntpq", "-n", "-c", "rv", "--watch", "3600", &host(&daemon)];
    let mut session = watching(home.path(), &words);
    session.exp_string("associd=0").unwrap();
    resize(&session, "4", "60");
    session.exp_string("\u{1b}[4;1H(").unwrap();
    session.exp_string(" more lines)").unwrap();
    session.send("q").unwrap();
    session.flush().unwrap();
    session.exp_string(LEAVE).unwrap();
    assert_eq!(ending(session).1, 0);
}

#[test]
fn keys_and_signals_end_it_while_nobody_answers() {
    let home = tempfile::tempdir().unwrap();
    let silent = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let words = ["ntpq", "-n", "-c", "timeout 3600000", "-c", "rv", "--watch", "--", host.as_str()];
    for (key, ended) in [("q", Some(0)), ("\u{3}", None)] {
        let mut session = watching(home.path(), &words);
        until_echo(&session, false);
        session.send(key).unwrap();
        session.flush().unwrap();
        session.exp_string(LEAVE).unwrap();
        session.exp_eof().unwrap();
        match (session.process().wait().unwrap(), ended) {
            (WaitStatus::Exited(_, status), Some(wanted)) => assert_eq!(status, wanted),
            (WaitStatus::Signaled(_, Signal::SIGINT, _), None) => {}
            (other, _) => panic!("{key:?}: {other:?}"),
        }
    }
    let mut session = watching(home.path(), &words);
    until_echo(&session, false);
    session.process_mut().signal(Signal::SIGTERM).unwrap();
    session.exp_string(LEAVE).unwrap();
    session.exp_eof().unwrap();
    let ended = session.process().wait().unwrap();
    assert!(matches!(ended, WaitStatus::Signaled(_, Signal::SIGTERM, _)), "{ended:?}");
}

#[test]
fn without_colour_changes_are_inverted() {
    let (home, daemon) = (tempfile::tempdir().unwrap(), campus());
    let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
    command.env_clear().env("HOME", home.path()).env("TERM", "xterm").env("NO_COLOR", "1");
    command.args(["ntpq", "-n", "-p", "--watch=1", &host(&daemon)]);
    let mut session = spawn_command(command, Some(PATIENCE)).unwrap();
    session.exp_regex("\u{1b}\\[7m *[0-9]+\u{1b}\\[0m").unwrap();
    session.send("q").unwrap();
    session.flush().unwrap();
    session.exp_string(LEAVE).unwrap();
    assert_eq!(ending(session).1, 0);
}

#[test]
fn elsewhere_blocks_have_a_time_and_objects_have_none() {
    let (home, daemon) = (tempfile::tempdir().unwrap(), campus());
    let host = host(&daemon);
    // A terminal that cannot move its cursor is no better than a pipe.
    let mut session = {
        let words = ["-c", "rv 0 stratum", "--watch=1", host.as_str()];
        spawn_command(ntpq(home.path(), "dumb", &words), Some(PATIENCE)).unwrap()
    };
    for _ in 0..2 {
        session.exp_regex("[0-9-]{10}T[0-9:]{8}Z\r\nstratum=[0-9]+\r\n\r\n").unwrap();
    }
    drop(session);
    let mut command =
        ntpq(home.path(), "xterm", &["--format", "json", "-c", "rv 0 stratum", "--watch=1", &host]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    for _ in 0..2 {
        assert!(lines.next().unwrap().unwrap().starts_with("{\"schema\":"));
    }
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(0), "nobody reads on");
}

#[test]
fn only_what_reads_is_repeated() {
    let home = tempfile::tempdir().unwrap();
    for (words, complaint) in [
        (&["--watch"][..], "--watch needs commands: -c COMMAND or -p"),
        (&["--watch", "-c", ":config tos"], "--watch runs only commands that read, unlike `:config'"),
        (&["--watch", "-c", "host 127.0.0.1"], "--watch runs only commands that read, unlike `host'"),
        (&["--watch=0.5", "-p"], "must be 1 to 86400 seconds"),
    ] {
        let output = piped(words, false, b"");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(complaint) && output.status.code() == Some(1), "{words:?}: {said}");
    }
    drop(home);
}
