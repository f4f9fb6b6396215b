//! The output of a plugin: one line with performance data, and its state.

use crate::cli::plugin::{PerfValue, State, Thresholds};
use crate::render::classic::general::significant;

/// A figure in the line.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: Option<f64>,
    /// Decimal places.
    pub decimals: usize,
    /// Its unit in the performance data.
    pub unit: &'a str,
    /// Its ranges.
    pub thresholds: Thresholds,
    /// Its minimum and maximum, as whole numbers.
    pub bounds: &'a str,
}

impl Figure<'_> {
    /// The figure in the line, with its state.
    pub fn text(&self, state: State) -> String {
        let value = match self.value {
            Some(value) => format!("{value:.*}", self.decimals),
            None => "unknown".to_owned(),
        };
        match state {
            State::Ok => format!(", {}={value}", self.name),
            state => format!(", {}={value} ({})", self.name, state.name()),
        }
    }

    /// The figure in the performance data.
    pub fn perf_value(&self) -> String {
        let value = self.value.map(|value| format!("{value:.*}{}", self.decimals, self.unit));
        let value = PerfValue {
            name: self.name,
            value: value.as_deref(),
            thresholds: &self.thresholds,
            bounds: self.bounds,
        };
        value.to_string()
    }

    /// The figure in the performance data as the plugins written in C print it: an unknown value as `missing`, and only
    /// the ends of ranges.
    pub fn c_perf_value(&self, missing: f64) -> String {
        let places = self.decimals;
        let number = |value: f64| format!("{value:.places$}");
        let end = |range: &Option<crate::cli::plugin::Range>| {
            range.as_ref().map_or(String::new(), |range| number(range.printed_end().trunc_if(places == 0)))
        };
        let (warning, critical) = (end(&self.thresholds.warning), end(&self.thresholds.critical));
        let value = number(self.value.unwrap_or(missing));
        format!("{}={value}{};{warning};{critical};{}", self.name, self.unit, self.bounds)
    }
}

/// Truncates to an integer where the C program uses one.
trait TruncIf {
    fn trunc_if(self, cut: bool) -> Self;
}

impl TruncIf for f64 {
    fn trunc_if(self, cut: bool) -> Self {
        if cut { self.trunc() } else { self }
    }
}

/// An offset in words.
pub fn offset_text(offset: Option<f64>) -> String {
    match offset {
        Some(offset) => format!("Offset {} secs", significant(offset, 10)),
        None => "Offset unknown".into(),
    }
}
