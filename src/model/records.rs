//! Reports that are lists of records with the same fields, whatever they are about.

use super::origin::Origin;
use crate::wire::timestamp::NtpTimestamp;

/// What one command found out about one daemon, as records.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordsReport {
    /// The daemon.
    pub origin: Origin,
    /// What they are about.
    pub subject: &'static Subject,
    /// The records; one, if the subject is not a list.
    pub records: Vec<Vec<FieldValue>>,
}

/// What records are about.
#[derive(Debug, PartialEq, Eq)]
pub struct Subject {
    /// The name of the JSON schema.
    pub schema: &'static str,
    /// The key of the list, or nothing where there is one record only.
    pub list: Option<&'static str>,
    /// The fields of each record.
    pub fields: &'static [Field],
}

/// A field of a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its key; the unit is part of it.
    pub key: &'static str,
    /// Its heading in a table.
    pub heading: &'static str,
    /// What it is among metrics.
    pub role: Role,
}

/// What a field is among metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    None,
    /// A label that identifies a record.
    Label,
    /// A value that goes up and down: the name of the family, its unit and its help.
    Gauge(&'static str, &'static str, &'static str),
    /// A ratio that the field has in parts per million: the name of the family and its help.
    PartsPerMillion(&'static str, &'static str),
    /// A count that only grows.
    Counter(&'static str, &'static str),
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// It has none.
    Absent,
    /// A number.
    Integer(i64),
    /// A number with this many decimals worth to be read by people.
    Real(f64, usize),
    /// Text, as received perhaps.
    Text(Vec<u8>),
    /// Yes or no.
    Flag(bool),
    /// A moment.
    Time(NtpTimestamp),
    /// Words of a list.
    Words(Vec<&'static str>),
    /// Numbers of a list.
    Reals(Vec<f64>, usize),
}

impl FieldValue {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into().into_bytes())
    }

    /// A number.
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

/// A field that only grows.
pub const fn counter(
    key: &'static str,
    heading: &'static str,
    name: &'static str,
    help: &'static str,
) -> Field {
    Field { key, heading, role: Role::Counter(name, help) }
}
