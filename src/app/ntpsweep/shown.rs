//! A sweep as a table, and as JSON.

use super::row::{self, NOTHING};
use super::sweep::Node;
use crate::client::diagnosis::Detail;
use crate::client::hop::Description;
use crate::render::json::object_line;
use crate::text::visible;
use serde_json::json;

/// A sweep with what is needed to display it.
pub struct Shown<'a> {
    /// The hosts.
    pub nodes: &'a [Node],
    /// A name for each.
    pub names: &'a [String],
    /// The text removed from names.
    pub strip: &'a str,
    /// Whether peers were requested.
    pub peers: bool,
}

impl Shown<'_> {
    /// The rows of a named host, and of its peers below it. The peers of a host are listed only once.
    pub fn rows(&self, place: usize) -> Vec<u8> {
        let mut text = Vec::new();
        let mut expanded = vec![false; self.nodes.len()];
        let mut way: Vec<usize> = Vec::new();
        let mut open = vec![(place, 0)];
        while let Some((place, depth)) = open.pop() {
            let Some(node) = self.nodes.get(place) else { continue };
            let indent = " ".repeat(depth);
            way.truncate(depth);
            if way.contains(&place) {
                text.extend(row::met_again(format!("{indent}= {}", self.name(place)).as_bytes()));
                continue;
            }
            way.push(place);
            let known = node.hop().map(|hop| {
                let Description { daemon, system, processor } = &hop.description;
                let shown =
                    |text: &Option<Vec<u8>>| visible(text.as_deref().unwrap_or_default()).into_bytes();
                // Thousandths are printed: anything smaller has no sign.
                let offset = hop.clock.map(|clock| (clock.offset * 1000.0).round() / 1000.0 + 0.0);
                let stratum = hop.stratum.unwrap_or(crate::client::hop::UNSYNCHRONIZED);
                row::known(stratum, offset, &shown(daemon), &shown(system), &shown(processor))
            });
            let count = known.as_ref().filter(|_| self.peers).map(|_| format!(" ({})", node.peers.len()));
            let name = format!("{indent}{}{}", self.name(place), count.unwrap_or_default());
            text.extend(row::line(name.as_bytes(), known.as_deref().unwrap_or(NOTHING)));
            if let Some(seen @ false) = expanded.get_mut(place) {
                *seen = true;
                open.extend(node.peers.iter().rev().map(|peer| (*peer, depth + 1)));
            }
        }
        text
    }

    /// One object per line for each host, following the schema `ntpkit.sweep.v1`.
    pub fn json(&self) -> String {
        let time = crate::clock::now().to_string();
        let line = |(place, node): (usize, &Node)| {
            let hop = node.hop();
            let clock = hop.and_then(|hop| hop.clock);
            let text = |pick: fn(&Description) -> &Option<Vec<u8>>| {
                hop.and_then(|hop| pick(&hop.description).as_deref()).map(visible)
            };
            let peers: Vec<&str> =
                node.peers.iter().map(|peer| self.names.get(*peer).map_or("", String::as_str)).collect();
            let object = json!({
                "schema": "ntpkit.sweep.v1",
                "time": time,
                "host": self.names.get(place).map(|name| visible(name.as_bytes())),
                "address": node.address.map(|address| address.ip().to_string()),
                "port": node.address.map(|address| address.port()),
                "level": node.level,
                "by": hop.map(|hop| hop.way.word()),
                "stratum": hop.and_then(|hop| hop.stratum),
                "measured_offset_s": clock.map(|clock| clock.offset),
                "measured_delay_s": clock.map(|clock| clock.delay),
                "daemon": text(|description| &description.daemon),
                "system": text(|description| &description.system),
                "processor": text(|description| &description.processor),
                "peers": peers,
                "error": node.reason(Detail::Line),
            });
            object_line(&object)
        };
        self.nodes.iter().enumerate().map(line).collect()
    }

    fn name(&self, place: usize) -> String {
        let name = self.names.get(place).map_or("", String::as_str);
        if self.strip.is_empty() { name.to_owned() } else { name.replacen(self.strip, "", 1) }
    }
}
