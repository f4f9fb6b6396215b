//! Reports that are lists of records with the same fields.

use super::origin::Origin;
use crate::wire::timestamp::NtpTimestamp;

/// The result of one command for one daemon, as records.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordsReport {
    /// The daemon.
    pub origin: Origin,
    /// The kind of records.
    pub subject: &'static Subject,
    /// The records; only one if the subject is not a list.
    pub records: Vec<Vec<FieldValue>>,
}

/// The description of a kind of records.
#[derive(Debug, PartialEq, Eq)]
pub struct Subject {
    /// The name of the JSON schema.
    pub schema: &'static str,
    /// The key of the list; `None` if there is only one record.
    pub list: Option<&'static str>,
    /// The fields of each record.
    pub fields: &'static [Field],
}

/// A field of a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its role in metrics.
    pub role: Role,
    /// Its other properties, between bars: a program with hundreds of fields starts faster with one text for each.
    text: &'static str,
}

/// The role of a field in metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// None.
    None,
    /// A label that identifies a record.
    Label,
    /// A value that goes up and down.
    Gauge,
    /// A ratio, given in parts per million.
    PartsPerMillion,
    /// A count, which only increases.
    Counter,
}

impl Field {
    /// Its key, including the unit.
    pub fn key(&self) -> &'static str {
        self.part(0)
    }

    /// Its heading in a table.
    pub fn heading(&self) -> &'static str {
        self.part(1)
    }

    /// Its family of metrics: the name, a colon and what it means; empty if it is not a metric.
    pub fn family(&self) -> &'static str {
        self.part(2)
    }

    fn part(&self, at: usize) -> &'static str {
        self.text.split(" | ").nth(at).unwrap_or_default()
    }
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// No value.
    Absent,
    /// A number.
    Integer(i64),
    /// A number, and how many decimals to show to people.
    Real(f64, usize),
    /// Text, possibly as received.
    Text(Vec<u8>),
    /// A boolean.
    Flag(bool),
    /// A timestamp.
    Time(NtpTimestamp),
    /// A list of words.
    Words(Vec<&'static str>),
    /// A list of numbers, and how many decimals to show to people.
    Reals(Vec<f64>, usize),
}

impl FieldValue {
    /// Creates a text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into().into_bytes())
    }

    /// Creates an integer value.
    pub fn integer(number: impl Into<i64>) -> Self {
        Self::Integer(number.into())
    }
}

/// A field that is not a metric: `key | heading`.
pub const fn plain(text: &'static str) -> Field {
    Field { role: Role::None, text }
}

/// A field that identifies a record: `key | heading`.
pub const fn label(text: &'static str) -> Field {
    Field { role: Role::Label, text }
}

/// A field that goes up and down: `key | heading | family: help`.
pub const fn gauge(text: &'static str) -> Field {
    Field { role: Role::Gauge, text }
}

/// A field in parts per million, whose family is a ratio: `key | heading | family: help`.
pub const fn parts_per_million(text: &'static str) -> Field {
    Field { role: Role::PartsPerMillion, text }
}

/// A field that only increases: `key | heading | family: help`.
pub const fn counter(text: &'static str) -> Field {
    Field { role: Role::Counter, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_parts_of_their_role() {
        let field = gauge("delay_s | Delay [s] | x_delay_seconds: Round trip.");
        assert_eq!((field.key(), field.heading()), ("delay_s", "Delay [s]"));
        assert_eq!(field.family(), "x_delay_seconds: Round trip.");
        assert_eq!(label("address | Address").family(), "");
    }
}
