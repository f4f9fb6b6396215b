//! The command lines of `ntpstat` and `ntp-wait`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use super::thresholds::{Limit, Thresholds, limit};
use crate::app::options::{CompatArgs, DaemonArgs, ExplainArgs, FamilyArgs, TargetArgs};
use crate::app::textfile::OutputArgs;
pub use crate::cli::format::Format;
use crate::cli::format::{FormatArgs, OfHealth};
use crate::cli::seconds;
use crate::cli::watch::interval;
use clap::Args;
use std::time::Duration;

/// Options.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
#[command(mut_arg("hosts", |hosts| hosts.help("Hosts to query: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, or a NETWORK [default: this machine]")))]
pub struct NtpstatArgs {
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Fail if the clock may be wrong by more than this, in milliseconds
    #[arg(short = 'm', long = "maxerror", value_name = "MILLISECONDS", value_parser = limit)]
    pub maximum_error: Option<Limit>,
    /// The daemon.
    #[command(flatten)]
    pub daemon: DaemonArgs,
    /// Explanations.
    #[command(flatten)]
    pub explain: ExplainArgs,
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
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfHealth>,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
    /// The dialect.
    #[command(flatten)]
    pub compat: CompatArgs,
    /// Print this help and exit
    #[arg(short = 'h', long)]
    pub help: bool,
    /// Print the version and exit
    #[arg(long)]
    pub version: bool,
    /// Query repeatedly, SECONDS apart [default: 2]; on a terminal in place, until `q`
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2", value_parser = interval, conflicts_with_all = ["check", "wait", "output"])]
    pub watch: Option<Duration>,
    /// The hosts to query.
    #[command(flatten)]
    pub targets: TargetArgs,
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
    /// The daemon.
    #[command(flatten)]
    pub daemon: DaemonArgs,
    /// Explanations.
    #[command(flatten)]
    pub explain: ExplainArgs,
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
