//! The translations keep up with the English pages.

use crate::page::{Block, Page, page, pages};
use std::collections::BTreeSet;

/// Each translation, and the page of which it is one.
fn translations() -> Vec<(Page, Page)> {
    let translated = pages().into_iter().filter(|page| page.name.contains(".zh-CN."));
    translated.map(|translation| (page(&translation.name.replace(".zh-CN.", ".")), translation)).collect()
}

#[test]
fn the_entrance_is_translated() {
    let names: Vec<String> = translations().into_iter().map(|(page, _)| page.name).collect();
    assert_eq!(names, ["README.md", "docs/troubleshooting.md"]);
}

#[test]
fn pages_link_to_each_other() {
    for (english, translation) in translations() {
        for (from, to) in [(&english, &translation), (&translation, &english)] {
            let file = to.name.rsplit('/').next().unwrap_or_default();
            let top = from.text.lines().take(5).any(|line| line.contains(&format!("]({file})")));
            assert!(top, "{} does not link to {file} at its top", from.name);
        }
    }
}

/// Comments are translated, commands are not.
#[test]
fn commands_are_the_same() {
    for (english, translation) in translations() {
        let commands = |page: &Page| page.blocks().iter().map(Block::commands).collect::<Vec<_>>();
        assert_eq!(commands(&english), commands(&translation), "{}", translation.name);
    }
}

/// Chapters and rows of tables: one missing is a page that lags behind.
#[test]
fn pages_have_the_same_parts() {
    for (english, translation) in translations() {
        for mark in ["## ", "| ", "- ", "!["] {
            let count = |page: &Page| page.prose().iter().filter(|line| line.starts_with(mark)).count();
            assert_eq!(count(&english), count(&translation), "{}: lines with {mark:?}", translation.name);
        }
    }
}

/// Messages, options and file names in a paragraph's head are those of the program, in every language.
#[test]
fn inline_code_is_the_same() {
    for (english, translation) in translations() {
        let codes = |page: &Page| -> BTreeSet<String> {
            let prose = page.prose().join("\n");
            prose.split('`').skip(1).step_by(2).map(|code| code.replace('\n', " ")).collect()
        };
        let (english, translated) = (codes(&english), codes(&translation));
        let missing: Vec<_> = english.difference(&translated).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", translation.name);
    }
}
