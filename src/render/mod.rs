//! Values to bytes: the outputs that people and scripts read.
//!
//! [`classic`], [`ntpsec`] and [`fleet`] print values of their own choice; [`table`], [`json`] and [`openmetrics`] print
//! [`Report`](crate::model::Report)s.

pub mod classic;
pub mod fleet;
pub mod json;
pub mod ntpsec;
pub mod openmetrics;
pub mod table;
pub mod text;
mod units;

pub use text::visible;

#[cfg(test)]
mod samples;
