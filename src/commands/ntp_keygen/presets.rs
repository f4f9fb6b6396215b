//! Options that stand in files and in the environment: `.ntprc` in the home folder, `.ntprc` in the working
//! folder, the variables `NTP_KEYGEN_…`. Each goes before the one named earlier, the command line before all.

use crate::commands::usage::Manners;
use clap::Arg;
use clap::parser::ValueSource;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The most octets that are read of a file.
const LONGEST_FILE: u64 = 1 << 16;

/// Long names of options and their values, empty where there is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Presets(BTreeMap<String, String>);

impl Presets {
    /// All presets of this process for the options of a program.
    pub fn find(manners: &Manners) -> Self {
        let mut presets = Self::default();
        if let Some(home) = std::env::var_os("HOME").filter(|home| !home.is_empty()) {
            presets.read(&Path::new(&home).join(".ntprc"));
        }
        presets.read(Path::new(".ntprc"));
        let prefix = manners.name.replace('-', "_").to_uppercase();
        for name in manners.long_options {
            let variable = format!("{prefix}_{}", name.replace('-', "_").to_uppercase());
            if let Some(value) = std::env::var_os(variable) {
                presets.0.insert((*name).to_owned(), value.to_string_lossy().into_owned());
            }
        }
        presets
    }

    /// The presets as arguments, for those options of the program that the command line does not have. What
    /// is no option of the program belongs to another one: the file is shared by several.
    pub fn missing(&self, command: &clap::Command, given: &clap::ArgMatches) -> Vec<OsString> {
        let mut arguments = Vec::new();
        for option in command.get_arguments() {
            let Some((name, value)) = option.get_long().and_then(|name| self.0.get_key_value(name)) else {
                continue;
            };
            let is_given =
                |option: &Arg| given.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine);
            if ["version", "help"].contains(&name.as_str())
                || is_given(option)
                || command.get_arg_conflicts_with(option).into_iter().any(is_given)
            {
                continue;
            }
            let takes_value = option.get_action().takes_values();
            arguments
                .push(if takes_value { format!("--{name}={value}") } else { format!("--{name}") }.into());
        }
        arguments
    }

    fn read(&mut self, path: &Path) {
        let mut octets = Vec::new();
        let read = File::open(path).and_then(|file| file.take(LONGEST_FILE).read_to_end(&mut octets));
        if read.is_ok() {
            self.parse(&String::from_utf8_lossy(&octets));
        }
    }

    /// Reads rows `NAME`, `NAME VALUE` and `NAME = VALUE`; comments begin with `#`.
    fn parse(&mut self, text: &str) {
        for row in text.lines().map(str::trim).filter(|row| !row.starts_with('#')) {
            let (name, value) = row.split_once([' ', '\t', '=']).unwrap_or((row, ""));
            let value = value.trim_start_matches([' ', '\t', '=']);
            let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            let name = name.trim_start_matches('-').to_lowercase().replace('_', "-");
            if name.chars().next().is_some_and(char::is_alphabetic) {
                self.0.insert(name, unquoted.unwrap_or(value).to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{ArgAction, Command};

    #[test]
    fn rows_give_options() {
        let mut presets = Presets::default();
        presets.parse(
            "# comment\nmodulus 768\nPassword = \"two words\"\n  trusted_cert\n[PROGRAM x]\n\n--ident=g\n",
        );
        let expected = [("ident", "g"), ("modulus", "768"), ("password", "two words"), ("trusted-cert", "")];
        assert_eq!(presets.0, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn the_command_line_goes_first() {
        let command = Command::new("x")
            .arg(Arg::new("modulus").long("modulus"))
            .arg(Arg::new("trusted").long("trusted").action(ArgAction::SetTrue))
            .arg(Arg::new("other").long("other").default_value("1"));
        let mut presets = Presets::default();
        presets.parse("modulus 768\ntrusted\nother 2\nnumeric\n");
        let given = |arguments: &[&str]| {
            let matches = command.clone().get_matches_from([&["x"], arguments].concat());
            presets.missing(&command, &matches)
        };
        assert_eq!(given(&[]), ["--modulus=768", "--trusted", "--other=2"]);
        assert_eq!(given(&["--modulus", "512", "--other", "1"]), ["--trusted"]);
    }
}
