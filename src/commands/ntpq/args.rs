//! The command line of `ntpq`.

use crate::commands::ntpstat::{DaemonChoice, daemon};
use crate::commands::usage::{self, Manners};
use crate::context::dialect_of;
use crate::dialect::Dialect;
use clap::{ArgAction, Args, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How the classic program speaks of itself.
pub const MANNERS: Manners = Manners {
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

/// Options and operands.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct NtpqArgs {
    /// Look up IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// Look up IPv6 addresses only
    #[arg(short = '6', long)]
    pub ipv6: bool,
    /// Run this command and exit; repeatable
    #[arg(short, long, value_name = "COMMAND", allow_hyphen_values = true, action = ArgAction::Append)]
    pub command: Vec<String>,
    /// Raise the debug level by one; repeatable
    #[arg(short = 'd', long, action = ArgAction::Count)]
    pub debug_level: u8,
    /// Set the debug level to N
    #[arg(short = 'D', long, value_name = "N", allow_hyphen_values = true, action = ArgAction::Append, value_parser = number)]
    pub set_debug_level: Vec<i32>,
    /// Prompt for commands, terminal or not
    #[arg(short, long, conflicts_with_all = ["command", "peers"])]
    pub interactive: bool,
    /// Print addresses, and look no names up for them
    #[arg(short, long)]
    pub numeric: bool,
    /// Print the status line also for named variables
    #[arg(long)]
    pub old_rv: bool,
    /// Print the peers: the same as `-c peers`
    #[arg(short, long)]
    pub peers: bool,
    /// Print addresses among reference identifiers so: hash or ipv4
    #[arg(short, long, value_name = "HOW", allow_hyphen_values = true, value_parser = refid)]
    pub refid: Option<RefidDisplay>,
    /// A file of keys, in the form of ntp.keys
    #[arg(short = 'k', long, value_name = "FILE")]
    pub keyfile: Option<PathBuf>,
    /// The identifier of the key to authenticate requests with
    #[arg(short = 'a', long = "authentication", value_name = "ID", value_parser = key_id)]
    pub key_id: Option<u32>,
    /// Print the names of peers in full, long ones on lines of their own
    #[arg(short, long)]
    pub wide: bool,
    /// Take options from this file, besides ~/.ntprc
    #[arg(short = '<', long, value_name = "FILE", action = ArgAction::Append)]
    pub load_opts: Vec<PathBuf>,
    /// Take no options from ~/.ntprc and the environment
    #[arg(long)]
    pub no_load_opts: bool,
    /// Save the options to this file, else to ~/.ntprc, and exit
    #[arg(short = '>', long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub save_opts: Option<OsString>,
    /// Print the version and exit
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "v")]
    pub version: Option<String>,
    /// Print this help and exit
    #[arg(short = '?', long)]
    pub help: bool,
    /// Print this help through $PAGER and exit
    #[arg(short = '!', long)]
    pub more_help: bool,
    /// Speak exactly as this classic release does: 4.2.8p15, or none
    #[arg(long, value_name = "RELEASE", value_parser = |text: &str| dialect_of(text.as_ref()))]
    pub compat: Option<Dialect>,
    /// The form of what commands print
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    pub format: Format,
    /// Show the peers of this daemon, from its own protocol: `chronyd`, `ntpd-rs` or `ntpd-rs:PATH`,
    /// `timesyncd`; with `ntpd` only those of one that speaks mode 6; without, the first that answers
    #[arg(long, value_name = "NAME", default_value = "auto", hide_default_value = true, value_parser = daemon)]
    pub daemon: DaemonChoice,
    /// Colour the tally character
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: ColorChoice,
    /// How long to wait for all name look-ups together
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub name_timeout: Duration,
    /// NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT of the daemons to ask, localhost without; `-4` and `-6`
    /// among them hold for those that follow
    #[arg(value_name = "HOST")]
    pub hosts: Vec<OsString>,
}

impl NtpqArgs {
    /// Whether nobody is asked, whatever else is said.
    pub fn tells_about_itself(&self) -> bool {
        self.help || self.more_help || self.version.is_some()
    }
}

/// How reference identifiers that are addresses are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefidDisplay {
    /// As an IPv4 address.
    #[default]
    Ipv4,
    /// As a hexadecimal number, for it may be the hash of an IPv6 address.
    Hash,
}

/// The form of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The classic columns
    #[default]
    Classic,
    /// A table with borders, for people
    Table,
    /// JSON, one object for each host
    Json,
    /// `OpenMetrics` text
    Openmetrics,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// In any case
    Always,
    /// Not at all
    Never,
}

fn number(text: &str) -> Result<i32, String> {
    i32::try_from(usage::number(text)?).map_err(|_| format!("'{text}' is not a recognizable number."))
}

fn key_id(text: &str) -> Result<u32, String> {
    let id = number(text)?;
    match u32::try_from(id) {
        Ok(valid @ 1..=0xffff) => Ok(valid),
        _ => Err(format!("{id} is no key identifier: these are 1 to 65535")),
    }
}

fn refid(text: &str) -> Result<RefidDisplay, String> {
    let keywords =
        "\nThe valid \"refid\" option keywords are:\n  hash ipv4\n  or an integer from 0 through 1";
    match text {
        "" => Err(format!("the keyword '' is ambiguous for refid{keywords}")),
        "0" => Ok(RefidDisplay::Hash),
        "1" => Ok(RefidDisplay::Ipv4),
        _ if "hash".starts_with(text) => Ok(RefidDisplay::Hash),
        _ if "ipv4".starts_with(text) => Ok(RefidDisplay::Ipv4),
        _ if text.parse::<u64>().is_ok() => Err(format!("{text} exceeds refid keyword count{keywords}")),
        _ => Err(format!("'{text}' does not match any refid keywords.{keywords}")),
    }
}

pub(in crate::commands) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("'{text}' is not a recognizable number."))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("'{text}' seconds are no possible time-out."))
}
