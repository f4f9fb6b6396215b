//! Signals that wait until something is tidied up, and those that this process was told to ignore.

#[cfg(test)]
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::os::fd::{AsFd, BorrowedFd};

/// What would end the process.
const ENDING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// While this lives, the signals that would end the process wait; afterwards they do what they always do.
///
/// They wait for the calling thread alone: all others must let them be, as those of [`block_all`] do. A signal that is
/// ignored (a background job of a script, `nohup`) would not end the process, so it does not count.
#[derive(Debug)]
pub(crate) struct BlockedSignals {
    before: SigSet,
    pending: SignalFd,
}

impl BlockedSignals {
    /// Lets them wait from now on.
    ///
    /// # Errors
    /// The system's refusal.
    pub(crate) fn begin() -> nix::Result<Self> {
        Self::with(&[])
    }

    /// Lets these wait, too.
    ///
    /// # Errors
    /// The system's refusal.
    pub(crate) fn with(further: &[Signal]) -> nix::Result<Self> {
        let ignored = ignored();
        let all = ENDING.iter().chain(further).copied();
        let ending: SigSet = all.filter(|&signal| !ignored.contains(signal)).collect();
        // First, so that nothing is blocked when it fails.
        let pending = SignalFd::with_flags(&ending, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        let before = SigSet::thread_get_mask()?;
        ending.thread_block()?;
        Ok(Self { before, pending })
    }

    /// Takes one of them that waits; whoever takes it raises it again when all is tidy.
    pub(crate) fn take(&self) -> Option<Signal> {
        let taken = self.pending.read_signal().ok().flatten()?;
        i32::try_from(taken.ssi_signo).ok().and_then(|number| Signal::try_from(number).ok())
    }

    /// Whether one of them waits.
    #[cfg(test)]
    pub(crate) fn is_pending(&self) -> bool {
        // Only looked at, not taken: it shall still do its work.
        let mut descriptors = [PollFd::new(self.pending.as_fd(), PollFlags::POLLIN)];
        poll(&mut descriptors, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }
}

/// Readable while one of them waits.
impl AsFd for BlockedSignals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pending.as_fd()
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // The mask was this thread's own.
        let _ = self.before.thread_set_mask();
    }
}

/// While this lives, all signals wait that can: afterwards they do what they always do, with whoever handles or ignores
/// them. They wait for the calling thread alone, as with [`BlockedSignals`].
#[derive(Debug)]
pub(crate) struct HeldSignals {
    before: SigSet,
}

impl HeldSignals {
    /// Lets them wait from now on.
    ///
    /// # Errors
    /// The system's refusal.
    pub(crate) fn begin() -> nix::Result<Self> {
        Ok(Self { before: SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)? })
    }
}

impl Drop for HeldSignals {
    fn drop(&mut self) {
        // The mask was this thread's own.
        let _ = self.before.thread_set_mask();
    }
}

/// Whether this process ignores a signal. A shell starts the background jobs of a script with SIGINT ignored, and `nohup`
/// ignores SIGHUP; what was ignored when a program began stays ignored.
pub(super) fn is_ignored(signal: Signal) -> bool {
    ignored().contains(signal)
}

/// The signals that this process ignores; none where the system does not say.
fn ignored() -> SigSet {
    read_ignored(&std::fs::read_to_string("/proc/self/status").unwrap_or_default())
}

/// The ignored signals of a process' status: the line `SigIgn:`, a hexadecimal number whose lowest bit is signal 1.
fn read_ignored(status: &str) -> SigSet {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    Signal::iterator().filter(|&signal| mask >> (signal as i32 - 1) & 1 == 1).collect()
}

/// Leaves all signals to the other threads.
pub(crate) fn block_all() {
    // A thread that hears of signals does no harm but to their order.
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
    fn a_signal_waits_and_then_does_its_work() {
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
