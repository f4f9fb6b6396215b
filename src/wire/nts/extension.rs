//! Extension fields of NTP packets (RFC 7822), and those of NTS (RFC 8915 section 5).

use crate::wire::packet::HEADER_LENGTH;
use crate::wire::reader::Reader;
use thiserror::Error;

/// Octets before a field's body.
pub const FIELD_HEADER_LENGTH: usize = 4;
/// Minimum length of a field, including its header (RFC 7822 section 3).
const MIN_LENGTH: usize = 16;
/// Maximum number of fields parsed per packet.
const MAX_FIELDS: usize = 64;

/// The type of an extension field (RFC 8915 section 7.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldType(pub u16);

impl FieldType {
    /// A random number that the reply repeats.
    pub const UNIQUE_IDENTIFIER: Self = Self(0x0104);
    /// A cookie.
    pub const COOKIE: Self = Self(0x0204);
    /// Room for one more cookie in the reply.
    pub const COOKIE_PLACEHOLDER: Self = Self(0x0304);
    /// Authenticates everything before it, and contains encrypted fields.
    pub const AUTHENTICATOR: Self = Self(0x0404);

    /// Returns the name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::UNIQUE_IDENTIFIER => "Unique Identifier",
            Self::COOKIE => "NTS Cookie",
            Self::COOKIE_PLACEHOLDER => "NTS Cookie Placeholder",
            Self::AUTHENTICATOR => "NTS Authenticator and Encrypted Extension Fields",
            _ => "unknown",
        }
    }
}

/// A field in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its type.
    pub kind: FieldType,
    /// Its body, including padding.
    pub body: &'a [u8],
    /// Octets before it.
    pub offset: usize,
}

/// Octets that are not extension fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the octets after the NTP header are not an extension field (RFC 7822)")]
pub struct Malformed;

/// Parses the fields after a packet's header.
///
/// # Errors
/// [`Malformed`] if anything after the header is not a field, or there are too many.
pub fn fields(packet: &[u8]) -> Result<Vec<Field<'_>>, Malformed> {
    let behind = packet.get(HEADER_LENGTH..).ok_or(Malformed)?;
    read(behind, HEADER_LENGTH)
}

/// Parses fields that were encrypted.
///
/// # Errors
/// [`Malformed`] if anything is not a field, or there are too many.
pub fn inner_fields(octets: &[u8]) -> Result<Vec<Field<'_>>, Malformed> {
    read(octets, 0)
}

fn read(octets: &[u8], begin: usize) -> Result<Vec<Field<'_>>, Malformed> {
    let mut reader = Reader::new(octets);
    let mut fields = Vec::new();
    while !reader.is_at_end() {
        let offset = begin + (octets.len() - reader.rest().len());
        let kind = reader.u16().ok_or(Malformed)?;
        let length = usize::from(reader.u16().ok_or(Malformed)?);
        if length < MIN_LENGTH || length % 4 != 0 || fields.len() >= MAX_FIELDS {
            return Err(Malformed);
        }
        let body = reader.take(length - FIELD_HEADER_LENGTH).ok_or(Malformed)?;
        fields.push(Field { kind: FieldType(kind), body, offset });
    }
    Ok(fields)
}

/// Appends a field to a packet, padded with zeros to a multiple of four octets and the minimum length. If the body is
/// too long for a field, leaves the packet unchanged and returns false.
pub fn push(packet: &mut Vec<u8>, kind: FieldType, body: &[u8]) -> bool {
    let length = (FIELD_HEADER_LENGTH + body.len()).next_multiple_of(4).max(MIN_LENGTH);
    let Ok(length_field) = u16::try_from(length) else { return false };
    let end = packet.len() + length;
    packet.extend(kind.0.to_be_bytes());
    packet.extend(length_field.to_be_bytes());
    packet.extend(body);
    packet.resize(end, 0);
    true
}

/// The body of [`FieldType::AUTHENTICATOR`] (RFC 8915 section 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authenticator<'a> {
    /// The algorithm's nonce.
    pub nonce: &'a [u8],
    /// The encrypted fields, with the algorithm's tag.
    pub ciphertext: &'a [u8],
}

impl<'a> Authenticator<'a> {
    /// Parses the body of a field; `None` if it is inconsistent.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let nonce_length = usize::from(reader.u16()?);
        let ciphertext_length = usize::from(reader.u16()?);
        let nonce = reader.take(nonce_length.next_multiple_of(4))?.get(..nonce_length)?;
        let ciphertext = reader.take(ciphertext_length.next_multiple_of(4))?.get(..ciphertext_length)?;
        Some(Self { nonce, ciphertext })
    }

    /// Encodes the body of a field, with this much additional padding. `None` if it is too long for a field.
    pub fn to_body(&self, padding: usize) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        body.extend(u16::try_from(self.nonce.len()).ok()?.to_be_bytes());
        body.extend(u16::try_from(self.ciphertext.len()).ok()?.to_be_bytes());
        for part in [self.nonce, self.ciphertext] {
            body.extend(part);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        body.resize(body.len() + padding, 0);
        Some(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_padded_and_have_a_minimum_length() {
        let mut packet = vec![0; HEADER_LENGTH];
        assert!(push(&mut packet, FieldType::UNIQUE_IDENTIFIER, &[1; 32]));
        assert!(push(&mut packet, FieldType(9), &[2; 5]));
        assert!(push(&mut packet, FieldType::COOKIE, &[3; 101]));
        assert_eq!(packet.len(), HEADER_LENGTH + 36 + 16 + 108);
        let read: Vec<_> =
            fields(&packet).unwrap().iter().map(|field| (field.kind.0, field.offset)).collect();
        assert_eq!(read, [(0x0104, 48), (9, 84), (0x0204, 100)]);
        assert!(!push(&mut packet, FieldType::COOKIE, &vec![0; 65_536]));
        assert_eq!(packet.len(), HEADER_LENGTH + 36 + 16 + 108);
    }

    #[test]
    fn an_invalid_field_invalidates_the_packet() {
        let header = [0; HEADER_LENGTH];
        assert_eq!(fields(&header), Ok(vec![]));
        assert_eq!(fields(&header[1..]), Err(Malformed));
        for tail in [
            &[1_u8, 4][..],
            &[0; 4],
            &[1, 4, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[1, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0],
            &[1, 4, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(fields(&[&header, tail].concat()), Err(Malformed), "{tail:?}");
        }
        let mut many = header.to_vec();
        for _ in 0..=MAX_FIELDS {
            push(&mut many, FieldType(1), &[]);
        }
        assert_eq!(fields(&many), Err(Malformed));
    }

    #[test]
    fn an_authenticator_must_be_as_long_as_it_claims() {
        for body in [&[][..], &[0, 4, 0, 0], &[0, 1, 0, 0, 9], &[0, 0, 0, 5, 1, 2, 3, 4], &[0xff; 40]] {
            assert_eq!(Authenticator::parse(body), None, "{body:?}");
        }
        let whole = Authenticator { nonce: &[1; 5], ciphertext: &[2; 17] };
        let body = whole.to_body(8).unwrap();
        assert_eq!(body.len(), 4 + 8 + 20 + 8);
        assert_eq!(Authenticator::parse(&body), Some(whole));
    }

    proptest! {
        #[test]
        fn fields_round_trip(
            written in proptest::collection::vec((any::<u16>(), proptest::collection::vec(any::<u8>(), 0..60)), 0..20)
        ) {
            let mut packet = vec![0; HEADER_LENGTH];
            for (kind, body) in &written {
                prop_assert!(push(&mut packet, FieldType(*kind), body));
            }
            let read = fields(&packet).unwrap();
            prop_assert_eq!(read.len(), written.len());
            for (field, (kind, body)) in read.iter().zip(&written) {
                prop_assert_eq!(field.kind.0, *kind);
                prop_assert!(field.body.starts_with(body) && field.body[body.len()..].iter().all(|octet| *octet == 0));
            }
        }

        #[test]
        fn any_octets_are_safe(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            for field in inner_fields(&octets).unwrap_or_default() {
                prop_assert!(field.offset + field.body.len() <= octets.len());
            }
            if let Some(found) = Authenticator::parse(&octets) {
                prop_assert!(found.nonce.len() + found.ciphertext.len() <= octets.len());
            }
        }
    }
}
