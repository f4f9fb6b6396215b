//! The command line of `ntpdc`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::common::{CommonArgs, HasCommonArgs, ShellArgs};
use crate::app::textfile::OutputArgs;
use crate::cli::format::{self, Format};
use crate::cli::hosts::HostsArgs;
use crate::cli::usage::ProgramInfo;
use crate::console::options::seconds;
use clap::Args;
use std::ffi::OsString;
use std::time::Duration;

/// The classic program's description of itself.
pub const PROGRAM_INFO: ProgramInfo = ProgramInfo {
    name: "ntpdc",
    operands: " [ host ...]",
    title: "ntpdc - vendor-specific NTPD control program - Ver. 4.2.8p15",
    long_options: &[
        "ipv4",
        "ipv6",
        "command",
        "debug-level",
        "set-debug-level",
        "interactive",
        "listpeers",
        "numeric",
        "peers",
        "showpeers",
        "version",
        "help",
        "more-help",
        "save-opts",
        "load-opts",
        "no-load-opts",
    ],
    prohibitive: &["ipv4", "interactive", "listpeers", "peers", "showpeers"],
};

/// Options and operands.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
pub struct NtpdcArgs {
    /// What both programs of the shell know.
    #[command(flatten)]
    pub shell: ShellArgs,
    /// List the peers: same as `-c listpeers`
    #[arg(short, long, conflicts_with_all = ["command", "interactive"])]
    pub listpeers: bool,
    /// Print the peers: same as `-c peers`
    #[arg(short, long, conflicts_with_all = ["command", "interactive"])]
    pub peers: bool,
    /// Print the peers in another layout: same as `-c dmpeers`
    #[arg(short, long, conflicts_with_all = ["command", "interactive"])]
    pub showpeers: bool,
    /// Host files.
    #[command(flatten)]
    pub from: HostsArgs,
    /// Presets, help, version and dialect.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Output format of peers, showpeer, sysinfo, sysstats, iostats, loopinfo, kerninfo, monlist, reslist and
    /// ifstats
    #[arg(long, value_name = "FORM", default_value = "classic", value_parser = Format::one_of(format::OF_SHELL))]
    pub format: Format,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Time limit for all name lookups, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub name_timeout: Duration,
    /// NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT of the daemons to query [default: localhost]
    #[arg(value_name = "HOST")]
    pub hosts: Vec<OsString>,
}

impl HasCommonArgs for NtpdcArgs {
    fn common(&self) -> &CommonArgs {
        &self.common
    }
}
