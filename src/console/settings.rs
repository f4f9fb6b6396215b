//! What the options and the local commands of `ntpq` decide.

use super::authentication::Authentication;
use super::options::{ColorChoice, RefidDisplay};
use super::program::Program;
use crate::cli::format::Format;
use crate::client::choice::DaemonChoice;
use crate::compat::{Dialect, Layout, Quirk};
use crate::session::control::Config;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

/// The choices in force; commands change them.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// Which program this is.
    pub program: &'static Program,
    /// Whose bytes are printed.
    pub dialect: Dialect,
    /// Whose tables are printed.
    pub layout: Layout,
    /// Host names are printed instead of addresses.
    pub host_names: bool,
    /// The whole name of a peer is printed.
    pub wide: bool,
    /// The status line is printed even when variables are named.
    pub old_rv: bool,
    /// How reference identifiers that are addresses are printed.
    pub refid: RefidDisplay,
    /// Replies are printed as received.
    pub raw: bool,
    /// The protocol version that requests claim.
    pub version: u8,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// Kept for the commands that authenticate with a timestamp, in milliseconds.
    pub delay: i64,
    /// How much is reported about what happens.
    pub debug: i32,
    /// Whose peers the billboards show.
    pub daemon: DaemonChoice,
    /// The form of results.
    pub format: Format,
    /// The tally character is coloured.
    pub color: bool,
    /// Requests that need a key go without one (mode 7 only).
    pub sends_no_key: bool,
    /// The key that requests are authenticated with.
    pub authentication: Authentication,
    /// Columns of the terminal that results go to, if they go to one.
    pub width: Option<u16>,
    /// Columns of the terminal that messages go to, if they go to one.
    pub message_width: Option<u16>,
    /// The columns of a line that the user chose.
    pub forced_width: Option<u16>,
    /// Numbers are printed with units.
    pub units: bool,
    /// Where the debug output goes, if not to standard error.
    pub log: Option<Arc<File>>,
}

impl Settings {
    /// The choices of a command line without options.
    pub fn standard(program: &'static Program, dialect: Dialect) -> Self {
        Self {
            program,
            dialect,
            layout: Layout::default(),
            host_names: true,
            wide: false,
            old_rv: false,
            refid: RefidDisplay::default(),
            raw: false,
            version: crate::wire::control::DEFAULT_VERSION,
            timeout: Duration::from_secs(5),
            delay: 20,
            debug: 0,
            daemon: DaemonChoice::default(),
            format: Format::default(),
            color: false,
            authentication: Authentication::default(),
            sends_no_key: false,
            width: None,
            message_width: None,
            forced_width: None,
            units: false,
            log: None,
        }
    }

    /// How a session behaves under these choices.
    pub fn session(&self, first_sequence: u16, cookie: u64) -> Config {
        let (silence, patience, probe) = if self.dialect.keeps(Quirk::SLOW_TIMEOUTS) {
            let (silence, patience) = (self.program.slow_timeouts)(self.timeout);
            (silence, patience, None)
        } else {
            (self.timeout, self.timeout * 2, Some(cookie))
        };
        Config { version: self.version, first_sequence, silence, patience, probe }
    }
}

/// Whether the tally character is coloured, for results that go to a terminal or not.
pub fn wants_color(choice: ColorChoice, terminal: bool, no_color: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && !no_color,
    }
}
