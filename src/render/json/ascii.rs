//! JSON in ASCII only, so that text from the network cannot send commands to a terminal.

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Formats a value as a line of compact JSON.
pub fn line(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    // Keys are strings and the writer is in memory: nothing can fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, Ascii));
    bytes.push(b'\n');
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        for letter in text.chars() {
            if matches!(letter, ' '..='~') {
                writer.write_all(&[letter as u8])?;
            } else {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
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
