//! One host: its daemon, its peers, and its clients or the variables of one association.

use super::style::{BAR, HEADING, Theme, milliseconds};
use super::{detail, peers, put};
use crate::app::ntpmon::data::{Clients, Opened, Seen};
use crate::app::ntpmon::monitor::{Monitor, Pane};
use crate::model::ReferenceId;
use crate::model::fleet::{Problem, Severity};
use crate::model::mru::MruReport;
use crate::model::report::VariablesReport;
use crate::model::variable::Value;
use crate::render::classic::HostNames;
use crate::render::classic::escape::escape;
use crate::render::classic::mrulist;
use crate::render::text::fill;
use crate::render::units::with_unit;
use crate::text::date;
use crate::text::visible;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The least rows of the pane below the peers.
const LEAST_PANE: u16 = 4;
/// Rows from which on the header has more than two lines, and from which on it is complete.
const LOW: u16 = 12;
const TALL: u16 = 22;
/// The facts in a header that is not complete.
const FACTS: usize = 7;

/// Draws the open host; without its pane for a reader that cannot scroll.
pub fn draw(
    monitor: &Monitor,
    now: Timestamp,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
    has_pane: bool,
) {
    let Some(open) = &monitor.shown().open else { return };
    let mut row = 0;
    let mut line = |line: &Line<'_>| {
        put(buffer, area, row, line);
        row += 1;
    };
    let title = format!("{:1$}", title(monitor, open), usize::from(area.width));
    line(&Line::styled(title, BAR));
    let header = header(monitor, open, (area.width, area.height >= TALL), has_pane, theme);
    let most = if area.height >= LOW { header.len() } else { 2 };
    header.iter().take(most).for_each(&mut line);
    let Some(seen) = open.seen.as_ref().filter(|seen| seen.is_answered()) else { return };
    let shown = monitor.peers();
    let mut hidden = 0;
    if monitor.shows_peers || !has_pane {
        if seen.peers.is_empty() && seen.system.is_some() {
            line(&Line::raw("no associations"));
        } else if !seen.peers.is_empty() {
            let table = peers::table(monitor, &shown, now, area.width, theme);
            line(&table.heading);
            let left = usize::from(area.height.saturating_sub(row));
            let room = if has_pane { left.saturating_sub(usize::from(LEAST_PANE)).max(1) } else { left };
            let selected = shown.iter().position(|peer| Some(peer.peer.association) == monitor.peer);
            let before: usize = table.rows.iter().take(selected.map_or(0, |at| at + 1)).map(Vec::len).sum();
            let lines = table.rows.iter().flatten();
            let mut line = |line: &Line<'_>| {
                put(buffer, area, row, line);
                row += 1;
            };
            lines.skip(before.saturating_sub(room)).take(room).for_each(&mut line);
            hidden = table.rows.iter().map(Vec::len).sum::<usize>().saturating_sub(room);
        }
    }
    if has_pane && seen.system.is_some() {
        let pane = Rect { y: area.y + row.min(area.height), height: area.height.saturating_sub(row), ..area };
        draw_pane(monitor, (open, seen, hidden), now, pane, buffer, theme);
    }
}

fn draw_pane(
    monitor: &Monitor,
    (open, seen, hidden): (&Opened, &Seen, usize),
    now: Timestamp,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) {
    let (title, lines) = match monitor.pane {
        Pane::Detail => {
            let report = seen.details.iter().find(|report| Some(report.association) == monitor.peer);
            let lines = report.map(|report| detail::lines(report, now, monitor.look.units, area.width));
            let offsets = monitor.peer.and_then(|id| open.peers.get(&id));
            let plot = offsets.map(|offsets| offsets.bars(60)).filter(|bars| !bars.is_empty());
            let plot =
                plot.map(|bars| Line::from(vec![Span::raw("offset "), Span::styled(bars, theme.plot())]));
            let lines = lines.map(|lines| plot.into_iter().chain(lines).collect());
            (
                "association".to_owned(),
                lines.unwrap_or_else(|| vec![Line::raw("nothing is known of this association")]),
            )
        }
        Pane::Clients => clients(monitor, open),
    };
    let more = if hidden > 0 { format!("{hidden} more above or below; ") } else { String::new() };
    let title = format!("{:1$}", more + &title, usize::from(area.width));
    put(buffer, area, 0, &Line::styled(title, BAR));
    for (line, row) in lines.iter().zip(1..) {
        put(buffer, area, row, line);
    }
}

fn clients(monitor: &Monitor, open: &Opened) -> (String, Vec<Line<'static>>) {
    match &open.clients {
        Clients::Unknown => ("clients".into(), vec![Line::raw("waiting for the list")]),
        Clients::Refused => ("clients".into(), vec![Line::raw("the daemon does not list its clients")]),
        Clients::Known(list) => {
            let mut lines = vec![Line::styled(mrulist::HEADING.lines().next().unwrap_or_default(), HEADING)];
            lines.extend(client_rows(monitor, list));
            let fault = list.fault.as_ref().map_or(String::new(), |fault| format!(" ({fault})"));
            (format!("clients of the last hour, busiest first{fault}"), lines)
        }
    }
}

fn client_rows(monitor: &Monitor, list: &MruReport) -> Vec<Line<'static>> {
    let mut text = String::new();
    for entry in &list.entries {
        mrulist::append_row(&mut text, entry, list.now, list.numbering, &HostNames::Numeric);
    }
    let filter = monitor.filter().to_lowercase();
    let lines = text.lines().filter(|line| monitor.shows_peers || line.to_lowercase().contains(&filter));
    lines.map(|line| Line::raw(line.to_owned())).collect()
}

fn title(monitor: &Monitor, open: &Opened) -> String {
    let name = monitor.shown().rows.get(open.place).map_or("", |row| row.host.name.as_str());
    let host = open.seen.as_ref().map(|seen| &seen.host);
    let address = host.and_then(|host| host.address).map(|address| address.ip().to_string());
    let address = address.filter(|address| !name.contains(address.as_str()));
    let address = address.map_or(String::new(), |address| format!(" ({address})"));
    let updated = open.answered.map_or(String::new(), |time| format!("  updated {}", date::rfc3339(time)));
    let interval = format!(" ({} s)", monitor.interval.as_secs_f64());
    format!("{}{address}{updated}{interval}", visible(name.as_bytes()))
}

/// What is known of the host and its daemon.
fn header(
    monitor: &Monitor,
    open: &Opened,
    (width, is_tall): (u16, bool),
    has_plot: bool,
    theme: Theme,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let problems = open.lost.as_ref().or(open.seen.as_ref().map(|seen| &seen.host.problems));
    let problem =
        problems.and_then(|problems| problems.first()).map(|problem| problem_line(problem, open, theme));
    let Some(seen) = &open.seen else {
        return vec![Line::raw("waiting for an answer")];
    };
    if !seen.is_answered() {
        lines.extend(problem);
        return lines;
    }
    let system = seen.system.as_ref();
    let version = system.and_then(|system| text(system, "version"));
    let version = version.or_else(|| seen.host.own.daemon.clone());
    let by = seen.by.clone().unwrap_or_default();
    lines.push(Line::raw(match version {
        Some(version) if version != by => format!("{by}: {}", visible(version.as_bytes())),
        _ => by,
    }));
    lines.extend(problem);
    let mut facts = match system {
        Some(system) => system_facts(system, monitor.look.units),
        None => served_facts(seen),
    };
    if !is_tall {
        facts.truncate(FACTS);
    }
    lines.extend(fill(facts.iter().map(String::as_str), "  ", usize::from(width)).into_iter().map(Line::raw));
    if let Some(time) = seen.host.time {
        let bound = seen.host.bound().map(|bound| format!(" +/- {}", milliseconds(bound * 1000.0)));
        let [offset, delay] = [time.offset, time.delay].map(|seconds| milliseconds(seconds * 1000.0));
        let text = format!("measured {offset}{} ms, delay {delay} ms", bound.unwrap_or_default());
        lines.push(Line::raw(text));
    }
    if let Some((low, high)) = open.offsets.extremes().filter(|_| has_plot) {
        let range = format!(" {} .. {} ms", milliseconds(low), milliseconds(high));
        let room = usize::from(width).saturating_sub(range.len() + 7);
        lines.push(Line::from(vec![
            Span::raw("offset "),
            Span::styled(open.offsets.bars(room.min(60)), theme.plot()),
            Span::raw(range),
        ]));
    }
    lines
}

fn problem_line(problem: &Problem, open: &Opened, theme: Theme) -> Line<'static> {
    let detail = if problem.text.is_empty() {
        String::new()
    } else {
        format!(": {}", visible(problem.text.as_bytes()))
    };
    let since = match (&open.lost, open.answered) {
        (Some(_), Some(time)) => format!("; below: as of {}Z", date::clock(date::utc(time))),
        _ => String::new(),
    };
    let word = problem.severity.word().to_uppercase();
    let style = theme.severity(Some(problem.severity).filter(|severity| *severity > Severity::Unknown));
    Line::styled(format!("{word} {}{detail}{since}", problem.cause.text()), style)
}

/// The variables of a daemon that say how it is.
fn system_facts(system: &VariablesReport, units: bool) -> Vec<String> {
    let leap = match system.value("leap") {
        Some(Value::Leap(0)) => Some("none".to_owned()),
        Some(Value::Leap(1)) => Some("add".to_owned()),
        Some(Value::Leap(2)) => Some("delete".to_owned()),
        Some(Value::Leap(_)) => Some("alarm".to_owned()),
        _ => None,
    };
    let number = |name: &str, unit_text: &str| {
        let variable = system.variables.iter().find(|variable| variable.name == name.as_bytes())?;
        let raw = std::str::from_utf8(variable.raw.as_deref()?).ok()?;
        let scaled = || with_unit(raw, crate::model::variable::unit(name.as_bytes())?, None);
        Some(units.then(scaled).flatten().unwrap_or_else(|| format!("{}{unit_text}", escape(raw.as_bytes()))))
    };
    let facts = [
        ("leap", leap),
        ("stratum", number("stratum", "")),
        ("refid", system.value("refid").map(reference)),
        ("offset", number("offset", " ms")),
        ("jitter", number("sys_jitter", " ms").or_else(|| number("jitter", " ms"))),
        ("rootdelay", number("rootdelay", " ms")),
        ("rootdisp", number("rootdisp", " ms").or_else(|| number("rootdispersion", " ms"))),
        ("frequency", number("frequency", " ppm")),
        ("peer", number("peer", "")),
        ("tc", number("tc", "")),
    ];
    facts.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?))).collect()
}

/// What a host's time replies say, if its daemon answers nothing else.
fn served_facts(seen: &Seen) -> Vec<String> {
    let host = &seen.host;
    let refid = host.reference().map(|id| reference(&Value::ReferenceId(id)));
    let leap = host
        .leap()
        .map(|leap| ["none", "add", "delete"].get(usize::from(leap)).copied().unwrap_or("alarm").to_owned());
    let root = |value: f64| format!("{} ms", milliseconds(value));
    let candidate = host.time.map(|time| time.candidate);
    let facts = [
        ("leap", leap),
        ("stratum", host.stratum().map(|stratum| stratum.to_string())),
        ("refid", refid),
        ("rootdelay", candidate.map(|candidate| root(f64::from(candidate.root_delay) / 65.536))),
        ("rootdisp", candidate.map(|candidate| root(f64::from(candidate.root_dispersion) / 65.536))),
    ];
    facts.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?))).collect()
}

fn reference(value: &Value) -> String {
    match value {
        Value::ReferenceId(ReferenceId::Text(text) | ReferenceId::Unreadable(text)) | Value::Text(text) => {
            escape(text)
        }
        Value::ReferenceId(ReferenceId::Address(address)) => address.to_string(),
        Value::ReferenceId(ReferenceId::Clock(clock)) => clock.to_string(),
        _ => "-".into(),
    }
}

fn text(system: &VariablesReport, name: &str) -> Option<String> {
    match system.value(name)? {
        Value::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    }
}
