//! Unix stream sockets with a deadline.

use super::ready::wait_for;
use crate::clock::Stopwatch;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// A connection on which all operations together take no longer than its limit.
pub(super) struct Stream {
    socket: UnixStream,
    clock: Stopwatch,
    limit: Duration,
}

impl Stream {
    /// Connects to a socket. Fails at once if the file is of another kind, or the listener's backlog is full.
    pub(super) fn connect(address: &UnixAddr, limit: Duration) -> io::Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let descriptor = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
        connect(descriptor.as_raw_fd(), address)?;
        Ok(Self { socket: descriptor.into(), clock: Stopwatch::start(), limit })
    }

    /// Writes all of it. It is small enough for any socket's buffer.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes)
    }

    /// Fills the buffer.
    pub(super) fn read_exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        let mut rest = buffer;
        while !rest.is_empty() {
            match self.socket.read(rest) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => rest = rest.get_mut(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let left = self.limit.saturating_sub(self.clock.elapsed());
                    if left.is_zero() {
                        return Err(ErrorKind::TimedOut.into());
                    }
                    wait_for(&mut [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)], left)?;
                }
                Err(error) => return Err(error),
            }
            if self.clock.elapsed() > self.limit {
                return Err(ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }
}
