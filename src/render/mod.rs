//! Rendering: the output formats for people and scripts.
//!
//! [`chronyc`], [`classic`], [`ntpsec`] and [`fleet`] print values that the caller selects; [`table`], [`json`] and [`openmetrics`]
//! print [`Report`](crate::model::Report)s.

pub mod chronyc;
pub mod classic;
pub mod fleet;
pub mod json;
pub mod ntpsec;
pub mod openmetrics;
pub mod table;
pub mod text;
pub mod units;

#[cfg(test)]
mod samples;
