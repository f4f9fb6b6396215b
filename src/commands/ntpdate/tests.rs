//! Whole runs on a clock that only pretends.
