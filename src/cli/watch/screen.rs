//! A screen that shows frames in place.

use super::cells::{Cell, cells, mark_changes, text};
use std::fmt::Write as _;

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The number of columns.
    pub columns: usize,
    /// The number of lines.
    pub rows: usize,
}

/// Highlights changes in colour …
const COLOR_MARK: &str = "\x1b[1;33m";
/// … or without it.
const PLAIN_MARK: &str = "\x1b[7m";
/// Begin and end of a synchronised update, for terminals that support it.
const SYNCHRONIZED: [&str; 2] = ["\x1b[?2026h", "\x1b[?2026l"];

/// The screen.
#[derive(Debug)]
pub struct Screen {
    mark: &'static str,
    /// The size at the last drawing.
    size: Option<Size>,
    /// The rows on the screen.
    shown: Vec<Vec<Cell>>,
    heading: String,
    /// The lines of the last frame and of the previous one.
    lines: Option<Vec<String>>,
    before: Option<Vec<String>>,
}

impl Screen {
    /// Creates an empty screen.
    pub fn new(has_color: bool) -> Self {
        let mark = if has_color { COLOR_MARK } else { PLAIN_MARK };
        Self { mark, size: None, shown: Vec::new(), heading: String::new(), lines: None, before: None }
    }

    /// Sets the next frame and its heading, without drawing.
    pub fn put(&mut self, heading: String, frame: &str) {
        let lines = frame.lines().map(str::to_owned).collect();
        self.before = self.lines.replace(lines);
        self.heading = heading;
    }

    /// Sets a heading without a frame.
    pub fn announce(&mut self, heading: String) {
        self.heading = heading;
    }

    /// Forgets the contents, because something else used the terminal.
    pub fn forget(&mut self) {
        self.size = None;
    }

    /// Returns the output that brings a terminal of this size to the last frame: the rows that differ, or all rows if the size
    /// has changed.
    pub fn draw(&mut self, size: Size) -> String {
        if self.size != Some(size) {
            self.size = Some(size);
            self.shown.clear();
        }
        let rows = self.rows(size);
        let mut drawn = String::new();
        for at in 0..rows.len().max(self.shown.len()).max(if self.shown.is_empty() { size.rows } else { 0 }) {
            let row = rows.get(at).map_or(&[][..], Vec::as_slice);
            if self.shown.get(at).is_some_and(|shown| shown == row) {
                continue;
            }
            // Clearing after the last column would erase the last character.
            let rest = if row.len() < size.columns { "\x1b[K" } else { "" };
            let _ = write!(drawn, "\x1b[{};1H{}{rest}", at + 1, text(row, self.mark));
        }
        self.shown = rows;
        let [begin, end] = SYNCHRONIZED;
        if drawn.is_empty() { drawn } else { format!("{begin}{drawn}{end}") }
    }

    fn rows(&self, size: Size) -> Vec<Vec<Cell>> {
        let mut rows = vec![cells(&self.heading, size.columns)];
        let lines = self.lines.as_deref().unwrap_or_default();
        let room = size.rows.saturating_sub(1);
        let has_room = lines.len() <= room;
        let count = if has_room { lines.len() } else { room.saturating_sub(1) };
        for (at, line) in lines.iter().take(count).enumerate() {
            let mut row = cells(line, size.columns);
            if let Some(before) = &self.before {
                let before = before.get(at).map_or("", String::as_str);
                mark_changes(&cells(before, size.columns), &mut row);
            }
            rows.push(row);
        }
        if !has_room {
            let more = lines.len() - count;
            rows.push(cells(&format!("({more} more lines)"), size.columns));
        }
        rows.truncate(size.rows);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { columns: 20, rows: 4 };

    /// A terminal emulator: draws a frame into rows.
    fn show(screen: &mut Screen, text: &str, rows: &mut [String]) {
        screen.put("one".into(), text);
        let drawn = screen.draw(SIZE);
        let body =
            drawn.strip_prefix(SYNCHRONIZED[0]).and_then(|rest| rest.strip_suffix(SYNCHRONIZED[1])).unwrap();
        for part in body.split("\x1b[").filter(|part| part.contains(";1H")) {
            let (row, text) = part.split_once(";1H").unwrap();
            rows[row.parse::<usize>().unwrap() - 1] = text.to_owned();
        }
    }

    #[test]
    fn only_rows_that_differ_are_written() {
        let mut screen = Screen::new(false);
        let mut rows = vec!["?".to_owned(); 4];
        show(&mut screen, "offset 1\nreach 377\n", &mut rows);
        assert_eq!(rows, ["one", "offset 1", "reach 377", ""]);
        screen.put("one".into(), "offset 2\nreach 377\n");
        let next = screen.draw(SIZE);
        assert_eq!(next, "\x1b[?2026h\x1b[2;1Hoffset \x1b[7m2\x1b[0m\x1b[K\x1b[?2026l");
        assert_eq!(screen.draw(SIZE), "", "it is there already");
        // Highlights last for one frame.
        screen.put("one".into(), "offset 2\nreach 377\n");
        assert_eq!(screen.draw(SIZE), "\x1b[?2026h\x1b[2;1Hoffset 2\x1b[K\x1b[?2026l");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut screen = Screen::new(true);
        let mut rows = vec!["?".to_owned(); 4];
        show(&mut screen, "a\nb\nc\nd\n", &mut rows);
        assert_eq!(rows, ["one", "a", "b", "(2 more lines)"]);
        // It fits exactly.
        show(&mut screen, "a\nb\nc\n", &mut rows);
        assert_eq!(rows[1..3], ["a", "b"]);
        assert!(rows[3].ends_with('c') || rows[3].contains('c'), "{rows:?}");
    }

    #[test]
    fn rows_of_a_longer_frame_are_emptied() {
        let mut screen = Screen::new(false);
        screen.put("one".into(), "a\nb\n");
        screen.draw(SIZE);
        screen.put("one".into(), "a\n");
        assert_eq!(screen.draw(SIZE), "\x1b[?2026h\x1b[3;1H\x1b[K\x1b[?2026l");
    }

    #[test]
    fn another_size_has_all_rows_written_again() {
        let mut screen = Screen::new(false);
        screen.put("a heading".into(), "1234567890\n");
        screen.draw(SIZE);
        let narrow = screen.draw(Size { columns: 5, rows: 3 });
        assert_eq!(narrow, "\x1b[?2026h\x1b[1;1Ha hea\x1b[2;1H12345\x1b[3;1H\x1b[K\x1b[?2026l");
        let tiny = screen.draw(Size { columns: 5, rows: 1 });
        assert_eq!(tiny, "\x1b[?2026h\x1b[1;1Ha hea\x1b[?2026l");
        assert!(!narrow.contains("\x1b[2J"), "nothing is cleared at once");
        screen.draw(Size { columns: 0, rows: 0 });
    }
}
