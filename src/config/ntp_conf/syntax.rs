//! Findings for lines that the daemon's parser refuses.

use super::Daemon;
use super::grammar::{Expected, Refusal, Statement};
use super::scanner::{Kind, LONGEST_ITEM, Oddity, Token};
use super::words::Words;
use crate::config::finding::{Edit, Finding, Place};
use crate::config::near::{joined, nearest};
use crate::config::rules::{BAD_VALUE, NOT_ASCII, NOT_BUILT, TOO_LONG, UNKNOWN_WORD};

/// The finding for a fault in the octets of a line.
pub fn oddity(file: &str, line: usize, oddity: &Oddity) -> Finding {
    let place = |start: &usize| Place { file: file.to_owned(), line, column: start + 1 };
    match oddity {
        Oddity::TooLong { start } => {
            Finding::new(&TOO_LONG, place(start), format!("a word of more than {LONGEST_ITEM} octets"))
        }
        Oddity::NotAscii { start } => Finding::new(&NOT_ASCII, place(start), "non-ASCII characters"),
    }
}

/// The finding for a command that needs a special build of the daemon.
pub fn unbuilt(file: &str, statement: &Statement) -> Finding {
    let command = &statement.command;
    let place = Place { file: file.to_owned(), line: command.line, column: command.start + 1 };
    Finding::new(&NOT_BUILT, place, format!("`{}` needs a daemon built with leap smearing", command.text))
        .edit(Edit::Remove { line: command.line })
}

/// The finding for a word that the grammar does not allow.
pub fn refused(
    daemon: Daemon,
    file: &str,
    line: usize,
    statement: Option<&Statement>,
    refusal: &Refusal,
) -> Finding {
    let place = Place { file: file.to_owned(), line, column: refusal.start + 1 };
    let command = statement.map_or("", |statement| &statement.command.text);
    let Some(found) = &refusal.found else {
        let after = refusal.option.as_ref().map_or(command, |option| &option.text);
        let what = match &refusal.expected {
            Expected::Kind(kind) => format!("`{after}` lacks {kind}"),
            Expected::Words(words) => format!("`{after}` must be followed by one of: {}", words.join(", ")),
            Expected::End => format!("`{after}` is incomplete"),
        };
        return Finding::new(&BAD_VALUE, place, what);
    };
    let word = &found.text;
    match &refusal.expected {
        Expected::Words(known) => unknown(daemon, place, command, found, known),
        Expected::Kind(kind) => {
            let after = refusal.option.as_ref().map_or(command, |option| &option.text);
            Finding::new(&BAD_VALUE, place, format!("`{word}` after `{after}` is not {kind}"))
                .better(format!("use {kind}"))
        }
        Expected::End => {
            let finding =
                Finding::new(&UNKNOWN_WORD, place, format!("`{command}` takes no further words: `{word}`"));
            let edit = Edit::Replace {
                line: found.line,
                start: found.start.saturating_sub(1),
                end: found.end,
                text: String::new(),
            };
            finding.better("remove the rest of the line").edit(edit)
        }
    }
}

fn unknown(daemon: Daemon, place: Place, command: &str, found: &Token, known: &[&'static str]) -> Finding {
    let word = found.text.as_str();
    let replace = |text: String| Edit::Replace { line: found.line, start: found.start, end: found.end, text };
    let what = if command.is_empty() {
        format!("unknown command `{word}`")
    } else {
        format!("`{command}` has no option `{word}`")
    };
    let finding = Finding::new(&UNKNOWN_WORD, place, what);
    if command == "server" && word == "fudge" {
        return finding.better("put it on a separate line after this one: `fudge ADDRESS stratum 10`");
    }
    if let Some((name, number)) = joined(word, known.iter().copied()) {
        let apart = format!("{name} {number}");
        return finding.better(format!("write `{apart}`, with a space")).edit(replace(apart));
    }
    let lower = word.to_ascii_lowercase();
    if found.kind == Kind::Text && known.contains(&lower.as_str()) {
        let better = format!("write `{lower}` in lower case, without quotes");
        return finding.better(better).edit(replace(lower));
    }
    let (other, name) = daemon.other();
    if knows(other, command, word) {
        return finding
            .better(format!("it is an option of {name}: remove it, or select that daemon with --daemon"));
    }
    match nearest(word, known.iter().copied()) {
        Some(meant) => finding.better(format!("did you mean `{meant}`?")).edit(replace(meant.to_owned())),
        None => finding,
    }
}

/// Whether the other daemon knows this command, or this option of it.
fn knows(words: &Words, command: &str, word: &str) -> bool {
    use super::words::Part;
    if command.is_empty() {
        return words.parts(word).is_some();
    }
    words.parts(command).unwrap_or_default().iter().any(|part| match part {
        Part::Options(options) | Part::SomeOptions(options) => {
            options.iter().any(|(_, names)| names.split(' ').any(|name| name == word))
        }
        _ => false,
    })
}
