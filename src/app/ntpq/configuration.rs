//! Run-time configuration of a daemon: `:config`, `config-from-file`, `saveconfig`.

use crate::cli::files;
use crate::cli::output::reason;
use crate::client::daemon::QueryError;
use crate::compat::{Dialect, Quirk};
use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed, Outcome};
use crate::console::local::text;
use crate::render::classic::raw;
use crate::session::control::{Failure, Request};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use std::ffi::OsStr;
use std::io::{self, BufRead, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The largest configuration file, in bytes.
const LONGEST_FILE: u64 = 1 << 20;
/// Attempts to send a line before giving up.
const TRIES: u32 = 3;

/// The longest part of a line in a file that the classic program takes as one line.
const CLASSIC_LINE_LIMIT: u64 = 511;

/// The longest line in a file that is read.
const LINE_LIMIT: u64 = 1 << 16;

/// The width of the prompt and the word `:config` in front of the typed line.
const PROMPT_WIDTH: usize = 14;

/// The start of a daemon's reply after success.
const DONE: [&[u8]; 2] = [b"Config Succeeded", b"Configuration saved"];

pub(super) fn configure(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let mut line = text(arguments, 0).unwrap_or_default();
    if !shell.settings.dialect.keeps(Quirk::CONFIG_LINE_VERBATIM) {
        // Daemons refuse lines with trailing blanks.
        line = line.trim_ascii_end();
    }
    let Some(reply) = shell.ask_with_key(Opcode::CONFIGURE, AssociationId::SYSTEM, line.to_vec()) else {
        return Err(Failed);
    };
    let mut answer = until_nul(&reply.data);
    if !shell.settings.dialect.keeps(Quirk::CONFIG_LINE_VERBATIM) {
        answer = answer.trim_ascii_end();
    }
    if let Some(column) = fault_column(answer).filter(|&column| column <= line.len() + 1) {
        let pointer = if shell.prompting {
            "_".repeat(PROMPT_WIDTH + column)
        } else {
            shell.output.result([line, b"\n"].concat());
            "_".repeat(column)
        };
        shell.output.result(format!("{pointer}^\n"));
    }
    // If a NUL follows the line end, the classic program adds another line end.
    let ended = if shell.settings.dialect.keeps(Quirk::CONFIG_LINE_VERBATIM) {
        reply.data.ends_with(b"\n")
    } else {
        true
    };
    let answer_line = if ended { answer.strip_suffix(b"\n").unwrap_or(answer) } else { answer };
    let shown = raw::message(answer_line, shell.settings.dialect);
    shell.output.result(shown);
    shell.output.result("\n");
    conclusion(is_done(answer))
}

pub(super) fn save_configuration(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let file = text(arguments, 0).unwrap_or_default().to_vec();
    let Some(reply) = shell.ask_with_key(Opcode::SAVE_CONFIGURATION, AssociationId::SYSTEM, file) else {
        return Err(Failed);
    };
    let answer = until_nul(&reply.data);
    let shown = if answer.is_empty() {
        "(no response message, curiously)".to_owned()
    } else {
        raw::message(answer, shell.settings.dialect)
    };
    let end = if shell.settings.dialect.keeps(Quirk::CONFIG_LINE_VERBATIM) || shown.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    shell.output.result(shown + end);
    conclusion(is_done(answer))
}

pub(super) fn configure_from_file(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let name = text(arguments, 0).unwrap_or_default();
    let classic = shell.settings.dialect.keeps(Quirk::CONFIG_FILE_RETRIES);
    if classic {
        // The classic program creates the file of a redirection but leaves it empty.
        shell.output.end_redirect();
    }
    let path = Path::new(OsStr::from_bytes(name));
    let shown = path.display();
    match files::read_finite(path, LONGEST_FILE) {
        Ok(octets) => {
            shell.output.result("Sending configuration file, one line at a time.\n");
            shell.send_lines(octets.as_slice()).unwrap_or_else(|error| {
                if classic {
                    shell.output.result("Done sending file\n");
                    return Ok(Outcome::Done);
                }
                shell.error(&format!("ERROR!! Couldn't read file: {shown}: {}\n", reason(&error)));
                Err(Failed)
            })
        }
        // A directory can be opened, but has no lines.
        Err(_) if classic && path.is_dir() => {
            shell.output.result("Sending configuration file, one line at a time.\nDone sending file\n");
            Ok(Outcome::Done)
        }
        Err(_) if classic => {
            shell.output.result(format!("ERROR!! Couldn't open file: {shown}\n"));
            Err(Failed)
        }
        Err(error) => {
            shell.error(&format!("ERROR!! Couldn't open file: {shown}: {}\n", reason(&error)));
            Err(Failed)
        }
    }
}

impl Shell {
    /// Sends the lines one at a time, because their order matters.
    fn send_lines(&mut self, mut file: impl BufRead) -> io::Result<CommandResult> {
        let dialect = self.settings.dialect;
        let limit = if dialect.keeps(Quirk::CONFIG_FILE_RETRIES) { CLASSIC_LINE_LIMIT } else { LINE_LIMIT };
        let mut whole = true;
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            if file.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let command = without_comment(&line, dialect);
            if command.is_empty() {
                continue;
            }
            let answer = self.send_line(command);
            let Some(answer) = answer else {
                self.output.result(format!("Line No: {number} query failed: "));
                self.output.result(command);
                self.output.result("\nSubsequent lines not sent.\n");
                return Ok(Err(Failed));
            };
            let answer = until_nul(&answer).trim_ascii_end();
            let reported = raw::message(answer, dialect);
            self.output.result(format!("Line No: {number} {reported}: "));
            self.output.result(command);
            self.output.result("\n");
            self.output.flush();
            whole &= is_done(answer);
        }
        self.output.result("Done sending file\n");
        Ok(conclusion(whole))
    }

    /// The reply to a line. The classic program retries after any error.
    fn send_line(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        let mut tries = 0;
        loop {
            tries += 1;
            let key = self.request_key();
            let request =
                Request { key, ..Request::open(Opcode::CONFIGURE, AssociationId::SYSTEM, line.to_vec()) };
            let answer = match request.key {
                Some(_) => self.ask_request(request),
                None => Err(QueryError::Unauthenticated),
            };
            let error = match answer {
                Ok(reply) => return Some(reply.data),
                Err(error) => error,
            };
            let repeats_refusals = self.settings.dialect.keeps(Quirk::CONFIG_FILE_RETRIES);
            let again = repeats_refusals
                || matches!(error, QueryError::Failed(Failure::TimedOut | Failure::Incomplete));
            if tries == TRIES || !again || repeats_refusals {
                self.report_failure(&error, AssociationId::SYSTEM);
            }
            if tries == TRIES || !again {
                return None;
            }
        }
    }
}

/// Whether the reply reports success.
fn is_done(answer: &[u8]) -> bool {
    DONE.iter().any(|done| answer.starts_with(done))
}

/// The result of a command whose lines succeeded or failed.
fn conclusion(done: bool) -> CommandResult {
    if done { Ok(Outcome::Done) } else { Err(Failed) }
}

/// The data up to a NUL, which some daemons append.
fn until_nul(data: &[u8]) -> &[u8] {
    data.split(|&octet| octet == 0).next().unwrap_or_default()
}

/// The column that an error reply refers to: `column 7 syntax error, …`.
fn fault_column(answer: &[u8]) -> Option<usize> {
    let rest = answer.strip_prefix(b"column")?.trim_ascii_start();
    let length = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    str::from_utf8(rest.get(..length)?).ok()?.parse().ok()
}

/// A line without its comment and trailing blanks, up to a NUL. To the classic program every `#` starts a comment; to
/// the daemon's parser, one between quotes does not.
fn without_comment(line: &[u8], dialect: Dialect) -> &[u8] {
    let line = until_nul(line);
    let mut quoted = false;
    let end = line.iter().position(|&octet| {
        quoted ^= octet == b'"' && !dialect.keeps(Quirk::CONFIG_FILE_RETRIES);
        octet == b'#' && !quoted
    });
    let line = end.and_then(|end| line.get(..end)).unwrap_or(line);
    line.trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_faults() {
        for (answer, column) in [
            ("column 17 syntax error, unexpected T_String\r\n", Some(17)),
            ("column 0 syntax error", Some(0)),
            ("column3 whatever", Some(3)),
            ("column -1 syntax error", None),
            ("Config Succeeded\r\n", None),
            ("column 99999999999999999999999 x", None),
        ] {
            assert_eq!(fault_column(answer.as_bytes()), column, "{answer}");
        }
    }

    #[test]
    fn comments_and_blanks_are_not_sent() {
        let both = |line: &str| {
            [Dialect::Classic, Dialect::Native]
                .map(|dialect| String::from_utf8(without_comment(line.as_bytes(), dialect).to_vec()).unwrap())
        };
        assert_eq!(both("  server 10.9.9.5 # trail  \r\n"), ["  server 10.9.9.5"; 2]);
        assert_eq!(both("x#y\n"), ["x"; 2]);
        assert_eq!(both(" \t # only a comment\n"), [""; 2]);
        assert_eq!(both("a\0b\n"), ["a"; 2]);
        assert_eq!(both("setvar x=\"a # b\" # c\n"), ["setvar x=\"a", "setvar x=\"a # b\""]);
    }

    #[test]
    fn answers_tell_what_became_of_it() {
        assert!(is_done(b"Config Succeeded\r\n"));
        assert!(is_done(b"Configuration saved to 'x'\r\n"));
        assert!(!is_done(b"column 0 syntax error\r\n"));
        assert!(!is_done(b"saveconfig rejects unsafe file name '../x'\r\n"));
        assert!(!is_done(b""));
    }
}
