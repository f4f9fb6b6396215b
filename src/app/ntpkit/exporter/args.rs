//! The command line of `ntpkit exporter`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use super::log::Level;
use crate::app::options::DaemonArgs;
use crate::cli::seconds;
use clap::{ArgAction, Args};
use ipnet::IpNet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The limits of durations.
const DAY: Duration = Duration::from_secs(86_400);

/// The help text of `--daemon`.
const DAEMON_HELP: &str = "This machine's daemon: `ntpd`, `chronyd`, `ntpd-rs`, `timesyncd`, or `chronyd:PATH` or \
     `ntpd-rs:PATH` for a socket elsewhere [default: the one that disciplines the clock]";

/// The options of `ntpkit exporter`.
#[derive(Clone, Debug, Args)]
#[command(mut_arg("daemon", |option| option.help(DAEMON_HELP)))]
pub struct ExporterArgs {
    /// Listen on ADDRESS:PORT, [ADDRESS]:PORT or :PORT; repeatable
    #[arg(long = "web.listen-address", value_name = "ADDRESS", default_value = ":10123", action = ArgAction::Append)]
    pub listen: Vec<String>,
    /// Use the sockets that systemd passes (`LISTEN_FDS`); fail if there are none
    #[arg(long = "web.systemd-socket", conflicts_with = "listen")]
    pub systemd_socket: bool,
    /// The path of this machine's metrics
    #[arg(long = "web.telemetry-path", value_name = "PATH", default_value = "/metrics", value_parser = path)]
    pub telemetry_path: String,
    /// TLS and basic authentication, in the YAML form of the Prometheus exporter toolkit
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub web_config: Option<PathBuf>,
    /// Networks whose hosts `/probe` may query, separated by commas [default: this machine and its own networks]
    #[arg(long, value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    pub allow_targets: Vec<IpNet>,
    /// Query a target at most once in this many seconds; other requests get the same answer
    #[arg(long, value_name = "SECONDS", default_value = "16", value_parser = interval)]
    pub min_interval: Duration,
    /// Timeout per target, in seconds, unless the scraper allows less
    #[arg(long = "probe.timeout", value_name = "SECONDS", default_value = "5", value_parser = timeout)]
    pub probe_timeout: Duration,
    /// The daemon.
    #[command(flatten)]
    pub daemon: DaemonArgs,
    /// For the module `nts`, trust only the certificate authorities in this PEM file
    #[cfg(feature = "nts")]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The parts of this machine's metrics to serve.
    #[command(flatten)]
    pub collectors: CollectorArgs,
    /// Lowest level of messages to log: debug, info, warn or error
    #[arg(long = "log.level", value_name = "LEVEL", default_value = "info", value_enum)]
    pub log_level: Level,
}

/// The parts of this machine's metrics to serve.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct CollectorArgs {
    /// Health and variables of the daemon (default)
    #[arg(long = "collector.system", overrides_with = "no_system")]
    system: bool,
    /// Without them
    #[arg(long = "no-collector.system", overrides_with = "system")]
    no_system: bool,
    /// The daemon's sources (default)
    #[arg(long = "collector.peers", overrides_with = "no_peers")]
    peers: bool,
    /// Without them
    #[arg(long = "no-collector.peers", overrides_with = "peers")]
    no_peers: bool,
    /// The kernel's clock (default)
    #[arg(long = "collector.kernel", overrides_with = "no_kernel")]
    kernel: bool,
    /// Without it
    #[arg(long = "no-collector.kernel", overrides_with = "kernel")]
    no_kernel: bool,
    /// What only chronyd reports: tracking, activity, server statistics (default)
    #[arg(long = "collector.chrony", overrides_with = "no_chrony")]
    chrony: bool,
    /// Without it
    #[arg(long = "no-collector.chrony", overrides_with = "chrony")]
    no_chrony: bool,
    /// Recent clients of ntpd, counted by mode and version
    #[arg(long = "collector.clients", overrides_with = "no_clients")]
    clients: bool,
    /// Without them (default)
    #[arg(long = "no-collector.clients", overrides_with = "clients")]
    no_clients: bool,
}

/// A part of this machine's metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collector {
    /// Health and variables of the daemon.
    System,
    /// Its sources.
    Peers,
    /// The kernel's clock.
    Kernel,
    /// What only chronyd reports.
    Chrony,
    /// The daemon's recent clients.
    Clients,
}

impl Collector {
    /// All collectors.
    pub const ALL: [Self; 5] = [Self::System, Self::Peers, Self::Kernel, Self::Chrony, Self::Clients];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Peers => "peers",
            Self::Kernel => "kernel",
            Self::Chrony => "chrony",
            Self::Clients => "clients",
        }
    }
}

impl CollectorArgs {
    /// The collectors to serve.
    pub fn wanted(&self) -> Vec<Collector> {
        let is_wanted = |collector: &Collector| match collector {
            Collector::System => !self.no_system,
            Collector::Peers => !self.no_peers,
            Collector::Kernel => !self.no_kernel,
            Collector::Chrony => !self.no_chrony,
            Collector::Clients => self.clients,
        };
        Collector::ALL.into_iter().filter(is_wanted).collect()
    }
}

fn path(text: &str) -> Result<String, &'static str> {
    let is_taken = ["/", "/probe", "/-/healthy"].contains(&text);
    let is_path =
        text.starts_with('/') && text.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'?');
    (is_path && !is_taken)
        .then(|| text.to_owned())
        .ok_or("a path begins with `/', and `/', `/probe' and `/-/healthy' are taken")
}

fn network(text: &str) -> Result<IpNet, &'static str> {
    let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(alone).ok_or("not a network: ADDRESS/BITS or ADDRESS")
}

fn interval(text: &str) -> Result<Duration, seconds::SecondsError> {
    seconds::parse(text, Duration::from_secs(1)..=DAY)
}

fn timeout(text: &str) -> Result<Duration, seconds::SecondsError> {
    seconds::parse(text, Duration::from_millis(100)..=Duration::from_secs(60))
}
