//! What chronyd accepts but should not be configured to do.

use super::Configuration;
use super::line::{Directive, Word};
use crate::config::finding::{Edit, Finding};
use crate::config::rules::{
    ALWAYS_STEP, COMMANDS_OPEN, DRIFT_FOLDER, KEYS_OPEN, KEYS_UNREADABLE, LOCAL_STRATUM, NO_DRIFTFILE,
    NO_IBURST, NO_KEYS_FILE, NO_MAKESTEP, NO_RTCSYNC, POLL_RANGE, Rule,
};
use crate::config::sources::{Kind, Source, review_sources};
use crate::config::surroundings::Unreadable;
use std::net::IpAddr;

/// The default poll exponents.
const DEFAULT_POLLS: (f64, f64) = (6.0, 10.0);
/// The lowest stratum that a clock without a source should claim.
const HIGH_STRATUM: f64 = 10.0;

/// Applies all rules; in a fragment, not those about missing directives.
pub fn review(configuration: &mut Configuration, is_fragment: bool) {
    let mut found = Vec::new();
    for directive in configuration.named(&["server", "pool"]) {
        source(directive, &mut found);
    }
    if !is_fragment && !configuration.directives.is_empty() {
        sources(configuration, &mut found);
        missing(configuration, &mut found);
    }
    settings(configuration, &mut found);
    keys(configuration, is_fragment, &mut found);
    drift(configuration, &mut found);
    configuration.findings.extend(found);
}

fn source(directive: &Directive, found: &mut Vec<Finding>) {
    if directive.option("iburst").is_none() && directive.option("offline").is_none() {
        let what = format!("{} without iburst", directive.word(0));
        found.push(Finding::new(&NO_IBURST, directive.place(), what).edit(directive.append("iburst")));
    }
    let number = |name: &str| {
        let (_, value) = directive.option(name)?;
        Some((value?.text.parse::<f64>().ok()?, value?))
    };
    let (least, most) = (number("minpoll"), number("maxpoll"));
    let low = least.map_or(DEFAULT_POLLS.0, |(value, _)| value);
    let high = most.map_or(DEFAULT_POLLS.1, |(value, _)| value);
    if let Some((_, word)) = least.or(most).filter(|_| low > high) {
        let what = format!("minpoll {low} is above maxpoll {high}");
        found.push(Finding::new(&POLL_RANGE, directive.place_at(word.start), what));
    }
}

fn sources(configuration: &Configuration, found: &mut Vec<Finding>) {
    let sources: Vec<Source> = configuration
        .named(&["server", "pool", "peer", "refclock"])
        .map(|directive| {
            let count =
                directive.option("maxsources").and_then(|(_, value)| value?.text.parse().ok()).unwrap_or(4);
            let kind = match directive.name.as_str() {
                "pool" => Kind::Pool { count },
                "refclock" => Kind::Clock,
                _ => Kind::Server,
            };
            let name = if kind == Kind::Clock {
                format!("{} {}", directive.word(0), directive.word(1))
            } else {
                directive.word(0).to_owned()
            };
            let is_selectable = directive.option("noselect").is_none();
            Source { place: directive.place(), name, kind, is_selectable }
        })
        .collect();
    let unseen = configuration.has_unseen;
    let all = review_sources(&configuration.file, &sources);
    found.extend(
        all.into_iter()
            .filter(|finding| !(unseen && ["few-sources", "no-sources"].contains(&finding.rule.id()))),
    );
}

/// What every configuration should contain.
fn missing(configuration: &Configuration, found: &mut Vec<Finding>) {
    if configuration.has_unseen
        && configuration
            .directives
            .iter()
            .all(|directive| ["confdir", "sourcedir", "include"].contains(&directive.name.as_str()))
    {
        return;
    }
    let mut look = |name: &[&str], rule: &'static Rule, text: &str| {
        if configuration.named(name).next().is_none() {
            let edit = Edit::After { line: configuration.length, text: text.to_owned() };
            found.push(
                Finding::new(rule, configuration.whole(), rule.what())
                    .better(format!("add `{text}`"))
                    .edit(edit),
            );
        }
    };
    look(&["driftfile"], &NO_DRIFTFILE, "driftfile /var/lib/chrony/drift");
    look(&["makestep", "initstepslew"], &NO_MAKESTEP, "makestep 1 3");
    // With `rtcfile`, chronyd keeps the hardware clock itself.
    look(&["rtcsync", "rtcfile"], &NO_RTCSYNC, "rtcsync");
}

fn settings(configuration: &Configuration, found: &mut Vec<Finding>) {
    for directive in configuration.named(&["makestep"]) {
        if let Some(limit) = directive.words.get(1).filter(|limit| limit.text.starts_with('-')) {
            let what = "`makestep` without a limit on the number of updates";
            found.push(
                Finding::new(&ALWAYS_STEP, directive.place_at(limit.start), what)
                    .edit(replace(directive, limit, "3")),
            );
        }
    }
    for directive in configuration.named(&["local"]) {
        let at = directive.words.iter().position(|word| word.text.eq_ignore_ascii_case("stratum"));
        let value = at.and_then(|at| directive.words.get(at + 1));
        let low = value.filter(|value| value.text.parse::<f64>().is_ok_and(|stratum| stratum < HIGH_STRATUM));
        if let Some(value) = low {
            let what = format!("the local clock claims stratum {}", value.text);
            found.push(
                Finding::new(&LOCAL_STRATUM, directive.place_at(value.start), what)
                    .edit(replace(directive, value, "10")),
            );
        }
    }
    let is_wide = |text: &str| matches!(text, "" | "all" | "0/0" | "0.0.0.0/0" | "::/0");
    let listens = configuration
        .named(&["bindcmdaddress"])
        .any(|directive| directive.word(0).parse::<IpAddr>().is_ok_and(|address| !address.is_loopback()));
    for directive in
        configuration.named(&["cmdallow"]).filter(|directive| listens && is_wide(directive.word(0)))
    {
        let what = "any host may send commands to chronyd";
        found.push(
            Finding::new(&COMMANDS_OPEN, directive.place(), what).edit(Edit::Remove { line: directive.line }),
        );
    }
}

fn replace(directive: &Directive, word: &Word, text: &str) -> Edit {
    Edit::Replace { line: directive.line, start: word.start, end: word.end, text: text.to_owned() }
}

fn keys(configuration: &Configuration, is_fragment: bool, found: &mut Vec<Finding>) {
    let file = configuration.named(&["keyfile"]).last();
    let used = configuration
        .named(&["server", "pool", "peer"])
        .find_map(|directive| Some((directive, directive.option("key")?.1?)));
    if let (Some((directive, key)), None, false) = (used, file, is_fragment || configuration.has_unseen) {
        let what = format!("key {} is used but `keyfile` is not set", key.text);
        found.push(Finding::new(&NO_KEYS_FILE, directive.place_at(key.start), what));
    }
    let Some((directive, path)) = file.and_then(|file| Some((file, file.words.first()?))) else { return };
    if configuration.surroundings.mode(&path.text).is_some_and(|mode| mode & 0o004 != 0) {
        let what = format!("{} is world-readable", path.text);
        found.push(Finding::new(&KEYS_OPEN, directive.place_at(path.start), what));
    }
    // Distributions name a file that is created on demand.
    if let (Some(_), Err(Unreadable::Because(reason))) = (used, configuration.surroundings.read(&path.text)) {
        let what = format!("{} cannot be read: {reason}", path.text);
        found.push(Finding::new(&KEYS_UNREADABLE, directive.place_at(path.start), what));
    }
}

fn drift(configuration: &Configuration, found: &mut Vec<Finding>) {
    let Some(directive) = configuration.named(&["driftfile"]).last() else { return };
    let path = directive.word(0);
    let folder =
        path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    if let Some(reason) = configuration.surroundings.why_not_writable(folder) {
        let place = directive.place_at(directive.words.first().map_or(0, |word| word.start));
        found.push(Finding::new(&DRIFT_FOLDER, place, format!("{path} cannot be written: {reason}")));
    }
}
