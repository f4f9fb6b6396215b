//! The command line of `ntpsweep`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::scripts::{DescribedArgs, PatienceArgs, ScriptArgs};
use crate::cli::format::{self, Format};
use crate::cli::getopt_long::{PerlOption, Takes};
use crate::cli::hosts::HostsArgs;
use clap::{ArgAction, Args};
use std::path::PathBuf;

/// The options of the original, by the names that Perl knows them by, and the one that chooses the dialect.
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

/// What the original says below a problem, up to its list of options.
pub const ORIGINAL_USAGE: &str = "ntpsweep - Print various informations about given ntp servers - Ver. 4.2.8p15\n\
     USAGE: ntpsweep [ -<flag> [<val>] | --<name>[{=| }<val>] ]... [hostfile]\n";

/// Options.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
pub struct NtpsweepArgs {
    /// Ask these hosts, separated by commas; repeatable
    #[arg(short = 'l', long, value_name = "HOSTS", action = ArgAction::Append, allow_hyphen_values = true)]
    pub host_list: Vec<String>,
    /// Ask this host alone
    #[arg(long, value_name = "HOST", allow_hyphen_values = true)]
    pub host: Option<String>,
    /// Ask the hosts of this file, a host a line; the operand does the same
    #[arg(short = 'f', long, value_name = "FILE")]
    pub host_file: Option<PathBuf>,
    /// Also list the peers of each host, and theirs
    #[arg(short = 'p', long)]
    pub peers: bool,
    /// Follow peers down to this level; 0 follows all
    #[arg(short = 'm', long, value_name = "LEVEL", default_value_t = 0, allow_negative_numbers = true)]
    pub maxlevel: i64,
    /// Leave this text out of host names
    #[arg(short = 's', long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    pub strip: String,
    /// Where hosts come from.
    #[command(flatten)]
    pub from: HostsArgs,
    /// Print addresses, and look up no names of them
    #[arg(short = 'n', long)]
    pub numeric: bool,
    /// Output format
    #[arg(long, value_name = "FORM", default_value = "text", value_parser = Format::one_of(format::OF_FINDINGS))]
    pub format: Format,
    /// How long it waits.
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
