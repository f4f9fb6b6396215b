//! Findings as lines, as JSON and as a diff.

use super::Checked;
use crate::config::{Edit, Finding, Surroundings, apply_edits};
use crate::render::json::object_line;
use crate::text::visible;
use serde_json::{Value, json};
use similar::TextDiff;
use std::collections::BTreeMap;

/// Formats a finding as a line.
pub fn line(finding: &Finding) -> String {
    let place = &finding.place;
    let mut at = visible(place.file.as_bytes());
    if place.line > 0 {
        at += &format!(":{}:{}", place.line, place.column.max(1));
    }
    let (severity, rule) = (finding.rule.severity.name(), finding.rule);
    let (what, better) = (visible(finding.what.as_bytes()), visible(finding.advice().as_bytes()));
    format!("{at}: {severity}: {what}: {}; {better} [{}]\n", rule.why(), rule.id())
}

/// Formats all findings as one object.
pub fn json(checked: &[Checked], suggest: bool, surroundings: &dyn Surroundings) -> Vec<u8> {
    let number = |number: usize| if number == 0 { Value::Null } else { number.into() };
    let finding = |finding: &Finding| {
        json!({
            "file": finding.place.file,
            "line": number(finding.place.line),
            "column": number(finding.place.column),
            "severity": finding.rule.severity.name(),
            "rule": finding.rule.id(),
            "refused": finding.rule.is_syntax,
            "what": finding.what,
            "why": finding.rule.why(),
            "better": finding.advice(),
        })
    };
    let configurations: Vec<Value> = checked
        .iter()
        .map(|one| {
            let findings: Vec<Value> = one.findings.iter().map(finding).collect();
            let diff = suggest.then(|| diffs(std::slice::from_ref(one), surroundings, false));
            let suggestion = diff.map(|diff| String::from_utf8_lossy(&diff).into_owned());
            json!({
                "file": one.file,
                "daemon": one.language.name(),
                "findings": findings,
                "suggestion": suggestion,
            })
        })
        .collect();
    object_line(&json!({ "schema": "ntpkit.config-check.v1", "configurations": configurations })).into_bytes()
}

/// The suggested changes as a diff. On a terminal, control characters in the file are escaped.
pub fn diffs(checked: &[Checked], surroundings: &dyn Surroundings, for_terminal: bool) -> Vec<u8> {
    let mut told = Vec::new();
    for one in checked {
        let mut edits: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
        for finding in &one.findings {
            if let Some(edit) = &finding.edit {
                edits.entry(&finding.place.file).or_default().push(edit);
            }
        }
        for (file, edits) in edits {
            let included = (file != one.file).then(|| surroundings.read(file).unwrap_or_default());
            let before = included.as_ref().unwrap_or(&one.text);
            let after = apply_edits(before, &edits);
            if after != *before {
                told.extend(diff(file, before, &after, for_terminal));
            }
        }
    }
    told
}

fn diff(file: &str, before: &[u8], after: &[u8], for_terminal: bool) -> Vec<u8> {
    let file = visible(file.as_bytes());
    let diff = TextDiff::from_lines(before, after);
    let mut octets = Vec::new();
    // Writing to memory cannot fail.
    let _ = diff.unified_diff().header(&file, &file).to_writer(&mut octets);
    if !for_terminal {
        return octets;
    }
    let lines = octets.split_inclusive(|octet| *octet == b'\n');
    lines
        .map(|line| visible(line.strip_suffix(b"\n").unwrap_or(line)).replace("\\x09", "\t") + "\n")
        .collect::<String>()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Elsewhere, Language, check};

    fn checked(text: &str) -> Checked {
        let findings = check(Language::Ntpd, "ntp.conf", text.as_bytes(), &Elsewhere);
        Checked { file: "ntp.conf".into(), language: Language::Ntpd, text: text.into(), findings }
    }

    #[test]
    fn lines_contain_finding_reason_and_advice() {
        let one = checked("driftfile /d\nserver a\x1b[31m perfer\n");
        let refused = one.findings.iter().find(|finding| finding.rule.is_syntax).unwrap();
        let shown = line(refused);
        assert_eq!(
            shown,
            "ntp.conf:2:15: error: `server` has no option `perfer`: the daemon refuses the line or the whole file, \
             or ignores it from there on; did you mean `prefer`? [unknown-word]\n"
        );
        assert!(one.findings.iter().all(|finding| !line(finding).contains('\x1b')));
    }

    #[test]
    fn suggestions_are_a_diff_that_fixes_the_file() {
        let one = checked("driftfile /d\nserver a perfer");
        let diff = String::from_utf8(diffs(&[one], &Elsewhere, false)).unwrap();
        assert!(diff.starts_with("--- ntp.conf\n+++ ntp.conf\n@@ "), "{diff}");
        assert!(
            diff.contains("\n-server a perfer\n") && diff.contains("\n+server a iburst prefer\n"),
            "{diff}"
        );
        assert!(
            String::from_utf8(diffs(&[checked("server a\x1b x\n")], &Elsewhere, true))
                .unwrap()
                .contains("\\x1b")
        );
    }
}
