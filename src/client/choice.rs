//! The daemon that a program queries, if it supports several kinds.

use crate::cli::output::Output;
use crate::net::chronyd;
use crate::net::confine::{Tcp, confine};
use crate::net::host::{Host, NTP_PORT};
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::path::PathBuf;

/// Which daemon to query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DaemonChoice {
    /// The first that answers.
    #[default]
    Auto,
    /// One that speaks mode 6: ntpd from ntp.org or NTPsec.
    Ntpd,
    /// chronyd, over UDP or through this Unix socket.
    Chronyd(Option<PathBuf>),
    /// ntpd-rs, at this socket or else the usual one.
    NtpdRs(Option<PathBuf>),
    /// systemd-timesyncd.
    Timesyncd,
}

impl DaemonChoice {
    /// Confines the process of an applet that only asks such a daemon on these hosts, as [`confine()`] does, unless its
    /// results go to a file, or a host is this machine itself: then the processes that may be its daemon are looked at,
    /// and Landlock hides what belongs to others.
    pub fn confine(&self, output: &Output, tcp: Tcp, hosts: impl IntoIterator<Item = impl AsRef<str>>) {
        if hosts.into_iter().any(|host| is_own_daemon(host.as_ref())) {
            return;
        }
        let socket = match self {
            Self::Chronyd(Some(path)) => path,
            _ => Path::new(chronyd::SOCKET),
        };
        if output.writes_no_file() {
            confine(tcp, &[socket]);
        }
    }
}

/// Whether the host is this machine, at the port of its daemon.
fn is_own_daemon(host: &str) -> bool {
    let is_loopback = |name: &str| {
        name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
    };
    host.parse().is_ok_and(|host: Host| host.port() == NTP_PORT && is_loopback(host.name()))
}

/// An unknown daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(
    feature = "ntpd-rs",
    error("auto, ntpd, chronyd, ntpd-rs, timesyncd, chronyd:PATH, or ntpd-rs:PATH")
)]
#[cfg_attr(not(feature = "ntpd-rs"), error("auto, ntpd, chronyd, timesyncd, or chronyd:PATH"))]
pub struct NoDaemon;

/// Whether this build can read what ntpd-rs reports.
pub const HAS_NTPD_RS: bool = cfg!(feature = "ntpd-rs");

/// Formats it as `--daemon` expects it.
impl fmt::Display for DaemonChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, path) = match self {
            Self::Auto => ("auto", None),
            Self::Ntpd => ("ntpd", None),
            Self::Chronyd(path) => ("chronyd", path.as_ref()),
            Self::NtpdRs(path) => ("ntpd-rs", path.as_ref()),
            Self::Timesyncd => ("timesyncd", None),
        };
        formatter.write_str(name)?;
        path.map_or(Ok(()), |path| write!(formatter, ":{}", path.display()))
    }
}

impl DaemonChoice {
    /// Whether the user selected a daemon that does not speak mode 6.
    pub fn is_other(&self) -> bool {
        !matches!(self, Self::Auto | Self::Ntpd)
    }

    /// The name of its process, as truncated by the kernel; that of ntpd if it is not decided.
    pub fn process(&self) -> &'static str {
        match self {
            Self::Auto | Self::Ntpd => "ntpd",
            Self::Chronyd(_) => "chronyd",
            Self::NtpdRs(_) => "ntp-daemon",
            Self::Timesyncd => "systemd-timesyn",
        }
    }

    /// Whether it can be queried over the network, not only on its own machine.
    pub fn is_reachable_over_network(&self) -> bool {
        matches!(self, Self::Auto | Self::Ntpd | Self::Chronyd(None))
    }
}

/// Parses the name of a daemon.
///
/// # Errors
/// It is not a known daemon.
pub fn daemon(text: &str) -> Result<DaemonChoice, NoDaemon> {
    Ok(match text {
        "auto" => DaemonChoice::Auto,
        "ntpd" => DaemonChoice::Ntpd,
        "chronyd" => DaemonChoice::Chronyd(None),
        "ntpd-rs" if HAS_NTPD_RS => DaemonChoice::NtpdRs(None),
        "timesyncd" | "systemd-timesyncd" => DaemonChoice::Timesyncd,
        _ => match text.split_once(':') {
            Some(("chronyd", path)) if !path.is_empty() => DaemonChoice::Chronyd(Some(path.into())),
            Some(("ntpd-rs", path)) if HAS_NTPD_RS && !path.is_empty() => {
                DaemonChoice::NtpdRs(Some(path.into()))
            }
            _ => return Err(NoDaemon),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machines_daemon_is_at_its_own_port() {
        for own in
            ["localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]:123", "::ffff:127.0.0.1", "localhost:123"]
        {
            assert!(is_own_daemon(own), "{own}");
        }
        for other in ["127.0.0.1:12345", "192.0.2.1", "time.example", "", "[::1]:124"] {
            assert!(!is_own_daemon(other), "{other}");
        }
    }
}
