//! Facts visible only on this machine.

use super::facts::{Here, Names};
use crate::app::ntpkit::check_config::Summary;
use crate::app::ntpkit::leap;
use crate::clock;
use crate::clock::kernel::{KernelClock as _, SystemClock};
use crate::compact;
use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::names::NameService;
use crate::net::presence;
use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The most names that are looked up.
const MAX_NAMES: usize = 16;
const CLOCK_SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
const HARDWARE_CLOCK: &str = "/sys/class/rtc/rtc0/since_epoch";
/// The file in which `hwclock` records whether the hardware clock runs on local time.
const ADJUSTMENT: &str = "/etc/adjtime";

/// Examines this machine. Names are looked up for at most `limit`.
pub fn look(limit: Duration) -> Here {
    let configuration = Summary::of_this_machine();
    let names = configuration.as_ref().and_then(|summary| look_up(summary.sources.clone(), limit));
    Here {
        processes: presence::processes().into_iter().filter(|process| !process.is_elsewhere).collect(),
        holders: presence::holders(NTP_PORT),
        kernel: SystemClock.read().ok(),
        clock_source: word_of(CLOCK_SOURCE),
        hardware: hardware(),
        leap_list: leap::summary(),
        configuration,
        names,
    }
}

fn word_of(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let word = text.split_ascii_whitespace().next()?;
    Some(word.chars().filter(|letter| !letter.is_control()).collect())
}

/// The hardware clock minus the system clock; `None` if it runs on local time or cannot be read.
fn hardware() -> Option<i64> {
    let local = fs::read_to_string(ADJUSTMENT).is_ok_and(|text| text.lines().nth(2) == Some("LOCAL"));
    if local {
        return None;
    }
    let time: i64 = word_of(HARDWARE_CLOCK)?.parse().ok()?;
    time.checked_sub(clock::now().as_second())
}

fn look_up(names: Vec<String>, limit: Duration) -> Option<Names> {
    let (addresses, mut names): (Vec<String>, Vec<String>) =
        names.into_iter().partition(|name| name.parse::<IpAddr>().is_ok());
    compact::sort(&mut names);
    names.dedup();
    names.truncate(MAX_NAMES);
    if names.is_empty() {
        return None;
    }
    let host = |name: &String| name.parse().unwrap_or_else(|_| Host::named(name));
    let service = NameService::system(limit);
    for name in &names {
        service.begin_forward(&host(name), AddressFamily::Any);
    }
    let asked = names.len();
    let mut servers = Vec::new();
    for address in addresses {
        if let Ok(ip) = address.parse() {
            let mut own = BTreeSet::new();
            own.insert(ip);
            servers.push((own, address));
        }
    }
    let mut failed = Vec::new();
    for name in names {
        match service.forward(&host(&name), AddressFamily::Any) {
            Ok(found) => {
                let mut all = BTreeSet::new();
                all.extend(found.addresses.iter().map(SocketAddr::ip));
                servers.push((all, name));
            }
            Err(error) => failed.push((name, error.to_string())),
        }
    }
    Some(Names { asked, failed, same: same(&servers) })
}

/// The first two names that stand for the same addresses.
fn same(servers: &[(BTreeSet<IpAddr>, String)]) -> Option<(String, String)> {
    servers.iter().enumerate().find_map(|(at, (addresses, name))| {
        let mut before = servers.iter().take(at);
        let (_, first) = before.find(|(known, first)| known == addresses && first != name)?;
        Some((first.clone(), name.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_no_name_service() {
        assert!(look_up(vec!["192.0.2.1".into(), "::1".into()], Duration::ZERO).is_none());
    }

    #[test]
    fn one_server_under_two_names_is_found_by_its_addresses() {
        let server = |name: &str, addresses: &[&str]| {
            (addresses.iter().map(|address| address.parse().unwrap()).collect(), name.to_owned())
        };
        let servers = [
            server("a.example", &["192.0.2.1", "2001:db8::1"]),
            server("b.example", &["192.0.2.1"]),
            server("192.0.2.7", &["192.0.2.7"]),
            server("c.example", &["2001:db8::1", "192.0.2.1"]),
            server("d.example", &["192.0.2.7"]),
        ];
        assert_eq!(same(&servers[..3]), None);
        assert_eq!(same(&servers[..4]), Some(("a.example".into(), "c.example".into())));
        assert_eq!(same(&servers[2..]), Some(("192.0.2.7".into(), "d.example".into())));
    }
}
