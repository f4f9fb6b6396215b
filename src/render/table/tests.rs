//! What the table form must look like.

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

#[test]
fn a_narrow_terminal_wraps() {
    let text =
        render(&samples::peers("one.example"), TableStyle { width: Some(80), ..TableStyle::default() });
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("│* sys.peer ┆") && text.contains("-0.018"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn colour_changes_nothing_but_the_tally() {
    for width in [None, Some(80)] {
        let plain = TableStyle { width, ..TableStyle::default() };
        let colored = all(TableStyle { color: true, ..plain });
        assert_eq!(colored.matches("\u{1b}[32;1m* sys.peer\u{1b}[0m").count(), 2, "{colored}");
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
        "Selection┆Remote┆Local┆St┆Type┆When┆Poll┆Reach┆Delay┆Offset┆Dispersion"
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
            prop_assert!(table.chars().all(|letter| matches!(letter, ' '..='~' | '\n' | '─'..='╿')), "{}", table);
        }
    }
}
