//! The configuration language of a simulated daemon, limited to adding and removing associations.

use super::scenario::{Association, Flavour, Scenario};
use crate::wire::AssociationId;
use std::net::IpAddr;

/// Keywords that are accepted and have no effect here.
const WITHOUT_EFFECT: &[&str] = &["disable", "driftfile", "enable", "logconfig", "setvar", "tinker", "tos"];

/// Applies a line of configuration and returns the daemon's message.
pub(super) fn configure(scenario: &mut Scenario, line: &[u8]) -> String {
    if line.ends_with(b" ") || line.iter().any(|&octet| !(octet.is_ascii_graphic() || octet == b' ')) {
        return "runtime configuration failed: request contains an unprintable character\r\n".to_owned();
    }
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_ascii_whitespace();
    let subject = words.next().unwrap_or_default();
    let object = words.next();
    match (subject, object.map(str::parse::<IpAddr>)) {
        ("server" | "unconfig", None) => return fault(scenario.flavour, line.len().min(6), "T_EOC"),
        ("server", Some(Ok(address))) => {
            let last = scenario.associations.iter().map(|association| association.id.0).max();
            let id = last.unwrap_or(0).wrapping_add(1).max(1);
            scenario.associations.push(Association::unreachable(id, address));
        }
        ("unconfig", Some(Ok(address))) => {
            scenario.associations.retain(|association| association.address != address);
        }
        // An association identifier, or a name; the simulation has no names.
        ("unconfig", Some(Err(_))) => {
            let id = object.and_then(|object| object.parse().ok()).map(AssociationId);
            scenario.associations.retain(|association| Some(association.id) != id);
        }
        ("server", Some(Err(_))) => {}
        _ if WITHOUT_EFFECT.contains(&subject) => {}
        _ => return fault(scenario.flavour, 0, "T_String"),
    }
    "Config Succeeded\r\n".to_owned()
}

/// The reply to a request to save the configuration. Nothing is written.
pub(super) fn save(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) {
        format!("saveconfig rejects unsafe file name '{name}'\r\n")
    } else {
        format!("Configuration saved to '{name}'\r\n")
    }
}

fn fault(flavour: Flavour, column: usize, token: &str) -> String {
    match flavour {
        Flavour::Classic => format!("column {column} syntax error, unexpected {token}\r\n"),
        Flavour::Ntpsec => format!("column {column} syntax error\r\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_come_and_go() {
        let mut scenario = Scenario::default();
        assert_eq!(configure(&mut scenario, b"server 192.0.2.1 iburst"), "Config Succeeded\r\n");
        assert_eq!(configure(&mut scenario, b"server 192.0.2.2"), "Config Succeeded\r\n");
        let ids = |scenario: &Scenario| -> Vec<u16> {
            scenario.associations.iter().map(|association| association.id.0).collect()
        };
        assert_eq!(ids(&scenario), [1, 2]);
        configure(&mut scenario, b"unconfig 192.0.2.1");
        assert_eq!(ids(&scenario), [2]);
        configure(&mut scenario, b"unconfig 2");
        assert!(scenario.associations.is_empty());
    }

    #[test]
    fn nonsense_is_refused() {
        let mut scenario = Scenario::default();
        let mut said = |line: &str| configure(&mut scenario, line.as_bytes());
        assert_eq!(said("bogus line"), "column 0 syntax error, unexpected T_String\r\n");
        assert!(said("logconfig =all ").starts_with("runtime configuration failed"));
        assert_eq!(said("logconfig =all"), "Config Succeeded\r\n");
        assert_eq!(save(b"../x"), "saveconfig rejects unsafe file name '../x'\r\n");
        assert_eq!(save(b"x.conf"), "Configuration saved to 'x.conf'\r\n");
    }
}
