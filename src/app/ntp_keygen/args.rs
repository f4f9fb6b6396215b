//! The command line of `ntp-keygen`.

use crate::app::common::{CommonArgs, HasCommonArgs};
use crate::app::ntpkit::keys::Format;
use crate::auth::KeyType;
use crate::cli::usage::Manners;
use clap::{ArgAction, Args};
use std::ffi::OsString;
use std::path::PathBuf;

/// How the classic program speaks of itself.
pub const MANNERS: Manners = Manners {
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
pub struct KeygenArgs {
    /// Make a file of symmetric keys; all options of other files are ignored
    #[arg(short = 'M', long)]
    pub md5key: bool,
    /// The type of symmetric keys, MD5 and SHA1 without; several types share the keys evenly
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = symmetric_type, action = ArgAction::Append)]
    pub types: Vec<KeyType>,
    /// How many symmetric keys, 20 without
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub count: Option<u16>,
    /// The identifier of the first symmetric key, 1 without; the others follow
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub first_id: Option<u16>,
    /// Make symmetric keys that can be typed after passwd: characters, none of them special, and no hexadecimal
    /// numbers, whose digits the classic ntpq and ntpdc take for the secret itself
    #[arg(long)]
    pub literal: bool,
    /// Write symmetric keys to standard output and not to a file
    #[arg(long)]
    pub stdout: bool,
    /// Say what daemons would make of this file of symmetric keys, and make nothing
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
    /// The name of the group
    #[arg(short, long, value_name = "GROUP", allow_hyphen_values = true)]
    pub ident: Option<String>,
    /// The host, and after an @ the group
    #[arg(short, long, value_name = "HOST[@GROUP]", allow_hyphen_values = true)]
    pub subject_name: Option<String>,
    /// Autokey's options.
    #[cfg(feature = "autokey")]
    #[command(flatten)]
    pub autokey: super::autokey::args::AutokeyArgs,
    /// The form of what goes to standard output
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    pub format: Format,
    /// Presets, help, version and dialect.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Nothing; it is there to be refused in the classic words.
    #[arg(hide = true)]
    pub operands: Vec<OsString>,
}

impl HasCommonArgs for KeygenArgs {
    fn common(&self) -> &CommonArgs {
        &self.common
    }
}

impl KeygenArgs {
    /// The first option that concerns symmetric keys, though none are to be made.
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

fn symmetric_type(name: &str) -> Result<KeyType, String> {
    name.parse().map_err(|_| {
        let names: Vec<&str> = KeyType::ALL.into_iter().map(KeyType::name).collect();
        format!("'{name}' is no type of symmetric keys; there are {}", names.join(", "))
    })
}
