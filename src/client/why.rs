//! Why a daemon is not synchronised, by a second look at its sources.

use crate::client::choice::DaemonChoice;
use crate::client::conversation::config;
use crate::client::daemon::Daemon;
use crate::client::health::{Question, addresses};
use crate::client::survey::{Extent, survey};
use crate::client::unsynchronized::{Evidence, Reason};
use crate::model::Peer;
use crate::model::health::{Health, Reader};
use crate::net::host::NTP_PORT;

/// Returns why this daemon, which has just reported its health, is not synchronised; `None` if it is, if its sources cannot
/// be read, or in the classic dialect, which asks no more.
pub fn why(question: &Question, health: &Health) -> Option<Reason> {
    if health.is_synchronized || question.reader == Reader::Classic {
        return None;
    }
    let choice = match (&question.daemon, health.daemon) {
        (choice, _) if choice.is_other() => choice.clone(),
        (_, "chronyd") => DaemonChoice::Chronyd(None),
        (_, "ntpd-rs") => DaemonChoice::NtpdRs(None),
        (_, "systemd-timesyncd") => DaemonChoice::Timesyncd,
        _ => DaemonChoice::Ntpd,
    };
    let addresses = addresses(question, NTP_PORT).ok()?;
    let name = question.host.clone().unwrap_or_else(|| "localhost".to_owned());
    let mut daemon = Daemon::new(name, addresses, config(question.timeout, false)).through(choice);
    let found = survey(&mut daemon, Extent::WHOLE).ok()?;
    let sources: Vec<&Peer> = found.peers.iter().collect();
    Some(Reason::of(&Evidence { daemon: health.daemon, uptime: found.uptime, sources: &sources }))
}
