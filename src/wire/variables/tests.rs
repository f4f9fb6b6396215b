//! Parsing variables: the cases of the classic program, and arbitrary octets.

use proptest::prelude::*;

use super::*;

/// The variables as `name` or `name=value`, joined by `|`, then the fault.
fn summary(data: &[u8]) -> String {
    summary_of(&scan_as_original(data))
}

fn summary_of(scan: &Scan<'_>) -> String {
    let fault = scan
        .fault
        .map(|fault| format!(" !{:?} {}", fault.kind, fault.excerpt.escape_ascii()))
        .unwrap_or_default();
    let text = scan
        .variables
        .iter()
        .map(|variable| match variable.value {
            None => variable.name.escape_ascii().to_string(),
            Some(value) => format!("{}={}", variable.name.escape_ascii(), value.escape_ascii()),
        })
        .collect::<Vec<_>>()
        .join("|");
    text + &fault
}

/// What 4.2.8p15 drops silently is parsed, or is a fault.
#[test]
fn quotes_span_lines_and_nothing_is_lost_silently() {
    for (data, expected) in [
        (&b"a=1, b=\"multi \r\n line\", c=3"[..], "a=1|b=\\\"multi \\r\\n line\\\"|c=3"),
        (b"a= \"x,\ny\",\r\nb=2\r\n", "a=\\\"x,\\ny\\\"|b=2"),
        (b"a=\"x\ny\" junk,b=2", "a=\\\"x\\ny\\\" junk|b=2"),
        (b"a=\"x\ny\"\nb=2", "a=\\\"x\\ny\\\" !BehindEnd b=2"),
        // Stale memory within a value is not a quote that spans lines.
        (b"a= 0\"\xb5 1.0,\r\nb=2\r\n", " !NoClosingQuote a= 0\\\"\\xb5 1.0,\\r\\nb=2\\r\\n"),
        (b"a= 0\n\xb5 1.0,\r\nb=2\r\n", "a=0 !BehindEnd \\xb5 1.0,\\r\\nb=2"),
        (b"a= 0\0\xb5 1.0,\r\nb=2\r\n", "a=0 !BehindEnd \\xb5 1.0,\\r\\nb=2"),
        // Stale memory after the end is not a loss.
        (b"a=1,\r\nb=2\r\n\0\0stale=1,", "a=1|b=2"),
        (b"a=1\r\nstale=1", "a=1"),
        (b"a\r\nstale=1", "a"),
        (b"a=1\r\n\0", "a=1"),
        (b"a=1\n\n\0\0", "a=1"),
        (b"a=1\nb=2", "a=1 !BehindEnd b=2"),
        (b"a=1,\r\n\r\n,b=2\r\n\0\0", "a=1|b=2"),
        (b"=5,b=2", " !MissingName =5,b=2"),
        (b"a=1,=3\r\n,b=2", "a=1 !MissingName =3\\r\\n,b=2"),
        (b"a=\"unclosed,\r\nb=2\r\n", " !NoClosingQuote a=\\\"unclosed,\\r\\nb=2\\r\\n"),
        (b"a=1\0b=2", "a=1 !BehindEnd b=2"),
        (b"a=\"x\0y\",b=1", " !NoClosingQuote a=\\\"x"),
        (b"", ""),
        (b"\r\n", ""),
    ] {
        assert_eq!(summary_of(&scan(data)), expected, "{}", data.escape_ascii());
    }
}

#[test]
fn separators_and_ends() {
    for (data, expected) in [
        (&b"a=1,b,c=2"[..], "a=1|b|c=2"),
        (b"a=1,,b=2", "a=1|b=2"),
        (b"a=1\r\nb=2", "a=1"),
        (b"a=1\nb=3,c=4", "a=1"),
        (b"a=1,\r\nb=2\r\n", "a=1|b=2"),
        (b"a=1,\r\n\r\n,b=2", "a=1|b=2"),
        (b"a=1;\r\n,b=3", "a=1;"),
        (b"a = 1 , b=2", "a=1|b=2"),
        (b"=5,b=2", ""),
        (b"a=1,=3,b=2", "a=1"),
        (b"a=b=c", "a=b=c"),
        (b"a=1\0b=2,c=3", "a=1"),
        (b",\0,a=1", ""),
        (b"associd=3,a=", "associd=3|a="),
        (b"a\r\nb=2", "a"),
        (b"a,\nb", "a|b"),
        (b"a= 1\n,b=2", "a=1"),
        (b"a=\n1,b=2", "a="),
        (b"\r\na=1", "a=1"),
        (b"a\n=1", "a"),
        (b"     ", ""),
        (b"", ""),
    ] {
        assert_eq!(summary(data), expected, "{}", data.escape_ascii());
    }
}

#[test]
fn blanks_and_control_characters_at_the_edges() {
    for (data, expected) in [
        (&b"\x0b a \x0c= 1"[..], "a=1"),
        (b"\x01\x02,\r\n,a=1", "a=1"),
        (b"a=1 \x01,b=2", "a=1|b=2"),
        (b"a=x\x1fy\x1f,b=2", "a=x\\x1fy|b=2"),
        (b"a=\xe9\x01\x7f,b=\x1b[31m", "a=\\xe9\\x01\\x7f|b=[31m"),
        (b"a\x01b=2", "a\\x01b=2"),
        (b"a=\x80 ,b=\xa0c\xa0", "a=\\x80|b=\\xa0c\\xa0"),
    ] {
        assert_eq!(summary(data), expected, "{}", data.escape_ascii());
    }
}

#[test]
fn quotes() {
    for (data, expected) in [
        (&b"a=\"x,y\",b=2"[..], "a=\\\"x,y\\\"|b=2"),
        (b"a=\"unclosed, b=2", " !NoClosingQuote a=\\\"unclosed, b=2"),
        (b"a=\"x\" junk,b=2", "a=\\\"x\\\" junk|b=2"),
        (b"a=x\"y\"z,b=3", "a=x\\\"y\\\"z|b=3"),
        (b"a=x\"y z", " !NoClosingQuote a=x\\\"y z"),
        (b"a=\"x\"\"y,z\",b", "a=\\\"x\\\"\\\"y,z\\\"|b"),
        (b"a=1, b=\"multi \r\n line\", c=3", "a=1 !NoClosingQuote b=\\\"multi \\r\\n line\\\", c=3"),
        (b"a=\"x\0y\",b=1", " !NoClosingQuote a=\\\"x"),
        (b"a= \"x\"  ,b=2", "a=\\\"x\\\"|b=2"),
        (b"\"a,b\"=1", "\\\"a|b\\\"=1"),
        (b"a=\"\"", "a=\\\"\\\""),
    ] {
        assert_eq!(summary(data), expected, "{}", data.escape_ascii());
    }
}

#[test]
fn limits() {
    let text = |name: usize, value: usize| {
        let mut text = vec![b'x'; name];
        text.push(b'=');
        text.resize(name + 1 + value, b'q');
        text
    };
    assert_eq!(scan(&text(255, 2047)).variables.len(), 1);
    let long_name = text(256, 1);
    assert_eq!(scan(&long_name).fault, Some(Fault { kind: FaultKind::RunawayName, excerpt: &[b'x'; 50] }));
    let long_value = text(1, 2048);
    assert_eq!(scan(&long_value).fault, Some(Fault { kind: FaultKind::RunawayValue, excerpt: &[b'q'; 50] }));
    // Padding does not count.
    let mut padded = b"x=   ".to_vec();
    padded.extend([b'q'; 2047]);
    padded.extend([b' '; 100]);
    assert_eq!(scan(&padded).variables.len(), 1);
}

#[test]
fn the_last_variable_counts() {
    let scan = scan(b"stratum=1, version=\"x, y\", stratum=0x10, leap");
    assert_eq!(scan.unsigned("stratum"), Some(16));
    assert_eq!(scan.value("version"), Some(&b"x, y"[..]));
    assert_eq!(scan.value("leap"), Some(&b""[..]));
    assert_eq!(scan.last("absent"), None);
}

proptest! {
    #[test]
    fn parsing_stays_within_bounds(data in proptest::collection::vec(any::<u8>(), 0..4000)) {
        for variable in scan(&data).variables.into_iter().chain(scan_as_original(&data).variables) {
            prop_assert!(!variable.name.is_empty() && variable.name.len() <= MAX_NAME_LENGTH);
            prop_assert!(variable.text().len() <= MAX_VALUE_LENGTH);
            prop_assert!(!variable.text().contains(&0));
        }
    }

    #[test]
    fn plain_variables_round_trip_with_classic_rules(items in proptest::collection::vec(("[a-z_]{1,20}", "[ -!#-+.-~]{0,40}"), 0..20)) {
        let text = items.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect::<Vec<_>>().join(", ");
        prop_assert_eq!(scan_as_original(text.as_bytes()), scan(text.as_bytes()));
    }

    #[test]
    fn plain_variables_round_trip(items in proptest::collection::vec(("[a-z_]{1,20}", "[ -!#-+.-~\r\n]{0,40}"), 0..20)) {
        let text = items.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect::<Vec<_>>();
        let text = text.join(", ");
        let scanned = scan(text.as_bytes());
        prop_assert_eq!(scanned.fault, None);
        let read: Vec<_> = scanned.variables.iter().map(|variable| (variable.name, variable.unquoted())).collect();
        let sent: Vec<_> = items.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        prop_assert_eq!(read, sent);
    }
}
