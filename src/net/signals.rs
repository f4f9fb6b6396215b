//! Signals that are blocked until something is cleaned up, and signals that this process ignores.

#[cfg(test)]
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::os::fd::{AsFd, BorrowedFd};

/// Signals that would end the process.
const ENDING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// While this exists, signals that would end the process are blocked; afterwards they take effect.
///
/// They are blocked in the calling thread only: all other threads must have them blocked too, with [`block_all`]. A
/// signal that is ignored (in a background job of a script, or by `nohup`) would not end the process, so it does not
/// count.
#[derive(Debug)]
pub(crate) struct BlockedSignals {
    before: SigSet,
    pending: SignalFd,
}

impl BlockedSignals {
    /// Starts blocking them.
    ///
    /// # Errors
    /// The system refused.
    pub(crate) fn begin() -> nix::Result<Self> {
        Self::with(&[])
    }

    /// Starts blocking these as well.
    ///
    /// # Errors
    /// The system refused.
    pub(crate) fn with(further: &[Signal]) -> nix::Result<Self> {
        let ignored = ignored();
        let all = ENDING.iter().chain(further).copied();
        let ending: SigSet = all.filter(|&signal| !ignored.contains(signal)).collect();
        // First, so that nothing stays blocked if it fails.
        let pending = SignalFd::with_flags(&ending, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        let before = SigSet::thread_get_mask()?;
        ending.thread_block()?;
        Ok(Self { before, pending })
    }

    /// Takes a pending one; the caller raises it again after cleaning up.
    pub(crate) fn take(&self) -> Option<Signal> {
        let taken = self.pending.read_signal().ok().flatten()?;
        i32::try_from(taken.ssi_signo).ok().and_then(|number| Signal::try_from(number).ok())
    }

    /// Whether one is pending.
    #[cfg(test)]
    pub(crate) fn is_pending(&self) -> bool {
        // Only polled, not taken: it must still take effect.
        let mut descriptors = [PollFd::new(self.pending.as_fd(), PollFlags::POLLIN)];
        poll(&mut descriptors, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }
}

/// Readable while one is pending.
impl AsFd for BlockedSignals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pending.as_fd()
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // The mask belongs to this thread.
        let _ = self.before.thread_set_mask();
    }
}

/// While this exists, all signals that can be blocked are; afterwards they are handled or ignored as usual. They are
/// blocked in the calling thread only, as with [`BlockedSignals`].
#[derive(Debug)]
pub(crate) struct HeldSignals {
    before: SigSet,
}

impl HeldSignals {
    /// Starts blocking them.
    ///
    /// # Errors
    /// The system refused.
    pub(crate) fn begin() -> nix::Result<Self> {
        Ok(Self { before: SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)? })
    }
}

impl Drop for HeldSignals {
    fn drop(&mut self) {
        // The mask belongs to this thread.
        let _ = self.before.thread_set_mask();
    }
}

/// Whether this process ignores a signal. A shell starts the background jobs of a script with SIGINT ignored, and
/// `nohup` ignores SIGHUP; programs inherit this.
pub(crate) fn is_ignored(signal: Signal) -> bool {
    ignored().contains(signal)
}

/// Returns the signals that this process ignores; empty if unknown.
fn ignored() -> SigSet {
    read_ignored(&std::fs::read_to_string("/proc/self/status").unwrap_or_default())
}

/// Parses the ignored signals in a process's status: the line `SigIgn:`, a hexadecimal number whose lowest bit is
/// signal 1.
fn read_ignored(status: &str) -> SigSet {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    Signal::iterator().filter(|&signal| mask >> (signal as i32 - 1) & 1 == 1).collect()
}

/// Blocks all signals in this thread, leaving them to the others.
pub(crate) fn block_all() {
    // Failing to block them affects only which thread gets them.
    let _ = SigSet::all().thread_block();
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::raise;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn ignored_signals_are_read_from_the_status() {
        let ignored = read_ignored("Name:\tntpkit\nSigBlk:\t0000000000000004\nSigIgn:\t0000000000001003\n");
        let listed: Vec<Signal> = ignored.iter().collect();
        assert_eq!(listed, [SIGHUP, SIGINT, SIGPIPE].map(|number| Signal::try_from(number).unwrap()));
        for none in ["", "SigIgn:\n", "SigIgn:\tnonsense\n"] {
            assert_eq!(read_ignored(none).iter().count(), 0, "{none:?}");
        }
    }

    #[test]
    fn a_signal_waits_and_then_takes_effect() {
        let came = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(SIGHUP, Arc::clone(&came)).unwrap();
        let blocked = BlockedSignals::begin().unwrap();
        assert!(!blocked.is_pending());
        raise(Signal::SIGHUP).unwrap();
        assert!(blocked.is_pending() && blocked.is_pending() && !came.load(Ordering::SeqCst));
        drop(blocked);
        assert!(came.load(Ordering::SeqCst));

        let blocked = BlockedSignals::with(&[Signal::SIGTSTP]).unwrap();
        assert_eq!(blocked.take(), None);
        raise(Signal::SIGTSTP).unwrap();
        assert_eq!((blocked.take(), blocked.take()), (Some(Signal::SIGTSTP), None));
    }
}
