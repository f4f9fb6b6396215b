//! Reads single keys from the terminal.

use crate::net::signals::BlockedSignals;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd as _;

/// The controlling terminal.
pub(crate) fn terminal() -> Option<File> {
    File::options().read(true).write(true).open("/dev/tty").ok()
}

/// The outcome of waiting for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// A key or signal.
    Key(Key),
    /// Timed out.
    Time,
    /// The terminal is closed.
    End,
}

/// A terminal without echo and line editing, until dropped. Signals are blocked until then.
pub(crate) struct Muted<'a> {
    terminal: &'a File,
    before: Termios,
    // The last field, which is dropped last.
    signals: BlockedSignals,
}

/// Input from a muted terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A typed octet.
    Octet(u8),
    /// A signal that would terminate or stop the process.
    Signal(Signal),
}

impl<'a> Muted<'a> {
    /// Mutes the terminal.
    ///
    /// # Errors
    /// It is not a terminal.
    pub(crate) fn new(terminal: &'a File) -> nix::Result<Self> {
        let signals = BlockedSignals::with(&[Signal::SIGTSTP])?;
        let before = tcgetattr(terminal)?;
        let mut muted = before.clone();
        muted.local_flags.remove(LocalFlags::ECHO | LocalFlags::ICANON);
        for (place, value) in [(SpecialCharacterIndices::VMIN, 1), (SpecialCharacterIndices::VTIME, 0)] {
            if let Some(character) = muted.control_chars.get_mut(place as usize) {
                *character = value;
            }
        }
        tcsetattr(terminal, SetArg::TCSAFLUSH, &muted)?;
        Ok(Self { terminal, before, signals })
    }

    /// Iterates over typed octets until the terminal is closed, and over signals, including those of keys (Ctrl-C, Ctrl-\\,
    /// Ctrl-Z or whatever `stty` sets).
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        std::iter::from_fn(|| match self.wait(PollTimeout::NONE) {
            Waited::Key(key) => Some(key),
            Waited::Time | Waited::End => None,
        })
    }

    /// Waits for the next input, but no longer than this.
    pub(crate) fn wait(&self, limit: PollTimeout) -> Waited {
        let mut ready = [self.signals.as_fd(), self.terminal.as_fd()]
            .map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN));
        let count = loop {
            match poll(&mut ready, limit) {
                Err(Errno::EINTR) => {}
                other => break other,
            }
        };
        if let Some(signal) = self.signals.take() {
            return Waited::Key(Key::Signal(signal));
        }
        if count == Ok(0) {
            return Waited::Time;
        }
        let mut octet = [0];
        let mut terminal = self.terminal;
        if matches!(terminal.read(&mut octet), Ok(1)) {
            Waited::Key(Key::Octet(octet[0]))
        } else {
            Waited::End
        }
    }
}

#[cfg(feature = "tui")]
impl Muted<'_> {
    /// The terminal's settings before it was muted.
    pub(crate) fn before(&self) -> &Termios {
        &self.before
    }
}

impl Drop for Muted<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, SetArg::TCSAFLUSH, &self.before);
    }
}
