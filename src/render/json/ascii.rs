//! JSON in ASCII only, so that text from the network cannot send commands to a terminal.

use serde::Serialize;
use std::io::{self, Write};

/// Room for most objects.
const ROOM: usize = 4096;

/// Formats a value as a line of compact JSON.
pub fn line(value: &impl Serialize) -> String {
    let mut line = Line { octets: vec![0; ROOM], length: 0 };
    // Keys are strings and the writer is in memory: nothing can fail.
    let _ = value.serialize(&mut serde_json::Serializer::new(&mut line));
    let mut text = line.into_text();
    // Other control characters are escaped already.
    if !text.is_ascii() || text.contains('\x7f') {
        text = escaped(&text);
    }
    text.push('\n');
    text
}

/// A line that is written in pieces of few octets, so many that it matters what each costs.
struct Line {
    octets: Vec<u8>,
    /// How many of them are written.
    length: usize,
}

impl Line {
    fn into_text(mut self) -> String {
        self.octets.truncate(self.length);
        String::from_utf8(self.octets).unwrap_or_default()
    }
}

impl Write for Line {
    #[inline]
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.write_all(piece)?;
        Ok(piece.len())
    }

    #[inline]
    fn write_all(&mut self, piece: &[u8]) -> io::Result<()> {
        let end = self.length + piece.len();
        if end > self.octets.len() {
            self.octets.resize(end * 2, 0);
        }
        if let Some(room) = self.octets.get_mut(self.length..end) {
            room.copy_from_slice(piece);
            self.length = end;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_printable(octet: u8) -> bool {
    matches!(octet, b' '..=b'~')
}

/// Escapes what is not printable ASCII. That stands in strings alone.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if u8::try_from(letter).is_ok_and(is_printable) {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                text += &format!("\\u{unit:04x}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_printable_ascii() {
        let text = "a\"\\\u{1b}[31m\u{7f}\u{9b}\u{2028}\u{1f552}\n";
        let line = line(&text);
        assert_eq!(line, "\"a\\\"\\\\\\u001b[31m\\u007f\\u009b\\u2028\\ud83d\\udd52\\n\"\n");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
