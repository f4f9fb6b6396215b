//! Values of options that the programs of the shell have in common.

use clap::ValueEnum;
use std::time::Duration;

/// How reference identifiers that are addresses are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefidDisplay {
    /// As an IPv4 address.
    #[default]
    Ipv4,
    /// As a hexadecimal number, for it may be the hash of an IPv6 address.
    Hash,
}

/// The form of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The classic columns
    #[default]
    Classic,
    /// A table with borders, for people
    Table,
    /// JSON, one object for each host
    Json,
    /// `OpenMetrics` text
    Openmetrics,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// In any case
    Always,
    /// Not at all
    Never,
}

/// A number with a sign, or the complaint.
pub(in crate::commands) fn number(text: &str) -> Result<i32, String> {
    text.parse().map_err(|_| format!("'{text}' is not a recognizable number."))
}

/// A duration in seconds, or the complaint.
pub(in crate::commands) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("'{text}' is not a recognizable number."))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("'{text}' seconds are no possible time-out."))
}
