//! Ctrl-C as an event that can be polled, and waited for along with a socket, while a command can make use of it.

use super::signals::is_ignored;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use signal_hook::low_level::{emulate_default_handler, pipe};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// While one of these exists, SIGINT does not end the process but stays pending until it is taken.
///
/// There may be several, one for a session and one for a command in it; they share the interrupts.
#[derive(Debug)]
pub struct Interrupt(&'static Watch);

/// The shared state.
#[derive(Debug)]
struct Watch {
    /// Receives an octet for each signal.
    signals: UnixStream,
    /// Whether the signal ends the process.
    is_fatal: Arc<AtomicBool>,
    watchers: Mutex<usize>,
}

static WATCH: OnceLock<Option<Watch>> = OnceLock::new();

impl Interrupt {
    /// Starts watching; earlier interrupts do not count. If this process was started with SIGINT ignored, like the
    /// background jobs of a shell script, it stays ignored.
    ///
    /// # Errors
    /// The signal is ignored, or the system refuses to install a handler.
    pub fn watch() -> io::Result<Self> {
        if is_ignored(Signal::SIGINT) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Self::watch_terminal()
    }

    /// The same for a user at a terminal, who can press Ctrl-C however the program was started.
    ///
    /// # Errors
    /// The system refuses to install a handler.
    pub fn watch_terminal() -> io::Result<Self> {
        let watch = WATCH.get_or_init(|| Watch::install().ok()).as_ref();
        let watch = watch.ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))?;
        watch.change(|watchers| watchers + 1);
        Ok(Self(watch))
    }

    /// Whether there was an interrupt since the last call.
    pub fn take(&self) -> bool {
        self.0.drain()
    }

    /// Waits for an interrupt, which stays pending, or for input; returns whether there was an interrupt.
    pub fn comes_before(&self, input: &impl AsFd) -> bool {
        let mut descriptors = [readable(input.as_fd()), readable(self.as_fd())];
        // Input that cannot be polled can still be read.
        while poll(&mut descriptors, PollTimeout::NONE) == Err(Errno::EINTR) {}
        self.is_pending()
    }

    /// Whether there is an interrupt that [`Interrupt::take`] has not taken yet.
    pub fn is_pending(&self) -> bool {
        is_readable(&self.0.signals)
    }
}

/// Whether somebody watches for interrupts, and so can be told of one.
pub fn is_watched() -> bool {
    let watch = WATCH.get().and_then(Option::as_ref);
    watch.is_some_and(|watch| *watch.watchers.lock().unwrap_or_else(PoisonError::into_inner) > 0)
}

/// Whether there is an interrupt that nobody has taken yet.
pub fn is_pending() -> bool {
    let watch = WATCH.get().and_then(Option::as_ref);
    watch.is_some_and(|watch| is_readable(&watch.signals))
}

/// Ends the process as an unhandled SIGINT does.
pub fn die() {
    // Returns only if the system refuses.
    drop(emulate_default_handler(SIGINT));
}

/// Readable while an interrupt is pending.
impl AsFd for Interrupt {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.signals.as_fd()
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.change(|watchers| watchers.saturating_sub(1));
    }
}

impl Watch {
    fn install() -> io::Result<Self> {
        let (signals, writer) = UnixStream::pair()?;
        signals.set_nonblocking(true)?;
        let is_fatal = Arc::new(AtomicBool::new(true));
        // The order matters: a signal that arrives while nobody watches must end the process as usual.
        flag::register_conditional_default(SIGINT, Arc::clone(&is_fatal))?;
        pipe::register(SIGINT, writer)?;
        Ok(Self { signals, is_fatal, watchers: Mutex::new(0) })
    }

    /// Updates the number of watchers. A signal that arrived without watchers, or for previous ones, is not passed on
    /// to later ones.
    fn change(&self, count: impl FnOnce(usize) -> usize) {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, now) = (*watchers, count(*watchers));
        *watchers = now;
        if before == 0 || now == 0 {
            self.drain();
        }
        self.is_fatal.store(now == 0, Ordering::SeqCst);
    }

    fn drain(&self) -> bool {
        let mut octets = [0; 64];
        let mut any = false;
        while let Ok(1..) = (&self.signals).read(&mut octets) {
            any = true;
        }
        any
    }
}

fn is_readable(signals: &UnixStream) -> bool {
    poll(&mut [readable(signals.as_fd())], PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
}

fn readable(descriptor: BorrowedFd<'_>) -> PollFd<'_> {
    PollFd::new(descriptor, PollFlags::POLLIN)
}
