//! The command line of `ntptrace`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::scripts::{DescribedArgs, PatienceArgs, ScriptArgs};
pub use crate::cli::format::{self, Format};
use crate::cli::getopt_long::{PerlOption, Takes};
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

/// Options.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true, args_override_self = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
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
    /// Output format
    #[arg(long, value_name = "FORM", default_value = "text", value_parser = Format::one_of(format::OF_TRACE))]
    pub format: Format,
    /// Timeouts.
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// Use an IPv4 address of HOST
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// Use an IPv6 address of HOST
    #[arg(short = '6', long)]
    pub ipv6: bool,
    /// Dialect, help and version.
    #[command(flatten)]
    pub described: DescribedArgs,
    /// The host to begin with: NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT [default: localhost]
    #[arg(value_name = "HOST")]
    pub hosts: Vec<String>,
}

impl NtptraceArgs {
    /// The host to start with.
    pub fn host(&self) -> &str {
        let operand = self.hosts.first().filter(|host| !host.is_empty() && *host != "0");
        operand.or(self.first.as_ref()).map_or("127.0.0.1", String::as_str)
    }

    /// The requested address family.
    pub fn family(&self) -> AddressFamily {
        AddressFamily::chosen(self.ipv4, self.ipv6)
    }
}

impl ScriptArgs for NtptraceArgs {
    fn described(&self) -> &DescribedArgs {
        &self.described
    }
}
