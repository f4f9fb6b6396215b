//! Settings controlled by the options and by the local commands.

use super::authentication::Authentication;
use super::options::{ColorChoice, RefidDisplay};
use super::program::Program;
use crate::cli::format::Format;
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::Detail;
use crate::compat::{Dialect, Layout, Quirk};
use crate::session::control::Config;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

/// The settings in force; commands change them.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// The program.
    pub program: &'static Program,
    /// The dialect of the output.
    pub dialect: Dialect,
    /// The layout of tables.
    pub layout: Layout,
    /// How much to say about a failure.
    pub detail: Detail,
    /// Whether host names are printed instead of addresses.
    pub host_names: bool,
    /// Whether the whole name of a peer is printed.
    pub wide: bool,
    /// Whether the status line is printed even when variables are named.
    pub old_rv: bool,
    /// How reference identifiers that are addresses are printed.
    pub refid: RefidDisplay,
    /// Whether replies are printed as received.
    pub raw: bool,
    /// The protocol version in requests.
    pub version: u8,
    /// How long to wait for a reply.
    pub timeout: Duration,
    /// Kept for the commands that authenticate with a timestamp, in milliseconds.
    pub delay: i64,
    /// The debug level.
    pub debug: i32,
    /// The daemon whose peers the billboards show.
    pub daemon: DaemonChoice,
    /// The output format, to be read with [`Settings::format`].
    pub format: Format,
    /// Whether the tally character is coloured.
    pub color: bool,
    /// Whether requests that need a key are sent without one (mode 7 only).
    pub sends_no_key: bool,
    /// The key that requests are authenticated with.
    pub authentication: Authentication,
    /// Columns of the terminal that results go to, if any.
    pub width: Option<u16>,
    /// Columns of the terminal that messages go to, if any.
    pub message_width: Option<u16>,
    /// The line width chosen by the user, in columns.
    pub forced_width: Option<u16>,
    /// Whether numbers are printed with units.
    pub units: bool,
    /// The debug log, if debug output does not go to standard error.
    pub log: Option<Arc<File>>,
}

impl Settings {
    /// The settings of a command line without options.
    pub fn standard(program: &'static Program, dialect: Dialect) -> Self {
        Self {
            program,
            dialect,
            layout: Layout::default(),
            detail: Detail::default(),
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

    /// The output format.
    pub fn format(&self) -> Format {
        // Written so that the compiler sees what a build with one format never prints.
        if cfg!(feature = "formats") { self.format } else { Format::Plain }
    }

    /// Whether failures are explained: always, except as in the classic program if nothing else is asked for.
    pub fn gives_hints(&self) -> bool {
        self.detail == Detail::Reasons || !self.dialect.keeps(Quirk::NO_HINTS)
    }

    /// The session configuration under these settings.
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

/// Whether the tally character is coloured, given whether results go to a terminal.
pub fn wants_color(choice: ColorChoice, terminal: bool, no_color: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && !no_color,
    }
}
