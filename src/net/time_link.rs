//! The sockets through which the time is asked for, and the loop that lets a session speak.

use crate::clock::{Stopwatch, now};
use crate::session::sntp::SntpSession;
use crate::wire::timestamp::NtpTimestamp;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrIn6,
    SockaddrStorage, bind, recvmsg, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;
use rand::TryRng;
use rand::rngs::SysRng;
use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;
use thiserror::Error;

/// Room for the largest answer there may be; what is longer is cut, and no answer.
const DATAGRAM: usize = 2048;
/// Received datagrams taken in before timers are looked at again.
const BURST: usize = 256;

/// Why there is no socket.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Somebody holds the port.
    #[error("the NTP socket is in use, exiting")]
    InUse,
    /// The port cannot be had.
    #[error("bind() fails: {0}")]
    Bind(String),
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

/// A socket for each family. The kernel notes when a datagram arrives.
#[derive(Debug)]
pub struct TimeLink {
    ipv4: Option<UdpSocket>,
    ipv6: Option<UdpSocket>,
    clock: Stopwatch,
}

impl TimeLink {
    /// Opens the sockets of these families, on this port or, with 0, each on one of the kernel's choice.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(ipv4: bool, ipv6: bool, port: u16) -> Result<Self, OpenError> {
        let any4 = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port));
        let any6 = SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0));
        let opened = |wanted: bool, any: SocketAddr| -> Result<Option<UdpSocket>, OpenError> {
            if !wanted {
                return Ok(None);
            }
            match open(any) {
                Ok(socket) => Ok(Some(socket)),
                Err(Errno::EAFNOSUPPORT | Errno::EADDRNOTAVAIL) => Ok(None),
                Err(Errno::EADDRINUSE) => Err(OpenError::InUse),
                Err(error) => Err(OpenError::Bind(error.desc().to_owned())),
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
                let fault = fault.map(|error| SendFault { address: request.address, error });
                if !watch(session, fault) {
                    return;
                }
            }
            let Some(wakeup) = session.next_wakeup() else { return };
            let wakeup = limit.map_or(wakeup, |limit| wakeup.min(limit));
            self.wait(wakeup.saturating_sub(elapsed()));
            for socket in [&self.ipv4, &self.ipv6].into_iter().flatten() {
                for _ in 0..BURST {
                    let Some((datagram, from, arrived)) = receive(socket) else { break };
                    session.handle_datagram(&datagram, from, arrived, elapsed());
                    if !watch(session, None) {
                        return;
                    }
                }
            }
        }
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
        let mut descriptors: Vec<PollFd> = [&self.ipv4, &self.ipv6]
            .into_iter()
            .flatten()
            .map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN))
            .collect();
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

fn open(any: SocketAddr) -> nix::Result<UdpSocket> {
    let family = if any.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket(family, SockType::Datagram, flags, SockProtocol::Udp)?;
    if any.port() != 0 {
        setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    }
    // Without the kernel's time stamps the time of reading serves.
    let _ = setsockopt(&socket, sockopt::ReceiveTimestampns, &true);
    match any {
        SocketAddr::V4(any) => bind(socket.as_raw_fd(), &SockaddrIn::from(any))?,
        SocketAddr::V6(any) => {
            setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
            bind(socket.as_raw_fd(), &SockaddrIn6::from(any))?;
        }
    }
    Ok(UdpSocket::from(socket))
}

/// A datagram, where it comes from, and when it arrived as an NTP time stamp.
fn receive(socket: &UdpSocket) -> Option<(Vec<u8>, SocketAddr, u64)> {
    let mut buffer = vec![0; DATAGRAM];
    let mut control = cmsg_space!(TimeSpec);
    loop {
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let message = match recvmsg::<SockaddrStorage>(
            socket.as_raw_fd(),
            &mut slices,
            Some(&mut control),
            MsgFlags::MSG_DONTWAIT,
        ) {
            Ok(message) => message,
            // Word that an earlier request found nobody: the other servers are none the worse.
            Err(Errno::EINTR | Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH) => continue,
            Err(_) => return None,
        };
        let read = ntp_now();
        let stamped = message.cmsgs().ok().into_iter().flatten().find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(time) => Some(time),
            _ => None,
        });
        let arrived = stamped.map_or(read, |time| ntp_time(&time));
        let (length, from) = (message.bytes, message.address.as_ref().and_then(socket_address));
        let Some(from) = from else { continue };
        buffer.truncate(length);
        return Some((buffer, from, arrived));
    }
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(address) = address.as_sockaddr_in() {
        return Some(SocketAddr::V4((*address).into()));
    }
    address.as_sockaddr_in6().map(|address| SocketAddr::V6((*address).into()))
}

fn ntp_now() -> u64 {
    NtpTimestamp::from(now()).0
}

fn ntp_time(time: &TimeSpec) -> u64 {
    let nanoseconds = i32::try_from(time.tv_nsec()).unwrap_or(0);
    jiff::Timestamp::new(time.tv_sec(), nanoseconds).map_or(0, |time| NtpTimestamp::from(time).0)
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
    fn the_kernel_tells_when_a_datagram_arrived() {
        let link = TimeLink::open(true, false, 0).unwrap();
        let socket = link.ipv4.as_ref().unwrap();
        let target = SocketAddr::from(([127, 0, 0, 1], socket.local_addr().unwrap().port()));
        // A kernel begins to note arrivals a while after the first socket of the machine wants it.
        let told = (0..1000).any(|_| {
            UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"first", target).unwrap();
            let sent = ntp_now();
            std::thread::sleep(Duration::from_millis(5));
            receive(socket).is_some_and(|(_, _, arrived)| arrived <= sent)
        });
        assert!(told, "no datagram was stamped when it arrived");
        let before = ntp_now();
        for word in [b"one".as_slice(), b"two", b"three"] {
            UdpSocket::bind("127.0.0.1:0").unwrap().send_to(word, target).unwrap();
        }
        let after_sending = ntp_now();
        // Long after the arrival: only the kernel can know.
        std::thread::sleep(Duration::from_millis(20));
        for word in [b"one".as_slice(), b"two", b"three"] {
            let (datagram, from, arrived) = receive(socket).unwrap();
            assert_eq!(datagram, word);
            assert_eq!(from.ip(), target.ip());
            assert!((before..=after_sending).contains(&arrived), "{before} {arrived} {after_sending}");
        }
        assert!(receive(socket).is_none());
    }

    #[test]
    fn no_family_is_an_error() {
        assert!(matches!(TimeLink::open(false, false, 0), Err(OpenError::NoFamily)));
    }
}
