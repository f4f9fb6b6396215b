//! The command lines of `ntpstat` and `ntp-wait`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use super::thresholds::{Limit, Thresholds, limit};
use crate::app::textfile::OutputArgs;
use crate::cli::context::dialect_of;
pub use crate::cli::format::{self, Format};
use crate::cli::hosts::HostsArgs;
use crate::cli::seconds;
use crate::cli::watch::interval;
pub use crate::client::choice::{DaemonChoice, daemon};
use crate::compat::Dialect;
use clap::Args;
use std::time::Duration;

/// Options.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct NtpstatArgs {
    /// Use IPv4 only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long)]
    pub ipv6: bool,
    /// Fail if the clock may be wrong by more than this, in milliseconds
    #[arg(short = 'm', long = "maxerror", value_name = "MILLISECONDS", value_parser = limit)]
    pub maximum_error: Option<Limit>,
    /// Query only this daemon: `ntpd`, `chronyd`, `ntpd-rs`, `timesyncd`, or `chronyd:PATH` or `ntpd-rs:PATH` for a
    /// socket elsewhere [default: the one that disciplines the clock]
    #[arg(long, value_name = "NAME", default_value = "auto", hide_default_value = true, value_parser = daemon)]
    pub daemon: DaemonChoice,
    /// Timeout for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub timeout: Duration,
    /// Wait until the clock is synchronised, but at most this long (default 600 seconds)
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "600", value_parser = seconds)]
    pub wait: Option<Duration>,
    /// Print a monitoring plugin's line and exit with its status
    #[arg(long, conflicts_with_all = ["format", "wait"])]
    pub check: bool,
    /// With --check: warn outside these ranges of the offset, the maximum error (both in seconds) and the stratum
    #[arg(
        short = 'w',
        long,
        value_name = "OFFSET[,ERROR[,STRATUM]]",
        requires = "check",
        allow_hyphen_values = true
    )]
    pub warning: Option<Thresholds>,
    /// With --check: the same for the critical state
    #[arg(
        short = 'c',
        long,
        value_name = "OFFSET[,ERROR[,STRATUM]]",
        requires = "check",
        allow_hyphen_values = true
    )]
    pub critical: Option<Thresholds>,
    /// Output format
    #[arg(long, value_name = "FORM", default_value = "classic", value_parser = Format::one_of(format::OF_HEALTH))]
    pub format: Format,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Reproduce the classic program exactly: 4.2.8p15, or none
    #[arg(long, value_name = "RELEASE", value_parser = |text: &str| dialect_of(text.as_ref()))]
    pub compat: Option<Dialect>,
    /// Print this help and exit
    #[arg(short = 'h', long)]
    pub help: bool,
    /// Print the version and exit
    #[arg(long)]
    pub version: bool,
    /// Query repeatedly, SECONDS apart [default: 2]; on a terminal in place, until `q`
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2", value_parser = interval, conflicts_with_all = ["check", "wait", "output"])]
    pub watch: Option<Duration>,
    /// Files of hosts.
    #[command(flatten)]
    pub from: HostsArgs,
    /// Hosts to query: NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT [default: this machine]
    #[arg(value_name = "HOST")]
    pub hosts: Vec<String>,
}

/// Options of `ntp-wait`.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct NtpWaitArgs {
    /// Number of polls
    #[arg(short = 'n', long, value_name = "TRIES", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub tries: u32,
    /// Seconds between polls
    #[arg(short = 's', long, value_name = "SECONDS", default_value = "6", value_parser = seconds)]
    pub sleep: Duration,
    /// Show the progress
    #[arg(short = 'v', long)]
    pub verbose: bool,
    /// Query only this daemon: `ntpd`, `chronyd`, `ntpd-rs`, `timesyncd`, or `chronyd:PATH` or `ntpd-rs:PATH` for a
    /// socket elsewhere [default: the one that disciplines the clock]
    #[arg(long, value_name = "NAME", default_value = "auto", hide_default_value = true, value_parser = daemon)]
    pub daemon: DaemonChoice,
    /// Print this help and exit
    #[arg(short = 'h', visible_short_alias = '?', long)]
    pub help: bool,
    /// Print this help through $PAGER and exit
    #[arg(long)]
    pub more_help: bool,
    /// Print the version and exit
    #[arg(long)]
    pub version: bool,
    /// Host to query: NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT [default: this machine]
    #[arg(value_name = "HOST")]
    pub host: Option<String>,
}

fn seconds(text: &str) -> anyhow::Result<Duration> {
    let range = Duration::from_millis(1)..=Duration::from_secs(1_000_000_000);
    Ok(seconds::parse(text, range)?)
}
