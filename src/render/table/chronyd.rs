//! chronyd's reports as tables.

use super::TableStyle;
use super::fit::{Column, Content, left, name, right};
use crate::render::chronyc::facts::{Fact, Value};
use crate::text::visible;

/// A table of these records: a row for each, or for a single one a row for each value.
pub fn chronyd(records: &[Vec<Fact>], is_list: bool, style: TableStyle) -> String {
    let shown = |facts: &[Fact]| -> Vec<Fact> {
        facts.iter().filter(|fact| !fact.heading.is_empty()).cloned().collect()
    };
    if is_list {
        let columns: Vec<Column> =
            records.first().map_or(Vec::new(), |facts| shown(facts).iter().map(column).collect());
        let rows = records
            .iter()
            .map(|facts| shown(facts).iter().map(|fact| visible(fact.value.shown().as_bytes())).collect());
        return if columns.is_empty() { String::new() } else { Content::new(columns, rows).drawn(style) };
    }
    let table = |facts: &Vec<Fact>| {
        let row = |fact: Fact| vec![fact.heading.to_owned(), visible(fact.value.shown().as_bytes())];
        Content::new(vec![left("Name"), name("Value")], shown(facts).into_iter().map(row)).drawn(style)
    };
    records.iter().map(table).collect()
}

fn column(fact: &Fact) -> Column {
    let heading = fact.heading;
    match (heading, &fact.value) {
        ("Name", _) => name(heading),
        ("Measured", _) => right(heading).spare(1),
        ("Runs" | "Type" | "Length", _) => right(heading).spare(2),
        (_, Value::Text(_) | Value::Words(_) | Value::Flag(_)) => left(heading),
        _ => right(heading),
    }
}
