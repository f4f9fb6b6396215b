//! State -> cells.

mod detail;
mod fleet;
mod help;
mod host;
mod peers;
mod style;

use self::style::Theme;
use super::monitor::{Monitor, Question, View};
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the screen.
pub fn draw(monitor: &Monitor, now: Timestamp, area: Rect, buffer: &mut Buffer) {
    if area.height == 0 || area.width == 0 {
        return;
    }
    let theme = Theme { color: monitor.look.color };
    let body = Rect { height: area.height - 1, ..area };
    if monitor.helps {
        help::draw(body, buffer);
    } else {
        draw_view(monitor, now, body, buffer, theme);
    }
    last_line(monitor, area, buffer, theme);
}

fn draw_view(monitor: &Monitor, now: Timestamp, area: Rect, buffer: &mut Buffer, theme: Theme) {
    match monitor.view {
        View::Fleet => fleet::draw(monitor, area, buffer, theme),
        View::Host => host::draw(monitor, now, area, buffer, theme, true),
    }
}

/// One frame as text of this width, for readers without a terminal.
pub fn text(monitor: &Monitor, now: Timestamp, width: u16) -> String {
    let theme = Theme { color: false };
    let lines = match monitor.view {
        View::Fleet => fleet::text(monitor, width, theme),
        View::Host => {
            // Every source in full, two lines for a long name, and the headings.
            let height = u16::try_from(monitor.peers().len() * 2 + 16).unwrap_or(u16::MAX);
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            host::draw(monitor, now, buffer.area, &mut buffer, theme, false);
            lines(&buffer)
        }
    };
    let mut text = String::new();
    for line in lines {
        text += line.trim_end();
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// The lines of a buffer.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    let row = |y: u16| {
        let mut line = String::new();
        let mut skipped = 0;
        for x in area.left()..area.right() {
            let Some(cell) = buffer.cell((x, y)) else { continue };
            if skipped > 0 {
                skipped -= 1;
                continue;
            }
            line += cell.symbol();
            skipped = ratatui::text::Span::raw(cell.symbol()).width().saturating_sub(1);
        }
        line
    };
    (area.top()..area.bottom()).map(row).collect()
}

/// Writes a line into a row of an area, if it has this row.
fn put(buffer: &mut Buffer, area: Rect, row: u16, line: &Line<'_>) {
    if row < area.height {
        buffer.set_line(area.x, area.y + row, line, area.width);
    }
}

/// The prompt, a message, or the most important keys.
fn last_line(monitor: &Monitor, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let place = Rect { y: area.bottom() - 1, height: 1, ..area };
    let text = match (&monitor.prompt, &monitor.message) {
        (Some(prompt), _) => {
            let asked = match prompt.question {
                Question::Filter => "filter: ",
                Question::Log => "write JSON lines to file: ",
            };
            format!("{asked}{}_", crate::text::visible(prompt.text.as_bytes()))
        }
        (None, Some(message)) => message.clone(),
        (None, None) => keys(monitor),
    };
    put(buffer, place, 0, &Line::styled(text, theme.faint()));
}

fn keys(monitor: &Monitor) -> String {
    let mut states: Vec<String> = Vec::new();
    if monitor.is_frozen() {
        states.push("FROZEN".into());
    }
    if let (Some(path), true) = &monitor.log {
        states.push(format!("log: {}", crate::text::visible(path.as_os_str().as_encoded_bytes())));
    }
    if !monitor.filter().is_empty() {
        states.push(format!("filter: {}", crate::text::visible(monitor.filter().as_bytes())));
    }
    let keys = match (monitor.view, monitor.is_fleet()) {
        (View::Fleet, _) => "? help  q quit  Enter open  / filter  S sort  f freeze",
        (View::Host, true) => "? help  q quit  Esc back  d detail  m clients  / filter",
        (View::Host, false) => "? help  q quit  d detail  m clients  / filter  f freeze",
    };
    states.push(keys.into());
    states.join("  ")
}
