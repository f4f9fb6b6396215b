//! From the name of an NTS-KE server to its NTP server, with keys and cookies.

use super::admission::Admission;
use crate::clock::monotonic;
use crate::compact::{Receiver, channel};
use crate::net::epoll::Waker;
use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::key_exchange::{ExchangeFailure, Exchanged, Exchanges, Wish};
use crate::net::many::{Jobs, LookUps, Names, Supply};
use crate::net::names::{EveryAddress, NameError, NameService, ResolvedHost, ResolverError};
use crate::session::nts::fault::CertificateFault;
use crate::session::nts::{Agreement, Certificate, ExchangeFault, Layer, Terms};
use crate::text::date::{clock, utc};
use crate::wire::nts::KEY_EXCHANGE_PORT;
use crate::wire::nts::record::MessageFault;
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::TryRecvError;
use std::thread::Builder;
use std::time::Duration;
use thiserror::Error;

/// Maximum number of addresses to try per host.
const MAX_ADDRESSES: usize = 8;

/// How to obtain keys.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which addresses to use.
    pub family: AddressFamily,
    /// Which addresses may be queried.
    pub admission: Admission,
    /// The key exchange port, if a host has none.
    pub key_exchange_port: u16,
    /// The NTP port, if a server specifies none.
    pub ntp_port: u16,
    /// How long to wait for name lookups.
    pub name_patience: Duration,
    /// How long a key exchange may take.
    pub patience: Duration,
    /// How many key exchanges there may be at once.
    pub jobs: Jobs,
    /// Parameters common to all exchanges.
    pub terms: Terms,
}

impl Plan {
    /// The usual plan with these terms.
    pub fn new(terms: Terms) -> Self {
        Self {
            family: AddressFamily::Any,
            admission: Admission::all(),
            key_exchange_port: KEY_EXCHANGE_PORT,
            ntp_port: NTP_PORT,
            name_patience: Duration::from_secs(5),
            patience: Duration::from_secs(5),
            jobs: Jobs::Usual,
            terms,
        }
    }

    /// Returns the addresses to exchange keys with, of those that were found for a host.
    fn targets(&self, host: &Host, mut addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Failure> {
        let first = addresses.first().map(SocketAddr::ip);
        addresses.retain(|address| self.admission.admits(address.ip()));
        if let Some(first) = first.filter(|_| addresses.is_empty()) {
            return Err(Failure::Forbidden(first, Layer::Name));
        }
        addresses.truncate(MAX_ADDRESSES);
        let port = if host.has_port() { host.port() } else { self.key_exchange_port };
        for address in &mut addresses {
            address.set_port(port);
        }
        Ok(addresses)
    }
}

/// The result for one host.
#[derive(Debug)]
pub struct Obtained {
    /// The host as given.
    pub host: Host,
    /// Its addresses, with the key exchange port.
    pub addresses: Vec<SocketAddr>,
    /// The address that was used, or the last one tried.
    pub address: Option<SocketAddr>,
    /// How long the TCP connection took to establish.
    pub connected_after: Option<Duration>,
    /// How long the key exchange took, including the connection.
    pub took: Option<Duration>,
    /// The server's certificate, trusted or not.
    pub certificate: Option<Certificate>,
    /// The agreement and the NTP server to use, or why there is none.
    pub outcome: Result<(Agreement, SocketAddr), Failure>,
}

/// Why there are no keys, or no server to use them with.
#[derive(Debug, Error)]
pub enum Failure {
    /// The host's name does not resolve.
    #[error("{0}")]
    Name(NameError),
    /// The key exchange failed.
    #[error("{0}")]
    Exchange(ExchangeFailure),
    /// The NTP server specified in the key exchange does not resolve.
    #[error("the key exchange names the NTP server {0}: {1}")]
    Server(String, NameError),
    /// An address of this layer may not be asked.
    #[error("{0} may not be asked")]
    Forbidden(IpAddr, Layer),
}

impl Failure {
    /// Returns the layer that failed.
    pub fn layer(&self) -> Layer {
        match self {
            Self::Name(_) => Layer::Name,
            Self::Exchange(failure) => failure.layer(),
            Self::Server(..) => Layer::Server,
            Self::Forbidden(_, layer) => *layer,
        }
    }
}

/// Obtains keys and cookies from all these hosts in parallel. Each result is delivered, with the number of its host, as
/// soon as there is one: no host waits for another.
fn obtain_each(
    hosts: &[Host],
    plan: &Plan,
    waker: &Waker,
    deliver: &mut dyn FnMut(usize, Obtained) -> ControlFlow<()>,
) {
    let service = Arc::new(NameService::new(EveryAddress, plan.name_patience));
    let mut names = Names::new(service, waker.clone());
    for (number, host) in hosts.iter().enumerate() {
        names.begin(number, host, plan.family, monotonic());
    }
    let mut exchanges = Exchanges::default();
    let most = plan.jobs.maximum().unwrap_or(usize::MAX);
    let mut waiting = VecDeque::new();
    // The addresses of hosts whose exchange is under way, and the results that lack the address of the NTP server.
    let (mut exchanging, mut unlocated) = (BTreeMap::new(), BTreeMap::new());
    let mut left = hosts.len();
    while left > 0 {
        let mut done = Vec::new();
        for (number, found) in names.take(monotonic()) {
            if let Some(obtained) = unlocated.remove(&number) {
                done.push((number, Obtained::located(obtained, found, plan)));
                continue;
            }
            let Some(host) = hosts.get(number) else { continue };
            match found.map_err(Failure::Name).and_then(|found| plan.targets(host, found.addresses)) {
                Err(failure) => done.push((number, Obtained::nameless(host, failure))),
                Ok(addresses) => {
                    waiting.push_back((number, Wish { name: host.name().to_owned(), addresses }));
                }
            }
        }
        while exchanging.len() < most
            && let Some((number, wish)) = waiting.pop_front()
        {
            exchanges.begin(number, &wish, &plan.terms, monotonic(), plan.patience);
            exchanging.insert(number, wish.addresses);
        }
        for (number, exchanged) in exchanges.advance(monotonic()) {
            let Some(host) = hosts.get(number) else { continue };
            let addresses = exchanging.remove(&number).unwrap_or_default();
            let obtained = Obtained::exchanged(host, addresses, exchanged, plan.ntp_port);
            match obtained.named_server().map(Host::named) {
                None => done.push((number, obtained)),
                Some(server) => {
                    unlocated.insert(number, obtained);
                    names.begin(number, &server, plan.family, monotonic());
                }
            }
        }
        left -= done.len();
        for (number, obtained) in done {
            if deliver(number, obtained).is_break() {
                return;
            }
        }
        let can_begin = exchanging.len() < most && !waiting.is_empty();
        if left > 0 && !can_begin {
            exchanges.wait(waker, names.deadline());
        }
    }
}

/// Key exchanges in a thread of their own.
pub struct Obtaining {
    results: Receiver<(usize, Obtained)>,
}

impl Obtaining {
    /// Begins to obtain keys from these hosts; each result, and the end, wakes the network.
    ///
    /// # Errors
    /// The system cannot provide a descriptor or a thread.
    pub fn begin(hosts: Vec<Host>, plan: Plan, network: Waker) -> io::Result<Self> {
        let waker = Waker::new()?;
        let (sender, results) = channel();
        let network = WakeAtEnd(network);
        let work = move || {
            obtain_each(&hosts, &plan, &waker, &mut |number, obtained| {
                // The receiver may be gone.
                if sender.send((number, obtained)).is_err() {
                    return ControlFlow::Break(());
                }
                network.0.wake();
                ControlFlow::Continue(())
            });
            // The end of the channel is visible before the last wake-up.
            drop(sender);
            drop(network);
        };
        Builder::new().name("key exchange".to_owned()).spawn(work)?;
        Ok(Self { results })
    }

    /// Returns the next result; `Later` if there is none yet.
    pub fn poll(&self) -> Supply<(usize, Obtained)> {
        match self.results.try_recv() {
            Ok(result) => Supply::Job(result),
            Err(TryRecvError::Empty) => Supply::Later,
            Err(TryRecvError::Disconnected) => Supply::End,
        }
    }
}

/// Wakes the network when the thread ends, however it ends.
struct WakeAtEnd(Waker);

impl Drop for WakeAtEnd {
    fn drop(&mut self) {
        self.0.wake();
    }
}

impl Obtained {
    fn nameless(host: &Host, failure: Failure) -> Self {
        Self {
            host: host.clone(),
            addresses: Vec::new(),
            address: None,
            connected_after: None,
            took: None,
            certificate: None,
            outcome: Err(failure),
        }
    }

    fn exchanged(host: &Host, addresses: Vec<SocketAddr>, exchanged: Exchanged, ntp_port: u16) -> Self {
        let address = exchanged.address;
        let outcome = exchanged.outcome.map_err(Failure::Exchange).and_then(|agreement| {
            // If no server is specified, it is the key exchange server (RFC 8915 section 4.1.7), at the address that
            // was used.
            let mut server = address.ok_or(Failure::Name(NameError::TimedOut))?;
            server.set_port(agreement.port.unwrap_or(ntp_port));
            Ok((agreement, server))
        });
        Self {
            host: host.clone(),
            addresses,
            address,
            connected_after: exchanged.connected_after,
            took: Some(exchanged.took),
            certificate: exchanged.certificate,
            outcome,
        }
    }

    fn named_server(&self) -> Option<&str> {
        self.outcome.as_ref().ok()?.0.server.as_deref()
    }

    /// The result with the address of the NTP server that the key exchange named.
    fn located(mut self, found: Result<ResolvedHost, NameError>, plan: &Plan) -> Self {
        let Some(name) = self.named_server().map(str::to_owned) else { return self };
        let failed = match (&mut self.outcome, found.map(|found| found.addresses)) {
            (Ok((_, server)), Ok(addresses)) => {
                let port = server.port();
                let Some(first) = addresses.first() else { return self };
                *server = *first;
                server.set_port(port);
                let ip = server.ip();
                (!plan.admission.admits(ip)).then_some(Failure::Forbidden(ip, Layer::Server))
            }
            (_, Err(error)) => Some(Failure::Server(name, error)),
            (Err(_), Ok(_)) => None,
        };
        if let Some(failure) = failed {
            self.outcome = Err(failure);
        }
        self
    }
}

/// Returns what went wrong, and how to fix it.
pub fn advice(failure: &Failure, terms: &Terms) -> (String, &'static str) {
    let now = terms.now;
    let mut text = failure.to_string();
    let hint = match failure {
        Failure::Name(NameError::TimedOut | NameError::Resolver(ResolverError::AGAIN)) => {
            "no name server answered: is the network up?"
        }
        Failure::Name(_) => "check the spelling of the name",
        Failure::Forbidden(..) => "the permitted networks are those of --allow-targets",
        Failure::Server(..) => "the server's operator must name an NTP server that exists",
        Failure::Exchange(ExchangeFailure::Connect(_)) => {
            "NTS key exchange is not running there, or a firewall rejects TCP port 4460"
        }
        Failure::Exchange(ExchangeFailure::TimedOut(Layer::Connection)) => {
            "a firewall on the path drops TCP port 4460, or the host does not exist"
        }
        Failure::Exchange(ExchangeFailure::TimedOut(_) | ExchangeFailure::Broken(..)) => {
            "the port is open, but the service there does not speak TLS or is overloaded"
        }
        Failure::Exchange(ExchangeFailure::Session(fault)) => match fault {
            ExchangeFault::Name => "use a name that is in the server's certificate",
            ExchangeFault::NotTls => "another service uses this port: NTS key exchange is on TCP port 4460",
            ExchangeFault::OldTls => "the server must allow TLS 1.3",
            ExchangeFault::Alpn => "another TLS service uses this port: NTS key exchange is on TCP port 4460",
            ExchangeFault::Tls(_) | ExchangeFault::Closed(_) | ExchangeFault::TooLong => {
                "see the log of the server"
            }
            ExchangeFault::NotOffered(_) => "the server's software is broken",
            ExchangeFault::Message(MessageFault::NoAlgorithm) if terms.algorithms.len() == 1 => {
                "omit --aead to offer all algorithms"
            }
            ExchangeFault::Message(MessageFault::NoAlgorithm) => {
                "every server must support AEAD_AES_SIV_CMAC_256 (RFC 8915 section 5.1)"
            }
            ExchangeFault::Message(_) => "the server's software is broken, or out of date",
            ExchangeFault::Certificate(fault) => match fault {
                CertificateFault::Expired(end) => {
                    if let Some(end) = end {
                        text += &format!(": it ended on {}, and it is now {}", date(*end), date(now));
                    }
                    "the server's operator must renew it; if this machine's clock is wrong, use --nts-trust-time"
                }
                CertificateFault::NotYetValid(begin) => {
                    if let Some(begin) = begin {
                        text += &format!(": it begins on {}, and it is now {}", date(*begin), date(now));
                    }
                    "if this machine's clock is behind, use --nts-trust-time"
                }
                CertificateFault::UnknownIssuer => {
                    "for a private authority, use --ca FILE; the server must also send its intermediate certificates"
                }
                CertificateFault::WrongName(_) => "use a name that is in the server's certificate",
                CertificateFault::Other(_) => "the server's operator must replace the certificate",
            },
        },
    };
    (text, hint)
}

/// Formats a Unix time as date and time in UTC.
pub fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| "an invalid date".to_owned(),
        |time| format!("{} {} UTC", utc(time).date(), clock(utc(time))),
    )
}
