//! The command about the key, where it differs from that of `ntpq`.

use crate::console::Shell;
use crate::console::authentication;
use crate::console::command::{Argument, CommandResult, Outcome};

/// Key 0 means that requests are sent without a key.
pub(super) fn key_id(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    match arguments.first() {
        Some(Argument::Unsigned(0)) => {
            shell.settings.sends_no_key = true;
            return Ok(Outcome::Done);
        }
        Some(_) => shell.settings.sends_no_key = false,
        None if shell.settings.sends_no_key => {
            shell.output.result("no keyid will be sent\n");
            return Ok(Outcome::Done);
        }
        None => {}
    }
    authentication::key_id(shell, arguments)
}
