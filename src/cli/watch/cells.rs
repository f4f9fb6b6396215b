//! The cells of a line, and the changes between lines.

use std::fmt::Write as _;
use std::sync::Arc;

/// The tab width.
const TAB: usize = 8;

/// A cell of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    letter: char,
    /// The sequence that sets its colour; empty if it has none.
    style: Arc<str>,
    /// Whether it is highlighted.
    is_marked: bool,
}

/// Splits a line into cells, truncated to the width.
pub fn cells(line: &str, width: usize) -> Vec<Cell> {
    let plain: Arc<str> = Arc::from("");
    let mut style = Arc::clone(&plain);
    let mut cells = Vec::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\x1b' => {
                let mut parameters = String::new();
                let rest = letters.as_str();
                let Some(rest) = rest.strip_prefix('[') else { continue };
                letters = rest.chars();
                let last = letters.by_ref().find(|&letter| {
                    let is_last = ('@'..='~').contains(&letter);
                    if !is_last {
                        parameters.push(letter);
                    }
                    is_last
                });
                if last == Some('m') {
                    let is_reset = matches!(parameters.as_str(), "" | "0");
                    style = if is_reset {
                        Arc::clone(&plain)
                    } else {
                        Arc::from(format!("{style}\x1b[{parameters}m"))
                    };
                }
            }
            '\t' => {
                let blanks = TAB - cells.len() % TAB;
                let blank = Cell { letter: ' ', style: Arc::clone(&style), is_marked: false };
                cells.extend(std::iter::repeat_n(blank, blanks));
            }
            letter if letter.is_control() => {}
            letter => cells.push(Cell { letter, style: Arc::clone(&style), is_marked: false }),
        }
    }
    cells.truncate(width);
    cells
}

/// Highlights the words that differ from the previous line.
pub fn mark_changes(before: &[Cell], now: &mut [Cell]) {
    let is_changed =
        |at: usize, cell: &Cell| before.get(at).is_none_or(|before| before.letter != cell.letter);
    let mut at = 0;
    for word in now.chunk_by_mut(|one, other| (one.letter == ' ') == (other.letter == ' ')) {
        let differs = word.iter().enumerate().any(|(index, cell)| is_changed(at + index, cell));
        at += word.len();
        let is_blank = word.first().is_some_and(|cell| cell.letter == ' ');
        for cell in word {
            cell.is_marked = differs && !is_blank;
        }
    }
}

/// The text that draws these cells, with this sequence for highlights.
pub fn text(cells: &[Cell], mark: &str) -> String {
    let mut text = String::with_capacity(cells.len());
    let mut current = ("", false);
    for cell in cells {
        let wanted = (&*cell.style, cell.is_marked);
        if wanted != current {
            let mark = if cell.is_marked { mark } else { "" };
            let reset = if current == ("", false) { "" } else { "\x1b[0m" };
            // Writing to a string cannot fail.
            let _ = write!(text, "{reset}{}{mark}", cell.style);
            current = wanted;
        }
        text.push(cell.letter);
    }
    if current != ("", false) {
        text += "\x1b[0m";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(cells: &[Cell]) -> String {
        cells.iter().map(|cell| cell.letter).collect()
    }

    fn marked(before: &str, now: &str) -> String {
        let mut cells_now = cells(now, 80);
        mark_changes(&cells(before, 80), &mut cells_now);
        text(&cells_now, "<").replace("\x1b[0m", ">")
    }

    #[test]
    fn a_line_is_cut_to_the_width() {
        assert_eq!(letters(&cells("a\tb\x07c", 80)), "a       bc");
        assert_eq!(letters(&cells("12345678", 5)), "12345");
        assert_eq!(letters(&cells("\x1b[31mred\x1b[0m \x1b[2Kplain\x1b", 80)), "red plain");
    }

    #[test]
    fn colours_stay() {
        let line = "\x1b[1m\x1b[32m*\x1b[0m192.0.2.1";
        assert_eq!(text(&cells(line, 80), "<"), line);
        assert_eq!(text(&cells("\x1b[31mred", 2), "<"), "\x1b[31mre\x1b[0m");
    }

    #[test]
    fn whole_words_stand_out() {
        assert_eq!(marked("offset 1.234 ms", "offset 1.334 ms"), "offset <1.334> ms");
        assert_eq!(marked("a b", "a b"), "a b");
        assert_eq!(marked("", "new row"), "<new> <row>");
        assert_eq!(marked("377 1", "377    22"), "377    <22>");
        assert_eq!(marked("a  b", "a"), "a");
    }

    #[test]
    fn a_change_of_colour_alone_is_no_change() {
        assert_eq!(marked("x", "\x1b[31mx"), "\x1b[31mx>");
        assert_eq!(marked("y", "\x1b[31mx"), "\x1b[31m<x>");
    }
}
