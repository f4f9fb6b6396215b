//! `ntpkit check-config`: checks the configuration of a time daemon.

mod shown;
mod system;

use crate::cli::context::Context;
use crate::cli::files;
use crate::cli::format::{Format, FormatArgs, OfFindings};
use crate::cli::output::reason;
use crate::config::{self, Elsewhere, Finding, LARGEST_FILE, Language, Severity, Surroundings, ntp_toml};
use crate::text::visible;
use clap::builder::PossibleValuesParser;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use system::System;

/// The options of `ntpkit check-config`.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckConfigArgs {
    /// Configuration file, or - for standard input [default: all that exist in the usual places]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The daemon that the files are for [default: guessed from name and path]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Language::ALL.map(Language::name)))]
    pub daemon: Option<String>,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFindings>,
    /// Print the suggested changes as a unified diff instead of the findings; nothing is written
    #[arg(long)]
    pub suggest: bool,
    /// The files are for another machine: do not check files and directories on this one
    #[arg(long)]
    pub elsewhere: bool,
    /// Directory to use as / for the default files and for the files that they refer to
    #[arg(long, value_name = "DIR", conflicts_with = "elsewhere")]
    pub root: Option<PathBuf>,
}

/// A configuration that was checked.
struct Checked {
    file: String,
    language: Language,
    text: Vec<u8>,
    findings: Vec<Finding>,
}

/// Why a file was not checked.
#[derive(Debug, thiserror::Error)]
enum Unchecked {
    /// The file cannot be read.
    #[error("{}", reason(.0))]
    Unreadable(io::Error),
    /// The language of the file is unknown.
    #[error("the name does not say whose configuration it is: add --daemon ({})", Language::ALL.map(Language::name).join(", "))]
    Nameless,
}

/// Runs `ntpkit check-config` and returns its exit status.
pub fn run(context: &mut Context, args: &CheckConfigArgs) -> u8 {
    let surroundings: Box<dyn Surroundings> =
        if args.elsewhere { Box::new(Elsewhere) } else { Box::new(System { root: args.root.clone() }) };
    let (mut checked, mut is_unreadable) = (Vec::new(), false);
    for (language, path) in chosen(args) {
        match examine(args, language, &path, surroundings.as_ref()) {
            Ok(one) => checked.push(one),
            Err(problem) => {
                context.output.message(format!("ntpkit: {}: {problem}\n", path.display()));
                is_unreadable = true;
            }
        }
    }
    if checked.is_empty() && !is_unreadable {
        context.output.message(nothing_there());
        is_unreadable = true;
    }
    let told = match (args.format.chosen(), args.suggest) {
        (Format::Json, _) => shown::json(&checked, args.suggest, surroundings.as_ref()),
        (_, false) => {
            checked.iter().flat_map(|one| &one.findings).map(shown::line).collect::<String>().into()
        }
        (_, true) => shown::diffs(&checked, surroundings.as_ref(), context.terminals.output),
    };
    context.output.result(told);
    let worst = checked.iter().flat_map(|one| &one.findings).map(|finding| finding.rule.severity).max();
    status(worst, is_unreadable)
}

/// A summary of the findings in this machine's own files.
#[derive(Debug, Default)]
pub struct Summary {
    /// The files.
    pub files: Vec<String>,
    /// The number of errors.
    pub errors: usize,
    /// The number of warnings.
    pub warnings: usize,
    /// The most serious finding, as `file:line: what`.
    pub first: String,
    /// The rules that found something.
    pub rules: BTreeSet<&'static str>,
    /// The names of the sources.
    pub sources: Vec<String>,
}

impl Summary {
    /// The summary for the files in the usual places; `None` if there are none.
    pub fn of_this_machine() -> Option<Self> {
        let args = CheckConfigArgs {
            files: Vec::new(),
            daemon: None,
            format: FormatArgs::default(),
            suggest: false,
            elsewhere: false,
            root: None,
        };
        let mut summary = Self::default();
        for (language, path) in chosen(&args) {
            let Ok(checked) = examine(&args, language, &path, &System { root: None }) else { continue };
            for finding in &checked.findings {
                let place = &finding.place;
                let text = format!("{}:{}: {}", place.file, place.line, finding.what);
                summary.rules.insert(finding.rule.id());
                summary.add(finding.rule.severity, &visible(text.as_bytes()));
            }
            summary.sources.extend(sources_in(checked.language, &String::from_utf8_lossy(&checked.text)));
            summary.files.push(checked.file);
        }
        (!summary.files.is_empty()).then_some(summary)
    }

    fn add(&mut self, severity: Severity, text: &str) {
        let is_error = severity == Severity::Error;
        if self.errors == 0 && (is_error || self.warnings == 0) {
            text.clone_into(&mut self.first);
        }
        *if is_error { &mut self.errors } else { &mut self.warnings } += 1;
    }
}

/// The names of the sources in a configuration of any daemon.
fn sources_in(language: Language, text: &str) -> Vec<String> {
    if language == Language::NtpdRs {
        return ntp_toml::addresses(text);
    }
    let mut names = Vec::new();
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        if let Some(name) = first.strip_prefix("NTP=").or_else(|| first.strip_prefix("FallbackNTP=")) {
            names.extend(
                std::iter::once(name).chain(words).filter(|name| !name.is_empty()).map(str::to_owned),
            );
        } else if ["server", "pool", "peer"].contains(&first) {
            let is_name = |word: &&str| !word.starts_with('-');
            names.extend(words.find(is_name).map(str::to_owned));
        }
    }
    names
}

/// The exit status: 0 clean, 1 warnings, 2 errors or something that could not be checked.
fn status(worst: Option<Severity>, is_unreadable: bool) -> u8 {
    match worst {
        _ if is_unreadable => 2,
        None => 0,
        Some(Severity::Warning) => 1,
        Some(Severity::Error) => 2,
    }
}

/// The files to check: those of the command line, or the usual ones that exist.
fn chosen(args: &CheckConfigArgs) -> Vec<(Option<Language>, PathBuf)> {
    let named = args.daemon.as_deref().and_then(Language::named);
    if !args.files.is_empty() {
        return args.files.iter().map(|path| (named, path.clone())).collect();
    }
    Language::USUAL
        .iter()
        .filter(|(language, _)| named.is_none_or(|named| named == *language))
        .map(|(language, path)| (*language, system::beneath(args.root.as_deref(), path)))
        .filter(|(_, path)| path.exists())
        // A link to another of these files is not checked twice.
        .fold(Vec::new(), |mut all: Vec<(Option<Language>, PathBuf)>, (language, path)| {
            if all.iter().all(|(_, other)| other.canonicalize().ok() != path.canonicalize().ok()) {
                // `/etc/ntp.conf` may belong to either ntpd.
                let is_sure = language != Language::Ntpd;
                all.push((is_sure.then_some(language).or(named), path));
            }
            all
        })
}

fn examine(
    args: &CheckConfigArgs,
    language: Option<Language>,
    path: &Path,
    surroundings: &dyn Surroundings,
) -> Result<Checked, Unchecked> {
    let text = read(path).map_err(Unchecked::Unreadable)?;
    let Some(language) = language.or_else(|| Language::of(path, &text)) else {
        return Err(Unchecked::Nameless);
    };
    let file =
        match (path == Path::new("-"), args.root.as_deref().and_then(|root| path.strip_prefix(root).ok())) {
            (true, _) => "-".to_owned(),
            (false, Some(inner)) => Path::new("/").join(inner).display().to_string(),
            (false, None) => path.display().to_string(),
        };
    let findings = config::check(language, &file, &text, surroundings);
    Ok(Checked { file, language, text, findings })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let path = if path == Path::new("-") { Path::new("/dev/stdin") } else { path };
    files::read_finite(path, LARGEST_FILE as u64)
}

fn nothing_there() -> String {
    let places: Vec<&str> = Language::USUAL.iter().map(|(_, path)| *path).collect();
    format!("ntpkit: no configuration found: looked for {}; give a file name\n", places.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_serious_finding_comes_first() {
        let mut summary = Summary::default();
        let (warning, error) = (Severity::Warning, Severity::Error);
        for (severity, text) in [(warning, "one"), (error, "two"), (error, "three"), (warning, "four")] {
            summary.add(severity, text);
        }
        assert_eq!((summary.errors, summary.warnings, summary.first.as_str()), (2, 2, "two"));
    }

    #[test]
    fn the_names_of_sources_are_found_in_every_language() {
        let text = "# server no\nserver -4 a.example iburst\npool b.example\n[Time]\nNTP=c.example d.example\nrestrict default\n";
        let names = ["a.example", "b.example", "c.example", "d.example"];
        assert_eq!(sources_in(Language::Ntpd, text), names);
        let text = "[[source]]\nmode = \"pool\"\naddress = \"a.example:123\"\n[[source]]\naddress = '::1'\n[server]\naddress = 1\n";
        assert_eq!(sources_in(Language::NtpdRs, text), ["a.example:123", "::1"]);
    }
}
