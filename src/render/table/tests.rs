//! The table output.

use super::*;
use crate::model::report::FaultCause;
use crate::render::samples;
use proptest::prelude::*;

fn all(style: TableStyle) -> String {
    samples::all().iter().map(|report| render(report, style)).collect()
}

#[test]
fn every_table() {
    insta::assert_snapshot!(all(TableStyle { caption: true, ..TableStyle::default() }));
}

/// Returns the words in a table's cells.
fn words(table: &str) -> Vec<&str> {
    table.split([' ', '\n', '│', '┆']).filter(|word| !word.is_empty()).collect()
}

#[test]
fn narrow_terminals_lose_columns_and_never_break_words() {
    let whole = all(TableStyle { caption: true, ..TableStyle::default() });
    // Units follow their values if they have no column.
    let known = words(&whole);
    for width in [120, 80, 60, 40] {
        let style = TableStyle { width: Some(width), caption: true, ..TableStyle::default() };
        let text = all(style);
        assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}: {text}");
        for word in
            words(&text).iter().filter(|word| !word.ends_with('…') && !word.starts_with(['┌', '╞', '└']))
        {
            let is_compact_form = ["Disp.", "377", "*", "+", "x", "-"].contains(word);
            assert!(known.contains(word) || is_compact_form, "{width}: {word} is half a word in {text}");
        }
        insta::assert_snapshot!(format!("{width}_columns"), text);
    }
}

#[test]
fn names_keep_room_and_numbers_stay_whole() {
    let text = |width| {
        render(&samples::peers("one.example"), TableStyle { width: Some(width), ..TableStyle::default() })
    };
    for width in [60, 80] {
        assert!(text(width).contains("Remote") && text(width).contains("-0.018"), "{}", text(width));
    }
    // Numbers stay whole even if nothing fits.
    assert!(text(5).contains("-0.018"), "{}", text(5));
}

#[test]
fn zero_has_no_sign() {
    for (number, shown) in
        [("-0.000", "0.000"), ("-0", "0"), ("-0.001", "-0.001"), ("0.000", "0.000"), ("-", "-")]
    {
        assert_eq!(no_negative_zero(number.to_owned()), shown);
    }
}

#[test]
fn colour_changes_only_the_tally() {
    for width in [None, Some(80)] {
        let plain = TableStyle { width, ..TableStyle::default() };
        let colored = all(TableStyle { color: true, ..plain });
        assert_eq!(colored.matches("\u{1b}[32;1m*").count(), 2, "{colored}");
        let bare = colored.replace("\u{1b}[32;1m", "").replace("\u{1b}[32m", "").replace("\u{1b}[31m", "");
        let bare = bare.replace("\u{1b}[0m", "");
        assert_eq!(bare, all(plain));
    }
}

#[test]
fn columns_of_the_other_billboards() {
    let Report::Peers(report) = samples::peers("one.example") else { panic!("peers") };
    let first = |columns| {
        let text = render(&Report::Peers(PeersReport { columns, ..report.clone() }), TableStyle::default());
        text.lines().nth(1).unwrap().replace([' ', '│'], "")
    };
    assert_eq!(
        first(PeerColumns::Association),
        "Selection┆Remote┆Refid┆Assoc┆St┆Type┆When┆Poll┆Reach┆Delay┆Offset┆Jitter"
    );
    assert_eq!(
        first(PeerColumns::Local),
        "Selection┆Remote┆Local┆St┆Type┆When┆Poll┆Reach┆Delay┆Offset┆Disp."
    );
}

#[test]
fn raw_values_and_failures() {
    let raw = render(&samples::system("one.example"), TableStyle { raw: true, ..TableStyle::default() });
    assert!(raw.contains("┆ \"M-i^[\" ") && raw.contains("┆ 0xeeab7d79.03b7cab1 "), "{raw}");
    assert_eq!(render(&samples::failure("x", FaultCause::NoHost), TableStyle::default()), "");
}

#[test]
fn durations() {
    for (seconds, text) in [
        (-7, "-7 s"),
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (1024, "17 min"),
        (7200, "2 h"),
        (172_800, "2 d"),
        (i64::MAX, "106751991167300 d"),
    ] {
        assert_eq!(duration(seconds), text);
    }
}

proptest! {
    #[test]
    fn whatever_arrives_no_terminal_is_spoken_to(
        text: Vec<u8>, name: Vec<u8>, id: u16, status: u16, width in proptest::option::of(1_u16..200),
    ) {
        for report in samples::any("host", id, status, &name, &text) {
            let table = render(&report, TableStyle { width, ..TableStyle::default() });
            prop_assert!(table.chars().all(|letter| matches!(letter, ' '..='~' | '\n' | '─'..='╿' | '…')), "{}", table);
        }
    }
}
