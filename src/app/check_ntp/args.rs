//! The command lines of the plugins: the options of the Monitoring Plugins programs, and more.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::options::{DaemonArgs, ExplainArgs};
use crate::cli::context::dialect_of;
use crate::cli::plugin::{Misuse, Range, Thresholds};
use crate::cli::seconds;
use crate::compat::{Dialect, Quirk};
use crate::net::host::AddressFamily;
use anyhow::anyhow;
use clap::{ArgAction, Args};
use std::time::Duration;

/// The release of the Monitoring Plugins whose output the dialect reproduces.
pub const RELEASE: &str = "2.3.3";

/// The message of the C programs about a range whose ends are swapped.
pub const BAD_RANGE: &str = "Range format incorrect";

/// Options that both plugins have.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true, args_override_self = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct CommonArgs {
    /// Use IPv4 only
    #[arg(short = '4', long = "use-ipv4", overrides_with = "ipv6")]
    pub ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long = "use-ipv6", overrides_with = "ipv4")]
    pub ipv6: bool,
    /// Default port of hosts
    #[arg(short = 'p', long, value_name = "PORT", default_value_t = crate::net::host::NTP_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// UNKNOWN instead of CRITICAL or WARNING if there is no time
    #[arg(short = 'q', long)]
    pub quiet: bool,
    /// WARNING if the absolute offset is outside this range, in seconds
    #[arg(short = 'w', long, value_name = "RANGE", allow_hyphen_values = true)]
    pub warning: Option<String>,
    /// CRITICAL if the absolute offset is outside this range, in seconds
    #[arg(short = 'c', long, value_name = "RANGE", allow_hyphen_values = true)]
    pub critical: Option<String>,
    /// WARNING if the stratum is outside this range
    #[arg(short = 'W', long = "swarn", value_name = "RANGE", allow_hyphen_values = true)]
    pub stratum_warning: Option<String>,
    /// CRITICAL if the stratum is outside this range
    #[arg(short = 'C', long = "scrit", value_name = "RANGE", allow_hyphen_values = true)]
    pub stratum_critical: Option<String>,
    /// WARNING if the root distance is outside this range, in seconds
    #[arg(long = "dwarn", value_name = "RANGE", allow_hyphen_values = true)]
    pub distance_warning: Option<String>,
    /// CRITICAL if the root distance is outside this range, in seconds
    #[arg(long = "dcrit", value_name = "RANGE", allow_hyphen_values = true)]
    pub distance_critical: Option<String>,
    /// Finish within this time, name lookups included
    #[arg(short = 't', long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
    /// Also print a line for each server or source
    #[arg(short = 'v', long, action = ArgAction::Count)]
    pub verbose: u8,
    /// Also read options from an INI file: SECTION, @FILE or SECTION@FILE
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub extra_opts: Option<String>,
    /// Explanations.
    #[command(flatten)]
    pub explain: ExplainArgs,
    /// Print the bytes of this release of the Monitoring Plugins: 2.3.3, or none
    #[arg(long, value_name = "RELEASE", value_parser = dialect)]
    pub compat: Option<Dialect>,
    /// Print this help and exit
    #[arg(short = 'h', long)]
    pub help: bool,
    /// Print the version and exit
    #[arg(short = 'V', long)]
    pub version: bool,
}

/// Options of `check_ntp_time`.
#[derive(Args, Clone, Debug)]
pub struct TimeArgs {
    /// The options that both plugins have.
    #[command(flatten)]
    pub common: CommonArgs,
    /// NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT of a server; repeatable: the majority decides
    #[arg(short = 'H', long = "hostname", value_name = "HOST", action = ArgAction::Append)]
    pub hosts: Vec<String>,
    /// Add this to the measured offset, in seconds
    #[arg(short = 'o', long = "time-offset", visible_alias = "time_offset", value_name = "SECONDS", default_value = "0", allow_hyphen_values = true, value_parser = whole)]
    pub time_offset: i32,
}

/// The help text of `--daemon`.
const DAEMON_HELP: &str =
    "Query this daemon: auto, ntpd, chronyd, ntpd-rs, timesyncd, chronyd:PATH or ntpd-rs:PATH";

/// Options of `check_ntp_peer`.
#[derive(Args, Clone, Debug)]
#[command(mut_arg("daemon", |option| option.help(DAEMON_HELP)))]
pub struct PeerArgs {
    /// The options that both plugins have.
    #[command(flatten)]
    pub common: CommonArgs,
    /// NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT of the daemon
    #[arg(short = 'H', long = "hostname", value_name = "HOST", overrides_with = "host")]
    pub host: Option<String>,
    /// WARNING if the jitter is outside this range, in milliseconds
    #[arg(short = 'j', long = "jwarn", value_name = "RANGE", allow_hyphen_values = true)]
    pub jitter_warning: Option<String>,
    /// CRITICAL if the jitter is outside this range, in milliseconds
    #[arg(short = 'k', long = "jcrit", value_name = "RANGE", allow_hyphen_values = true)]
    pub jitter_critical: Option<String>,
    /// WARNING if the number of good sources is outside this range (RFC 8633 recommends `4:`)
    #[arg(short = 'm', long = "twarn", value_name = "RANGE", allow_hyphen_values = true)]
    pub truechimers_warning: Option<String>,
    /// CRITICAL if the number of good sources is outside this range
    #[arg(short = 'n', long = "tcrit", value_name = "RANGE", allow_hyphen_values = true)]
    pub truechimers_critical: Option<String>,
    /// WARNING if the number of answered polls among the source's last eight is outside this range
    #[arg(long = "rwarn", value_name = "RANGE", allow_hyphen_values = true)]
    pub reach_warning: Option<String>,
    /// CRITICAL if the number of answered polls among the source's last eight is outside this range
    #[arg(long = "rcrit", value_name = "RANGE", allow_hyphen_values = true)]
    pub reach_critical: Option<String>,
    /// No alert for what a daemon that started less than this long ago cannot have yet; of chronyd and systemd-timesyncd
    /// that is known on their own machine only
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    pub grace: Duration,
    /// The daemon.
    #[command(flatten)]
    pub daemon: DaemonArgs,
}

impl CommonArgs {
    /// The requested address family.
    pub fn family(&self) -> AddressFamily {
        AddressFamily::chosen(self.ipv4, self.ipv6)
    }
}

/// The ranges given by two options, or the default ranges.
///
/// # Errors
/// What is wrong with a range.
pub fn thresholds(
    warning: Option<&String>,
    critical: Option<&String>,
    without: Option<(&str, &str)>,
    dialect: Dialect,
) -> Result<Thresholds, Misuse> {
    let lenient = dialect.keeps(Quirk::LENIENT_RANGES);
    let read = |text: &str| {
        if lenient {
            Range::read_leniently(text).ok_or_else(|| Misuse(BAD_RANGE.into()))
        } else {
            text.parse().map_err(Misuse)
        }
    };
    let pick = |given: Option<&String>, without: Option<&str>| {
        given.map(String::as_str).or(without).map(read).transpose()
    };
    Ok(Thresholds {
        warning: pick(warning, without.map(|(warning, _)| warning))?,
        critical: pick(critical, without.map(|(_, critical)| critical))?,
    })
}

fn dialect(text: &str) -> anyhow::Result<Dialect> {
    // The two releases that belong together form one dialect.
    let release = if text == RELEASE { "4.2.8p15" } else { text };
    dialect_of(release.as_ref()).map_err(|_| anyhow!("unknown release: 2.3.3 or none"))
}

fn seconds(text: &str) -> anyhow::Result<Duration> {
    Ok(seconds::parse(text, Duration::ZERO..=Duration::from_secs(1_000_000))?)
}

fn whole(text: &str) -> anyhow::Result<i32> {
    text.parse().map_err(|_| anyhow!("not a whole number of seconds"))
}
