//! The crates that a build links: each is code that runs with the rights of the user, so their number has a ceiling.

use crate::source::read;
use std::collections::BTreeSet;
use std::process::Command;

/// The options that select a build, and the most crates in it, the program's own included.
const BUDGETS: [(&[&str], usize); 2] = [(&[], 189), (&["--no-default-features"], 85)];

#[test]
fn a_build_links_no_more_crates_than_its_budget() {
    let page = read("docs/security.md").replace('\n', " ");
    for (options, budget) in BUDGETS {
        let crates = linked(options);
        println!("crates in a build {options:?}: {} (at most {budget})", crates.len());
        let names: Vec<&str> = crates.iter().map(String::as_str).collect();
        assert!(crates.len() <= budget, "{} crates, budget {budget}:\n{}", crates.len(), names.join("\n"));
        assert!(crates.len() + 5 > budget, "{} crates: the budget of {budget} can sink", crates.len());
        assert!(page.contains(&format!("at most {budget} crates")), "docs/security.md has another budget");
    }
}

/// The crates that the program consists of, with their versions; not those that build or test it.
fn linked(options: &[&str]) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--no-dedupe"]);
    let output = cargo.args(options).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
