//! The authenticator of mode 7 requests: a timestamp, the key identifier, and the message authentication code of
//! everything before the identifier. Replies have none.

use super::key::Key;

/// The length of the codes with which the timestamp has a fixed place at the end of the packet, in octets.
const SHORT_MAC: usize = 16;
/// The length of the timestamp in octets.
const TIMESTAMP_LENGTH: usize = 8;

/// Whether the timestamp has a fixed place with this key's codes.
pub fn has_short_mac(key: &Key) -> bool {
    key.key_type().mac_length() <= SHORT_MAC
}

/// Completes a request: `message` is the header and the items, `packet_length` the length to pad it to, and `timestamp`
/// the current time as a 64-bit NTP timestamp, which a daemon accepts for 10 s. With codes longer than 16 octets the
/// timestamp directly follows the items.
pub fn seal(key: &Key, mut message: Vec<u8>, packet_length: usize, timestamp: u64) -> Vec<u8> {
    let room = packet_length.saturating_sub(TIMESTAMP_LENGTH);
    if has_short_mac(key) && message.len() <= room {
        message.resize(room, 0);
    } else {
        message.resize(message.len().next_multiple_of(4), 0);
    }
    message.extend_from_slice(&timestamp.to_be_bytes());
    let mac = key.compute(&message);
    message.extend_from_slice(&key.id().to_be_bytes());
    message.extend_from_slice(mac.as_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::super::digest::KeyType;
    use super::super::tests::octets;
    use super::*;

    /// Sent by ntpdc 4.2.8p15.
    #[test]
    fn requests_are_sealed_as_ntpdc_seals_them() {
        let key = Key::from_text(1, KeyType::Md5, "secretmd5key").unwrap();
        let message = octets("1780030b 00010018 c0000262 00000000 0000000000000000 0000000000000000");
        let sealed = seal(&key, message, 192, 0xeeaa_e923_819e_3d60);
        assert_eq!(sealed.len(), 212);
        assert_eq!(sealed[184..], octets("eeaae923819e3d60 00000001 1dcaf78053 82cfbce94e06d89e2237b6"));
        let key = Key::from_text(2, KeyType::Sha1, "bd0aa8d8b763670d38a3f00e46979da07e8495ac").unwrap();
        let sealed = seal(&key, octets("1780031700000000"), 192, 0xeeaa_e92e_6f7a_516a);
        assert_eq!(sealed.len(), 40);
        assert_eq!(sealed[..20], octets("1780031700000000eeaae92e6f7a516a00000002"));
    }
}
