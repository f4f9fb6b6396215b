//! Long texts, a screen at a time.

use crate::cli::output::Output;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::{getegid, geteuid, getgid, getuid};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// What pages when `PAGER` says nothing.
const USUAL: &str = "more";
/// What programs that lend their privileges leave in the environment.
const LENT: [&str; 2] = ["SUDO_UID", "DOAS_USER"];

/// Becomes the pager that `PAGER` names, a command line for the shell, with this text for it to show. Where that cannot be,
/// and where it would run with privileges that the person at the terminal does not have, the text is printed.
pub fn page(output: &mut Output, text: &str) {
    output.flush();
    if !has_lent_privileges(|name| std::env::var_os(name)) {
        // Returns only if it fails.
        let _ = become_pager(text);
    }
    output.result(text);
}

/// Whether this process may do more than whoever started it: pagers run commands.
fn has_lent_privileges(environment: impl Fn(&str) -> Option<OsString>) -> bool {
    getuid() != geteuid() || getgid() != getegid() || LENT.iter().any(|name| environment(name).is_some())
}

/// The text is in a file in memory: a pipe takes only so much before anybody reads from it.
fn become_pager(text: &str) -> io::Result<()> {
    let pager =
        std::env::var_os("PAGER").filter(|pager| !pager.is_empty()).unwrap_or_else(|| OsString::from(USUAL));
    let mut script = pager;
    script.push("\nexit 0");
    let mut input = File::from(memfd_create(c"help", MFdFlags::MFD_CLOEXEC)?);
    input.write_all(text.as_bytes())?;
    input.rewind()?;
    // Signals are as they are by default there, SIGPIPE too, which this process ignores.
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
