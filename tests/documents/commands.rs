//! Every command of README.md and docs/*.md does what the page says, or is listed with the reason why it is not run.

use crate::page::{Page, pages};
use crate::sandbox::Sandbox;
use crate::table::{Entry, How, TABLE};
use std::collections::BTreeSet;
use std::thread;

/// The pages whose commands are tested. Translations have the same commands.
fn tested(page: &Page) -> bool {
    (page.name == "README.md" || page.name.starts_with("docs/")) && !page.name.contains(".zh-CN.")
}

/// The statements of the shell blocks of a page, without comments; of other blocks, the first line.
fn statements(page: &Page) -> Vec<String> {
    let mut statements = Vec::new();
    for block in page.blocks() {
        let lines = block.commands();
        if !block.is_shell() {
            statements.extend(lines.into_iter().take(1));
            continue;
        }
        let mut statement = String::new();
        for line in lines.iter().filter(|line| !line.is_empty()) {
            statement.push_str(line);
            let open = statement.starts_with("for ") && line != "done";
            if open || line.ends_with(['\\', '|']) {
                statement.push('\n');
            } else {
                statements.push(std::mem::take(&mut statement));
            }
        }
        assert_eq!(statement, "", "{}: a statement without an end", page.name);
    }
    statements
}

#[test]
fn every_command_is_listed() {
    let found: BTreeSet<(String, String)> = pages()
        .iter()
        .filter(|page| tested(page))
        .flat_map(|page| statements(page).into_iter().map(|statement| (page.name.clone(), statement)))
        .collect();
    let listed: BTreeSet<(String, String)> =
        TABLE.iter().map(|entry| (entry.page.to_owned(), entry.command.to_owned())).collect();
    let missing: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(missing.is_empty(), "add these to tests/documents/table.rs: {missing:#?}");
    assert!(gone.is_empty(), "no page has these any more: {gone:#?}");
    for entry in TABLE {
        assert!(!matches!(entry.how, How::NotRun("")), "{}: no reason", entry.command);
    }
}

#[test]
fn commands_do_what_the_pages_say() {
    let failures: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = TABLE.iter().map(|entry| scope.spawn(move || failure(entry))).collect();
        runs.into_iter().filter_map(|run| run.join().expect("a run")).collect()
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// The checks of the table can fail.
#[test]
fn wrong_output_is_found() {
    let how = How::Run { with: &[], status: 0, check: "grep -q 'no such line' <<<\"$out\"" };
    assert!(failure(&Entry { page: "README.md", command: "ntpq -c version", how }).is_some());
    let how = How::Run { with: &[], status: 1, check: "true" };
    assert!(failure(&Entry { page: "README.md", command: "ntpq -c version", how }).is_some());
}

/// What is wrong with the run of a command.
fn failure(entry: &Entry) -> Option<String> {
    let How::Run { with, status, check } = entry.how else { return None };
    let mut command = entry.command.to_owned();
    for (from, to) in with {
        assert!(command.contains(from), "{command}: nothing to replace by {to}");
        command = command.replace(from, to);
    }
    let sandbox = Sandbox::new();
    if command.contains("jq ") && !sandbox.has("jq") {
        eprintln!("jq is not installed: not run: {command}");
        return None;
    }
    let ran = sandbox.run(&format!("{command}\n"));
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    let shown = format!("{}: {command}\n{out}{err}", entry.page);
    if ran.status.code() != Some(status) {
        return Some(format!("{shown}status {:?} instead of {status}\n", ran.status.code()));
    }
    let quote = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let checked =
        sandbox.shell(&format!("out={} err={}\n{check}", quote(out.trim_end()), quote(err.trim_end())));
    (!checked.status.success()).then(|| format!("{shown}this is not so: {check}\n"))
}
