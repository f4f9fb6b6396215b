//! Parsing replies, whole and in pieces.

use super::*;
use proptest::prelude::*;

fn all(text: &str, offset: usize, ends: bool) -> Vec<String> {
    let mut items = Vec::new();
    read(&Run { offset, text: text.as_bytes(), ends }, &mut |item| {
        items.push(match item {
            Item::Entry(row, entry) => format!("{row} {}#{} {}", entry.address, entry.port, entry.count),
            Item::Broken(row, fields) => format!("{row} broken {fields:#x}"),
            Item::Nonce(value) => format!("nonce {}", String::from_utf8_lossy(value)),
            Item::OlderLast(value) => format!("older last {}", String::from_utf8_lossy(value)),
            Item::OlderAddress(value) => format!("older {}", String::from_utf8_lossy(value)),
            Item::Now(value) => format!("now {}", String::from_utf8_lossy(value)),
            Item::NewestLast(value) => format!("newest {}", String::from_utf8_lossy(value)),
        });
    });
    items
}

/// As sent by 4.2.8p15, with its shuffled fields and a decoy.
const ANSWER: &str = "nonce=eeaae904461bbc1648fabce5, rs.0=0x0, addr.0=192.0.2.15:123,\r\nlast.0=0xeeaae8f4.f2a604e3, \
    first.0=0xeeaae732.f2aa1924, ct.0=34,\r\nmv.0=36, apr.0=41136, rs.1=0x0, last.1=0xeeaae8f7.f2b60a29, mv.1=36,\r\n\
    addr.1=[2001:db8::11]:123, first.1=0xeeaae735.f2ae885a, ct.1=35,\r\niau.1=38041, now=0xeeaae904.462076fc,\r\n\
    last.newest=0xeeaae8f7.f2b60a29\r\n";

#[test]
fn a_complete_reply() {
    assert_eq!(
        all(ANSWER, 0, true),
        [
            "nonce eeaae904461bbc1648fabce5",
            "0 192.0.2.15#123 34",
            "1 2001:db8::11#123 35",
            "now 0xeeaae904.462076fc",
            "newest 0xeeaae8f7.f2b60a29"
        ]
    );
}

#[test]
fn fields_keep_their_full_range() {
    let mut entries = Vec::new();
    let text = "addr.0=[fe80::1%3]:40961, last.0=0xeeaae8f4.f2a604e3, first.0=0x00000000.ffffffff, ct.0=2147483647, mv.0=38, rs.0=0x8c0,";
    read(&Run { offset: 0, text: text.as_bytes(), ends: false }, &mut |item| {
        if let Item::Entry(_, entry) = item {
            entries.push(entry);
        }
    });
    let [entry] = entries[..] else { panic!("{entries:?}") };
    assert_eq!((entry.address, entry.scope, entry.port), ("fe80::1".parse().unwrap(), 3, 40961));
    assert_eq!((entry.last.0, entry.first.0), (0xeeaa_e8f4_f2a6_04e3, 0xffff_ffff));
    assert_eq!(
        (entry.count, entry.mode(), entry.version(), entry.restrictions),
        (2_147_483_647, 6, 4, 0x8c0)
    );
    assert!(std::mem::size_of::<MruEntry>() <= 56);
}

/// NTPsec's two fields may be anywhere in a row, too.
#[test]
fn scores_and_drops_belong_to_their_row() {
    let row = |number: u8, before: &str, after: &str| {
        format!(
            "{before}addr.{number}=10.0.0.{number}:1, last.{number}=0x00000005.00000000, first.{number}=0x00000005.00000000, \
             ct.{number}=1, mv.{number}=36, rs.{number}=0x0, {after}"
        )
    };
    let text = [
        row(0, "sc.0=0.05, ", "dr.0=7, "),
        row(1, "", "dr.1=0, sc.1=12345.6789, "),
        row(2, "", ""),
        row(3, "sc.3=x, ", "dr.3=-1, now=0x00000006.00000000"),
    ]
    .concat();
    let mut found = Vec::new();
    read(&Run { offset: 0, text: text.as_bytes(), ends: true }, &mut |item| match item {
        Item::Entry(_, entry) => found.push((entry.score.thousandths(), entry.dropped.count())),
        Item::Now(_) => assert_eq!(found.len(), 4),
        other => panic!("{other:?}"),
    });
    assert_eq!(found, [(Some(50), Some(7)), (Some(12_345_678), Some(0)), (None, None), (None, None)]);
}

#[test]
fn items_truncated_at_the_edges_are_dropped() {
    let whole = all(ANSWER, 0, true);
    for cut in 1..ANSWER.len() {
        let (head, tail) = ANSWER.split_at(cut);
        let (mut read, behind) = (all(head, 0, false), all(tail, cut, true));
        read.extend(behind);
        assert!(read.iter().all(|item| whole.contains(item)), "{cut}: {read:?}");
        assert!(read.len() + 2 >= whole.len(), "{cut}: {read:?}");
    }
}

#[test]
fn rows_that_lack_fields_are_reported() {
    let text = "ct.0=1, addr.0=10.0.0.1:1, mv.1=x, rs.1=0x0";
    assert_eq!(all(text, 0, true), ["0 broken 0x21", "1 broken 0x10"]);
    assert_eq!(all(text, 0, false), ["0 broken 0x21"]);
    assert_eq!(all(text, 468, true), ["1 broken 0x10"]);
    assert_eq!(all("last.older=0x1, addr.older=y, addr.x=1, =, ,,a", 0, true), ["older last 0x1", "older y"]);
}

#[test]
fn timestamps_and_addresses_have_one_format() {
    assert_eq!(timestamp(b"0xeeaae8f4.f2a604e3"), Some(NtpTimestamp(0xeeaa_e8f4_f2a6_04e3)));
    for text in [
        "",
        "0x",
        "0xeeaae8f4",
        "0xeeaae8f4.f2a604e",
        "eeaae8f4.f2a604e3",
        "0xeeaae8f4.f2a604e3 ",
        "0x+eaae8f4.f2a604e3",
    ] {
        assert_eq!(timestamp(text.as_bytes()), None, "{text}");
    }
    assert!(socket_address(b"1.2.3.4:5").is_some() && socket_address(b"[::1]:5").is_some());
    assert_eq!(socket_address(b"1.2.3.4").map(|address| address.port()), Some(123));
    assert_eq!(socket_address(b"[::1]"), socket_address(b"::1"));
    assert!(socket_address(b"1.2.3").is_none() && socket_address(b"").is_none());
}

/// Odd values, as 4.2.8p15 parses them.
#[test]
fn odd_numbers() {
    for (text, count) in
        [("3x", Some(3)), (" 3", Some(3)), ("0", None), ("-3", None), ("2147483648", None), ("0x10", None)]
    {
        let mut row = Row::new(Some(0));
        assert_eq!(
            (row.set(COUNT, text.as_bytes()), row.entry.count),
            (count.is_some(), count.unwrap_or(0)),
            "{text}"
        );
    }
    for (text, octet) in [("300", 44), ("-1", 255), ("0x10", 0)] {
        let mut row = Row::new(Some(0));
        assert_eq!((row.set(MODE_VERSION, text.as_bytes()), row.entry.mode_version), (true, octet), "{text}");
    }
    for (text, bits) in
        [("0x1ffff", Some(0xffff)), ("0x8c0", Some(0x8c0)), ("12", None), ("0xzz", None), ("-1", None)]
    {
        let mut row = Row::new(Some(0));
        assert_eq!(
            (row.set(RESTRICTIONS, text.as_bytes()), row.entry.restrictions),
            (bits.is_some(), bits.unwrap_or(0)),
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_safe(text in proptest::collection::vec(any::<u8>(), 0..600), offset in 0_usize..2000, ends: bool) {
        let mut items = 0;
        read(&Run { offset, text: &text, ends }, &mut |_| items += 1);
        prop_assert!(items <= text.len());
    }

    #[test]
    fn two_halves_contain_nothing_that_the_whole_does_not(cut in 0..ANSWER.len()) {
        let whole = all(ANSWER, 0, true);
        let (head, tail) = ANSWER.split_at(cut);
        for item in all(head, 0, false).into_iter().chain(all(tail, cut.max(1), true)) {
            prop_assert!(whole.contains(&item));
        }
    }
}
