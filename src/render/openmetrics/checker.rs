//! A strict parser of the subset of `OpenMetrics` text that ntpkit writes.

use std::collections::BTreeSet;

/// One sample: the family, the sample's whole name, its labels, its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub family: String,
    pub name: String,
    pub labels: Vec<(String, String)>,
    pub value: f64,
}

impl Sample {
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str())
    }
}

/// Returns all samples; panics if the text violates a rule, including those on the labels of daemons and their peers.
pub fn check(text: &str) -> Vec<Sample> {
    let samples = check_form(text);
    for sample in &samples {
        check_order(sample);
    }
    samples
}

/// Returns all samples; panics if the text violates a rule of the format.
pub fn check_form(text: &str) -> Vec<Sample> {
    let body = text.strip_suffix("# EOF\n").expect("the end");
    // Within the value of a label it is a text like any other.
    assert!(!body.lines().any(|line| line == "# EOF"), "one end alone");
    let (mut seen, mut known) = (BTreeSet::new(), BTreeSet::new());
    let mut samples: Vec<Sample> = Vec::new();
    let mut family: Option<Family> = None;
    for line in body.split_terminator('\n') {
        assert!(!line.is_empty() && line.chars().all(is_seen), "{line:?}");
        if let Some(metadata) = line.strip_prefix("# ") {
            let mut words = metadata.splitn(3, ' ');
            let (keyword, name, rest) =
                (words.next().unwrap(), words.next().expect(line), words.next().expect(line));
            if keyword == "TYPE" {
                assert!(family.is_none_or(|family| family.samples > 0), "no empty family before {line}");
                assert!(is_name(name) && seen.insert(name.to_owned()), "each family once: {line}");
                assert!(["gauge", "counter", "info", "stateset"].contains(&rest), "{line}");
                family = Some(Family { name: name.into(), kind: rest.into(), ..Family::default() });
                continue;
            }
            let family = family.as_mut().expect("TYPE comes first");
            assert!(family.name == name && family.samples == 0, "{line}");
            match keyword {
                "UNIT" => {
                    assert!(!family.unit && name.ends_with(&format!("_{rest}")), "{line}");
                    assert!(["gauge", "counter"].contains(&family.kind.as_str()), "{line}");
                    family.unit = true;
                }
                "HELP" => assert!(!std::mem::replace(&mut family.help, true) && !rest.is_empty(), "{line}"),
                _ => panic!("{line}"),
            }
            continue;
        }
        let family = family.as_mut().expect("samples have a family");
        let sample = sample(line, family);
        assert_eq!(family.unit, has_unit(&family.name), "{line}");
        assert!(known.insert((sample.name.clone(), sample.labels.clone())), "twice: {line}");
        family.samples += 1;
        samples.push(sample);
    }
    assert!(family.is_none_or(|family| family.samples > 0));
    samples
}

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    unit: bool,
    help: bool,
    samples: usize,
}

fn has_unit(name: &str) -> bool {
    ["_seconds", "_ratio", "_bytes"].iter().any(|unit| name.ends_with(unit))
}

fn sample(line: &str, family: &Family) -> Sample {
    let (name, rest) = match line.split_once('{') {
        Some((name, rest)) => (name, rest),
        None => line.split_at(line.find(' ').expect(line)),
    };
    let ending = match family.kind.as_str() {
        "counter" => "_total",
        "info" => "_info",
        _ => "",
    };
    assert_eq!(name, format!("{}{ending}", family.name));
    let (labels, rest) = if line.contains('{') { labels(rest) } else { (Vec::new(), rest) };
    let value: f64 = rest.strip_prefix(' ').expect(line).parse().expect(line);
    assert!(value.is_finite(), "{line}");
    let mut names: Vec<_> = labels.iter().map(|(name, _)| name.as_str()).collect();
    match family.kind.as_str() {
        "stateset" => {
            assert!(
                names.contains(&family.name.as_str()) && ["0", "1"].contains(&value.to_string().as_str()),
                "{line}"
            );
        }
        "info" => assert!((value - 1.0).abs() < f64::EPSILON, "{line}"),
        "counter" => assert!(value >= 0.0, "{line}"),
        _ => {}
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), labels.len(), "labels once: {line}");
    Sample { family: family.name.clone(), name: name.to_owned(), labels, value }
}

/// The daemon comes first, then the peer, then its association.
fn check_order(sample: &Sample) {
    if sample.name.starts_with("ntpkit_fleet_") && !sample.name.starts_with("ntpkit_fleet_host_") {
        // It is about all hosts.
        return;
    }
    let names: Vec<_> = sample.labels.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.first(), Some(&"host"), "{sample:?}");
    let known = ["host", "peer", "association"];
    let order: Vec<_> = names.iter().filter(|name| known.contains(name)).copied().collect();
    assert!(known.iter().filter(|name| order.contains(name)).eq(order.iter()), "order: {sample:?}");
}

/// Whether a character is safe for a terminal: no control character, no bidirectional control, no line terminator.
fn is_seen(letter: char) -> bool {
    let hidden = ['\u{ad}', '\u{61c}', '\u{feff}'].contains(&letter)
        || ('\u{200b}'..='\u{200f}').contains(&letter)
        || ('\u{2028}'..='\u{202e}').contains(&letter)
        || ('\u{2060}'..='\u{206f}').contains(&letter)
        || ('\u{fe00}'..='\u{fe0f}').contains(&letter)
        || ('\u{e0000}'..='\u{e0fff}').contains(&letter);
    !letter.is_control() && !hidden
}

/// Parses the labels up to the closing brace; also returns the rest.
fn labels(mut text: &str) -> (Vec<(String, String)>, &str) {
    let mut labels = Vec::new();
    loop {
        let (name, rest) = text.split_once("=\"").expect(text);
        assert!(is_name(name), "{text}");
        let mut value = String::new();
        let mut letters = rest.chars();
        loop {
            match letters.next().expect("a closing quote") {
                '"' => break,
                '\\' => value.push(match letters.next().expect("an escaped letter") {
                    'n' => '\n',
                    letter @ ('\\' | '"') => letter,
                    other => panic!("\\{other} in {text}"),
                }),
                letter => value.push(letter),
            }
        }
        labels.push((name.to_owned(), value));
        text = letters.as_str();
        match text.split_at_checked(1).expect("more") {
            (",", rest) => text = rest,
            ("}", rest) => return (labels, rest),
            _ => panic!("{text}"),
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|octet| matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}
