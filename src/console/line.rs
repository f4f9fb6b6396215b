//! A line of input.

/// The result of reading a line.
pub enum Line {
    /// A line, possibly with its line end.
    Text(Vec<u8>),
    /// Nothing: the line was abandoned.
    Dropped,
    /// End of input.
    End,
}
