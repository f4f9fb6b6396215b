//! Output formats.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// An output format. Each program accepts some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The classic program's lines, or plain text where there is no classic program.
    #[default]
    Plain,
    /// A table with borders.
    Table,
    /// JSON.
    Json,
    /// `OpenMetrics` text.
    Openmetrics,
    /// A graph in the DOT language of Graphviz.
    Dot,
}

/// A format, its name on the command line, and its description in completions.
type Named = (Format, &'static str, &'static str);

const COLUMNS: Named = (Format::Plain, "classic", "Classic columns");
const CLASSIC: Named = (Format::Plain, "classic", "Classic lines");
const LINES: Named = (Format::Plain, "text", "Lines of the original");
const TEXT: Named = (Format::Plain, "text", "Human-readable text");
const TABLE: Named = (Format::Table, "table", "A table with borders");
const OVERVIEW: Named = (Format::Table, "table", "Human-readable text");
const JSON_OF_HOSTS: Named = (Format::Json, "json", "JSON, one object per host");
const JSON_LINES: Named =
    (Format::Json, "json", "One JSON object per line: one for each host, one for the fleet");
const JSON_OBJECT: Named = (Format::Json, "json", "JSON, one object");
const JSON: Named = (Format::Json, "json", "JSON");
const OPENMETRICS: Named = (Format::Openmetrics, "openmetrics", "OpenMetrics text");
const DOT: Named = (Format::Dot, "dot", "A graph in the language of Graphviz");

/// The formats of the ntpq and ntpdc consoles.
pub const OF_SHELL: &[Named] = &[COLUMNS, TABLE, JSON_OF_HOSTS, OPENMETRICS];
/// The formats of the other classic programs.
pub const OF_CLASSIC: &[Named] = &[CLASSIC, JSON, OPENMETRICS];
/// The formats of ntpstat.
pub const OF_HEALTH: &[Named] = &[CLASSIC, JSON_OBJECT, OPENMETRICS];
/// The formats of ntptrace.
pub const OF_TRACE: &[Named] = &[LINES, JSON_OBJECT, DOT];
/// The formats of ntpkit fleet.
pub const OF_FLEET: &[Named] = &[OVERVIEW, JSON_LINES, OPENMETRICS];
/// The formats of ntpkit chrony.
pub const OF_CHRONY: &[Named] = &[COLUMNS, TABLE, JSON_OF_HOSTS, OPENMETRICS];
/// The formats of ntpkit's own programs that report findings.
pub const OF_FINDINGS: &[Named] = &[TEXT, JSON];
/// The formats of ntpkit's own programs that report figures.
pub const OF_FIGURES: &[Named] = &[TEXT, JSON, OPENMETRICS];

impl Format {
    /// Whether programs read the results, so that nothing else may stand between them.
    pub fn is_for_programs(self) -> bool {
        matches!(self, Self::Json | Self::Openmetrics)
    }

    /// Parses an option's value as one of these formats.
    pub fn one_of(formats: &'static [Named]) -> impl TypedValueParser<Value = Self> {
        let values = formats.iter().map(|(_, name, help)| PossibleValue::new(*name).help(*help));
        PossibleValuesParser::new(values).map(|word| {
            let named = formats.iter().find(|(_, name, _)| *name == word);
            named.map_or_else(Self::default, |(format, ..)| *format)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Arg, Command};

    #[test]
    fn each_program_accepts_its_own_formats() {
        let read = |formats, word: &str| {
            let option = Arg::new("format").value_parser(Format::one_of(formats));
            let matches = Command::new("x").arg(option).try_get_matches_from(["x", word]).ok()?;
            matches.get_one::<Format>("format").copied()
        };
        for formats in
            [OF_SHELL, OF_CLASSIC, OF_HEALTH, OF_TRACE, OF_FLEET, OF_CHRONY, OF_FINDINGS, OF_FIGURES]
        {
            for (format, name, _) in OF_SHELL.iter().chain(OF_FIGURES).chain(OF_TRACE) {
                let is_accepted = formats.iter().any(|(_, accepted, _)| accepted == name);
                assert_eq!(read(formats, name), is_accepted.then_some(*format), "{name} {formats:?}");
            }
        }
    }
}
