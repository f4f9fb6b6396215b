//! JSON in ASCII only, so that text from the network cannot send commands to a terminal.

use serde::Serialize;

/// Formats a value as a line of compact JSON.
pub fn line(value: &impl Serialize) -> String {
    // Keys are strings and the writer is in memory: nothing can fail.
    let mut text = serde_json::to_string(value).unwrap_or_default();
    if !text.bytes().all(is_printable) {
        text = escaped(&text);
    }
    text.push('\n');
    text
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
