//! The sockets through which the time is asked for, and the loop that lets a session speak.

use super::stamps::{self, Note, ntp_now, receive};
use crate::clock::Stopwatch;
use crate::session::sntp::SntpSession;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrIn6, bind, setsockopt, socket,
    sockopt,
};
use rand::TryRng;
use rand::rngs::SysRng;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;
use thiserror::Error;

/// Received datagrams taken in before timers are looked at again.
const BURST: usize = 256;

/// Why there is no socket.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Somebody holds the port.
    #[error("the NTP socket is in use, exiting")]
    InUse,
    /// The port cannot be had.
    #[error("bind() fails: {}", .0.desc())]
    Bind(Errno),
    /// This machine has none of the families wanted.
    #[error("cannot find family compatible socket to send ntp packet")]
    NoFamily,
}

/// What goes wrong with a single sending.
#[derive(Debug)]
pub struct SendFault {
    /// Where to.
    pub address: SocketAddr,
    /// What the kernel says.
    pub error: io::Error,
}

/// A socket for each family. The kernel notes when a datagram arrives, and when one leaves.
#[derive(Debug)]
pub struct TimeLink {
    ipv4: Option<UdpSocket>,
    ipv6: Option<UdpSocket>,
    clock: Stopwatch,
}

impl TimeLink {
    /// Opens the sockets of these families, on this port or, with 0, each on one of the kernel's choice. A port can be
    /// shared with others who share it, as the original does: then a daemon there goes unnoticed, and its answers may
    /// come here.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(ipv4: bool, ipv6: bool, port: u16, shared: bool) -> Result<Self, OpenError> {
        let any4 = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port));
        let any6 = SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0));
        let opened = |wanted: bool, any: SocketAddr| -> Result<Option<UdpSocket>, OpenError> {
            if !wanted {
                return Ok(None);
            }
            match open(any, shared) {
                Ok(socket) => Ok(Some(socket)),
                Err(Errno::EAFNOSUPPORT | Errno::EADDRNOTAVAIL) => Ok(None),
                Err(Errno::EADDRINUSE) => Err(OpenError::InUse),
                Err(error) => Err(OpenError::Bind(error)),
            }
        };
        let link = Self { ipv4: opened(ipv4, any4)?, ipv6: opened(ipv6, any6)?, clock: Stopwatch::start() };
        if link.ipv4.is_none() && link.ipv6.is_none() { Err(OpenError::NoFamily) } else { Ok(link) }
    }

    /// Lets the session speak until all its servers are complete, `watch` has seen enough, or this long has
    /// passed. `watch` hears whenever something may have happened, also of what could not be sent.
    pub fn converse(
        &self,
        session: &mut SntpSession,
        limit: Option<Duration>,
        watch: &mut dyn FnMut(&mut SntpSession, Option<SendFault>) -> bool,
    ) {
        let begin = self.clock.elapsed();
        let elapsed = || self.clock.elapsed().saturating_sub(begin);
        loop {
            let now = elapsed();
            if limit.is_some_and(|limit| now >= limit) {
                session.give_up();
            }
            while let Some(request) = session.poll_transmit(now, &mut random) {
                session.sent(request.server, ntp_now());
                let fault = self.send(&request.datagram, request.address).err();
                if let Some(error) = &fault {
                    session.unreachable(request.address, &request.datagram, error);
                }
                self.take_notes(session);
                let fault = fault.map(|error| SendFault { address: request.address, error });
                if !watch(session, fault) {
                    return;
                }
            }
            let Some(wakeup) = session.next_wakeup() else { return };
            let wakeup = limit.map_or(wakeup, |limit| wakeup.min(limit));
            self.wait(wakeup.saturating_sub(elapsed()));
            self.take_notes(session);
            if !watch(session, None) {
                return;
            }
            for socket in self.sockets() {
                for _ in 0..BURST {
                    let Some((datagram, from, arrived)) = receive(socket) else { break };
                    session.handle_datagram(&datagram, from, arrived);
                    if !watch(session, None) {
                        return;
                    }
                }
            }
        }
    }

    /// What the kernel has noted of requests that left, nearer to the truth than the time before the sending, and of
    /// those that cannot arrive.
    fn take_notes(&self, session: &mut SntpSession) {
        for socket in self.sockets() {
            // Of what others cause, no more than is taken in of datagrams.
            for _ in 0..BURST {
                match stamps::note(socket) {
                    Some(Note::Departure { datagram, left }) => session.departed(&datagram, left),
                    Some(Note::Unreachable { address, datagram, error }) => {
                        session.unreachable(address, &datagram, &error.into());
                    }
                    None => break,
                }
            }
        }
    }

    fn sockets(&self) -> impl Iterator<Item = &UdpSocket> {
        [&self.ipv4, &self.ipv6].into_iter().flatten()
    }

    fn send(&self, datagram: &[u8], address: SocketAddr) -> io::Result<()> {
        let socket = if address.is_ipv4() { &self.ipv4 } else { &self.ipv6 };
        let Some(socket) = socket else { return Err(Errno::EAFNOSUPPORT.into()) };
        loop {
            match socket.send_to(datagram, address) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A full buffer is a loss like any other.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until something arrives, but no longer than this, and rather a little late than early.
    fn wait(&self, limit: Duration) {
        let milliseconds = u16::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
        let mut descriptors: Vec<PollFd> =
            self.sockets().map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN)).collect();
        // An interrupted wait is a short one.
        let _ = poll(&mut descriptors, PollTimeout::from(milliseconds));
    }
}

/// Whether the kernel knows a way to this address.
pub fn is_reachable(address: SocketAddr) -> bool {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    UdpSocket::bind(any).and_then(|socket| socket.connect(address)).is_ok()
}

fn open(any: SocketAddr, shared: bool) -> nix::Result<UdpSocket> {
    let family = if any.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket(family, SockType::Datagram, flags, SockProtocol::Udp)?;
    if shared && any.port() != 0 {
        setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    }
    stamps::ask_for(&socket);
    match any {
        SocketAddr::V4(any) => bind(socket.as_raw_fd(), &SockaddrIn::from(any))?,
        SocketAddr::V6(any) => {
            setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
            bind(socket.as_raw_fd(), &SockaddrIn6::from(any))?;
        }
    }
    Ok(UdpSocket::from(socket))
}

/// A number that nobody can guess.
fn random() -> u64 {
    // Without the system's randomness the clock's fraction is at least not constant.
    SysRng.try_next_u64().unwrap_or_else(|_| ntp_now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_family_is_an_error() {
        assert!(matches!(TimeLink::open(false, false, 0, false), Err(OpenError::NoFamily)));
    }

    #[test]
    fn a_port_is_shared_only_as_the_original_shares_it() {
        // A daemon that shares its port, as chronyd does.
        let daemon = open((Ipv4Addr::UNSPECIFIED, 0).into(), false).unwrap();
        let port = daemon.local_addr().unwrap().port();
        drop(daemon);
        let Ok(_daemon) = open((Ipv4Addr::UNSPECIFIED, port).into(), true) else { return };
        assert!(matches!(TimeLink::open(true, false, port, false), Err(OpenError::InUse)));
        assert!(TimeLink::open(true, false, port, true).is_ok());
    }
}
