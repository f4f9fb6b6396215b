//! Ansible inventories in JSON and YAML.
//!
//! The port in an inventory is the SSH port and is ignored; `ansible_host` is the address of a host.

use super::contents::Contents;
use super::inventory::{ADDRESS_KEYS, expand, is_literal, without_port};
use super::value::Value;
use std::collections::BTreeMap;

/// Reads the output of `ansible-inventory --list` or of any other dynamic inventory program.
///
/// # Errors
/// The file has another format.
pub fn dynamic(document: &impl Value) -> Result<Contents, String> {
    let groups = document.entries().ok_or("not an inventory: not a mapping of groups")?;
    let mut addresses = BTreeMap::new();
    let variables = document.get("_meta").and_then(|meta| meta.get("hostvars")).and_then(|all| all.entries());
    for (host, variables) in variables.unwrap_or_default() {
        if let Some(address) = address(&variables) {
            addresses.insert(host, address);
        }
    }
    let mut contents = Contents::default();
    for (name, group) in groups {
        if name == "_meta" {
            continue;
        }
        // Old programs print only the list of hosts.
        let hosts = group.items().or_else(|| group.get("hosts")?.items());
        for host in hosts.unwrap_or_default() {
            match host.text() {
                Some(text) => {
                    let reached = addresses.get(&text).cloned();
                    contents.add(host.line(), reached.unwrap_or_else(|| without_port(&text)));
                }
                None => contents.fault(host.line(), "a host that is not a string"),
            }
            if contents.is_full() {
                return Ok(contents);
            }
        }
    }
    Ok(contents)
}

/// Reads a YAML inventory: groups with hosts and children.
///
/// # Errors
/// The file has another format.
pub fn tree<V: Value>(document: &V) -> Result<Contents, String> {
    let groups = document.entries().ok_or("not an inventory: not a mapping of groups")?;
    let mut contents = Contents::default();
    let mut waiting: Vec<V> = groups.into_iter().rev().map(|(_, group)| group).collect();
    while let Some(group) = waiting.pop() {
        for (name, variables) in group.get("hosts").and_then(|hosts| hosts.entries()).unwrap_or_default() {
            match address(&variables) {
                Some(address) => contents.add(variables.line(), address),
                None => expand(&mut contents, variables.line(), &name),
            }
            if contents.is_full() {
                return Ok(contents);
            }
        }
        let children = group.get("children").and_then(|children| children.entries()).unwrap_or_default();
        waiting.extend(children.into_iter().rev().map(|(_, group)| group));
    }
    Ok(contents)
}

/// The address given by a host's variables. A template counts as no address.
fn address(variables: &impl Value) -> Option<String> {
    let known = variables.entries()?;
    let named = |key: &str| known.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.text());
    ADDRESS_KEYS.into_iter().find_map(named).filter(|address| is_literal(address))
}
