//! The variables of one association, at fixed places as far as possible, so that changes are easy to see.

use super::style::HEADING;
use crate::model::report::{ReportedVariable, VariablesReport};
use crate::model::variable::{Value, unit};
use crate::render::classic::cooked::status_line;
use crate::render::classic::escape::escape;
use crate::render::text::fill;
use crate::render::units::with_unit;
use crate::text::date;
use jiff::Timestamp;
use ratatui::text::Line;

/// The columns of one variable.
const CELL: usize = 26;
/// What the peers table shows already, or the status line.
const ELSEWHERE: [&[u8]; 2] = [b"srcadr", b"srcport"];

/// Draws the variables at this width.
pub fn lines(report: &VariablesReport, now: Timestamp, units: bool, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let status = status_line(report.association, report.status);
    let mut lines = fill(status.split_whitespace(), " ", width)
        .into_iter()
        .map(|line| Line::styled(line, HEADING))
        .collect::<Vec<_>>();
    let (mut row, mut wide) = (String::new(), Vec::new());
    let is_shown = |variable: &&ReportedVariable| !ELSEWHERE.contains(&variable.name.as_slice());
    for variable in report.variables.iter().filter(is_shown) {
        let text = format!("{}={}", escape(&variable.name), value(variable, now, units));
        let length = text.chars().count();
        if length >= 2 * CELL {
            wide.extend(fill(text.split_whitespace(), " ", width));
            continue;
        }
        let at = row.chars().count().div_ceil(CELL) * CELL;
        if at > 0 && at + length > width {
            lines.push(Line::raw(std::mem::take(&mut row)));
        }
        let at = row.chars().count().div_ceil(CELL) * CELL;
        row = format!("{row:at$}{text} ");
    }
    if !row.is_empty() {
        lines.push(Line::raw(row));
    }
    lines.extend(wide.into_iter().map(Line::raw));
    lines
}

fn value(variable: &ReportedVariable, now: Timestamp, units: bool) -> String {
    let raw = variable.raw.as_deref().unwrap_or_default();
    match &variable.value {
        Some(Value::Time(stamp)) if stamp.seconds() == 0 => "never".into(),
        Some(Value::Time(stamp)) => Timestamp::from_second(stamp.unix_seconds(now.as_second()))
            .map_or_else(|_| escape(raw), date::rfc3339),
        _ => {
            let scaled = || with_unit(std::str::from_utf8(raw).ok()?, unit(&variable.name)?, None);
            units.then(scaled).flatten().unwrap_or_else(|| escape(raw.trim_ascii()))
        }
    }
}
