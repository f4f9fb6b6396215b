//! What the Ansible inventory formats have in common.

use super::contents::{Contents, HOST_LIMIT};
use super::name::shown;
use crate::net::host::Host;
use std::net::Ipv6Addr;

/// The variables in which an inventory may give the address of a host.
pub const ADDRESS_KEYS: [&str; 2] = ["ansible_host", "ansible_ssh_host"];

/// Whether a value is literal, not a template.
pub fn is_literal(value: &str) -> bool {
    !value.contains("{{")
}

/// Strips the SSH port from a host.
pub fn without_port(text: &str) -> String {
    match text.parse::<Host>() {
        Ok(host) => host.name().to_owned(),
        Err(_) => text.to_owned(),
    }
}

/// Adds the hosts that a pattern expands to: `web[01:20].example`, `db-[a:f]`, `[1:9:2]` with a step.
pub fn expand(contents: &mut Contents, line: usize, pattern: &str) {
    let plain = without_port(pattern);
    if plain.parse::<Ipv6Addr>().is_ok() {
        contents.add(line, plain);
        return;
    }
    let mut done = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((values, after)) =
            after.split_once(']').and_then(|(range, after)| Some((values(range)?, after)))
        else {
            contents.fault(line, format!("'{}': not a range, or too large", shown(pattern)));
            return;
        };
        if done.len().saturating_mul(values.len()) > HOST_LIMIT {
            contents.fault(line, format!("'{}' expands to more than {HOST_LIMIT} hosts", shown(pattern)));
            return;
        }
        done = done
            .iter()
            .flat_map(|begun| values.iter().map(move |value| format!("{begun}{before}{value}")))
            .collect();
        rest = after;
    }
    for begun in done {
        contents.add(line, without_port(&(begun + rest)));
        if contents.is_full() {
            return;
        }
    }
}

/// The values of a range; `None` if it is not a range.
fn values(range: &str) -> Option<Vec<String>> {
    let mut parts = range.split(':');
    let (first, last) = (parts.next()?, parts.next()?);
    let step: usize = parts.next().map_or(Some(1), |step| step.parse().ok()).filter(|step| *step > 0)?;
    if parts.next().is_some() {
        return None;
    }
    let letter = |text: &str| {
        let mut letters = text.chars();
        letters.next().filter(|letter| letter.is_ascii_alphabetic() && letters.next().is_none())
    };
    if let (Some(first), Some(last)) = (letter(first), letter(last)) {
        return Some((first..=last).step_by(step).map(String::from).collect());
    }
    let number =
        |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|octet| octet.is_ascii_digit()));
    let (from, to) = (if first.is_empty() { 0 } else { number(first)? }, number(last)?);
    let width = if first.starts_with('0') { first.len() } else { 0 };
    let count = usize::try_from(to.checked_sub(from)?).ok()? / step;
    (count < HOST_LIMIT && width <= 10)
        .then(|| (from..=to).step_by(step).map(|number| format!("{number:0width$}")).collect())
}
