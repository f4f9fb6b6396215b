//! Shows long texts in a pager.

use crate::cli::output::Output;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::{getegid, geteuid, getgid, getuid};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// The default pager.
const DEFAULT: &str = "more";
/// Variables set by programs that lend their privileges.
const LENT: [&str; 2] = ["SUDO_UID", "DOAS_USER"];

/// Replaces this process with the pager named by `PAGER`, a shell command, to show this text. If that fails, or if the
/// pager would run with privileges that the user does not have, the text is printed instead.
pub fn page(output: &mut Output, text: &str) {
    output.flush();
    if !has_lent_privileges(|name| std::env::var_os(name)) {
        // Returns only on failure.
        let _ = become_pager(text);
    }
    output.result(text);
}

/// Whether this process has more privileges than its caller: pagers can run commands.
fn has_lent_privileges(environment: impl Fn(&str) -> Option<OsString>) -> bool {
    getuid() != geteuid() || getgid() != getegid() || LENT.iter().any(|name| environment(name).is_some())
}

/// The text is in a memory file, because a pipe would block once its buffer is full.
fn become_pager(text: &str) -> io::Result<()> {
    let pager = std::env::var_os("PAGER")
        .filter(|pager| !pager.is_empty())
        .unwrap_or_else(|| OsString::from(DEFAULT));
    let mut script = pager;
    script.push("\nexit 0");
    let mut input = File::from(memfd_create(c"help", MFdFlags::MFD_CLOEXEC)?);
    input.write_all(text.as_bytes())?;
    input.rewind()?;
    // The shell gets the default signal actions, including SIGPIPE, which this process ignores.
    Err(Command::new("/bin/sh").arg("-c").arg(script).stdin(input).exec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sudo_and_doas_lend_privileges() {
        for (name, lent) in [("SUDO_UID", true), ("DOAS_USER", true), ("USER", false)] {
            assert_eq!(has_lent_privileges(|asked| (asked == name).then(|| "1000".into())), lent, "{name}");
        }
    }
}
