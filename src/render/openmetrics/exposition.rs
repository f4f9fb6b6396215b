//! Families, labels and samples as text: the only writer of the `OpenMetrics` text format, and of the older Prometheus format.

use crate::text::visible;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A family of metrics: a kind, and as one text the name, a colon and what it means. A table of them is several hundred texts,
/// and the address of each is a cost of every start.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    kind: Kind,
    text: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gauge,
    Counter,
    Info,
    StateSet,
}

/// The units of gauges: their names end in them.
const UNITS: [&str; 4] = ["seconds", "ratio", "bytes", "bits"];

/// A value that goes up and down; its name ends in the unit, if it has one.
pub const fn gauge(text: &'static str) -> Family {
    Family { kind: Kind::Gauge, text }
}

/// A count that only increases while the daemon runs; its samples get the suffix `_total`.
pub const fn counter(text: &'static str) -> Family {
    Family { kind: Kind::Counter, text }
}

/// Labels whose value is always 1; its samples get the suffix `_info`.
pub const fn info(text: &'static str) -> Family {
    Family { kind: Kind::Info, text }
}

/// One of several states; the label for the state has the name of the family.
pub const fn state_set(text: &'static str) -> Family {
    Family { kind: Kind::StateSet, text }
}

/// Families of one kind, each for a variable: on each line the variable, a space, and the text of the family.
#[derive(Clone, Copy, Debug)]
pub struct FamiliesByVariable(pub fn(&'static str) -> Family, pub &'static str);

impl FamiliesByVariable {
    /// The variables and their families.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, Family)> {
        let Self(family, lines) = self;
        lines.lines().filter_map(move |line| {
            let (variable, text) = line.split_once(' ')?;
            Some((variable, family(text)))
        })
    }
}

/// A text format for samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// `OpenMetrics` 1.0.
    OpenMetrics,
    /// Version 0.0.4 of the format of Prometheus, which knows neither infos, state sets nor units, and has no end.
    Prometheus,
}

impl TextFormat {
    /// Its media type, as HTTP names it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

impl Family {
    /// The name.
    pub(super) fn name(&self) -> &'static str {
        self.text.split_once(':').map_or(self.text, |(name, _)| name)
    }

    /// What it means.
    pub(super) fn help(&self) -> &'static str {
        self.text.split_once(':').map_or("", |(_, help)| help.trim_ascii_start())
    }

    /// The unit: the end of the name, if that is one.
    fn unit(&self) -> Option<&'static str> {
        let (_, unit) = self.name().rsplit_once('_').filter(|_| self.kind == Kind::Gauge)?;
        UNITS.into_iter().find(|known| *known == unit)
    }

    /// The name of its type, and what the names of its samples end in.
    fn kind(&self, format: TextFormat) -> (&'static str, &'static str) {
        match (self.kind, format) {
            (Kind::Gauge, _) | (Kind::StateSet, TextFormat::Prometheus) => ("gauge", ""),
            (Kind::Counter, _) => ("counter", "_total"),
            (Kind::Info, TextFormat::OpenMetrics) => ("info", "_info"),
            (Kind::Info, TextFormat::Prometheus) => ("gauge", "_info"),
            (Kind::StateSet, TextFormat::OpenMetrics) => ("stateset", ""),
        }
    }
}

/// Labels in order, as text without braces.
#[derive(Clone, Debug, Default)]
pub struct Labels(String);

impl Labels {
    /// Creates a single label.
    pub fn new(name: &str, value: &[u8]) -> Self {
        Self::default().with(name, value)
    }

    /// Adds a label to these.
    #[must_use]
    pub fn with(&self, name: &str, value: &[u8]) -> Self {
        let mut text = self.0.clone();
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(name);
        text.push_str("=\"");
        for letter in visible(value).chars() {
            match letter {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                _ => text.push(letter),
            }
        }
        text.push('"');
        Self(text)
    }

    /// Adds a label to these, if it has a value.
    #[must_use]
    pub fn with_known(&self, name: &str, value: Option<&[u8]>) -> Self {
        match value {
            Some(value) if !value.is_empty() => self.with(name, value),
            _ => self.clone(),
        }
    }
}

/// All families that have samples.
#[derive(Debug, Default)]
pub struct Exposition {
    families: BTreeMap<&'static str, Series>,
}

#[derive(Debug)]
struct Series {
    family: Family,
    samples: Vec<(String, f64)>,
    places: BTreeMap<String, usize>,
}

impl Exposition {
    /// Adds a sample, replacing an earlier one with the same labels. A value that is not finite, or a negative count,
    /// is unknown and has no sample.
    pub fn add(&mut self, family: &Family, labels: &Labels, value: f64) {
        if !value.is_finite() || family.kind == Kind::Counter && value < 0.0 {
            return;
        }
        let series = self.families.entry(family.name()).or_insert_with(|| Series {
            family: *family,
            samples: Vec::new(),
            places: BTreeMap::new(),
        });
        let place = *series.places.entry(labels.0.clone()).or_insert(series.samples.len());
        match series.samples.get_mut(place) {
            Some((_, earlier)) => *earlier = value,
            None => series.samples.push((labels.0.clone(), value)),
        }
    }

    /// Adds a sample without labels.
    pub fn add_alone(&mut self, family: &Family, value: f64) {
        self.add(family, &Labels::default(), value);
    }

    /// Adds a sample, if there is a value.
    pub fn add_known(&mut self, family: &Family, labels: &Labels, value: Option<f64>) {
        if let Some(value) = value {
            self.add(family, labels, value);
        }
    }

    /// Adds a sample for each state: 1 for the current one, 0 for the others.
    pub fn add_state<'a>(
        &mut self,
        family: &Family,
        labels: &Labels,
        states: impl IntoIterator<Item = &'a str>,
        present: &str,
    ) {
        for state in states {
            let labels = labels.with(family.name(), state.as_bytes());
            self.add(family, &labels, f64::from(u8::from(state == present)));
        }
    }

    /// Returns the text, including its end.
    pub fn finish(self) -> String {
        self.into_samples().text(TextFormat::OpenMetrics)
    }

    /// The samples, to which none is added any more.
    pub fn into_samples(self) -> Samples {
        let (mut families, mut places, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let (mut text, mut ends, mut known) = (String::new(), Vec::new(), BTreeMap::new());
        for series in self.families.into_values() {
            families.push((series.family, series.samples.len()));
            for (labels, value) in series.samples {
                let place = *known.entry(labels).or_insert_with_key(|labels| {
                    text.push_str(labels);
                    ends.push(text.len());
                    ends.len() - 1
                });
                places.push(u32::try_from(place).unwrap_or(u32::MAX));
                values.push(value);
            }
        }
        Samples {
            families: families.into(),
            places: places.into(),
            values: values.into(),
            labels: text.into(),
            ends: ends.into(),
        }
    }
}

/// Samples by family, to be written in either format. They take little memory, because an exporter keeps those of thousands
/// of hosts: most samples of a host share their labels with others.
#[derive(Debug, Default)]
pub struct Samples {
    /// Each family, with the number of its samples.
    families: Box<[(Family, usize)]>,
    /// For each sample, which labels it has.
    places: Box<[u32]>,
    /// For each sample, its value.
    values: Box<[f64]>,
    /// Different labels, one after the other.
    labels: Box<str>,
    /// Where in `labels` each ends.
    ends: Box<[usize]>,
}

impl Samples {
    /// About how many octets of memory they take.
    pub fn size(&self) -> usize {
        size_of_val(&*self.families)
            + size_of_val(&*self.places)
            + size_of_val(&*self.values)
            + self.labels.len()
            + size_of_val(&*self.ends)
    }

    /// The labels at this place.
    fn labels(&self, place: u32) -> &str {
        let place = place as usize;
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(place).copied().unwrap_or(start);
        self.labels.get(start..end).unwrap_or_default()
    }

    /// The text in this format.
    pub fn text(&self, format: TextFormat) -> String {
        let mut text = String::new();
        let mut samples = self.places.iter().zip(&self.values);
        for (family, count) in &self.families {
            let (kind, suffix) = family.kind(format);
            let name = family.name();
            // Only OpenMetrics has the family's name without the suffix of its samples.
            let family_suffix = match format {
                TextFormat::OpenMetrics => "",
                TextFormat::Prometheus => suffix,
            };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# TYPE {name}{family_suffix} {kind}");
            if let Some(unit) = family.unit().filter(|_| format == TextFormat::OpenMetrics) {
                let _ = writeln!(text, "# UNIT {name} {unit}");
            }
            let _ = writeln!(text, "# HELP {name}{family_suffix} {}", family.help());
            for (place, value) in samples.by_ref().take(*count) {
                let labels = self.labels(*place);
                let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
                let _ = writeln!(text, "{name}{suffix}{labels} {}", number(*value));
            }
        }
        if format == TextFormat::OpenMetrics {
            text.push_str("# EOF\n");
        }
        text
    }
}

/// Converts `OpenMetrics` text to [`TextFormat::Prometheus`]; other text is unchanged.
pub fn in_prometheus_format(text: &str) -> String {
    if !text.ends_with("# EOF\n") {
        return text.to_owned();
    }
    let mut suffix = "";
    let mut converted = String::with_capacity(text.len());
    for line in text.lines() {
        let metadata = |keyword| line.strip_prefix(keyword).and_then(|rest: &str| rest.split_once(' '));
        if let Some((name, kind)) = metadata("# TYPE ") {
            let kind = match kind {
                "counter" => {
                    suffix = "_total";
                    kind
                }
                "info" => {
                    suffix = "_info";
                    "gauge"
                }
                _ => {
                    suffix = "";
                    if kind == "stateset" { "gauge" } else { kind }
                }
            };
            let _ = writeln!(converted, "# TYPE {name}{suffix} {kind}");
        } else if let Some((name, help)) = metadata("# HELP ") {
            let _ = writeln!(converted, "# HELP {name}{suffix} {help}");
        } else if metadata("# UNIT ").is_none() && line != "# EOF" {
            converted.push_str(line);
            converted.push('\n');
        }
    }
    converted
}

/// Appends samples to `OpenMetrics` text, which may be empty; other text is unchanged.
pub fn with_samples(text: &str, further: &Samples) -> String {
    let before_end = if text.is_empty() { Some("") } else { text.strip_suffix("# EOF\n") };
    match before_end {
        Some(before) => before.to_owned() + &further.text(TextFormat::OpenMetrics),
        None => text.to_owned(),
    }
}

/// Formats a finite number in decimal digits, small ones to 12 places, which hides rounding errors of the division by
/// 1000.
fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.abs() >= 1e6 {
        return value.to_string();
    }
    let text = format!("{value:.12}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if matches!(text, "0" | "-0") { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-0.018 / 1000.0, "-0.000018"),
            (0.1 + 0.2, "0.3"),
            (1e-15, "0"),
            (100.0, "100"),
            (1_795_227_385.25, "1795227385.25"),
            (1e20, "100000000000000000000"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn labels_are_escaped() {
        let labels =
            Labels::new("a", b"q\"b\\n\n\x1b\xe9\xe2\x80\xae").with("b", b"").with_known("c", Some(b""));
        assert_eq!(labels.0, r#"a="q\"b\\\\n\\x0a\\x1b\\xe9\\u{202e}",b="""#);
    }

    #[test]
    fn prometheus_has_fewer_types_and_no_end() {
        let mut exposition = Exposition::default();
        exposition.add_alone(&counter("x_polls: Polls."), 3.0);
        exposition.add_alone(&gauge("x_seconds: X."), 0.5);
        exposition.add(&info("x: Who."), &Labels::new("a", b"1"), 1.0);
        exposition.add_state(&state_set("x_leap: Leap."), &Labels::default(), ["none", "add"], "add");
        let samples = exposition.into_samples();
        assert_eq!(
            samples.text(TextFormat::Prometheus),
            "# TYPE x_info gauge\n# HELP x_info Who.\nx_info{a=\"1\"} 1\n\
             # TYPE x_leap gauge\n# HELP x_leap Leap.\nx_leap{x_leap=\"none\"} 0\nx_leap{x_leap=\"add\"} 1\n\
             # TYPE x_polls_total counter\n# HELP x_polls_total Polls.\nx_polls_total 3\n\
             # TYPE x_seconds gauge\n# HELP x_seconds X.\nx_seconds 0.5\n"
        );
        let text = samples.text(TextFormat::OpenMetrics);
        assert_eq!(in_prometheus_format(&text), samples.text(TextFormat::Prometheus));
        assert!(text.contains("# TYPE x_polls counter\n") && text.ends_with("# EOF\n"), "{text}");
    }

    #[test]
    fn the_later_sample_counts_and_infinite_ones_are_dropped() {
        const FAMILY: Family = gauge("x_seconds: X.");
        let mut exposition = Exposition::default();
        exposition.add(&FAMILY, &Labels::new("a", b"1"), 1.0);
        exposition.add(&FAMILY, &Labels::new("a", b"2"), f64::NAN);
        exposition.add(&FAMILY, &Labels::new("a", b"1"), 2.0);
        assert_eq!(
            exposition.finish(),
            "# TYPE x_seconds gauge\n# UNIT x_seconds seconds\n# HELP x_seconds X.\nx_seconds{a=\"1\"} 2\n# EOF\n"
        );
    }
}
