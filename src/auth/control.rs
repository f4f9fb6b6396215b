//! The authenticator of mode 6 packets (RFC 9327, section 2; RFC 5905, section 7.3).
//!
//! It follows the data: the key's identifier and the message authentication code of everything before it.

use super::key::Key;

/// Length of a key identifier in octets.
const KEY_ID_LENGTH: usize = 4;

/// Requests are padded to a multiple of this before the authenticator, replies to 4 or to this.
const ALIGNMENT: usize = 8;

/// Completes a request: pads `message` (header and data; the count stays that of the data) with zeros to a
/// multiple of 8 octets and appends the authenticator.
pub fn seal(key: &Key, mut message: Vec<u8>) -> Vec<u8> {
    message.resize(message.len().next_multiple_of(ALIGNMENT), 0);
    let mac = key.compute(&message);
    message.extend_from_slice(&key.id().to_be_bytes());
    message.extend_from_slice(mac.as_bytes());
    message
}

/// Checks the authenticator of a reply against the key the request was sealed with. `data_end` is the offset
/// at which the reply's data end: the header's length plus the count.
///
/// # Errors
/// [`AuthenticationError`]. In every case nothing in the packet can be trusted.
///
/// ```
/// use ntpkit::auth::{Key, KeyType, control};
/// use ntpkit::wire::AssociationId;
/// use ntpkit::wire::control::{Header, Opcode};
///
/// let key = Key::new(1, KeyType::Sha1, "secret")?;
/// let header = Header::request(Opcode::READ_VARIABLES, AssociationId::SYSTEM, 1, 2);
/// let mut packet = control::seal(&key, header.encode(b"leap=0"));
/// assert!(control::verify_reply(&key, &packet, 12 + 6).is_ok());
///
/// packet[12] ^= 1;
/// assert!(control::verify_reply(&key, &packet, 12 + 6).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify_reply(key: &Key, packet: &[u8], data_end: usize) -> Result<(), AuthenticationError> {
    let tail_length = KEY_ID_LENGTH + key.key_type().mac_length();
    let (message, tail) = packet
        .len()
        .checked_sub(tail_length)
        .filter(|covered| *covered >= data_end)
        .and_then(|covered| packet.split_at_checked(covered))
        .ok_or(AuthenticationError::Missing)?;
    if message.len() - data_end >= ALIGNMENT {
        return Err(AuthenticationError::Malformed);
    }
    let (id, mac) = tail.split_first_chunk::<KEY_ID_LENGTH>().ok_or(AuthenticationError::Missing)?;
    let found = u32::from_be_bytes(*id);
    if found != key.id() {
        return Err(AuthenticationError::OtherKey { expected: key.id(), found });
    }
    if key.verify(message, mac) { Ok(()) } else { Err(AuthenticationError::Mismatch) }
}

/// Why a reply is not authentic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// No authenticator follows the data, or only the zero key identifier with which a server says that it could
    /// not verify the request.
    #[error("the reply is not authenticated")]
    Missing,
    /// The data is followed by more than padding and one authenticator of the key's type.
    #[error("the reply's authenticator is malformed")]
    Malformed,
    /// The server used a different key from the request's.
    #[error("the reply is authenticated with key {found}, not with key {expected}")]
    OtherKey {
        /// The identifier of the request's key.
        expected: u32,
        /// The identifier in the reply.
        found: u32,
    },
    /// The code does not match: wrong secret or altered packet.
    #[error("the reply's authenticator is wrong")]
    Mismatch,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::digest::KeyType;
    use super::super::tests::octets;
    use super::*;

    const HEADER_LENGTH: usize = 12;

    fn sha1_key() -> Key {
        Key::from_text(5, KeyType::Sha1, "sha1asciikey").unwrap()
    }

    fn cmac_key() -> Key {
        Key::from_text(6, KeyType::Aes128Cmac, "cmacasciikey").unwrap()
    }

    fn md5_key() -> Key {
        Key::from_text(1, KeyType::Md5, "secretmd5key").unwrap()
    }

    /// Header and data of a configuration request, not yet sealed.
    fn configure(sequence: u8, line: &[u8]) -> Vec<u8> {
        let count = u8::try_from(line.len()).unwrap();
        [&[0x16, 8, 0, sequence, 0, 0, 0, 0, 0, 0, 0, count], line].concat()
    }

    /// Sent by ntpq 4.2.8p15 for the same requests and keys.
    #[test]
    fn requests_are_sealed_as_ntpq_seals_them() {
        for (key, request, sent) in [
            (
                sha1_key(),
                configure(3, b"logconfig =syncstatus"),
                "1608000300000000000000156c6f67636f6e666967203d73796e637374617475730000000000000000000005
                 23cad83d86cd857bd5847b648f0b595b3ab04d8a",
            ),
            (
                sha1_key(),
                configure(2, b"bogus line"),
                "16080002000000000000000a626f677573206c696e650000000000058d3bc1b63d0c254155\
                 11106a33d8b26ce94ca7ad",
            ),
            (
                cmac_key(),
                configure(1, b"logconfig =all"),
                "16080001000000000000000e6c6f67636f6e666967203d616c6c000000000000000000066087\
                 86f789deccd34fa18e459cea0bd8",
            ),
            (
                md5_key(),
                configure(1, b"logconfig =syncstatus"),
                "1608000100000000000000156c6f67636f6e666967203d73796e637374617475730000000000000000000001
                 e3908ed2fbf6293bb61b0808d9ddbdd0",
            ),
        ] {
            assert_eq!(seal(&key, request), octets(sent), "{key:?}");
        }
    }

    /// Sent by ntpq 4.2.8p15 to write `a=1` with its less common digests.
    #[test]
    fn requests_are_sealed_with_every_digest() {
        for (key_type, sequence, mac) in [
            (KeyType::Shake128, 1, "47282bb2539d233d4a3a979fc061ccaa"),
            (KeyType::Md4, 2, "4b0145506f8657cfb39cea4a168d2284"),
            (KeyType::Ripemd160, 3, "6d22435b2a9ad12bd16ecd10931ef3b642081abc"),
        ] {
            let key = Key::from_text(7, key_type, "b").unwrap();
            let request = [0x16, 3, 0, sequence, 0, 0, 0, 0, 0, 0, 0, 3, b'a', b'=', b'1'].to_vec();
            let sealed = seal(&key, request);
            assert_eq!(sealed[16..], [&octets("00000007")[..], &octets(mac)].concat(), "{key_type}");
        }
    }

    /// Replies of ntpd 4.2.8p15: data padded to 4 and to 8 octets, and an error without data.
    #[test]
    fn replies_of_ntpd_verify() {
        for (key, reply) in [
            (
                sha1_key(),
                "168800030000000000000012436f6e666967205375636365656465640d0a0000
                 00000005e6471c36b7360fa1f8061f8473e99ab948c00187",
            ),
            (
                sha1_key(),
                "168900060000000000000025436f6e66696775726174696f6e20736176656420746f202773617665642e636f6e66270d
                 0a00000000000000000000059e2ace92895c34835c4295bb73fa7a3e61f3704d",
            ),
            (sha1_key(), "16c3000905000000000000000000 0005b4fb6fa7137cd4c273a5921d9b7bc40d2a7468a4"),
            (
                cmac_key(),
                "168800010000000000000012436f6e666967205375636365656465640d0a0000
                 00000006180616081ccb4d695b197c8eeb6448cd",
            ),
        ] {
            let reply = octets(reply);
            let data_end = HEADER_LENGTH + usize::from(reply[11]);
            assert_eq!(verify_reply(&key, &reply, data_end), Ok(()), "{key:?}");
            for at in 0..reply.len() {
                let mut altered = reply.clone();
                altered[at] ^= 0x10;
                assert!(verify_reply(&key, &altered, data_end).is_err(), "{key:?}, octet {at}");
            }
        }
    }

    #[test]
    fn the_faults_are_distinguished() {
        let sealed = seal(&sha1_key(), configure(1, b"twelve chars"));
        let data_end = HEADER_LENGTH + 12;
        let verify = |packet: &[u8]| verify_reply(&sha1_key(), packet, data_end);
        assert_eq!(verify(&sealed), Ok(()));
        assert_eq!(verify(&sealed[..data_end]), Err(AuthenticationError::Missing));
        assert_eq!(verify(&sealed[..data_end + 4]), Err(AuthenticationError::Missing));
        assert_eq!(verify(&sealed[..sealed.len() - 1]), Err(AuthenticationError::Missing));
        assert_eq!(verify(&[sealed.as_slice(), &[0; 8]].concat()), Err(AuthenticationError::Malformed));
        let other = Key::from_text(9, KeyType::Sha1, "sha1asciikey").unwrap();
        assert_eq!(
            verify_reply(&other, &sealed, data_end),
            Err(AuthenticationError::OtherKey { expected: 9, found: 5 })
        );
        let wrong = Key::from_text(5, KeyType::Sha1, "other secret").unwrap();
        assert_eq!(verify_reply(&wrong, &sealed, data_end), Err(AuthenticationError::Mismatch));
    }

    /// A refusal of ntpd 4.2.8p15 after a failed authentication: the key identifier only.
    #[test]
    fn a_refusal_carries_no_authenticator() {
        let refusal = octets("16c80001010000000000000000000000");
        assert_eq!(verify_reply(&md5_key(), &refusal, HEADER_LENGTH), Err(AuthenticationError::Missing));
    }

    proptest! {
        #[test]
        fn any_packet_is_verified_without_a_panic(packet in prop::collection::vec(any::<u8>(), 0..64), end in any::<usize>()) {
            prop_assert!(verify_reply(&cmac_key(), &packet, end).is_err());
            prop_assert!(verify_reply(&sha1_key(), &packet, end % 64).is_err());
        }

        #[test]
        fn what_is_sealed_verifies(data in prop::collection::vec(any::<u8>(), 0..500)) {
            for key in [sha1_key(), cmac_key(), md5_key()] {
                let sealed = seal(&key, data.clone());
                prop_assert_eq!((sealed.len() - 4 - key.key_type().mac_length()) % 8, 0);
                prop_assert_eq!(verify_reply(&key, &sealed, data.len()), Ok(()));
            }
        }
    }
}
