//! One key exchange over TCP.

use super::{ExchangeFailure, Exchanged, Wish};
use crate::net::ready::wait_for;
use crate::session::nts::{Agreement, KeyExchange, Layer, Terms};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrIn6, connect, socket};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

/// How long to wait for one address of a host before also trying the next (RFC 8305 section 5).
const STAGGER: Duration = Duration::from_millis(250);
/// Octets read at a time.
const PIECE: usize = 1 << 14;

/// A key exchange with one host.
pub(super) struct Talk {
    /// When it began.
    begun: Duration,
    /// When it must have ended.
    limit: Duration,
    /// Addresses not tried yet, the next one last.
    untried: Vec<SocketAddr>,
    /// Connections being established.
    attempts: Vec<(SocketAddr, TcpStream)>,
    /// When to try the next address.
    next_attempt: Duration,
    /// Why the last address failed.
    refusal: Option<io::Error>,
    stream: Option<TcpStream>,
    address: Option<SocketAddr>,
    connected_after: Option<Duration>,
    exchange: Option<KeyExchange>,
    unsent: Vec<u8>,
    /// The result, once there is one.
    pub done: Option<Exchanged>,
}

impl Talk {
    pub fn new(wish: &Wish, terms: &Terms, now: Duration, limit: Duration) -> Self {
        let mut talk = Self {
            begun: now,
            limit: now.saturating_add(limit),
            untried: wish.addresses.iter().rev().copied().collect(),
            attempts: Vec::new(),
            next_attempt: now,
            refusal: None,
            stream: None,
            address: wish.addresses.first().copied(),
            connected_after: None,
            exchange: None,
            unsent: Vec::new(),
            done: None,
        };
        match KeyExchange::new(terms, &wish.name) {
            Ok(exchange) => talk.exchange = Some(exchange),
            Err(fault) => talk.end(now, Err(ExchangeFailure::Session(fault))),
        }
        talk
    }

    fn end(&mut self, now: Duration, outcome: Result<Agreement, ExchangeFailure>) {
        self.stream = None;
        self.attempts.clear();
        self.done = Some(Exchanged {
            address: self.address,
            connected_after: self.connected_after,
            took: now.saturating_sub(self.begun),
            certificate: self.exchange.as_ref().and_then(KeyExchange::certificate),
            outcome,
        });
    }

    /// When it has something to do even if nothing arrives.
    pub fn next_wakeup(&self) -> Duration {
        let waits = self.stream.is_none() && !self.untried.is_empty();
        if waits { self.next_attempt.min(self.limit) } else { self.limit }
    }

    /// Adds what it waits for.
    pub fn wait_on<'a>(&'a self, descriptors: &mut Vec<PollFd<'a>>) {
        if let Some(stream) = &self.stream {
            let out = if self.unsent.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
            descriptors.push(PollFd::new(stream.as_fd(), PollFlags::POLLIN | out));
        } else {
            let attempts = self.attempts.iter();
            descriptors.extend(attempts.map(|(_, stream)| PollFd::new(stream.as_fd(), PollFlags::POLLOUT)));
        }
    }

    /// Does everything that can be done now.
    pub fn advance(&mut self, now: Duration) {
        if self.done.is_some() {
            return;
        }
        if self.stream.is_none() {
            self.connect(now);
        }
        if self.stream.is_some()
            && let Err(error) = self.converse(now)
        {
            let layer = self.exchange.as_ref().map_or(Layer::Tls, KeyExchange::awaited);
            self.end(now, Err(ExchangeFailure::Broken(layer, error)));
        }
        if self.done.is_none() && now >= self.limit {
            let awaited = self.exchange.as_ref().map_or(Layer::Tls, KeyExchange::awaited);
            let layer = if self.stream.is_some() { awaited } else { Layer::Connection };
            self.end(now, Err(ExchangeFailure::TimedOut(layer)));
        }
    }

    /// Tries the addresses in turn, several in parallel if they answer slowly.
    fn connect(&mut self, now: Duration) {
        while let Some(place) = self.attempts.iter().position(|(_, stream)| is_settled(stream)) {
            let (address, stream) = self.attempts.swap_remove(place);
            match outcome(&stream) {
                Ok(()) => {
                    self.address = Some(address);
                    self.connected_after = Some(now.saturating_sub(self.begun));
                    self.stream = Some(stream);
                    self.attempts.clear();
                    return;
                }
                Err(error) => {
                    self.address = Some(address);
                    self.refusal = Some(error);
                    self.next_attempt = now;
                }
            }
        }
        while now >= self.next_attempt {
            let Some(address) = self.untried.pop() else { break };
            match begin(address) {
                Ok(stream) => {
                    self.attempts.push((address, stream));
                    self.next_attempt = now.saturating_add(STAGGER);
                }
                Err(error) => {
                    self.address = Some(address);
                    self.refusal = Some(error);
                }
            }
        }
        if self.attempts.is_empty() && self.untried.is_empty() {
            let refusal = self.refusal.take().unwrap_or_else(|| Errno::EADDRNOTAVAIL.into());
            self.end(now, Err(ExchangeFailure::Connect(refusal)));
        }
    }

    /// Lets the session send and receive while the connection allows it.
    fn converse(&mut self, now: Duration) -> io::Result<()> {
        let (Some(stream), Some(exchange)) = (&mut self.stream, &mut self.exchange) else { return Ok(()) };
        let mut piece = [0; PIECE];
        loop {
            self.unsent.extend(exchange.poll_transmit());
            while !self.unsent.is_empty() {
                match stream.write(&self.unsent) {
                    Ok(count) => drop(self.unsent.drain(..count)),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // The server's answer before the close counts.
                    Err(_) if exchange.is_over() => self.unsent.clear(),
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.unsent.clear(),
                    Err(error) => return Err(error),
                }
            }
            if let Some(outcome) = exchange.poll_outcome() {
                self.end(now, outcome.map_err(ExchangeFailure::Session));
                return Ok(());
            }
            match stream.read(&mut piece) {
                Ok(0) => exchange.handle_close(),
                Ok(count) => exchange.handle_octets(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Starts a connection.
fn begin(address: SocketAddr) -> io::Result<TcpStream> {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let descriptor = socket(family, SockType::Stream, flags, None)?;
    let begun = match address {
        SocketAddr::V4(address) => connect(descriptor.as_raw_fd(), &SockaddrIn::from(address)),
        SocketAddr::V6(address) => connect(descriptor.as_raw_fd(), &SockaddrIn6::from(address)),
    };
    match begun {
        Ok(()) | Err(Errno::EINPROGRESS | Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    let stream = TcpStream::from(descriptor);
    // Small messages that alternate: each should be sent at once.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Whether a connection attempt has finished or failed.
fn is_settled(stream: &TcpStream) -> bool {
    let mut descriptors = [PollFd::new(stream.as_fd(), PollFlags::POLLOUT)];
    wait_for(&mut descriptors, Duration::ZERO).unwrap_or(false)
}

fn outcome(stream: &TcpStream) -> io::Result<()> {
    match stream.take_error()? {
        Some(error) => Err(error),
        None => stream.peer_addr().map(|_| ()),
    }
}
