//! Text shared by several of the structured formats.

use crate::model::Peer;
use crate::model::{NetworkAddress, ReferenceId};
use crate::render::classic::peers::kind;

/// Converts octets from the network to Unicode text: valid UTF-8 is kept, other octets become `\xe9`, and a backslash
/// is doubled. So different octet strings never have the same text.
pub(super) fn unicode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for octet in chunk.invalid() {
            text.push_str(&format!("\\x{octet:02x}"));
        }
    }
    text
}

/// The type of an association as a word, corresponding to the letter in column `t`.
pub(super) fn association_type(peer: &Peer) -> Option<&'static str> {
    Some(match kind(peer) {
        'u' => "unicast",
        's' => "symmetric_active",
        'S' => "symmetric_passive",
        'l' => "local_clock",
        'p' => "pool",
        'a' => "manycast",
        'M' => "multicast_server",
        'B' => "broadcast_server",
        'b' => "broadcast_client",
        'm' => "multicast_client",
        _ => return None,
    })
}

/// Escapes text that may reach a terminal like JSON: control characters (Cc) become `\x1b`, and other invisible
/// characters, such as bidirectional controls (Cf) and line separators (Zl, Zp), `\u{202e}`.
pub fn visible(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for letter in unicode(octets).chars() {
        if letter.is_ascii_control() {
            text.push_str(&format!("\\x{:02x}", u32::from(letter)));
        } else if is_hidden(letter) {
            text.extend(letter.escape_unicode());
        } else {
            text.push(letter);
        }
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

/// Arranges items in lines of at most `width` characters where the items allow it, with a separator between two.
pub fn fill<'a>(items: impl IntoIterator<Item = &'a str>, separator: &str, width: usize) -> Vec<String> {
    let length = |text: &str| text.chars().count();
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if length(line) + length(separator) + length(item) <= width => {
                line.push_str(separator);
                line.push_str(item);
            }
            _ => lines.push(item.to_owned()),
        }
    }
    lines
}

/// Returns the kind and the text of a reference ID; the text is octets if it is a code.
pub(super) fn reference_id(id: &ReferenceId) -> Option<(&'static str, Vec<u8>)> {
    Some(match id {
        ReferenceId::Text(text) if text.is_empty() => return None,
        ReferenceId::Text(text) => ("code", text.clone()),
        ReferenceId::Clock(clock) => ("clock", clock.to_string().into_bytes()),
        ReferenceId::Address(address) => ("address", address.to_string().into_bytes()),
        ReferenceId::Unreadable(text) => ("unreadable", text.clone()),
    })
}

/// Formats the address of a peer, if it has one.
pub(super) fn address(address: Option<&NetworkAddress>) -> Option<String> {
    address.filter(|address| !address.is_unspecified()).map(ToString::to_string)
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
    fn items_fill_lines_of_a_width() {
        let lines =
            |separator, width| fill("one two \u{e9}\u{e9}\u{e9} fourteen".split(' '), separator, width);
        assert_eq!(lines(" ", 11), ["one two \u{e9}\u{e9}\u{e9}", "fourteen"]);
        assert_eq!(lines(" ", 10), ["one two", "\u{e9}\u{e9}\u{e9}", "fourteen"]);
        assert_eq!(lines("  ", 8), ["one  two", "\u{e9}\u{e9}\u{e9}", "fourteen"]);
        assert_eq!(lines(" ", 0).len(), 4);
        assert_eq!(fill([], " ", 9), [] as [&str; 0]);
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
}
