//! Whether it is safe to request the canonical name of a host.
//!
//! `dns-lookup` panics on a canonical name that is not UTF-8, which aborts the program. Such a name can come from a
//! hosts file, or from a service that passes on the contents of a directory or of the local network (winbind, SSSD,
//! NIS, mDNS). glibc itself rejects such names from DNS, and systemd's services use UTF-8. If any other source may
//! answer, the name is left as it was typed.

use std::fs;

/// A source of unchecked canonical names.
const HOSTS_FILE: &str = "/etc/hosts";
/// The services that glibc uses.
const SERVICES_FILE: &str = "/etc/nsswitch.conf";
/// Services that return only text.
const TEXT_SERVICES: [&str; 4] = ["dns", "resolve", "myhostname", "mymachines"];
/// Services that answer only for names of the local network.
const LOCAL_SERVICES: [&str; 3] = ["mdns_minimal", "mdns4_minimal", "mdns6_minimal"];

/// Whether the canonical name of this host is text, whatever its source.
pub(super) fn is_text(name: &str) -> bool {
    // Other C libraries do not check names from DNS.
    cfg!(target_env = "gnu")
        && services_are_safe(&fs::read(SERVICES_FILE).unwrap_or_default(), name)
        && hosts_are_text(&fs::read(HOSTS_FILE).unwrap_or_default())
}

/// Whether every service consulted for this name returns only text.
fn services_are_safe(services_file: &[u8], name: &str) -> bool {
    let Ok(text) = std::str::from_utf8(services_file) else { return false };
    let is_local = name.trim_end_matches('.').to_ascii_lowercase().ends_with(".local");
    let lines = text.lines().filter_map(|line| line.split('#').next());
    let mut lists =
        lines.filter_map(|line| line.trim_start().strip_prefix("hosts")?.trim_start().strip_prefix(':'));
    lists.all(|list| {
        let mut inside = false;
        list.split_ascii_whitespace().all(|word| {
            let is_action = inside || word.starts_with('[');
            inside = is_action && !word.ends_with(']');
            is_action
                || word == "files"
                || TEXT_SERVICES.contains(&word)
                || !is_local && LOCAL_SERVICES.contains(&word)
        })
    })
}

/// Whether the entries of a hosts file are UTF-8; its comments need not be.
fn hosts_are_text(hosts: &[u8]) -> bool {
    let lines = hosts.split(|octet| *octet == b'\n');
    let mut entries = lines.filter_map(|line| line.split(|octet| *octet == b'#').next());
    entries.all(|entry| std::str::from_utf8(entry).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_in_the_hosts_file_matter() {
        assert!(hosts_are_text(b"127.0.0.1 localhost # b\xfcro\n"));
        assert!(hosts_are_text("127.0.0.1 büro\n".as_bytes()));
        assert!(!hosts_are_text(b"127.0.0.1 localhost\n127.0.0.2 b\xfcro\n"));
        assert!(hosts_are_text(b""));
    }

    #[test]
    fn no_canonical_name_is_requested_from_services_that_pass_on_any_octets() {
        let safe =
            |list: &str| services_are_safe(format!("passwd: files sss\n{list}\n").as_bytes(), "time.example");
        for list in [
            "",
            "# hosts: files wins",
            "hosts: files dns",
            "hosts:\tfiles mdns4_minimal [NOTFOUND=return] dns myhostname",
            " hosts : mymachines resolve [ !UNAVAIL=return ] files # wins",
        ] {
            assert!(safe(list), "{list}");
        }
        for list in [
            "hosts: files wins dns",
            "hosts: files sss",
            "hosts: files mdns4 dns",
            "hosts: nis files",
            "hosts: files [NOTFOUND=return] ldap",
            "hosts: files [ NOTFOUND=return ] db",
            "hosts: files dns\nhosts: winbind",
        ] {
            assert!(!safe(list), "{list}");
        }
        assert!(!services_are_safe(b"hosts: files mdns4_minimal dns", "printer.Local."));
        assert!(!services_are_safe(b"hosts: \xff", "time.example"));
    }
}
