//! A connected socket to one server, and the loop that lets a session speak through it.

use super::interrupt::Interrupt;
use crate::clock::Stopwatch;
use crate::session::control::{ControlSession, Outcome, RequestId};
use crate::session::mru::MruSession;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, setsockopt, sockopt};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::time::Duration;
use thiserror::Error;

/// Room for the largest datagram there is.
const DATAGRAM: usize = 65_535;
/// Received datagrams taken in before timers are looked at again.
const BURST: usize = 256;
/// The longest wait while a list is read.
const TICK: Duration = Duration::from_millis(100);

/// Why a conversation could not go on.
#[derive(Debug, Error)]
pub enum LinkError {
    /// Sending failed.
    #[error("write: {0}")]
    Write(#[source] io::Error),
    /// Receiving failed; a refusal that an earlier sending met shows here.
    #[error("read: {0}")]
    Read(#[source] io::Error),
    /// Somebody has pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

/// Which way a datagram went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From here to the server.
    Sent,
    /// From the server.
    Received,
}

/// A UDP socket connected to one server: the kernel drops what comes from elsewhere, and tells when nobody
/// listens there.
#[derive(Debug)]
pub struct Link {
    socket: UdpSocket,
    clock: Stopwatch,
}

impl Link {
    /// Opens a socket towards this address, from a port of the kernel's choice.
    ///
    /// # Errors
    /// The kernel gives no socket, or knows no way to the address.
    pub fn open(server: SocketAddr) -> io::Result<Self> {
        let any: SocketAddr = match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        socket.connect(server)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, clock: Stopwatch::start() })
    }

    /// Lets the session speak until every question has its outcome, or until an interrupt, if one is watched
    /// for. `outcome` hears of each as it comes and may ask more; `trace` sees every datagram.
    ///
    /// # Errors
    /// [`LinkError`] ends the conversation; questions without an outcome stay in the session.
    pub fn converse(
        &self,
        session: &mut ControlSession,
        outcome: &mut dyn FnMut(&mut ControlSession, RequestId, Outcome),
        trace: &mut dyn FnMut(Direction, &[u8]),
        interrupt: Option<&Interrupt>,
    ) -> Result<(), LinkError> {
        let mut buffer = vec![0; DATAGRAM];
        while !session.is_idle() {
            let now = self.clock.elapsed();
            while let Some(datagram) = session.poll_transmit(now) {
                trace(Direction::Sent, &datagram);
                self.send(&datagram)?;
            }
            let wakeup = session.next_wakeup().unwrap_or(now);
            self.wait(wakeup.saturating_sub(self.clock.elapsed()), interrupt)?;
            for _ in 0..BURST {
                let Some(datagram) = self.receive(&mut buffer)? else { break };
                trace(Direction::Received, datagram);
                session.handle_datagram(datagram, self.clock.elapsed());
            }
            session.handle_timeout(self.clock.elapsed());
            while let Some((request, answer)) = session.poll_outcome() {
                outcome(session, request, answer);
            }
        }
        Ok(())
    }

    /// Lets a list be read to its end. `tick` is called at least every tenth of a second and after each burst
    /// of datagrams, and may interrupt the session; `trace` sees every datagram.
    ///
    /// # Errors
    /// [`LinkError`] ends the conversation; the session keeps what it has.
    pub fn read_list(
        &self,
        session: &mut MruSession,
        tick: &mut dyn FnMut(&mut MruSession),
        trace: &mut dyn FnMut(Direction, &[u8]),
    ) -> Result<(), LinkError> {
        let mut buffer = vec![0; DATAGRAM];
        while !session.is_finished() {
            let now = self.clock.elapsed();
            while let Some(datagram) = session.poll_transmit(now) {
                trace(Direction::Sent, &datagram);
                self.send(&datagram)?;
            }
            let wakeup = session.next_wakeup().unwrap_or(now);
            self.wait(wakeup.saturating_sub(self.clock.elapsed()).min(TICK), None)?;
            for _ in 0..BURST {
                let Some(datagram) = self.receive(&mut buffer)? else { break };
                trace(Direction::Received, datagram);
                session.handle_datagram(datagram, self.clock.elapsed());
            }
            session.handle_timeout(self.clock.elapsed());
            tick(session);
        }
        Ok(())
    }

    /// Makes room for many datagrams at once, as much as the system allows up to this many octets; gives how
    /// many octets there are (the system counts its own overhead for each datagram).
    pub fn enlarge_receive_buffer(&self, octets: usize) -> usize {
        if setsockopt(&self.socket, sockopt::RcvBufForce, &octets).is_err() {
            // Without the privilege to go beyond the system's limit, as far as that.
            let _ = setsockopt(&self.socket, sockopt::RcvBuf, &octets);
        }
        getsockopt(&self.socket, sockopt::RcvBuf).unwrap_or(0)
    }

    /// How long ago the link was opened: the clock of all its sessions.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Sends one datagram. A full send buffer counts as a loss, which the session mends.
    fn send(&self, datagram: &[u8]) -> Result<(), LinkError> {
        loop {
            match self.socket.send(datagram) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // The refusal belongs to what was sent before; the classic program meets it when it reads.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    return Err(LinkError::Read(error));
                }
                Err(error) => return Err(LinkError::Write(error)),
            }
        }
    }

    fn receive<'a>(&self, buffer: &'a mut [u8]) -> Result<Option<&'a [u8]>, LinkError> {
        loop {
            match self.socket.recv(buffer) {
                Ok(length) => return Ok(buffer.get(..length)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(LinkError::Read(error)),
            }
        }
    }

    /// Waits until something arrives, but no longer than this. Waits end a little late rather than early, so
    /// that the loop never spins before a timer.
    fn wait(&self, limit: Duration, interrupt: Option<&Interrupt>) -> Result<(), LinkError> {
        let milliseconds = u16::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
        let readable = |descriptor| PollFd::new(descriptor, PollFlags::POLLIN);
        let mut descriptors = vec![readable(self.socket.as_fd())];
        descriptors.extend(interrupt.map(|interrupt| readable(interrupt.as_fd())));
        match poll(&mut descriptors, PollTimeout::from(milliseconds)) {
            Ok(_) if descriptors.get(1).is_some_and(|watched| watched.any().unwrap_or(false)) => {
                Err(LinkError::Interrupted)
            }
            Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
            Err(error) => Err(LinkError::Read(error.into())),
        }
    }
}
