//! Recorded calls, and synthetic messages in both byte orders.

use super::*;
use proptest::prelude::*;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Builds a message in either byte order from its type, the serial number that it answers, and the signature and octets
/// of its body.
fn message(big_endian: bool, kind: u8, answers: u32, signature: &str, body: &[u8]) -> Vec<u8> {
    let number = |number: u32| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut fields = vec![5, 1, b'u', 0];
    fields.extend(number(answers));
    fields.extend([8, 1, b'g', 0, u8::try_from(signature.len()).unwrap()]);
    fields.extend(signature.bytes());
    fields.push(0);
    let mut message = vec![if big_endian { b'B' } else { b'l' }, kind, 1, 1];
    message.extend(number(u32::try_from(body.len()).unwrap()));
    message.extend(number(77));
    message.extend(number(u32::try_from(fields.len()).unwrap()));
    message.extend(fields);
    align(&mut message, 8);
    message.extend(body);
    message
}

#[test]
fn a_call_on_the_wire() {
    let call = Call {
        destination: "org.freedesktop.DBus",
        path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus",
        member: "NameHasOwner",
        arguments: &["org.freedesktop.timesync1"],
    };
    let message = call.encode(2);
    assert_eq!(message.len(), 174);
    assert_eq!(message.get(..24).unwrap(), octets("6c010201 1e000000 02000000 7f000000 01016f00 15000000"));
    assert_eq!(message.get(0x88..0x94).unwrap(), octets("08016700 01730000 19000000"));
    let hello = Call { member: "Hello", arguments: &[], ..call };
    assert_eq!(hello.encode(1).len(), 128);
}

#[test]
fn values_in_both_byte_orders() {
    for big_endian in [false, true] {
        let pair = |number: u32| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        // An array of one dictionary entry: "ab" and a variant containing the number 513.
        let mut body = Vec::new();
        body.extend(pair(16));
        body.extend(pair(0));
        body.extend(pair(2));
        body.extend(b"ab\0\x01u\0\0\0");
        body.extend(pair(513));
        // The length of the array counts from its first, aligned element.
        let length = u32::try_from(body.len() - 8).unwrap();
        body[..4].copy_from_slice(&pair(length));
        let message = message(big_endian, RETURN, 3, "a{sv}", &body);
        let Ok(Some(Reply::Returned(values))) = reply_to(&message, 3) else { panic!("{big_endian}") };
        assert_eq!(values.first().unwrap().entry("ab"), Some(&Value::Unsigned(513)));
        assert_eq!(reply_to(&message, 4), Ok(None));
        let start = message.first_chunk().unwrap();
        assert_eq!(message_length(start), Some(message.len()));
    }
}

#[test]
fn errors_signals_and_malformed_messages() {
    assert_eq!(reply_to(&message(false, ERROR, 3, "s", &[]), 3), Ok(Some(Reply::Failed)));
    assert_eq!(reply_to(&message(false, 4, 3, "s", &[]), 3), Ok(None));
    assert_eq!(reply_to(&message(false, RETURN, 3, "s", &[9, 0, 0, 0]), 3), Err(Malformed));
    assert_eq!(reply_to(&message(false, RETURN, 3, "a()", &[0, 1, 0, 0, 0, 0, 0, 0]), 3), Err(Malformed));
    let deep = "a".repeat(60) + "y";
    assert_eq!(reply_to(&message(false, RETURN, 3, &deep, &[1; 300]), 3), Err(Malformed));
    let nested = "(".repeat(100);
    assert_eq!(reply_to(&message(false, RETURN, 3, &nested, &[1; 300]), 3), Err(Malformed));
    assert_eq!(reply_to(b"x", 3), Err(Malformed));
    assert_eq!(message_length(&[b'l', 2, 0, 1, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]), None);
}

proptest! {
    #[test]
    fn any_octets_are_safe(body in prop::collection::vec(any::<u8>(), 0..200), signature in "[ybuthsogxda(){}v]{0,12}") {
        let message = message(false, RETURN, 3, &signature, &body);
        prop_assert!(matches!(reply_to(&message, 3), Ok(Some(_)) | Err(Malformed)));
        let _ = reply_to(&body, 3);
    }
}
