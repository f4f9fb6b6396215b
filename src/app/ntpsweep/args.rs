//! The command line of `ntpsweep`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::options::ExplainArgs;
use crate::app::scripts::{DescribedArgs, PatienceArgs, ScriptArgs};
use crate::cli::format::{FormatArgs, OfFindings};
use crate::cli::getopt_long::{PerlOption, Takes};
use crate::cli::hosts::HostsArgs;
use clap::{ArgAction, Args};
use std::path::PathBuf;

/// The options of the original by their Perl names, and the one that selects the dialect.
pub const ORIGINAL: &[PerlOption] = &[
    (&["host-list", "l"], Takes::Text),
    (&["peers", "p"], Takes::Nothing),
    (&["maxlevel", "m"], Takes::Integer),
    (&["strip", "s"], Takes::Text),
    (&["host", "h"], Takes::Text),
    (&["help", "?"], Takes::Nothing),
    (&["more-help"], Takes::Nothing),
    (&["compat"], Takes::Text),
];

/// The original's text below an error, up to its list of options.
pub const ORIGINAL_USAGE: &str = "ntpsweep - Print various informations about given ntp servers - Ver. 4.2.8p15\n\
     USAGE: ntpsweep [ -<flag> [<val>] | --<name>[{=| }<val>] ]... [hostfile]\n";

/// Options.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
pub struct NtpsweepArgs {
    /// Query these hosts, separated by commas; repeatable
    #[arg(short = 'l', long, value_name = "HOSTS", action = ArgAction::Append, allow_hyphen_values = true)]
    pub host_list: Vec<String>,
    /// Query only this host
    #[arg(long, value_name = "HOST", allow_hyphen_values = true)]
    pub host: Option<String>,
    /// Query the hosts in this file, one per line; same as the operand
    #[arg(short = 'f', long, value_name = "FILE")]
    pub host_file: Option<PathBuf>,
    /// Also list the peers of each host, and theirs
    #[arg(short = 'p', long)]
    pub peers: bool,
    /// Follow peers down to this level; 0 follows all
    #[arg(short = 'm', long, value_name = "LEVEL", default_value_t = 0, allow_negative_numbers = true)]
    pub maxlevel: i64,
    /// Remove this text from host names
    #[arg(short = 's', long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    pub strip: String,
    /// Host files.
    #[command(flatten)]
    pub from: HostsArgs,
    /// Print addresses instead of host names
    #[arg(short = 'n', long)]
    pub numeric: bool,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFindings>,
    /// Explanations.
    #[command(flatten)]
    pub explain: ExplainArgs,
    /// Timeouts.
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// Dialect, help and version.
    #[command(flatten)]
    pub described: DescribedArgs,
    /// A file of hosts, a host a line
    #[arg(value_name = "HOSTFILE")]
    pub files: Vec<PathBuf>,
}

impl ScriptArgs for NtpsweepArgs {
    fn described(&self) -> &DescribedArgs {
        &self.described
    }
}
