//! Words that several of the structured formats share.

use crate::model::Peer;
use crate::model::{NetworkAddress, ReferenceId};
use crate::render::classic::peers::kind;

/// Octets from the network as Unicode text: what is valid UTF-8 stays, other octets become `\xe9`.
pub(super) fn unicode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        text.push_str(chunk.valid());
        for octet in chunk.invalid() {
            text.push_str(&format!("\\x{octet:02x}"));
        }
    }
    text
}

/// What kind of association it is, in one word: what stands behind the letter of the column `t`.
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

/// The kind and the text of a reference identifier, which is octets where it is a code.
pub(super) fn reference_id(id: &ReferenceId) -> Option<(&'static str, Vec<u8>)> {
    Some(match id {
        ReferenceId::Text(text) if text.is_empty() => return None,
        ReferenceId::Text(text) => ("code", text.clone()),
        ReferenceId::Clock(clock) => ("clock", clock.to_string().into_bytes()),
        ReferenceId::Address(address) => ("address", address.to_string().into_bytes()),
        ReferenceId::Unreadable(text) => ("unreadable", text.clone()),
    })
}

/// The address of a peer as text, if it has one.
pub(super) fn address(address: Option<&NetworkAddress>) -> Option<String> {
    address.filter(|address| !address.is_unspecified()).map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_are_no_text_are_kept_by_number() {
        assert_eq!(unicode("zeit\u{e9}.example".as_bytes()), "zeit\u{e9}.example");
        assert_eq!(unicode(b"a\xe9b\xff"), "a\\xe9b\\xff");
    }
}
