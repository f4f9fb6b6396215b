//! The list in `docs/security.md`: it names every vulnerability that the suite knows, and only tests that exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(&path))
        .unwrap_or_else(|error| panic!("{:?}: {error}", path.as_ref()))
}

/// The identifiers of vulnerabilities in a text.
fn identifiers(text: &str) -> BTreeSet<&str> {
    let ends = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-';
    text.split(ends).filter(|word| word.len() > 8 && word.starts_with("CVE-")).collect()
}

#[test]
fn every_vulnerability_is_listed_and_every_listed_test_exists() {
    let page = read("docs/security.md");
    let listed = identifiers(&page);
    assert!(listed.len() > 15);
    let cases: Vec<PathBuf> = std::fs::read_dir(Path::new(ROOT).join("tests/hostile"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let sources: String = cases.iter().map(read).collect();
    let known = identifiers(&sources);
    assert_eq!(
        known.difference(&listed).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "missing in docs/security.md"
    );
    for one in &listed {
        let function = one.to_lowercase().replace('-', "_");
        assert!(known.contains(one) || sources.contains(&function), "{one} has no case");
    }
    let mut tests = 0;
    for cell in page.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('|')) {
        let mut source = String::new();
        for word in cell.split([' ', ',', ';']) {
            if word.starts_with("tests/") || word.starts_with("src/") {
                source = read(word);
            } else if let Some(name) = word.strip_prefix('`').and_then(|name| name.strip_suffix('`'))
                && !source.is_empty()
                && name != "subtle"
            {
                assert!(source.contains(&format!("fn {name}(")), "no test {name} in {cell}");
                tests += 1;
            }
        }
    }
    assert!(tests > 20, "{tests}");
}
