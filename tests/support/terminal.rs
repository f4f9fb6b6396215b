//! Runs on a terminal.

use super::Run;
use nix::pty::openpty;
use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

/// Runs with all three standard streams on a terminal of its own, on which this is typed; gives what the
/// terminal showed, what was typed included, and the exit status.
pub fn on_a_terminal(run: &Run, typed: &str) -> (String, Option<i32>) {
    let pair = openpty(None, None).unwrap();
    let (mut keyboard, mut screen) = (File::from(pair.master.try_clone().unwrap()), File::from(pair.master));
    let stream = || Stdio::from(pair.slave.try_clone().unwrap());
    let mut command = run.command();
    let mut child = command.stdin(stream()).stdout(stream()).stderr(stream()).spawn().unwrap();
    // With the last of our own copies closed, the screen ends when the program does.
    drop((command, pair.slave));
    keyboard.write_all(typed.as_bytes()).unwrap();
    let mut shown = Vec::new();
    let mut piece = [0; 4096];
    // The end of a terminal is a fault (EIO) to who reads it.
    while let Ok(length @ 1..) = screen.read(&mut piece) {
        shown.extend_from_slice(piece.get(..length).unwrap_or_default());
    }
    (String::from_utf8(shown).unwrap(), child.wait().unwrap().code())
}
