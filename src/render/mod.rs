//! Values to bytes: the outputs that people and scripts read.

pub mod classic;
