//! Findings: what was found, where, and how to fix it.

use super::rules::Rule;
use crate::compact;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// The line, from 1; 0 for the whole file.
    pub line: usize,
    /// The column in octets, from 1; 0 for the whole line.
    pub column: usize,
}

/// A change to one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Replaces part of a line.
    Replace {
        /// The line, from 1.
        line: usize,
        /// Offset of the start, in octets.
        start: usize,
        /// Offset of the end, in octets.
        end: usize,
        /// The new text.
        text: String,
    },
    /// Removes a line.
    Remove {
        /// The line, from 1.
        line: usize,
    },
    /// Inserts a line after this one.
    After {
        /// The line, from 1; 0 for the start of the file.
        line: usize,
        /// The new line.
        text: String,
    },
}

/// A finding of a rule.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Where it is.
    pub place: Place,
    /// The message, quoting the file: raw, to be escaped for display.
    pub what: String,
    /// More specific advice than the rule's, if any.
    pub better: Option<String>,
    /// How to fix it, if that is certain.
    pub edit: Option<Edit>,
}

impl Finding {
    /// A finding with only the rule's advice.
    pub fn new(rule: &'static Rule, place: Place, what: impl Into<String>) -> Self {
        Self { rule, place, what: what.into(), better: None, edit: None }
    }

    /// Adds more specific advice.
    #[must_use]
    pub fn better(mut self, better: impl Into<String>) -> Self {
        self.better = Some(better.into());
        self
    }

    /// Adds a fix.
    #[must_use]
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edit = Some(edit);
        self
    }

    /// The most specific advice available.
    pub fn advice(&self) -> &str {
        self.better.as_deref().unwrap_or(self.rule.better())
    }
}

/// Applies all these edits to the text; an edit that overlaps an earlier one is skipped.
pub fn apply_edits(text: &[u8], edits: &[&Edit]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect();
    let mut words: Vec<(usize, usize, usize, &str)> = Vec::new();
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for edit in edits {
        match edit {
            Edit::Replace { line, start, end, text } => {
                let touches = |other: &(usize, usize, usize, &str)| {
                    other.0 == *line && *start < other.2.max(other.1 + 1) && other.1 < *end.max(&(start + 1))
                };
                if !words.iter().any(touches) {
                    words.push((*line, *start, *end, text));
                }
            }
            Edit::Remove { line } => gone.push(*line),
            Edit::After { line, text } if !new.contains(&(*line, text.as_str())) => {
                new.push((*line, text.as_str()));
            }
            Edit::After { .. } => {}
        }
    }
    // From right to left, so that earlier offsets remain valid.
    compact::sort_by_key(&mut words, |word| std::cmp::Reverse((word.0, word.1)));
    for (line, start, end, text) in words {
        let Some(octets) = line.checked_sub(1).and_then(|at| lines.get_mut(at)) else { continue };
        if start <= end && end <= octets.len() {
            octets.splice(start..end, text.bytes());
        }
    }
    if let Some(last) = lines.last_mut().filter(|last| !new.is_empty() && !last.ends_with(b"\n")) {
        last.push(b'\n');
    }
    let mut edited = Vec::new();
    for number in 0..=lines.len() {
        if let Some(octets) =
            number.checked_sub(1).and_then(|at| lines.get(at)).filter(|_| !gone.contains(&number))
        {
            edited.extend_from_slice(octets);
        }
        for (_, text) in new.iter().filter(|(line, _)| *line == number) {
            edited.extend_from_slice(text.as_bytes());
            edited.push(b'\n');
        }
    }
    edited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_independent_of_each_other() {
        let replace = |line, start, end, text: &str| Edit::Replace { line, start, end, text: text.into() };
        let edits = [
            replace(1, 0, 1, "AA"),
            replace(1, 2, 3, "CC"),
            replace(1, 2, 3, "too late"),
            Edit::Remove { line: 2 },
            Edit::After { line: 3, text: "new".into() },
            Edit::After { line: 3, text: "new".into() },
            Edit::After { line: 0, text: "first".into() },
            replace(9, 0, 0, "nowhere"),
        ];
        let edits: Vec<&Edit> = edits.iter().collect();
        assert_eq!(apply_edits(b"a c\ngone\nlast", &edits), b"first\nAA CC\nlast\nnew\n");
        assert_eq!(apply_edits(b"", &edits[6..7]), b"first\n");
    }
}
