//! The command line of `ntpkit chrony`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::options::{FamilyArgs, HostTimeoutArgs, TargetArgs};
use crate::app::textfile::OutputArgs;
use crate::cli::format::{FormatArgs, OfReports};
use crate::client::chronyd::Inquiry;
use crate::model::chronyd::Kind;
use crate::wire::chrony;
use clap::{Args, ValueEnum};
use thiserror::Error;

/// The options of `ntpkit chrony`.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[command(mut_arg("hosts", |hosts| hosts.help("Daemons to query: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, a NETWORK such as 192.0.2.0/28, or the /PATH of a Unix socket [default: this machine's]")))]
pub struct ChronyArgs {
    /// The report to print
    #[arg(value_name = "REPORT", value_enum)]
    pub report: ReportName,
    /// The hosts to query.
    #[command(flatten)]
    pub targets: TargetArgs,
    /// Print addresses, not names
    #[arg(short, long)]
    pub numeric: bool,
    /// Print chronyc's CSV; with several hosts, each line begins with the host
    #[arg(short, long, conflicts_with = "format")]
    pub csv: bool,
    /// Also list sources whose names have no address yet
    #[arg(short, long)]
    pub all: bool,
    /// Explain the columns
    #[arg(short, long, conflicts_with = "format")]
    pub verbose: bool,
    /// In the columns of clients, print NTS key establishments instead of commands
    #[arg(short, long, conflicts_with = "format")]
    pub key_establishments: bool,
    /// Omit clients that sent fewer packets
    #[arg(short = 'p', long, value_name = "NUMBER")]
    pub min_packets: Option<u32>,
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Port of hosts that are named without one
    #[arg(long, value_name = "PORT", default_value_t = chrony::PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// The timeout.
    #[command(flatten)]
    pub timeout: HostTimeoutArgs,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfReports>,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// An option that the report does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{option} is an option of {reports} only")]
pub struct Misplaced {
    option: &'static str,
    /// The reports that have it.
    reports: &'static str,
}

/// A report, named as chronyc names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportName {
    /// The state of the clock: its source, its offset and its error
    Tracking,
    /// The sources, how they were reached, and what they measured
    Sources,
    /// Statistics of the measurements: drift and offset of each source
    Sourcestats,
    /// What the selection makes of each source, and why; Unix socket only
    Selectdata,
    /// How each source is authenticated; Unix socket only
    Authdata,
    /// The latest measurement of each source in detail; Unix socket only
    Ntpdata,
    /// Counters of the server: packets, commands, timestamps; Unix socket only
    Serverstats,
    /// How many sources are polled
    Activity,
    /// The clients of the server; Unix socket only
    Clients,
    /// The real-time clock
    Rtcdata,
}

impl ChronyArgs {
    /// Rejects options that the report does not have.
    ///
    /// # Errors
    /// The first such option.
    pub fn check(&self) -> Result<(), Misplaced> {
        let has_rows = matches!(
            self.report,
            ReportName::Sources | ReportName::Sourcestats | ReportName::Selectdata | ReportName::Authdata
        );
        let is_of_clients = self.report == ReportName::Clients;
        let lists = "sources, sourcestats, selectdata and authdata";
        for (is_misplaced, option, reports) in [
            (self.all && !has_rows, "--all", lists),
            (self.verbose && !has_rows, "--verbose", lists),
            (self.key_establishments && !is_of_clients, "--key-establishments", "clients"),
            (self.min_packets.is_some() && !is_of_clients, "--min-packets", "clients"),
        ] {
            if is_misplaced {
                return Err(Misplaced { option, reports });
            }
        }
        Ok(())
    }

    /// The kind of the report.
    pub fn kind(&self) -> Kind {
        match self.report {
            ReportName::Tracking => Kind::Tracking,
            ReportName::Sources => Kind::Sources,
            ReportName::Sourcestats => Kind::SourceStatistics,
            ReportName::Selectdata => Kind::Selection,
            ReportName::Authdata => Kind::Authentication,
            ReportName::Ntpdata => Kind::Measurements,
            ReportName::Serverstats => Kind::ServerStatistics,
            ReportName::Activity => Kind::Activity,
            ReportName::Clients => Kind::Clients,
            ReportName::Rtcdata => Kind::RealTimeClock,
        }
    }

    /// What to ask.
    pub fn inquiry(&self) -> Inquiry {
        Inquiry {
            kind: self.kind(),
            family: self.family.chosen(),
            port: self.port,
            patience: self.timeout.timeout,
            all: self.all,
            min_packets: self.min_packets.unwrap_or(0),
        }
    }
}
