//! Colours and emphasis.

use crate::model::fleet::Severity;
use ratatui::style::{Color, Modifier, Style};

/// A bar across the screen, and the selected row.
pub const BAR: Style = Style::new().add_modifier(Modifier::REVERSED);
/// A heading.
pub const HEADING: Style = Style::new().add_modifier(Modifier::BOLD);

/// How to emphasise; without colour only in ways that every terminal has.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Whether colours may be used.
    pub color: bool,
}

impl Theme {
    /// The least important.
    pub fn faint(self) -> Style {
        if self.color { Style::new().fg(Color::Cyan) } else { Style::new() }
    }

    /// A plot.
    pub fn plot(self) -> Style {
        if self.color { Style::new().fg(Color::Cyan) } else { Style::new() }
    }

    /// A host with this problem, or without any.
    pub fn severity(self, severity: Option<Severity>) -> Style {
        let bold = HEADING;
        match severity {
            None => Style::new(),
            Some(_) if !self.color => bold,
            Some(Severity::Critical) => bold.fg(Color::Red),
            Some(Severity::Warning) => bold.fg(Color::Yellow),
            Some(Severity::Unknown) => bold,
        }
    }

    /// A tally code, as the tables of `ntpq` colour it.
    pub fn tally(self, tally: char) -> Style {
        if !self.color {
            return Style::new();
        }
        match tally {
            '*' | 'o' => Style::new().fg(Color::Green).add_modifier(Modifier::BOLD),
            '+' | '#' => Style::new().fg(Color::Green),
            '-' | '.' => Style::new().fg(Color::Yellow),
            'x' => Style::new().fg(Color::Red),
            _ => Style::new(),
        }
    }
}

/// A number of milliseconds to the microsecond, without a sign if it is zero.
pub fn milliseconds(value: f64) -> String {
    let text = format!("{value:.3}");
    if text == "-0.000" { "0.000".to_owned() } else { text }
}
