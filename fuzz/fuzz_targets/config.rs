//! Configuration files: every finding refers to an existing line, and the corrected file parses again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::config::{Edit, Elsewhere, Finding, Language, MAX_FINDINGS, apply_edits, check};

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, text) = input;
    let language = Language::ALL[usize::from(choice) % Language::ALL.len()];
    let findings = check(language, "file", text, &Elsewhere);
    assert!(findings.len() <= MAX_FINDINGS);
    let lines = text.split(|octet| *octet == b'\n').count();
    for finding in &findings {
        assert!(finding.place.line <= lines);
        assert!(!finding.what.is_empty() && !finding.advice().is_empty());
    }
    let edits: Vec<&Edit> = findings.iter().filter_map(|finding: &Finding| finding.edit.as_ref()).collect();
    let fixed = apply_edits(text, &edits);
    assert!(check(language, "file", &fixed, &Elsewhere).len() <= MAX_FINDINGS);
});
