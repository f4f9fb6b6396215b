//! `--jobs`.

use crate::net::many::Jobs;
use anyhow::{Result, anyhow};
use clap::Args;

/// The largest number accepted.
const MOST: usize = 100_000;

/// How many hosts are queried at once.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(skip)]
pub struct JobsArgs {
    /// Query at most NUMBER hosts at once
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    jobs: Option<usize>,
}

impl JobsArgs {
    /// The chosen maximum.
    pub fn chosen(self) -> Jobs {
        self.jobs.map_or(Jobs::Usual, Jobs::AtMost)
    }
}

fn number(text: &str) -> Result<usize> {
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| anyhow!("'{text}' is not a number of hosts from 1 to {MOST}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_of_hosts_are_accepted() {
        assert_eq!((number("1").unwrap(), number("100000").unwrap()), (1, MOST));
        for text in ["0", "-1", "", "x", "1.5", "100001", "99999999999999999999"] {
            let error = number(text).unwrap_err().to_string();
            assert_eq!(error, format!("'{text}' is not a number of hosts from 1 to 100000"));
        }
    }
}
