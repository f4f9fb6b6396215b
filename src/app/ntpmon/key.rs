//! Octets from the terminal -> keys.

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Letter(char),
    /// Return.
    Enter,
    /// Escape.
    Escape,
    /// Backspace or delete.
    Erase,
    /// Ctrl-U: erases the line.
    EraseAll,
    /// Ctrl-L: draws everything again.
    Redraw,
    /// Up.
    Up,
    /// Down.
    Down,
    /// A screen up.
    PageUp,
    /// A screen down.
    PageDown,
    /// To the first row.
    Home,
    /// To the last row.
    End,
}

/// The longest sequence of octets that is one key.
const LONGEST: usize = 16;

/// Assembles keys from octets.
#[derive(Debug, Default)]
pub struct Keys(Vec<u8>);

impl Keys {
    /// Takes an octet; returns the key that it completes.
    pub fn push(&mut self, octet: u8) -> Option<Key> {
        self.0.push(octet);
        match self.0.as_slice() {
            [0x1b] | [0x1b, b'[' | b'O'] => None,
            [0x1b, 0x1b] => {
                self.0.pop();
                Some(Key::Escape)
            }
            [0x1b, b'[' | b'O', rest @ ..] => {
                // Parameters, then the octet that ends the sequence (ECMA-48 section 5.4).
                let is_over = matches!(octet, 0x40..=0x7e) || self.0.len() >= LONGEST;
                let key = if is_over { sequence(rest) } else { return None };
                self.0.clear();
                key
            }
            [0x1b, _] => {
                // Alt with a key is no key here.
                self.0.clear();
                None
            }
            octets => {
                let key = match std::str::from_utf8(octets) {
                    Ok(text) => text.chars().next().and_then(letter),
                    Err(error) if error.error_len().is_none() => return None,
                    Err(_) => None,
                };
                self.0.clear();
                key
            }
        }
    }

    /// Nothing more came for a moment: an escape was the key itself.
    pub fn pause(&mut self) -> Option<Key> {
        let held = std::mem::take(&mut self.0);
        (held == [0x1b]).then_some(Key::Escape)
    }
}

fn letter(letter: char) -> Option<Key> {
    Some(match letter {
        '\r' | '\n' => Key::Enter,
        '\u{8}' | '\u{7f}' => Key::Erase,
        '\u{15}' => Key::EraseAll,
        '\u{c}' => Key::Redraw,
        '\u{10}' => Key::Up,
        '\u{e}' => Key::Down,
        letter if letter.is_control() => return None,
        letter => Key::Letter(letter),
    })
}

fn sequence(octets: &[u8]) -> Option<Key> {
    Some(match octets {
        b"A" => Key::Up,
        b"B" => Key::Down,
        b"H" | b"1~" | b"7~" => Key::Home,
        b"F" | b"4~" | b"8~" => Key::End,
        b"5~" => Key::PageUp,
        b"6~" => Key::PageDown,
        b"3~" => Key::Erase,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(octets: &[u8]) -> Vec<Key> {
        let mut keys = Keys::default();
        let mut found: Vec<Key> = octets.iter().filter_map(|octet| keys.push(*octet)).collect();
        found.extend(keys.pause());
        found
    }

    #[test]
    fn sequences_are_one_key() {
        assert_eq!(
            keys(b"q\x1b[Aj\x1bOB\x1b[5~"),
            [Key::Letter('q'), Key::Up, Key::Letter('j'), Key::Down, Key::PageUp]
        );
        assert_eq!(
            keys("\u{e9}\r\x7f\x15".as_bytes()),
            [Key::Letter('\u{e9}'), Key::Enter, Key::Erase, Key::EraseAll]
        );
        assert_eq!(keys(b"\x1b"), [Key::Escape]);
        assert_eq!(keys(b"\x1b\x1b"), [Key::Escape, Key::Escape]);
    }

    #[test]
    fn what_is_no_key_is_passed_over() {
        assert_eq!(keys(b"\x1b[200~a"), [Key::Letter('a')]);
        assert_eq!(keys(b"\xff\xc3a"), [] as [Key; 0], "an invalid octet, and the one after it");
        assert_eq!(keys(b"\x1bxb"), [Key::Letter('b')]);
        // A sequence without an end is given up.
        assert_eq!(keys(b"\x1b[111111111111111A"), [Key::Letter('1'), Key::Letter('A')]);
        assert_eq!(keys(b"\x01\x00"), []);
    }
}
