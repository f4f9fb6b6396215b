//! PLACEHOLDER session
