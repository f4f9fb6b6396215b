//! Ctrl-C as something to be waited for beside a socket, instead of the process's end.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// Takes Ctrl-C from its default action, for as long as it lives: an interrupt ends nothing then, but makes
/// this readable.
///
/// Threads that were started before still end the process; make it before any is.
#[derive(Debug)]
pub struct Interrupt {
    signals: SignalFd,
}

impl Interrupt {
    /// Begins to watch.
    ///
    /// # Errors
    /// The kernel gives no descriptor for it.
    pub fn watch() -> io::Result<Self> {
        let set = interrupts();
        let signals = SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        set.thread_block()?;
        Ok(Self { signals })
    }

    /// Whether there was an interrupt since this was asked last.
    pub fn take(&self) -> bool {
        let mut any = false;
        while let Ok(Some(_)) = self.signals.read_signal() {
            any = true;
        }
        any
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

/// Readable while an interrupt is pending.
impl AsFd for Interrupt {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signals.as_fd()
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        // What came last was meant for the work that has just ended.
        self.take();
        // Fails only for sets that are no sets.
        let _ = interrupts().thread_unblock();
    }
}

fn interrupts() -> SigSet {
    let mut set = SigSet::empty();
    set.add(Signal::SIGINT);
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::raise;

    #[test]
    fn an_interrupt_waits_until_it_is_taken() {
        let interrupt = Interrupt::watch().unwrap();
        assert!(!interrupt.is_pending());
        assert!(!interrupt.take());
        raise(Signal::SIGINT).unwrap();
        assert!(interrupt.is_pending());
        assert!(interrupt.take());
        assert!(!interrupt.is_pending());
        raise(Signal::SIGINT).unwrap();
        drop(interrupt);
        assert!(!Interrupt::watch().unwrap().is_pending());
    }
}
