//! The command line of `ntptime`.

use crate::app::options::CompatArgs;
use crate::app::textfile::OutputArgs;
use crate::cli::format::{FormatArgs, OfClassic};
use crate::cli::getopt::{Getopt, joined};
use crate::cli::watch::interval;
use crate::clock::kernel::{Adjustment, Modes, Status};
use crate::compat::{Dialect, Quirk};
use crate::wire::number::{atof, atoi};
use anyhow::{anyhow, bail};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, FromArgMatches};
use std::ffi::OsString;
use std::time::Duration;

/// The option letters of the classic program.
const CLASSIC_LETTERS: &str = "MNTcdefhmorst";
/// The long options that it would read as letters.
const CLASSIC_UNKNOWN: &[&str] = &["help", "version"];
/// The status bits that can be set; those above them belong to the kernel.
const WRITABLE_STATUS: i64 = 0xff;
/// All bits of a printed status.
const ALL_STATUS: i64 = 0xffff;

/// Options.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true, disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct NtptimeArgs {
    /// Make the kernel count in microseconds
    #[arg(short = 'M')]
    pub microseconds: bool,
    /// Make the kernel count in nanoseconds
    #[arg(short = 'N')]
    pub nanoseconds: bool,
    /// Set the offset of TAI from UTC, in seconds
    #[arg(short = 'T', value_name = "SECONDS", allow_hyphen_values = true)]
    pub tai: Option<String>,
    /// Print how long the calls to read the clock take
    #[arg(short = 'c')]
    pub cost: bool,
    /// Nothing: known, but only answered with the summary
    #[arg(short = 'd', hide = true)]
    pub debug: bool,
    /// Set the estimated error, in microseconds
    #[arg(short = 'e', value_name = "MICROSECONDS", allow_hyphen_values = true)]
    pub estimated_error: Option<String>,
    /// Set the frequency, -500 to 500 parts per million
    #[arg(short = 'f', value_name = "PPM", allow_hyphen_values = true)]
    pub frequency: Option<String>,
    /// Print a summary of the options
    #[arg(short = 'h')]
    pub summary: bool,
    /// Set the maximum error, in microseconds
    #[arg(short = 'm', value_name = "MICROSECONDS", allow_hyphen_values = true)]
    pub maximum_error: Option<String>,
    /// Slew the clock by this offset, at most half a second, in microseconds (nanoseconds if the kernel counts in
    /// nanoseconds)
    #[arg(short = 'o', value_name = "OFFSET", allow_hyphen_values = true)]
    pub offset: Option<String>,
    /// Also print the times as raw numbers
    #[arg(short = 'r')]
    pub raw: bool,
    /// Set the status bits, 0 to 255, or in hexadecimal as printed (0x2001); bits that only the kernel can change are
    /// ignored
    #[arg(short = 's', value_name = "STATUS", allow_hyphen_values = true)]
    pub status: Option<String>,
    /// Set the time constant, log2 of seconds, 0 to 6, or 0 to 10 if the kernel counts in nanoseconds
    #[arg(short = 't', value_name = "CONSTANT", allow_hyphen_values = true)]
    pub constant: Option<String>,
    /// The dialect.
    #[command(flatten)]
    pub compat: CompatArgs,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfClassic>,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Print the state repeatedly, SECONDS apart [default: 1]; on a terminal in place, until `q`
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "1", value_parser = interval, conflicts_with = "output")]
    pub watch: Option<Duration>,
    /// Print this help and exit
    #[arg(long)]
    pub help: bool,
    /// Print the version and exit
    #[arg(long)]
    pub version: bool,
    /// None are known
    #[arg(hide = true)]
    pub operands: Vec<OsString>,
}

impl NtptimeArgs {
    /// Parses the words after the program's name; also returns the parser's matches.
    ///
    /// # Errors
    /// The error messages, each with a line end.
    pub fn parse(called: &str, words: &[OsString], dialect: Dialect) -> anyhow::Result<(Self, ArgMatches)> {
        let command = super::command();
        let getopt = Getopt {
            command: &command,
            called,
            letters: Some(CLASSIC_LETTERS),
            unknown: if dialect.keeps(Quirk::NTPTIME_OPTIONS) { CLASSIC_UNKNOWN } else { &[] },
            bundles: dialect.keeps(Quirk::LONG_OPTIONS_ARE_CLUSTERS),
        };
        let words = getopt.scan(&joined(words, "--watch"), &mut |_, _| None).map_err(anyhow::Error::msg)?;
        let words = std::iter::once(OsString::from("ntptime")).chain(words);
        let parsed = command
            .try_get_matches_from(words)
            .and_then(|matches| Ok((Self::from_arg_matches(&matches)?, matches)));
        parsed.map_err(|error| {
            let text = error.to_string();
            anyhow!("{called}: {}\n", text.lines().next().unwrap_or_default().trim_start_matches("error: "))
        })
    }

    /// The change requested by the options.
    ///
    /// # Errors
    /// A wrong value, in the native dialect: the classic program reads as much of a number as there is, and nothing as
    /// 0.
    pub fn adjustment(&self, matches: &ArgMatches, dialect: Dialect) -> anyhow::Result<Adjustment> {
        let whole = |option: char, text: &Option<String>| {
            text.as_deref().map(|text| whole_number(option, text, dialect)).transpose()
        };
        let mut change = Adjustment::default();
        let mut set = |modes: Modes| change.modes = change.modes.with(modes);
        if self.microseconds {
            set(Modes::MICROSECONDS);
        }
        if self.nanoseconds {
            set(Modes::NANOSECONDS);
        }
        let frequency =
            self.frequency.as_deref().map(|text| decimal_number('f', text, dialect)).transpose()?;
        let maximum_error = whole('m', &self.maximum_error)?;
        let estimated_error = whole('e', &self.estimated_error)?;
        let offset = whole('o', &self.offset)?;
        let status = self.status.as_deref().map(|text| status_bits(text, dialect)).transpose()?;
        let constant = whole('t', &self.constant)?;
        let tai = whole('T', &self.tai)?;
        for (given, modes) in [
            (frequency.is_some(), Modes::FREQUENCY),
            (maximum_error.is_some(), Modes::MAXIMUM_ERROR),
            (estimated_error.is_some(), Modes::ESTIMATED_ERROR),
            (offset.is_some(), Modes::OFFSET),
            (status.is_some(), Modes::STATUS),
            (constant.is_some(), Modes::TIME_CONSTANT),
            (tai.is_some(), Modes::TAI),
        ] {
            if given {
                set(modes);
            }
        }
        if constant.is_some() && tai.is_some() && !dialect.keeps(Quirk::CONSTANT_AND_TAI) {
            bail!("-t and -T cannot be set at the same time");
        }
        change.frequency = frequency.unwrap_or(0);
        change.maximum_error = maximum_error.unwrap_or(0);
        change.estimated_error = estimated_error.unwrap_or(0);
        change.offset = offset.unwrap_or(0);
        change.constant = tai.or(constant).unwrap_or(0);
        if let (true, Some(at)) = (dialect.keeps(Quirk::CONSTANT_AND_TAI), last(matches, "tai")) {
            // To the classic program, `-T` discards what was requested before; and both constants share a field.
            for (name, modes) in CHANGES {
                if last(matches, name).is_some_and(|option| option < at) {
                    change.modes = change.modes.without(*modes);
                }
            }
            if last(matches, "constant").is_some_and(|option| option > at) {
                change.constant = constant.unwrap_or(0);
            }
        }
        change.status = status.unwrap_or_default();
        Ok(change)
    }
}

/// The options that change something, by the names of their fields, and the change.
const CHANGES: &[(&str, Modes)] = &[
    ("microseconds", Modes::MICROSECONDS),
    ("nanoseconds", Modes::NANOSECONDS),
    ("frequency", Modes::FREQUENCY),
    ("maximum_error", Modes::MAXIMUM_ERROR),
    ("estimated_error", Modes::ESTIMATED_ERROR),
    ("offset", Modes::OFFSET),
    ("status", Modes::STATUS),
    ("constant", Modes::TIME_CONSTANT),
];

/// The position of an option on the command line, if present.
fn last(matches: &ArgMatches, name: &str) -> Option<usize> {
    let is_given = matches.value_source(name) == Some(ValueSource::CommandLine);
    matches.indices_of(name).filter(|_| is_given)?.next_back()
}

/// A number in units of 2^-16.
fn decimal_number(option: char, text: &str, dialect: Dialect) -> anyhow::Result<i64> {
    let number = if dialect.keeps(Quirk::NUMBERS_AS_FAR_AS_THEY_GO) {
        atof(text)
    } else {
        match text.trim_ascii_start().parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            _ => bail!("-{option}: invalid number '{text}'"),
        }
    };
    let scaled = number * 65_536.0;
    // A value that does not fit 64 bits becomes the smallest one, as compiled C does.
    #[expect(clippy::cast_possible_truncation, reason = "it was looked at just now")]
    let whole = if scaled.abs() < 9.2e18 { scaled as i64 } else { i64::MIN };
    if whole == i64::MIN && !dialect.keeps(Quirk::NUMBERS_AS_FAR_AS_THEY_GO) {
        bail!("-{option}: '{text}' is out of range");
    }
    Ok(whole)
}

fn whole_number(option: char, text: &str, dialect: Dialect) -> anyhow::Result<i64> {
    if dialect.keeps(Quirk::NUMBERS_AS_FAR_AS_THEY_GO) {
        Ok(atoi(text).into())
    } else {
        text.trim_ascii_start().parse().map_err(|_| anyhow!("-{option}: invalid integer '{text}'"))
    }
}

/// A status as a number, also in the printed form; bits that only the kernel sets are ignored.
fn status_bits(text: &str, dialect: Dialect) -> anyhow::Result<Status> {
    let hexadecimal = if dialect.keeps(Quirk::NUMBERS_AS_FAR_AS_THEY_GO) {
        None
    } else {
        text.strip_prefix("0x").filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    let bits = match hexadecimal {
        Some(digits) => i64::from_str_radix(digits, 16)
            .ok()
            .filter(|bits| *bits <= ALL_STATUS)
            .ok_or_else(|| anyhow!("-s: '{text}' is not between 0x0 and 0xffff"))?,
        None => match whole_number('s', text, dialect)? {
            bits @ 0..=WRITABLE_STATUS => bits,
            bits => bail!("-s: {bits} is not between 0 and 255"),
        },
    };
    Ok(Status(i32::try_from(bits & WRITABLE_STATUS).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adjustment(words: &[&str], dialect: Dialect) -> Result<Adjustment, String> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let (args, matches) = NtptimeArgs::parse("ntptime", &words, dialect).unwrap();
        args.adjustment(&matches, dialect).map_err(|error| error.to_string())
    }

    #[test]
    fn options_fill_their_fields() {
        let change = adjustment(&["-f", "-.5", "-e1234", "-m", "4321", "-s", "65"], Dialect::Native).unwrap();
        let expected = Adjustment {
            modes: Modes(0x2 | 0x4 | 0x8 | 0x10),
            frequency: -32_768,
            maximum_error: 4321,
            estimated_error: 1234,
            status: Status(65),
            ..Adjustment::default()
        };
        assert_eq!(change, expected);
        assert_eq!(adjustment(&["-t", "6"], Dialect::Classic).unwrap().constant, 6);
        assert_eq!(adjustment(&["-MN"], Dialect::Classic).unwrap().modes, Modes(0x3000));
        assert_eq!(adjustment(&[], Dialect::Classic).unwrap(), Adjustment::default());
    }

    #[test]
    fn the_classic_forgets_what_stands_before_the_offset_of_tai() {
        let words = ["-f", "3", "-N", "-T", "36", "-e", "5"];
        let change = adjustment(&words, Dialect::Classic).unwrap();
        assert_eq!((change.modes, change.constant), (Modes(0x88), 36));
        let change = adjustment(&words, Dialect::Native).unwrap();
        assert_eq!(change.modes, Modes(0x208a));
        let change = adjustment(&["-T", "36", "-t", "4"], Dialect::Classic).unwrap();
        assert_eq!((change.modes, change.constant), (Modes(0xa0), 4));
        let change = adjustment(&["-t", "4", "-T", "36"], Dialect::Classic).unwrap();
        assert_eq!((change.modes, change.constant), (Modes(0x80), 36));
        assert!(adjustment(&["-t", "4", "-T", "36"], Dialect::Native).is_err());
    }

    #[test]
    fn what_is_no_number_is_nothing_to_the_classic_and_an_error_here() {
        for words in [["-s", "abc"], ["-o", "x"], ["-f", "abc"], ["-t", "1x"], ["-e", ""]] {
            assert!(adjustment(&words, Dialect::Native).is_err(), "{words:?}");
            assert!(adjustment(&words, Dialect::Classic).is_ok(), "{words:?}");
        }
        assert!(adjustment(&["-f", "1e300"], Dialect::Native).is_err());
        assert_eq!(adjustment(&["-f", "1e300"], Dialect::Classic).unwrap().frequency, i64::MIN);
        assert_eq!(
            adjustment(&["-e", "99999999999"], Dialect::Classic).unwrap().estimated_error,
            1_215_752_191
        );
        assert_eq!(adjustment(&["-o", "12x"], Dialect::Classic).unwrap().offset, 12);
        assert_eq!(adjustment(&["-f", "1.5ppm"], Dialect::Classic).unwrap().frequency, 98_304);
        for (text, bits) in
            [("0x2001", Some(0x1)), ("0x41", Some(0x41)), ("0x", None), ("0x10000", None), ("0x+1", None)]
        {
            let change = adjustment(&["-s", text], Dialect::Native).ok();
            assert_eq!(change.map(|change| change.status), bits.map(Status), "{text}");
            assert_eq!(adjustment(&["-s", text], Dialect::Classic).unwrap().status, Status(0), "{text}");
        }
        assert!(adjustment(&["-s", "256"], Dialect::Classic).is_err());
        assert!(adjustment(&["-s", "-1"], Dialect::Classic).is_err());
    }
}
