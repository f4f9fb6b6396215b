//! Every option of every program has a sentence in its page, and a test that uses it.

use super::project;
use clap::{Arg, Command};
use ntpkit::app::applet::APPLETS;
use std::fs;
use std::path::Path;

/// The folders whose files try the programs, and documents whose commands are run.
const TRIALS: [&str; 5] = ["tests", "src", "docs", "packaging/hooks", "packaging/test"];
/// What the tests of a program are called where its own name does not occur.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("check_ntp_peer", "check_ntp"),
    ("check_ntp_time", "check_ntp"),
    ("ntp-keygen", "ntp_keygen"),
    ("ntp-wait", "ntpstat"),
    ("ntpdate-debian", "debian"),
];

#[test]
fn every_option_has_a_sentence_and_a_test() {
    let texts = trials(&project());
    let mut faults = Vec::new();
    let mut count = 0;
    for (name, command) in programs() {
        let page = page_of(&name);
        let other = OTHER_NAMES.iter().find(|(known, _)| *known == name).map(|(_, other)| *other);
        let last = name.rsplit(' ').next().unwrap_or_default();
        let own: Vec<&String> = texts
            .iter()
            .filter(|text| text.contains(last) || other.is_some_and(|name| text.contains(name)))
            .collect();
        for option in command.get_arguments().filter(|option| !option.is_positional()) {
            count += 1;
            let names = names(option);
            if option.get_help().is_none_or(|help| help.to_string().is_empty()) {
                faults.push(format!("{name} {}: no sentence", names.join(", ")));
            }
            if !option.is_hide_set() && !names.iter().any(|name| page.contains(&name.replace('-', "\\-"))) {
                faults.push(format!("{name} {}: not in its page", names.join(", ")));
            }
            if !names.iter().any(|name| own.iter().any(|text| is_used(text, name))) {
                faults.push(format!("{name} {}: no test uses it", names.join(", ")));
            }
        }
    }
    println!("{count} options");
    assert!(count > 300, "{count} options");
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The programs, and the commands of `ntpkit` with theirs: what is typed, and its options.
fn programs() -> Vec<(String, Command)> {
    let mut programs: Vec<(String, Command)> =
        APPLETS.iter().map(|applet| (applet.name.to_owned(), (applet.command)())).collect();
    let mut waiting = vec![("ntpkit".to_owned(), ntpkit::app::ntpkit::command(APPLETS))];
    while let Some((name, command)) = waiting.pop() {
        let inner =
            command.get_subcommands().map(|inner| (format!("{name} {}", inner.get_name()), inner.clone()));
        waiting.extend(inner);
        programs.push((name, command));
    }
    programs
}

fn page_of(name: &str) -> String {
    let page = name.split(' ').next().unwrap_or_default();
    fs::read_to_string(project().join(format!("man/{page}.1"))).expect("a page")
}

fn names(option: &Arg) -> Vec<String> {
    let long = option.get_long().map(|long| format!("--{long}"));
    let short = option.get_short().map(|short| format!("-{short}"));
    long.into_iter().chain(short).collect()
}

/// Whether an option stands in a text as a word of its own; more letters may follow a short one.
fn is_used(text: &str, option: &str) -> bool {
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '-';
    text.match_indices(option).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + option.len()..]);
        !before.ends_with(part_of_word) && (!option.starts_with("--") || !after.starts_with(part_of_word))
    })
}

/// The texts of all tests: of sources only what follows the mark of tests.
fn trials(project: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    let mut waiting: Vec<_> = TRIALS.iter().map(|place| project.join(place)).collect();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            // This test names no options, and completions are not tests.
            if !path.ends_with("tests/generated") {
                waiting.extend(
                    fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("a file").path()),
                );
            }
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let place = path.strip_prefix(project).expect("inside").to_string_lossy().into_owned();
        if !place.starts_with("src/") || place.contains("tests") {
            texts.push(format!("{place}\n{text}"));
        } else if let Some((_, tests)) = text.split_once("#[cfg(test)]") {
            texts.push(format!("{place}\n{tests}"));
        }
    }
    texts
}
