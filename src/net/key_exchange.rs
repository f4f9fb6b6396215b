//! The TCP connections of NTS key exchanges, any number of them side by side, and the authorities that are trusted.

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

/// How long one address of a host has before the next one is tried beside it (RFC 8305 section 5).
const STAGGER: Duration = Duration::from_millis(250);
/// Octets read at a time.
const PIECE: usize = 1 << 14;
/// The largest file of authorities.
const CA_FILE_LIMIT: u64 = 1 << 24;

/// A host whose keys are wanted.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The name or address that its certificate must have.
    pub name: String,
    /// Where it is, the preferred address first.
    pub addresses: Vec<SocketAddr>,
}

/// What a key exchange came to.
#[derive(Debug)]
pub struct Exchanged {
    /// The address that was spoken to, or the last that was tried.
    pub address: Option<SocketAddr>,
    /// How long the TCP connection took.
    pub connected_after: Option<Duration>,
    /// How long all of it took.
    pub took: Duration,
    /// The certificate that was shown, believed or not.
    pub certificate: Option<Certificate>,
    /// Keys and cookies, or why there are none.
    pub outcome: Result<Agreement, ExchangeFailure>,
}

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum ExchangeFailure {
    /// No connection to the port of the key exchange.
    #[error("{}", Errno::from_raw(.0.raw_os_error().unwrap_or(0)).desc())]
    Connect(io::Error),
    /// The connection broke.
    #[error("the connection broke: {}", Errno::from_raw(.1.raw_os_error().unwrap_or(0)).desc())]
    Broken(Layer, io::Error),
    /// Nothing came in time.
    #[error("no answer in time")]
    TimedOut(Layer),
    /// The session's own reasons.
    #[error("{0}")]
    Session(ExchangeFault),
}

impl ExchangeFailure {
    /// In which layer it is.
    pub fn layer(&self) -> Layer {
        match self {
            Self::Connect(_) => Layer::Connection,
            Self::Broken(layer, _) | Self::TimedOut(layer) => *layer,
            Self::Session(fault) => fault.layer(),
        }
    }
}

/// Exchanges keys with all of these hosts at once; none takes longer than the limit.
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

/// Waits until a connection can go on, but no longer than this.
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
    // One that fails is a short one, too; the limit ends it all.
    let _ = wait_for(&mut descriptors, limit);
}

/// The way to one host's keys.
struct Talk {
    /// Addresses not tried yet, the next one last.
    untried: Vec<SocketAddr>,
    /// Connections under way.
    attempts: Vec<(SocketAddr, TcpStream)>,
    /// When the next address is tried.
    next_attempt: Duration,
    /// Why the last address did not do.
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

    /// Does what can be done now.
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

    /// Tries one address after the other, those that answer slowly side by side.
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

    /// Lets the session speak and listen, as far as the connection goes on.
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
                    // What the server said before it closed counts.
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

/// Begins a connection.
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
    // Small messages in turns: each is to leave at once.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Whether a connection stands or failed.
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

/// Where the authorities that are trusted come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootsFrom {
    /// The file that was named.
    File,
    /// This system's.
    System,
    /// Those that were built in.
    BuiltIn,
}

/// Why nobody is trusted.
#[derive(Debug, Error)]
pub enum RootsError {
    /// The file cannot be read.
    #[error("{}", .0.raw_os_error().map_or_else(|| .0.to_string(), |number| Errno::from_raw(number).desc().to_owned()))]
    Unreadable(io::Error),
    /// The file has no certificate.
    #[error("there is no certificate in it (PEM is expected)")]
    Empty,
    /// The system has no authorities.
    #[error("this system has no certificate authorities (the package ca-certificates brings them)")]
    NoneHere,
}

/// The authorities of a file in PEM, or else those of the system. In a static build, which may run where there is no
/// system to speak of, Mozilla's list stands in for those.
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
    fn a_shut_port_and_a_silent_one_are_told_apart() {
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
    fn a_file_without_certificates_is_no_authority() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(roots(Some(&folder.path().join("none"))), Err(RootsError::Unreadable(_))));
        let empty = folder.path().join("empty");
        std::fs::write(&empty, "nothing\n").unwrap();
        assert!(matches!(roots(Some(&empty)), Err(RootsError::Empty)));
    }
}
