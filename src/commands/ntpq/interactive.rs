//! Commands from standard input, with a prompt or without.

use super::shell::Shell;
use std::io::{BufRead, Write};

/// What asks for the next command.
const PROMPT: &str = "ntpq> ";

/// Runs the lines of standard input until its end, or until `quit`.
pub fn run(shell: &mut Shell, prompt: bool) {
    shell.prompting = prompt;
    let mut line = Vec::new();
    while !shell.is_over() {
        shell.output.flush();
        if prompt {
            shell.output.message(PROMPT);
        }
        line.clear();
        // Locked for this line alone: a command may read further lines, such as a password.
        let read = std::io::stdin().lock().read_until(b'\n', &mut line);
        match read {
            Ok(0) => {
                if prompt {
                    shell.output.message("\n");
                }
                break;
            }
            Ok(_) => {
                shell.names.start_round();
                if let Some(daemon) = shell.daemon() {
                    daemon.hope_again();
                }
                shell.execute(&line);
            }
            Err(error) => {
                let reason = crate::output::reason(&error);
                shell.complain(&format!("{}: standard input: {reason}\n", shell.called.clone()));
                break;
            }
        }
    }
    let _ = std::io::stderr().flush();
}
