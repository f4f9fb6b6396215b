//! The command line of `ntpkit fleet`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::options::{ExplainArgs, FamilyArgs, HostTimeoutArgs, TargetArgs};
use crate::app::textfile::OutputArgs;
pub use crate::cli::format::Format;
use crate::cli::format::{FormatArgs, OfFleet};
use crate::cli::plugin::{Misuse, Range, Thresholds};
use crate::cli::watch::interval;
use crate::client::look::{By, QuerySettings};
use crate::model::fleet::Order;
use crate::net::host::NTP_PORT;
use crate::wire::chrony;
use clap::ValueEnum;
use std::time::Duration;

/// The default number of hosts shown in the table.
const SHOWN: usize = 20;

/// The options of `ntpkit fleet`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_override_self = true)]
#[command(mut_arg("jobs", |jobs| jobs.short('j')))]
pub struct FleetArgs {
    /// The hosts to query.
    #[command(flatten)]
    pub targets: TargetArgs,
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Default port of hosts
    #[arg(short, long, value_name = "PORT", default_value_t = NTP_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Query each host over this protocol; its clock is measured by SNTP in any case
    #[arg(long, value_name = "PROTOCOL", value_enum, default_value_t)]
    pub by: Protocol,
    /// Port of chronyd's command protocol
    #[arg(long, value_name = "PORT", default_value_t = chrony::PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub chrony_port: u16,
    /// The timeout.
    #[command(flatten)]
    pub timeout: HostTimeoutArgs,
    /// WARNING if the absolute offset is outside this range, in seconds
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub warning: Option<Range>,
    /// CRITICAL if the absolute offset is outside this range, in seconds
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub critical: Option<Range>,
    /// WARNING if the error bound of a host is outside this range, in seconds
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub bound: Option<Range>,
    /// WARNING if the stratum of a host is outside this range
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub stratum: Option<Range>,
    /// WARNING if the number of usable sources of a host is outside this range (RFC 8633 recommends `4:`)
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub sources: Option<Range>,
    /// Show at most this many hosts with problems in the table [default: 20]
    #[arg(short = 'N', long, value_name = "NUMBER", conflicts_with_all = ["all", "only"])]
    pub worst: Option<usize>,
    /// Show every host; in OpenMetrics, with its own samples
    #[arg(short, long)]
    pub all: bool,
    /// Show all hosts of this kind
    #[arg(long, value_name = "KIND", value_enum)]
    pub only: Option<Kind>,
    /// Sort hosts by this figure, worst first
    #[arg(long, value_name = "FIGURE", value_enum)]
    pub sort: Option<Figure>,
    /// Explanations.
    #[command(flatten)]
    pub explain: ExplainArgs,
    /// Look repeatedly, SECONDS apart [default: 10]; on a terminal in place, until `q`
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "10", value_parser = interval, conflicts_with = "output")]
    pub watch: Option<Duration>,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFleet>,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The protocol for querying hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// Mode 6, else chronyd's protocol, else SNTP only
    #[default]
    Auto,
    /// Mode 6 (ntpd)
    Control,
    /// chronyd's command protocol
    Chrony,
    /// None: the time only
    Sntp,
}

/// Which hosts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Those with problems
    Problems,
}

/// The figure that hosts are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Figure {
    /// Absolute offset
    Offset,
    /// Error bound
    Bound,
    /// Stratum
    Stratum,
    /// Reachability of the followed source
    Reach,
    /// Name
    Name,
}

impl FleetArgs {
    /// How hosts are queried.
    pub fn settings(&self) -> QuerySettings {
        QuerySettings {
            by: match self.by {
                Protocol::Auto => By::Auto,
                Protocol::Control => By::Control,
                Protocol::Chrony => By::Chrony,
                Protocol::Sntp => By::Sntp,
            },
            family: self.family.chosen(),
            port: self.port,
            chrony_port: self.chrony_port,
            patience: self.timeout.timeout,
            measures: true,
            jobs: self.targets.files.jobs.chosen(),
        }
    }

    /// The thresholds of the offset.
    pub fn offset(&self) -> Thresholds {
        Thresholds { warning: self.warning.clone(), critical: self.critical.clone() }
    }

    /// The requested sort order.
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

    /// Checks for options that would have no effect.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), Misuse> {
        if self.worst.is_some() && self.format.chosen() != Format::Table {
            return Err(Misuse("-N applies only to the table; other formats contain every host".into()));
        }
        if self.targets.is_empty() {
            return Err(Misuse("no hosts given; name hosts or use --hosts-from FILE".into()));
        }
        Ok(())
    }
}
