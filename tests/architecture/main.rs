//! Enforces what the table in `src/lib.rs` says about the modules, and some rules that a compiler does not know.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod circles;
mod counts;
mod crates;
mod quirks;
mod source;

use source::{code_of, has_word, is_name, is_test, read, sources, split_at_tests};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The most lines of a source file.
const LINE_LIMIT: usize = 450;

/// Where clocks may be read; everybody else receives the time.
const CLOCK_READERS: [&str; 4] = ["src/net/", "src/clock/", "src/sim/server.rs", "src/bin/"];

/// What reads a clock.
const CLOCK_READINGS: [&str; 4] = ["Instant::now(", "SystemTime::now(", "Timestamp::now(", "Zoned::now("];

/// What writes to the standard streams without regard to closed pipes and full disks.
const PRINTING: [&str; 5] = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];

/// Crates that one place alone may use.
const AT_HOME: [(&str, &str); 1] = [("ratatui", "src/app/ntpmon/")];

/// Tables whose order is random end a program where the system has no random numbers.
const RANDOM_TABLES: [&str; 3] = ["HashMap", "HashSet", "RandomState"];

/// The exporter's HTTP server needs random numbers anyway, the simulated daemon is for tests.
const MAY_NEED_RANDOMNESS: [&str; 2] = ["src/app/ntpkit/exporter/", "src/sim/"];

/// The modules that each module may use.
type Rules = BTreeMap<String, BTreeSet<String>>;

#[test]
fn sources_keep_the_rules() {
    let rules = rules(&read("src/lib.rs"));
    let mut faults = Vec::new();
    for (path, source) in files() {
        faults.extend(faults_of(&path, &source, &rules).into_iter().map(|fault| format!("{path}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn no_files_of_a_folder_use_each_other_in_a_circle() {
    let found = circles::circles(&files());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// A folder in `app` is an applet; the files beside them are for all.
#[test]
fn no_applet_uses_another() {
    let files = files();
    let is_applet = |name: &str| files.iter().any(|(path, _)| path.starts_with(&format!("src/app/{name}/")));
    let uses = circles::uses_between(&files, "app");
    assert!(uses.keys().any(|name| is_applet(name)) && uses.keys().any(|name| !is_applet(name)));
    let between: Vec<&String> = uses
        .iter()
        .flat_map(|(from, targets)| targets.iter().map(move |(to, place)| (from, to, place)))
        .filter(|(from, to, _)| is_applet(from) && is_applet(to))
        .map(|(.., place)| place)
        .collect();
    assert_eq!(between, [""; 0]);
}

/// Printed with `cargo nextest run --test architecture --no-capture`.
#[test]
fn counts_stay_low() {
    let (lines, faults) = counts::report(&files());
    for line in lines {
        println!("{line}");
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn no_test_is_longer_than_a_source() {
    let paths = sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    let long = paths.into_iter().map(|path| (read(&path).lines().count(), path));
    let long: Vec<(usize, String)> = long.filter(|(lines, _)| *lines > LINE_LIMIT).collect();
    assert_eq!(long, []);
}

#[test]
fn no_failure_is_a_mere_text() {
    let mut places = Vec::new();
    for (path, source) in files() {
        if path.starts_with("src/cli/") || path.contains("/tests") {
            continue;
        }
        let shipped = source.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, number) in shipped.lines().zip(1..) {
            if has_text_for_an_error(line) {
                places.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    println!("failures that are texts outside cli: {}", places.len());
    assert!(places.is_empty(), "\n{}\n", places.join("\n"));
}

/// What differs is decided row by row: no row stands for another.
#[test]
fn every_difference_that_is_kept_is_read_by_its_name() {
    let found = quirks::unread(&files());
    assert!(found.is_empty(), "kept, but read nowhere: {found:?}");
    assert_eq!(quirks::unread(&[]).len(), quirks::kept().count());
}

/// The marks of the text format of `OpenMetrics`.
const OPENMETRICS: [&str; 4] = ["# TYPE ", "# UNIT ", "# HELP ", "# EOF"];
/// Its one writer, and the reader that checks it.
const OPENMETRICS_FILES: [&str; 2] =
    ["src/render/openmetrics/exposition.rs", "src/render/openmetrics/checker.rs"];

#[test]
fn openmetrics_has_one_writer() {
    let mut places = Vec::new();
    let mut is_written = false;
    for (path, source) in files() {
        if path.contains("/tests") {
            continue;
        }
        let shipped = source.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = shipped.lines().zip(1..).filter(|(line, _)| !line.trim_start().starts_with("//"));
        let found: Vec<String> = lines
            .filter(|(line, _)| OPENMETRICS.iter().any(|mark| line.contains(mark)))
            .map(|(line, number)| format!("{path}:{number}: {}", line.trim()))
            .collect();
        if OPENMETRICS_FILES.contains(&path.as_str()) {
            is_written |= !found.is_empty();
        } else {
            places.extend(found);
        }
    }
    assert!(is_written, "the writer has another place");
    println!("OpenMetrics written past render::openmetrics::exposition: {}", places.len());
    assert!(places.is_empty(), "\n{}\n", places.join("\n"));
}

/// Whether a line has a `Result` whose error is a `String`, or calls such an error its own.
fn has_text_for_an_error(line: &str) -> bool {
    if line.contains("type Err = String") {
        return true;
    }
    line.match_indices("Result<").any(|(at, _)| {
        let (mut depth, mut last) = (0, String::new());
        for letter in line[at..].chars().skip("Result".len()) {
            match letter {
                '<' | '(' | '[' => depth += 1,
                '>' | ')' | ']' => depth -= 1,
                ',' if depth == 1 => last.clear(),
                _ => last.push(letter),
            }
            if depth == 0 {
                break;
            }
        }
        last.trim() == "String" && line[at..].contains(',')
    })
}

#[test]
fn texts_for_errors_are_found() {
    for (line, is_one) in [
        ("fn f() -> Result<(), String> {", true),
        ("fn f() -> Result<(A, Vec<B>), String>;", true),
        ("type Err = String;", true),
        ("fn f() -> Result<String, Error> {", false),
        ("fn f() -> anyhow::Result<String> {", false),
        ("fn f(a: &str, b: u8) -> Result<Option<String>, Error> {", false),
    ] {
        assert_eq!(has_text_for_an_error(line), is_one, "{line}");
    }
}

/// The files of the crate, with their sources.
fn files() -> Vec<(String, String)> {
    let paths = sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

#[test]
fn the_table_has_a_row_for_every_module() {
    let library = read("src/lib.rs");
    let declared: BTreeSet<String> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect();
    assert!(!declared.is_empty());
    let rows: BTreeSet<String> = rules(&library).into_keys().collect();
    assert_eq!(rows, declared);
}

#[test]
fn the_table_keeps_the_core_apart() {
    let rules = rules(&read("src/lib.rs"));
    let set = |names: &[&str]| names.iter().copied().map(str::to_owned).collect::<BTreeSet<_>>();
    for (module, allowed) in [
        ("compact", set(&[])),
        ("wire", set(&[])),
        ("clock", set(&[])),
        ("auth", set(&["wire"])),
        ("model", set(&["compact", "wire"])),
        ("text", set(&[])),
        ("render", set(&["text", "wire", "model", "compat"])),
        ("session", set(&["wire", "auth"])),
        ("net", set(&["compact", "wire", "session", "clock"])),
        ("sim", set(&["compact", "wire", "auth", "model"])),
        // Of the network, the kit knows interrupts and signals alone.
        ("cli", set(&["compact", "text", "compat", "net"])),
    ] {
        assert_eq!(rules[module], allowed, "{module}");
    }
    let users: Vec<&str> = rules
        .iter()
        .filter(|(_, allowed)| allowed.contains("app"))
        .map(|(module, _)| module.as_str())
        .collect();
    assert_eq!(users, [""; 0], "modules that may use the applets");
}

/// Each rule must be able to fail, and must not fail on what only looks like a breach.
#[test]
fn every_rule_bites() {
    let rules = rules(&read("src/lib.rs"));
    let faults = |path: &str, body: &str| faults_of(path, &format!("//! Words.\n{body}"), &rules);
    for (path, body, fault) in [
        ("src/wire/reader.rs", "use crate::model::Peer;", "wire may not use model"),
        ("src/wire/mod.rs", "fn f() { crate::net::link::open() }", "wire may not use net"),
        ("src/auth/key.rs", "use crate::{wire::Reader, session};", "auth may not use session"),
        ("src/auth/key.rs", "use crate::{\n    wire::{a, b},\n    net,\n};", "auth may not use net"),
        ("src/model/peer.rs", "use crate as all;", "names the whole crate"),
        ("src/model/peer.rs", "use crate::*;", "names the whole crate"),
        ("src/render/table.rs", "use super::super::net::link;", "goes up to the crate"),
        ("src/render/mod.rs", "use super::net::link;", "goes up to the crate"),
        ("src/net.rs", "#[cfg(test)]\nmod tests {\n use super::super::sim;\n}", "goes up to the crate"),
        ("src/render/table.rs", "use crate::clock;", "render may not use clock"),
        ("src/session/control.rs", "use crate::net;", "session may not use net"),
        ("src/net/link.rs", "use crate::auth::Key;", "net may not use auth"),
        ("src/clock/mod.rs", "use crate::wire::Timestamp;", "clock may not use wire"),
        ("src/sim/peer.rs", "use crate::session::control;", "sim may not use session"),
        ("src/cli/output.rs", "use crate::app::ntpq;", "cli may not use app"),
        ("src/cli/output.rs", "use crate::model::Peer;", "cli may not use model"),
        (
            "src/console/query.rs",
            "#[cfg(test)]\nmod tests {\n use crate::app::ntpq::NTPQ;\n}",
            "console may not use app",
        ),
        ("src/wire/reader.rs", "fn f() { println!(\"x\") }", "println!"),
        ("src/wire/reader.rs", "fn f() { std::eprint!(\"x\") }", "eprint!"),
        ("src/render/table.rs", "fn f() { let t = Instant::now(); }", "reads a clock"),
        ("src/sim/peer.rs", "fn f() { SystemTime::now(); }", "reads a clock"),
        ("src/app/mod.rs", "fn f() { jiff::Timestamp::now(); }", "reads a clock"),
        ("src/net/link.rs", "unsafe fn f() {}", "unsafe"),
        ("src/session/mru.rs", "use std::collections::{BTreeMap, HashSet};", "uses HashSet"),
        ("src/app/ntpq/mod.rs", "use ratatui::text::Line;", "uses ratatui"),
        ("src/net/link.rs", &"\n".repeat(LINE_LIMIT), "lines"),
    ] {
        let found = faults(path, body);
        assert!(found.iter().any(|found| found.contains(fault)), "{path}: {body}: {fault}: {found:?}");
    }
    assert_eq!(faults_of("src/wire/reader.rs", "use std::io;\n", &rules), ["does not begin with //!"]);
    for (path, body) in [
        ("src/wire/reader.rs", "/// Unlike [`crate::net`], println! and unsafe.\nuse crate::wire::Error;"),
        ("src/wire/reader.rs", "const TEXT: &str = \"use crate::net; println!\"; const C: char = '\"';"),
        ("src/wire/reader.rs", "const TEXT: &str = r#\"\"unsafe\"#; /* crate::net */"),
        ("src/net/link.rs", "fn f() { let t = Instant::now(); }"),
        ("src/sim/peer.rs", "#[cfg(test)]\nmod tests {\n fn f() { let t = Instant::now(); }\n}"),
        ("src/sim/tests/daemon.rs", "fn f() { let t = Instant::now(); }"),
        ("src/auth/key.rs", "use super::digest;\n#[cfg(test)]\nmod tests {\n use super::super::tests;\n}"),
        ("src/app/mod.rs", "use crate::{net::link, sim};\npub(crate) fn f<'a>(x: &'a str) {}"),
    ] {
        assert_eq!(faults(path, body), [""; 0], "{path}: {body}");
    }
}

/// What a source file does that it may not.
fn faults_of(path: &str, source: &str, rules: &Rules) -> Vec<String> {
    let code = code_of(source);
    let mut faults = imports(path, &code, rules);
    faults.extend(
        PRINTING
            .iter()
            .filter(|word| has_word(&code, word))
            .map(|word| format!("uses {word}: write to Output")),
    );
    let (outside_tests, _) = split_at_tests(&code);
    if !is_test(path) && !CLOCK_READERS.iter().any(|reader| path.starts_with(reader)) {
        let readings = CLOCK_READINGS.iter().filter(|reading| outside_tests.contains(**reading));
        faults.extend(readings.map(|reading| format!("reads a clock: {reading}): ask crate::clock")));
    }
    if !is_test(path) && !MAY_NEED_RANDOMNESS.iter().any(|folder| path.starts_with(folder)) {
        let tables = RANDOM_TABLES.iter().filter(|table| has_word(outside_tests, table));
        faults.extend(tables.map(|table| format!("uses {table}: take a BTreeMap or BTreeSet")));
    }
    for (name, home) in AT_HOME {
        if has_word(&code, name) && !path.starts_with(home) {
            faults.push(format!("uses {name}: only {home} does"));
        }
    }
    // The kernel's clock is only to be had as a C function.
    if has_word(&code, "unsafe") && path != "src/clock/kernel.rs" {
        faults.push("is unsafe".to_owned());
    }
    let lines = source.lines().count();
    if lines > LINE_LIMIT {
        faults.push(format!("has {lines} lines, more than {LINE_LIMIT}"));
    }
    if !source.starts_with("//! ") {
        faults.push("does not begin with //!".to_owned());
    }
    faults
}

fn imports(path: &str, code: &str, rules: &Rules) -> Vec<String> {
    let mut faults = Vec::new();
    let inside = path.trim_start_matches("src/");
    let depth = inside.split('/').count() - usize::from(inside.ends_with("/mod.rs"));
    let (outside_tests, tests) = split_at_tests(code);
    if longest_way_up(outside_tests) >= depth || longest_way_up(tests) > depth {
        faults.push("goes up to the crate with super: say crate".to_owned());
    }
    let own = inside.split(['/', '.']).next().unwrap_or_default();
    if ["lib", "bin"].contains(&own) {
        return faults;
    }
    let Some(allowed) = rules.get(own) else {
        faults.push(format!("{own} has no row in the table of src/lib.rs"));
        return faults;
    };
    for used in modules_used(code) {
        match used {
            None => faults.push("names the whole crate instead of a module".to_owned()),
            Some(used) if used != own && !allowed.contains(&used) => {
                faults.push(format!("{own} may not use {used}"));
            }
            Some(_) => {}
        }
    }
    faults
}

/// The most `super` in a row.
fn longest_way_up(code: &str) -> usize {
    let mut longest = 0;
    for (at, _) in code.match_indices("super::") {
        let steps = std::iter::successors(Some(&code[at..]), |rest| rest.strip_prefix("super::")).count() - 1;
        longest = longest.max(steps);
    }
    longest
}

/// The modules that stand behind `crate::`, in groups too; `None` for the crate itself or all of it.
fn modules_used(code: &str) -> BTreeSet<Option<String>> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate") {
        let before = code[..at].chars().next_back();
        let rest = &code[at + "crate".len()..];
        // `pub(crate)`, `$crate` and longer words are not paths of this kind.
        if before.is_some_and(|letter| is_name(letter) || letter == '(' && rest.starts_with(')')) {
            continue;
        }
        if rest.starts_with(is_name) {
            continue;
        }
        match rest.strip_prefix("::").map(str::trim_start) {
            Some(path) if path.starts_with('{') => used.extend(first_names(path)),
            Some(path) if path.starts_with(is_name) => {
                used.insert(Some(path.chars().take_while(|&letter| is_name(letter)).collect()));
            }
            _ => {
                used.insert(None);
            }
        }
    }
    used
}

/// The first name of each path in `{a::b, c::{d, e}, f}`.
fn first_names(group: &str) -> BTreeSet<Option<String>> {
    let mut names = BTreeSet::new();
    let (mut depth, mut name, mut complete) = (0, String::new(), false);
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || depth == 1 && letter == ',' {
            if !name.is_empty() {
                names.insert(Some(std::mem::take(&mut name)));
            }
            complete = false;
            if depth == 0 {
                break;
            }
        } else if depth == 1 && is_name(letter) && !complete {
            name.push(letter);
        } else if depth == 1 && letter == ':' {
            complete = true;
        } else if depth == 1 && letter == '*' {
            names.insert(None);
        }
    }
    names
}

/// The rules of the table in the documentation of the library.
fn rules(library: &str) -> Rules {
    let rows: Vec<(String, String)> = library
        .lines()
        .filter_map(|line| line.strip_prefix("//! | [`"))
        .filter_map(|row| {
            let (module, rest) = row.split_once("`]")?;
            let allowed = rest.trim_end_matches([' ', '|']).rsplit('|').next()?;
            Some((module.to_owned(), allowed.trim().to_owned()))
        })
        .collect();
    let names: Vec<&str> = rows.iter().map(|(module, _)| module.as_str()).collect();
    let mut rules = Rules::new();
    for (at, (module, cell)) in rows.iter().enumerate() {
        let above = if cell.contains("all of the above") { &names[..at] } else { &[] };
        let said = names.iter().filter(|name| has_word(cell, name));
        let allowed: BTreeSet<String> = above.iter().chain(said).map(|&name| name.to_owned()).collect();
        assert!(allowed.is_empty() == (cell == "nothing in the crate"), "row of {module}: {cell}");
        rules.insert(module.clone(), allowed);
    }
    rules
}
