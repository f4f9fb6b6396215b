//! Presets: options from files and from the environment, and how the command line overrides them.
//!
//! In order of increasing precedence: `$HOME/.ntprc`, `./.ntprc` (classic dialect only), the environment variable named
//! after the program, which holds options as they would be typed, the variables named after the program and an option
//! (`NTPQ_NUMERIC`), and the command line. A file named on the command line with `--load-opts` takes effect at that
//! position.
//!
//! Repeatable options accumulate; any other option replaces an earlier one and overrides the options it conflicts with.
//! In the classic dialect both stay in effect as far as possible.

mod file;
mod saved;

use crate::cli::usage::ProgramInfo;
use crate::compact;
use crate::compat::{Dialect, Quirk};
use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
pub use file::FileError;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

/// The option that names a file of presets. A program that has presets has it, [`LOAD_NOT`] and [`SAVE`].
pub const LOAD: &str = "load_opts";
/// The option that disables presets.
pub const LOAD_NOT: &str = "no_load_opts";
/// The option that saves presets.
pub const SAVE: &str = "save_opts";
/// Options that are never preset, because they ask for something to be done now.
const MOMENTARY: [&str; 6] = [LOAD, LOAD_NOT, SAVE, "help", "more_help", "version"];
/// The environment variable that names the home directory.
const HOME: &str = "HOME";
/// The presets file in the home directory and in the current directory.
const FILE_NAME: &str = ".ntprc";

/// An option as it was given somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenOption {
    /// The option's long name.
    pub option: String,
    /// Its value, if it takes one.
    pub value: Option<OsString>,
    /// Where it was given.
    pub source: Source,
}

/// Where an option was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// On a line of a file, numbered from 1.
    File(PathBuf, usize),
    /// In an environment variable.
    Variable(String),
    /// On the command line.
    CommandLine,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, line) => write!(formatter, "{}, line {line}", path.display()),
            Self::Variable(name) => write!(formatter, "environment variable {name}"),
            Self::CommandLine => formatter.write_str("command line"),
        }
    }
}

/// Why presets cannot be used.
#[derive(Debug)]
pub enum PresetError {
    /// A requested file cannot be read.
    File(FileError),
    /// An option is misused there.
    Usage(Box<clap::Error>, Source),
}

/// The options in a file, or why it cannot be read.
pub type FromFile = Result<Vec<ChosenOption>, FileError>;

/// A program whose options can be preset.
pub struct Presets<'a> {
    /// Its options.
    pub command: &'a Command,
    /// Its name and its usage messages.
    pub info: &'a ProgramInfo,
    /// The dialect whose rules apply.
    pub dialect: Dialect,
    /// `HOME`, and the variables named after the program.
    environment: Vec<(OsString, OsString)>,
}

impl<'a> Presets<'a> {
    /// The presets of this program in this environment.
    pub fn new(
        command: &'a Command,
        info: &'a ProgramInfo,
        dialect: Dialect,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Self {
        let mut presets = Self { command, info, dialect, environment: Vec::new() };
        let section = presets.section();
        let is_named_after = |name: &OsStr| name.as_encoded_bytes().starts_with(section.as_bytes());
        presets.environment.extend(environment.filter(|(name, _)| name == HOME || is_named_after(name)));
        presets
    }

    /// The value of this environment variable.
    fn variable(&self, name: &str) -> Option<&OsString> {
        self.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// What the default files contain, unless the command line disables presets.
    pub fn default_files(&self, typed: &ArgMatches) -> Vec<FromFile> {
        if typed.get_flag(LOAD_NOT) {
            return Vec::new();
        }
        self.files().iter().map(|file| self.read(file)).collect()
    }

    /// The effective options: presets combined with those that were `typed`; `None` if there are no presets, so that
    /// the typed options apply as they are.
    ///
    /// # Errors
    /// [`PresetError`].
    pub fn gather(
        &self,
        files: Vec<FromFile>,
        typed: &ArgMatches,
    ) -> Result<Option<Vec<ChosenOption>>, PresetError> {
        let mut presets: Vec<ChosenOption> = files.into_iter().filter_map(Result::ok).flatten().collect();
        if !typed.get_flag(LOAD_NOT) {
            presets.extend(self.variables()?);
        }
        if presets.is_empty() && !typed.contains_id(LOAD) && !typed.contains_id(SAVE) {
            return Ok(None);
        }
        let mut all = presets;
        for (id, given) in self.typed(typed) {
            if id != LOAD {
                all.push(given);
            } else if let Some(file) = &given.value {
                all.extend(self.read(Path::new(file)).map_err(PresetError::File)?);
            }
        }
        Ok(Some(self.resolve(all)))
    }

    /// Warnings about default files that exist but cannot be read. The original prints none.
    pub fn warnings(&self, files: &[FromFile]) -> String {
        if self.dialect.keeps(Quirk::PRESET_FAULTS_SILENT) {
            return String::new();
        }
        let unread = files.iter().filter_map(|file| file.as_ref().err());
        unread
            .filter(|error| !error.is_absent())
            .map(|FileError { path, reason, .. }| {
                format!("{}: {}: {reason}: its options are ignored\n", self.info.name, path.display())
            })
            .collect()
    }

    /// Parses the effective options together with the typed operands.
    ///
    /// # Errors
    /// [`PresetError::Usage`]: an option is misused in a file or in the environment.
    pub fn parse(&self, options: &[ChosenOption], typed: &ArgMatches) -> Result<ArgMatches, PresetError> {
        let operands = self.command.get_arguments().filter(|option| option.is_positional());
        let operands = operands.filter_map(|operand| typed.get_raw(operand.get_id().as_str())).flatten();
        let words = options
            .iter()
            .map(ChosenOption::word)
            .chain(std::iter::once("--".into()))
            .chain(operands.map(OsStr::to_owned));
        self.parse_words(words).map_err(|error| {
            // A wrong option is wrong by itself, so every prefix that contains it fails.
            let is_right = |count: usize| {
                let beginning = options.get(..count).unwrap_or(options);
                self.parse_words(beginning.iter().map(ChosenOption::word)).is_ok()
            };
            let (mut right, mut wrong) = (0, options.len() + 1);
            while wrong - right > 1 {
                let middle = right.midpoint(wrong);
                if is_right(middle) { right = middle } else { wrong = middle }
            }
            let culprit = options.get(right).and_then(|option| {
                let error = self.parse_words(std::iter::once(option.word())).err()?;
                Some(PresetError::Usage(Box::new(error), option.source.clone()))
            });
            culprit.unwrap_or_else(|| PresetError::Usage(Box::new(error), Source::CommandLine))
        })
    }

    fn parse_words(&self, words: impl Iterator<Item = OsString>) -> Result<ArgMatches, clap::Error> {
        let mut command = self.command.clone();
        if self.dialect.keeps(Quirk::PRESET_CONFLICTS_IGNORED) {
            command = command.mut_args(|option| option.conflicts_with(Resettable::Reset));
        }
        command.try_get_matches_from(std::iter::once(self.info.name.into()).chain(words))
    }

    /// The message for presets that cannot be used, in the classic wording, preceded by a line with their place.
    pub fn explain(&self, called: &OsStr, error: &PresetError) -> String {
        match error {
            PresetError::File(FileError { path, reason, number })
                if self.dialect.keeps(Quirk::PRESET_FAULTS_SILENT) =>
            {
                let name = self.info.name;
                format!("{name} error {number} ({reason}) calling stat for '{}'\n", path.display())
            }
            PresetError::File(FileError { path, reason, .. }) => {
                format!("{}: {}: {reason}\n", self.info.name, path.display())
            }
            PresetError::Usage(error, source) => {
                let place = match source {
                    Source::CommandLine => String::new(),
                    _ if self.dialect.keeps(Quirk::PRESET_FAULTS_SILENT) => String::new(),
                    source => format!("{}: {source}:\n", self.info.name),
                };
                place + &self.info.explain(called, error, self.dialect)
            }
        }
    }

    /// The default file for saving options.
    pub fn home_file(&self) -> Option<PathBuf> {
        let home = self.variable(HOME).filter(|home| !home.is_empty())?;
        Some(Path::new(home).join(FILE_NAME))
    }

    /// The files that are read by default. One in the current directory may belong to a stranger.
    fn files(&self) -> Vec<PathBuf> {
        let here =
            self.dialect.keeps(Quirk::PRESETS_IN_CURRENT_FOLDER).then(|| Path::new(FILE_NAME).to_owned());
        self.home_file().into_iter().chain(here).collect()
    }

    /// The presets in the environment.
    fn variables(&self) -> Result<Vec<ChosenOption>, PresetError> {
        let program = self.section();
        let mut found = Vec::new();
        if let Some(text) = self.variable(&program) {
            found.extend(self.words(&program, text)?);
        }
        // As nearly always: the names of all options need not be made.
        if self.environment.iter().all(|(name, _)| name == HOME || *name == program.as_str()) {
            return Ok(found);
        }
        let mut name = program + "_";
        let stem = name.len();
        for option in self.command.get_arguments() {
            let Some(long) = option.get_long() else { continue };
            name.truncate(stem);
            name.extend(
                long.chars().map(|letter| if letter == '-' { '_' } else { letter.to_ascii_uppercase() }),
            );
            let Some(value) = self.variable(&name) else { continue };
            if option.get_id() == LOAD {
                found.extend(self.read(Path::new(value)).map_err(PresetError::File)?);
            } else if is_preset(option) {
                let value = takes_value(option).then(|| value.clone());
                found.push(ChosenOption {
                    option: long.into(),
                    value,
                    source: Source::Variable(name.clone()),
                });
            }
        }
        Ok(found)
    }

    /// The options of a variable that holds them as they would be typed. The classic program silently drops everything
    /// from the first wrong one on.
    fn words(&self, variable: &str, text: &OsStr) -> Result<Vec<ChosenOption>, PresetError> {
        let words: Vec<OsString> = file::split_words(text).collect();
        let source = || Source::Variable(variable.to_owned());
        let mut words = words.as_slice();
        loop {
            match (self.parse_words(self.info.normalize(self.command, words).into_iter()), words) {
                (Ok(matches), _) => {
                    let options = self.typed(&matches).into_iter().map(|(_, given)| given);
                    return Ok(options
                        .filter(|given| self.find(&given.option).is_some_and(is_preset))
                        .map(|given| ChosenOption { source: source(), ..given })
                        .collect());
                }
                (Err(_), [right @ .., _]) if self.dialect.keeps(Quirk::PRESET_REST_AFTER_FAULT) => {
                    words = right;
                }
                (Err(error), _) => return Err(PresetError::Usage(Box::new(error), source())),
            }
        }
    }

    /// The options that were typed, each with its identifier, in command-line order.
    fn typed(&self, matches: &ArgMatches) -> Vec<(String, ChosenOption)> {
        let mut found = Vec::new();
        for option in self.command.get_arguments() {
            let id = option.get_id().as_str();
            let Some(long) = option.get_long() else { continue };
            if matches.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            let places = matches.indices_of(id).into_iter().flatten();
            let given = |value| ChosenOption { option: long.into(), value, source: Source::CommandLine };
            match option.get_action() {
                ArgAction::Count => {
                    // Only the position of the last occurrence is known.
                    let place = places.last().unwrap_or_default();
                    let times = usize::from(matches.get_count(id));
                    found.extend(std::iter::repeat_n((place, id.to_owned(), given(None)), times));
                }
                _ if takes_value(option) => {
                    let values =
                        matches.get_raw(id).into_iter().flatten().map(|value| Some(value.to_owned()));
                    found.extend(places.zip(values).map(|(at, value)| (at, id.to_owned(), given(value))));
                }
                _ => found.extend(places.last().map(|at| (at, id.to_owned(), given(None)))),
            }
        }
        compact::sort_by_key(&mut found, |(place, ..)| *place);
        found.into_iter().map(|(_, id, given)| (id, given)).collect()
    }

    /// Resolves conflicts: the options that remain in effect, of those given in this order.
    fn resolve(&self, all: Vec<ChosenOption>) -> Vec<ChosenOption> {
        // Backwards: an option overrides those before it even if it is itself overridden.
        let mut seen = BTreeSet::new();
        let mut excluded: BTreeSet<&str> = BTreeSet::new();
        let mut kept: Vec<ChosenOption> = Vec::new();
        for given in all.into_iter().rev() {
            let Some(option) = self.find(&given.option) else { continue };
            let Some(name) = option.get_long() else { continue };
            if !excluded.contains(name) {
                kept.push(given);
            }
            if seen.insert(name) {
                excluded.extend(self.excluded_by(option));
            }
        }
        kept.reverse();
        kept
    }

    /// The options that this one overrides: itself, unless it accumulates, and those it conflicts with. The classic
    /// program detects conflicts on the command line only.
    fn excluded_by<'b>(&'b self, option: &'b Arg) -> impl Iterator<Item = &'b str> {
        let adds_up = matches!(option.get_action(), ArgAction::Append | ArgAction::Count);
        let conflict = |one: &Arg, other: &Arg| {
            let conflicts = self.command.get_arg_conflicts_with(one);
            conflicts.iter().any(|found| found.get_id() == other.get_id())
        };
        let others = self.command.get_arguments().filter(move |other| {
            !self.dialect.keeps(Quirk::PRESET_CONFLICTS_IGNORED)
                && (conflict(option, other) || conflict(other, option))
        });
        let itself = std::iter::once(option).filter(move |_| !adds_up);
        others.chain(itself).filter_map(Arg::get_long)
    }

    fn find(&self, long: &str) -> Option<&Arg> {
        self.command.get_arguments().find(|option| option.get_long() == Some(long))
    }

    /// The program's name in file sections and environment variables.
    fn section(&self) -> String {
        self.info.name.to_ascii_uppercase().replace('-', "_")
    }
}

impl ChosenOption {
    /// The option as a word of a command line.
    fn word(&self) -> OsString {
        let mut word = OsString::from(format!("--{}", self.option));
        if let Some(value) = &self.value {
            word.push("=");
            word.push(value);
        }
        word
    }
}

/// Whether an option can be preset.
fn is_preset(option: &Arg) -> bool {
    option.get_long().is_some() && !MOMENTARY.contains(&option.get_id().as_str())
}

fn takes_value(option: &Arg) -> bool {
    option.get_action().takes_values()
}

#[cfg(test)]
mod tests;
