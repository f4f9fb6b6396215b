//! A plain list: one host or network per line.

use super::contents::Contents;
use super::name::shown;

/// Reads a list. A word starting with `#` begins a comment.
pub fn read(text: &str) -> Contents {
    let mut contents = Contents::default();
    for (number, line) in (1..).zip(text.lines()) {
        let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        let Some(first) = words.next() else { continue };
        if words.next().is_some() {
            contents.fault(number, format!("'{}': more than one word", shown(line.trim())));
        } else {
            contents.add(number, first);
        }
        if contents.is_full() {
            break;
        }
    }
    contents
}
