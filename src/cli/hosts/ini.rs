//! Ansible inventories in INI format.

use super::contents::Contents;
use super::inventory::{ADDRESS_KEYS, expand, is_literal};
use super::name::shown;

/// Reads the hosts of all sections except variables and child groups.
pub fn read(text: &str) -> Contents {
    let mut contents = Contents::default();
    let mut has_hosts = true;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') && !line.contains("]:") {
            match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((section, _)) => {
                    has_hosts = !section.ends_with(":vars") && !section.ends_with(":children");
                }
                None => contents.fault(number, "unterminated section name"),
            }
            continue;
        }
        if !has_hosts {
            continue;
        }
        match words(line) {
            Ok(words) => host(&mut contents, number, &words),
            Err(reason) => contents.fault(number, format!("'{}': {reason}", shown(line))),
        }
        if contents.is_full() {
            break;
        }
    }
    contents
}

/// Reads the hosts of a line: a name or pattern, followed by variables.
fn host(contents: &mut Contents, line: usize, words: &[String]) {
    let Some((name, variables)) = words.split_first() else { return };
    let mut address = None;
    for variable in variables {
        match variable.split_once('=') {
            Some((key, value)) if ADDRESS_KEYS.contains(&key) && is_literal(value) => address = Some(value),
            Some(_) => {}
            None => {
                contents.fault(line, format!("'{}': not a host variable", shown(variable)));
                return;
            }
        }
    }
    match address {
        Some(address) => contents.add(line, address),
        None => expand(contents, line, name),
    }
}

/// Splits a line into words as a shell would: quotes group words, `#` starts a comment.
fn words(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(end), letter) if letter == end => quote = None,
            (None, '#') if word.is_none() => break,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(letters.next()),
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    if quote.is_some() { Err("unterminated quote") } else { Ok(words) }
}
