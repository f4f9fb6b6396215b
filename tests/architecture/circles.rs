//! No circle of files inside any folder: whoever reads a file can begin with one that needs no other beside it.
//!
//! What lies in one folder is compared: files, and folders as a whole. The root of a module (`mod.rs`, or the file beside
//! the folder) is its face and takes no part among its own files; what it passes on from one of them counts as that
//! file's. The code of tests does not count.

use crate::source::{code_of, is_name, is_test, split_at_tests};
use std::collections::{BTreeMap, BTreeSet};

/// The names of a module, from the crate on.
pub type Module = Vec<String>;

/// For each folder, who uses whom inside it, and one place where it does.
type Uses = BTreeMap<Module, BTreeMap<String, BTreeMap<String, String>>>;

/// The circles among these files: paths and sources.
pub fn circles(files: &[(String, String)]) -> Vec<String> {
    let crate_ = Crate::of(files);
    crate_
        .uses()
        .iter()
        .flat_map(|(folder, uses)| {
            knots(uses).into_iter().map(move |knot| {
                let inside: Vec<String> = knot
                    .iter()
                    .flat_map(|from| {
                        uses[from]
                            .iter()
                            .filter(|(to, _)| knot.contains(*to))
                            .map(|(_, place)| format!("\n    {place}"))
                    })
                    .collect();
                let names: Vec<&str> = knot.iter().map(String::as_str).collect();
                let folder = ["src"]
                    .into_iter()
                    .chain(folder.iter().map(String::as_str))
                    .collect::<Vec<_>>()
                    .join("/");
                format!("{folder}: a circle of {}:{}", names.join(", "), inside.concat())
            })
        })
        .collect()
}

/// Who uses whom in a folder of the top, and one place where it does.
pub fn uses_between(files: &[(String, String)], folder: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    Crate::of(files).uses().remove(&vec![folder.to_owned()]).unwrap_or_default()
}

struct Crate {
    /// The code of each module, without its tests.
    modules: BTreeMap<Module, (String, String)>,
    /// What names in a module stand for.
    names: BTreeMap<(Module, String), Module>,
}

impl Crate {
    fn of(files: &[(String, String)]) -> Self {
        let mut modules = BTreeMap::new();
        for (path, source) in files {
            if is_test(path) || path.starts_with("src/bin/") {
                continue;
            }
            let code = code_of(source);
            let (code, _) = split_at_tests(&code);
            modules.insert(module_of(path), (path.clone(), code.to_owned()));
        }
        let mut names = BTreeMap::new();
        for (module, (_, code)) in &modules {
            for path in imported(code) {
                let Some(name) = path.last() else { continue };
                // A path without `crate`, `self` or `super` begins with a module of this one, or with another crate.
                let path = match path[0].as_str() {
                    "crate" | "self" | "super" => path.clone(),
                    _ => [&["self".to_owned()], &path[..]].concat(),
                };
                if let Some(path) = absolute(module, &path) {
                    names.insert((module.clone(), name.clone()), path);
                }
            }
        }
        Self { modules, names }
    }

    fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for (module, (file, code)) in &self.modules {
            for target in self.targets(module, code) {
                let shared = module.iter().zip(&target).take_while(|(one, other)| one == other).count();
                let (Some(from), Some(to)) = (module.get(shared), target.get(shared)) else { continue };
                let place = format!("{file} uses {}", target.join("::"));
                let folder = uses.entry(module[..shared].to_vec()).or_default();
                folder.entry(to.clone()).or_default();
                folder.entry(from.clone()).or_default().entry(to.clone()).or_insert(place);
            }
        }
        uses
    }

    /// The modules that a module uses.
    fn targets(&self, module: &Module, code: &str) -> BTreeSet<Module> {
        let rooted = rooted(code).into_iter().filter_map(|path| absolute(module, &path));
        rooted.chain(self.abbreviated(module, code)).filter_map(|path| self.resolve(&path, 0)).collect()
    }

    /// The paths that begin with a module that was imported, or with one of the module's own.
    fn abbreviated(&self, module: &Module, code: &str) -> Vec<Module> {
        let mut found = Vec::new();
        for (at, _) in code.match_indices("::") {
            let start = code[..at].rfind(|letter| !is_name(letter)).map_or(0, |before| before + 1);
            let name = &code[start..at];
            if name.is_empty() || code[..start].ends_with(':') {
                continue;
            }
            let known = self.names.get(&(module.clone(), name.to_owned())).cloned();
            let beginning = known.unwrap_or_else(|| [&module[..], &[name.to_owned()]].concat());
            if self.modules.contains_key(&beginning) {
                tree(&code[at + 2..], &beginning, &mut found);
            }
        }
        found
    }

    /// The module in which what a path names is at home.
    fn resolve(&self, path: &Module, depth: usize) -> Option<Module> {
        let length = (0..=path.len()).rev().find(|&length| self.modules.contains_key(&path[..length]))?;
        let module = path[..length].to_vec();
        if let Some(name) = path.get(length)
            && depth < 9
            && let Some(at) = self.names.get(&(module.clone(), name.clone()))
            && at != path
        {
            return self.resolve(at, depth + 1).or(Some(module));
        }
        Some(module)
    }
}

fn module_of(path: &str) -> Module {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|name| *name != "lib").map(str::to_owned).collect()
}

/// A path from the crate on, without `crate`, `self` and `super`.
fn absolute(module: &Module, path: &[String]) -> Option<Module> {
    let mut at = module.clone();
    for (place, name) in path.iter().enumerate() {
        match (name.as_str(), place) {
            ("crate", 0) => at.clear(),
            ("self", _) => {}
            ("super", _) => drop(at.pop()?),
            _ => at.push(name.clone()),
        }
    }
    Some(at)
}

/// The paths of all `use` declarations.
fn imported(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("use ") {
        if !code[..at].ends_with(is_name)
            && code[..at].trim_end_matches([' ', ')']).ends_with(['\n', ';', '}', 'b', 'r', 'e'])
            || at == 0
        {
            tree(&code[at + 4..], &[], &mut paths);
        }
    }
    paths
}

/// All paths that begin with `crate`, `self` or `super`, wherever they stand.
fn rooted(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for root in ["crate::", "self::", "super::"] {
        for (at, _) in code.match_indices(root) {
            if !code[..at].ends_with(is_name) && !code[..at].ends_with([':', '$']) {
                tree(&code[at..], &[], &mut paths);
            }
        }
    }
    paths
}

/// Reads one path, or a tree of them in braces; gives what follows.
fn tree<'a>(code: &'a str, before: &[String], paths: &mut Vec<Vec<String>>) -> &'a str {
    let code = code.trim_start();
    if let Some(mut rest) = code.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            if let Some(rest) = rest.strip_prefix('}') {
                return rest;
            }
            let after = tree(rest, before, paths);
            let after = after.trim_start();
            let next = after.strip_prefix(',').unwrap_or(after);
            if next.len() == rest.len() {
                return next;
            }
            rest = next;
        }
    }
    let end = code.find(|letter| !is_name(letter)).unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    let path = if name.is_empty() { before.to_vec() } else { [before, &[name.to_owned()]].concat() };
    if let Some(rest) = rest.strip_prefix("::").filter(|rest| !rest.starts_with('<')) {
        return tree(rest, &path, paths);
    }
    let alias = rest.strip_prefix(" as ").map(|rest| rest.trim_start_matches(is_name));
    paths.push(path);
    alias.unwrap_or_else(|| rest.strip_prefix('*').unwrap_or(rest))
}

/// The groups whose members all reach each other.
fn knots(uses: &BTreeMap<String, BTreeMap<String, String>>) -> Vec<BTreeSet<String>> {
    let reached = |from: &str| -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for next in uses.get(at).into_iter().flatten().map(|(to, _)| to) {
                if reached.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        reached
    };
    let reach: BTreeMap<&str, BTreeSet<String>> =
        uses.keys().map(|name| (name.as_str(), reached(name))).collect();
    let mut knots: Vec<BTreeSet<String>> = Vec::new();
    for (name, others) in &reach {
        if others.contains(*name) && !knots.iter().any(|knot| knot.contains(*name)) {
            knots
                .push(others.iter().filter(|other| reach[other.as_str()].contains(*name)).cloned().collect());
        }
    }
    knots
}
