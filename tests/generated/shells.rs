//! Asks the shells themselves for completions, those that are installed.

use super::project;
use std::path::PathBuf;
use std::process::Command;
