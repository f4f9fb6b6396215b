//! What the programs with presets have in common: options, parsing the command line, and actions that need no daemon
//! and create no file.

use crate::app::options::{CompatArgs, ExplainArgs};
use crate::cli::context::{Compat, Context};
use crate::cli::exit::{self, RunOutcome};
use crate::cli::group::Group;
use crate::cli::pager;
use crate::cli::presets::{ChosenOption, Presets};
use crate::cli::usage::ProgramInfo;
use crate::cli::version::version_line;
use crate::cli::watch::WatchSettings;
use crate::clock;
use crate::compat::Dialect;
use crate::console::options::number;
use crate::net::host::AddressFamily;
use crate::net::interrupt;
use crate::text::date;
use anyhow::anyhow;
use clap::{ArgAction, ArgMatches, Args, FromArgMatches};
use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Options of every program whose options can be preset.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct CommonArgs {
    /// Files of options.
    #[command(flatten)]
    pub presets: Group<PresetArgs>,
    /// The version.
    #[command(flatten)]
    pub version: Group<VersionArgs>,
    /// Help.
    #[command(flatten)]
    pub help: Group<HelpArgs>,
    /// The dialect.
    #[command(flatten)]
    pub compat: Group<CompatArgs>,
}

/// The version.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct VersionArgs {
    /// Print the version and exit
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "v")]
    version: Option<String>,
}

/// Help.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct HelpArgs {
    /// Print this help and exit
    #[arg(short = '?', long)]
    help: bool,
    /// Print this help through $PAGER and exit
    #[arg(short = '!', long)]
    more_help: bool,
}

/// Files of options.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct PresetArgs {
    /// Read options from this file, in addition to ~/.ntprc
    #[arg(short = '<', long, value_name = "FILE", allow_hyphen_values = true, action = ArgAction::Append)]
    pub load_opts: Vec<PathBuf>,
    /// Read no options from ~/.ntprc or the environment
    #[arg(long)]
    pub no_load_opts: bool,
    /// Save the options to this file (default ~/.ntprc) and exit
    #[arg(short = '>', long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub save_opts: Option<OsString>,
}

/// Options of the programs of the shell.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct ShellArgs {
    /// Which addresses are wanted.
    #[command(flatten)]
    family: Group<OneFamilyArgs>,
    /// Commands.
    #[command(flatten)]
    pub commands: Group<CommandArgs>,
    /// The trace of packets.
    #[command(flatten)]
    pub debug: Group<DebugArgs>,
    /// The prompt.
    #[command(flatten)]
    pub prompt: Group<PromptArgs>,
    /// Explanations.
    #[command(flatten)]
    pub explain: Group<ExplainArgs>,
}

/// Commands.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct CommandArgs {
    /// Run this command and exit; repeatable
    #[arg(short, long, value_name = "COMMAND", allow_hyphen_values = true, action = ArgAction::Append)]
    pub command: Vec<OsString>,
}

/// The prompt, and what is printed in place of names.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct PromptArgs {
    /// Prompt for commands even if standard input is not a terminal
    #[arg(short, long, conflicts_with = "command")]
    pub interactive: bool,
    /// Print addresses instead of host names
    #[arg(short, long)]
    pub numeric: bool,
}

/// `-4` or `-6`, not both.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct OneFamilyArgs {
    /// Resolve names to IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// Resolve names to IPv6 addresses only
    #[arg(short = '6', long)]
    ipv6: bool,
}

/// The debug level: the options apply in their order.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct DebugArgs {
    /// Raise the debug level by one; repeatable
    #[arg(short = 'd', long, action = ArgAction::Count)]
    pub debug_level: u8,
    /// Set the debug level to N
    #[arg(short = 'D', long, value_name = "N", allow_hyphen_values = true, action = ArgAction::Append, value_parser = number)]
    pub set_debug_level: Vec<i32>,
}

impl ShellArgs {
    /// Which addresses are wanted.
    pub fn family(&self) -> AddressFamily {
        AddressFamily::chosen(self.family.ipv4, self.family.ipv6)
    }
}

/// How something is watched at this interval.
pub fn watching(interval: Duration, is_for_programs: bool) -> WatchSettings {
    WatchSettings { interval, is_for_programs, time: || date::rfc3339(clock::now()) }
}

/// A program whose options can be preset.
#[derive(Clone, Copy)]
pub struct Presettable<O> {
    /// The classic program's description of itself.
    pub info: &'static ProgramInfo,
    /// Its options.
    pub command: fn() -> clap::Command,
    /// What it needs of the order of the options.
    pub order: fn(&ArgMatches) -> O,
}

/// The result of combining the command line and the presets.
pub struct Parsed<T, O> {
    /// The options and operands.
    pub args: T,
    /// What depends on the order of the options.
    pub order: O,
    /// The effective options, if presets were considered.
    options: Vec<ChosenOption>,
}

/// Options that include the common ones.
pub trait HasCommonArgs {
    /// The common options.
    fn common(&self) -> &CommonArgs;
}

impl<O> Presettable<O> {
    /// Parses the command line and the presets; the dialect that they select applies from then on.
    ///
    /// # Errors
    /// The error message.
    pub fn parse<T: FromArgMatches + HasCommonArgs>(
        &self,
        context: &mut Context,
    ) -> anyhow::Result<Parsed<T, O>> {
        // Its hundreds of parts would be freed one by one, shortly before the program ends.
        let mut command = ManuallyDrop::new((self.command)());
        let dialect = context.dialect;
        let usage = |error: clap::Error| anyhow!(self.info.explain(&context.called, &error, dialect));
        let words = self.info.normalize(&command, &context.arguments);
        let words = std::iter::once(OsString::from(self.info.name)).chain(words);
        let mut matches = command.try_get_matches_from_mut(words).map_err(usage)?;
        let mut options = Vec::new();
        let describes_itself =
            matches.get_flag("help") || matches.get_flag("more_help") || matches.contains_id("version");
        if !describes_itself {
            let compat = matches.get_one::<Compat>("compat");
            let presets = self.presets(&command, compat.map_or(context.dialect, |compat| compat.dialect));
            let files = presets.default_files(&matches);
            context.output.message(presets.warnings(&files));
            let explain = |error| anyhow!(presets.explain(&context.called, &error));
            if let Some(gathered) = presets.gather(files, &matches).map_err(explain)? {
                matches = presets.parse(&gathered, &matches).map_err(explain)?;
                options = gathered;
            }
        }
        let order = (self.order)(&matches);
        let args = T::from_arg_matches_mut(&mut matches).map_err(usage)?;
        context.choose(args.common().compat.compat);
        Ok(Parsed { args, order, options })
    }

    /// Prints the help or the version, if requested.
    pub fn describes_itself(&self, context: &mut Context, common: &CommonArgs) -> bool {
        let help = || (self.command)().render_help().to_string();
        if common.help.help {
            context.output.result(help());
        } else if common.help.more_help {
            pager::page(&mut context.output, &help());
        } else if common.version.version.is_some() {
            context.output.result(version_line(self.info.name));
        } else {
            return false;
        }
        true
    }

    /// Saves the options, if requested.
    ///
    /// # Errors
    /// The line that explains why they cannot be saved.
    pub fn saves_options<T: HasCommonArgs>(
        &self,
        context: &Context,
        parsed: &Parsed<T, O>,
    ) -> anyhow::Result<bool> {
        let Some(file) = &parsed.args.common().presets.save_opts else { return Ok(false) };
        let now = crate::clock::zone::local().to_datetime(clock::now());
        let date = date::ctime(now);
        let command = (self.command)();
        self.presets(&command, context.dialect)
            .save(&parsed.options, Some(Path::new(file)), &date)
            .map_err(anyhow::Error::msg)?;
        Ok(true)
    }

    /// Runs a program of the shell and returns its exit status; after an interrupt it ends as if killed by the signal,
    /// so that a script's loop ends, too. `run` does everything except printing information about the program and
    /// saving options.
    pub fn run<T: FromArgMatches + HasCommonArgs>(
        &self,
        context: &mut Context,
        run: impl FnOnce(&mut Context, &Parsed<T, O>) -> RunOutcome,
    ) -> u8 {
        let outcome = match self.parse(context) {
            Ok(parsed) => self.preliminary(context, &parsed).unwrap_or_else(|| run(context, &parsed)),
            Err(explanation) => {
                context.output.message(explanation.to_string());
                RunOutcome::Usage
            }
        };
        self.conclude(context, &outcome)
    }

    /// The outcome, if the program only prints information about itself or saves options.
    fn preliminary<T: HasCommonArgs>(
        &self,
        context: &mut Context,
        parsed: &Parsed<T, O>,
    ) -> Option<RunOutcome> {
        if self.describes_itself(context, parsed.args.common()) {
            return Some(RunOutcome::Ran { failed: false });
        }
        match self.saves_options(context, parsed) {
            Ok(saved) => saved.then_some(RunOutcome::Ran { failed: false }),
            Err(problem) => {
                context.output.message(problem.to_string());
                Some(RunOutcome::Ran { failed: true })
            }
        }
    }

    fn conclude(&self, context: &mut Context, outcome: &RunOutcome) -> u8 {
        let status = outcome.status(context.dialect);
        let status = exit::conclude(&mut context.output, self.info.name, status, exit::SHELL.unwritten);
        if let RunOutcome::Interrupted = outcome {
            interrupt::die();
        }
        status
    }

    fn presets<'command>(&self, command: &'command clap::Command, dialect: Dialect) -> Presets<'command> {
        Presets::new(command, self.info, dialect, std::env::vars_os())
    }
}
