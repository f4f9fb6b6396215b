//! Figures about the code outside tests, each with a ceiling that only sinks.

use crate::source::{code_of, is_name, is_test, split_at_tests};

/// What is counted, where it is not, how it is found in the code of a file, and the most that there may be.
type Count = (&'static str, &'static [&'static str], fn(&str) -> usize, usize);

const COUNTS: &[Count] = &[
    ("is_classic() outside compat", &["src/compat/"], |code| code.matches(".is_classic()").count(), 0),
    ("dialects named outside compat and the options", &["src/compat/", "src/cli/context.rs"], variants, 2),
    ("Result<_, String> outside cli", &["src/cli/"], strings_as_errors, 40),
    ("unsafe", &[], |code| words(code, "unsafe"), 5),
    ("lines of code printing to a standard stream past Output", &[], |code| words(code, "println!"), 0),
];

/// One line for each count, and those that are above their ceilings.
pub fn report(files: &[(String, String)]) -> (Vec<String>, Vec<String>) {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (what, exempt, find, ceiling) in COUNTS {
        let found: Vec<(&str, usize)> = files
            .iter()
            .filter(|(path, _)| !is_test(path) && !exempt.iter().any(|prefix| path.starts_with(prefix)))
            .map(|(path, source)| (path.as_str(), find(split_at_tests(&code_of(source)).0)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let sum: usize = found.iter().map(|(_, count)| count).sum();
        lines.push(format!("{what}: {sum} (at most {ceiling})"));
        if sum > *ceiling {
            let places: Vec<String> =
                found.iter().map(|(path, count)| format!("\n    {path}: {count}")).collect();
            faults.push(format!("{what}: {sum}, more than {ceiling}:{}", places.concat()));
        }
    }
    (lines, faults)
}

/// How often a word stands in the code.
fn words(code: &str, word: &str) -> usize {
    code.split(|letter| !is_name(letter) && letter != '!').filter(|found| *found == word).count()
}

/// How often a dialect is named by itself, instead of a difference by its name.
fn variants(code: &str) -> usize {
    code.match_indices("Dialect::")
        .filter(|(at, _)| !code[..*at].ends_with(is_name))
        .filter(|(at, found)| {
            code[at + found.len()..].starts_with(|letter: char| letter.is_ascii_uppercase())
        })
        .count()
}

/// How many results have a text for their error.
fn strings_as_errors(code: &str) -> usize {
    code.match_indices("Result<")
        .filter(|(at, found)| second_parameter(&code[at + found.len()..]) == Some("String"))
        .count()
}

/// The second of the parameters that follow, up to the bracket that ends them.
fn second_parameter(code: &str) -> Option<&str> {
    let (mut depth, mut start) = (0_usize, None);
    for (at, letter) in code.char_indices() {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' if code[..at].ends_with('-') => {}
            '>' if depth == 0 => {
                return start.map(|start: usize| code[start..at].trim().trim_end_matches(','));
            }
            '>' | ')' | ']' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 && start.is_none() => start = Some(at + 1),
            ';' | '{' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[test]
fn counts_count() {
    assert_eq!(words("unsafe { not_unsafe() } // unsafe_code, unsafe", "unsafe"), 2);
    assert_eq!(
        variants("Dialect::Classic, Dialect::default(), MyDialect::Classic, compat::Dialect::Native"),
        2
    );
    let code = "fn a() -> Result<Vec<(u8, u8)>, String>; Result<String, Error> io::Result<String> Result<fn() -> u8, String,>";
    assert_eq!(strings_as_errors(code), 2);
}
