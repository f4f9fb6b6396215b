//! Settings that the daemon accepts, but that do not do what they appear to.

use super::schema::MODE;
use super::value::{get, is_unlimited, whole};
use super::{Review, Value};
use crate::config::finding::{Finding, Place};
use crate::config::rules::{
    FEW_AGREE, FEW_SOURCES, KEYS_OPEN, LOCAL_STRATUM, NO_OBSERVATION, PANIC_OFF, PERMISSIONS, POLL_RANGE,
    RATE_ALONE, UNREADABLE,
};
use crate::config::sources::{self, Kind, Source};
use crate::config::surroundings::Unreadable;
use toml::de::{DeTable, DeValue};

/// The daemon's own value of `minimum-agreeing-sources`.
const AGREEING: i64 = 3;
/// The daemon's own value of a pool's `count`.
const POOL: i64 = 4;
/// The daemon's own bounds of the poll interval, in log2 seconds.
const POLLS: (i64, i64) = (4, 10);
/// The lowest stratum that clients do not prefer to a real server's.
const LOCAL: i64 = 10;
/// The permission of others to read a file.
const OTHERS_READ: u32 = 0o004;

/// Adds what was found to the review.
pub fn review(review: &mut Review<'_>, document: &DeTable<'_>) {
    let synchronization = table(document, "synchronization");
    sources(review, document, synchronization);
    if let Some(synchronization) = synchronization {
        steps(review, synchronization);
    }
    observability(review, document);
    let defaults = table(document, "source-defaults");
    let bounds = defaults.map_or(POLLS, |defaults| polls(review, defaults, POLLS));
    for source in tables(document, "source") {
        polls(review, source, bounds);
    }
    for server in tables(document, "server") {
        rate_limit(review, server);
    }
    for exchange in tables(document, "nts-ke-server") {
        certificates(review, exchange);
    }
}

fn table<'t, 'i>(document: &'t DeTable<'i>, name: &str) -> Option<&'t DeTable<'i>> {
    get(document, name)?.get_ref().as_table()
}

fn tables<'t, 'i: 't>(
    document: &'t DeTable<'i>,
    name: &str,
) -> impl Iterator<Item = &'t DeTable<'i>> + use<'t, 'i> {
    let all = get(document, name).and_then(|value| value.get_ref().as_array());
    all.into_iter().flatten().filter_map(|one| one.get_ref().as_table())
}

fn sources(review: &mut Review<'_>, document: &DeTable<'_>, synchronization: Option<&DeTable<'_>>) {
    if get(document, "source").is_some_and(|all| !all.get_ref().is_array()) {
        return;
    }
    let mut known = Vec::new();
    let mut agreeing = 0_i64;
    for source in tables(document, "source") {
        let Some(mode) = get(source, MODE.name) else { continue };
        let count = get(source, "count").and_then(|count| whole(count.get_ref())).unwrap_or(POOL).max(0);
        let (kind, name) = match mode.get_ref().as_str() {
            Some("server" | "nts") => (Kind::Server, "address"),
            Some("pool" | "nts-pool") => {
                (Kind::Pool { count: usize::try_from(count).unwrap_or(0) }, "address")
            }
            Some("sock" | "pps") => (Kind::Clock, "path"),
            // Found already; how many sources there are is unknown.
            _ => return,
        };
        agreeing = agreeing.saturating_add(match (kind, mode.get_ref().as_str()) {
            (Kind::Pool { .. }, _) => count,
            (_, Some("pps")) => 0,
            _ => 1,
        });
        let Some(address) = get(source, name) else { continue };
        let Some(text) = address.get_ref().as_str() else { continue };
        // Without a column, so that nobody removes this line of a table of several.
        let place = Place { column: 0, ..review.place(address.span()) };
        known.push(Source { place, name: text.to_owned(), kind, is_selectable: true });
    }
    let required = synchronization.and_then(|table| get(table, "minimum-agreeing-sources"));
    let required_count = required.and_then(|value| whole(value.get_ref())).unwrap_or(AGREEING);
    let is_short = !known.is_empty() && agreeing < required_count;
    for finding in sources::review(review.file, &known, &FEW_SOURCES) {
        // The other rule says it better.
        if !(is_short && finding.rule == &FEW_SOURCES) {
            review.add(finding);
        }
    }
    if is_short && let Some(first) = known.first() {
        let place = required.map_or_else(|| first.place.clone(), |value| review.place(value.span()));
        let what = match required {
            Some(_) => format!("{required_count} sources must agree, but there are only {agreeing}"),
            None => format!("{required_count} sources must agree by default, but there are only {agreeing}"),
        };
        review.add(Finding::new(&FEW_AGREE, place, what));
    }
}

fn steps(review: &mut Review<'_>, synchronization: &DeTable<'_>) {
    if let Some(value) =
        get(synchronization, "single-step-panic-threshold").filter(|one| is_unlimited(one.get_ref()))
    {
        let place = review.place(value.span());
        review.add(Finding::new(&PANIC_OFF, place, "single-step-panic-threshold sets no limit"));
    }
    if let Some(value) = get(synchronization, "local-stratum")
        && let Some(stratum) = whole(value.get_ref()).filter(|stratum| (1..LOCAL).contains(stratum))
    {
        let place = review.place(value.span());
        review.add(Finding::new(&LOCAL_STRATUM, place, format!("local-stratum = {stratum}")));
    }
}

fn observability(review: &mut Review<'_>, document: &DeTable<'_>) {
    let section = table(document, "observability");
    if section.is_none_or(|section| get(section, "observation-path").is_none()) {
        let place = Place { file: review.file.to_owned(), line: 0, column: 0 };
        review.add(Finding::new(&NO_OBSERVATION, place, "no observation-path"));
    }
    let Some(value) = section.and_then(|section| get(section, "observation-permissions")) else { return };
    let Some(number) = value.get_ref().as_integer().filter(|number| number.radix() != 8) else { return };
    let what = format!("observation-permissions = {}", number.as_str());
    let mut finding = Finding::new(&PERMISSIONS, review.place(value.span()), what);
    if number.radix() == 10 && number.as_str().bytes().all(|digit| (b'0'..b'8').contains(&digit)) {
        let octal = format!("0o{}", number.as_str());
        finding = finding.better(format!("write {octal}")).edit(review.replace(value.span(), &octal));
    }
    review.add(finding);
}

/// Checks the bounds of a poll interval; returns them.
fn polls(review: &mut Review<'_>, table: &DeTable<'_>, defaults: (i64, i64)) -> (i64, i64) {
    let limits = get(table, "poll-interval-limits");
    let bound = |name| whole(get(limits?.get_ref().as_table()?, name)?.get_ref());
    let (low, high) = (bound("min").unwrap_or(defaults.0), bound("max").unwrap_or(defaults.1));
    let initial = get(table, "initial-poll-interval");
    let mut report = |value: &Value<'_>, what: String| {
        let place = review.place(value.span());
        review.add(Finding::new(&POLL_RANGE, place, what));
    };
    if let Some(limits) = limits.filter(|_| low > high) {
        report(limits, format!("poll-interval-limits: min {low} is above max {high}"));
    } else if let Some(initial) = initial
        && let Some(number) = whole(initial.get_ref()).filter(|number| !(low..=high).contains(number))
    {
        report(initial, format!("initial-poll-interval = {number} is not between {low} and {high}"));
    }
    (low, high)
}

fn rate_limit(review: &mut Review<'_>, server: &DeTable<'_>) {
    let part = |name| {
        let value: &Value<'_> = get(server, name)?;
        (whole(value.get_ref())? > 0).then_some(value)
    };
    let (size, cutoff) = (part("rate-limiting-cache-size"), part("rate-limiting-cutoff-ms"));
    let (present, absent) = match (size, cutoff) {
        (Some(size), None) => (size, "rate-limiting-cutoff-ms"),
        (None, Some(cutoff)) => (cutoff, "rate-limiting-cache-size"),
        _ => return,
    };
    let place = review.place(present.span());
    review.add(Finding::new(&RATE_ALONE, place, format!("{absent} is 0")));
}

/// Checks the files of a key exchange server, which the daemon reads later.
fn certificates(review: &mut Review<'_>, exchange: &DeTable<'_>) {
    for name in ["certificate-chain-path", "private-key-path"] {
        let Some(value) = get(exchange, name) else { continue };
        let DeValue::String(path) = value.get_ref() else { continue };
        let place = review.place(value.span());
        if let Err(Unreadable::Because(why)) = review.surroundings.read(path) {
            review.add(Finding::new(&UNREADABLE, place, format!("{path}: {why}")));
        } else if name == "private-key-path"
            && review.surroundings.mode(path).is_some_and(|mode| mode & OTHERS_READ != 0)
        {
            review.add(Finding::new(&KEYS_OPEN, place, format!("{path} is world-readable")));
        }
    }
}
