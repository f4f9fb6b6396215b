//! Waits for a few descriptors outside the driver of conversations: those of streams.

use nix::errno::Errno;
use nix::poll::{PollFd, ppoll};
use nix::sys::time::TimeSpec;
use std::io;
use std::time::Duration;

/// Waits until one of these is ready, for `limit` at most; returns whether one is. An interrupted wait just ends early.
///
/// # Errors
/// The system refused.
pub(super) fn wait_for(descriptors: &mut [PollFd<'_>], limit: Duration) -> io::Result<bool> {
    match ppoll(descriptors, Some(TimeSpec::from_duration(limit)), None) {
        Ok(count) => Ok(count > 0),
        Err(Errno::EINTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
