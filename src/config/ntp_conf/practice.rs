//! What works, but not well: sources, clocks and files.

use super::scanner::Token;
use super::{Configuration, Daemon, Line};
use crate::config::finding::{Edit, Finding, Place};
use crate::config::rules::{
    BROADCAST_OPEN, CRYPTO, DRIFT_FOLDER, LOCAL_ALONE, LOCAL_STRATUM, LOG_ALL, MODE7, MONITOR_OFF,
    NO_DRIFTFILE, NO_IBURST, OBSOLETE, PANIC_OFF, POLL_RANGE, VALUE_RANGE,
};
use crate::config::sources::{Kind, Source, review_sources};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The shortest and longest poll exponents of both daemons (`NTP_MINPOLL`, `NTP_MAXPOLL`).
const POLLS: std::ops::RangeInclusive<f64> = 3.0..=17.0;
/// The default poll exponents.
const DEFAULT_POLLS: (f64, f64) = (6.0, 10.0);
/// The lowest stratum that a clock without a source should claim.
const HIGH_STRATUM: f64 = 10.0;

/// Applies all rules of good practice.
pub fn review(configuration: &mut Configuration) {
    let mut found = Vec::new();
    sources(configuration, &mut found);
    associations(configuration, &mut found);
    local_clocks(configuration, &mut found);
    settings(configuration, &mut found);
    drift(configuration, &mut found);
    configuration.findings.extend(found);
}

/// The driver number of `127.127.T.U`.
fn driver(address: &str) -> Option<u8> {
    match address.parse().ok()? {
        IpAddr::V4(address) => match address.octets() {
            [127, 127, driver, _] => Some(driver),
            _ => None,
        },
        IpAddr::V6(_) => None,
    }
}

/// Whether the line is a reference clock other than the undisciplined local clock.
fn is_local_clock(line: &Line) -> bool {
    let statement = &line.statement;
    statement.is(&["server", "peer"]) && driver(statement.subject()) == Some(1)
        || statement.is(&["refclock"]) && statement.subject() == "local"
}

fn sources(configuration: &Configuration, found: &mut Vec<Finding>) {
    let associations = configuration.commands(&["server", "pool", "peer", "refclock", "broadcastclient"]);
    let others = configuration.commands(&["manycastclient", "multicastclient"]);
    let mut sources = Vec::new();
    for line in associations.chain(others).filter(|line| !is_local_clock(line)) {
        let statement = &line.statement;
        let kind = match statement.command.text.as_str() {
            "server" | "peer" if driver(statement.subject()).is_none() => Kind::Server,
            "server" | "peer" | "refclock" => Kind::Clock,
            _ => Kind::Pool { count: 4 },
        };
        let mut name = statement.subject().to_owned();
        if statement.is(&["refclock"]) {
            name += &statement
                .option("unit")
                .and_then(|unit| unit.value.as_ref())
                .map_or(String::new(), |unit| format!(" {}", unit.text));
        }
        let is_selectable = !statement.has("noselect");
        sources.push(Source { place: line.place(), name, kind, is_selectable });
    }
    let has_local = configuration.lines.iter().any(is_local_clock);
    if let Some(local) =
        configuration.lines.iter().find(|line| is_local_clock(line)).filter(|_| sources.is_empty())
    {
        found.push(Finding::new(&LOCAL_ALONE, local.place(), "the local clock is the only source"));
    }
    if !(has_local && sources.is_empty()) {
        found.extend(review_sources(&configuration.file, &sources));
    }
}

fn associations(configuration: &Configuration, found: &mut Vec<Finding>) {
    for line in configuration.commands(&["server", "pool", "peer"]) {
        let statement = &line.statement;
        let is_clock = driver(statement.subject()).is_some();
        if statement.is(&["server", "pool"]) && !is_clock && !statement.has("iburst") {
            let what = format!("{} without iburst", statement.subject());
            found.push(Finding::new(&NO_IBURST, line.place(), what).edit(line.append("iburst")));
        }
        polls(line, found);
        range(line, "version", 1.0, 4.0, found);
        range(line, "key", 1.0, 65535.0, found);
        if configuration.daemon == Daemon::Ntpsec && statement.is(&["peer"]) {
            let command = &statement.command;
            let edit = Edit::Replace {
                line: command.line,
                start: command.start,
                end: command.end,
                text: "server".into(),
            };
            let what = "NTPsec treats `peer` as `server`";
            found.push(Finding::new(&OBSOLETE, line.place(), what).better("write server").edit(edit));
        }
        if statement.has("autokey") {
            let what = format!("{} with autokey", statement.subject());
            found.push(Finding::new(&CRYPTO, line.place(), what));
        }
    }
}

fn polls(line: &Line, found: &mut Vec<Finding>) {
    let statement = &line.statement;
    let (least, most) = (statement.number("minpoll"), statement.number("maxpoll"));
    for (name, (value, token)) in
        [("minpoll", least), ("maxpoll", most)].into_iter().filter_map(|(name, number)| Some((name, number?)))
    {
        if !POLLS.contains(&value) {
            let nearest = value.clamp(*POLLS.start(), *POLLS.end());
            let what = format!("{name} {value}: the daemon uses 3 to 17 (8 s to 36 h)");
            let edit = replace(token, nearest.to_string());
            found.push(
                Finding::new(&POLL_RANGE, line.place_of(token), what)
                    .better(format!("write {name} {nearest}"))
                    .edit(edit),
            );
        }
    }
    let low = least.map_or(DEFAULT_POLLS.0, |(value, _)| value);
    let high = most.map_or(DEFAULT_POLLS.1, |(value, _)| value);
    if let Some((_, token)) = least.or(most).filter(|_| low > high) {
        let what = format!("minpoll {low} is above maxpoll {high}");
        found.push(Finding::new(&POLL_RANGE, line.place_of(token), what));
    }
}

fn range(line: &Line, name: &str, least: f64, most: f64, found: &mut Vec<Finding>) {
    if let Some((value, token)) =
        line.statement.number(name).filter(|(value, _)| !(least..=most).contains(value))
    {
        let what = format!("{name} {value}: must be {least} to {most}");
        found.push(Finding::new(&VALUE_RANGE, line.place_of(token), what));
    }
}

fn replace(token: &Token, text: String) -> Edit {
    Edit::Replace { line: token.line, start: token.start, end: token.end, text }
}

fn local_clocks(configuration: &Configuration, found: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for clock in configuration.lines.iter().filter(|line| is_local_clock(line)) {
        let subject = clock.statement.subject();
        // The daemon ignores the same address further down.
        if !clock.statement.is(&["refclock"]) && !seen.insert(subject) {
            continue;
        }
        let fudge = configuration.commands(&["fudge"]).find(|fudge| fudge.statement.subject() == subject);
        let stratum =
            fudge.and_then(|fudge| fudge.statement.number("stratum")).or(clock.statement.number("stratum"));
        match stratum {
            Some((stratum, _)) if stratum >= HIGH_STRATUM => {}
            Some((stratum, token)) => {
                let place = fudge.unwrap_or(clock).place_of(token);
                let what = format!("the local clock claims stratum {stratum}");
                found.push(Finding::new(&LOCAL_STRATUM, place, what).edit(replace(token, "10".into())));
            }
            None => {
                let what = "the local clock has its default stratum, 5";
                let finding = Finding::new(&LOCAL_STRATUM, clock.place(), what);
                found.push(if clock.statement.is(&["refclock"]) {
                    finding.edit(clock.append("stratum 10"))
                } else {
                    let text = format!("fudge {subject} stratum 10");
                    finding.edit(Edit::After { line: clock.statement.command.line, text })
                });
            }
        }
    }
}

fn settings(configuration: &Configuration, found: &mut Vec<Finding>) {
    for line in configuration.commands(&["enable"]) {
        if let Some(mode7) = line.statement.option("mode7") {
            let what = "mode 7 is enabled";
            found.push(
                Finding::new(&MODE7, line.place_of(&mode7.word), what).edit(without(line, &mode7.word)),
            );
        }
    }
    for line in configuration.commands(&["disable"]) {
        if let Some(monitor) = line.statement.option("monitor") {
            let what = "monitoring is disabled";
            found.push(
                Finding::new(&MONITOR_OFF, line.place_of(&monitor.word), what)
                    .edit(without(line, &monitor.word)),
            );
        }
        if let Some(auth) = line.statement.option("auth") {
            let listens =
                configuration.commands(&["broadcastclient", "multicastclient", "manycastclient"]).next();
            let what = "broadcasts are believed without authentication";
            if listens.is_some() {
                found.push(
                    Finding::new(&BROADCAST_OPEN, line.place_of(&auth.word), what)
                        .edit(without(line, &auth.word)),
                );
            }
        }
    }
    for line in configuration.commands(&["tinker"]) {
        if let Some((_, token)) = line.statement.number("panic").filter(|(panic, _)| *panic == 0.0) {
            found.push(Finding::new(&PANIC_OFF, line.place_of(token), "`tinker panic 0`"));
        }
    }
    for line in configuration.commands(&["logconfig"]) {
        if let Some(all) =
            line.statement.items.iter().find(|item| item.text.trim_start_matches(['=', '+']) == "all")
        {
            let edit = replace(all, "=syncstatus +sysevents".into());
            found.push(Finding::new(&LOG_ALL, line.place_of(all), "everything is logged").edit(edit));
        }
    }
    for line in configuration.commands(&["crypto"]) {
        found.push(Finding::new(&CRYPTO, line.place(), "`crypto` enables Autokey"));
    }
    if configuration.daemon == Daemon::Ntpsec {
        for line in configuration.commands(&["requestkey"]) {
            let what = "`requestkey` was for ntpdc, which NTPsec does not have";
            let edit = Edit::Remove { line: line.statement.command.line };
            found.push(Finding::new(&OBSOLETE, line.place(), what).edit(edit));
        }
    }
}

/// Removes an option from a line, or the whole line if it is the only option.
fn without(line: &Line, word: &Token) -> Edit {
    if line.statement.options.len() == 1 { Edit::Remove { line: word.line } } else { Line::remove(word) }
}

fn drift(configuration: &Configuration, found: &mut Vec<Finding>) {
    let Some(line) = configuration.commands(&["driftfile"]).last() else {
        if !configuration.lines.is_empty() {
            let finding = Finding::new(&NO_DRIFTFILE, configuration.whole(), "no drift file");
            let text = match configuration.daemon {
                Daemon::Classic => "driftfile /var/lib/ntp/ntp.drift",
                Daemon::Ntpsec => "driftfile /var/lib/ntpsec/ntp.drift",
            };
            found.push(
                finding.better(format!("add `{text}`")).edit(Edit::After { line: 0, text: text.into() }),
            );
        }
        return;
    };
    let Some(subject) = &line.statement.subject else { return };
    let folder =
        subject.text.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    if let Some(reason) = configuration.surroundings.why_not_writable(folder) {
        let what = format!("{} cannot be written: {reason}", subject.text);
        found.push(Finding::new(&DRIFT_FOLDER, line.place_of(subject), what));
    }
    if let Some(item) = line.statement.items.first() {
        let place = Place { file: line.file.clone(), line: item.line, column: item.start + 1 };
        let finding = Finding::new(&OBSOLETE, place, "the second value of driftfile is deprecated");
        let text = format!("nonvolatile {}", item.text);
        found.push(finding.better(format!("write `{text}` on a separate line")));
    }
}
