//! Output formats.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::marker::PhantomData;

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
pub type Named = (Format, &'static str, &'static str);

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

/// A kind of program, by the formats it accepts.
pub trait Accepts {
    /// The formats; the first is the default.
    const FORMATS: &'static [Named];
}

/// The formats of programs that print a daemon's reports: ntpq, ntpdc, `ntpkit chrony`.
#[derive(Clone, Copy, Debug)]
pub enum OfReports {}

impl Accepts for OfReports {
    const FORMATS: &'static [Named] = &[COLUMNS, TABLE, JSON_OF_HOSTS, OPENMETRICS];
}

/// The formats of the other classic programs.
#[derive(Clone, Copy, Debug)]
pub enum OfClassic {}

impl Accepts for OfClassic {
    const FORMATS: &'static [Named] = &[CLASSIC, JSON, OPENMETRICS];
}

/// The formats of ntpstat.
#[derive(Clone, Copy, Debug)]
pub enum OfHealth {}

impl Accepts for OfHealth {
    const FORMATS: &'static [Named] = &[CLASSIC, JSON_OBJECT, OPENMETRICS];
}

/// The formats of ntptrace.
#[derive(Clone, Copy, Debug)]
pub enum OfTrace {}

impl Accepts for OfTrace {
    const FORMATS: &'static [Named] = &[LINES, JSON_OBJECT, DOT];
}

/// The formats of ntpkit fleet.
#[derive(Clone, Copy, Debug)]
pub enum OfFleet {}

impl Accepts for OfFleet {
    const FORMATS: &'static [Named] = &[OVERVIEW, JSON_LINES, OPENMETRICS];
}

/// The formats of ntpkit's own programs that report findings.
#[derive(Clone, Copy, Debug)]
pub enum OfFindings {}

impl Accepts for OfFindings {
    const FORMATS: &'static [Named] = &[TEXT, JSON];
}

/// The formats of ntpkit's own programs that report figures.
#[derive(Clone, Copy, Debug)]
pub enum OfFigures {}

impl Accepts for OfFigures {
    const FORMATS: &'static [Named] = &[TEXT, JSON, OPENMETRICS];
}

/// `--format`, with the formats of this kind of program.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct FormatArgs<P: Accepts + Clone + Send + Sync + 'static> {
    #[arg(long, help = help(P::FORMATS), value_name = "FORM", value_parser = Format::one_of(offered(P::FORMATS)))]
    format: Option<Format>,
    #[arg(skip)]
    program: PhantomData<P>,
}

impl<P: Accepts + Clone + Send + Sync> FormatArgs<P> {
    /// The format to print.
    pub fn chosen(&self) -> Format {
        // Written so that the compiler sees what a build with one format never prints.
        let chosen = if cfg!(feature = "formats") { self.format } else { None };
        chosen.unwrap_or(first_of(P::FORMATS))
    }
}

impl<P: Accepts + Clone + Send + Sync> Default for FormatArgs<P> {
    fn default() -> Self {
        Self { format: None, program: PhantomData }
    }
}

/// Those of the formats that this build has: without the feature `formats`, the first.
fn offered(formats: &'static [Named]) -> &'static [Named] {
    match formats {
        [first, ..] if cfg!(not(feature = "formats")) => std::slice::from_ref(first),
        all => all,
    }
}

/// The first format, which is the default.
fn first_of(formats: &'static [Named]) -> Format {
    formats.first().map_or_else(Format::default, |(format, ..)| *format)
}

/// The help of the option.
fn help(formats: &'static [Named]) -> String {
    format!("Output format [default: {}]", formats.first().map_or("", |(_, name, _)| name))
}

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
        for formats in [
            OfReports::FORMATS,
            OfClassic::FORMATS,
            OfHealth::FORMATS,
            OfTrace::FORMATS,
            OfFleet::FORMATS,
            OfFindings::FORMATS,
            OfFigures::FORMATS,
        ] {
            for (format, name, _) in
                OfReports::FORMATS.iter().chain(OfFigures::FORMATS).chain(OfTrace::FORMATS)
            {
                let is_accepted = formats.iter().any(|(_, accepted, _)| accepted == name);
                assert_eq!(read(formats, name), is_accepted.then_some(*format), "{name} {formats:?}");
            }
        }
    }
}
