//! JSON in ASCII only, so that text from the network cannot send commands to a terminal.

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Formats a value as a line of compact JSON.
pub fn line(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    // Keys are strings, the writer is in memory, and what it writes is ASCII: nothing can fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, Ascii));
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let mut rest = text;
        while !rest.is_empty() {
            let printable = rest.bytes().position(|octet| !matches!(octet, b' '..=b'~'));
            let (plain, others) = rest.split_at(printable.unwrap_or(rest.len()));
            writer.write_all(plain.as_bytes())?;
            let mut letters = others.chars();
            if let Some(letter) = letters.next() {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = letters.as_str();
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
