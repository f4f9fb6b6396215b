//! The formats of commands that have no classic output.

use clap::ValueEnum;

/// For findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FindingFormat {
    /// Text for people
    #[default]
    Text,
    /// JSON
    Json,
}

/// For what has figures, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FigureFormat {
    /// Text for people
    #[default]
    Text,
    /// JSON
    Json,
    /// The text format of `OpenMetrics`.
    #[value(help = "OpenMetrics text")]
    Openmetrics,
}
