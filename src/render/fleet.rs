//! A fleet as text for people: a summary, and the worst hosts by problem or a row per host.

use crate::model::fleet::{Clocks, Group, Host, Majority, Severity, Spread, Summary, share};
use crate::text::visible;
use owo_colors::{OwoColorize as _, Style};
use std::fmt::Write as _;

/// Stands for an unknown value.
const UNKNOWN: &str = "-";
/// Milliseconds per second.
const MILLI: f64 = 1000.0;
/// Minimum and maximum width of the name column.
const NAMES: std::ops::RangeInclusive<usize> = 12..=40;
/// Columns of a row after the name, and the indentation before it.
const FIGURES: usize = 53;
const INDENT: &str = "  ";
/// Indentation of text that does not fit into a row and gets its own line.
const FURTHER: &str = "      ";

/// Options for the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FleetStyle {
    /// Columns of the terminal; `None` means unlimited.
    pub width: Option<u16>,
    /// Whether states are coloured.
    pub color: bool,
}

/// Formats the lines about all hosts.
pub fn summary(hosts: &[Host], summary: &Summary, style: FleetStyle) -> String {
    let answered = summary.answered();
    let ways = [
        (summary.ways.control, "by mode 6"),
        (summary.ways.chrony, "by chronyd's protocol"),
        (summary.ways.sntp, "by SNTP alone"),
    ];
    let mut text = counted(summary.hosts, "host");
    // Writing to a String cannot fail.
    if summary.named > summary.hosts {
        let _ = write!(text, " (named {} times)", summary.named);
    }
    let _ = write!(text, ", {answered} answered");
    text += &listed(ways.into_iter().filter(|(count, _)| *count > 0));
    let lost = summary.hosts - answered;
    if lost > 0 {
        let causes = summary.lost.iter().map(|(cause, count)| (*count, cause.text()));
        let _ = write!(text, "\n{lost} lost{}", listed(causes));
    }
    text.push('\n');
    let Clocks { majority, spread } = summary.clocks;
    if let Some(spread) = spread {
        text += &offsets(hosts, &spread, style);
    }
    text += &match majority {
        Majority::Found { agreeing, disagreeing: 0 } if agreeing > 1 => {
            format!("all {agreeing} clocks agree\n")
        }
        Majority::Found { agreeing, disagreeing } => {
            format!("majority: {agreeing} clocks agree, {disagreeing} disagree\n")
        }
        Majority::None(count) => {
            format!("no majority of {count} clocks agrees: nobody can say which is right\n")
        }
        Majority::TooFew(count) => {
            format!("{} to compare: too few for a majority\n", counted(count, "clock"))
        }
    };
    let _ = writeln!(
        text,
        "{}, {}",
        counted(summary.sources, "source"),
        counted(summary.roots, "stratum-1 root")
    );
    text
}

fn offsets(hosts: &[Host], spread: &Spread, style: FleetStyle) -> String {
    let figure = |seconds: f64| format!("{:.3}", seconds * MILLI);
    let name = |place: usize| hosts.get(place).map_or(UNKNOWN.into(), |host| visible(host.name.as_bytes()));
    let (behind, ahead, between) = spread.furthest;
    let mut text = format!(
        "offset of {}: p50 {}, p99 {}, max {} ms\n",
        counted(spread.count, "clock"),
        figure(spread.median),
        figure(spread.p99),
        figure(spread.most)
    );
    if spread.count > 1 {
        let line = format!("spread {} ms: {} to {}", figure(between), name(behind), name(ahead));
        let is_wide = style.width.is_some_and(|width| line.chars().count() > usize::from(width));
        text += &if is_wide { line.replacen(": ", &format!(":\n{FURTHER}"), 1) } else { line };
        text.push('\n');
    }
    text
}

/// ` (5 this, 3 that)`, or nothing.
fn listed<'a>(parts: impl Iterator<Item = (usize, &'a str)>) -> String {
    let parts: Vec<String> = parts.map(|(count, text)| format!("{count} {text}")).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// Formats the worst hosts by problem, this many in total.
pub fn worst(hosts: &[Host], groups: &[Group], most: usize, style: FleetStyle) -> String {
    let shown: Vec<(&Group, Vec<&Host>)> = groups
        .iter()
        .zip(share(groups, most))
        .map(|(group, count)| {
            (group, group.hosts.iter().take(count).filter_map(|place| hosts.get(*place)).collect())
        })
        .collect();
    let names = name_width(shown.iter().flat_map(|(_, hosts)| hosts).copied(), style);
    let mut text = String::new();
    let mut is_headed = false;
    for (group, hosts) in shown {
        let title = severity(group.severity, style);
        let _ = writeln!(text, "\n{title}  {}: {}", group.cause.text(), counted(group.hosts.len(), "host"));
        for host in &hosts {
            if host.is_answered() && !std::mem::replace(&mut is_headed, true) {
                text += &heading(names);
            }
            text += &row(host, names, 1, style);
        }
        let more = group.hosts.len() - hosts.len();
        if more > 0 && !hosts.is_empty() {
            let _ = writeln!(text, "{INDENT}and {more} more");
        }
    }
    text
}

/// Formats a row for each of these hosts.
pub fn rows<'a>(hosts: impl Iterator<Item = &'a Host> + Clone, style: FleetStyle) -> String {
    let names = name_width(hosts.clone(), style);
    let mut text = heading(names);
    for host in hosts {
        text += &row(host, names, 0, style);
    }
    text
}

fn name_width<'a>(hosts: impl Iterator<Item = &'a Host>, style: FleetStyle) -> usize {
    let longest = hosts.map(|host| visible(host.name.as_bytes()).chars().count()).max().unwrap_or(0);
    let room = style.width.map_or(*NAMES.end(), |width| {
        usize::from(width).saturating_sub(FIGURES + INDENT.len()).clamp(*NAMES.start(), *NAMES.end())
    });
    longest.clamp(*NAMES.start(), room)
}

fn heading(names: usize) -> String {
    format!(
        "{INDENT}{:names$} {:7} {:>2} {:>11} {:>9} {:>5} {:>5} {:>7}\n",
        "host", "by", "st", "offset ms", "bound ms", "reach", "good", "own ms"
    )
}

/// Formats the row of a host, omitting the first problems if they have been reported already.
fn row(host: &Host, names: usize, said: usize, style: FleetStyle) -> String {
    let name = visible(host.name.as_bytes());
    let mut problems: Vec<String> = Vec::new();
    for (place, problem) in host.problems.iter().enumerate() {
        let detail = visible(problem.text.as_bytes());
        match (place < said, detail.is_empty()) {
            (true, true) => {}
            (true, false) => problems.push(detail),
            (false, true) => problems.push(problem.cause.text().to_owned()),
            (false, false) => problems.push(format!("{}: {detail}", problem.cause.text())),
        }
    }
    let remark = problems.join("; ");
    let mut line = if host.is_answered() {
        let figures = figures(host);
        if name.chars().count() > names {
            format!("{INDENT}{name}\n{INDENT}{:names$} {figures}", "")
        } else {
            format!("{INDENT}{name:names$} {figures}")
        }
    } else if remark.is_empty() {
        format!("{INDENT}{name}")
    } else {
        format!("{INDENT}{name:names$}")
    };
    if !remark.is_empty() {
        let last = line.rsplit('\n').next().unwrap_or_default().chars().count();
        let fits = style
            .width
            .is_none_or(|width| last + INDENT.len() + remark.chars().count() <= usize::from(width));
        if fits {
            line += INDENT;
            line += &remark;
        } else {
            line += &below(&remark, style);
        }
    }
    line.truncate(line.trim_end().len());
    line + "\n"
}

/// Wraps a text into indented lines.
fn below(text: &str, style: FleetStyle) -> String {
    let width = style.width.map_or(usize::MAX, usize::from);
    let mut lines = String::new();
    let mut column = width;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column.saturating_add(1 + length) > width {
            lines += "\n";
            lines += FURTHER;
            column = FURTHER.len();
        } else {
            lines.push(' ');
            column += 1;
        }
        lines += word;
        column += length;
    }
    lines
}

fn figures(host: &Host) -> String {
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let milliseconds = |seconds: f64| {
        let text = format!("{:.3}", seconds * MILLI);
        if text.trim_start_matches('-').bytes().all(|octet| matches!(octet, b'0' | b'.')) {
            "0.000".to_owned()
        } else {
            text
        }
    };
    let sources = host.own.sources.map(|all| match host.own.usable_sources {
        Some(usable) => format!("{usable}/{all}"),
        None => format!("{UNKNOWN}/{all}"),
    });
    format!(
        "{:7} {:>2} {:>11} {:>9} {:>5} {:>5} {:>7}",
        host.way.map_or(UNKNOWN, |way| way.word()),
        or_unknown(host.stratum().map(|stratum| stratum.to_string())),
        or_unknown(host.time.map(|time| milliseconds(time.offset))),
        or_unknown(host.bound().map(milliseconds)),
        or_unknown(host.own.reach.map(|reach| format!("{reach:03o}"))),
        or_unknown(sources),
        or_unknown(host.own.offset.map(milliseconds)),
    )
}

fn severity(severity: Severity, style: FleetStyle) -> String {
    let word = severity.word().to_uppercase();
    if !style.color {
        return word;
    }
    let colored = match severity {
        Severity::Critical => Style::new().red().bold(),
        Severity::Warning => Style::new().yellow().bold(),
        Severity::Unknown => Style::new().bold(),
    };
    word.style(colored).to_string()
}

#[cfg(test)]
mod tests;
