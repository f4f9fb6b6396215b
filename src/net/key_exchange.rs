//! The TCP connections of NTS key exchanges, any number of them in parallel, and the trusted authorities.

use super::ready::wait_for;
use crate::clock::Stopwatch;
use crate::session::nts::{Agreement, Certificate, ExchangeFault, KeyExchange, Layer, Terms};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrIn6, connect, socket};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;
use std::time::Duration;
use thiserror::Error;

/// How long to wait for one address of a host before also trying the next (RFC 8305 section 5).
const STAGGER: Duration = Duration::from_millis(250);
/// Octets read at a time.
const PIECE: usize = 1 << 14;
/// Maximum size of a file of authorities.
const CA_FILE_LIMIT: u64 = 1 << 24;

/// A host to exchange keys with.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The name or address that its certificate must be valid for.
    pub name: String,
    /// Its addresses, in order of preference.
    pub addresses: Vec<SocketAddr>,
}

/// The result of a key exchange.
#[derive(Debug)]
pub struct Exchanged {
    /// The address that was used, or the last one tried.
    pub address: Option<SocketAddr>,
    /// How long the TCP connection took to establish.
    pub connected_after: Option<Duration>,
    /// How long everything took.
    pub took: Duration,
    /// The server's certificate, trusted or not.
    pub certificate: Option<Certificate>,
    /// Keys and cookies, or why there are none.
    pub outcome: Result<Agreement, ExchangeFailure>,
}

/// Why the key exchange failed.
#[derive(Debug, Error)]
pub enum ExchangeFailure {
    /// The TCP connection could not be established.
    #[error("{}", Errno::from_raw(.0.raw_os_error().unwrap_or(0)).desc())]
    Connect(io::Error),
    /// The connection broke.
    #[error("the connection broke: {}", Errno::from_raw(.1.raw_os_error().unwrap_or(0)).desc())]
    Broken(Layer, io::Error),
    /// No answer arrived in time.
    #[error("no answer in time")]
    TimedOut(Layer),
    /// A failure of the key exchange protocol.
    #[error("{0}")]
    Session(ExchangeFault),
}

impl ExchangeFailure {
    /// Returns the layer that failed.
    pub fn layer(&self) -> Layer {
        match self {
            Self::Connect(_) => Layer::Connection,
            Self::Broken(layer, _) | Self::TimedOut(layer) => *layer,
            Self::Session(fault) => fault.layer(),
        }
    }
}

/// Exchanges keys with all of these hosts in parallel; each takes no longer than the limit.
pub fn exchange_all(wishes: &[Wish], terms: &Terms, limit: Duration) -> Vec<Exchanged> {
    let clock = Stopwatch::start();
    let mut talks: Vec<Talk> = wishes.iter().map(|wish| Talk::new(wish, terms)).collect();
    loop {
        let now = clock.elapsed();
        for talk in &mut talks {
            talk.advance(now, limit);
        }
        if talks.iter().all(|talk| talk.done.is_some()) {
            break;
        }
        let soonest = talks.iter().filter_map(|talk| talk.next_wakeup(limit)).min().unwrap_or(limit);
        wait(&talks, soonest.saturating_sub(clock.elapsed()));
    }
    talks.into_iter().filter_map(|talk| talk.done).collect()
}

/// Waits until a connection can make progress, for this long at most.
fn wait(talks: &[Talk], limit: Duration) {
    let mut descriptors = Vec::new();
    for talk in talks.iter().filter(|talk| talk.done.is_none()) {
        if let Some(stream) = &talk.stream {
            let out = if talk.unsent.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
            descriptors.push(PollFd::new(stream.as_fd(), PollFlags::POLLIN | out));
        } else {
            let attempts = talk.attempts.iter();
            descriptors.extend(attempts.map(|(_, stream)| PollFd::new(stream.as_fd(), PollFlags::POLLOUT)));
        }
    }
    // A failed wait is a short one; the limit ends everything.
    let _ = wait_for(&mut descriptors, limit);
}

/// A key exchange with one host.
struct Talk {
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
    done: Option<Exchanged>,
}

impl Talk {
    fn new(wish: &Wish, terms: &Terms) -> Self {
        let mut talk = Self {
            untried: wish.addresses.iter().rev().copied().collect(),
            attempts: Vec::new(),
            next_attempt: Duration::ZERO,
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
            Err(fault) => talk.end(Duration::ZERO, Err(ExchangeFailure::Session(fault))),
        }
        talk
    }

    fn end(&mut self, now: Duration, outcome: Result<Agreement, ExchangeFailure>) {
        self.stream = None;
        self.attempts.clear();
        self.done = Some(Exchanged {
            address: self.address,
            connected_after: self.connected_after,
            took: now,
            certificate: self.exchange.as_ref().and_then(KeyExchange::certificate),
            outcome,
        });
    }

    fn next_wakeup(&self, limit: Duration) -> Option<Duration> {
        if self.done.is_some() {
            return None;
        }
        let waits = self.stream.is_none() && !self.untried.is_empty();
        Some(if waits { self.next_attempt.min(limit) } else { limit })
    }

    /// Does everything that can be done now.
    fn advance(&mut self, now: Duration, limit: Duration) {
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
        if self.done.is_none() && now >= limit {
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
                    self.connected_after = Some(now);
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

/// Where the trusted authorities come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootsFrom {
    /// The file given by the user.
    File,
    /// The system's store.
    System,
    /// The built-in list.
    BuiltIn,
}

/// Why there are no trusted authorities.
#[derive(Debug, Error)]
pub enum RootsError {
    /// The file cannot be read.
    #[error("{}", .0.raw_os_error().map_or_else(|| .0.to_string(), |number| Errno::from_raw(number).desc().to_owned()))]
    Unreadable(io::Error),
    /// The file has no certificate.
    #[error("the file has no certificate (PEM is expected)")]
    Empty,
    /// The system has no authorities.
    #[error("this system has no certificate authorities (install the package ca-certificates)")]
    NoneHere,
}

/// Returns the authorities from a PEM file, or else those of the system. A static build, which may run on a minimal
/// system, falls back to Mozilla's list.
///
/// # Errors
/// [`RootsError`].
pub fn roots(file: Option<&Path>) -> Result<(RootCertStore, RootsFrom), RootsError> {
    let mut store = RootCertStore::empty();
    if let Some(path) = file {
        let mut octets = Vec::new();
        let opened = File::open(path).and_then(|file| file.take(CA_FILE_LIMIT).read_to_end(&mut octets));
        opened.map_err(RootsError::Unreadable)?;
        store.add_parsable_certificates(CertificateDer::pem_slice_iter(&octets).flatten());
        return if store.is_empty() { Err(RootsError::Empty) } else { Ok((store, RootsFrom::File)) };
    }
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if !store.is_empty() {
        return Ok((store, RootsFrom::System));
    }
    built_in(store)
}

#[cfg(target_feature = "crt-static")]
fn built_in(mut store: RootCertStore) -> Result<(RootCertStore, RootsFrom), RootsError> {
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if store.is_empty() { Err(RootsError::NoneHere) } else { Ok((store, RootsFrom::BuiltIn)) }
}

#[cfg(not(target_feature = "crt-static"))]
fn built_in(_: RootCertStore) -> Result<(RootCertStore, RootsFrom), RootsError> {
    Err(RootsError::NoneHere)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn terms() -> Terms {
        let ca = concat!(env!("CARGO_MANIFEST_DIR"), "/src/session/nts/tests/ca.pem");
        let (roots, from) = roots(Some(Path::new(ca))).unwrap();
        assert_eq!(from, RootsFrom::File);
        Terms::new(roots, 0)
    }

    fn wish(addresses: &[SocketAddr]) -> Wish {
        Wish { name: "nts.example".to_owned(), addresses: addresses.to_vec() }
    }

    #[test]
    fn a_closed_port_and_a_silent_one_are_distinguished() {
        let shut = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let wishes = [wish(&[shut]), wish(&[silent.local_addr().unwrap()]), wish(&[])];
        let done = exchange_all(&wishes, &terms(), Duration::from_millis(300));
        let failures: Vec<(Layer, String)> = done
            .iter()
            .map(|exchanged| exchanged.outcome.as_ref().unwrap_err())
            .map(|failure| (failure.layer(), failure.to_string()))
            .collect();
        assert_eq!(failures[0], (Layer::Connection, "Connection refused".to_owned()));
        assert_eq!(failures[1], (Layer::Tls, "no answer in time".to_owned()));
        assert_eq!(failures[2].0, Layer::Connection);
        assert!(done[0].connected_after.is_none() && done[1].connected_after.is_some());
    }

    #[test]
    fn the_next_address_is_tried() {
        let shut = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"220 mail.example ESMTP\r\n").unwrap();
            let _ = stream.read(&mut [0; 2000]);
        });
        let done = exchange_all(&[wish(&[shut, open])], &terms(), Duration::from_secs(20));
        let failure = done[0].outcome.as_ref().unwrap_err();
        assert_eq!((failure.layer(), done[0].address), (Layer::Tls, Some(open)), "{failure}");
        answering.join().unwrap();
    }

    #[test]
    fn a_file_without_certificates_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(roots(Some(&folder.path().join("none"))), Err(RootsError::Unreadable(_))));
        let empty = folder.path().join("empty");
        std::fs::write(&empty, "nothing\n").unwrap();
        assert!(matches!(roots(Some(&empty)), Err(RootsError::Empty)));
    }
}
