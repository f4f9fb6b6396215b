//! What a file of hosts says.

/// The most hosts that all files and networks together stand for.
pub const HOST_LIMIT: usize = 1 << 18;

/// An entry of a file: what it says, and in which line.
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

/// What a file says: hosts and networks, and what is wrong.
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

    /// Whether no more is to be read: there are too many hosts.
    pub fn is_full(&self) -> bool {
        self.entries.len() > HOST_LIMIT
    }
}
