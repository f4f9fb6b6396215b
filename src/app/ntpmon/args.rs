//! The command line of `ntpmon`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::cli::hosts::HostsArgs;
use crate::cli::seconds;
use crate::cli::watch::interval;
use crate::client::look::Manner;
use crate::net::host::AddressFamily;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// The interval for one host, and for several.
const INTERVALS: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(10)];

/// The options of `ntpmon`.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true, args_override_self = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct NtpmonArgs {
    /// Hosts to monitor: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, or a NETWORK [default: localhost]
    #[arg(value_name = "HOST")]
    pub hosts: Vec<String>,
    /// Other sources of hosts.
    #[command(flatten)]
    pub files: HostsArgs,
    /// Use IPv4 only
    #[arg(short = '4', long, overrides_with = "ipv6")]
    pub ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long, overrides_with = "ipv4")]
    pub ipv6: bool,
    /// Time between two polls in seconds, at least 1 [default: 5, or 10 for several hosts]
    #[arg(short, long, value_name = "SECONDS", value_parser = interval)]
    pub interval: Option<Duration>,
    /// Timeout per host, in seconds
    #[arg(short, long, value_name = "SECONDS", default_value = "5", value_parser = patience)]
    pub timeout: Duration,
    /// Append everything learnt to FILE, as JSON lines
    #[arg(short, long, value_name = "FILE", visible_alias = "logfile")]
    pub log: Option<PathBuf>,
    /// Show addresses instead of host names
    #[arg(short, long)]
    pub numeric: bool,
    /// Show numbers with units
    #[arg(short, long)]
    pub units: bool,
    /// Print this help and exit
    #[arg(short = 'h', visible_short_alias = '?', long)]
    pub help: bool,
    /// Print the version and exit
    #[arg(short = 'V', long)]
    pub version: bool,
}

impl NtpmonArgs {
    /// How hosts are asked.
    pub fn manner(&self) -> Manner {
        Manner {
            family: AddressFamily::chosen(self.ipv4, self.ipv6),
            patience: self.timeout,
            ..Manner::default()
        }
    }

    /// The time between two polls of this many hosts.
    pub fn interval(&self, hosts: usize) -> Duration {
        let [one, several] = INTERVALS;
        self.interval.unwrap_or(if hosts > 1 { several } else { one })
    }
}

fn patience(text: &str) -> anyhow::Result<Duration> {
    Ok(seconds::parse(text, Duration::from_millis(100)..=Duration::from_secs(3600))?)
}
