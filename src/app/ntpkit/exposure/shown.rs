//! The findings as lines and as JSON.

use super::findings::{Examined, Finding};
use crate::cli::plugin::State;
use crate::render::json::object_line;
use crate::session::exposure::Treatment;
use crate::text::visible;
use serde_json::{Value, json};

/// A heading for each host and a line for each question, then the configuration that closes what is open.
pub fn text(examined: &[Examined]) -> String {
    let mut text: String = examined.iter().map(host).collect::<Vec<_>>().join("\n");
    let mut mends: Vec<&str> = Vec::new();
    for mend in examined.iter().flat_map(|one| &one.findings).filter_map(|finding| finding.mend) {
        if !mends.contains(&mend) {
            mends.push(mend);
        }
    }
    if !mends.is_empty() {
        text.push_str("\nTo close what is open:\n");
        text.extend(mends.iter().map(|mend| format!("    {mend}\n")));
    }
    text
}

fn host(examined: &Examined) -> String {
    let name = visible(examined.name.as_bytes());
    let heading = match examined.address {
        Some(address) if address.ip().to_string() != examined.name => format!("{name} ({}):\n", address.ip()),
        _ => format!("{name}:\n"),
    };
    let mut lines = vec![heading];
    if let Some(fault) = &examined.fault {
        lines.push(format!("{:7} {}\n", State::Unknown.tag(), visible(fault.as_bytes())));
    }
    lines.extend(
        examined
            .findings
            .iter()
            .map(|Finding { state, name, seen, .. }| format!("{:7} {name}: {seen}\n", state.tag())),
    );
    if examined.fault.is_none() && examined.state() == State::Unknown {
        lines.push(format!(
            "{:7} no answer to anything: it may be down, or not reachable from here\n",
            State::Unknown.tag()
        ));
    }
    lines.concat()
}

/// An object for each host.
pub fn json(examined: &[Examined]) -> String {
    let answer = |finding: &Finding| {
        let answer = finding.answer;
        let treatment = match answer.treatment {
            Treatment::Silent => "silent",
            Treatment::Refused => "refused",
            Treatment::Answered => "answered",
        };
        json!({
            "question": finding.name,
            "state": finding.state.tag(),
            "treatment": treatment,
            "octets_sent": answer.sent,
            "octets_received": answer.received,
            "datagrams_received": answer.datagrams,
            "amplification": answer.amplification(),
            "mend": finding.mend,
        })
    };
    let one = |examined: &Examined| {
        let answers: Vec<Value> = examined.findings.iter().map(answer).collect();
        object_line(&json!({
            "schema": "ntpkit.exposure.v1",
            "host": examined.name,
            "address": examined.address.map(|address| address.ip().to_string()),
            "port": examined.address.map(|address| address.port()),
            "state": examined.state().tag(),
            "fault": examined.fault,
            "answers": answers,
        }))
    };
    examined.iter().map(one).collect()
}
