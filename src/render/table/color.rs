//! The colours of the tally.

use owo_colors::{OwoColorize, Style};

/// Returns a table line with the tally's cell, in this column, coloured; `None` if the line has none.
pub(super) fn tint(line: &str, column: usize) -> Option<String> {
    let (start, cell) = cells(line).nth(column)?;
    let tally = cell.trim_start_matches(' ').chars().next()?;
    let text = cell.trim();
    // Continuation lines of a row have nothing here, and the heading has a word.
    let style = matches!(text.chars().nth(1), None | Some(' ')).then(|| style(tally))??;
    let from = start + cell.find(text)?;
    let (before, rest) = line.split_at_checked(from)?;
    let (text, after) = rest.split_at_checked(text.len())?;
    Some(format!("{before}{}{after}", text.style(style)))
}

/// Returns the cells of a line, each with its position.
fn cells(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.match_indices(['│', '┆']).zip(line.match_indices(['│', '┆']).skip(1)).filter_map(
        |((start, border), (end, _))| {
            let start = start + border.len();
            Some((start, line.get(start..end)?))
        },
    )
}

fn style(tally: char) -> Option<Style> {
    let style = Style::new();
    Some(match tally {
        '*' | 'o' => style.green().bold(),
        '+' | '#' => style.green(),
        '-' | '.' => style.yellow(),
        'x' => style.red(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tally_is_coloured() {
        let tinted = tint("│ * sys.peer  ┆ time.example │", 0);
        assert_eq!(tinted.as_deref(), Some("│ \u{1b}[32;1m* sys.peer\u{1b}[0m  ┆ time.example │"));
        assert_eq!(tint("│*┆time│", 0).as_deref(), Some("│\u{1b}[32;1m*\u{1b}[0m┆time│"));
        assert_eq!(tint("│   reject    ┆ x y │", 0), None);
        assert_eq!(tint("│ Selection   ┆ Remote │", 0), None);
        assert_eq!(tint("│             ┆ le.example │", 0), None);
        assert_eq!(tint("└─────┘", 0), None);
        assert_eq!(tint("│ 1 ┆ x falsetick │", 1).as_deref(), Some("│ 1 ┆ \u{1b}[31mx falsetick\u{1b}[0m │"));
    }
}
