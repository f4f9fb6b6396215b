//! The daemons that do not speak mode 6: finding them, and asking them in their own ways.

use super::args::DaemonChoice;
use super::ask::loopback;
use crate::clock::kernel::{KernelClock, Status, SystemClock};
use crate::clock::now;
use crate::model::health::Health;
use crate::model::{Peer, daemons};
use crate::net::chronyd::{Chronyd, ChronydError, Source};
use crate::net::host::AddressFamily;
use crate::net::{ntpd_rs, presence, timesyncd};
use crate::output::reason;
use crate::wire::chrony::{self, Tracking};
use crate::wire::ntpd_rs::Observation;
use crate::wire::timesyncd::Timesyncd;
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The daemon's configuration, which may name its socket.
const NTPD_RS_CONFIGURATION: &str = "/etc/ntpd-rs/ntp.toml";
/// The most of it that is read.
const CONFIGURATION_LIMIT: u64 = 1 << 20;
/// Processes of a name that are told by number.
const NUMBERS: usize = 4;
/// The users that chronyd runs as.
const CHRONY_USERS: [&str; 3] = ["_chrony", "chrony", "chronyd"];

/// A daemon that answered in its own way.
pub enum Other {
    /// chronyd, and the state of its clock.
    Chronyd(Chronyd, Tracking),
    /// ntpd-rs.
    NtpdRs(Box<Observation>),
    /// systemd-timesyncd.
    Timesyncd(Box<Timesyncd>),
}

impl Other {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Chronyd(..) => "chronyd",
            Self::NtpdRs(_) => "ntpd-rs",
            Self::Timesyncd(_) => "systemd-timesyncd",
        }
    }

    /// Its health.
    pub fn health(&self) -> Health {
        match self {
            Self::Chronyd(chronyd, tracking) => {
                let followed = |source: &_| daemons::is_followed(tracking, source);
                let sources = if tracking.leap < 3 && tracking.reference_id != 0 {
                    chronyd.sources(false, &followed).unwrap_or_default()
                } else {
                    Vec::new()
                };
                let poll =
                    sources.iter().find(|source| followed(&source.data)).map(|source| source.data.poll);
                daemons::chronyd(tracking, poll)
            }
            Self::NtpdRs(observation) => daemons::ntpd_rs(observation),
            Self::Timesyncd(state) => daemons::timesyncd(state, is_kernel_synchronized(), now()),
        }
    }

    /// The rows of a peer billboard.
    pub fn peers(&self) -> Vec<Peer> {
        match self {
            Self::Chronyd(chronyd, _) => {
                let sources = chronyd.sources(true, &|_| false).unwrap_or_default();
                let row = |(Source { data, statistics }, index): (&Source, u16)| {
                    daemons::chronyd_peer(index, data, statistics.as_ref(), now())
                };
                sources.iter().zip(1_u16..).map(row).collect()
            }
            Self::NtpdRs(observation) => daemons::ntpd_rs_peers(observation),
            Self::Timesyncd(state) => vec![daemons::timesyncd_peer(state, self.health().is_synchronized)],
        }
    }
}

/// The first of them that answers on this machine. What became of the others is noted.
pub fn find(family: AddressFamily, limit: Duration, looked: &mut Vec<String>) -> Option<Other> {
    // None of them may use up the time of all.
    let share = limit / 4;
    let choices = [DaemonChoice::Chronyd, DaemonChoice::NtpdRs(None), DaemonChoice::Timesyncd];
    for choice in choices {
        match one(&choice, &loopback(family, chrony::PORT), share, false) {
            Ok(other) => return Some(other),
            Err(reason) => looked.push(reason),
        }
    }
    None
}

/// Asks this daemon. `trusted`: the user named it, so that it does not matter whose process answers.
///
/// # Errors
/// Its name, and why it tells nothing.
pub fn one(
    choice: &DaemonChoice,
    addresses: &[SocketAddr],
    limit: Duration,
    trusted: bool,
) -> Result<Other, String> {
    match choice {
        DaemonChoice::NtpdRs(path) => {
            let path = path.clone().unwrap_or_else(observation_path);
            match ntpd_rs::observe(&path, limit) {
                Ok(observation) => Ok(Other::NtpdRs(Box::new(observation))),
                Err(error) => Err(format!("ntpd-rs: {}: {}", path.display(), reason(&error))),
            }
        }
        DaemonChoice::Timesyncd => match timesyncd::ask(limit) {
            Ok(Some(state)) => Ok(Other::Timesyncd(Box::new(state))),
            Ok(None) => Err("systemd-timesyncd: not on the system bus".into()),
            Err(error) => Err(format!("systemd-timesyncd: system bus: {}", reason(&error))),
        },
        _ => match Chronyd::find(addresses, limit) {
            Ok((chronyd, tracking)) => match stranger().filter(|_| !trusted) {
                Some(user) => Err(format!(
                    "chronyd: what answers at port {} belongs to user {user}, neither root nor chrony's own: \
                     not trusted without --daemon chronyd",
                    chrony::PORT
                )),
                None => Ok(Other::Chronyd(chronyd, tracking)),
            },
            Err(ChronydError::Absent) => Err(format!("chronyd: nobody listens (UDP port {})", chrony::PORT)),
            Err(error) => Err(format!("chronyd: {error} (UDP port {})", chrony::PORT)),
        },
    }
}

/// The user of the process at chronyd's port, if it is neither root nor one of chrony's.
fn stranger() -> Option<u32> {
    let user = presence::udp_listener(chrony::PORT)?;
    let is_chrony = |name: &&str| {
        nix::unistd::User::from_name(name)
            .is_ok_and(|known| known.is_some_and(|known| known.uid.as_raw() == user))
    };
    (user != 0 && !CHRONY_USERS.iter().any(is_chrony)).then_some(user)
}

/// Where the configuration puts the socket, or packages do.
fn observation_path() -> PathBuf {
    let mut text = String::new();
    let configuration = fs::File::open(NTPD_RS_CONFIGURATION);
    let read = configuration.and_then(|file| file.take(CONFIGURATION_LIMIT).read_to_string(&mut text));
    let configured = read.ok().and_then(|_| configured_path(&text));
    configured.unwrap_or_else(|| ntpd_rs::SOCKET.into())
}

fn configured_path(text: &str) -> Option<PathBuf> {
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "observation-path").then(|| value.trim())
    })?;
    let quote = value.chars().next().filter(|letter| ['"', '\''].contains(letter))?;
    let path = value.get(1..)?.split(quote).next()?;
    path.starts_with('/').then(|| path.into())
}

/// Whether the kernel holds its clock for synchronised.
fn is_kernel_synchronized() -> bool {
    SystemClock.read().is_ok_and(|state| state.code != 5 && !state.status.contains(Status::UNSYNCHRONIZED))
}

/// What can be seen of daemons that do not answer, and what cannot.
pub fn traces() -> Vec<String> {
    let mut lines = Vec::new();
    let sockets = presence::unix_sockets();
    for (daemon, end) in [("chronyd", "chrony/chronyd.sock"), ("OpenNTPD", "ntpd.sock")] {
        let Some(path) = presence::socket_of(&sockets, end) else { continue };
        let closed = fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
        let why = if closed { ", which is closed to this user" } else { "" };
        lines.push(format!("{daemon} listens at {}{why}", path.display()));
    }
    let mut running: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (number, name) in presence::processes() {
        running.entry(name).or_default().push(number);
    }
    lines.extend(running.iter().map(|(name, numbers)| {
        let first: Vec<String> = numbers.iter().take(NUMBERS).map(u32::to_string).collect();
        let more = if numbers.len() > NUMBERS { ", ..." } else { "" };
        format!("{name} is running (process {}{more}), but tells nothing here", first.join(", "))
    }));
    if fs::read(Path::new("/proc/1/comm")).is_err() {
        lines.push("processes of other users cannot be seen without privilege".into());
    }
    if lines.is_empty() && is_kernel_synchronized() {
        lines.push("the kernel's clock is synchronised by something that cannot be seen from here".into());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configured_path() {
        let text = "[observability]\nlog-level = \"info\"\nobservation-path = \"/run/x/observe\" # here\n";
        assert_eq!(configured_path(text), Some("/run/x/observe".into()));
        for text in
            ["", "observation-path = relative", "observation-path = \"x\"", "#observation-path = \"/x\""]
        {
            assert_eq!(configured_path(text), None, "{text}");
        }
    }
}
