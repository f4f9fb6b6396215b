//! Signals at the prompt for a password: the terminal is as it was before, and no key becomes part of the secret.

use super::*;
use nix::sys::termios::{LocalFlags, tcgetattr};

/// Whether the terminal of a session echoes and edits lines.
fn is_cooked(session: &PtySession) -> bool {
    let flags = tcgetattr(session.process().get_file_handle().unwrap()).unwrap().local_flags;
    flags.contains(LocalFlags::ECHO | LocalFlags::ICANON)
}

/// Waits until the terminal has become so.
fn until_cooked(session: &PtySession, cooked: bool) {
    let begun = std::time::Instant::now();
    while is_cooked(session) != cooked {
        assert!(begun.elapsed() < Duration::from_millis(PATIENCE), "never {cooked}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `ntpq` at the prompt for a password, on a terminal that echoes to begin with.
fn at_the_prompt(home: &Path) -> PtySession {
    interrupts::children_heed_interrupts();
    let mut command = Command::new("sh");
    command.env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin").env("TERM", "xterm");
    command.args(["-c", "stty echo; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_ntpkit"), "ntpq"]);
    command.args(["-c", "keyid 7", "-c", "passwd", "127.0.0.1"]);
    let mut session = spawn_command(command, Some(PATIENCE)).unwrap();
    session.exp_string("MD5 Password: ").unwrap();
    until_cooked(&session, false);
    session
}

#[test]
fn signals_that_end_the_process_leave_a_terminal_that_echoes() {
    let home = tempfile::tempdir().unwrap();
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT] {
        let mut session = at_the_prompt(home.path());
        session.send("half a sec").unwrap();
        session.flush().unwrap();
        session.process_mut().signal(signal).unwrap();
        until_cooked(&session, true);
        session.exp_eof().unwrap();
        let ended = session.process().wait().unwrap();
        let is_by_signal = matches!(ended, WaitStatus::Signaled(_, by, _) if by == signal);
        let is_interrupted = signal == Signal::SIGINT && matches!(ended, WaitStatus::Exited(..));
        assert!(is_by_signal || is_interrupted, "{signal}: {ended:?}");
    }
}

#[test]
fn ctrl_backslash_ends_and_is_no_part_of_the_secret() {
    let home = tempfile::tempdir().unwrap();
    let mut session = at_the_prompt(home.path());
    session.send_control('\\').unwrap();
    session.exp_eof().unwrap();
    let ended = session.process().wait().unwrap();
    assert!(matches!(ended, WaitStatus::Signaled(_, Signal::SIGQUIT, _)), "{ended:?}");
}

#[test]
fn ctrl_z_stops_and_the_question_is_asked_anew() {
    let (daemon, home) = (ntpdc_campus(), tempfile::tempdir().unwrap());
    interrupts::children_heed_interrupts();
    let mut shell = Command::new("sh");
    shell
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", "/usr/bin:/bin")
        .env("PS1", "READY> ")
        .env("TERM", "xterm")
        .arg("-i");
    let mut session = spawn_command(shell, Some(PATIENCE)).unwrap();
    session.exp_string("READY> ").unwrap();
    // The test's terminal begins without an echo.
    session.send_line("stty echo").unwrap();
    session.exp_string("READY> ").unwrap();
    let program = env!("CARGO_BIN_EXE_ntpkit");
    let host = daemon.local_address();
    session.send_line(&format!("{program} ntpdc -n -c 'keyid 7' -c readkeys {host}")).unwrap();
    session.exp_string("MD5 Password: ").unwrap();
    until_cooked(&session, false);
    session.send("geh").unwrap();
    session.send_control('z').unwrap();
    session.exp_string("READY> ").unwrap();
    assert!(is_cooked(&session), "the shell's terminal echoes");
    session.send_line("fg").unwrap();
    session.exp_string("MD5 Password: ").unwrap();
    until_cooked(&session, false);
    session.send("geheim\r").unwrap();
    session.flush().unwrap();
    session.exp_string("done!\r\n").unwrap();
    session.exp_string("READY> ").unwrap();
    session.send_line("exit").unwrap();
    session.exp_eof().unwrap();
}
