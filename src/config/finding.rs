//! What is found, where it stands, and how it can be mended.

use super::rules::Rule;

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

/// A change of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Other text in the place of these octets of the line.
    Replace {
        /// The line, from 1.
        line: usize,
        /// The octets before it.
        start: usize,
        /// The octets before its end.
        end: usize,
        /// The text.
        text: String,
    },
    /// The line goes.
    Remove {
        /// The line, from 1.
        line: usize,
    },
    /// A new line behind this one.
    After {
        /// The line, from 1; 0 for the beginning of the file.
        line: usize,
        /// The text.
        text: String,
    },
}

/// Something that a rule has found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Where.
    pub place: Place,
    /// What, with the words of the file: raw, to be escaped where it is shown.
    pub what: String,
    /// What is better here, if it can be said more exactly than the rule does.
    pub better: Option<String>,
    /// How to mend it, where that is certain.
    pub edit: Option<Edit>,
}

impl Finding {
    /// A finding without more than the rule says.
    pub fn new(rule: &'static Rule, place: Place, what: impl Into<String>) -> Self {
        Self { rule, place, what: what.into(), better: None, edit: None }
    }

    /// With something better.
    #[must_use]
    pub fn better(mut self, better: impl Into<String>) -> Self {
        self.better = Some(better.into());
        self
    }

    /// With a way to mend it.
    #[must_use]
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edit = Some(edit);
        self
    }

    /// What is better, as exactly as is known.
    pub fn advice(&self) -> &str {
        self.better.as_deref().unwrap_or(self.rule.better)
    }
}

/// The text with all these edits; those that touch the same octets as an earlier one are left out.
pub fn mend(text: &[u8], edits: &[&Edit]) -> Vec<u8> {
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
    // From the right, so that the places to the left stay.
    words.sort_by_key(|word| std::cmp::Reverse((word.0, word.1)));
    for (line, start, end, text) in words {
        let Some(octets) = line.checked_sub(1).and_then(|at| lines.get_mut(at)) else { continue };
        if start <= end && end <= octets.len() {
            octets.splice(start..end, text.bytes());
        }
    }
    if let Some(last) = lines.last_mut().filter(|last| !new.is_empty() && !last.ends_with(b"\n")) {
        last.push(b'\n');
    }
    let mut mended = Vec::new();
    for number in 0..=lines.len() {
        if let Some(octets) =
            number.checked_sub(1).and_then(|at| lines.get(at)).filter(|_| !gone.contains(&number))
        {
            mended.extend_from_slice(octets);
        }
        for (_, text) in new.iter().filter(|(line, _)| *line == number) {
            mended.extend_from_slice(text.as_bytes());
            mended.push(b'\n');
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_do_not_disturb_each_other() {
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
        assert_eq!(mend(b"a c\ngone\nlast", &edits), b"first\nAA CC\nlast\nnew\n");
        assert_eq!(mend(b"", &edits[6..7]), b"first\n");
    }
}
