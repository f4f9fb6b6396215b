//! The documentation: its links, its translations and its commands.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by a panic")]
#![allow(clippy::print_stderr, reason = "a test reports what it leaves out")]

#[path = "../support/chronyd.rs"]
mod chronyd;

#[allow(dead_code, unused_imports, reason = "other tests use the rest")]
#[path = "../support/mod.rs"]
mod support;

mod commands;
mod links;
mod page;
mod sample;
mod sandbox;
mod table;
mod translations;
