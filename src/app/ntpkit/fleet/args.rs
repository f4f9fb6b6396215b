//! The command line of `ntpkit fleet`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

pub use crate::cli::format::{self, Format};
use crate::cli::hosts::HostsArgs;
use crate::cli::plugin::{Misuse, Range, Thresholds};
use crate::cli::seconds;
use crate::client::look::{By, Manner};
use crate::model::fleet::Order;
use crate::net::host::{AddressFamily, NTP_PORT};
use crate::net::many::DEFAULT_JOBS;
use crate::wire::chrony;
use clap::ValueEnum;
use std::time::Duration;

/// The longest and the shortest time that a host may be given.
const PATIENCE: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3600);
/// Hosts shown in the table unless told otherwise.
const SHOWN: usize = 20;

/// The options of `ntpkit fleet`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct FleetArgs {
    /// Hosts to look at: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, or a NETWORK such as 192.0.2.0/24
    #[arg(value_name = "HOST")]
    pub hosts: Vec<String>,
    /// Where else hosts come from.
    #[command(flatten)]
    pub files: HostsArgs,
    /// Use IPv4 only
    #[arg(short = '4', long, overrides_with = "ipv6")]
    pub ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long, overrides_with = "ipv4")]
    pub ipv6: bool,
    /// Port of hosts that are named without one
    #[arg(short, long, value_name = "PORT", default_value_t = NTP_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Ask each host about itself in this protocol; its clock is measured by SNTP in any case
    #[arg(long, value_name = "PROTOCOL", value_enum, default_value_t)]
    pub by: Protocol,
    /// Port of chronyd's protocol
    #[arg(long, value_name = "PORT", default_value_t = chrony::PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub chrony_port: u16,
    /// Wait this long for a host
    #[arg(short, long, value_name = "SECONDS", default_value = "5", value_parser = patience)]
    pub timeout: Duration,
    /// Ask this many hosts at once
    #[arg(short, long, value_name = "NUMBER", default_value_t = DEFAULT_JOBS, value_parser = jobs)]
    pub jobs: usize,
    /// WARNING if the size of a measured offset is outside this range, in seconds
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub warning: Option<Range>,
    /// CRITICAL if the size of a measured offset is outside this range, in seconds
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub critical: Option<Range>,
    /// WARNING if the error bound of a host is outside this range, in seconds
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub bound: Option<Range>,
    /// WARNING if the stratum of a host is outside this range
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub stratum: Option<Range>,
    /// WARNING if the number of usable sources of a host is outside this range: `4:` is the advice of RFC 8633
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub sources: Option<Range>,
    /// Show this many of the hosts with problems in the table [default: 20]
    #[arg(short = 'N', long, value_name = "NUMBER", conflicts_with_all = ["all", "only"])]
    pub worst: Option<usize>,
    /// Show every host; in the OpenMetrics format: with samples of its own
    #[arg(short, long)]
    pub all: bool,
    /// Show every host of this kind
    #[arg(long, value_name = "KIND", value_enum)]
    pub only: Option<Kind>,
    /// Order hosts by this, the worst first
    #[arg(long, value_name = "FIGURE", value_enum)]
    pub sort: Option<Figure>,
    /// Output format
    #[arg(long, value_name = "FORM", default_value = "table", value_parser = Format::one_of(format::OF_FLEET))]
    pub format: Format,
}

/// The protocol in which hosts are asked about themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// Mode 6, else chronyd's protocol, else SNTP alone
    #[default]
    Auto,
    /// Mode 6 (ntpd)
    Control,
    /// chronyd's command protocol
    Chrony,
    /// None: the time alone
    Sntp,
}

/// Which hosts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Those with problems
    Problems,
}

/// What hosts are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Figure {
    /// Size of the measured offset
    Offset,
    /// Error bound
    Bound,
    /// Stratum
    Stratum,
    /// Reach of the source that is followed
    Reach,
    /// Name
    Name,
}

impl FleetArgs {
    /// How hosts are asked.
    pub fn manner(&self) -> Manner {
        Manner {
            by: match self.by {
                Protocol::Auto => By::Auto,
                Protocol::Control => By::Control,
                Protocol::Chrony => By::Chrony,
                Protocol::Sntp => By::Sntp,
            },
            family: AddressFamily::chosen(self.ipv4, self.ipv6),
            port: self.port,
            chrony_port: self.chrony_port,
            patience: self.timeout,
        }
    }

    /// The ranges of the offset.
    pub fn offset(&self) -> Thresholds {
        Thresholds { warning: self.warning.clone(), critical: self.critical.clone() }
    }

    /// The order that is wanted.
    pub fn order(&self) -> Option<Order> {
        self.sort.map(|figure| match figure {
            Figure::Offset => Order::Offset,
            Figure::Bound => Order::Bound,
            Figure::Stratum => Order::Stratum,
            Figure::Reach => Order::Reach,
            Figure::Name => Order::Name,
        })
    }

    /// How many hosts the table shows.
    pub fn shown(&self) -> usize {
        self.worst.unwrap_or(SHOWN)
    }

    /// Looks for options that would have no effect.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), Misuse> {
        if self.worst.is_some() && self.format != Format::Table {
            return Err(Misuse("-N is for the table alone; other formats have every host".into()));
        }
        if self.hosts.is_empty() && !self.files.names_files() {
            return Err(Misuse("no hosts; name some, or a file of them with --hosts-from".into()));
        }
        Ok(())
    }
}

fn patience(text: &str) -> anyhow::Result<Duration> {
    Ok(seconds::parse(text, PATIENCE)?)
}

fn jobs(text: &str) -> anyhow::Result<usize> {
    let number = text.parse().ok().filter(|number| (1..=100_000).contains(number));
    number.ok_or_else(|| anyhow::anyhow!("not a number from 1 to 100000"))
}
