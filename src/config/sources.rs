//! Rules about time sources, for any daemon.

use super::finding::{Edit, Finding, Place};
use super::rules::{DUPLICATE_SOURCE, FEW_SOURCES, NO_SOURCES, Rule, SMEAR_MIX};

/// The kind of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name that stands for many servers.
    Pool {
        /// How many of them the daemon uses.
        count: usize,
    },
    /// One server or peer.
    Server,
    /// A clock on this machine.
    Clock,
}

/// A source of time in a configuration.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is configured.
    pub place: Place,
    /// Its name or address.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Whether it may be selected.
    pub is_selectable: bool,
}

/// The number of sources that can outvote a wrong one (RFC 8633, section 3.2).
const ENOUGH: usize = 4;

/// Servers that spread a leap second over a day: name suffixes and addresses.
const SMEARING: &[&str] = &[
    "time.google.com",
    "time1.google.com",
    "time2.google.com",
    "time3.google.com",
    "time4.google.com",
    "time.android.com",
    "time.aws.com",
    "169.254.169.123",
    "fd00:ec2::123",
    "time.facebook.com",
    "time1.facebook.com",
    "time2.facebook.com",
    "time3.facebook.com",
    "time4.facebook.com",
    "time5.facebook.com",
];

/// Whether a server is known to smear leap seconds.
pub fn smears(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    SMEARING.contains(&name.as_str())
}

/// Findings about the sources. `few` is the rule for too few of them.
pub fn review(file: &str, sources: &[Source], few: &'static Rule) -> Vec<Finding> {
    let whole = Place { file: file.to_owned(), line: 0, column: 0 };
    let mut findings = Vec::new();
    let usable: Vec<&Source> = sources.iter().filter(|source| source.is_selectable).collect();
    let count: usize =
        usable.iter().map(|source| if let Kind::Pool { count } = source.kind { count } else { 1 }).sum();
    let Some(first) = usable.first() else {
        findings.push(Finding::new(&NO_SOURCES, whole, "no source of time"));
        return findings;
    };
    if count < ENOUGH {
        let what = match count {
            1 => "only one source".to_owned(),
            2 => "only two sources: if they differ, there is no way to tell which is wrong".to_owned(),
            count => format!("only {count} sources"),
        };
        findings.push(Finding::new(few, first.place.clone(), what));
    }
    for (at, source) in sources.iter().enumerate() {
        let is_same =
            |other: &&Source| other.kind == source.kind && other.name.eq_ignore_ascii_case(&source.name);
        if let Some(earlier) = sources.iter().take(at).find(is_same) {
            let what = format!("{} is already a source in line {}", source.name, earlier.place.line);
            let mut finding = Finding::new(&DUPLICATE_SOURCE, source.place.clone(), what);
            if source.place.column > 0 {
                finding = finding.edit(Edit::Remove { line: source.place.line });
            }
            findings.push(finding);
        }
    }
    let servers: Vec<&&Source> = usable.iter().filter(|source| source.kind != Kind::Clock).collect();
    let smearing = servers.iter().find(|source| smears(&source.name));
    let other = servers.iter().find(|source| !smears(&source.name));
    if let (Some(smearing), Some(other)) = (smearing, other) {
        let what = format!("{} smears leap seconds, {} does not", smearing.name, other.name);
        findings.push(Finding::new(&SMEAR_MIX, smearing.place.clone(), what));
    }
    findings
}

/// Findings about the sources, with the usual rule for too few of them.
pub fn review_sources(file: &str, sources: &[Source]) -> Vec<Finding> {
    review(file, sources, &FEW_SOURCES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(sources: &[(&str, Kind)]) -> Vec<&'static str> {
        let sources: Vec<Source> = sources
            .iter()
            .map(|(name, kind)| Source {
                place: Place { file: "f".into(), line: 1, column: 1 },
                name: (*name).into(),
                kind: *kind,
                is_selectable: true,
            })
            .collect();
        review_sources("f", &sources).iter().map(|finding| finding.rule.id()).collect()
    }

    #[test]
    fn sources_are_counted_and_compared() {
        let pool = Kind::Pool { count: 4 };
        assert_eq!(rules(&[]), ["no-sources"]);
        assert_eq!(rules(&[("a", Kind::Server)]), ["few-sources"]);
        assert_eq!(rules(&[("a", pool)]), [""; 0]);
        assert_eq!(rules(&[("a", pool), ("a", pool)]), ["duplicate-source"]);
        assert_eq!(rules(&[("a", pool), ("Time.Google.com.", Kind::Server)]), ["smear-mix"]);
        assert_eq!(rules(&[("time.google.com", pool), ("PPS", Kind::Clock)]), [""; 0]);
    }
}
