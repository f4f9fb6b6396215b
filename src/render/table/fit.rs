//! Makes a table fit: columns are dropped, the least important first, text is wrapped at blanks, and names are
//! truncated. No word is broken.

use super::TableStyle;
use super::color::tint;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};

/// Marks truncated text.
const CUT: char = '…';
/// Minimum width to truncate text to, unless nothing else helps.
const NARROW: usize = 15;
/// The absolute minimum.
const NARROWEST: usize = 8;

/// What to do with text that has too little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Long {
    /// Keep it whole: a truncated number would mean another one.
    Whole,
    /// Wrap it at a blank.
    Wrapped,
    /// Truncate it.
    Cut,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    heading: &'static str,
    alignment: CellAlignment,
    long: Long,
    /// The rank in which the column is dropped if there are too many; `None` if it never is.
    spare: Option<u8>,
    is_tally: bool,
}

/// A column of words.
pub(super) const fn left(heading: &'static str) -> Column {
    let (alignment, long) = (CellAlignment::Left, Long::Wrapped);
    Column { heading, alignment, long, spare: None, is_tally: false }
}

/// A column of numbers, or of words that must stay whole.
pub(super) const fn right(heading: &'static str) -> Column {
    Column { alignment: CellAlignment::Right, long: Long::Whole, ..left(heading) }
}

/// A column of names and addresses.
pub(super) const fn name(heading: &'static str) -> Column {
    Column { long: Long::Cut, ..left(heading) }
}

/// The tally column.
pub(super) const fn tally(heading: &'static str) -> Column {
    Column { long: Long::Whole, is_tally: true, ..left(heading) }
}

impl Column {
    /// A column that may be dropped if there is too little room, the lowest rank first.
    pub(super) const fn spare(self, rank: u8) -> Self {
        Self { spare: Some(rank), ..self }
    }

    /// The same for words that stay whole.
    pub(super) const fn whole(self) -> Self {
        Self { long: Long::Whole, ..self }
    }
}

/// Columns and their rows.
pub(super) struct Content {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Content {
    pub(super) fn new(columns: Vec<Column>, rows: impl Iterator<Item = Vec<String>>) -> Self {
        Self { columns, rows: rows.collect() }
    }

    /// Returns the table, if it fits completely.
    pub(super) fn drawn_whole(&self, style: TableStyle) -> Option<String> {
        let natural: Vec<Width> = (0..self.columns.len()).map(|at| self.width(at)).collect();
        let fits = |padding: u16| {
            let content = natural.iter().map(|width| width.whole).sum();
            style.width.is_none_or(|most| total(content, natural.len(), padding) <= usize::from(most))
        };
        let padding = [1, 0].into_iter().find(|padding| fits(*padding))?;
        Some(self.table(padding, style))
    }

    /// Returns the table, reduced until it fits.
    pub(super) fn drawn(mut self, style: TableStyle) -> String {
        if let Some(table) = self.drawn_whole(style) {
            return table;
        }
        let most = usize::from(style.width.unwrap_or(u16::MAX));
        loop {
            let widths: Vec<Width> = (0..self.columns.len()).map(|at| self.width(at)).collect();
            let spare = (0..self.columns.len())
                .filter_map(|at| Some((self.columns.get(at)?.spare?, at)))
                .min()
                .map(|(_, at)| at);
            let smallest = |width: &Width| if spare.is_some() { width.least } else { width.tightest };
            let least = widths.iter().map(smallest).sum();
            match spare {
                Some(at) if total(least, widths.len(), 0) > most => self.drop_column(at),
                _ => {
                    let room = most.saturating_sub(total(least, widths.len(), 0));
                    self.shorten(&shared(&widths, smallest, room));
                    return self.table(0, style);
                }
            }
        }
    }

    fn drop_column(&mut self, at: usize) {
        self.columns.remove(at);
        for row in &mut self.rows {
            if at < row.len() {
                row.remove(at);
            }
        }
    }

    fn cells(&self, at: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(move |row| row.get(at)).map(String::as_str)
    }

    fn width(&self, at: usize) -> Width {
        let Some(column) = self.columns.get(at) else { return Width::default() };
        let longest = |text: &str| text.split('\n').map(length).max().unwrap_or(0);
        let longest_word = |text: &str| text.split([' ', '\n']).map(length).max().unwrap_or(0);
        let heading = longest(column.heading);
        let whole = self.cells(at).map(longest).max().unwrap_or(0).max(heading);
        let (least, tightest) = match column.long {
            Long::Whole => (whole, whole),
            Long::Wrapped => {
                let word = self.cells(at).map(longest_word).max().unwrap_or(0).max(heading);
                (word, word.min(NARROWEST.max(heading)))
            }
            Long::Cut => (whole.min(NARROW.max(heading)), whole.min(NARROWEST.max(heading))),
        };
        Width { whole, least, tightest }
    }

    /// Wraps and truncates whatever does not fit into these widths.
    fn shorten(&mut self, widths: &[usize]) {
        for row in &mut self.rows {
            for ((cell, column), width) in row.iter_mut().zip(&self.columns).zip(widths) {
                *cell = match column.long {
                    Long::Whole => continue,
                    Long::Wrapped => wrapped(cell, *width).join("\n"),
                    Long::Cut => cut(cell, *width),
                };
            }
        }
    }

    fn table(&self, padding: u16, style: TableStyle) -> String {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.columns.iter().map(|column| column.heading).collect::<Vec<_>>());
        table.add_rows(&self.rows);
        for (drawn, column) in table.column_iter_mut().zip(&self.columns) {
            drawn.set_cell_alignment(column.alignment);
            drawn.set_padding((padding, padding));
        }
        let tally = self.columns.iter().position(|column| column.is_tally).filter(|_| style.color);
        table.lines().fold(String::new(), |text, line| {
            let line = tally.and_then(|column| tint(&line, column)).unwrap_or(line);
            text + line.trim_end() + "\n"
        })
    }
}

/// The room that a column takes: with all its text whole, at least while columns can be dropped, and at least in any
/// case.
#[derive(Clone, Copy, Debug, Default)]
struct Width {
    whole: usize,
    least: usize,
    tightest: usize,
}

/// The width of a table with this many columns and this content.
fn total(content: usize, columns: usize, padding: u16) -> usize {
    content + columns * (2 * usize::from(padding) + 1) + 1
}

/// Distributes the remaining room to the columns: the narrowest gets more first.
fn shared(widths: &[Width], smallest: impl Fn(&Width) -> usize, mut room: usize) -> Vec<usize> {
    let mut given: Vec<usize> = widths.iter().map(smallest).collect();
    while room > 0 {
        let wanting = given.iter_mut().zip(widths).filter(|(given, width)| **given < width.whole);
        let Some((narrowest, _)) = wanting.min_by_key(|(given, _)| **given) else { break };
        *narrowest += 1;
        room -= 1;
    }
    given
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Truncates a text to at most this width.
fn cut(text: &str, width: usize) -> String {
    if length(text) <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain([CUT]).collect()
}

/// Wraps a text into lines no wider than this; a wider word is broken.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(cut(word, width)),
        }
    }
    lines
}
