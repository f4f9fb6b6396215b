//! timesyncd.conf and its drop-ins.

use super::finding::{Edit, Finding, Place};
use super::near::nearest;
use super::rules::{BAD_SERVER, BAD_VALUE, CUT_SHORT, NOT_READ, POLL_RANGE, SMEAR_MIX, UNKNOWN_WORD};
use super::sources::smears;
use super::surroundings::Surroundings;
use super::{MAX_FINDINGS, MAX_STATEMENTS};

/// The settings in the section `[Time]`.
const SETTINGS: &[&str] = &[
    "NTP",
    "Servers", // its old name
    "FallbackNTP",
    "RootDistanceMaxSec",
    "PollIntervalMinSec",
    "PollIntervalMaxSec",
    "ConnectionRetrySec",
    "SaveIntervalSec",
];

/// The shortest interval that timesyncd accepts, in seconds.
const SHORTEST: f64 = 16.0;
/// A month and a year as systemd counts them, in seconds.
const MONTH: f64 = 30.4375 * 86400.0;
const YEAR: f64 = 365.25 * 86400.0;
/// The units of time spans, in seconds.
const UNITS: &[(f64, &[&str])] = &[
    (1.0, &["", "s", "sec", "second", "seconds"]),
    (1e-6, &["us", "usec", "µs", "μs"]),
    (1e-3, &["ms", "msec"]),
    (60.0, &["m", "min", "minute", "minutes"]),
    (3600.0, &["h", "hr", "hour", "hours"]),
    (86400.0, &["d", "day", "days"]),
    (604_800.0, &["w", "week", "weeks"]),
    (MONTH, &["M", "month", "months"]),
    (YEAR, &["y", "year", "years"]),
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
            "NTP" | "Servers" | "FallbackNTP" => {
                servers(setting, &mut findings);
                continue;
            }
            _ => None,
        };
        let value = seconds(&setting.value);
        if value.is_none() {
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

/// Reads a file as systemd does: a backslash at the end continues a line, whatever comments come between. A broken header
/// ends the file.
fn read(file: &str, text: &[u8], settings: &mut Vec<Setting>, findings: &mut Vec<Finding>) {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut section = String::new();
    let mut begun: Option<(Place, String)> = None;
    for (at, line) in text.split(|octet| *octet == b'\n').enumerate() {
        if findings.len() > MAX_FINDINGS || settings.len() > MAX_STATEMENTS {
            break;
        }
        let blank = line.len() - line.trim_ascii_start().len();
        let place = Place { file: file.to_owned(), line: at + 1, column: blank + 1 };
        let Ok(line) = std::str::from_utf8(line) else {
            findings.push(Finding::new(&CUT_SHORT, place, "not UTF-8"));
            return;
        };
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let (place, mut whole) = begun.take().unwrap_or((place, String::new()));
        if let Some(part) = line.strip_suffix('\\') {
            whole += part;
            whole.push(' ');
            begun = Some((place, whole));
            continue;
        }
        whole += line;
        match statement(place, whole.trim(), &mut section, settings) {
            Ok(()) => {}
            Err(finding) => {
                let is_last = finding.rule == &CUT_SHORT;
                findings.push(*finding);
                if is_last {
                    return;
                }
            }
        }
    }
    if let Some((place, whole)) = begun
        && let Err(finding) = statement(place, whole.trim(), &mut section, settings)
    {
        findings.push(*finding);
    }
}

/// Parses a whole statement.
fn statement(
    place: Place,
    line: &str,
    section: &mut String,
    settings: &mut Vec<Setting>,
) -> Result<(), Box<Finding>> {
    let fault = |rule, place, what: String| Err(Box::new(Finding::new(rule, place, what)));
    if line.is_empty() {
        return Ok(());
    }
    if let Some(rest) = line.strip_prefix('[') {
        let Some(name) = rest.strip_suffix(']') else {
            return fault(&CUT_SHORT, place, format!("`{line}` is not a section header"));
        };
        name.clone_into(section);
        if section != "Time" && !section.starts_with("X-") {
            return fault(&NOT_READ, place, format!("unknown section [{section}]"));
        }
        return Ok(());
    }
    let Some((name, value)) = line.split_once('=') else {
        return fault(&BAD_VALUE, place, format!("`{line}` is not a setting: `=` is missing"));
    };
    let name = name.trim_end();
    if section.is_empty() {
        return fault(&NOT_READ, place, format!("`{name}` is before [Time]"));
    }
    if section != "Time" {
        return Ok(());
    }
    if name.is_empty() {
        return fault(&BAD_VALUE, place, "the name before `=` is missing".to_owned());
    }
    if SETTINGS.contains(&name) {
        settings.push(Setting { place, name: name.to_owned(), value: value.trim().to_owned() });
        return Ok(());
    }
    let finding = Finding::new(&UNKNOWN_WORD, place, format!("unknown setting `{name}`"));
    Err(Box::new(match nearest(name, SETTINGS.iter().copied()) {
        Some(meant) => {
            let (line, start) = (finding.place.line, finding.place.column - 1);
            let edit = Edit::Replace { line, start, end: start + name.len(), text: meant.to_owned() };
            finding.better(format!("did you mean `{meant}`?")).edit(edit)
        }
        None => finding,
    }))
}

fn servers(setting: &Setting, findings: &mut Vec<Finding>) {
    let names: Vec<&str> = setting.value.split_ascii_whitespace().collect();
    let is_none = |name: &&&str| name.contains([',', ';', '#', '\\', '"', '=']);
    if let Some(name) = names.iter().find(is_none) {
        let what = format!("`{name}` is not the name of a server");
        findings.push(Finding::new(&BAD_SERVER, setting.place.clone(), what));
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
        let length = after.find(|letter: char| !letter.is_alphabetic()).unwrap_or(after.len());
        let (unit, further) = after.split_at(length);
        let (factor, _) = UNITS.iter().find(|(_, names)| names.contains(&unit))?;
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
        check("timesyncd.conf", text.as_bytes(), &Elsewhere).iter().map(|finding| finding.rule.id()).collect()
    }

    #[test]
    fn each_rule_finds_its_fault() {
        for (text, expected) in [
            (
                "[Time]\n#NTP=\nNTP=a.example b.example\nPollIntervalMinSec=32\nPollIntervalMaxSec=34min 8s\n",
                vec![],
            ),
            ("[Time]\nNTPs=a.example\n", vec!["unknown-word"]),
            ("[Time]\nNTP=a.example,b.example\n", vec!["bad-server"]),
            ("[Time]\nNTP=a.example # mine\n", vec!["bad-server"]),
            ("[Time]\nNTP=a.example \\\n# mine\n b.example\nPollIntervalMinSec=\n", vec!["bad-value"]),
            ("\u{feff}[Time]\nNTP=a\\\n", vec![]),
            ("[Time]\n=a\n", vec!["bad-value"]),
            ("[Time\nNTPs=a\n", vec!["cut-short"]),
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
    fn text_that_is_not_utf8_ends_the_file() {
        let found = check("timesyncd.conf", b"[Time]\nNTPs=a\nNTP=\xff\nNTPs=a\n", &Elsewhere);
        let lines: Vec<_> = found.iter().map(|finding| (finding.rule.id(), finding.place.line)).collect();
        assert_eq!(lines, [("unknown-word", 2), ("cut-short", 3)]);
    }

    #[test]
    fn time_spans_are_parsed() {
        assert_eq!(seconds("1min 30s"), Some(90.0));
        assert_eq!(seconds("2h"), Some(7200.0));
        assert_eq!(seconds("1M 2µs"), Some(MONTH + 2e-6));
        assert_eq!((seconds("x"), seconds(""), seconds("1 2x")), (None, None, None));
    }
}
