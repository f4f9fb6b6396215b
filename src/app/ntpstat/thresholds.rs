//! The thresholds for a clock, as given on the command line.

use crate::cli::plugin::Range;
use anyhow::anyhow;
use std::str::FromStr;

/// A limit, as typed and as a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The text.
    pub text: String,
    /// Milliseconds.
    pub milliseconds: f64,
}

/// Ranges of the offset, the maximum error and the stratum.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// Range of the offset, in seconds.
    pub offset: Option<Range>,
    /// Range of the maximum error, in seconds.
    pub maximum_error: Option<Range>,
    /// Range of the stratum.
    pub stratum: Option<Range>,
}

impl FromStr for Thresholds {
    type Err = anyhow::Error;

    /// Parses up to three ranges separated by commas; an empty one admits everything.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.split(',');
        let mut next = || match parts.next() {
            None | Some("") => anyhow::Ok(None),
            Some(part) => part.parse().map(Some).map_err(anyhow::Error::msg::<String>),
        };
        let thresholds = Self { offset: next()?, maximum_error: next()?, stratum: next()? };
        match parts.next() {
            None => Ok(thresholds),
            Some(_) => Err(anyhow!("at most three ranges: offset, maximum error, stratum")),
        }
    }
}

/// Parses the limit of the maximum error.
///
/// # Errors
/// Not a finite number.
pub fn limit(text: &str) -> anyhow::Result<Limit> {
    match text.parse::<f64>() {
        Ok(milliseconds) if milliseconds.is_finite() => Ok(Limit { text: text.into(), milliseconds }),
        _ => Err(anyhow!("not a number of milliseconds")),
    }
}
