//! Values to bytes: the outputs that people and scripts read.
//!
//! [`classic`] prints values of its own choice; [`table`], [`json`] and [`openmetrics`] print
//! [`Report`](crate::model::Report)s.

pub mod classic;
pub mod json;
pub mod openmetrics;
pub mod table;
mod text;

#[cfg(test)]
mod samples;
