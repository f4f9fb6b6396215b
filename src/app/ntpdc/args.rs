//! The command line of `ntpdc`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::common::{CommonArgs, HasCommonArgs, ShellArgs};
use crate::app::options::{NameTimeoutArgs, OrderArgs};
use crate::app::textfile::OutputArgs;
use crate::cli::format::{FormatArgs, OfReports};
use crate::cli::hosts::HostsArgs;
use crate::cli::usage::ProgramInfo;
use clap::Args;
use std::ffi::OsString;

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

/// The help text of `--format`.
const FORMAT_HELP: &str = "Output format of peers, showpeer, sysinfo, sysstats, iostats, loopinfo, kerninfo, monlist, reslist and \
     ifstats [default: classic]";

/// Options and operands.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
#[command(mut_arg("format", |option| option.help(FORMAT_HELP)))]
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
    /// The order of the hosts.
    #[command(flatten)]
    pub order: OrderArgs,
    /// Presets, help, version and dialect.
    #[command(flatten)]
    pub common: CommonArgs,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfReports>,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
    /// The time limit of name lookups.
    #[command(flatten)]
    pub names: NameTimeoutArgs,
    /// NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT of the daemons to query [default: localhost]
    #[arg(value_name = "HOST")]
    pub hosts: Vec<OsString>,
}

impl HasCommonArgs for NtpdcArgs {
    fn common(&self) -> &CommonArgs {
        &self.common
    }
}
