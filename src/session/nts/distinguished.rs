//! Distinguished names as text (RFC 4514).
//!
//! The library's own text looks every attribute up in a table of two thousand, which the program would carry along.

use std::fmt::Write as _;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{
    Ia5StringRef, ObjectIdentifier, PrintableStringRef, TeletexStringRef, Utf8StringRef,
};
use x509_cert::der::{Encode as _, Tag, Tagged as _};
use x509_cert::name::Name;

/// Attributes of certificates' names, and their short names: those of RFC 4514 section 3, and what authorities for
/// servers write besides.
const SHORT_NAMES: &[(ObjectIdentifier, &str)] = &[
    (ObjectIdentifier::new_unwrap("2.5.4.3"), "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.4"), "SN"),
    (ObjectIdentifier::new_unwrap("2.5.4.5"), "SERIALNUMBER"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("2.5.4.10"), "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (ObjectIdentifier::new_unwrap("2.5.4.12"), "TITLE"),
    (ObjectIdentifier::new_unwrap("2.5.4.13"), "DESCRIPTION"),
    (ObjectIdentifier::new_unwrap("2.5.4.15"), "BUSINESSCATEGORY"),
    (ObjectIdentifier::new_unwrap("2.5.4.17"), "POSTALCODE"),
    (ObjectIdentifier::new_unwrap("2.5.4.41"), "NAME"),
    (ObjectIdentifier::new_unwrap("2.5.4.42"), "GN"),
    (ObjectIdentifier::new_unwrap("2.5.4.46"), "DNQUALIFIER"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"), "UID"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), "DC"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1"), "EMAIL"),
];

/// A name as text: its parts from the last to the first, as RFC 4514 section 2.1 has them.
pub(super) fn text(name: &Name) -> String {
    let mut parts: Vec<String> =
        name.iter_rdn().map(|part| part.iter().map(attribute).collect::<Vec<_>>().join("+")).collect();
    parts.reverse();
    parts.join(",")
}

/// An attribute and its value: as hexadecimal octets where either is of no known kind (RFC 4514 section 2.4).
fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let short = SHORT_NAMES.iter().find(|(known, _)| *known == attribute.oid).map(|(_, short)| short);
    if let (Some(short), Some(value)) = (short, value(attribute)) {
        return format!("{short}={}", escaped(value));
    }
    let octets = attribute.value.to_der().unwrap_or_default();
    let mut text = format!("{}=#", attribute.oid);
    for octet in octets {
        // A string takes all that is written to it.
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// The value, if it is a text.
fn value(attribute: &AttributeTypeAndValue) -> Option<&str> {
    let value = &attribute.value;
    match value.tag() {
        Tag::PrintableString => Some(PrintableStringRef::try_from(value).ok()?.as_str()),
        Tag::Utf8String => Some(Utf8StringRef::try_from(value).ok()?.as_str()),
        Tag::Ia5String => Some(Ia5StringRef::try_from(value).ok()?.as_str()),
        Tag::TeletexString => Some(TeletexStringRef::try_from(value).ok()?.as_str()),
        _ => None,
    }
}

/// A value with what would be taken for something else marked by a backslash.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, letter) in value.chars().enumerate() {
        let is_marked = match letter {
            '#' => at == 0,
            ' ' => at == 0 || at == last,
            _ => "\"+,;<>\\".contains(letter),
        };
        if letter.is_ascii_control() {
            let _ = write!(text, "\\{:02x}", u32::from(letter));
        } else {
            text.extend(is_marked.then_some('\\'));
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr as _;
    use x509_cert::der::asn1::Any;

    /// An attribute with this value.
    fn with(oid: ObjectIdentifier, tag: Tag, value: &str) -> AttributeTypeAndValue {
        AttributeTypeAndValue { oid, value: Any::new(tag, value.as_bytes()).unwrap() }
    }

    #[test]
    fn attributes_are_written_as_the_library_writes_them() {
        for (oid, short) in SHORT_NAMES {
            for tag in [Tag::Utf8String, Tag::PrintableString, Tag::Ia5String, Tag::TeletexString] {
                let attribute = with(*oid, tag, "time.example");
                assert_eq!(super::attribute(&attribute), attribute.to_string(), "{short}");
            }
        }
        let common_name = SHORT_NAMES[0].0;
        for value in
            ["", " ", "  a  ", "#1", "1#", "a, b+c", "\"<>;\\", "a\nb\u{7f}", "Zeit für alle", "é ", " é"]
        {
            let attribute = with(common_name, Tag::Utf8String, value);
            assert_eq!(super::attribute(&attribute), attribute.to_string(), "{value:?}");
        }
        for attribute in [
            with(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1"), Tag::Utf8String, "x"),
            with(common_name, Tag::OctetString, "x"),
        ] {
            assert_eq!(super::attribute(&attribute), attribute.to_string());
        }
    }

    #[test]
    fn the_last_part_stands_first() {
        let name = Name::from_str("CN=time.example+UID=7,O=Example\\, Inc.,C=DE").unwrap();
        assert_eq!(text(&name), "UID=7+CN=time.example,O=Example\\, Inc.,C=DE");
        assert_eq!(text(&name), name.to_string());
    }
}
