//! Holds what the table in `src/lib.rs` says about the modules, and some rules that a compiler does not know.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines of a source file.
const LINE_LIMIT: usize = 500;

/// Where clocks may be read; everybody else is told the time.
const CLOCK_READERS: [&str; 4] = ["src/net/", "src/clock/", "src/sim/server.rs", "src/bin/"];

/// What reads a clock.
const CLOCK_READINGS: [&str; 4] = ["Instant::now(", "SystemTime::now(", "Timestamp::now(", "Zoned::now("];

/// What writes to the standard streams without regard to closed pipes and full disks.
const PRINTING: [&str; 5] = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];

/// Of each module, the modules that it may use.
type Rules = BTreeMap<String, BTreeSet<String>>;

#[test]
fn sources_keep_the_rules() {
    let rules = rules(&read("src/lib.rs"));
    let mut faults = Vec::new();
    for path in sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let source = read(&path);
        faults.extend(faults_of(&path, &source, &rules).into_iter().map(|fault| format!("{path}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
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
        ("wire", set(&[])),
        ("clock", set(&[])),
        ("auth", set(&["wire"])),
        ("model", set(&["wire"])),
        ("render", set(&["wire", "model", "compat"])),
        ("session", set(&["wire", "auth"])),
        ("net", set(&["wire", "session", "clock"])),
        ("sim", set(&["wire", "auth", "model"])),
    ] {
        assert_eq!(rules[module], allowed, "{module}");
    }
    let users: Vec<&str> = rules
        .iter()
        .filter(|(_, allowed)| allowed.contains("app"))
        .map(|(module, _)| module.as_str())
        .collect();
    assert_eq!(users, ["console"], "modules that may use the applets");
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
        ("src/wire/reader.rs", "fn f() { println!(\"x\") }", "println!"),
        ("src/wire/reader.rs", "fn f() { std::eprint!(\"x\") }", "eprint!"),
        ("src/render/table.rs", "fn f() { let t = Instant::now(); }", "reads a clock"),
        ("src/sim/peer.rs", "fn f() { SystemTime::now(); }", "reads a clock"),
        ("src/app/mod.rs", "fn f() { jiff::Timestamp::now(); }", "reads a clock"),
        ("src/net/link.rs", "unsafe fn f() {}", "unsafe"),
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
    let is_test = path.ends_with("tests.rs") || path.contains("/tests/");
    if !is_test && !CLOCK_READERS.iter().any(|reader| path.starts_with(reader)) {
        let readings = CLOCK_READINGS.iter().filter(|reading| outside_tests.contains(**reading));
        faults.extend(readings.map(|reading| format!("reads a clock: {reading}): ask crate::clock")));
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

/// The code before the module of tests, and that module.
fn split_at_tests(code: &str) -> (&str, &str) {
    code.find("#[cfg(test)]\nmod tests {").map_or((code, ""), |at| code.split_at(at))
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
        // `pub(crate)`, `$crate` and longer words are no paths of this kind.
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
        assert!(allowed.is_empty() == (cell == "nothing of the crate"), "row of {module}: {cell}");
        rules.insert(module.clone(), allowed);
    }
    rules
}

/// The source with comments taken out and literals emptied.
fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest).filter(|_| !code.ends_with(is_name)) {
            length
        } else if letter == '"' {
            1 + string_end(&rest[1..], '"')
        } else if letter == '\'' && is_character(rest) {
            1 + string_end(&rest[1..], '\'')
        } else {
            0
        };
        if skipped == 0 {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        } else {
            rest = &rest[skipped..];
        }
    }
    code
}

/// The length of the raw string that begins here.
fn raw_string(text: &str) -> Option<usize> {
    let marks = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes: String = marks.chars().take_while(|&letter| letter == '#').collect();
    let body = marks[hashes.len()..].strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + length)
}

/// Whether this quote begins a character and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut letters = text.chars().skip(1);
    letters.next() == Some('\\') || letters.next() == Some('\'')
}

/// The length up to and with the closing quote.
fn string_end(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in body.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    body.len()
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_name) && (word.ends_with('!') || !after.is_some_and(is_name))
    })
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// All Rust files below a folder, as paths from the root of the project.
fn sources(folder: PathBuf) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut files) = (vec![folder], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let path = path.strip_prefix(root).expect("a path below the root");
                files.push(path.to_str().expect("a plain name").to_owned());
            }
        }
    }
    files.sort();
    assert!(files.len() > 50, "the sources are not where they were: {files:?}");
    files
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
