//! Text shared by several of the structured formats.

use crate::model::Peer;
use crate::model::{NetworkAddress, ReferenceId};
use crate::render::classic::peers::kind;

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
    fn items_fill_lines_of_a_width() {
        let lines =
            |separator, width| fill("one two \u{e9}\u{e9}\u{e9} fourteen".split(' '), separator, width);
        assert_eq!(lines(" ", 11), ["one two \u{e9}\u{e9}\u{e9}", "fourteen"]);
        assert_eq!(lines(" ", 10), ["one two", "\u{e9}\u{e9}\u{e9}", "fourteen"]);
        assert_eq!(lines("  ", 8), ["one  two", "\u{e9}\u{e9}\u{e9}", "fourteen"]);
        assert_eq!(lines(" ", 0).len(), 4);
        assert_eq!(fill([], " ", 9), [] as [&str; 0]);
    }
}
