//! Every difference from 4.2.8p15 (`src/compat/quirks`) has a test: here, under its own name; elsewhere in the crate; or,
//! where it takes a kernel's clock or the original itself, in the laboratory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "of these helpers only some are needed here")]
mod support;

#[cfg(test)]
#[path = "../support/interrupts.rs"]
mod interrupts;

#[cfg(test)]
mod console;
mod elsewhere;
#[cfg(test)]
mod fake;
#[cfg(test)]
#[cfg(feature = "autokey")]
mod keygen;
#[cfg(test)]
mod ntpdate;
#[cfg(test)]
mod ntpdc;
#[cfg(test)]
mod ntpq;
#[cfg(test)]
mod plugins;
#[cfg(test)]
mod presets;
#[cfg(test)]
mod status;

use elsewhere::{IN_LABORATORY, IN_OTHER_TESTS};
use ntpkit::compat::Quirk;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use support::{Ran, Run};

/// Runs the same in the dialect of 4.2.8p15 and in the default.
fn both(run: impl Fn() -> Run) -> [Ran; 2] {
    [run().classic().run(), run().run()]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The tests of a source file by name, with their text.
fn tests_of(source: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for part in source.split("#[test]\n").skip(1) {
        let declaration = part.trim_start();
        let indent = &part[..part.len() - declaration.len()];
        let end = part.find(&format!("\n{indent}}}\n")).unwrap_or(part.len());
        let name = declaration.strip_prefix("fn ").and_then(|rest| rest.split('(').next());
        found.extend(name.map(|name| (name.to_owned(), part[..end].to_owned())));
    }
    found
}

/// The tests of this folder that are named for a difference, with their text.
fn cases() -> BTreeMap<String, String> {
    let files = fs::read_dir(root().join("tests/differences")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| !path.ends_with("main.rs"));
    files
        .flat_map(|path| tests_of(&fs::read_to_string(path).unwrap()))
        .map(|(name, text)| (name.replace('_', "-"), text))
        .collect()
}

/// What is wrong with the tests that are named for these rows.
fn faults(rows: &[&Quirk], cases: &BTreeMap<String, String>, read: impl Fn(&str) -> String) -> Vec<String> {
    let mut faults = Vec::new();
    let identifiers: BTreeSet<&str> = rows.iter().map(|quirk| quirk.id).collect();
    let mut covered: BTreeSet<&str> = cases.keys().map(String::as_str).collect();
    for (id, text) in cases {
        if !text.contains("assert") {
            faults.push(format!("{id}: its test cannot fail"));
        }
    }
    for (id, path, names) in IN_OTHER_TESTS {
        covered.insert(id);
        let tests = tests_of(&read(path));
        let mut whole = String::new();
        for name in *names {
            match tests.get(*name) {
                Some(text) => whole += text,
                None => faults.push(format!("{id}: {path} has no test {name}")),
            }
        }
        let is_kept = rows.iter().any(|quirk| quirk.id == *id && quirk.kept);
        if is_kept && !["lassic", "riginal", "compat", "4_2_8p15"].iter().any(|word| whole.contains(word)) {
            faults.push(format!("{id}: {names:?} in {path} never run the dialect of 4.2.8p15"));
        }
    }
    for (id, path, case) in IN_LABORATORY {
        covered.insert(id);
        if !path.starts_with("tests/lab/") || !read(path).contains(case) {
            faults.push(format!("{id}: {path} has no case {case}"));
        }
    }
    faults.extend(identifiers.difference(&covered).map(|id| format!("{id}: no test")));
    faults.extend(covered.difference(&identifiers).map(|id| format!("{id}: no such difference")));
    faults
}

#[test]
fn every_difference_has_a_test_and_every_test_a_difference() {
    let rows: Vec<&Quirk> = Quirk::all().collect();
    let (cases, found) = (cases(), IN_OTHER_TESTS.len() + IN_LABORATORY.len());
    let faults = faults(&rows, &cases, read);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    println!("{} differences: {} tested here, {found} elsewhere", rows.len(), cases.len());
}

/// Every fault must be found.
#[test]
fn faults_of_the_tables_are_found() {
    let rows: Vec<&Quirk> = Quirk::all().collect();
    let all = cases();
    let known = faults(&rows, &all, read);
    let new =
        |faults: Vec<String>| faults.into_iter().filter(|fault| !known.contains(fault)).collect::<Vec<_>>();
    let mut fewer = all.clone();
    fewer.remove("failures-end-with-0");
    assert_eq!(new(faults(&rows, &fewer, read)), ["failures-end-with-0: no test"]);
    let mut more = all.clone();
    more.insert("no-such-row".to_owned(), "assert".to_owned());
    assert_eq!(new(faults(&rows, &more, read)), ["no-such-row: no such difference"]);
    let mut harmless = all.clone();
    harmless.insert("failures-end-with-0".to_owned(), "run()".to_owned());
    assert_eq!(new(faults(&rows, &harmless, read)), ["failures-end-with-0: its test cannot fail"]);
    let gone = faults(&rows, &all, |_| String::new());
    assert!(gone.iter().any(|fault| fault.contains("has no test")), "{gone:?}");
    assert!(gone.iter().any(|fault| fault.contains("has no case")), "{gone:?}");
    assert!(gone.iter().any(|fault| fault.contains("never run the dialect")), "{gone:?}");
}
