//! Autokey's options.

use crate::autokey::gq::{GqLayout, MAX_USABLE_BITS};
use crate::autokey::mv::{MAX_CLIENTS, MIN_PRIME_BITS};
use crate::cli::usage::number;
use crate::compat::{Dialect, Quirk};
use anyhow::{anyhow, bail};
use clap::{ArgAction, Args, ValueEnum};
use std::fmt;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The options about Autokey.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct AutokeyArgs {
    /// Generate a new RSA host key
    #[arg(short = 'H', long)]
    pub host_key: bool,
    /// Generate a new sign key: RSA or DSA [default: the host key signs]
    #[arg(short = 'S', long, value_name = "TYPE", allow_hyphen_values = true)]
    pub sign_key: Option<String>,
    /// Bits of RSA and DSA keys, 512 to 4096 [default: 2048]
    #[arg(short, long, value_name = "BITS", allow_hyphen_values = true, value_parser = number)]
    pub modulus: Option<i64>,
    /// Signature scheme of certificates [default: that of the existing certificate, or RSA-SHA256]
    #[arg(short, long, value_name = "SCHEME", allow_hyphen_values = true)]
    pub certificate: Option<String>,
    /// Cipher for private keys: des-ede3-cbc or aes-128-cbc, aes-192-cbc, aes-256-cbc
    #[arg(
        short = 'C',
        long,
        value_name = "CIPHER",
        default_value = "des-ede3-cbc",
        allow_hyphen_values = true
    )]
    pub cipher: String,
    /// Validity of certificates, in days
    #[arg(short, long, value_name = "DAYS", default_value = "365", allow_hyphen_values = true, value_parser = number)]
    pub lifetime: i64,
    /// Make the host a root of trust
    #[arg(short = 'T', long)]
    pub trusted_cert: bool,
    /// Make a private certificate
    #[arg(short = 'P', long)]
    pub pvt_cert: bool,
    /// Password of private keys [default: the host name]. Other users can see it in the process list; see
    /// --password-file
    #[arg(
        short,
        long,
        value_name = "PASSWORD",
        allow_hyphen_values = true,
        conflicts_with = "password_file"
    )]
    pub password: Option<Password>,
    /// Read the password of private keys from the first line of this file; it can also be set in the
    /// environment as `NTP_KEYGEN_PASSWORD`
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    pub password_file: Option<PathBuf>,
    /// Write the group's server keys to standard output, encrypted with this password
    #[arg(
        short = 'q',
        long,
        value_name = "PASSWORD",
        allow_hyphen_values = true,
        conflicts_with = "export_passwd_file"
    )]
    pub export_passwd: Option<Password>,
    /// Likewise, with the password from the first line of this file; it can also be set in the environment
    /// as `NTP_KEYGEN_EXPORT_PASSWD`
    #[arg(long, value_name = "FILE", conflicts_with = "export_passwd")]
    pub export_passwd_file: Option<PathBuf>,
    /// Write the group's client parameters to standard output
    #[arg(short = 'e', long)]
    pub id_key: bool,
    /// Generate new IFF identity keys
    #[arg(short = 'I', long)]
    pub iffkey: bool,
    /// Generate new GQ identity parameters and keys
    #[arg(short = 'G', long)]
    pub gq_params: bool,
    /// Generate new GQ identity keys from the existing parameters, if any
    #[arg(short = 'g', long)]
    pub gq_keys: bool,
    /// Layout of GQ files, which depends on the ntpd build [default: that of the existing keys]
    #[arg(long, value_name = "LAYOUT", value_enum)]
    pub gq_layout: Option<Layout>,
    /// Generate new MV identity keys for this many clients, 1 to 99
    #[arg(short = 'V', long, value_name = "CLIENTS", allow_hyphen_values = true, value_parser = number)]
    pub mv_params: Option<i64>,
    /// Bits of identity scheme moduli, 256 to 2048 [default: 2048 for IFF, 1016 for GQ, 512 for MV]
    #[arg(short = 'b', long, value_name = "BITS", allow_hyphen_values = true, value_parser = number)]
    pub imbits: Option<i64>,
    /// Print the public values of new keys; repeatable
    #[arg(short = 'd', long, action = ArgAction::Count)]
    pub debug_level: u8,
    /// Print the public values of new keys unless this is 0
    #[arg(short = 'D', long, value_name = "LEVEL", allow_hyphen_values = true, action = ArgAction::Append, value_parser = number)]
    pub set_debug_level: Vec<i64>,
    /// Refused, because it never had an effect
    #[arg(short = 'v', long, value_name = "CLIENTS", hide = true, allow_hyphen_values = true, value_parser = number)]
    pub mv_keys: Option<i64>,
}

/// A password. It is wiped from memory when dropped and never shown.
#[derive(Clone)]
pub struct Password(pub Zeroizing<String>);

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// Layout of GQ files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// For an ntpd built with `OpenSSL` 1.0 or older, as documented
    Original,
    /// For an ntpd built with `OpenSSL` 1.1
    #[value(name = "openssl-1.1")]
    Swapped,
}

impl From<Layout> for GqLayout {
    fn from(layout: Layout) -> Self {
        match layout {
            Layout::Original => Self::Original,
            Layout::Swapped => Self::Swapped,
        }
    }
}

/// The sizes and counts given by the options, validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Bits of RSA and DSA keys.
    pub modulus: u64,
    /// Bits of IFF.
    pub iff: u64,
    /// Bits of GQ.
    pub gq: u64,
    /// The number of MV clients, and the total bits of their primes; `None` if no MV keys are generated.
    pub mv: Option<(u16, u64)>,
}

impl AutokeyArgs {
    /// Validates the numbers.
    ///
    /// # Errors
    /// The error message.
    pub fn sizes(&self, dialect: Dialect) -> anyhow::Result<Sizes> {
        let classic = dialect.keeps(Quirk::WEAK_KEYS);
        let (modulus, iff, gq) = if classic { (512, 256, 256) } else { (2048, 2048, MAX_USABLE_BITS) };
        let range = if classic { (256, 2048) } else { (512, 4096) };
        let modulus = within("modulus", self.modulus, range)?.unwrap_or(modulus);
        let given = within("imbits", self.imbits, (256, 2048))?;
        if !classic && self.lifetime < 1 {
            return Err(out_of_range("lifetime", self.lifetime, "it must be 1 or more"));
        }
        if !classic && self.mv_keys.is_some() {
            bail!("the 'mv-keys' option has never had an effect; use 'mv-params' to generate keys");
        }
        let mv = match self.mv_params {
            None => None,
            Some(clients) => {
                let bits = given.unwrap_or(if classic { 256 } else { 512 });
                Some((mv_clients(clients, bits)?, bits))
            }
        };
        Ok(Sizes { modulus, iff: given.unwrap_or(iff), gq: given.unwrap_or(gq), mv })
    }

    /// Whether the public values of new keys are printed.
    pub fn is_talkative(&self) -> bool {
        self.set_debug_level.last().map_or(self.debug_level > 0, |&level| level > 0)
    }
}

fn out_of_range(option: &str, value: i64, rule: &str) -> anyhow::Error {
    anyhow!("{option} option value {value} is out of range.\n{rule}")
}

fn within(option: &str, value: Option<i64>, (least, most): (u64, u64)) -> anyhow::Result<Option<u64>> {
    let Some(value) = value else { return Ok(None) };
    match u64::try_from(value) {
        Ok(size) if (least..=most).contains(&size) => Ok(Some(size)),
        _ => Err(out_of_range(option, value, &format!("it must be in the range:\n\t{least} to {most}"))),
    }
}

/// The number of clients, if their primes are large enough.
fn mv_clients(clients: i64, bits: u64) -> anyhow::Result<u16> {
    let rule = format!("it must be in the range:\n\t1 to {MAX_CLIENTS}");
    let count = u16::try_from(clients).ok().filter(|count| (1..=MAX_CLIENTS).contains(count));
    let count = count.ok_or_else(|| out_of_range("mv-params", clients, &rule))?;
    let share = bits / u64::from(count);
    if share < MIN_PRIME_BITS {
        bail!(
            "{bits} bits for {count} clients leave primes of {share} bits, of which there are too few;\n\
             {MIN_PRIME_BITS} are needed: raise 'imbits'"
        );
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches as _;

    #[test]
    fn nothing_shows_the_passwords() {
        let command = AutokeyArgs::augment_args(clap::Command::new("ntp-keygen"));
        let matches = command.try_get_matches_from(["ntp-keygen", "-p", "xyzzy", "-q", "plugh"]).unwrap();
        let args = AutokeyArgs::from_arg_matches(&matches).unwrap();
        assert_eq!(args.password.as_ref().map(|password| password.0.as_str()), Some("xyzzy"));
        let shown = format!("{args:?}");
        assert!(!shown.contains("xyzzy") && !shown.contains("plugh"), "{shown}");
    }
}
