//! Records as samples.

use super::exposition::{Exposition, Labels, counter, gauge};
use crate::model::records::{FieldValue, RecordsReport, Role};

/// Adds the samples of all records.
pub(super) fn records(exposition: &mut Exposition, report: &RecordsReport, host: &Labels) {
    for record in &report.records {
        let fields = || report.subject.fields.iter().zip(record);
        let labels = fields().filter(|(field, _)| field.role == Role::Label).fold(
            host.clone(),
            |labels, (field, datum)| match datum {
                FieldValue::Text(text) => labels.with(field.key(), text),
                FieldValue::Integer(number) => labels.with(field.key(), number.to_string().as_bytes()),
                FieldValue::Words(words) => labels.with(field.key(), words.join(" ").as_bytes()),
                _ => labels,
            },
        );
        for (field, datum) in fields() {
            let Some(value) = number(datum) else { continue };
            match field.role {
                Role::Gauge => exposition.add(&gauge(field.family()), &labels, value),
                Role::PartsPerMillion => exposition.add(&gauge(field.family()), &labels, value / 1e6),
                Role::Counter => exposition.add(&counter(field.family()), &labels, value),
                Role::None | Role::Label => {}
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "samples are of this type")]
fn number(datum: &FieldValue) -> Option<f64> {
    match datum {
        FieldValue::Integer(number) => Some(*number as f64),
        FieldValue::Real(number, _) => Some(*number),
        FieldValue::Flag(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    }
}
