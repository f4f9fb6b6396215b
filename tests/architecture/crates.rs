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

#[test]
fn the_fuzz_targets_are_built_with_the_libraries_of_the_program() {
    let [program, fuzz] = ["Cargo.lock", "fuzz/Cargo.lock"].map(|path| locked(&read(path)));
    assert!(program.len() > 100, "{program:?}");
    let own = ["arbitrary", "derive_arbitrary", "jobserver", "libfuzzer-sys", "ntpkit-fuzz"];
    let others: Vec<_> = fuzz
        .difference(&program)
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, version)| {
            format!("cargo update --manifest-path fuzz/Cargo.toml {name} --precise VERSION # not {version}")
        })
        .collect();
    assert!(others.is_empty(), "{}", others.join("\n"));
}

/// The names and versions in a lock file.
fn locked(text: &str) -> BTreeSet<(String, String)> {
    let value = |line: &str, key| Some(line.strip_prefix(key)?.trim_matches('"').to_owned());
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.windows(2);
    pairs.filter_map(|pair| Some((value(pair[0], "name = ")?, value(pair[1], "version = ")?))).collect()
}

/// The crates that the program consists of, with their versions; not those that build or test it.
fn linked(options: &[&str]) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--no-dedupe"]);
    let output = cargo.args(options).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
