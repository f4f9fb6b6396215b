//! Holds the manual pages and the completions current with the program: what both know of options and commands
//! comes from the program itself. `BLESS=1 cargo test --test generated` writes the files anew.
#![cfg(all(feature = "diagnosis", feature = "ntpdc"))]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by a panic")]
#![allow(clippy::print_stderr, reason = "a test says what it leaves out")]

mod check_config;
mod completions;
mod differences;
mod manual;
mod options;
mod shells;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn committed_files_are_current() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut files = manual::pages();
    files.extend(completions::files());
    files.push(differences::document());
    files.push(check_config::document());
    let mut stale = Vec::new();
    for (name, text) in &files {
        let path = project().join(name);
        if fs::read_to_string(&path).is_ok_and(|committed| committed == *text) {
            continue;
        }
        if bless {
            fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
            fs::write(&path, text).expect("the file can be written");
        } else {
            stale.push(name.as_str());
        }
    }
    let expected: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let left_over: Vec<String> = ["man", "completions"]
        .into_iter()
        .flat_map(files_in)
        .filter(|name| !expected.contains(name.as_str()))
        .collect();
    assert!(
        stale.is_empty(),
        "\nnot what the program says: {}\nwrite them anew: BLESS=1 cargo test --test generated\n",
        stale.join(" ")
    );
    assert!(left_over.is_empty(), "\nnobody generates these any more: {}\n", left_over.join(" "));
}

/// The introduction tells of the applets that there are, and of no other.
/// A remark on a command belongs into the command's own section.
#[test]
fn the_page_of_ntpkit_has_a_section_for_every_command() {
    let page = fs::read_to_string(project().join("man/ntpkit.1")).expect("a page");
    for (path, _) in manual::leaves(&ntpkit::app::ntpkit::command(ntpkit::app::applet::APPLETS), "") {
        let name = path.replace('-', "\\-");
        let title =
            if name.contains(' ') { format!("\n.SS \"{name}\"\n") } else { format!("\n.SS {name}\n") };
        let (_, after) = page.split_once(&title).expect("a section");
        let section = after.split("\n.S").next().unwrap_or_default();
        for (other, _) in manual::leaves(&ntpkit::app::ntpkit::command(ntpkit::app::applet::APPLETS), "") {
            let remark = format!("\n.B {other}\n");
            assert!(other == path || !section.contains(&remark), "{other} is treated under {path}");
        }
    }
}

#[test]
fn packages_have_every_applet() {
    let read = |name: &str| fs::read_to_string(project().join(name)).expect("a file");
    let manifest = read("Cargo.toml");
    let scripts = ["packaging/rpm/names-post", "packaging/rpm/names-preun"].map(read);
    for applet in ntpkit::app::applet::APPLETS {
        let name = applet.name;
        let page = format!("/man1/ntpkit-{name}.1\"");
        assert_eq!(manifest.matches(&page).count(), 2, "{name}: its page belongs into both packages");
        for (row, packages) in [
            (format!("bin/{name}\", link_name"), 1),
            (format!("\"usr/share/man/man1/{name}.1.gz\", link_name"), 1),
            (format!("\"/usr/share/man/man1/{name}.1\""), 1),
            (format!("\"completions/{name}.bash\""), 2),
            (format!("\"completions/{name}.fish\""), 2),
            (format!("\"completions/_{name}\""), 2),
        ] {
            assert_eq!(manifest.matches(&row).count(), packages, "{row} in the packages of names");
        }
        for script in &scripts {
            assert!(
                script.split_whitespace().any(|word| word.trim_end_matches(';') == name),
                "{name}: no link in the RPM"
            );
        }
    }
}

/// The README's table of applets has a row for each, and for no other.
#[test]
fn readme_has_every_applet() {
    let readme = fs::read_to_string(project().join("README.md")).expect("README.md");
    let (_, after) = readme.split_once("\n## Applets\n").expect("a chapter about the applets");
    let (chapter, _) = after.split_once("\n## ").expect("a chapter after it");
    let rows = chapter.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let listed: BTreeSet<&str> = rows.filter(|name| *name != "applet").collect();
    let there: BTreeSet<&str> = ntpkit::app::applet::APPLETS.iter().map(|applet| applet.name).collect();
    assert_eq!(listed, there);
    assert!(readme.lines().count() <= 150, "the README has more than 150 lines");
}

/// The files of a folder of the project, without its subfolders.
fn files_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(project().join(folder)).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_file())
        .map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy()))
        .collect()
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
