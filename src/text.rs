//! Text for terminals and logs: what comes from the network, a file or the command line is escaped before it is printed.

pub mod date;

use std::borrow::Cow;
use std::fmt::Write as _;

/// Converts octets from the network to Unicode text: valid UTF-8 is kept, other octets become `\xe9`, and a backslash
/// is doubled. So different octet strings never have the same text.
pub fn unicode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for octet in chunk.invalid() {
            text.push_str(&format!("\\x{octet:02x}"));
        }
    }
    text
}

/// Escapes text that may reach a terminal like JSON: control characters (Cc) become `\x1b`, and other invisible
/// characters, such as bidirectional controls (Cf) and line separators (Zl, Zp), `\u{202e}`.
pub fn visible(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for letter in unicode(octets).chars() {
        push(&mut text, letter, false);
    }
    text
}

/// Whether a character is invisible: not printable according to the standard library, or a code point that a display ignores.
fn is_hidden(letter: char) -> bool {
    // After a letter, a combining mark is visible.
    let is_unprintable = || ['a', letter].iter().collect::<String>().escape_debug().nth(1) == Some('\\');
    !letter.is_ascii() && (is_ignorable(letter) || is_unprintable())
}

/// Whether a display ignores the character by default (Unicode property `Default_Ignorable_Code_Point`). Among these are the
/// variation selectors and fillers, which can hide text within a text.
fn is_ignorable(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Makes the octets of a message harmless, whatever they quote: control characters other than line feeds and tabs, and
/// invisible characters, are escaped as by [`visible`]. Everything else stays as it is, so a message of escaped text does
/// not change; octets that are no UTF-8 stay, too, unless a terminal could take them for a control character.
pub fn harmless(octets: &[u8]) -> Cow<'_, [u8]> {
    let is_plain = |octet: &u8| matches!(octet, b' '..=b'~' | b'\n' | b'\t');
    if octets.iter().all(is_plain) {
        return Cow::Borrowed(octets);
    }
    let mut safe = Vec::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        let mut text = String::with_capacity(chunk.valid().len());
        for letter in chunk.valid().chars() {
            push(&mut text, letter, matches!(letter, '\n' | '\t'));
        }
        safe.extend_from_slice(text.as_bytes());
        for &octet in chunk.invalid() {
            if (0x80..0xa0).contains(&octet) {
                safe.extend_from_slice(format!("\\x{octet:02x}").as_bytes());
            } else {
                safe.push(octet);
            }
        }
    }
    Cow::Owned(safe)
}

/// Appends a character, escaped unless it is visible or exempt.
fn push(text: &mut String, letter: char, is_exempt: bool) {
    if is_exempt {
        text.push(letter);
    } else if letter.is_ascii_control() {
        let _ = write!(text, "\\x{:02x}", u32::from(letter));
    } else if is_hidden(letter) {
        text.extend(letter.escape_unicode());
    } else {
        text.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_are_not_text_are_escaped() {
        assert_eq!(unicode("zeit\u{e9}.example".as_bytes()), "zeit\u{e9}.example");
        assert_eq!(unicode(b"a\xe9b\xff"), "a\\xe9b\\xff");
    }

    #[test]
    fn different_strings_have_different_texts() {
        let strings = [
            &b"\xe9"[..],
            b"\\xe9",
            b"\\\\xe9",
            "\u{e9}".as_bytes(),
            b"\x1b",
            b"\\x1b",
            b"\x9b",
            "\u{9b}".as_bytes(),
            b"\\u{9b}",
            "\u{202e}".as_bytes(),
            b"\\u{202e}",
        ];
        for form in [unicode, visible] {
            let texts: std::collections::BTreeSet<String> =
                strings.iter().map(|octets| form(octets)).collect();
            assert_eq!(texts.len(), strings.len(), "{texts:?}");
        }
    }

    #[test]
    fn invisible_characters_are_escaped() {
        let text = "zeit\u{e9} \u{43d}\u{65e5}e\u{301}\n\u{9b}\u{ad}\u{200f}\u{202e}\u{2028}\u{2029}\u{feff}\u{e0001}";
        assert_eq!(
            visible(text.as_bytes()),
            "zeit\u{e9} \u{43d}\u{65e5}e\u{301}\\x0a\\u{9b}\\u{ad}\\u{200f}\\u{202e}\\u{2028}\\u{2029}\\u{feff}\\u{e0001}"
        );
        // Variation selectors and fillers carry hidden text.
        assert_eq!(visible("a\u{fe0f}\u{e0101}\u{3164}".as_bytes()), "a\\u{fe0f}\\u{e0101}\\u{3164}");
    }

    #[test]
    fn messages_stay_as_they_are_but_for_what_a_terminal_obeys() {
        let plain = "ntpq: zeit\u{e9}.example: a\\x1bb\tc\n".as_bytes();
        assert_eq!(harmless(plain), plain);
        assert_eq!(harmless(b"k\xe9y"), &b"k\xe9y"[..]);
        let hostile = b"a\x1b[31m\r\x00\x7f\x9b\xc2\x9b\xe2\x80\xaeb";
        let escaped = b"a\\x1b[31m\\x0d\\x00\\x7f\\x9b\\u{9b}\\u{202e}b";
        assert_eq!(harmless(hostile), &escaped[..]);
        assert_eq!(harmless(escaped), &escaped[..]);
    }
}
