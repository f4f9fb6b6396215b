//! Building blocks of a command-line program, nothing specific to NTP: options, presets, prompt, pager, output, files,
//! exit.

pub mod applet;
pub mod context;
pub mod exit;
pub mod extra_opts;
pub mod files;
pub mod format;
pub mod getopt;
pub mod getopt_long;
pub mod group;
pub mod hosts;
pub(crate) mod keyboard;
pub mod operands;
pub mod output;
pub mod pager;
pub mod plugin;
pub mod presets;
pub mod prompt;
pub mod seconds;
pub mod usage;
pub mod version;
pub mod watch;
