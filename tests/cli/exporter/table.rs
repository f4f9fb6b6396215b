//! The table of families in docs/formats.md beside what the exporter prints.

use super::running::{Answer, Exporter};
use crate::support::{daemon, host, nobody};
use ntpkit::sim::fleet::{Rule, SimulatedFleet};
use std::collections::BTreeSet;
use std::time::Duration;

const DOCUMENT: &str = include_str!("../../../docs/formats.md");

/// A family of the table, `*` standing for anything, with its labels.
struct Row {
    family: String,
    labels: Vec<String>,
}

/// What stands in backquotes.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// `a_{b,c}_d` as `a_b_d` and `a_c_d`.
fn expanded(text: &str) -> Vec<String> {
    let Some((before, rest)) = text.split_once('{') else { return vec![text.to_owned()] };
    let (choices, after) = rest.split_once('}').expect("a closing brace");
    let all = choices.split(',').map(|choice| format!("{before}{choice}{after}"));
    all.flat_map(|text| expanded(&text)).collect()
}

fn rows() -> Vec<Row> {
    let section = DOCUMENT.split("\n## OpenMetrics\n").nth(1).expect("the section");
    let lines = section.lines().skip_while(|line| !line.starts_with("| families")).skip(2);
    let mut labels = Vec::new();
    let mut rows = Vec::new();
    for line in lines.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if cells[2] != "the same" {
            labels = quoted(cells[2]);
        }
        let mut stem = String::new();
        for name in quoted(cells[1]) {
            let whole = match name.strip_prefix('_') {
                // `_x` continues what the cell began with.
                Some(rest) => format!("{stem}_{rest}"),
                None => name.clone(),
            };
            let names = expanded(&whole);
            if !name.starts_with('_') {
                // Up to what the names have in common: ntpkit_fleet_host, ntpkit_system.
                stem = match whole.split_once("_{") {
                    Some((before, _)) => before.to_owned(),
                    None => whole.rsplit_once('_').map_or(whole.clone(), |(before, _)| before.to_owned()),
                };
            }
            rows.extend(names.into_iter().map(|family| Row { family, labels: labels.clone() }));
        }
    }
    assert!(rows.len() > 50, "the table is not where it was");
    rows
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
        None => pattern == name,
    }
}

/// Each sample's name with the names of its labels.
fn samples(answer: &Answer) -> BTreeSet<(String, Vec<String>)> {
    let lines = answer.body.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, rest) = line.split_at(line.find(['{', ' ']).expect("a sample"));
            let labels = rest.split("=\"").map(|part| part.rsplit(['{', ',']).next().unwrap_or_default());
            let mut labels: Vec<String> = labels.map(str::to_owned).collect();
            labels.pop();
            (name.to_owned(), labels)
        })
        .collect()
}

#[test]
fn every_family_that_is_printed_is_in_the_table_with_its_labels() {
    let simulated = daemon("campus");
    let fleet = SimulatedFleet::start(Rule { silent_every: 0 }, Duration::ZERO).unwrap();
    let exporter = Exporter::start(&[]);
    let chronyd = format!("127.5.0.1:{}", fleet.chrony_port());
    let mut printed = samples(&exporter.get("/metrics"));
    for (target, module) in [
        (host(&simulated), "control"),
        (host(&simulated), "auto"),
        (host(&simulated), "sntp"),
        (chronyd, "chrony"),
        (nobody(), "auto"),
    ] {
        let answer = exporter.get(&format!("/probe?target={target}&module={module}"));
        assert_eq!(answer.status, 200, "{target} {module}");
        printed.extend(samples(&answer));
    }
    let rows = rows();
    let mut unknown = Vec::new();
    for (name, labels) in &printed {
        let is_known = rows.iter().any(|row| {
            // Infos have further labels; of a state set, one has its name.
            let is_free =
                |label: &String| name.ends_with("_info") || label == name || row.labels.contains(label);
            matches(&row.family, name)
                && row.labels.iter().all(|label| labels.contains(label))
                && labels.iter().all(is_free)
        });
        if !is_known {
            unknown.push(format!("{name} {labels:?}"));
        }
    }
    assert!(unknown.is_empty(), "not in docs/formats.md: {unknown:#?}");
    // And the exporter's own are not only promised.
    let own = rows.iter().map(|row| &row.family);
    let own = own.filter(|family| {
        ["ntpkit_build", "ntpkit_scrape", "ntpkit_probe"].iter().any(|start| family.starts_with(start))
    });
    let missing: Vec<&String> =
        own.filter(|family| !printed.iter().any(|(name, _)| name == *family)).collect();
    assert!(missing.is_empty(), "not printed: {missing:?}");
}
