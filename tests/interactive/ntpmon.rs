//! `ntpmon` on a terminal: it answers keys at once, and leaves the terminal as it was. Blanks are not written where there are
//! some already, so only single words can be waited for.

use super::*;
use crate::watch::{resize, until_echo};

/// What enters the alternate screen, and what leaves it.
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l";
const LEAVE: &str = "\u{1b}[?25h\u{1b}[?1049l";

fn monitoring(home: &Path, environment: &[(&str, &str)], words: &[&str]) -> PtySession {
    interrupts::children_heed_interrupts();
    let mut command = Command::new("sh");
    command.env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin").env("TERM", "xterm");
    command.envs(environment.iter().copied());
    let script = "stty echo rows 24 cols 100; exec \"$0\" ntpmon \"$@\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_ntpkit")]).args(words);
    spawn_command(command, Some(PATIENCE)).unwrap()
}

#[test]
fn one_host_until_q() {
    let (home, daemon) = (tempfile::tempdir().unwrap(), campus());
    let mut session = monitoring(home.path(), &[], &["-n", &daemon.local_address().to_string()]);
    session.exp_string(ENTER).unwrap();
    session.exp_string("mode").unwrap();
    session.exp_string("remote").unwrap();
    until_echo(&session, false);
    type_for(&mut session, "?", "Keys");
    type_for(&mut session, "z", "remote");
    type_for(&mut session, "d", "associd=");
    resize(&session, "20", "60");
    // The whole screen is drawn again for another size.
    session.exp_string("mode").unwrap();
    type_for(&mut session, "q", LEAVE);
    until_echo(&session, true);
    assert_eq!(ending(session).1, 0);
}

#[test]
fn keys_and_signals_end_it_while_nobody_answers() {
    let home = tempfile::tempdir().unwrap();
    let silent = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let words = ["-t", "3600", host.as_str()];
    let mut session = monitoring(home.path(), &[], &words);
    session.exp_string("waiting").unwrap();
    type_for(&mut session, "q", LEAVE);
    assert_eq!(ending(session).1, 0);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut session = monitoring(home.path(), &[], &words);
        session.exp_string("waiting").unwrap();
        until_echo(&session, false);
        match signal {
            // As a key.
            Signal::SIGINT => {
                session.send("\u{3}").unwrap();
                session.flush().unwrap();
            }
            signal => session.process_mut().signal(signal).unwrap(),
        }
        session.exp_string(LEAVE).unwrap();
        session.exp_eof().unwrap();
        let ended = session.process().wait().unwrap();
        assert!(matches!(ended, WaitStatus::Signaled(_, by, _) if by == signal), "{signal}: {ended:?}");
    }
}

#[test]
fn many_hosts_without_colour_and_a_log() {
    let (home, daemon) = (tempfile::tempdir().unwrap(), campus());
    let host = daemon.local_address().to_string();
    let log = home.path().join("log");
    let words = ["--log", log.to_str().unwrap(), host.as_str(), "[", "]"];
    let mut session = monitoring(home.path(), &[("NO_COLOR", "1")], &words);
    session.exp_string("hosts,").unwrap();
    session.exp_string("address:").unwrap();
    type_for(&mut session, "/", "filter:");
    // The last line shows the filter once it is in force.
    type_for(&mut session, &format!("{}\r", &host[4..]), "filter:");
    type_for(&mut session, "\r", "mode");
    session.send("q").unwrap();
    session.flush().unwrap();
    let rest = session.exp_string(LEAVE).unwrap();
    assert!(!rest.contains("\u{1b}[38;5"), "{rest:?}");
    assert_eq!(ending(session).1, 0);
    let text = std::fs::read_to_string(log).unwrap();
    for schema in ["ntpkit.fleet_host.v1", "ntpkit.variables.v1", "ntpkit.peers.v1"] {
        assert!(text.contains(schema), "{schema}: {text}");
    }
    assert!(text.lines().all(|line| line.starts_with("{\"schema\":") && line.ends_with('}')), "{text}");
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_one_frame() {
    let (home, daemon) = (tempfile::tempdir().unwrap(), campus());
    let host = daemon.local_address().to_string();
    let session = monitoring(home.path(), &[("TERM", "dumb")], &["-n", &host]);
    let (shown, status) = ending(session);
    assert_eq!(status, 0);
    assert!(shown.contains("remote") && !shown.contains('\u{1b}'), "{shown:?}");
}
