//! The results of the checks, as lines and as JSON.

use super::Examined;
use super::checks::{Check, Verdict};
use crate::render::json::object_line;
use crate::render::text::fill;
use crate::text::visible;
use serde_json::{Value, json};

/// One line per check; named hosts have a heading.
pub fn text(examined: &[Examined]) -> String {
    let one = |examined: &Examined| {
        let heading =
            examined.host.as_ref().map_or(String::new(), |host| format!("{}:\n", visible(host.as_bytes())));
        let lines: String = examined.verdicts.iter().map(|(check, verdict)| line(check, verdict)).collect();
        heading + &lines
    };
    examined.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn line(check: &Check, verdict: &Verdict) -> String {
    let parts = [verdict.seen.as_str(), verdict.why, verdict.mend.as_str()];
    let parts: Vec<String> =
        parts.iter().filter(|part| !part.is_empty()).map(|part| visible(part.as_bytes())).collect();
    format!("{:7} {}: {}\n", verdict.state.tag(), check.name, parts.join("; "))
}

/// The explanation of a check.
pub fn explanation(check: &Check) -> String {
    const WIDTH: usize = 72;
    let lines = fill(check.explanation.split_ascii_whitespace(), " ", WIDTH);
    let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("{}\n{lines}", check.name)
}

/// One object per host.
pub fn json(examined: &[Examined]) -> String {
    let check = |(check, verdict): &(&Check, Verdict)| {
        let given = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        json!({
            "check": check.name,
            "state": verdict.state.tag(),
            "seen": verdict.seen,
            "why": given(verdict.why),
            "mend": given(&verdict.mend),
        })
    };
    let one = |examined: &Examined| {
        let checks: Vec<Value> = examined.verdicts.iter().map(check).collect();
        let state = examined.state().tag();
        object_line(
            &json!({ "schema": "ntpkit.diag.v1", "host": examined.host, "state": state, "checks": checks }),
        )
    };
    examined.iter().map(one).collect()
}
