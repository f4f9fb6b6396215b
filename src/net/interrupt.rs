//! Ctrl-C as something to be waited for beside a socket, instead of the process's end.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::SIGINT;
use signal_hook::{flag, low_level::pipe};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Takes Ctrl-C from its default action, for as long as it lives: an interrupt ends nothing then, but makes
/// this readable. Several share what comes.
#[derive(Debug)]
pub struct Interrupt(&'static Watch);

/// What the signal's handler reaches.
#[derive(Debug)]
struct Watch {
    /// The signal ends the process.
    fatal: Arc<AtomicBool>,
    watchers: AtomicUsize,
    /// Each signal is an octet here.
    signals: UnixStream,
}

static WATCH: OnceLock<Option<Watch>> = OnceLock::new();

impl Interrupt {
    /// Begins to watch; none that came before counts.
    ///
    /// # Errors
    /// The system lets the signal not be handled.
    pub fn watch() -> io::Result<Self> {
        let watch = WATCH.get_or_init(|| install().ok()).as_ref();
        let watch = watch.ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))?;
        if watch.watchers.fetch_add(1, Ordering::SeqCst) == 0 {
            watch.take();
            watch.fatal.store(false, Ordering::SeqCst);
        }
        Ok(Self(watch))
    }

    /// Whether there was an interrupt since this was asked last.
    pub fn take(&self) -> bool {
        self.0.take()
    }

    /// Waits until there is an interrupt, which stays pending, or something to read; whether it was an
    /// interrupt.
    pub fn comes_before(&self, input: &impl AsFd) -> bool {
        let readable = |descriptor| PollFd::new(descriptor, PollFlags::POLLIN);
        let mut descriptors = [readable(input.as_fd()), readable(self.as_fd())];
        // What cannot be waited for can still be read.
        while poll(&mut descriptors, PollTimeout::NONE) == Err(Errno::EINTR) {}
        self.is_pending()
    }

    /// Whether there was an interrupt that [`Interrupt::take`] has not taken yet.
    pub fn is_pending(&self) -> bool {
        let mut descriptors = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        poll(&mut descriptors, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }
}

impl Watch {
    fn take(&self) -> bool {
        let mut any = false;
        let mut octets = [0; 64];
        while (&self.signals).read(&mut octets).is_ok_and(|count| count > 0) {
            any = true;
        }
        any
    }
}

/// Readable while an interrupt is pending.
impl AsFd for Interrupt {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.signals.as_fd()
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if self.0.watchers.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.fatal.store(true, Ordering::SeqCst);
        }
    }
}

fn install() -> io::Result<Watch> {
    let fatal = Arc::new(AtomicBool::new(true));
    // In this order: the signal that comes while nobody watches must end the process as ever.
    flag::register_conditional_default(SIGINT, Arc::clone(&fatal))?;
    let (signals, handler) = UnixStream::pair()?;
    signals.set_nonblocking(true)?;
    pipe::register(SIGINT, handler)?;
    Ok(Watch { fatal, watchers: AtomicUsize::new(0), signals })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::{Signal, raise};

    #[test]
    fn an_interrupt_waits_until_it_is_taken() {
        let interrupt = Interrupt::watch().unwrap();
        assert!(!interrupt.is_pending());
        assert!(!interrupt.take());
        raise(Signal::SIGINT).unwrap();
        assert!(interrupt.is_pending());
        let second = Interrupt::watch().unwrap();
        assert!(second.take(), "both watch the same");
        assert!(!interrupt.is_pending());
        drop(second);
        raise(Signal::SIGINT).unwrap();
        assert!(interrupt.is_pending(), "one still watches");
        drop(interrupt);
        assert!(!Interrupt::watch().unwrap().is_pending(), "what came before does not count");
    }
}
