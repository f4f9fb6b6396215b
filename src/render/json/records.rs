//! Records as objects.

use super::{TimeObject, ascii};
use crate::model::records::{FieldValue, RecordsReport};
use crate::text::unicode;
use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};

/// The line of a report.
pub(super) fn line(report: &RecordsReport) -> String {
    ascii::line(&super::Object::new(report.subject.schema, &report.origin, Content(report)))
}

/// Returns the list, or the fields of the only record.
struct Content<'a>(&'a RecordsReport);

impl Serialize for Content<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut map = serializer.serialize_map(None)?;
        let records: Vec<Record<'_>> =
            report.records.iter().map(|record| Record { report, record }).collect();
        match report.subject.list {
            Some(key) => map.serialize_entry(key, &records)?,
            None => {
                for record in records {
                    record.entries(&mut map)?;
                }
            }
        }
        map.end()
    }
}

struct Record<'a> {
    report: &'a RecordsReport,
    record: &'a [FieldValue],
}

impl Record<'_> {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for (field, datum) in self.report.subject.fields.iter().zip(self.record) {
            map.serialize_entry(field.key(), &Value { datum, now: self.report.origin.time })?;
        }
        Ok(())
    }
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}

struct Value<'a> {
    datum: &'a FieldValue,
    now: Timestamp,
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.datum {
            FieldValue::Absent => serializer.serialize_none(),
            FieldValue::Integer(number) => serializer.serialize_i64(*number),
            FieldValue::Real(number, _) => serializer.serialize_f64(*number),
            FieldValue::Text(text) => serializer.serialize_str(&unicode(text)),
            FieldValue::Flag(flag) => serializer.serialize_bool(*flag),
            FieldValue::Time(stamp) => TimeObject::new(*stamp, self.now).serialize(serializer),
            FieldValue::Words(words) => words.serialize(serializer),
            FieldValue::Reals(numbers, _) => numbers.serialize(serializer),
        }
    }
}
