//! Tests of the rules, on short configurations.

use super::*;
use crate::config::{Elsewhere, apply_edits};

/// Sources enough for every rule about them.
const SOURCES: &str = "[[source]]\nmode = \"pool\"\naddress = \"pool.example\"\n";
const OBSERVED: &str = "[observability]\nobservation-path = \"/run/ntpd-rs/observe\"\n";

fn findings(text: &str) -> Vec<Finding> {
    check("ntp.toml", text.as_bytes(), &Elsewhere)
}

fn rules(text: &str) -> Vec<(&'static str, usize)> {
    findings(text).iter().map(|finding| (finding.rule.id(), finding.place.line)).collect()
}

#[test]
fn a_good_configuration_has_no_findings() {
    let text = format!("# a comment\n{OBSERVED}{SOURCES}[synchronization]\nlocal-stratum = 16\n");
    assert_eq!(rules(&text), []);
}

#[test]
fn what_the_daemon_refuses_is_found_where_it_is() {
    for (text, expected) in [
        ("loglevel = 1\n", ("unknown-word", 4)),
        ("[keyset]\nstale-key-count = \"x\"\n", ("bad-value", 5)),
        ("[keyset]\nstale-keys = 1\n", ("unknown-word", 5)),
        ("[source-defaults]\npoll-interval-limits = { min = 4 }\n", ("bad-value", 5)),
        ("[[source]]\nmode = \"pol\"\naddress = \"a\"\n", ("bad-value", 5)),
        ("[[source]]\naddress = \"a\"\n", ("bad-value", 4)),
        ("[[source]]\nmode = \"server\"\n", ("bad-value", 4)),
        ("[[source]]\nmode = \"server\"\naddress = \"a\"\ncount = 4\n", ("unknown-word", 7)),
        ("[[source]]\nmode = \"sock\"\npath = \"/a\"\n", ("bad-value", 4)),
        ("[[server]]\nlisten = \"0.0.0.0\"\n", ("bad-value", 5)),
        ("[[nts-ke-server]]\nlisten = \"[::]:4460\"\nprivate-key-path = \"/k\"\n", ("bad-value", 4)),
        ("[server]\nlisten = \"[::]:123\"\n", ("bad-value", 4)),
        ("[[keyset]]\n", ("bad-value", 4)),
        ("[synchronization]\nalgorithm = 1\n", ("bad-value", 5)),
        ("[synchronization.algorithm]\nstep-treshold = 1\n", ("unknown-word", 5)),
        ("[clock]\ntimestamp-mode = \"software\"\n", ("not-built", 4)),
    ] {
        let text = format!("{SOURCES}{text}");
        let found = rules(&text).into_iter().filter(|(id, _)| *id != "no-observation");
        assert_eq!(found.collect::<Vec<_>>(), [expected], "{text}");
        assert!(findings(&text).iter().any(|finding| finding.rule.is_syntax));
    }
}

#[test]
fn errors_of_syntax_are_found_and_the_rest_is_checked() {
    assert_eq!(rules("a b\n"), [("toml-syntax", 1)]);
    assert_eq!(rules("a =\n[keyset]\nstale-keys = 1\n"), [("toml-syntax", 1), ("unknown-word", 3)]);
    assert_eq!(rules("[keyset]\n[keyset]\n"), [("toml-syntax", 2)]);
    assert_eq!(check("f", b"a\n\xff", &Elsewhere)[0].rule.id(), "toml-syntax");
}

#[test]
fn practice_has_rules_too() {
    let one = "[[source]]\nmode = \"server\"\naddress = \"a\"\n";
    for (text, expected) in [
        (format!("{OBSERVED}{one}"), vec![("few-agree", 5)]),
        (
            format!("{OBSERVED}{one}[synchronization]\nminimum-agreeing-sources = 1\n"),
            vec![("few-sources", 5)],
        ),
        (format!("{OBSERVED}{one}[synchronization]\nminimum-agreeing-sources = 2\n"), vec![("few-agree", 7)]),
        (format!("{OBSERVED}{SOURCES}{SOURCES}"), vec![("duplicate-source", 8)]),
        (OBSERVED.to_owned(), vec![("no-sources", 0)]),
        (SOURCES.to_owned(), vec![("no-observation", 0)]),
        (format!("{OBSERVED}observation-permissions = 666\n{SOURCES}"), vec![("permissions", 3)]),
        (format!("{OBSERVED}observation-permissions = 0o666\n{SOURCES}"), vec![]),
        (
            format!(
                "{OBSERVED}{SOURCES}[synchronization]\nsingle-step-panic-threshold = \"inf\"\nlocal-stratum = 1\n"
            ),
            vec![("panic-off", 7), ("local-stratum", 8)],
        ),
        (format!("{OBSERVED}{SOURCES}initial-poll-interval = 3\n"), vec![("poll-range", 6)]),
        (format!("{OBSERVED}{SOURCES}poll-interval-limits = {{ min = 11 }}\n"), vec![("poll-range", 6)]),
        (
            format!("{OBSERVED}{SOURCES}[[server]]\nlisten = \"[::]:123\"\nrate-limiting-cutoff-ms = 9\n"),
            vec![("rate-alone", 8)],
        ),
    ] {
        assert_eq!(rules(&text), expected, "{text}");
    }
}

#[test]
fn suggestions_make_it_right() {
    let text = format!(
        "{OBSERVED}log-level = \"wran\"\nansi-colours = true\n[source]\nmode = \"pool\"\naddress = \"p\"\n"
    );
    let found = findings(&text);
    let edits: Vec<&Edit> = found.iter().filter_map(|finding| finding.edit.as_ref()).collect();
    let better = String::from_utf8(apply_edits(text.as_bytes(), &edits)).unwrap();
    assert_eq!(rules(&better), [], "{better}");
}

#[test]
fn a_file_of_nonsense_ends_the_check_soon() {
    for text in
        ["[".repeat(100_000), "a={".repeat(50_000), "a=1\n".repeat(50_000), "[[source]]\n".repeat(20_000)]
    {
        assert!(findings(&text).len() <= MAX_FINDINGS);
    }
}
