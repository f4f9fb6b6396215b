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
    /// Its key, including the unit.
    pub key: &'static str,
    /// Its heading in a table.
    pub heading: &'static str,
    /// Its role in metrics.
    pub role: Role,
}

/// The role of a field in metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// None.
    None,
    /// A label that identifies a record.
    Label,
    /// A value that goes up and down: the name of the family, its unit and its help.
    Gauge(&'static str, &'static str, &'static str),
    /// A ratio, given in parts per million: the name of the family and its help.
    PartsPerMillion(&'static str, &'static str),
    /// A count that only increases.
    Counter(&'static str, &'static str),
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

/// A field that is not a metric.
pub const fn plain(key: &'static str, heading: &'static str) -> Field {
    Field { key, heading, role: Role::None }
}

/// A field that identifies a record.
pub const fn label(key: &'static str, heading: &'static str) -> Field {
    Field { key, heading, role: Role::Label }
}

/// A field that goes up and down.
pub const fn gauge(
    key: &'static str,
    heading: &'static str,
    name: &'static str,
    unit: &'static str,
    help: &'static str,
) -> Field {
    Field { key, heading, role: Role::Gauge(name, unit, help) }
}

/// A field in parts per million; its family is a ratio.
pub const fn parts_per_million(
    key: &'static str,
    heading: &'static str,
    name: &'static str,
    help: &'static str,
) -> Field {
    Field { key, heading, role: Role::PartsPerMillion(name, help) }
}

/// A field that only increases.
pub const fn counter(
    key: &'static str,
    heading: &'static str,
    name: &'static str,
    help: &'static str,
) -> Field {
    Field { key, heading, role: Role::Counter(name, help) }
}
