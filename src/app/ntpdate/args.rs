//! The command line of `ntpdate`.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::app::options::{CompatArgs, ExplainArgs, FamilyArgs};
use crate::app::textfile::OutputArgs;
use crate::cli::format::{Format, FormatArgs, OfClassic};
use crate::cli::getopt::Getopt;
use crate::cli::hosts::HostsArgs;
use crate::cli::seconds::{self, SecondsError};
use crate::compat::{Dialect, Quirk};
use crate::net::host::AddressFamily;
use crate::wire::number::strtol;
use anyhow::anyhow;
use clap::{Args, FromArgMatches};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The option letters of the classic program.
const CLASSIC_LETTERS: &str = "46abBdekopqstuv";
/// The classic unit of time: a fifth of a second.
const TICK: Duration = Duration::from_millis(200);
/// The minimum and the default timeout, in ticks.
const MIN_TICKS: f64 = 5.0;
const DEFAULT_TICKS: u32 = 10;
/// Longer than any sensible timeout, in ticks.
const MAX_TICKS: f64 = 1e7;
/// The most samples per server.
const MAX_SAMPLES: i64 = 8;

/// The command line.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true, args_override_self = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct NtpdateArgs {
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Authenticate with this key and accept only authentic answers
    #[arg(short = 'a', value_name = "KEY", allow_hyphen_values = true)]
    pub key: Option<String>,
    /// Always step the clock, never slew it
    #[arg(short = 'b', overrides_with = "slew")]
    pub step: bool,
    /// Always slew the clock, never step it
    #[arg(short = 'B', overrides_with = "step")]
    pub slew: bool,
    /// Trace every step and do not set the clock; repeat for more detail
    #[arg(short = 'd', action = clap::ArgAction::Count)]
    pub debug: u8,
    /// Time that authentication takes on this machine, in seconds, less than 1
    #[arg(short = 'e', value_name = "SECONDS", allow_hyphen_values = true)]
    pub encryption_delay: Option<String>,
    /// Key file [default: the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists]
    #[arg(short = 'k', value_name = "FILE", allow_hyphen_values = true)]
    pub key_file: Option<PathBuf>,
    /// Protocol version of the requests
    #[arg(short = 'o', value_name = "VERSION", default_value = "4", allow_hyphen_values = true)]
    pub protocol: String,
    /// Samples per server, 1 to 8 [default: 1 with -q, otherwise 4]
    #[arg(short = 'p', value_name = "SAMPLES", allow_hyphen_values = true)]
    pub samples: Option<String>,
    /// Query only: report the servers and do not set the clock
    #[arg(short = 'q')]
    pub query: bool,
    /// Write messages to syslog instead of the terminal
    #[arg(short = 's')]
    pub syslog: bool,
    /// Time to wait for an answer, in seconds, at least 1, rounded to 0.2
    #[arg(short = 't', value_name = "SECONDS", default_value = "2", allow_hyphen_values = true)]
    pub timeout: String,
    /// Send from an unprivileged port instead of port 123
    #[arg(short = 'u')]
    pub unprivileged: bool,
    /// Print the version and more messages
    #[arg(short = 'v')]
    pub verbose: bool,
    /// Switch to this user once the socket is open, keeping only the privilege to set the clock
    #[arg(short = 'U', long = "user", value_name = "USER")]
    pub user: Option<String>,
    /// The dialect.
    #[command(flatten)]
    pub compat: CompatArgs,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfClassic>,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Explanations.
    #[command(flatten)]
    pub explain: ExplainArgs,
    /// Do not wait for the remaining servers once a majority agrees
    #[arg(long)]
    pub quick: bool,
    /// Refuse to adjust the clock by more than this
    #[arg(long, value_name = "SECONDS", value_parser = duration)]
    pub max_step: Option<Duration>,
    /// Number of retries after a failure
    #[arg(long, value_name = "TIMES", default_value_t = 0)]
    pub retry: u32,
    /// Time before a retry: at least 2 s if servers were queried, doubled each time one limits the rate
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = duration)]
    pub wait: Duration,
    /// Give up after this total time
    #[arg(long, value_name = "SECONDS", value_parser = duration)]
    pub deadline: Option<Duration>,
    /// Also set the hardware clock, whether the clock was stepped, slewed or correct; not with -U
    #[arg(long, conflicts_with = "user")]
    pub rtc: bool,
    /// Query the servers listed in this file
    #[arg(long, value_name = "FILE")]
    pub step_tickers: Option<PathBuf>,
    /// Server files.
    #[command(flatten)]
    pub from: HostsArgs,
    /// Default port of servers
    #[arg(long, value_name = "PORT", default_value_t = crate::net::host::NTP_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Use Network Time Security (NTS) for every server and accept only authentic answers; nts:SERVER[:PORT] uses it
    /// for one
    #[cfg(feature = "nts")]
    #[arg(long)]
    pub nts: bool,
    /// Keep NTS keys and cookies in this file, so that later runs need no new handshake
    #[cfg(feature = "nts")]
    #[arg(long, value_name = "FILE")]
    pub nts_save: Option<PathBuf>,
    /// Do not trust this machine's clock: accept certificates that are valid at some other time
    #[cfg(feature = "nts")]
    #[arg(long)]
    pub nts_trust_time: bool,
    /// For NTS, trust the certificate authorities in this PEM file only
    #[cfg(feature = "nts")]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Print this help and exit
    #[arg(short = 'h', long)]
    pub help: bool,
    /// Print the version and exit
    #[arg(long)]
    pub version: bool,
    /// Servers to query: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, or a network
    #[arg(value_name = "SERVER")]
    pub servers: Vec<OsString>,
}

impl NtpdateArgs {
    /// Parses the words after the program's name.
    ///
    /// # Errors
    /// The error messages, each with a line end.
    pub fn parse(called: &str, words: &[OsString], dialect: Dialect) -> anyhow::Result<Self> {
        let command = super::command();
        let getopt = Getopt {
            command: &command,
            called,
            letters: dialect.keeps(Quirk::NTPDATE_OPTIONS).then_some(CLASSIC_LETTERS),
            unknown: if dialect.keeps(Quirk::NTPDATE_OPTIONS) {
                &["help", "version", "ipv4", "ipv6"]
            } else {
                &[]
            },
            bundles: dialect.keeps(Quirk::LONG_OPTIONS_ARE_CLUSTERS),
        };
        let words = getopt.scan(words, &mut |letter, value| mistake(letter, value, dialect));
        let words = words.map_err(anyhow::Error::msg)?;
        let words = std::iter::once(OsString::from("ntpdate")).chain(words);
        let parsed = command.try_get_matches_from(words).and_then(|matches| Self::from_arg_matches(&matches));
        parsed.map_err(|error| {
            let text = error.to_string();
            anyhow!("{called}: {}\n", text.lines().next().unwrap_or_default().trim_start_matches("error: "))
        })
    }

    /// The address family to use.
    pub fn family(&self) -> AddressFamily {
        self.family.chosen()
    }

    /// How long to wait for an answer.
    pub fn patience(&self) -> Duration {
        ticks(&self.timeout).map_or(TICK * DEFAULT_TICKS, |ticks| TICK * ticks)
    }

    /// The number of samples per server.
    pub fn sample_count(&self) -> usize {
        let wanted = self.samples.as_deref().map(strtol);
        wanted.and_then(|wanted| usize::try_from(wanted).ok()).unwrap_or(if self.query { 1 } else { 4 })
    }

    /// The version field of the requests.
    pub fn version_field(&self) -> u8 {
        u8::try_from(strtol(&self.protocol) & 7).unwrap_or(0)
    }

    /// The key identifier; 0 means no key.
    pub fn key_id(&self) -> Option<i64> {
        self.key.as_deref().map(strtol)
    }

    /// The authentication delay, in 2^-32 s.
    pub fn key_delay(&self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: from 0 to 1")]
        let delay = self
            .encryption_delay
            .as_deref()
            .and_then(decimal)
            .map_or(0, |seconds| (seconds * 4_294_967_296.0) as u64);
        delay
    }

    /// Whether the clock must not be set.
    pub fn only_looks(&self) -> bool {
        self.query || self.debug > 0
    }

    /// Whether results are printed as classic lines.
    pub fn is_classic_form(&self) -> bool {
        self.format.chosen() == Format::Plain
    }
}

/// The classic message about an option's value.
fn mistake(letter: char, value: &str, dialect: Dialect) -> Option<String> {
    match letter {
        'e' if !decimal(value).is_some_and(|delay| (0.0..1.0).contains(&delay)) => {
            Some(format!("encryption delay {value} is unlikely"))
        }
        'p' if !(1..=MAX_SAMPLES).contains(&strtol(value)) => {
            Some(format!("number of samples ({}) is invalid", strtol(value)))
        }
        't' if ticks(value).is_none() => Some(format!("timeout {value} is undecodeable")),
        'o' if !dialect.keeps(Quirk::ANY_VERSION) && !(1..=7).contains(&(strtol(value) & 7)) => {
            Some(format!("protocol version {value} is unlikely"))
        }
        _ => None,
    }
}

/// A timeout in ticks; a negative one is rejected, although the original waits forever.
fn ticks(text: &str) -> Option<u32> {
    let seconds = decimal(text).filter(|seconds| *seconds >= 0.0)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within its bounds")]
    let ticks = (seconds * 5.0 + 0.5).floor().clamp(MIN_TICKS, MAX_TICKS) as u32;
    Some(ticks)
}

/// A decimal number without an exponent.
fn decimal(text: &str) -> Option<f64> {
    let digits = text.trim_start().trim_start_matches(['+', '-']);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.trim_start().parse().ok().filter(|_| plain)
}
fn duration(text: &str) -> anyhow::Result<Duration> {
    seconds::parse(text, seconds::ANY).map_err(|error| match error {
        SecondsError::NotANumber => anyhow!("invalid number '{text}'"),
        SecondsError::OutOfRange => anyhow!("invalid time '{text}'"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str], dialect: Dialect) -> Result<NtpdateArgs, String> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        NtpdateArgs::parse("ntpdate", &words, dialect).map_err(|error| error.to_string())
    }

    #[test]
    fn the_later_of_two_opposites_wins() {
        let args =
            parse(&["-46", "-bB", "-q", "-q", "-t", "1", "-t3.4", "host", "-b"], Dialect::Classic).unwrap();
        assert_eq!((args.family(), args.step, args.slew), (AddressFamily::Ipv6, false, true));
        assert_eq!(args.patience(), Duration::from_millis(3400));
        assert_eq!(args.servers, ["host", "-b"]);
    }

    #[test]
    fn values_are_parsed_like_the_classic_program() {
        let args = parse(&["-a", "12x", "-o", "9", "-dd", "x"], Dialect::Classic).unwrap();
        assert_eq!((args.key_id(), args.version_field(), args.debug), (Some(12), 1, 2));
        assert_eq!((args.sample_count(), args.patience()), (4, Duration::from_secs(2)));
        assert_eq!(parse(&["-q", "x"], Dialect::Classic).unwrap().sample_count(), 1);
        assert_eq!(parse(&["-t", "0.1", "x"], Dialect::Classic).unwrap().patience(), Duration::from_secs(1));
        assert_eq!(parse(&["-e", ".5", "x"], Dialect::Classic).unwrap().key_delay(), 1 << 31);
    }

    #[test]
    fn errors_have_the_classic_wording() {
        for (words, problem) in [
            (&["-p", "9"][..], "ntpdate: number of samples (9) is invalid\n"),
            (&["-p", "x"], "ntpdate: number of samples (0) is invalid\n"),
            (&["-t", "abc"], "ntpdate: timeout abc is undecodeable\n"),
            (&["-t", "-1"], "ntpdate: timeout -1 is undecodeable\n"),
            (&["-e", "2"], "ntpdate: encryption delay 2 is unlikely\n"),
            (&["-U", "ntp"], "ntpdate: unknown option -U\n"),
            (
                &["--help"],
                "ntpdate: unknown option --\nntpdate: unknown option -h\nntpdate: encryption delay lp is unlikely\n",
            ),
        ] {
            assert_eq!(parse(words, Dialect::Classic).unwrap_err(), problem);
        }
        assert!(parse(&["--help"], Dialect::Native).unwrap().help);
        let bundle = "ntpdate: encryption delay xplian is unlikely\n";
        assert_eq!(parse(&["-explian"], Dialect::Classic).unwrap_err(), bundle);
        let meant = "ntpdate: unknown option -explian; did you mean --explain?\n";
        assert_eq!(parse(&["-explian"], Dialect::Native).unwrap_err(), meant);
    }
}
