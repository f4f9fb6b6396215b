//! The help.

use super::put;
use super::style::HEADING;
use crate::app::ntpmon::input::HELP;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The columns of the keys.
const KEYS: usize = 13;

/// Draws the keys and what they do.
pub fn draw(area: Rect, buffer: &mut Buffer) {
    put(buffer, area, 0, &Line::styled("Keys (any of them ends this help)", HEADING));
    for ((keys, text), row) in HELP.iter().zip(1..) {
        let keys = Span::styled(format!("{keys:KEYS$}"), HEADING);
        put(buffer, area, row, &Line::from(vec![keys, Span::raw(*text)]));
    }
}
