//! Timestamps: notations, eras, and arbitrary text.

use proptest::prelude::*;

use super::*;

/// 2026-11-21 00:00:00 UTC.
const NOW: i64 = 1_795_219_200;

#[test]
fn notations() {
    for (text, stamp) in [
        ("0x00000000.00000000", Some(0)),
        ("0xeeaae8a0.f2a46be8", Some(0xeeaa_e8a0_f2a4_6be8)),
        ("0XEEAAE8A0.F2A46BE8", Some(0xeeaa_e8a0_f2a4_6be8)),
        ("0x0123456789abcdef", Some(0x0123_4567_89ab_cdef)),
        ("0x 0123456789abcdef", Some(0x0123_4567_89ab_cdef)),
        ("0x01234567.89abcdef z", Some(0x0123_4567_89ab_cdef)),
        ("0x01234567.89abcdeff", None),
        ("0x0123456789.abcdef", None),
        ("0x0.0", None),
        ("0xeeaae8a0", None),
        ("eeaae8a0.f2a46be8", Some(0xeeaa_e8a0_f2a4_6be8)),
        ("Abcdef01.12345678", Some(0xabcd_ef01_1234_5678)),
        ("f", None),
        ("\"1-Jan-2020 10:11:12\"", Some(0xe1b6_eec0_0000_0000)),
        ("1-Jan-2020 10:11:12 junk", Some(0xe1b6_eec0_0000_0000)),
        ("1-jan-2020 10:11:12", None),
        ("\"1-Jan-2020 10:11\"", None),
        ("15-Mar-20201 1:1:1", None),
        ("123-Jan-20 0:0:0", None),
        ("1-Jan-0 1:2:3", Some(0)),
        ("\"-\"", Some(0)),
        ("-", Some(0)),
        ("-5.5", Some(0xffff_fffa_8000_0000)),
        ("3999999999.5", Some(0xee6b_27ff_8000_0000)),
        ("1e5", None),
        ("junk", None),
        ("", None),
    ] {
        assert_eq!(NtpTimestamp::parse(text.as_bytes()).map(|stamp| stamp.0), stamp, "{text:?}");
    }
}

#[test]
fn two_digit_years() {
    let year = |text: &str| {
        let stamp = NtpTimestamp::parse(text.as_bytes()).expect("a date");
        let pivot = jiff::Timestamp::from_second(NOW).expect("in range");
        jiff::tz::TimeZone::UTC.to_datetime(stamp.to_timestamp(pivot)).year()
    };
    assert_eq!(year("1-Jan-72 0:0:0"), 1972);
    assert_eq!(year("1-Jan-71 0:0:0"), 2071);
    assert_eq!(year("1-Jan-85 0:0:0"), 1985);
}

#[test]
fn eras() {
    for (seconds, unix) in [
        (0x0000_0001, 2_085_978_497), // 2036-02-07 06:28:17
        (0x8000_0000, -61_505_152),   // 1968-01-20 03:14:08
        (0xffff_ffff, 2_085_978_495),
        (0xeeaa_e8a0, 1_795_189_280),
    ] {
        assert_eq!(NtpTimestamp::new(seconds, 0).unix_seconds(NOW), unix, "{seconds:#x}");
    }
    // The first and the last second of the window around the pivot.
    let epoch = u32::try_from(UNIX_EPOCH).expect("in the first era");
    assert_eq!(nearest_unix_seconds(epoch, 1 << 31), 0);
    assert_eq!(nearest_unix_seconds(epoch, (1 << 31) + 1), 1 << 32);
}

proptest! {
    #[test]
    fn conversions_agree(seconds in -60_000_000_000_i64..200_000_000_000, nanoseconds in 0_i32..1_000_000_000) {
        let time = jiff::Timestamp::new(seconds, nanoseconds).unwrap();
        let back = NtpTimestamp::from(time).to_timestamp(time);
        let difference = (time.as_nanosecond() - back.as_nanosecond()).abs();
        prop_assert!(difference <= 1, "{time} {back}");
    }

    #[test]
    fn any_text_is_parsed_or_rejected(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = NtpTimestamp::parse(&text);
    }

    #[test]
    fn any_pivot_is_safe(stamp: u64, pivot: i64) {
        NtpTimestamp(stamp).unix_seconds(pivot);
    }

    #[test]
    fn the_usual_notation_round_trips(stamp: u64) {
        let stamp = NtpTimestamp(stamp);
        let text = format!("0x{:08x}.{:08x}", stamp.seconds(), stamp.fraction());
        prop_assert_eq!(NtpTimestamp::parse(text.as_bytes()), Some(stamp));
    }
}

#[test]
fn differences_wrap_with_the_era() {
    let last = NtpTimestamp(0xffff_ffff_8000_0000);
    let next = NtpTimestamp(0x0000_0001_0000_0000);
    assert_eq!((next.since(last), last.since(next)), (0x1_8000_0000, -0x1_8000_0000));
    assert!(last.is_before(next) && !next.is_before(last) && !next.is_before(next));
    assert!((next.seconds_since(last) - 1.5).abs() < 1e-9);
}
