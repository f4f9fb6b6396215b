//! The contents of a hosts file.

/// The most hosts that all files and networks together may expand to.
pub const HOST_LIMIT: usize = 1 << 18;

/// An entry of a file, with its line number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub line: usize,
    pub text: String,
}

/// Why an entry or a whole file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub reason: String,
}

/// The hosts and networks in a file, and the faults found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub entries: Vec<Entry>,
    pub faults: Vec<Fault>,
}

impl Contents {
    pub fn add(&mut self, line: usize, text: impl Into<String>) {
        self.entries.push(Entry { line, text: text.into() });
    }

    pub fn fault(&mut self, line: usize, reason: impl Into<String>) {
        self.faults.push(Fault { line, reason: reason.into() });
    }

    /// Whether the limit on hosts is reached and no more should be read.
    pub fn is_full(&self) -> bool {
        self.entries.len() > HOST_LIMIT
    }
}
