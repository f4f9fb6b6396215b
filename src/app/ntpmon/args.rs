//! The command line of `ntpmon`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::options::{FamilyArgs, HostTimeoutArgs, TargetArgs};
use crate::cli::watch::interval;
use crate::client::look::QuerySettings;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// The interval for one host, and for several.
const INTERVALS: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(10)];

/// The options of `ntpmon`.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true, args_override_self = true)]
#[command(mut_arg("hosts", |hosts| hosts.help("Hosts to monitor: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, or a NETWORK [default: localhost]")))]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct NtpmonArgs {
    /// The hosts to query.
    #[command(flatten)]
    pub targets: TargetArgs,
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Time between two polls in seconds, at least 1 [default: 5, or 10 for several hosts]
    #[arg(short, long, value_name = "SECONDS", value_parser = interval)]
    pub interval: Option<Duration>,
    /// The timeout.
    #[command(flatten)]
    pub timeout: HostTimeoutArgs,
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
    pub fn settings(&self) -> QuerySettings {
        QuerySettings {
            family: self.family.chosen(),
            patience: self.timeout.timeout,
            jobs: self.targets.files.jobs.chosen(),
            ..QuerySettings::default()
        }
    }

    /// The time between two polls of this many hosts.
    pub fn interval(&self, hosts: usize) -> Duration {
        let [one, several] = INTERVALS;
        self.interval.unwrap_or(if hosts > 1 { several } else { one })
    }
}
