//! Records as tables: a row per record, or a row per field of a single one. If rows are too wide, each record gets its
//! own table: nothing is omitted.

use super::fit::{Content, left, right};
use super::{TableStyle, draw_one, no_negative_zero, precise};
use crate::model::records::{FieldValue, RecordsReport};
use crate::render::classic::escape::escape;
use crate::text::date;
use jiff::Timestamp;

/// Maximum number of fields of a record that is printed as a row.
const ROW_LIMIT: usize = 16;

/// Formats the table of a report.
pub(super) fn records(report: &RecordsReport, style: TableStyle) -> String {
    let fields = report.subject.fields;
    let now = report.origin.time;
    if report.subject.list.is_some() && fields.len() <= ROW_LIMIT {
        let columns: Vec<_> = fields
            .iter()
            .enumerate()
            .map(|(at, field)| {
                let is_number = report.records.iter().filter_map(|record| record.get(at)).any(is_number);
                if is_number { right(field.heading()) } else { left(field.heading()) }
            })
            .collect();
        let rows = report.records.iter().map(|record| record.iter().map(|datum| cell(datum, now)).collect());
        if let Some(table) = Content::new(columns, rows).drawn_whole(style) {
            return table;
        }
    }
    let tables: Vec<String> = report
        .records
        .iter()
        .map(|record| {
            let rows = fields
                .iter()
                .zip(record)
                .map(|(field, datum)| vec![field.heading().to_owned(), cell(datum, now)]);
            draw_one(&[left("Field").whole(), left("Value")], rows, style)
        })
        .collect();
    tables.join("\n")
}

fn is_number(datum: &FieldValue) -> bool {
    matches!(datum, FieldValue::Integer(_) | FieldValue::Real(..))
}

fn cell(datum: &FieldValue, now: Timestamp) -> String {
    match datum {
        FieldValue::Absent => "-".to_owned(),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Real(number, decimals) => no_negative_zero(format!("{number:.decimals$}")),
        FieldValue::Text(text) => escape(text),
        FieldValue::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        FieldValue::Time(stamp) if stamp.is_zero() => "never".to_owned(),
        FieldValue::Time(stamp) => precise(date::utc(stamp.to_timestamp(now))),
        FieldValue::Words(words) if words.is_empty() => "none".to_owned(),
        FieldValue::Words(words) => words.join(", "),
        FieldValue::Reals(numbers, decimals) => numbers
            .iter()
            .map(|number| no_negative_zero(format!("{number:.decimals$}")))
            .collect::<Vec<_>>()
            .join(" "),
    }
}
