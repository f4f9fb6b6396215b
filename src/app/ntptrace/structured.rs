//! A trace as JSON.

use super::error::Error;
use super::shown::Shown;
use super::trace::{End, Node};
use crate::render::json::object_line;
use crate::text::visible;
use serde_json::{Value, json};

/// One object on a line, following the schema `ntpkit.trace.v1`.
pub fn json(shown: &Shown<'_>, host: &str, is_complete: bool) -> String {
    let hops: Vec<Value> =
        shown.trace.nodes.iter().enumerate().map(|(place, node)| hop(shown, place, node)).collect();
    let whole = json!({
        "schema": "ntpkit.trace.v1",
        "time": crate::clock::now().to_string(),
        "host": visible(host.as_bytes()),
        "complete": is_complete,
        "chain": shown.trace.chain(),
        "hops": hops,
    });
    object_line(&whole)
}

fn hop(shown: &Shown<'_>, place: usize, node: &Node) -> Value {
    let hop = node.hop();
    let clock = hop.and_then(|hop| hop.clock);
    let sources: Vec<Value> = node
        .edges
        .iter()
        .map(|edge| json!({ "hop": edge.to, "selection": edge.selection.name(), "tally": edge.selection.tally().to_string() }))
        .collect();
    let error = shown.errors.get(place).copied().flatten();
    json!({
        "hop": place,
        "depth": node.depth,
        "name": shown.name(place),
        "address": node.address.ip().to_string(),
        "port": node.address.port(),
        "by": hop.map(|hop| hop.way.word()),
        "stratum": hop.and_then(|hop| hop.stratum),
        "leap": hop.and_then(|hop| hop.leap),
        "offset_s": hop.and_then(|hop| hop.offset).filter(|value| value.is_finite()),
        "synch_distance_s": hop.and_then(|hop| hop.distance).filter(|value| value.is_finite()),
        "refid": hop.and_then(|hop| hop.reference.text()).map(|text| visible(&text)),
        "measured_offset_s": clock.map(|clock| clock.offset),
        "measured_delay_s": clock.map(|clock| clock.delay),
        "sources": sources,
        "end": node.end.as_ref().map(word),
        "message": shown.reason(place),
        "error_begins": error.is_some(),
        "error": error.map(|error| match error {
            Error::Unsynchronized => json!({ "kind": "unsynchronized", "offset_s": null }),
            Error::FromSource(seconds) => json!({ "kind": "from_source", "offset_s": seconds }),
            Error::FromMajority(seconds) => json!({ "kind": "from_majority", "offset_s": seconds }),
        }),
    })
}

fn word(end: &End) -> &'static str {
    match end {
        End::Root => "root",
        End::OwnClock => "own_clock",
        End::Unsynchronized => "unsynchronized",
        End::NoSource => "no_source",
        End::Unidentified(_) => "unidentified",
        End::OwnMachine(_) => "own_machine",
        End::Mutual(_) => "mutual",
        End::Loop(_) => "loop",
        End::Limit => "limit",
        End::Silent => "silent",
    }
}
