//! PLACEHOLDER render
