//! Option values shared by the programs of the shell.

use crate::cli::usage;
use anyhow::anyhow;
use clap::{ArgMatches, ValueEnum};

/// How reference identifiers that are addresses are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefidDisplay {
    /// As an IPv4 address.
    #[default]
    Ipv4,
    /// As a hexadecimal number, since it may be the hash of an IPv6 address.
    Hash,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Parses a 32-bit number, or returns the error message.
pub(crate) fn number(text: &str) -> anyhow::Result<i32> {
    let number = usage::number(text).map_err(anyhow::Error::msg)?;
    i32::try_from(number).map_err(|_| anyhow!("'{text}' is not a recognizable number."))
}

/// The debug level that `--debug-level` and `--set-debug-level` add up to: each changes the level left by those before
/// it.
pub(crate) fn debug_level(matches: &ArgMatches) -> i32 {
    let place = |option| matches.indices_of(option).into_iter().flatten().last();
    let steps = i32::from(matches.get_count("debug_level"));
    let set = matches.get_many::<i32>("set_debug_level").into_iter().flatten().next_back().copied();
    match set {
        // Increments before it have no effect.
        Some(level) if place("debug_level") < place("set_debug_level") => level,
        Some(level) => level.saturating_add(steps),
        None => steps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Arg, ArgAction, Command};

    #[test]
    fn debug_level_options_apply_in_order() {
        let steps = Arg::new("debug_level").short('d').action(ArgAction::Count);
        let level = Arg::new("set_debug_level").short('D').action(ArgAction::Append).value_parser(number);
        let command = Command::new("x").args([steps, level]);
        for (words, expected) in [("x", 0), ("x -dd", 2), ("x -D3 -d", 4), ("x -d -D3", 3), ("x -D3 -D4", 4)]
        {
            let matches = command.clone().try_get_matches_from(words.split(' ')).unwrap();
            assert_eq!(debug_level(&matches), expected, "{words}");
        }
    }
}
