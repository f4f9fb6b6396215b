//! The TCP connections of NTS key exchanges, any number of them in parallel, and the trusted authorities.

mod roots;
mod talk;

pub use self::roots::{RootsError, RootsFrom, roots};

use self::talk::Talk;
use super::epoll::Waker;
use super::ready::wait_for;
use crate::clock::monotonic;
use crate::session::nts::Terms;
use crate::session::nts::{Agreement, Certificate, ExchangeFault, Layer};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use thiserror::Error;

/// The longest wait before everything is looked at again.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

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

/// Key exchanges with any number of hosts in parallel, each of which may begin and end at a different time.
#[derive(Default)]
pub struct Exchanges {
    talks: Vec<(usize, Talk)>,
}

impl Exchanges {
    /// Begins the exchange with a host, which takes no longer than the limit. The result has this number.
    pub fn begin(&mut self, number: usize, wish: &Wish, terms: &Terms, now: Duration, limit: Duration) {
        self.talks.push((number, Talk::new(wish, terms, now, limit)));
    }

    /// Whether no exchange is under way.
    pub fn is_empty(&self) -> bool {
        self.talks.is_empty()
    }

    /// Does everything that can be done now, and returns the exchanges that have ended.
    pub fn advance(&mut self, now: Duration) -> Vec<(usize, Exchanged)> {
        let mut ended = Vec::new();
        self.talks.retain_mut(|(number, talk)| {
            talk.advance(now);
            let done = talk.done.take();
            let goes_on = done.is_none();
            ended.extend(done.map(|exchanged| (*number, exchanged)));
            goes_on
        });
        ended
    }

    /// Waits until an exchange can make progress or the waker is used, until this time at most.
    pub fn wait(&self, waker: &Waker, until: Option<Duration>) {
        let mut descriptors = vec![PollFd::new(waker.descriptor(), PollFlags::POLLIN)];
        for (_, talk) in &self.talks {
            talk.wait_on(&mut descriptors);
        }
        let wakeups = self.talks.iter().map(|(_, talk)| talk.next_wakeup());
        let soonest = wakeups.chain(until).min().unwrap_or(LONGEST_WAIT);
        // A failed wait is a short one; the limits end everything.
        let _ = wait_for(&mut descriptors, soonest.saturating_sub(monotonic()).min(LONGEST_WAIT));
        drop(descriptors);
        waker.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::path::Path;

    fn terms() -> Terms {
        let ca = concat!(env!("CARGO_MANIFEST_DIR"), "/src/session/nts/tests/ca.pem");
        let (roots, from) = roots(Some(Path::new(ca))).unwrap();
        assert_eq!(from, RootsFrom::File);
        Terms::new(roots, 0)
    }

    /// Runs these exchanges to their ends; the results are in order of their numbers.
    fn exchange_all(wishes: &[Wish], limit: Duration) -> Vec<Exchanged> {
        let (mut exchanges, terms) = (Exchanges::default(), terms());
        let waker = Waker::new().unwrap();
        for (number, wish) in wishes.iter().enumerate() {
            exchanges.begin(number, wish, &terms, monotonic(), limit);
        }
        let mut ended = Vec::new();
        while !exchanges.is_empty() {
            ended.extend(exchanges.advance(monotonic()));
            if !exchanges.is_empty() {
                exchanges.wait(&waker, None);
            }
        }
        ended.sort_by_key(|(number, _)| *number);
        ended.into_iter().map(|(_, exchanged)| exchanged).collect()
    }

    fn wish(addresses: &[SocketAddr]) -> Wish {
        Wish { name: "nts.example".to_owned(), addresses: addresses.to_vec() }
    }

    #[test]
    fn a_closed_port_and_a_silent_one_are_distinguished() {
        let shut = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let wishes = [wish(&[shut]), wish(&[silent.local_addr().unwrap()]), wish(&[])];
        let done = exchange_all(&wishes, Duration::from_millis(300));
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
        let done = exchange_all(&[wish(&[shut, open])], Duration::from_secs(20));
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

    #[test]
    fn an_exchange_that_ends_is_reported_while_another_goes_on() {
        let shut = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let (mut exchanges, terms, limit) = (Exchanges::default(), terms(), Duration::from_secs(3600));
        let waker = Waker::new().unwrap();
        exchanges.begin(0, &wish(&[silent.local_addr().unwrap()]), &terms, monotonic(), limit);
        exchanges.begin(1, &wish(&[shut]), &terms, monotonic(), limit);
        let ended = loop {
            let ended = exchanges.advance(monotonic());
            if !ended.is_empty() {
                break ended;
            }
            exchanges.wait(&waker, None);
        };
        assert_eq!(ended.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1]);
        assert!(!exchanges.is_empty());
    }
}
