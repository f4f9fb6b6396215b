//! The formats of results.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// The format of results. Each program accepts some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The lines of the classic program; where there is none, text for people.
    #[default]
    Plain,
    /// A table with borders, for people.
    Table,
    /// JSON.
    Json,
    /// The text format of `OpenMetrics`.
    Openmetrics,
}

/// A format, the word for it on the command line, and what completions say of it.
type Named = (Format, &'static str, &'static str);

const COLUMNS: Named = (Format::Plain, "classic", "Classic columns");
const CLASSIC: Named = (Format::Plain, "classic", "The classic lines");
const TEXT: Named = (Format::Plain, "text", "Text for people");
const TABLE: Named = (Format::Table, "table", "A table with borders, for people");
const JSON_OF_HOSTS: Named = (Format::Json, "json", "JSON, one object per host");
const JSON: Named = (Format::Json, "json", "JSON");
const OPENMETRICS: Named = (Format::Openmetrics, "openmetrics", "OpenMetrics text");

/// What the shell of ntpq and ntpdc prints.
pub const OF_SHELL: &[Named] = &[COLUMNS, TABLE, JSON_OF_HOSTS, OPENMETRICS];
/// What other classic programs print.
pub const OF_CLASSIC: &[Named] = &[CLASSIC, JSON, OPENMETRICS];
/// What programs of this project print: findings.
pub const OF_FINDINGS: &[Named] = &[TEXT, JSON];
/// What programs of this project print: figures.
pub const OF_FIGURES: &[Named] = &[TEXT, JSON, OPENMETRICS];

impl Format {
    /// Reads one of these formats as the value of an option.
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
        for formats in [OF_SHELL, OF_CLASSIC, OF_FINDINGS, OF_FIGURES] {
            for (format, name, _) in OF_SHELL.iter().chain(OF_FIGURES) {
                let is_accepted = formats.iter().any(|(_, accepted, _)| accepted == name);
                assert_eq!(read(formats, name), is_accepted.then_some(*format), "{name} {formats:?}");
            }
        }
    }
}
