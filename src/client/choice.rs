//! Which daemon a program asks, where there are several kinds of them.

use std::path::PathBuf;

/// Which daemon is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DaemonChoice {
    /// The first that answers.
    #[default]
    Auto,
    /// One that speaks mode 6: ntpd of ntp.org or of NTPsec.
    Ntpd,
    /// chronyd, over UDP, or through this Unix socket.
    Chronyd(Option<PathBuf>),
    /// ntpd-rs, at this socket if not at the usual one.
    NtpdRs(Option<PathBuf>),
    /// systemd-timesyncd.
    Timesyncd,
}

/// A word that names no daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("auto, ntpd, chronyd, ntpd-rs, timesyncd, chronyd:PATH, or ntpd-rs:PATH")]
pub struct NoDaemon;

/// Reads the name of a daemon.
///
/// # Errors
/// It is no daemon's.
pub fn daemon(text: &str) -> Result<DaemonChoice, NoDaemon> {
    Ok(match text {
        "auto" => DaemonChoice::Auto,
        "ntpd" => DaemonChoice::Ntpd,
        "chronyd" => DaemonChoice::Chronyd(None),
        "ntpd-rs" => DaemonChoice::NtpdRs(None),
        "timesyncd" | "systemd-timesyncd" => DaemonChoice::Timesyncd,
        _ => match text.split_once(':') {
            Some(("chronyd", path)) if !path.is_empty() => DaemonChoice::Chronyd(Some(path.into())),
            Some(("ntpd-rs", path)) if !path.is_empty() => DaemonChoice::NtpdRs(Some(path.into())),
            _ => return Err(NoDaemon),
        },
    })
}
