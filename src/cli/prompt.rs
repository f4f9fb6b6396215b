//! Prompts for the person at the terminal: a key's identifier and its password.
//!
//! The terminal is used even if the standard streams are redirected; without one, standard input is read.

use crate::cli::keyboard::{Key, Muted, terminal};
use crate::cli::output::Output;
use crate::net::interrupt::Interrupt;
use nix::sys::signal::{Signal, raise};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

/// The longest answer in bytes; further input is ignored.
const ANSWER_LIMIT: usize = 512;

/// Asks for a line with echo. It is empty at the end of the input or after an interrupt.
pub fn ask(question: &str, output: &mut Output, interrupt: Option<&Interrupt>) -> Vec<u8> {
    output.message(question);
    let mut answer = match terminal() {
        // The interrupt stays pending for the caller.
        Some(terminal) if interrupt.is_some_and(|interrupt| interrupt.comes_before(&terminal)) => {
            return Vec::new();
        }
        Some(mut terminal) => read_line(&mut terminal),
        None => read_line(&mut io::stdin().lock()),
    };
    std::mem::take(&mut *answer)
}

/// Reads a line without echoing it. The line is empty at the end of the input or after an interrupt.
///
/// The terminal does not echo meanwhile; its settings are restored before any signal ends or stops the process. After a
/// stop (Ctrl-Z) the question is asked again.
pub fn ask_secret(question: &str, output: &mut Output) -> Zeroizing<Vec<u8>> {
    let Some(mut terminal) = terminal() else {
        output.message(question);
        return read_line(&mut io::stdin().lock());
    };
    output.flush();
    loop {
        // First the echo, then the question: muting discards what was typed before, and a quick answer to a visible
        // question must not be lost. A failure to write the question cannot be reported.
        let typed = Muted::new(&terminal).map(|muted| {
            let _ = (&terminal).write_all(question.as_bytes());
            edit(&mut muted.keys())
        });
        let _ = terminal.write_all(b"\n");
        match typed {
            Ok(Typed::Line(line)) => return line,
            Ok(Typed::Ended(signal)) => {
                let _ = raise(signal);
                if signal != Signal::SIGTSTP {
                    return Zeroizing::default();
                }
            }
            Err(_) => return Zeroizing::default(),
        }
    }
}

/// Reads a line, without its end, byte by byte, so that no reallocated buffer keeps a copy.
fn read_line(input: &mut impl Read) -> Zeroizing<Vec<u8>> {
    let mut line = Zeroizing::new(Vec::with_capacity(ANSWER_LIMIT));
    let mut octet = Zeroizing::new([0]);
    while let Ok(1) = input.read(&mut *octet) {
        match *octet {
            [b'\n'] => break,
            [octet] if line.len() < ANSWER_LIMIT => line.push(octet),
            [_] => {}
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    line
}

/// The outcome of reading a line without echo.
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    Line(Zeroizing<Vec<u8>>),
    /// Ended by this signal.
    Ended(Signal),
}

/// Builds the line from these keys, up to Enter.
fn edit(keys: &mut impl Iterator<Item = Key>) -> Typed {
    const END_OF_INPUT: u8 = 0x04;
    const BACKSPACE: u8 = 0x08;
    const KILL_LINE: u8 = 0x15;
    const DELETE: u8 = 0x7f;

    let mut line = Zeroizing::new(Vec::with_capacity(ANSWER_LIMIT));
    for key in keys {
        let octet = match key {
            Key::Octet(octet) => octet,
            Key::Signal(signal) => return Typed::Ended(signal),
        };
        match octet {
            b'\n' | b'\r' | END_OF_INPUT => break,
            BACKSPACE | DELETE => {
                // Remove all octets of the character.
                while line.pop().is_some_and(|octet| octet & 0xc0 == 0x80) {}
            }
            KILL_LINE => line.clear(),
            _ if line.len() < ANSWER_LIMIT => line.push(octet),
            _ => {}
        }
    }
    Typed::Line(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> Option<Vec<u8>> {
        match edit(&mut keys.iter().copied().map(Key::Octet)) {
            Typed::Line(line) => Some(line.to_vec()),
            Typed::Ended(_) => None,
        }
    }

    #[test]
    fn keys_edit_the_line() {
        assert_eq!(typed(b"secret\nmore"), Some(b"secret".to_vec()));
        assert_eq!(typed(b"wrong\x15sex\x7f\x08cret\r"), Some(b"scret".to_vec()));
        assert_eq!(typed("gr\u{fc}\u{7f}un\n".as_bytes()), Some(b"grun".to_vec()));
        assert_eq!(typed(b"\x7f\x7fa\n"), Some(b"a".to_vec()));
        assert_eq!(typed(b"abc\x04"), Some(b"abc".to_vec()));
        assert_eq!(typed(b"abc"), Some(b"abc".to_vec()));
        let keys = [Key::Octet(b's'), Key::Signal(Signal::SIGTSTP), Key::Octet(b'\n')];
        assert_eq!(edit(&mut keys.into_iter()), Typed::Ended(Signal::SIGTSTP));
        assert_eq!(typed(&[b'a'; 2000]).unwrap().len(), ANSWER_LIMIT);
    }

    #[test]
    fn each_read_stops_at_the_end_of_its_line() {
        let mut input = &b"one\r\ntwo"[..];
        assert_eq!(&**read_line(&mut input), b"one");
        assert_eq!(&**read_line(&mut input), b"two");
        assert_eq!(&**read_line(&mut input), b"");
    }
}
