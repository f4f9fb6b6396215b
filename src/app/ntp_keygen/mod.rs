//! `ntp-keygen`: generates key files.

mod args;
#[cfg(feature = "autokey")]
mod autokey;
mod names;
mod store;
mod symmetric;

use crate::app::common::{Parsed, Presettable};
use crate::app::keys;
use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::format::Format;
use crate::cli::output::reason;
use crate::compat::{Dialect, Quirk};
use args::{KeygenArgs, PROGRAM_INFO};
use clap::Args;
use names::Names;
use rand::rngs::SysRng;
use std::io;
use store::{NewFile, Store};
use symmetric::Plan;

/// Why a run stops.
#[derive(Debug)]
enum Failure {
    /// The command line is wrong; the message.
    Usage(String),
    /// Something cannot be generated; the message.
    Failed(String),
}

/// How a run of `ntp-keygen` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    /// Everything requested was generated.
    Done,
    /// The command line was wrong.
    Usage,
    /// Something could not be generated.
    Failed,
}

impl Generation {
    /// The exit status.
    fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => exit::KEYGEN.usage,
            Self::Failed => exit::KEYGEN.failed,
        }
    }
}

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    KeygenArgs::augment_args(clap::Command::new("ntp-keygen"))
        .about("Make key files: symmetric keys, Autokey's keys and certificates")
        .override_usage("ntp-keygen [OPTIONS]")
}

/// The command line.
const CALL: Presettable<()> = Presettable { info: &PROGRAM_INFO, command, order: |_| () };

/// Runs `ntp-keygen` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    let status = match CALL.parse(context) {
        Ok(parsed) => run_parsed(context, &parsed),
        Err(explanation) => {
            context.output.message(explanation.to_string());
            Generation::Usage.status()
        }
    };
    exit::conclude(&mut context.output, "ntp-keygen", status, exit::KEYGEN.unwritten)
}

fn run_parsed(context: &mut Context, parsed: &Parsed<KeygenArgs, ()>) -> u8 {
    let args = &parsed.args;
    if let Some(file) = &args.check {
        return keys::check(context, std::slice::from_ref(file), args.format.chosen());
    }
    let generation = match make(context, parsed) {
        Ok(()) => Generation::Done,
        Err(Failure::Usage(problem)) => {
            context.output.message(PROGRAM_INFO.refuse(&problem));
            Generation::Usage
        }
        Err(Failure::Failed(message)) => {
            context.output.message(format!("{message}\n"));
            Generation::Failed
        }
    };
    generation.status()
}

fn make(context: &mut Context, parsed: &Parsed<KeygenArgs, ()>) -> Result<(), Failure> {
    let args = &parsed.args;
    if CALL.describes_itself(context, &args.common) {
        return Ok(());
    }
    if !args.operands.is_empty() {
        return Err(Failure::Usage("ntp-keygen: Command line arguments are not allowed.".to_owned()));
    }
    if let Some(option) = args.idle_option() {
        return Err(Failure::Usage(format!(
            "ntp-keygen error:  the '{option}' option goes with 'md5key' only"
        )));
    }
    let saved = CALL.saves_options(context, parsed);
    if saved.map_err(|problem| Failure::Failed(problem.to_string().trim_end().to_owned()))? {
        return Ok(());
    }
    let machine = nix::unistd::gethostname()
        .map_err(|error| Failure::Failed(format!("ntp-keygen: no host name: {}", reason(&error.into()))))?;
    let (subject, ident) = (args.subject_name.as_deref(), args.ident.as_deref());
    let names = Names::new(&machine.to_string_lossy(), subject, ident, context.dialect)
        .map_err(|problem| Failure::Usage(format!("ntp-keygen error:  {problem}")))?;
    let mut store = Store::new(crate::clock::now());
    if args.md5key {
        return make_symmetric(context, args, &names, &mut store);
    }
    make_autokey(context, args, &names, &machine.to_string_lossy(), &mut store)?;
    if args.format.chosen() == Format::Json {
        context.output.result(format!("{}\n", store.to_json()));
    }
    Ok(())
}

/// Autokey's files.
#[cfg(feature = "autokey")]
fn make_autokey(
    context: &mut Context,
    args: &KeygenArgs,
    names: &Names,
    machine: &str,
    store: &mut Store,
) -> Result<(), Failure> {
    autokey::make(context, &args.autokey, names, machine, store)
}

#[cfg(not(feature = "autokey"))]
fn make_autokey(_: &mut Context, _: &KeygenArgs, _: &Names, _: &str, _: &mut Store) -> Result<(), Failure> {
    Err(Failure::Usage("ntp-keygen error:  this build makes symmetric keys only: option -M".to_owned()))
}

/// `-M`: a file of symmetric keys.
fn make_symmetric(
    context: &mut Context,
    args: &KeygenArgs,
    names: &Names,
    store: &mut Store,
) -> Result<(), Failure> {
    let keys = Plan::new(&args.types, args.count.unwrap_or(20), args.first_id.unwrap_or(1), args.literal)
        .map_err(|problem| Failure::Usage(format!("ntp-keygen error:  {problem}")))?
        .generate(&mut SysRng)
        .map_err(|error| Failure::Failed(format!("ntp-keygen: no randomness: {error}")))?;
    context.output.message(banner(context.dialect));
    let rows = symmetric::rows(&keys);
    if args.stdout {
        match args.format.chosen() {
            Format::Json => {
                let text = symmetric::to_json(&keys).map_err(|error| denied(context.dialect, "-", &error))?;
                context.output.result(&*text);
            }
            _ => {
                let text = store.text(&store.name("MD5key", &names.group), rows.as_bytes());
                context.output.result(&*text);
            }
        }
        return Ok(());
    }
    let mut links = vec!["ntp.keys".to_owned()];
    if !context.dialect.keeps(Quirk::ONE_SYMMETRIC_LINK) {
        // The name of the link in 4.2.6.
        links.push(format!("ntpkey_md5_{}", names.host));
    }
    let new = NewFile {
        kind: "md5",
        file_type: "MD5key",
        owner: &names.group,
        links: &links,
        body: rows.as_bytes(),
        is_secret: true,
    };
    store.make(context, &new)?;
    if args.format.chosen() == Format::Json {
        context.output.result(format!("{}\n", store.to_json()));
    }
    Ok(())
}

/// The first message of every run.
fn banner(dialect: Dialect) -> String {
    if dialect.keeps(Quirk::KEYGEN_BANNER) {
        // The libraries of the build that the classic dialect reproduces.
        "Built against OpenSSL OpenSSL 1.1.1g  21 Apr 2020, using version OpenSSL 1.1.1w  11 Sep 2023\n"
            .to_owned()
    } else {
        format!("Using ntpkit version {}\n", env!("CARGO_PKG_VERSION"))
    }
}

/// A file that cannot be written.
fn denied(dialect: Dialect, name: &str, error: &io::Error) -> Failure {
    let reason = reason(error);
    Failure::Failed(if dialect.keeps(Quirk::WRITE_ERRORS_WITHOUT_NAME) {
        format!("Write: {reason}")
    } else {
        format!("ntp-keygen: {name} cannot be written: {reason}")
    })
}
