//! Configuration files of time daemons: parsers and rules. Pure: the caller supplies the texts and, through
//! [`Surroundings`], the facts about the files they refer to.

pub mod chrony;
pub mod finding;
pub mod language;
pub mod lists;
pub mod near;
pub mod ntp_conf;
pub mod ntp_toml;
pub mod rules;
pub mod sources;
pub mod surroundings;
pub mod timesyncd;

pub use finding::{Edit, Finding, Place, apply_edits};
pub use language::Language;
pub use rules::{RULES, Rule, Severity};
pub use surroundings::{Elsewhere, Surroundings, Unreadable};

/// The largest configuration file read, in bytes.
pub const LARGEST_FILE: usize = 1 << 20;

/// The most files per configuration.
pub const MAX_FILES: usize = 100;

/// The most statements checked per configuration; some rules compare each statement with all others.
pub const MAX_STATEMENTS: usize = 5000;

/// The most findings per configuration, so that a hostile file cannot fill a log.
pub const MAX_FINDINGS: usize = 1000;

/// Checks a configuration: this file and the files it includes.
pub fn check(language: Language, file: &str, text: &[u8], surroundings: &dyn Surroundings) -> Vec<Finding> {
    let mut findings = match language {
        Language::Ntpd => ntp_conf::check(ntp_conf::Daemon::Classic, file, text, surroundings),
        Language::Ntpsec => ntp_conf::check(ntp_conf::Daemon::Ntpsec, file, text, surroundings),
        Language::Chrony => chrony::check(file, text, surroundings),
        Language::Timesyncd => timesyncd::check(file, text, surroundings),
        Language::NtpdRs => ntp_toml::check(file, text, surroundings),
        Language::StepTickers => lists::step_tickers(file, text),
        Language::Ntpdate => lists::defaults(file, text),
    };
    crate::compact::sort_by(&mut findings, |one, other| {
        let is_included = |finding: &Finding| finding.place.file != file;
        is_included(one).cmp(&is_included(other)).then_with(|| one.place.cmp(&other.place))
    });
    findings.truncate(MAX_FINDINGS);
    findings
}
