//! The messages of `ntpdate`: on the terminal with the time and the process, or in syslog.

use crate::cli::output::Output;
use crate::clock::{self, Stopwatch};
use jiff::tz::TimeZone;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::cell::Cell;
use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

/// Where the system's log listens.
const SYSLOG: &str = "/dev/log";
/// The facility of daemons.
const FACILITY: u8 = 3 << 3;

/// How long a run waits for a log that takes nothing, all in all.
const PATIENCE: Duration = Duration::from_secs(1);

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
    syslog: Option<Syslog>,
    terminal: bool,
    /// Whether what was done may be told on standard output.
    notices: bool,
    zone: TimeZone,
}

impl Channel {
    /// Messages of the program of this name: to syslog, to the terminal, or to both.
    pub fn open(name: &str, syslog: bool, terminal: bool, notices: bool) -> Self {
        Self {
            name: name.to_owned(),
            syslog: syslog.then(|| Syslog::open(Path::new(SYSLOG))).flatten(),
            terminal,
            notices,
            zone: crate::clock::zone::local(),
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
        if let Some(syslog) = &self.syslog {
            let priority = FACILITY | level as u8;
            let time = now.strftime("%b %e %H:%M:%S");
            syslog.send(&format!("<{priority}>{time} ntpdate[{process}]: {text}"));
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

/// The way to the system's log.
#[derive(Debug)]
struct Syslog {
    socket: UnixDatagram,
    /// What is left of the patience with it.
    patience: Cell<Duration>,
}

impl Syslog {
    fn open(path: &Path) -> Option<Self> {
        let socket = UnixDatagram::unbound().ok()?;
        socket.connect(path).ok()?;
        socket.set_nonblocking(true).ok()?;
        Some(Self { socket, patience: Cell::new(PATIENCE) })
    }

    /// Sends a message. A log that is gone has nobody to be told to, and one that takes nothing must not keep the clock
    /// from being set.
    fn send(&self, message: &str) {
        let begin = Stopwatch::start();
        let patience = self.patience.get();
        loop {
            match self.socket.send(message.as_bytes()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                _ => break,
            }
            let left = patience.saturating_sub(begin.elapsed());
            if left.is_zero() {
                break;
            }
            let limit = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
            // An interrupted wait is a short one.
            let _ = poll(&mut [PollFd::new(self.socket.as_fd(), PollFlags::POLLOUT)], limit);
        }
        self.patience.set(patience.saturating_sub(begin.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_takes_nothing_is_waited_for_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert!(Syslog::open(&path).is_none());
        let log = UnixDatagram::bind(&path).unwrap();
        let syslog = Syslog::open(&path).unwrap();
        // The queue of a socket that nobody reads takes some datagrams, and then none; a blocking send would never end.
        for number in 0..10_000 {
            syslog.send(&format!("message {number}"));
        }
        assert_eq!(syslog.patience.get(), Duration::ZERO);
        let mut buffer = [0; 64];
        let length = log.recv(&mut buffer).unwrap();
        assert_eq!(buffer.get(..length), Some(b"message 0".as_slice()));
        // There is room again.
        log.set_nonblocking(true).unwrap();
        while log.recv(&mut buffer).is_ok() {}
        syslog.send("late");
        assert_eq!(log.recv(&mut buffer).unwrap(), 4);
    }
}
