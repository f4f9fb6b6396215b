//! The keys used by sources and operators.

use super::scanner::Token;
use super::{Configuration, Line};
use crate::auth::KeyFile;
use crate::config::finding::{Edit, Finding};
use crate::config::rules::{KEY_UNKNOWN, KEY_UNTRUSTED, KEYS_OPEN, KEYS_UNREADABLE, NO_KEYS_FILE};
use crate::config::surroundings::Unreadable;

/// Applies all rules about keys.
pub fn review(configuration: &mut Configuration) {
    let mut found = Vec::new();
    let used = used(configuration);
    let file = configuration.commands(&["keys"]).last();
    let keys = file.and_then(|line| open(configuration, line, &mut found));
    if let (Some((line, token)), None) = (used.first(), file) {
        found.push(Finding::new(
            &NO_KEYS_FILE,
            line.place_of(token),
            format!("key {} is used but `keys` is not set", token.text),
        ));
    }
    for (line, token) in &used {
        let Ok(id) = token.text.parse() else { continue };
        if keys.as_ref().is_some_and(|keys| keys.key(id).is_none()) {
            let what = format!("key {id} is not in the key file");
            found.push(Finding::new(&KEY_UNKNOWN, line.place_of(token), what));
        }
        if !is_trusted(configuration, id) {
            found.push(untrusted(configuration, line, token));
        }
    }
    configuration.findings.extend(found);
}

/// The keys in use, each with the line that uses it.
fn used<'a>(configuration: &'a Configuration) -> Vec<(&'a Line, &'a Token)> {
    let mut used = Vec::new();
    for line in &configuration.lines {
        let statement = &line.statement;
        if statement.is(&["server", "pool", "peer", "broadcast", "manycastclient"]) {
            used.extend(statement.option("key").and_then(|key| key.value.as_ref()).map(|key| (line, key)));
        }
        if statement.is(&["controlkey", "requestkey"]) {
            used.extend(statement.items.first().map(|key| (line, key)));
        }
    }
    used
}

/// The keys in the file that a line names, as far as it can be read.
fn open(configuration: &Configuration, line: &Line, found: &mut Vec<Finding>) -> Option<KeyFile> {
    let subject = line.statement.subject.as_ref()?;
    let place = line.place_of(subject);
    if configuration.surroundings.mode(&subject.text).is_some_and(|mode| mode & 0o004 != 0) {
        let what = format!("{} is world-readable", subject.text);
        found.push(
            Finding::new(&KEYS_OPEN, place.clone(), what)
                .better(format!("chmod o-rwx {}, and replace the keys in it", subject.text)),
        );
    }
    match configuration.surroundings.read(&subject.text) {
        Ok(text) => Some(KeyFile::parse(&text)),
        Err(Unreadable::NotLooked) => None,
        Err(Unreadable::Because(reason)) => {
            let what = format!("{} cannot be read: {reason}", subject.text);
            found.push(Finding::new(&KEYS_UNREADABLE, place, what));
            None
        }
    }
}

fn is_trusted(configuration: &Configuration, id: u32) -> bool {
    let number = |token: &Token| token.text.parse::<u32>().ok();
    configuration.commands(&["trustedkey"]).any(|line| {
        let is_listed = line.statement.items.iter().any(|item| number(item) == Some(id));
        is_listed
            || line.statement.options.iter().any(|range| {
                let (low, high) = (number(&range.word), range.value.as_ref().and_then(number));
                low.is_some_and(|low| low <= id) && high.is_some_and(|high| id <= high)
            })
    })
}

fn untrusted(configuration: &Configuration, line: &Line, token: &Token) -> Finding {
    let what = format!("key {} is not trusted", token.text);
    let finding = Finding::new(&KEY_UNTRUSTED, line.place_of(token), what);
    match configuration.commands(&["trustedkey"]).last() {
        Some(trusted) if trusted.file == line.file => {
            let end = trusted.statement.items.iter().map(|item| item.end).max().unwrap_or_default();
            let at = trusted.statement.command.line;
            let text = format!(" {}", token.text);
            finding.edit(Edit::Replace { line: at, start: end, end, text })
        }
        Some(_) => finding,
        None => {
            let text = format!("trustedkey {}", token.text);
            finding
                .better(format!("add `{text}`"))
                .edit(Edit::After { line: line.statement.command.line, text })
        }
    }
}
