//! Long texts, a screen at a time.

use crate::output::Output;
use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};

/// What pages when `PAGER` says nothing.
const USUAL: &str = "more";

/// Shows a text through the pager that `PAGER` names, a command line for the shell; plainly if that cannot be
/// started.
pub fn page(output: &mut Output, text: &str) {
    let pager =
        std::env::var_os("PAGER").filter(|pager| !pager.is_empty()).unwrap_or_else(|| OsString::from(USUAL));
    output.flush();
    let Ok(mut child) = Command::new("/bin/sh").arg("-c").arg(pager).stdin(Stdio::piped()).spawn() else {
        return output.result(text);
    };
    if let Some(mut input) = child.stdin.take() {
        // Whoever leaves the pager early has seen enough.
        let _ = input.write_all(text.as_bytes());
    }
    let _ = child.wait();
}
