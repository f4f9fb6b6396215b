//! Facts visible only on this machine.

use super::facts::{Here, Names};
use crate::app::ntpkit::check_config::Summary;
use crate::app::ntpkit::leap;
use crate::clock;
use crate::clock::kernel::{KernelClock as _, SystemClock};
use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::names::NameService;
use crate::net::presence;
use std::fs;
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
    let mut names: Vec<String> =
        names.into_iter().filter(|name| name.parse::<std::net::IpAddr>().is_err()).take(MAX_NAMES).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let service = NameService::system(limit);
    for name in &names {
        service.begin_forward(&Host::named(name), AddressFamily::Any);
    }
    let asked = names.len();
    let failed = names
        .into_iter()
        .filter_map(|name| {
            let error = service.forward(&Host::named(&name), AddressFamily::Any).err()?;
            Some((name, error.to_string()))
        })
        .collect();
    Some(Names { asked, failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_no_name_service() {
        assert!(look_up(vec!["192.0.2.1".into(), "::1".into()], Duration::ZERO).is_none());
    }
}
