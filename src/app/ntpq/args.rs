//! The command line of `ntpq`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::common::{CommonArgs, HasCommonArgs, ShellArgs};
use crate::app::options::{DaemonArgs, NameTimeoutArgs, OrderArgs};
use crate::app::textfile::OutputArgs;
use crate::cli::format::{FormatArgs, OfReports};
use crate::cli::group::Group;
use crate::cli::hosts::HostsArgs;
use crate::cli::usage::ProgramInfo;
use crate::cli::watch::interval;
use crate::console::options::{ColorChoice, RefidDisplay, number};
use anyhow::anyhow;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The classic program's description of itself.
pub const PROGRAM_INFO: ProgramInfo = ProgramInfo {
    name: "ntpq",
    title: "ntpq - standard NTP query program - Ver. 4.2.8p15",
    operands: " [ host ...]",
    long_options: &[
        "ipv4",
        "ipv6",
        "command",
        "debug-level",
        "set-debug-level",
        "interactive",
        "numeric",
        "old-rv",
        "peers",
        "refid",
        "wide",
        "version",
        "help",
        "more-help",
        "save-opts",
        "load-opts",
        "no-load-opts",
    ],
    prohibitive: &["ipv4", "interactive"],
};

/// The help text of `--daemon`.
pub const DAEMON_HELP: &str = "Query this daemon through its own protocol: `chronyd`, `ntpd-rs`, `timesyncd`, or `chronyd:PATH` or \
     `ntpd-rs:PATH` for a socket elsewhere; `ntpd` for mode 6 only [default: the first that answers]";

/// Options and operands.
#[derive(Args, Clone, Debug)]
#[group(skip)]
#[command(disable_help_flag = true, disable_version_flag = true)]
pub struct NtpqArgs {
    /// What both programs of the shell know.
    #[command(flatten)]
    pub shell: Group<ShellArgs>,
    /// What is printed.
    #[command(flatten)]
    pub shown: Group<ShownArgs>,
    /// The key of requests.
    #[command(flatten)]
    pub key: Group<KeyArgs>,
    /// How wide names may be.
    #[command(flatten)]
    pub names: Group<WideArgs>,
    /// Host files.
    #[command(flatten)]
    pub from: Group<HostsArgs>,
    /// The order of the hosts.
    #[command(flatten)]
    pub order: Group<OrderArgs>,
    /// Presets, help, version and dialect.
    #[command(flatten)]
    pub common: Group<CommonArgs>,
    /// How text is laid out, and where the debug output goes.
    #[command(flatten)]
    pub text: Group<TextArgs>,
    /// The output format.
    #[command(flatten)]
    pub format: Group<FormatArgs<OfReports>>,
    /// Repetition.
    #[command(flatten)]
    pub repetition: Group<WatchArgs>,
    /// The file of results.
    #[command(flatten)]
    pub output: Group<OutputArgs>,
    /// The daemon.
    #[command(flatten)]
    pub daemon: Group<DaemonArgs>,
    /// Colour.
    #[command(flatten)]
    pub color: Group<ColorArgs>,
    /// The time limit of name lookups.
    #[command(flatten)]
    pub lookups: Group<NameTimeoutArgs>,
    /// The operands.
    #[command(flatten)]
    pub operands: Group<OperandArgs>,
}

/// How wide names may be.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct WideArgs {
    /// Print peer names in full, long ones on a separate line
    #[arg(short, long)]
    pub wide: bool,
}

/// Repetition.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct WatchArgs {
    /// Run the commands of -c and -p repeatedly, SECONDS apart [default: 2]; on a terminal in place, until `q`
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2", value_parser = interval, conflicts_with = "output")]
    pub watch: Option<Duration>,
}

/// Colour.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct ColorArgs {
    /// Colour the tally character [default: auto]
    #[arg(long, value_name = "WHEN", value_enum)]
    color: Option<ColorChoice>,
}

impl ColorArgs {
    /// When to use colour.
    pub fn chosen(self) -> ColorChoice {
        self.color.unwrap_or_default()
    }
}

/// The operands.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct OperandArgs {
    /// NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT of the daemons to query [default: localhost]; `-4` and
    /// `-6` among them apply to those that follow
    #[arg(value_name = "HOST")]
    pub hosts: Vec<OsString>,
}

/// What is printed.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct ShownArgs {
    /// Print the status line even for named variables
    #[arg(long)]
    pub old_rv: bool,
    /// Print the peers: same as `-c peers`
    #[arg(short, long, conflicts_with = "interactive")]
    pub peers: bool,
    /// Print reference identifiers that look like addresses as hash or ipv4
    #[arg(short, long, value_name = "HOW", allow_hyphen_values = true, value_parser = refid)]
    pub refid: Option<RefidDisplay>,
}

/// The key that authenticates requests.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct KeyArgs {
    /// Key file in the format of ntp.keys
    #[arg(short = 'k', long, value_name = "FILE")]
    pub keyfile: Option<PathBuf>,
    /// Identifier of the key that authenticates requests
    #[arg(short = 'a', long = "authentication", value_name = "ID", value_parser = key_id)]
    pub key_id: Option<u32>,
}

/// How text is laid out, and where the debug output goes.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct TextArgs {
    /// Print numbers with units in the classic layouts: 17.176us
    #[arg(short, long)]
    pub units: bool,
    /// Format lines for N columns, even if not on a terminal
    #[arg(short = 'W', long, value_name = "N", value_parser = width)]
    pub width: Option<u16>,
    /// Append the debug output of -d to this file
    #[arg(short = 'l', long, value_name = "FILE")]
    pub logfile: Option<PathBuf>,
}

impl HasCommonArgs for NtpqArgs {
    fn common(&self) -> &CommonArgs {
        &self.common
    }
}

fn key_id(text: &str) -> anyhow::Result<u32> {
    let id = number(text)?;
    match u32::try_from(id) {
        Ok(valid @ 1..=0xffff) => Ok(valid),
        _ => Err(anyhow!("invalid key identifier {id}: must be 1 to 65535")),
    }
}

fn width(text: &str) -> anyhow::Result<u16> {
    let columns = number(text)?;
    match u16::try_from(columns) {
        Ok(valid @ 20..=1000) => Ok(valid),
        _ => Err(anyhow!("invalid width {columns}: must be 20 to 1000")),
    }
}

fn refid(text: &str) -> anyhow::Result<RefidDisplay> {
    let keywords =
        "\nThe valid \"refid\" option keywords are:\n  hash ipv4\n  or an integer from 0 through 1";
    match text {
        "" => Err(anyhow!("the keyword '' is ambiguous for refid{keywords}")),
        "0" => Ok(RefidDisplay::Hash),
        "1" => Ok(RefidDisplay::Ipv4),
        _ if "hash".starts_with(text) => Ok(RefidDisplay::Hash),
        _ if "ipv4".starts_with(text) => Ok(RefidDisplay::Ipv4),
        _ if text.parse::<u64>().is_ok() => Err(anyhow!("{text} exceeds refid keyword count{keywords}")),
        _ => Err(anyhow!("'{text}' does not match any refid keywords.{keywords}")),
    }
}
