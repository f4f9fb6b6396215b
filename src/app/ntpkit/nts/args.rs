//! The command line of `ntpkit nts`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::options::FamilyArgs;
use crate::app::textfile::OutputArgs;
use crate::auth::aead::Aead;
use crate::cli::format::{FormatArgs, OfFigures};
use crate::cli::hosts::HostsArgs;
use crate::net::host::{AddressFamily, NTP_PORT};
use crate::wire::nts::KEY_EXCHANGE_PORT;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The options of `ntpkit nts`.
#[derive(Clone, Debug, Args)]
pub struct NtsArgs {
    /// Hosts to examine: NAME, NAME:PORT, ADDRESS, [ADDRESS]:PORT, where PORT is the key exchange port, or a NETWORK such as
    /// 192.0.2.0/28
    #[arg(value_name = "HOST", required_unless_present = "hosts_from")]
    pub hosts: Vec<String>,
    /// Other sources of hosts.
    #[command(flatten)]
    pub more_hosts: HostsArgs,
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Port of the key exchange
    #[arg(long, value_name = "PORT", default_value_t = KEY_EXCHANGE_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub ke_port: u16,
    /// NTP port, unless the key exchange names another
    #[arg(long, value_name = "PORT", default_value_t = NTP_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Trust only the certificate authorities in this PEM file
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Offer only this AEAD algorithm
    #[arg(long, value_name = "ALGORITHM", value_enum)]
    pub aead: Option<Algorithm>,
    /// Do not trust this machine's clock: accept certificates that are valid at some other time
    #[arg(long)]
    pub nts_trust_time: bool,
    /// Find the longest request that gets a reply; takes up to a minute
    #[arg(long)]
    pub lengths: bool,
    /// Timeout for name lookups and the key exchange, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// Print a monitoring plugin's line and exit with its status
    #[arg(long, conflicts_with = "format")]
    pub check: bool,
    /// Warn if the certificate has fewer days left
    #[arg(short = 'w', long, value_name = "DAYS", default_value_t = 14)]
    pub warning: u32,
    /// Fail if the certificate has fewer days left
    #[arg(short = 'c', long, value_name = "DAYS", default_value_t = 3)]
    pub critical: u32,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFigures>,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl NtsArgs {
    /// The requested address family.
    pub fn family(&self) -> AddressFamily {
        self.family.chosen()
    }
}

/// An algorithm, by its number or name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Algorithm {
    /// RFC 5297.
    #[value(help = "AEAD_AES_SIV_CMAC_256")]
    #[value(name = "15", alias = "AEAD_AES_SIV_CMAC_256")]
    AesSivCmac256,
    /// RFC 8452.
    #[value(help = "AEAD_AES_128_GCM_SIV")]
    #[value(name = "30", alias = "AEAD_AES_128_GCM_SIV")]
    Aes128GcmSiv,
}

impl From<Algorithm> for Aead {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::AesSivCmac256 => Self::AesSivCmac256,
            Algorithm::Aes128GcmSiv => Self::Aes128GcmSiv,
        }
    }
}
