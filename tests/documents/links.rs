//! Relative links lead to files, and anchors to headings.

use crate::page::{Page, page, pages, project};
use std::path::{Component, Path, PathBuf};

#[test]
fn links_lead_to_files_and_headings() {
    let mut broken = Vec::new();
    let mut count = 0;
    for page in pages() {
        for target in targets(&page) {
            count += 1;
            if let Err(reason) = check(&page, &target) {
                broken.push(format!("{}: {target}: {reason}", page.name));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
    assert!(count > 30, "only {count} links");
}

#[test]
fn broken_links_are_found() {
    let page = page("docs/monitoring.md");
    assert_eq!(check(&page, "formats.md#openmetrics"), Ok(()));
    assert_eq!(check(&page, "#tls-and-passwords"), Ok(()));
    assert!(check(&page, "no-such-page.md").is_err());
    assert!(check(&page, "formats.md#no-such-heading").is_err());
    assert!(check(&page, "#no-such-heading").is_err());
}

/// Relative links of a page; inline code is no link.
fn targets(page: &Page) -> Vec<String> {
    let mut targets = Vec::new();
    for line in page.prose() {
        let line: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.extend(links.filter(|target| !target.contains("://")).map(str::to_owned));
    }
    targets
}

fn check(from: &Page, target: &str) -> Result<(), String> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { from.name.clone() } else { relative(&from.name, path) };
    if !project().join(&path).exists() {
        return Err("no such file".to_owned());
    }
    if anchor.is_empty() || headings(&page(&path)).iter().any(|heading| heading == anchor) {
        Ok(())
    } else {
        Err("no such heading".to_owned())
    }
}

/// A path relative to a page, as a path in the project.
fn relative(page: &str, path: &str) -> String {
    let mut resolved = PathBuf::new();
    let joined = Path::new(page).parent().unwrap_or_else(|| Path::new("")).join(path);
    for part in joined.components() {
        match part {
            Component::ParentDir => assert!(resolved.pop(), "{page}: {path} leaves the project"),
            part => resolved.push(part),
        }
    }
    resolved.to_string_lossy().into_owned()
}

/// The anchors of a page's headings, as GitHub forms them.
fn headings(page: &Page) -> Vec<String> {
    let headings = page.prose().into_iter().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let letters = line.trim_start_matches('#').trim().chars();
            letters
                .filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter))
                .map(|letter| if letter == ' ' { '-' } else { letter })
                .flat_map(char::to_lowercase)
                .collect()
        })
        .collect()
}
