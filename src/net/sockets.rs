//! The sockets of one conversation: a driver's endpoint on a real network.

use super::client_socket::ClientSocket;
use super::stamps;
use crate::session::PathError;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrIn6, bind, connect, getsockopt,
    setsockopt, socket, sockopt,
};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use thiserror::Error;

/// Maximum number of addresses per conversation.
const MAX_PATHS: usize = 16;

/// Why there is no socket.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process uses the port.
    #[error("the NTP socket is in use, exiting")]
    InUse,
    /// The port cannot be bound.
    #[error("bind() fails: {}", .0.desc())]
    Bind(Errno),
    /// This machine supports none of the families.
    #[error("cannot find family compatible socket to send ntp packet")]
    NoFamily,
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::InUse => Errno::EADDRINUSE.into(),
            OpenError::Bind(error) => error.into(),
            OpenError::NoFamily => Errno::EAFNOSUPPORT.into(),
        }
    }
}

/// The sockets of one session.
#[derive(Debug)]
pub struct Sockets {
    kind: Kind,
    stamped: bool,
}

#[derive(Debug)]
enum Kind {
    /// A connected socket per address: the kernel drops datagrams from elsewhere, and reports closed ports. The first
    /// one is for the address that the conversation is with.
    Connected(Vec<Path>),
    /// One socket per address family, for all addresses.
    Families([Option<UdpSocket>; 2]),
    /// A daemon's Unix socket.
    Local(ClientSocket),
}

/// A connected socket.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) socket: UdpSocket,
    pub(super) to: SocketAddr,
}

/// One of the sockets.
pub(super) enum OneOf<'a> {
    /// Connected to one address.
    Connected(&'a Path),
    /// For all addresses of its family.
    Open(&'a UdpSocket),
    /// A daemon's Unix socket.
    Local(&'a ClientSocket),
}

impl Sockets {
    /// Opens a socket to this address, from a port chosen by the kernel. Further addresses get their own sockets when
    /// something is sent to them.
    ///
    /// # Errors
    /// The kernel cannot provide a socket, or has no route to the address.
    pub fn open(server: SocketAddr) -> io::Result<Self> {
        Ok(Self { kind: Kind::Connected(vec![Path::open(server, false)?]), stamped: false })
    }

    /// The same, with kernel timestamps of arrivals and departures.
    ///
    /// # Errors
    /// The kernel cannot provide a socket, or has no route to the address.
    #[cfg(feature = "nts")]
    pub fn open_stamped(server: SocketAddr) -> io::Result<Self> {
        Ok(Self { kind: Kind::Connected(vec![Path::open(server, true)?]), stamped: true })
    }

    /// Opens a socket to each address when something is first sent to it.
    pub fn by_address() -> Self {
        Self { kind: Kind::Connected(Vec::new()), stamped: false }
    }

    /// The same, with kernel timestamps of arrivals and departures.
    pub fn stamped_by_address() -> Self {
        Self { kind: Kind::Connected(Vec::new()), stamped: true }
    }

    /// Opens an unconnected socket for each of these families, on this port or, if it is 0, on ports chosen by the
    /// kernel, with kernel timestamps of arrivals and departures. A port can be shared with others that share it, as
    /// 4.2.8p15 does: then a daemon on it goes unnoticed, and its replies may arrive here.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn of_families(ipv4: bool, ipv6: bool, port: u16, shared: bool) -> Result<Self, OpenError> {
        let any4 = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port));
        let any6 = SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0));
        let opened = |wanted: bool, any: SocketAddr| -> Result<Option<UdpSocket>, OpenError> {
            if !wanted {
                return Ok(None);
            }
            match open_to_all(any, shared) {
                Ok(socket) => Ok(Some(socket)),
                Err(Errno::EAFNOSUPPORT | Errno::EADDRNOTAVAIL) => Ok(None),
                Err(Errno::EADDRINUSE) => Err(OpenError::InUse),
                Err(error) => Err(OpenError::Bind(error)),
            }
        };
        let families = [opened(ipv4, any4)?, opened(ipv6, any6)?];
        if families.iter().all(Option::is_none) {
            return Err(OpenError::NoFamily);
        }
        Ok(Self { kind: Kind::Families(families), stamped: true })
    }

    /// Wraps a daemon's Unix socket. A pending signal counts as an interrupt.
    pub(super) fn local(client: ClientSocket) -> Self {
        Self { kind: Kind::Local(client), stamped: false }
    }

    /// Enlarges the receive buffers, up to this many octets if the system allows; returns their size (which includes
    /// the system's overhead per datagram).
    pub fn enlarge_receive_buffer(&self, octets: usize) -> usize {
        let enlarged = |socket: &UdpSocket| {
            if setsockopt(socket, sockopt::RcvBufForce, &octets).is_err() {
                // Without the privilege to exceed the system's limit, up to the limit.
                let _ = setsockopt(socket, sockopt::RcvBuf, &octets);
            }
            getsockopt(socket, sockopt::RcvBuf).unwrap_or(0)
        };
        match &self.kind {
            Kind::Connected(paths) => paths.first().map_or(0, |path| enlarged(&path.socket)),
            Kind::Families(families) => families.iter().flatten().map(enlarged).min().unwrap_or(0),
            Kind::Local(_) => 0,
        }
    }

    /// Returns the number of open descriptors.
    pub fn descriptors(&self) -> usize {
        self.each().count()
    }

    /// Whether timestamps are wanted.
    pub(super) fn are_stamped(&self) -> bool {
        self.stamped
    }

    pub(super) fn each(&self) -> impl Iterator<Item = OneOf<'_>> {
        let (connected, open, local) = match &self.kind {
            Kind::Connected(paths) => (paths.as_slice(), None, None),
            Kind::Families(families) => (&[][..], Some(families), None),
            Kind::Local(client) => (&[][..], None, Some(client)),
        };
        let open = open.into_iter().flatten().flatten();
        connected.iter().map(OneOf::Connected).chain(open.map(OneOf::Open)).chain(local.map(OneOf::Local))
    }

    /// Returns the socket for this address, and whether it was just created.
    pub(super) fn towards(&mut self, to: Option<SocketAddr>) -> Result<(OneOf<'_>, bool), PathError> {
        match &mut self.kind {
            Kind::Local(client) => Ok((OneOf::Local(client), false)),
            Kind::Families([ipv4, ipv6]) => {
                let socket = if to.is_some_and(|to| to.is_ipv4()) { ipv4 } else { ipv6 };
                let socket = socket.as_ref().filter(|_| to.is_some());
                let error = || PathError::Write(Errno::EAFNOSUPPORT.into());
                socket.map(|socket| (OneOf::Open(socket), false)).ok_or_else(error)
            }
            Kind::Connected(paths) => {
                let known = paths.iter().position(|path| to.is_none_or(|to| path.to == to));
                let at = match (known, to) {
                    (Some(at), _) => at,
                    (None, Some(to)) if paths.len() < MAX_PATHS => {
                        paths.push(Path::open(to, self.stamped).map_err(PathError::Open)?);
                        paths.len() - 1
                    }
                    (None, _) => return Err(PathError::Open(ErrorKind::AddrNotAvailable.into())),
                };
                let path = paths.get(at).ok_or_else(|| PathError::Open(ErrorKind::NotFound.into()))?;
                Ok((OneOf::Connected(path), known.is_none()))
            }
        }
    }
}

impl Path {
    /// The kernel chooses the port on connecting.
    fn open(to: SocketAddr, stamped: bool) -> io::Result<Self> {
        let socket = new(to)?;
        if stamped {
            stamps::ask_for(&socket, to.is_ipv4());
        } else {
            stamps::ask_for_errors(&socket, to.is_ipv4());
        }
        match to {
            SocketAddr::V4(to) => connect(socket.as_raw_fd(), &SockaddrIn::from(to))?,
            SocketAddr::V6(to) => connect(socket.as_raw_fd(), &SockaddrIn6::from(to))?,
        }
        Ok(Self { socket: socket.into(), to })
    }
}

/// Creates a non-blocking datagram socket of the address's family.
fn new(address: SocketAddr) -> nix::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    socket(family, SockType::Datagram, flags, SockProtocol::Udp)
}

impl OneOf<'_> {
    /// Returns the descriptors that become readable when there is something to do.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let (socket, signals) = match self {
            Self::Connected(path) => (path.socket.as_fd(), None),
            Self::Open(socket) => (socket.as_fd(), None),
            Self::Local(client) => (client.socket().as_fd(), Some(client.signals().as_fd())),
        };
        std::iter::once(socket).chain(signals)
    }
}

/// Whether the kernel has a route to this address.
pub fn is_reachable(address: SocketAddr) -> bool {
    UdpSocket::bind(any_of(address)).and_then(|socket| socket.connect(address)).is_ok()
}

fn any_of(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}

fn open_to_all(any: SocketAddr, shared: bool) -> nix::Result<UdpSocket> {
    let socket = new(any)?;
    if shared && any.port() != 0 {
        setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    }
    stamps::ask_for(&socket, any.is_ipv4());
    match any {
        SocketAddr::V4(any) => bind(socket.as_raw_fd(), &SockaddrIn::from(any))?,
        SocketAddr::V6(any) => {
            setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
            bind(socket.as_raw_fd(), &SockaddrIn6::from(any))?;
        }
    }
    Ok(UdpSocket::from(socket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_family_is_an_error() {
        assert!(matches!(Sockets::of_families(false, false, 0, false), Err(OpenError::NoFamily)));
    }

    #[test]
    fn a_port_is_shared_only_by_the_classic_rules() {
        // A daemon that shares its port, as chronyd does.
        let daemon = open_to_all((Ipv4Addr::UNSPECIFIED, 0).into(), false).unwrap();
        let port = daemon.local_addr().unwrap().port();
        drop(daemon);
        let Ok(_daemon) = open_to_all((Ipv4Addr::UNSPECIFIED, port).into(), true) else { return };
        assert!(matches!(Sockets::of_families(true, false, port, false), Err(OpenError::InUse)));
        assert!(Sockets::of_families(true, false, port, true).is_ok());
    }

    #[test]
    fn one_conversation_has_few_sockets() {
        let mut sockets = Sockets::by_address();
        assert!(matches!(sockets.towards(None), Err(PathError::Open(_))));
        for port in 1..100 {
            let opened = sockets.towards(Some((Ipv4Addr::LOCALHOST, port).into()));
            assert_eq!(opened.is_ok(), usize::from(port) <= MAX_PATHS, "{port}");
        }
        assert_eq!(sockets.descriptors(), MAX_PATHS);
        assert!(matches!(sockets.towards(Some((Ipv4Addr::LOCALHOST, 3).into())), Ok((_, false))));
    }
}
