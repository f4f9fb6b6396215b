//! The command line of `ntp-keygen`.

use crate::app::common::{CommonArgs, HasCommonArgs};
use crate::auth::KeyType;
use crate::cli::format::{FormatArgs, OfFindings};
use crate::cli::usage::ProgramInfo;
use anyhow::anyhow;
use clap::{ArgAction, Args};
use std::ffi::OsString;
use std::path::PathBuf;

/// The classic program's description of itself.
pub const PROGRAM_INFO: ProgramInfo = ProgramInfo {
    name: "ntp-keygen",
    title: "ntp-keygen (ntp) - Create a NTP host key - Ver. 4.2.8p15",
    operands: "",
    prohibitive: &[],
    long_options: &[
        "imbits",
        "certificate",
        "cipher",
        "debug-level",
        "set-debug-level",
        "id-key",
        "gq-params",
        "host-key",
        "iffkey",
        "ident",
        "lifetime",
        "modulus",
        "md5key",
        "pvt-cert",
        "password",
        "export-passwd",
        "subject-name",
        "sign-key",
        "trusted-cert",
        "mv-params",
        "mv-keys",
        "version",
        "help",
        "more-help",
        "save-opts",
        "load-opts",
        "no-load-opts",
    ],
};

/// The options.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
#[command(mut_arg("format", |option| option.help("Format of standard output [default: text]")))]
pub struct KeygenArgs {
    /// Generate symmetric keys; ignore the options of all other files
    #[arg(short = 'M', long)]
    pub md5key: bool,
    /// Types of the symmetric keys; several types get equal shares [default: MD5 and SHA1]
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = symmetric_type, action = ArgAction::Append)]
    pub types: Vec<KeyType>,
    /// Number of symmetric keys [default: 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub count: Option<u16>,
    /// Identifier of the first symmetric key [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub first_id: Option<u16>,
    /// Generate symmetric keys that can be typed at the passwd prompt: plain characters instead of hexadecimal
    /// digits, which the classic ntpq and ntpdc use as the secret itself
    #[arg(long)]
    pub literal: bool,
    /// Write symmetric keys to standard output instead of a file
    #[arg(long)]
    pub stdout: bool,
    /// Check how daemons read this file of symmetric keys; generate nothing
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
    /// Name of the group
    #[arg(short, long, value_name = "GROUP", allow_hyphen_values = true)]
    pub ident: Option<String>,
    /// Name of the host, optionally followed by @ and the group
    #[arg(short, long, value_name = "HOST[@GROUP]", allow_hyphen_values = true)]
    pub subject_name: Option<String>,
    /// Autokey's options.
    #[cfg(feature = "autokey")]
    #[command(flatten)]
    pub autokey: super::autokey::args::AutokeyArgs,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFindings>,
    /// Presets, help, version and dialect.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Exists only to be refused in the classic words.
    #[arg(hide = true)]
    pub operands: Vec<OsString>,
}

impl HasCommonArgs for KeygenArgs {
    fn common(&self) -> &CommonArgs {
        &self.common
    }
}

impl KeygenArgs {
    /// The first option that applies only to symmetric keys when none are generated.
    pub fn idle_option(&self) -> Option<&'static str> {
        let options = [
            ("type", !self.types.is_empty()),
            ("count", self.count.is_some()),
            ("first-id", self.first_id.is_some()),
            ("literal", self.literal),
            ("stdout", self.stdout),
        ];
        options.into_iter().find(|(_, is_given)| *is_given && !self.md5key).map(|(name, _)| name)
    }
}

fn symmetric_type(name: &str) -> anyhow::Result<KeyType> {
    name.parse().map_err(|_| {
        let names: Vec<&str> = KeyType::ALL.into_iter().map(KeyType::name).collect();
        anyhow!("'{name}' is not a type of symmetric keys; choose from {}", names.join(", "))
    })
}
