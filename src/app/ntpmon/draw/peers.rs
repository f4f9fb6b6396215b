//! The table of peers, as `ntpq` prints it, and a plot of each offset where there is room for it.

use super::style::{BAR, HEADING, Theme};
use crate::app::ntpmon::monitor::Monitor;
use crate::model::fleet::Way;
use crate::model::report::PeerRow;
use crate::render::classic::peers::PeerTable;
use crate::render::classic::{HostNames, ReferenceIdForm, Style};
use crate::wire::control::DEFAULT_VERSION;
use jiff::Timestamp;
use ratatui::style::Style as CellStyle;
use ratatui::text::{Line, Span};
use std::net::IpAddr;

/// The columns of the table without those that it may grow by.
const TABLE: u16 = 80;
/// The most that it grows by.
const SLACK: u16 = 24;
/// The least columns for a plot.
const LEAST_PLOT: u16 = 8;
/// The columns of the reference ID or local address, and those of `t`, which a narrow screen has no room for.
const REFERENCE: std::ops::Range<usize> = 17..33;
const KIND: std::ops::Range<usize> = 35..37;
/// The columns that the table takes without them.
const NARROW: u16 = 78;

/// The lines of the table.
pub struct Table {
    /// The headings.
    pub heading: Line<'static>,
    /// The lines of each source.
    pub rows: Vec<Vec<Line<'static>>>,
}

/// Draws the sources at this width.
pub fn table(monitor: &Monitor, peers: &[&PeerRow], now: Timestamp, width: u16, theme: Theme) -> Table {
    let data = monitor.shown();
    let name = |address: IpAddr| {
        let known = data.names.get(&address).cloned();
        known.unwrap_or_else(|| crate::wire::ip_text::ip_text(address))
    };
    let names = if monitor.look.numeric { HostNames::Numeric } else { HostNames::Named(&name) };
    let room = width.saturating_sub(TABLE).min(SLACK + LEAST_PLOT + 60);
    let grows = room.saturating_sub(22).min(SLACK);
    let plot = room.saturating_sub(grows).min(60);
    let plot = if plot < LEAST_PLOT { 0 } else { plot };
    let seen = data.open.as_ref().and_then(|open| open.seen.as_ref());
    let speaks_otherwise = seen.is_some_and(|seen| seen.host.way != Some(Way::Control));
    let table = PeerTable {
        view: monitor.look.columns,
        wide: monitor.look.wide,
        version: DEFAULT_VERSION,
        family: None,
        server: None,
        is_told_in_part: speaks_otherwise,
        style: Style {
            dialect: monitor.look.dialect,
            reference_ids: ReferenceIdForm::Address,
            names,
            now,
            time_zone: jiff::tz::TimeZone::UTC,
            units: monitor.look.units,
            width: Some(TABLE + grows),
        },
    };
    let is_narrow = width < NARROW;
    let heading = table.heading();
    let heading = heading.lines().next().unwrap_or_default();
    let mut heading = cut(heading, is_narrow);
    if plot > 0 {
        let columns = usize::from(TABLE + grows) - 1;
        heading = format!("{heading:columns$}offset, latest last");
    }
    let offsets = data.open.as_ref().map(|open| &open.peers);
    let rows = peers.iter().map(|row| {
        let is_selected = monitor.peer == Some(row.peer.association);
        let style = if is_selected { BAR } else { CellStyle::new() };
        let bars = offsets
            .and_then(|offsets| offsets.get(&row.peer.association))
            .map(|offsets| offsets.bars(usize::from(plot)))
            .unwrap_or_default();
        let text = table.line(&row.peer);
        let count = text.lines().count();
        let line = |(at, line): (usize, &str)| {
            let line = if count > 1 && at == 0 { line.to_owned() } else { cut(line, is_narrow) };
            let (tally, rest) = if at == 0 { first(&line) } else { (' ', line.clone()) };
            let mut spans = if at == 0 {
                vec![Span::styled(tally.to_string(), theme.tally(tally)), Span::raw(rest)]
            } else {
                vec![Span::raw(rest)]
            };
            if plot > 0 && at + 1 == count {
                let used: usize = spans.iter().map(Span::width).sum();
                let gap = usize::from(TABLE + grows - 1).saturating_sub(used);
                spans.push(Span::raw(" ".repeat(gap)));
                spans.push(Span::styled(bars.clone(), theme.plot()));
            }
            Line::from(spans).style(style)
        };
        text.lines().enumerate().map(line).collect()
    });
    Table { heading: Line::styled(heading, HEADING), rows: rows.collect() }
}

/// The first letter of a line, and the rest.
fn first(line: &str) -> (char, String) {
    let mut letters = line.chars();
    let tally = letters.next().unwrap_or(' ');
    (tally, letters.as_str().to_owned())
}

/// A line of the table without the columns that a narrow screen has no room for.
fn cut(line: &str, is_narrow: bool) -> String {
    if !is_narrow {
        return line.to_owned();
    }
    let is_kept = |at: &usize| !REFERENCE.contains(at) && !KIND.contains(at);
    line.chars().enumerate().filter(|(at, _)| is_kept(at)).map(|(_, letter)| letter).collect()
}
