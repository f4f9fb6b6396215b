//! `ntpkit keys check`, and the same check in `ntp-keygen`: how daemons read symmetric key files.

use crate::auth::key_check::{Finding, KeyFileReview, Severity};
use crate::cli::context::Context;
use crate::cli::format::{Format, FormatArgs, OfFindings};
use crate::client::system_error::SystemError;
use crate::render::json::object_line;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The options of `ntpkit keys`.
#[derive(Clone, Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    task: KeysTask,
}

#[derive(Clone, Debug, Subcommand)]
enum KeysTask {
    /// Check how daemons read a key file: status 0 if every line is accepted, 1 if not, 2 if it cannot be read
    Check(CheckArgs),
}

/// The options of `ntpkit keys check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Key file, or - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFindings>,
}

/// Runs `ntpkit keys` and returns its exit status.
pub fn run(context: &mut Context, args: &KeysArgs) -> u8 {
    let KeysTask::Check(args) = &args.task;
    check(context, &args.files, args.format.chosen())
}

/// Checks key files and returns the exit status of the worst file.
pub fn check(context: &mut Context, files: &[PathBuf], format: Format) -> u8 {
    let mut worst = 0;
    for file in files {
        let name = file.display().to_string();
        match examine(file) {
            Ok((review, permissions)) => {
                let reported = match format {
                    Format::Json => as_json(&name, &review, &permissions),
                    _ => as_text(&name, &review, &permissions),
                };
                context.output.result(reported);
                worst = worst.max(verdict(&review).status());
            }
            Err(error) => {
                context.output.message(format!("{name}: {error}\n"));
                worst = worst.max(KeyFileVerdict::Unreadable.status());
            }
        }
    }
    worst
}

/// The result for a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFileVerdict {
    /// A daemon accepts every row, possibly with warnings.
    Usable,
    /// A daemon refuses a row or the whole file.
    Faulty,
    /// The file could not be read.
    Unreadable,
}

impl KeyFileVerdict {
    /// The exit status.
    pub fn status(self) -> u8 {
        match self {
            Self::Usable => 0,
            Self::Faulty => 1,
            Self::Unreadable => 2,
        }
    }
}

fn verdict(review: &KeyFileReview) -> KeyFileVerdict {
    match review.worst() {
        Some(Severity::FileRefused | Severity::RowIgnored) => KeyFileVerdict::Faulty,
        Some(Severity::Warning) | None => KeyFileVerdict::Usable,
    }
}

/// Reads a file and its permissions.
fn examine(path: &Path) -> anyhow::Result<(KeyFileReview, Vec<&'static str>)> {
    if path == Path::new("-") {
        return Ok((read(io::stdin().lock())?, Vec::new()));
    }
    let file = File::open(path).map_err(SystemError::from)?;
    let mode = file.metadata().map_err(SystemError::from)?.permissions().mode();
    Ok((read(file)?, about_mode(mode)))
}

fn read(source: impl Read) -> anyhow::Result<KeyFileReview> {
    KeyFileReview::read(source).map_err(|error| match error {
        crate::auth::KeyFileError::Unreadable(error) => SystemError::from(error).into(),
        crate::auth::KeyFileError::TooLarge => error.into(),
    })
}

/// The finding about a key file's permissions, if any.
fn about_mode(mode: u32) -> Vec<&'static str> {
    let about = [
        (0o004, "readable by everybody: its keys are not secret (chmod o-rwx)"),
        (0o022, "writable by others, who can replace the keys (chmod go-w)"),
    ];
    about.into_iter().filter(|(bits, _)| mode & bits != 0).map(|(_, text)| text).collect()
}

fn as_text(name: &str, review: &KeyFileReview, permissions: &[&str]) -> String {
    let mut text = String::new();
    for about in permissions {
        text += &format!("{name}: warning: {about}\n");
    }
    for finding in &review.findings {
        let line = finding.line.map_or(String::new(), |line| format!("{line}:"));
        let key = finding.id.map_or(String::new(), |id| format!("key {id}: "));
        text += &format!("{name}:{line} {}: {key}{}\n", word(finding), finding.kind);
    }
    let (classic, ntpsec) = (review.classic_keys, review.ntpsec_keys);
    text + &match review.worst() {
        Some(Severity::FileRefused) => {
            format!("{name}: classic ntpd rejects the whole file; NTPsec's ntpd accepts {ntpsec} keys\n")
        }
        Some(Severity::RowIgnored) if classic == ntpsec => {
            format!("{name}: daemons accept {classic} keys and skip the other lines\n")
        }
        Some(Severity::RowIgnored) => {
            format!(
                "{name}: classic ntpd accepts {classic} keys, NTPsec's ntpd {ntpsec}; they skip the other lines\n"
            )
        }
        Some(Severity::Warning) | None => format!("{name}: daemons accept all {classic} keys\n"),
    }
}

fn as_json(name: &str, review: &KeyFileReview, permissions: &[&str]) -> String {
    let about_file = permissions
        .iter()
        .map(|text| json!({ "line": null, "key": null, "severity": "warning", "code": "permissions", "text": text }));
    let about_lines = review.findings.iter().map(|finding| {
        json!({
            "line": finding.line,
            "key": finding.id,
            "severity": word(finding),
            "code": finding.kind.code(),
            "text": finding.kind.to_string(),
        })
    });
    let findings: Vec<Value> = about_file.chain(about_lines).collect();
    let whole = json!({
        "schema": "ntpkit.key-check.v1",
        "file": name,
        "keys": review.ntpsec_keys,
        "classic_ntpd_keys": review.classic_keys,
        "ntpsec_ntpd_keys": review.ntpsec_keys,
        "classic_ntpd_takes_file": !review.is_refused(),
        "findings": findings,
    });
    object_line(&whole)
}

/// The prefix of a finding.
fn word(finding: &Finding) -> &'static str {
    match finding.kind.severity() {
        Severity::Warning => "warning",
        Severity::RowIgnored | Severity::FileRefused => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_told_with_their_lines() {
        let review = KeyFileReview::of(b"1 SHA1 short\n2 FOO x\n");
        assert_eq!(
            as_text("k", &review, &about_mode(0o100_666)),
            "k: warning: readable by everybody: its keys are not secret (chmod o-rwx)\n\
             k: warning: writable by others, who can replace the keys (chmod go-w)\n\
             k:1: warning: key 1: a short secret: 5 octets; 16 or more are advised\n\
             k:2: error: key 2: unknown key type\n\
             k: daemons accept 1 keys and skip the other lines\n"
        );
        let json: Value = serde_json::from_str(&as_json("k", &review, &[])).unwrap();
        assert_eq!(json["classic_ntpd_takes_file"], true);
        assert_eq!(json["findings"][1]["line"], 2);
        assert_eq!(json["findings"][1]["severity"], "error");
    }

    #[test]
    fn only_loose_permissions_are_mentioned() {
        for mode in [0o600, 0o640, 0o400, 0o440] {
            assert_eq!(about_mode(mode), Vec::<&str>::new());
        }
        assert_eq!(about_mode(0o644).len(), 1);
        assert_eq!(about_mode(0o620).len(), 1);
    }
}
