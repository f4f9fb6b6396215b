//! The daemons that do not speak mode 6: finding them, and querying them in their own protocols.

use super::view::View;
use crate::cli::output::reason;
use crate::client::choice::{DaemonChoice, HAS_NTPD_RS};
use crate::client::system_error::SystemError;
use crate::clock::kernel::{KernelClock, Status, SystemClock};
use crate::clock::now;
use crate::model::daemons::variables::Variables;
use crate::model::health::Health;
use crate::model::{Peer, daemons};
use crate::net::chronyd::{self, Chronyd, ChronydError};
use crate::net::host::NTP_PORT;
use crate::net::presence::{self, UdpListeners};
use crate::net::{ntpd_rs, timesyncd};
use crate::session::chrony::Failure;
use crate::session::chrony::survey::{Patience, Surveyed};
use crate::wire::chrony::{self, Activity, KnownSource, ServerStatistics, Tracking};
use crate::wire::ntpd_rs::Observation;
use crate::wire::status::Selection;
use crate::wire::timesyncd::Timesyncd;
use anyhow::{Context as _, anyhow, bail};
use jiff::Timestamp;
use nix::unistd::geteuid;
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The daemon's configuration, which may name its socket.
const NTPD_RS_CONFIGURATION: &str = "/etc/ntpd-rs/ntp.toml";
/// Maximum amount of it to read.
const CONFIGURATION_LIMIT: u64 = 1 << 20;
/// Maximum number of process IDs to list per process name.
const NUMBERS: usize = 4;
/// The directory in which systemd-timesyncd keeps its state while it runs.
const TIMESYNCD_STATE: &str = "/run/systemd/timesync";

/// All daemons with their own protocols, in the order in which they are tried.
pub fn all() -> impl Iterator<Item = DaemonChoice> {
    let ntpd_rs = HAS_NTPD_RS.then_some(DaemonChoice::NtpdRs(None));
    [Some(DaemonChoice::Chronyd(None)), ntpd_rs, Some(DaemonChoice::Timesyncd)].into_iter().flatten()
}

/// A daemon that answered in its own protocol.
pub enum Other {
    /// chronyd, and the state of its clock.
    Chronyd(Box<(Chronyd, Tracking)>, Socket),
    /// ntpd-rs, and the user that it runs as.
    NtpdRs(Box<Observation>, u32),
    /// systemd-timesyncd.
    Timesyncd(Box<Timesyncd>),
}

/// Whether chronyd's Unix socket may reveal more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    /// It is already in use.
    InUse,
    /// There is one on this machine that may be used.
    Usable,
    /// There is none that may be used.
    None,
}

impl Other {
    /// What asks it again.
    pub fn choice(&self) -> DaemonChoice {
        match self {
            Self::Chronyd(..) => DaemonChoice::Chronyd(None),
            Self::NtpdRs(..) => DaemonChoice::NtpdRs(None),
            Self::Timesyncd(_) => DaemonChoice::Timesyncd,
        }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Chronyd(..) => "chronyd",
            Self::NtpdRs(..) => "ntpd-rs",
            Self::Timesyncd(_) => "systemd-timesyncd",
        }
    }

    /// How long it has been running: as it reports, or by the age of its process. `is_here`: it was queried on this machine.
    pub fn uptime(&self, is_here: bool) -> Option<Duration> {
        match self {
            Self::NtpdRs(observation, _) => observation.program.uptime(),
            Self::Chronyd(_, Socket::None) if !is_here => None,
            Self::Chronyd(..) | Self::Timesyncd(_) => presence::uptime(self.choice().process()),
        }
    }

    /// A note on the figures of its peers.
    pub fn remark(&self) -> &'static str {
        match self {
            Self::NtpdRs(..) => " (jitter: its uncertainty of the offset)",
            Self::Chronyd(..) | Self::Timesyncd(_) => "",
        }
    }

    /// The user that it runs as, if that user may own the NTP port.
    pub fn user(&self, listeners: &UdpListeners) -> Option<u32> {
        match self {
            Self::Chronyd(..) => listeners.user(chrony::PORT),
            Self::NtpdRs(_, user) => Some(*user),
            Self::Timesyncd(_) => None,
        }
    }

    /// Its health.
    pub fn health(&mut self) -> Health {
        match self {
            Self::Chronyd(conversation, _) => {
                let (chronyd, tracking) = &mut **conversation;
                let followed = |source: &_| daemons::is_followed(tracking, source);
                let source = if tracking.leap < 3 && tracking.reference_id != 0 {
                    chronyd.source(&followed).unwrap_or_default()
                } else {
                    None
                };
                let health = daemons::chronyd(tracking, source.map(|source| source.poll));
                Health { age: daemons::chronyd_age(tracking, now()), ..health }
            }
            Self::NtpdRs(observation, _) => {
                let age = daemons::ntpd_rs_age(observation, now());
                Health { age, ..daemons::ntpd_rs(observation) }
            }
            Self::Timesyncd(state) => daemons::timesyncd(state, is_kernel_synchronized(), now()),
        }
    }

    /// Its report, translated to mode 6 variables.
    ///
    /// # Errors
    /// Its name, and why its sources are unknown.
    pub fn view(&mut self) -> anyhow::Result<View> {
        match self.partial_view() {
            (view, None) => Ok(view),
            (_, Some(error)) => Err(error),
        }
    }

    /// The same without sources if they are unknown, with its name and the reason.
    pub fn partial_view(&mut self) -> (View, Option<anyhow::Error>) {
        let (peers, error) = match self.peers() {
            Ok(peers) => (peers, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let system = match self {
            Self::Chronyd(conversation, _) => {
                let (chronyd, tracking) = &mut **conversation;
                // One that does not answer any more is not waited for again.
                let statistics = if error.is_none() { chronyd.statistics().ok() } else { None };
                Variables::of_chronyd(tracking, statistics.as_ref())
            }
            Self::NtpdRs(observation, _) => Variables::of_ntpd_rs(observation),
            Self::Timesyncd(state) => {
                let health = daemons::timesyncd(state, is_kernel_synchronized(), now());
                Variables::of_timesyncd(state, health.is_synchronized)
            }
        };
        (view(system, peers), error)
    }

    /// What chronyd alone reports: the state of its clock, how many sources it polls, and what it served. Of the last two
    /// only what it shows to this client; nothing of another daemon.
    pub fn of_chronyd(&mut self) -> Option<(Tracking, Option<Activity>, Option<ServerStatistics>)> {
        let Self::Chronyd(conversation, _) = self else { return None };
        let (chronyd, tracking) = &mut **conversation;
        Some((*tracking, chronyd.activity().ok(), chronyd.statistics().ok()))
    }

    /// The rows of a peers billboard.
    ///
    /// # Errors
    /// Its name, and why its sources are unknown.
    pub fn peers(&mut self) -> anyhow::Result<Vec<Peer>> {
        Ok(match self {
            Self::Chronyd(conversation, socket) => {
                if *socket == Socket::Usable
                    && let Ok(privileged) =
                        Chronyd::at_socket(Path::new(chronyd::SOCKET), conversation.0.patience())
                {
                    **conversation = privileged;
                }
                let chronyd = &mut conversation.0;
                let sources = chronyd.sources().map_err(|error| match chronyd.address() {
                    Some(address) => over_udp_failed(&error, address.port()),
                    None => anyhow!("chronyd: {}", refusal(&error)),
                })?;
                rows_of_chronyd(&sources, now())
            }
            Self::NtpdRs(observation, _) => daemons::ntpd_rs_peers(observation),
            Self::Timesyncd(state) => {
                let health = daemons::timesyncd(state, is_kernel_synchronized(), now());
                vec![daemons::timesyncd_peer(state, health.is_synchronized)]
            }
        })
    }
}

/// Returns the daemons of which there are traces on this machine.
pub fn visible(listeners: &UdpListeners) -> Vec<DaemonChoice> {
    let is_visible = |choice: &DaemonChoice| match choice {
        DaemonChoice::Chronyd(_) => listeners.user(chrony::PORT).is_some() || is_own_socket(),
        DaemonChoice::NtpdRs(_) => observation_path().exists(),
        _ => Path::new(TIMESYNCD_STATE).exists(),
    };
    all().filter(is_visible).collect()
}

/// Queries the daemon selected by the user, at an address meant for mode 6.
///
/// # Errors
/// The daemon's name, and why it does not answer.
pub fn at(choice: &DaemonChoice, address: SocketAddr) -> anyhow::Result<Other> {
    if !choice.is_reachable_over_network() && !address.ip().is_loopback() {
        bail!("--daemon {choice} works only on this machine");
    }
    one(choice, &[command_address(address)], Patience::USUAL, true)
}

/// The address of chronyd's command protocol at an address meant for mode 6.
pub fn command_address(address: SocketAddr) -> SocketAddr {
    let port = if address.port() == NTP_PORT { chrony::PORT } else { address.port() };
    SocketAddr::new(address.ip(), port)
}

/// Whether this daemon is asked over UDP and in no other way at an address meant for mode 6.
pub fn is_over_udp(choice: &DaemonChoice, address: SocketAddr) -> bool {
    *choice == DaemonChoice::Chronyd(None) && !is_here(&[command_address(address)])
}

/// Whether these are addresses of this machine's own chronyd.
fn is_here(addresses: &[SocketAddr]) -> bool {
    addresses.iter().all(|address| address.ip().is_loopback() && address.port() == chrony::PORT)
}

/// Why there is no report of a chronyd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("chronyd: {failure} (UDP port {port})")]
pub struct NoChronyd {
    /// What it failed with.
    pub failure: Failure,
    /// The port that was asked.
    pub port: u16,
}

/// The report of a chronyd at this time, translated to mode 6 variables.
///
/// # Errors
/// Why the state of its clock, or its sources, are unknown.
pub fn view_of_chronyd(surveyed: &Surveyed, time: Timestamp) -> Result<View, Failure> {
    let Surveyed { tracking, sources, statistics, failure } = surveyed;
    match (tracking, failure) {
        (Some(tracking), None) => {
            Ok(view(Variables::of_chronyd(tracking, statistics.as_ref()), rows_of_chronyd(sources, time)))
        }
        (_, failure) => Err(failure.unwrap_or(Failure::Silent)),
    }
}

fn rows_of_chronyd(sources: &[KnownSource], time: Timestamp) -> Vec<Peer> {
    let row = |(source, index): (&_, u16)| daemons::chronyd_peer(index, source, time);
    sources.iter().zip(1_u16..).map(row).collect()
}

fn view(system: Variables, peers: Vec<Peer>) -> View {
    let followed = peers.iter().find(|peer| peer.status.selection() == Selection::SystemPeer);
    View::new(system.following(followed), peers)
}

/// Queries this daemon, with this patience where more than one answer is needed. `trusted`: the user selected it, so it
/// does not matter whose process answers.
///
/// # Errors
/// The daemon's name, and why it does not answer.
pub fn one(
    choice: &DaemonChoice,
    addresses: &[SocketAddr],
    patience: impl Into<Patience>,
    trusted: bool,
) -> anyhow::Result<Other> {
    let patience = patience.into();
    let limit = patience.each;
    match choice {
        DaemonChoice::NtpdRs(_) if !HAS_NTPD_RS => bail!("this build of ntpkit does not ask ntpd-rs"),
        DaemonChoice::NtpdRs(path) => {
            let path = path.clone().unwrap_or_else(observation_path);
            match ntpd_rs::observe(&path, limit) {
                Ok(observation) => {
                    let user = fs::metadata(&path).map_or(0, |status| status.uid());
                    Ok(Other::NtpdRs(Box::new(observation), user))
                }
                Err(error) => {
                    Err(SystemError::from(error)).with_context(|| format!("ntpd-rs: {}", path.display()))
                }
            }
        }
        DaemonChoice::Timesyncd => match timesyncd::ask(limit) {
            Ok(Some(state)) => Ok(Other::Timesyncd(Box::new(state))),
            Ok(None) => Err(anyhow!("systemd-timesyncd: not on the system bus")),
            Err(error) => Err(SystemError::from(error))
                .with_context(|| format!("systemd-timesyncd: {}", timesyncd::bus_name())),
        },
        DaemonChoice::Chronyd(Some(path)) => match Chronyd::at_socket(path, patience) {
            Ok(answer) => Ok(Other::Chronyd(Box::new(answer), Socket::InUse)),
            Err(error) => Err(anyhow!("chronyd: {}: {}", path.display(), refusal(&error))),
        },
        _ => over_udp(addresses, patience, trusted),
    }
}

/// Queries chronyd over UDP, and if that fails for a privileged user, through its Unix socket.
fn over_udp(addresses: &[SocketAddr], patience: Patience, trusted: bool) -> anyhow::Result<Other> {
    // Only root may enter its directory, and the socket belongs to this machine only if the kernel lists it here.
    let may_enter = is_here(addresses) && geteuid().is_root();
    match Chronyd::find(addresses, patience) {
        Ok(answer) => match foreign_user().filter(|_| !trusted) {
            Some(user) => Err(anyhow!(
                "chronyd: what answers at port {} belongs to user {user}, neither root nor chrony's own: \
                 not trusted without --daemon chronyd",
                chrony::PORT
            )),
            None => {
                let socket = if may_enter && is_own_socket() { Socket::Usable } else { Socket::None };
                Ok(Other::Chronyd(Box::new(answer), socket))
            }
        },
        Err(error) => {
            let port = addresses.first().map_or(chrony::PORT, SocketAddr::port);
            let why = over_udp_failed(&error, port);
            if !may_enter || !is_own_socket() {
                bail!(why);
            }
            match Chronyd::at_socket(Path::new(chronyd::SOCKET), patience) {
                Ok(answer) => Ok(Other::Chronyd(Box::new(answer), Socket::InUse)),
                Err(error) => Err(anyhow!("{why}; {}: {}", chronyd::SOCKET, refusal(&error))),
            }
        }
    }
}

fn over_udp_failed(error: &ChronydError, port: u16) -> anyhow::Error {
    anyhow!("chronyd: {error} (UDP port {port})")
}

/// Describes why a Unix socket does not answer.
fn refusal(error: &ChronydError) -> String {
    match error {
        ChronydError::Socket(error) => reason(error),
        ChronydError::Failed(failure) => failure.to_string(),
    }
}

/// Whether chronyd's Unix socket is listening in this network namespace.
fn is_own_socket() -> bool {
    Path::new(chronyd::SOCKET).exists()
        && presence::unix_sockets().iter().any(|path| path == Path::new(chronyd::SOCKET))
}

/// The user of the process on chronyd's port, if it is neither root nor one of chrony's.
fn foreign_user() -> Option<u32> {
    let user = UdpListeners::now().user(chrony::PORT)?;
    (user != 0 && !chronyd::users().any(|known| known == user)).then_some(user)
}

/// The socket's path from the configuration, or else the default.
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

/// Whether the kernel considers its clock synchronised.
fn is_kernel_synchronized() -> bool {
    SystemClock.read().is_ok_and(|state| state.code != 5 && !state.status.contains(Status::UNSYNCHRONIZED))
}

/// Describes traces of daemons that do not answer, and what cannot be seen.
pub fn traces() -> Vec<String> {
    let mut lines = Vec::new();
    let sockets = presence::unix_sockets();
    for (daemon, end) in [("chronyd", "chrony/chronyd.sock"), ("OpenNTPD", "ntpd.sock")] {
        let Some(path) = presence::socket_of(&sockets, end) else { continue };
        let closed = fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
        let why = if closed { ", which is closed to this user" } else { "" };
        lines.push(format!("{daemon} listens at {}{why}", path.display()));
    }
    let mut running: BTreeMap<(bool, String), Vec<u32>> = BTreeMap::new();
    for process in presence::processes() {
        running.entry((process.is_elsewhere, process.name)).or_default().push(process.number);
    }
    lines.extend(running.iter().map(|((is_elsewhere, name), numbers)| {
        let first: Vec<String> = numbers.iter().take(NUMBERS).map(u32::to_string).collect();
        let more = if numbers.len() > NUMBERS { ", ..." } else { "" };
        let place = if *is_elsewhere { "in another network namespace" } else { "but does not answer here" };
        format!("{name} is running (process {}{more}), {place}", first.join(", "))
    }));
    if fs::read(Path::new("/proc/1/comm")).is_err() {
        lines.push("other users' processes are not visible without privileges".into());
    }
    if lines.is_empty() && is_kernel_synchronized() {
        lines.push("the kernel clock is synchronised by something that is not visible from here".into());
    }
    lines
}

#[cfg(test)]
mod tests;
