//! Many hosts: a row for each.

use super::put;
use super::style::{BAR, HEADING, Theme, milliseconds};
use crate::app::ntpmon::data::Row;
use crate::app::ntpmon::monitor::Monitor;
use crate::model::fleet::{Majority, Severity};
use crate::text::visible;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

/// Stands for an unknown value.
const UNKNOWN: &str = "-";
/// The rows above the hosts.
const ABOVE: u16 = 3;
/// The rows that are drawn at a time where all are wanted.
const CHUNK: usize = 256;

/// The columns that a width has room for.
struct Columns {
    name: u16,
    way: u16,
    offset: u16,
    bound: u16,
    reach: u16,
    plot: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        match width {
            0..=71 => Self { name: 16, way: 0, offset: 11, bound: 0, reach: 0, plot: 8 },
            72..=119 => Self { name: width / 4, way: 0, offset: 12, bound: 0, reach: 5, plot: 12 },
            _ => {
                let name = (width / 5).min(40);
                let plot = width.saturating_sub(name + 70).clamp(12, 60);
                Self { name, way: 7, offset: 13, bound: 10, reach: 5, plot }
            }
        }
    }

    /// The places and widths of: name, way, stratum, offset, bound, reach, plot, state.
    fn places(&self, width: u16) -> [(u16, u16); 8] {
        let mut at = 0;
        let widths = [self.name, self.way, 2, self.offset, self.bound, self.reach, self.plot, width];
        widths.map(|wanted| {
            let place = at;
            let wanted = wanted.min(width.saturating_sub(at));
            at += wanted + u16::from(wanted > 0);
            (place, wanted)
        })
    }
}

/// Draws a summary, and a row for each host.
pub fn draw(monitor: &Monitor, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let rows = monitor.rows();
    let columns = Columns::of(area.width).places(area.width);
    draw_heading(monitor, rows.len(), &columns, area, buffer);
    let selected = rows.iter().position(|place| Some(*place) == monitor.row).unwrap_or(0);
    let room = usize::from(area.height.saturating_sub(ABOVE));
    let first = (selected + 1).saturating_sub(room);
    let below =
        Rect { y: area.y + ABOVE.min(area.height), height: area.height.saturating_sub(ABOVE), ..area };
    draw_rows(monitor, rows.get(first..).unwrap_or_default(), &columns, below, buffer, theme);
}

/// The same as text with every row, for a reader that sees one frame only, and so without plots.
pub fn text(monitor: &Monitor, width: u16, theme: Theme) -> Vec<String> {
    let rows = monitor.rows();
    let columns = Columns { plot: 0, ..Columns::of(width) }.places(width);
    let mut heading = Buffer::empty(Rect::new(0, 0, width, ABOVE));
    draw_heading(monitor, rows.len(), &columns, heading.area, &mut heading);
    let mut text = super::lines(&heading);
    // A buffer for all rows would be large.
    for part in rows.chunks(CHUNK) {
        let height = u16::try_from(part.len()).unwrap_or(u16::MAX);
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        draw_rows(monitor, part, &columns, buffer.area, &mut buffer, theme);
        text.extend(super::lines(&buffer));
    }
    text
}

fn draw_heading(monitor: &Monitor, shown: usize, columns: &[(u16, u16); 8], area: Rect, buffer: &mut Buffer) {
    let bar = format!("{:1$}", title(monitor, shown), usize::from(area.width));
    put(buffer, area, 0, &Line::styled(bar, BAR));
    put(buffer, area, 1, &Line::raw(summary(monitor)));
    let [.., (_, plot), _] = *columns;
    let plot = if plot < 20 { "offset" } else { "offset, latest last" };
    let headings = ["host", "by", "st", "offset ms", "bound ms", "reach", plot, "state"];
    cells(buffer, area, 2, columns, &headings.map(str::to_owned), HEADING);
}

fn draw_rows(
    monitor: &Monitor,
    places: &[usize],
    columns: &[(u16, u16); 8],
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) {
    for (place, line) in places.iter().zip(0..area.height) {
        let Some(row) = monitor.shown().rows.get(*place) else { continue };
        let style = theme.severity(row.host.worst().map(|problem| problem.severity));
        let style = if Some(*place) == monitor.row { style.patch(BAR) } else { style };
        cells(buffer, area, line, columns, &texts(row, *columns), style);
    }
}

/// Writes the cells of a row; numbers end at the right edge of their column.
fn cells(
    buffer: &mut Buffer,
    area: Rect,
    row: u16,
    columns: &[(u16, u16); 8],
    texts: &[String; 8],
    style: Style,
) {
    if row >= area.height {
        return;
    }
    buffer.set_style(Rect { y: area.y + row, height: 1, ..area }, style);
    for (column, ((x, width), text)) in columns.iter().zip(texts).enumerate() {
        let is_number = (2..=5).contains(&column);
        let length = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
        let indent = if is_number { width.saturating_sub(length) } else { 0 };
        let room = usize::from(width - indent);
        buffer.set_stringn(area.x + x + indent, area.y + row, text, room, style);
    }
}

fn texts(row: &Row, columns: [(u16, u16); 8]) -> [String; 8] {
    let host = &row.host;
    let number = |value: Option<f64>| value.map_or(UNKNOWN.into(), |seconds| milliseconds(seconds * 1000.0));
    let [.., (_, plot), _] = columns;
    let state = match host.worst() {
        None if !row.is_known => "waiting".to_owned(),
        None => "ok".to_owned(),
        Some(problem) if problem.text.is_empty() => problem.cause.text().to_owned(),
        Some(problem) => format!("{}: {}", problem.cause.text(), visible(problem.text.as_bytes())),
    };
    [
        visible(host.name.as_bytes()),
        host.way.map_or(UNKNOWN, |way| way.word()).to_owned(),
        host.stratum().map_or(UNKNOWN.into(), |stratum| stratum.to_string()),
        number(host.time.map(|time| time.offset)),
        number(host.bound()),
        host.own.reach.map_or(UNKNOWN.into(), |reach| format!("{reach:03o}")),
        row.offsets.bars(usize::from(plot)),
        state,
    ]
}

fn title(monitor: &Monitor, shown: usize) -> String {
    let all = monitor.shown().rows.len();
    let hosts = if shown == all { format!("{all} hosts") } else { format!("{shown} of {all} hosts") };
    format!("ntpmon  {hosts}, {}  every {} s", monitor.row_order.word(), monitor.interval.as_secs_f64())
}

fn summary(monitor: &Monitor) -> String {
    let data = monitor.shown();
    let count = |severity: Severity| {
        let has = |row: &&Row| row.host.worst().is_some_and(|problem| problem.severity == severity);
        data.rows.iter().filter(has).count()
    };
    let answered = data.rows.iter().filter(|row| row.host.is_answered()).count();
    let mut parts = vec![
        format!("{answered} answered"),
        format!("{} critical", count(Severity::Critical)),
        format!("{} warning", count(Severity::Warning)),
    ];
    if let Some(clocks) = &data.clocks {
        parts.push(match clocks.majority {
            Majority::Found { agreeing, disagreeing: 0 } => format!("all {agreeing} clocks agree"),
            Majority::Found { agreeing, disagreeing } => {
                format!("{agreeing} clocks agree, {disagreeing} do not")
            }
            Majority::None(_) => "no majority".to_owned(),
            Majority::TooFew(_) => "too few clocks for a majority".to_owned(),
        });
        if let Some(spread) = clocks.spread {
            let [median, most] = [spread.median, spread.most].map(|seconds| milliseconds(seconds * 1000.0));
            parts.push(format!("offset p50 {median}, max {most} ms"));
        }
    }
    parts.join(", ")
}
