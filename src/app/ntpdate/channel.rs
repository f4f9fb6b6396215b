//! The messages of `ntpdate`: on the terminal with the time and the process, or in syslog.

use crate::cli::output::Output;
use crate::clock;
use jiff::tz::TimeZone;
use std::os::unix::net::UnixDatagram;

/// Where the system's log listens.
const SYSLOG: &str = "/dev/log";
/// The facility of daemons.
const FACILITY: u8 = 3 << 3;

/// How grave a message is; the numbers are syslog's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something failed.
    Error = 3,
    /// Something is not as it should be.
    Warning = 4,
    /// What was done.
    Notice = 5,
}

/// Takes messages to where they belong.
#[derive(Debug)]
pub struct Channel {
    name: String,
    syslog: Option<UnixDatagram>,
    terminal: bool,
    /// Whether what was done may be told on standard output.
    notices: bool,
    zone: TimeZone,
}

impl Channel {
    /// Messages of the program of this name: to syslog, to the terminal, or to both.
    pub fn open(name: &str, syslog: bool, terminal: bool, notices: bool) -> Self {
        let socket = || {
            let socket = UnixDatagram::unbound().ok()?;
            socket.connect(SYSLOG).ok()?;
            Some(socket)
        };
        Self {
            name: name.to_owned(),
            syslog: syslog.then(socket).flatten(),
            terminal,
            notices,
            zone: TimeZone::system(),
        }
    }

    /// Tells what was done.
    pub fn notice(&self, output: &mut Output, text: &str) {
        self.tell(output, Level::Notice, text);
    }

    /// Tells what failed.
    pub fn error(&self, output: &mut Output, text: &str) {
        self.tell(output, Level::Error, text);
    }

    /// Tells what is not as it should be.
    pub fn warning(&self, output: &mut Output, text: &str) {
        self.tell(output, Level::Warning, text);
    }

    fn tell(&self, output: &mut Output, level: Level, text: &str) {
        let now = clock::now().to_zoned(self.zone.clone());
        let process = std::process::id();
        if let Some(socket) = &self.syslog {
            let priority = FACILITY | level as u8;
            let time = now.strftime("%b %e %H:%M:%S");
            // A log that is gone has nobody to be told to.
            let _ = socket.send(format!("<{priority}>{time} ntpdate[{process}]: {text}").as_bytes());
        }
        if self.terminal {
            let line = format!("{} {}[{process}]: {text}\n", now.strftime("%e %b %H:%M:%S"), self.name);
            match level {
                Level::Error | Level::Warning => output.message(line),
                Level::Notice if self.notices => output.result(line),
                Level::Notice => {}
            }
        }
    }
}
