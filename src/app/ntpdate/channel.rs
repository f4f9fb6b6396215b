//! The messages of `ntpdate`: on the terminal with time and process ID, or in syslog.

use crate::cli::output::Output;
use crate::clock::{self, Stopwatch};
use crate::text::date;
use crate::text::harmless;
use jiff::tz::TimeZone;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::cell::Cell;
use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

/// The socket of the system log.
const SYSLOG: &str = "/dev/log";
/// The facility `daemon`.
const FACILITY: u8 = 3 << 3;

/// How long a run waits in total for a blocked log.
const PATIENCE: Duration = Duration::from_secs(1);

/// The severity of a message, with syslog's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something failed.
    Error = 3,
    /// Something is not as it should be.
    Warning = 4,
    /// Something was done.
    Notice = 5,
}

/// Sends messages to their destination.
#[derive(Debug)]
pub struct Channel {
    name: String,
    syslog: Option<Syslog>,
    terminal: bool,
    /// Whether notices may be printed on standard output.
    notices: bool,
    zone: TimeZone,
}

impl Channel {
    /// Messages of the program with this name, to syslog, the terminal, or both.
    pub fn open(name: &str, syslog: bool, terminal: bool, notices: bool) -> Self {
        Self {
            name: name.to_owned(),
            syslog: syslog.then(|| Syslog::open(Path::new(SYSLOG))).flatten(),
            terminal,
            notices,
            zone: crate::clock::zone::local(),
        }
    }

    /// Reports what was done.
    pub fn notice(&self, output: &mut Output, text: &str) {
        self.report(output, Level::Notice, text);
    }

    /// Reports a failure.
    pub fn error(&self, output: &mut Output, text: &str) {
        self.report(output, Level::Error, text);
    }

    /// Reports a problem.
    pub fn warning(&self, output: &mut Output, text: &str) {
        self.report(output, Level::Warning, text);
    }

    fn report(&self, output: &mut Output, level: Level, text: &str) {
        let now = self.zone.to_datetime(clock::now());
        let process = std::process::id();
        if let Some(syslog) = &self.syslog {
            let priority = FACILITY | level as u8;
            let time = format!("{} {}", date::month_and_day(now), date::clock(now));
            // A line end would begin a message of its own.
            let text = String::from_utf8_lossy(&harmless(text.as_bytes())).replace('\n', "\\x0a");
            syslog.send(&format!("<{priority}>{time} ntpdate[{process}]: {text}"));
        }
        if self.terminal {
            let time = format!("{} {}", date::day_and_month(now), date::clock(now));
            let line = format!("{time} {}[{process}]: {text}\n", self.name);
            match level {
                Level::Error | Level::Warning => output.message(line),
                Level::Notice if self.notices => output.result(line),
                Level::Notice => {}
            }
        }
    }
}

/// The connection to the system log.
#[derive(Debug)]
struct Syslog {
    socket: UnixDatagram,
    /// How long it may still block.
    patience: Cell<Duration>,
}

impl Syslog {
    fn open(path: &Path) -> Option<Self> {
        let socket = UnixDatagram::unbound().ok()?;
        socket.connect(path).ok()?;
        socket.set_nonblocking(true).ok()?;
        Some(Self { socket, patience: Cell::new(PATIENCE) })
    }

    /// Sends a message. A missing log cannot be reported anywhere, and a blocked one must not keep the clock from being
    /// set.
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
            // An interrupted wait just ends early.
            let _ = poll(&mut [PollFd::new(self.socket.as_fd(), PollFlags::POLLOUT)], limit);
        }
        self.patience.set(patience.saturating_sub(begin.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocked_log_is_waited_for_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert!(Syslog::open(&path).is_none());
        let log = UnixDatagram::bind(&path).unwrap();
        let syslog = Syslog::open(&path).unwrap();
        // The queue of a socket that nobody reads takes some datagrams and then no more; a blocking send would never
        // return.
        for number in 0..10_000 {
            syslog.send(&format!("message {number}"));
        }
        assert_eq!(syslog.patience.get(), Duration::ZERO);
        let mut buffer = [0; 64];
        let length = log.recv(&mut buffer).unwrap();
        assert_eq!(buffer.get(..length), Some(b"message 0".as_slice()));
        // Now there is room again.
        log.set_nonblocking(true).unwrap();
        while log.recv(&mut buffer).is_ok() {}
        syslog.send("late");
        assert_eq!(log.recv(&mut buffer).unwrap(), 4);
    }
}
