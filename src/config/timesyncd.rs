//! timesyncd.conf and its drop-ins.

use super::finding::{Edit, Finding, Place};
use super::near::nearest;
use super::rules::{BAD_VALUE, NOT_READ, POLL_RANGE, SMEAR_MIX, UNKNOWN_WORD};
use super::sources::smears;
use super::surroundings::Surroundings;
use super::{MAX_FINDINGS, MAX_STATEMENTS};

/// The settings in the section `[Time]`.
const SETTINGS: &[&str] = &[
    "NTP",
    "FallbackNTP",
    "RootDistanceMaxSec",
    "PollIntervalMinSec",
    "PollIntervalMaxSec",
    "ConnectionRetrySec",
    "SaveIntervalSec",
];

/// The shortest interval that timesyncd accepts, in seconds.
const SHORTEST: f64 = 16.0;
/// The units of time spans, in seconds.
const UNITS: &[(&str, f64)] = &[
    ("", 1.0),
    ("s", 1.0),
    ("sec", 1.0),
    ("second", 1.0),
    ("seconds", 1.0),
    ("ms", 1e-3),
    ("msec", 1e-3),
    ("us", 1e-6),
    ("usec", 1e-6),
    ("m", 60.0),
    ("min", 60.0),
    ("minute", 60.0),
    ("minutes", 60.0),
    ("h", 3600.0),
    ("hr", 3600.0),
    ("hour", 3600.0),
    ("hours", 3600.0),
    ("d", 86400.0),
    ("day", 86400.0),
    ("days", 86400.0),
    ("w", 604_800.0),
    ("week", 604_800.0),
    ("weeks", 604_800.0),
];

/// A setting in the section `[Time]`.
struct Setting {
    place: Place,
    name: String,
    value: String,
}

/// Checks a configuration; drop-ins are in the directory of that name plus `.d`.
pub fn check(file: &str, text: &[u8], surroundings: &dyn Surroundings) -> Vec<Finding> {
    let (mut findings, mut settings) = (Vec::new(), Vec::new());
    read(file, text, &mut settings, &mut findings);
    for drop_in in surroundings.list(&format!("{file}.d"), ".conf").unwrap_or_default() {
        if let Ok(text) = surroundings.read(&drop_in) {
            read(&drop_in, &text, &mut settings, &mut findings);
        }
    }
    let mut intervals = [32.0, 2048.0];
    for setting in &settings {
        let at = match setting.name.as_str() {
            "PollIntervalMinSec" => Some(0),
            "PollIntervalMaxSec" => Some(1),
            "NTP" | "FallbackNTP" => {
                servers(setting, &mut findings);
                continue;
            }
            _ => None,
        };
        let value = seconds(&setting.value);
        if value.is_none() && !setting.value.is_empty() {
            let what = format!("`{}` of {} is not a time span", setting.value, setting.name);
            findings.push(Finding::new(&BAD_VALUE, setting.place.clone(), what));
        }
        if let (Some(at), Some(value)) = (at, value) {
            if let Some(interval) = intervals.get_mut(at) {
                *interval = value;
            }
            let [low, high] = intervals;
            if value < SHORTEST || low > high {
                let what = format!(
                    "{} of {value} s: must be at least 16 s, and the minimum not above the maximum",
                    setting.name
                );
                findings.push(Finding::new(&POLL_RANGE, setting.place.clone(), what));
            }
        }
    }
    findings
}

fn read(file: &str, text: &[u8], settings: &mut Vec<Setting>, findings: &mut Vec<Finding>) {
    let text = String::from_utf8_lossy(text);
    let mut section = "";
    for (at, line) in text.lines().enumerate() {
        if findings.len() > MAX_FINDINGS || settings.len() > MAX_STATEMENTS {
            break;
        }
        let start = line.len() - line.trim_start().len();
        let place = Place { file: file.to_owned(), line: at + 1, column: start + 1 };
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            if section != "Time" && !section.starts_with("X-") {
                findings.push(Finding::new(&NOT_READ, place, format!("unknown section [{section}]")));
            }
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            findings.push(Finding::new(
                &BAD_VALUE,
                place,
                format!("`{line}` is not a setting: `=` is missing"),
            ));
            continue;
        };
        let name = name.trim_end();
        if section != "Time" {
            if section.is_empty() {
                findings.push(Finding::new(&NOT_READ, place, format!("`{name}` is before [Time]")));
            }
        } else if SETTINGS.contains(&name) {
            settings.push(Setting { place, name: name.to_owned(), value: value.trim().to_owned() });
        } else {
            let finding = Finding::new(&UNKNOWN_WORD, place.clone(), format!("unknown setting `{name}`"));
            findings.push(match nearest(name, SETTINGS.iter().copied()) {
                Some(meant) => {
                    let text = meant.to_owned();
                    let edit = Edit::Replace { line: place.line, start, end: start + name.len(), text };
                    finding.better(format!("did you mean `{meant}`?")).edit(edit)
                }
                None => finding,
            });
        }
    }
}

fn servers(setting: &Setting, findings: &mut Vec<Finding>) {
    let names: Vec<&str> = setting.value.split_ascii_whitespace().collect();
    if let Some(name) = names.iter().find(|name| name.contains([',', ';'])) {
        let what = format!("`{name}`: names must be separated by spaces");
        findings.push(
            Finding::new(&BAD_VALUE, setting.place.clone(), what).better("put spaces between the servers"),
        );
    }
    let (smearing, others): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| smears(name));
    if let (Some(one), Some(other)) = (smearing.first(), others.first()) {
        let what = format!("{one} smears leap seconds, {other} does not");
        findings.push(Finding::new(&SMEAR_MIX, setting.place.clone(), what));
    }
}

/// A time span such as `1min 30s`, in seconds.
fn seconds(text: &str) -> Option<f64> {
    if text == "infinity" {
        return Some(f64::INFINITY);
    }
    let (mut sum, mut rest) = (0.0, text.trim());
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let length =
            rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(length);
        let after = after.trim_start();
        let length = after.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, further) = after.split_at(length);
        let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| factor)?;
        sum += number.parse::<f64>().ok()? * factor;
        rest = further.trim_start();
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::super::surroundings::Elsewhere;
    use super::*;

    fn rules(text: &str) -> Vec<&'static str> {
        check("timesyncd.conf", text.as_bytes(), &Elsewhere).iter().map(|finding| finding.rule.id).collect()
    }

    #[test]
    fn each_rule_finds_its_fault() {
        for (text, expected) in [
            (
                "[Time]\n#NTP=\nNTP=a.example b.example\nPollIntervalMinSec=32\nPollIntervalMaxSec=34min 8s\n",
                vec![],
            ),
            ("[Time]\nNTPs=a.example\n", vec!["unknown-word"]),
            ("[Time]\nNTP=a.example,b.example\n", vec!["bad-value"]),
            ("[Time]\nNTP=time.google.com b.example\n", vec!["smear-mix"]),
            ("NTP=a.example\n", vec!["not-read"]),
            ("[Tme]\nNTP=a.example\n", vec!["not-read"]),
            ("[Time]\nPollIntervalMinSec=3\n", vec!["poll-range"]),
            ("[Time]\nPollIntervalMinSec=1h\nPollIntervalMaxSec=60\n", vec!["poll-range", "poll-range"]),
            ("[Time]\nRootDistanceMaxSec=five\n", vec!["bad-value"]),
            ("[Time]\nNTP a.example\n", vec!["bad-value"]),
        ] {
            assert_eq!(rules(text), expected, "{text}");
        }
    }

    #[test]
    fn time_spans_are_parsed() {
        assert_eq!(seconds("1min 30s"), Some(90.0));
        assert_eq!(seconds("2h"), Some(7200.0));
        assert_eq!((seconds("x"), seconds(""), seconds("1 2x")), (None, None, None));
    }
}
