//! The command line of `ntptrace`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::options::{ExplainArgs, FamilyArgs};
use crate::app::scripts::{DescribedArgs, PatienceArgs, ScriptArgs};
pub use crate::cli::format::Format;
use crate::cli::format::{FormatArgs, OfTrace};
use crate::cli::getopt_long::{PerlOption, Takes};
use crate::cli::hosts::HostsArgs;
use crate::net::host::AddressFamily;
use clap::Args;

/// The options of the original by their Perl names, and the one that selects the dialect.
pub const ORIGINAL: &[PerlOption] = &[
    (&["numeric", "n"], Takes::Nothing),
    (&["max-hosts", "m"], Takes::Integer),
    (&["host", "r"], Takes::Text),
    (&["help", "?"], Takes::Nothing),
    (&["more-help"], Takes::Nothing),
    (&["compat"], Takes::Text),
];

/// The original's text below an error, up to its list of options.
pub const ORIGINAL_USAGE: &str = "ntptrace - Trace peers of an NTP server - Ver. 4.2.8p15\n\
     USAGE: ntptrace [ -<flag> [<val>] | --<name>[{=| }<val>] ]... [host]\n";

/// The host to start with by default.
pub const LOCALHOST: &str = "127.0.0.1";

/// Options.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true, args_override_self = true)]
#[command(mut_arg("ipv4", |option| option.help("Use an IPv4 address of HOST")))]
#[command(mut_arg("ipv6", |option| option.help("Use an IPv6 address of HOST")))]
pub struct NtptraceArgs {
    /// Print addresses instead of host names
    #[arg(short = 'n', long)]
    pub numeric: bool,
    /// Query at most this many hosts
    #[arg(short = 'm', long, value_name = "NUMBER", default_value_t = 99, allow_negative_numbers = true)]
    pub max_hosts: i64,
    /// Start with this host; same as the operand
    #[arg(short = 'r', long = "host", value_name = "HOST", allow_hyphen_values = true)]
    pub first: Option<String>,
    /// Follow all sources that survive the selection, and draw them as a tree
    #[arg(short = 'a', long)]
    pub all: bool,
    /// Host files.
    #[command(flatten)]
    pub from: HostsArgs,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfTrace>,
    /// Explanations.
    #[command(flatten)]
    pub explain: ExplainArgs,
    /// Timeouts.
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Dialect, help and version.
    #[command(flatten)]
    pub described: DescribedArgs,
    /// Hosts to begin with: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT or NETWORK/PREFIX [default: localhost]
    #[arg(value_name = "HOST")]
    pub hosts: Vec<String>,
}

impl NtptraceArgs {
    /// The host to start with in 4.2.8p15.
    pub fn host(&self) -> &str {
        let operand = self.hosts.first().filter(|host| !host.is_empty() && *host != "0");
        operand.or(self.first.as_ref()).map_or(LOCALHOST, String::as_str)
    }

    /// The hosts of the command line to start with: the operands, or else that of `-r`.
    pub fn named(&self) -> Vec<String> {
        let operands: Vec<String> =
            self.hosts.iter().filter(|host| !host.is_empty() && *host != "0").cloned().collect();
        if operands.is_empty() { self.first.iter().cloned().collect() } else { operands }
    }

    /// The requested address family.
    pub fn family(&self) -> AddressFamily {
        self.family.chosen()
    }
}

impl ScriptArgs for NtptraceArgs {
    fn described(&self) -> &DescribedArgs {
        &self.described
    }
}
