//! A trace as lines, as a tree, and as a graph.

use super::error::Error;
use super::trace::{Edge, End, Node, Trace};
use crate::client::diagnosis::{Detail, with_address};
use crate::client::hop::Way;
use crate::text::visible;
use std::fmt::Write as _;

/// A trace with what is needed to display it.
pub struct Shown<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// A name for each host.
    pub names: &'a [String],
    /// The faults of the hosts where the error begins.
    pub errors: &'a [Option<Error>],
}

impl Shown<'_> {
    /// The name of a host.
    pub fn name(&self, place: usize) -> &str {
        self.names.get(place).map_or("?", String::as_str)
    }

    /// A line for each answering host in the chain, as the original prints them.
    pub fn chain(&self) -> String {
        let answered = |place: &usize| self.node(*place).is_some_and(|node| node.hop().is_some());
        self.trace.chain().into_iter().filter(answered).map(|place| self.line(place) + "\n").collect()
    }

    /// Why the chain ends, if not at a primary server.
    pub fn problem(&self, detail: Detail) -> Option<String> {
        let last = *self.trace.chain().last()?;
        let name = self.name(last);
        Some(match self.node(last) {
            Some(Node { answer: Some(Err(silence)), is_guess: false, address, .. }) => {
                format!("{}: {}", with_address(name, Some(*address)), silence.explain(*address, detail))
            }
            _ => format!("{name}: {}", self.reason(last)?),
        })
    }

    /// All hosts, each below the one that follows it, with the tally code from ntpq's peers table.
    pub fn tree(&self) -> String {
        let mut text = String::new();
        let mut shown = vec![false; self.trace.nodes.len()];
        let mut open: Vec<(usize, usize, String)> = vec![(0, 0, String::new())];
        while let Some((place, depth, tally)) = open.pop() {
            let Some(node) = self.node(place) else { continue };
            let indent = "  ".repeat(depth);
            let Some(seen @ false) = shown.get_mut(place) else {
                let _ = writeln!(text, "{indent}{tally}{}: see above", self.name(place));
                continue;
            };
            *seen = true;
            let reason = self.reason(place);
            let line = match node.hop() {
                Some(_) => {
                    let more = reason.map(|reason| format!(" ({reason})"));
                    format!("{}{}", self.line(place), more.unwrap_or_default())
                }
                None => format!("{}: {}", self.name(place), reason.unwrap_or_default()),
            };
            let _ = writeln!(text, "{indent}{tally}{line}");
            for Edge { to, selection } in node.edges.iter().rev() {
                open.push((*to, depth + 1, selection.tally().to_string()));
            }
        }
        text
    }

    /// A Graphviz graph.
    pub fn dot(&self) -> String {
        let mut text = "digraph ntptrace {\n  rankdir=BT;\n  node [shape=box];\n".to_owned();
        for (place, node) in self.trace.nodes.iter().enumerate() {
            let mut lines = vec![self.name(place).to_owned()];
            match node.hop() {
                Some(hop) => {
                    lines.push(
                        hop.stratum.map_or("stratum unknown".into(), |stratum| format!("stratum {stratum}")),
                    );
                    lines.extend(hop.distance.map(|distance| format!("synch distance {distance:.6}")));
                    lines.extend(self.error(place).map(|error| error.to_string()));
                }
                None => lines.extend(self.reason(place)),
            }
            let label: Vec<String> = lines.iter().map(|line| quoted(line)).collect();
            let look = match (node.hop(), self.error(place)) {
                (None, _) => ", style=dashed",
                (_, Some(_)) => ", color=red",
                _ => "",
            };
            let _ = writeln!(text, "  n{place} [label=\"{}\"{look}];", label.join("\\n"));
        }
        for (place, node) in self.trace.nodes.iter().enumerate() {
            for (rank, edge) in node.edges.iter().enumerate() {
                let look = if rank == 0 { " [style=bold]" } else { "" };
                let _ = writeln!(text, "  n{place} -> n{}{look};", edge.to);
            }
        }
        text + "}\n"
    }

    fn node(&self, place: usize) -> Option<&Node> {
        self.trace.nodes.get(place)
    }

    fn error(&self, place: usize) -> Option<Error> {
        self.errors.get(place).copied().flatten()
    }

    fn line(&self, place: usize) -> String {
        let Some(hop) = self.node(place).and_then(Node::hop) else { return String::new() };
        let figure = |value: Option<f64>| value.map_or("unknown".to_owned(), |value| format!("{value:.6}"));
        let stratum = hop.stratum.map_or("unknown".to_owned(), |stratum| stratum.to_string());
        let mut line = format!(
            "{}: stratum {stratum}, offset {}, synch distance {}",
            self.name(place),
            figure(hop.offset),
            figure(hop.distance)
        );
        if hop.stratum == Some(1)
            && let Some(reference) = hop.reference.text()
        {
            line += &format!(", refid '{}'", visible(&reference));
        }
        line += match hop.way {
            Way::Control => "",
            Way::Chrony => ", by chronyd",
            Way::Sntp => ", by SNTP",
        };
        if let Some(error) = self.error(place) {
            line += &format!(" <- the error begins here: {error}");
        }
        line
    }

    /// Why the chain ends at a host, if there is anything to report.
    pub fn reason(&self, place: usize) -> Option<String> {
        let node = self.node(place)?;
        Some(match node.end.as_ref()? {
            End::Root | End::Limit => return None,
            End::OwnClock => "it follows its own clock, not a time source".into(),
            End::Unsynchronized => "it is not synchronised".into(),
            End::NoSource => "it does not say whom it follows".into(),
            End::Unidentified(octets) => {
                let [a, b, c, d] = octets;
                format!(
                    "it follows a server with the identifier {a}.{b}.{c}.{d}, which is no known address: the hash of an IPv6 address, perhaps"
                )
            }
            End::OwnMachine(address) => {
                format!("it follows {address}, a daemon on its own machine that cannot be asked from here")
            }
            End::Mutual(other) if *other == place => "it follows itself".into(),
            End::Mutual(other) => format!("it and {} follow each other", self.name(*other)),
            End::Loop(other) => format!("it follows {}, which comes back to it: a loop", self.name(*other)),
            End::Silent => match &node.answer {
                Some(Err(reason)) if node.is_guess => {
                    format!(
                        "{reason}; the address is a guess from a reference identifier, which may be the hash of an IPv6 address"
                    )
                }
                Some(Err(reason)) => reason.to_string(),
                _ => "interrupted before it answered".into(),
            },
        })
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsynchronized => formatter.write_str("not synchronised"),
            Self::FromSource(seconds) => write!(formatter, "{seconds:.6} s from its source"),
            Self::FromMajority(seconds) => write!(formatter, "{seconds:.6} s from the majority"),
        }
    }
}

/// Quoted text.
fn quoted(text: &str) -> String {
    visible(text.as_bytes()).replace('\\', "\\\\").replace('"', "\\\"")
}
