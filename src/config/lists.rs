//! step-tickers, and the settings of ntpdate's start scripts: `/etc/default/ntpdate` and `/etc/sysconfig/ntpdate`.

use super::finding::{Edit, Finding, Place};
use super::near::nearest;
use super::rules::{BAD_VALUE, STEP_FEW, UNUSED_DEFAULT};
use super::sources::{Kind, Source, review};
use super::{MAX_FINDINGS, MAX_STATEMENTS};

/// The settings of Debian's and Red Hat's scripts.
const SETTINGS: &[&str] =
    &["NTPDATE_USE_NTP_CONF", "NTPSERVERS", "NTPOPTIONS", "OPTIONS", "RETRIES", "SYNC_HWCLOCK"];

/// Checks a file of servers, one per line.
pub fn step_tickers(file: &str, text: &[u8]) -> Vec<Finding> {
    let mut sources = Vec::new();
    let mut findings = Vec::new();
    let text = String::from_utf8_lossy(text);
    for (at, line) in text.lines().enumerate().take(MAX_STATEMENTS) {
        let content = line.split('#').next().unwrap_or_default();
        let start = content.len() - content.trim_start().len();
        let mut words = content.split_ascii_whitespace();
        let Some(name) = words.next() else { continue };
        let place = Place { file: file.to_owned(), line: at + 1, column: start + 1 };
        if name == "server" || name == "pool" || name.contains([',', ';', '=']) {
            let what = format!("`{name}` is not a server: each line must be a server name");
            findings.push(Finding::new(&BAD_VALUE, place, what));
            continue;
        }
        sources.push(source(place, name));
    }
    // An empty file leaves the choice to the script.
    if !sources.is_empty() {
        findings.extend(review(file, &sources, &STEP_FEW));
    }
    findings.truncate(MAX_FINDINGS);
    findings
}

fn source(place: Place, name: &str) -> Source {
    let kind = if name.contains("pool.ntp.org") { Kind::Pool { count: 4 } } else { Kind::Server };
    Source { place, name: name.to_owned(), kind, is_selectable: true }
}

/// Checks a file of shell assignments.
pub fn defaults(file: &str, text: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let text = String::from_utf8_lossy(text);
    let (mut servers, mut uses_conf) = (None, false);
    for (at, line) in text.lines().enumerate().take(MAX_STATEMENTS) {
        let start = line.len() - line.trim_start().len();
        let place = Place { file: file.to_owned(), line: at + 1, column: start + 1 };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            findings.push(Finding::new(&BAD_VALUE, place, format!("`{line}` is not an assignment")));
            continue;
        };
        if name.ends_with(char::is_whitespace) || value.starts_with(char::is_whitespace) {
            let what = "a space next to `=`: the shell takes the line as a command".to_owned();
            let text = format!("{}={}", name.trim_end(), value.trim_start());
            let edit = Edit::Replace { line: at + 1, start, end: start + line.len(), text };
            findings.push(Finding::new(&BAD_VALUE, place, what).better("remove the space").edit(edit));
            continue;
        }
        if value.chars().filter(|letter| *letter == '"').count() % 2 == 1 {
            findings.push(Finding::new(&BAD_VALUE, place, format!("missing closing quote in {name}")));
            continue;
        }
        let value = value.trim_matches(['"', '\'']);
        match name {
            "NTPSERVERS" => servers = Some((place, value.to_owned())),
            "NTPDATE_USE_NTP_CONF" => uses_conf = value == "yes",
            name if SETTINGS.contains(&name) => {}
            name => {
                let finding =
                    Finding::new(&UNUSED_DEFAULT, place, format!("`{name}` is not read by any script"));
                findings.push(match nearest(name, SETTINGS.iter().copied()) {
                    Some(meant) => {
                        let text = meant.to_owned();
                        let edit = Edit::Replace { line: at + 1, start, end: start + name.len(), text };
                        finding.better(format!("did you mean `{meant}`?")).edit(edit)
                    }
                    None => finding,
                });
            }
        }
    }
    if let Some((place, servers)) = servers.filter(|_| !uses_conf) {
        let sources: Vec<Source> =
            servers.split_ascii_whitespace().map(|name| source(place.clone(), name)).collect();
        if !sources.is_empty() {
            findings.extend(review(file, &sources, &STEP_FEW));
        }
    }
    findings.truncate(MAX_FINDINGS);
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(findings: &[Finding]) -> Vec<&'static str> {
        findings.iter().map(|finding| finding.rule.id()).collect()
    }

    #[test]
    fn step_tickers_are_names() {
        for (text, expected) in [
            ("# List of servers\n\n0.fedora.pool.ntp.org\n", vec![]),
            ("", vec![]),
            ("a.example # one\n", vec!["step-few"]),
            ("server a.example\n", vec!["bad-value"]),
        ] {
            assert_eq!(rules(&step_tickers("step-tickers", text.as_bytes())), expected, "{text}");
        }
    }

    #[test]
    fn defaults_are_assignments() {
        let debian = "# comment\nNTPDATE_USE_NTP_CONF=yes\nNTPSERVERS=\"a.example\"\nNTPOPTIONS=\"\"\n";
        let red_hat = "OPTIONS=\"-p 2\"\nRETRIES=2\nSYNC_HWCLOCK=no\n";
        for (text, expected) in [
            (debian, vec![]),
            (red_hat, vec![]),
            ("NTPSERVERS=\"a.example\"\n", vec!["step-few"]),
            ("NTPSERVER=\"a.example\"\n", vec!["unused-default"]),
            ("NTPSERVERS = \"a.example\"\n", vec!["bad-value"]),
            ("NTPSERVERS=\"a.example\n", vec!["bad-value"]),
            ("ntpdate\n", vec!["bad-value"]),
        ] {
            assert_eq!(rules(&defaults("ntpdate", text.as_bytes())), expected, "{text}");
        }
    }
}
