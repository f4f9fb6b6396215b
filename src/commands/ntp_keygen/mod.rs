//! `ntp-keygen`: makes key files.

mod args;
#[cfg(feature = "autokey")]
mod autokey;
mod names;
mod store;
mod symmetric;

use crate::commands::keys::{self, Format};
use crate::commands::ntpq::version_line;
use crate::commands::pager;
use crate::commands::presets::{Given, Presets};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::exit::{self, Generation};
use crate::output::reason;
use args::{KeygenArgs, MANNERS};
use clap::{Args, FromArgMatches};
use jiff::tz::TimeZone;
use names::Names;
use rand::rngs::SysRng;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use store::{NewFile, Store};
use symmetric::Plan;

/// Why a run breaks off.
#[derive(Debug)]
enum Failure {
    /// The command line is wrong; the complaint.
    Usage(String),
    /// Something cannot be made; the message.
    Failed(String),
}

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    KeygenArgs::augment_args(clap::Command::new("ntp-keygen"))
        .about("Make key files: symmetric keys, Autokey's keys and certificates")
        .override_usage("ntp-keygen [OPTIONS]")
}

/// Runs `ntp-keygen` and gives its exit status.
pub fn run(context: &mut Context) -> u8 {
    let status = match parse(context) {
        Ok((args, options)) => run_parsed(context, &args, &options),
        Err(explanation) => {
            context.output.message(explanation);
            exit::ntp_keygen(Generation::Usage)
        }
    };
    match context.output.finish() {
        Ok(()) => status,
        Err(fault) => {
            let (_, message) = exit::unwritten("ntp-keygen", &fault);
            context.output.message(message);
            exit::ntp_keygen(Generation::Failed)
        }
    }
}

/// Reads the command line and the presets: what they come to, and the options one by one. The explanation of
/// what is wrong otherwise.
fn parse(context: &mut Context) -> Result<(KeygenArgs, Vec<Given>), String> {
    let command = command();
    let usage = |error: clap::Error| MANNERS.explain(&context.called, &error);
    let words = MANNERS.normalize(&command, &context.arguments);
    let words = std::iter::once(OsString::from("ntp-keygen")).chain(words);
    let matches = command.clone().try_get_matches_from(words).map_err(usage)?;
    let mut args = KeygenArgs::from_arg_matches(&matches).map_err(usage)?;
    let mut options = None;
    if !args.tells_about_itself() {
        let presets = presets(&command, args.compat.unwrap_or(context.dialect));
        let explain = |error| presets.explain(&context.called, &error);
        options = presets.gather(&matches).map_err(explain)?;
        if let Some(options) = &options {
            let matches = presets.parse(options, &matches).map_err(explain)?;
            args = KeygenArgs::from_arg_matches(&matches).map_err(usage)?;
        }
    }
    if let Some(dialect) = args.compat {
        context.dialect = dialect;
    }
    Ok((args, options.unwrap_or_default()))
}

fn presets(command: &clap::Command, dialect: Dialect) -> Presets<'_> {
    Presets { command, manners: &MANNERS, dialect, environment: &|name| std::env::var_os(name) }
}

fn run_parsed(context: &mut Context, args: &KeygenArgs, options: &[Given]) -> u8 {
    if let Some(file) = &args.check {
        return keys::check(context, std::slice::from_ref(file), args.format);
    }
    let generation = match make(context, args, options) {
        Ok(()) => Generation::Done,
        Err(Failure::Usage(complaint)) => {
            context.output.message(MANNERS.refuse(&complaint));
            Generation::Usage
        }
        Err(Failure::Failed(message)) => {
            context.output.message(format!("{message}\n"));
            Generation::Failed
        }
    };
    exit::ntp_keygen(generation)
}

fn make(context: &mut Context, args: &KeygenArgs, options: &[Given]) -> Result<(), Failure> {
    if args.help {
        context.output.result(command().render_help().to_string());
        return Ok(());
    }
    if args.more_help {
        pager::page(&mut context.output, &command().render_help().to_string());
        return Ok(());
    }
    if args.version.is_some() {
        context.output.result(version_line("ntp-keygen"));
        return Ok(());
    }
    if !args.operands.is_empty() {
        return Err(Failure::Usage("ntp-keygen: Command line arguments are not allowed.".to_owned()));
    }
    if let Some(file) = &args.save_opts {
        let date =
            TimeZone::system().to_datetime(crate::clock::now()).strftime("%a %b %e %H:%M:%S %Y").to_string();
        let saved = presets(&command(), context.dialect).save(options, Some(Path::new(file)), &date);
        return saved.map_err(|message| Failure::Failed(message.trim_end().to_owned()));
    }
    let machine = nix::unistd::gethostname()
        .map_err(|error| Failure::Failed(format!("ntp-keygen: no host name: {}", reason(&error.into()))))?;
    let (subject, ident) = (args.subject_name.as_deref(), args.ident.as_deref());
    let names = Names::new(&machine.to_string_lossy(), subject, ident, context.dialect)
        .map_err(|complaint| Failure::Usage(format!("ntp-keygen error:  {complaint}")))?;
    let mut store = Store::new(crate::clock::now());
    if args.md5key {
        return make_symmetric(context, args, &names, &mut store);
    }
    make_autokey(context, args, &names, &machine.to_string_lossy(), &mut store)?;
    if args.format == Format::Json {
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
    let keys = Plan::new(&args.types, args.count, args.first_id, args.literal)
        .map_err(|complaint| Failure::Usage(format!("ntp-keygen error:  {complaint}")))?
        .generate(&mut SysRng)
        .map_err(|error| Failure::Failed(format!("ntp-keygen: no randomness: {error}")))?;
    context.output.message(banner(context.dialect));
    let rows = symmetric::rows(&keys);
    if args.stdout {
        match args.format {
            Format::Text => {
                let text = store.text(&store.name("MD5key", &names.group), rows.as_bytes());
                context.output.result(&*text);
            }
            Format::Json => {
                let keys: Vec<Value> = keys.iter().map(symmetric::SymmetricKey::to_json).collect();
                context.output.result(format!("{}\n", json!({ "schema": "ntpkit.keys.v1", "keys": keys })));
            }
        }
        return Ok(());
    }
    let mut links = vec!["ntp.keys".to_owned()];
    if !context.dialect.is_classic() {
        // The name that 4.2.6 gave its link.
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
    if args.format == Format::Json {
        context.output.result(format!("{}\n", store.to_json()));
    }
    Ok(())
}

/// What every run says first.
fn banner(dialect: Dialect) -> String {
    if dialect.is_classic() {
        // The libraries of the build that the classic dialect stands for.
        "Built against OpenSSL OpenSSL 1.1.1g  21 Apr 2020, using version OpenSSL 1.1.1w  11 Sep 2023\n"
            .to_owned()
    } else {
        format!("Using ntpkit version {}\n", env!("CARGO_PKG_VERSION"))
    }
}

/// A file that cannot be made.
fn denied(dialect: Dialect, name: &str, error: &io::Error) -> Failure {
    let reason = reason(error);
    Failure::Failed(if dialect.is_classic() {
        format!("Write: {reason}")
    } else {
        format!("ntp-keygen: {name} cannot be written: {reason}")
    })
}
