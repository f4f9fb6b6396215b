//! The kernel's network: lets a [`Driver`](crate::session::drive::Driver) run sessions over sockets.
//!
//! A single conversation ([`converse`](crate::session::drive::converse)):
//!
//! ```no_run
//! use ntpkit::net::epoll::Epoll;
//! use ntpkit::net::sockets::Sockets;
//! use ntpkit::session::control::{Config, ControlSession, Request};
//! use ntpkit::session::drive::{Hooks, converse};
//! use ntpkit::wire::AssociationId;
//! use ntpkit::wire::control::Opcode;
//! use std::time::Duration;
//!
//! let second = Duration::from_secs(1);
//! let config = Config { version: 2, first_sequence: 7, silence: second * 5, patience: second * 10, probe: None };
//! let mut session = ControlSession::new(config);
//! session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, Vec::new()));
//!
//! let mut sockets = Sockets::open(([127, 0, 0, 1], 123).into())?;
//! let mut answers = Vec::new();
//! let mut watch = Hooks {
//!     event: &mut |_, (_, outcome)| answers.push(outcome),
//!     datagram: &mut |_, _| {},
//!     turned: &mut |_| {},
//!     tick: None,
//! };
//! converse(Epoll::new(None)?, &mut sockets, &mut session, &mut watch)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::interrupt::Interrupt;
use super::sockets::{OneOf, Sockets};
use super::stamps::{self, Note};
use crate::clock::monotonic;
use crate::session::drive::{Incoming, Network, Token, Wake};
use crate::session::{PathError, Transmit};
use crate::wire::timestamp::NtpTimestamp;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::epoll::{Epoll as Queue, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::time::TimeSpec;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

/// Size of the buffer for a datagram, which has at most 65,535 octets. An allocator maps a buffer of this size afresh; a
/// smaller one it would clear, all of it, although few datagrams fill more than a page.
const BUFFER: usize = 1 << 17;
/// Maximum number of datagrams received from one socket before timers are checked again.
const BURST: usize = 256;
/// Maximum number of events per turn.
const EVENTS: usize = 256;
/// From this length on, a wait in whole milliseconds is precise enough.
const LONG: Duration = Duration::from_millis(20);
/// Marks the event that wakes the network.
const WAKER: u64 = u64::MAX;
/// Marks a pending interrupt.
const INTERRUPT: u64 = u64::MAX - 1;

/// A set of kernel sockets that are waited for together. The clock is [`monotonic`].
#[derive(Debug)]
pub struct Epoll {
    queue: Queue,
    waker: Option<Waker>,
    buffer: Vec<u8>,
    events: Vec<EpollEvent>,
}

/// Wakes a waiting network from any thread.
#[derive(Clone, Debug)]
pub struct Waker(Arc<EventFd>);

impl Waker {
    /// Creates a waker for a network that does not exist yet ([`Epoll::woken_by`]), or for a wait on other descriptors.
    ///
    /// # Errors
    /// The system cannot provide a descriptor.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?)))
    }

    /// The descriptor that is readable once the waker was used.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Takes back all earlier calls of [`Waker::wake`].
    pub(super) fn clear(&self) {
        // There may have been none.
        let _ = self.0.read();
    }

    /// Ends the current wait, or the next one.
    pub fn wake(&self) {
        // If the counter is full, the network is being woken already.
        let _ = self.0.write(1);
    }
}

impl Epoll {
    /// Creates a network without sockets. An interrupt ends every wait, and stays pending.
    ///
    /// # Errors
    /// The system cannot provide a descriptor.
    pub fn new(interrupt: Option<&Interrupt>) -> io::Result<Self> {
        let queue = Queue::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        if let Some(interrupt) = interrupt {
            queue.add(interrupt, EpollEvent::new(EpollFlags::EPOLLIN, INTERRUPT))?;
        }
        Ok(Self { queue, waker: None, buffer: vec![0; BUFFER], events: vec![EpollEvent::empty(); EVENTS] })
    }

    /// Returns a waker for this network.
    ///
    /// # Errors
    /// The system cannot provide a descriptor.
    pub fn waker(&mut self) -> io::Result<Waker> {
        if let Some(waker) = &self.waker {
            return Ok(waker.clone());
        }
        let waker = Waker::new()?;
        self.woken_by(&waker)?;
        Ok(waker)
    }

    /// Lets this waker end the waits of this network.
    ///
    /// # Errors
    /// The system refused.
    pub fn woken_by(&mut self, waker: &Waker) -> io::Result<()> {
        self.queue.add(waker.descriptor(), EpollEvent::new(EpollFlags::EPOLLIN, WAKER))?;
        self.waker = Some(waker.clone());
        Ok(())
    }

    fn watch(&self, descriptor: BorrowedFd<'_>, number: u64) -> nix::Result<()> {
        self.queue.add(descriptor, EpollEvent::new(EpollFlags::EPOLLIN, number))
    }

    /// Waits for any descriptor, rather a little too long than too short, so that no loop spins before a timer.
    fn wait_for_any(&mut self, until: Option<Duration>) -> io::Result<usize> {
        let left = until.map(|until| until.saturating_sub(monotonic()));
        let limit = match left {
            None => EpollTimeout::NONE,
            Some(left) if left.is_zero() => EpollTimeout::ZERO,
            Some(left) if left >= LONG => {
                let milliseconds = i32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
                EpollTimeout::try_from(milliseconds).unwrap_or(EpollTimeout::MAX)
            }
            Some(left) => {
                let mut all = [PollFd::new(self.queue.0.as_fd(), PollFlags::POLLIN)];
                match ppoll(&mut all, Some(TimeSpec::from_duration(left)), None) {
                    Ok(0) | Err(Errno::EINTR) => return Ok(0),
                    Ok(_) => EpollTimeout::ZERO,
                    Err(error) => return Err(error.into()),
                }
            }
        };
        match self.queue.wait(&mut self.events, limit) {
            Ok(count) => Ok(count),
            Err(Errno::EINTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

impl Network for Epoll {
    type Endpoint = Sockets;

    fn now(&self) -> Duration {
        monotonic()
    }

    fn attach(&mut self, token: Token, endpoint: &mut Sockets) -> io::Result<()> {
        for socket in endpoint.each() {
            let mut number = token.number();
            for descriptor in socket.descriptors() {
                self.watch(descriptor, number)?;
                // The second descriptor is for signals.
                number = INTERRUPT;
            }
        }
        Ok(())
    }

    fn detach(&mut self, endpoint: &mut Sockets) {
        for socket in endpoint.each() {
            for descriptor in socket.descriptors() {
                // It may not have been registered.
                let _ = self.queue.delete(descriptor);
            }
        }
    }

    fn send(
        &mut self,
        token: Token,
        endpoint: &mut Sockets,
        transmit: &Transmit,
    ) -> Result<Option<NtpTimestamp>, PathError> {
        let stamped = endpoint.are_stamped();
        let (socket, is_new) = endpoint.towards(transmit.to)?;
        if is_new {
            for descriptor in socket.descriptors() {
                self.watch(descriptor, token.number()).map_err(|error| PathError::Open(error.into()))?;
            }
        }
        let mut repeated = false;
        loop {
            let stamp = stamped.then(stamps::ntp_now);
            match send(&socket, transmit) {
                Ok(()) => return Ok(stamp.map(NtpTimestamp)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // A full buffer counts as a lost datagram.
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(stamp.map(NtpTimestamp)),
                // On a socket for many addresses the error may be about an earlier datagram; it is reported only once. So
                // may a missing route be on any.
                Err(_) if matches!(socket, OneOf::Open(_)) && !repeated => repeated = true,
                Err(error) if is_hint(&error) && !repeated => repeated = true,
                // The refusal is about an earlier datagram; the classic program sees it when it reads.
                Err(error)
                    if error.kind() == ErrorKind::ConnectionRefused && !matches!(socket, OneOf::Open(_)) =>
                {
                    return Err(PathError::Read(error));
                }
                Err(error) => return Err(PathError::Write(error)),
            }
        }
    }

    fn receive(&mut self, endpoint: &mut Sockets, take: &mut dyn FnMut(Incoming<'_>)) {
        let stamped = endpoint.are_stamped();
        for socket in endpoint.each() {
            match socket {
                OneOf::Open(socket) => receive_stamped(socket, None, take),
                OneOf::Connected(path) if stamped => receive_stamped(&path.socket, Some(path.to), take),
                OneOf::Connected(path) => {
                    let end = receive_plain(
                        Some(path.to),
                        &mut self.buffer,
                        &|buffer| path.socket.recv(buffer),
                        take,
                    );
                    if let Some(error) = end.and_then(|error| undelivered(&path.socket, error)) {
                        take(Incoming::Unreachable { to: Some(path.to), payload: &[], error });
                    }
                }
                OneOf::Local(client) => {
                    let end =
                        receive_plain(None, &mut self.buffer, &|buffer| client.socket().recv(buffer), take);
                    if let Some(error) = end.filter(|error| error.kind() != ErrorKind::WouldBlock) {
                        take(Incoming::Unreachable { to: None, payload: &[], error: PathError::Read(error) });
                    }
                }
            }
        }
    }

    fn wait(&mut self, until: Option<Duration>, ready: &mut Vec<Token>) -> io::Result<Wake> {
        let count = self.wait_for_any(until)?;
        let mut wake = Wake::Turn;
        for event in self.events.iter().take(count) {
            match event.data() {
                INTERRUPT => wake = Wake::Interrupted,
                WAKER => self.waker.iter().for_each(Waker::clear),
                number => ready.push(Token::of_number(number)),
            }
        }
        ready.dedup();
        Ok(wake)
    }
}

/// Whether the kernel may mean an earlier datagram, for which no route was found.
fn is_hint(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable)
}

fn send(socket: &OneOf<'_>, transmit: &Transmit) -> io::Result<()> {
    let Transmit { to, payload } = transmit;
    match (socket, to) {
        (OneOf::Connected(path), _) => path.socket.send(payload),
        (OneOf::Local(client), _) => client.socket().send(payload),
        (OneOf::Open(socket), Some(to)) => socket.send_to(payload, to),
        (OneOf::Open(_), None) => Err(ErrorKind::InvalidInput.into()),
    }
    .map(drop)
}

/// Hands over what has arrived. Returns why there is no more, if something else than a datagram woke us.
fn receive_plain(
    from: Option<SocketAddr>,
    buffer: &mut [u8],
    receive: &dyn Fn(&mut [u8]) -> io::Result<usize>,
    take: &mut dyn FnMut(Incoming<'_>),
) -> Option<io::Error> {
    let mut has_any = false;
    for _ in 0..BURST {
        match receive(buffer) {
            Ok(length) => {
                has_any = true;
                let payload = buffer.get(..length).unwrap_or_default();
                take(Incoming::Datagram { from, payload, stamp: None });
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock && has_any => return None,
            Err(error) => return Some(error),
        }
    }
    None
}

/// Reads all notices about undelivered datagrams, which otherwise would keep waking us; returns the gravest. `end` is the
/// error of reading a datagram.
fn undelivered(socket: &std::net::UdpSocket, end: io::Error) -> Option<PathError> {
    let notes = std::iter::from_fn(|| stamps::note(socket)).take(BURST);
    let mut hint = None;
    let mut fault = None;
    for note in notes {
        match note {
            Note::Unreachable { error, is_hint: true, .. } => hint = Some(error),
            Note::Unreachable { error, .. } => fault = Some(error),
            Note::Departure { .. } => {}
        }
    }
    match (fault, hint) {
        (Some(fault), _) => Some(PathError::Read(fault.into())),
        (None, Some(hint)) => Some(PathError::Hint(hint.into())),
        (None, None) => Some(PathError::Read(end)).filter(|end| end.error().kind() != ErrorKind::WouldBlock),
    }
}

/// Reads the kernel's notices first, so that the departure of a request is known before its reply.
fn receive_stamped(
    socket: &std::net::UdpSocket,
    from: Option<SocketAddr>,
    take: &mut dyn FnMut(Incoming<'_>),
) {
    // Others can cause these, so they are limited like datagrams.
    for _ in 0..BURST {
        match stamps::note(socket) {
            Some(Note::Departure { datagram, left }) => {
                take(Incoming::Departed { payload: &datagram, stamp: NtpTimestamp(left) });
            }
            Some(Note::Unreachable { address, datagram, error, .. }) => {
                let error = PathError::Read(error.into());
                take(Incoming::Unreachable { to: Some(address), payload: &datagram, error });
            }
            None => break,
        }
    }
    for _ in 0..BURST {
        let Some((datagram, sender, arrived)) = stamps::receive(socket) else { break };
        let stamp = Some(NtpTimestamp(arrived));
        take(Incoming::Datagram { from: from.or(Some(sender)), payload: &datagram, stamp });
    }
}
