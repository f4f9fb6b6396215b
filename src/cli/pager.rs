//! Long texts, a screen at a time.

use crate::cli::output::Output;
use nix::unistd::{dup2_stdin, execv};
use std::ffi::{CString, OsString};
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;

/// What pages when `PAGER` says nothing.
const USUAL: &str = "more";
/// What a pipe takes before anybody reads from it.
const PIPE_ROOM: usize = 1 << 16;

/// Becomes the pager that `PAGER` names, a command line for the shell, with this text for it to show. Where
/// that cannot be, the text is printed.
pub fn page(output: &mut Output, text: &str) {
    output.flush();
    if text.len() <= PIPE_ROOM {
        // Returns only if it fails.
        let _ = become_pager(text);
    }
    output.result(text);
}

fn become_pager(text: &str) -> io::Result<()> {
    let pager =
        std::env::var_os("PAGER").filter(|pager| !pager.is_empty()).unwrap_or_else(|| OsString::from(USUAL));
    let script = CString::new([&pager.into_vec(), &b"\nexit 0"[..]].concat())?;
    let (reader, mut writer) = io::pipe()?;
    writer.write_all(text.as_bytes())?;
    drop(writer);
    dup2_stdin(&reader)?;
    execv(c"/bin/sh", &[c"sh", c"-c", script.as_c_str()])?;
    Ok(())
}
