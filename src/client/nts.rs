//! From the name of an NTS server to the NTP server that it names, with keys and cookies for it.

use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::key_exchange::{ExchangeFailure, Exchanged, Wish, exchange_all};
use crate::net::names::{EveryAddress, NameError, NameService, ResolverError};
use crate::session::nts::fault::CertificateFault;
use crate::session::nts::{Agreement, Certificate, ExchangeFault, Layer, Terms};
use crate::wire::nts::KEY_EXCHANGE_PORT;
use crate::wire::nts::record::MessageFault;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::time::Duration;
use thiserror::Error;

/// The most addresses of a host that are tried.
const MAX_ADDRESSES: usize = 8;

/// How the keys of hosts are obtained.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which addresses are wanted.
    pub family: AddressFamily,
    /// The port of the key exchange, where a host names none.
    pub key_exchange_port: u16,
    /// The port of NTP, where a server names none.
    pub ntp_port: u16,
    /// How long names are waited for.
    pub name_patience: Duration,
    /// How long a key exchange may take.
    pub patience: Duration,
    /// What the exchanges have in common.
    pub terms: Terms,
}

impl Plan {
    /// The usual plan under these terms.
    pub fn new(terms: Terms) -> Self {
        Self {
            family: AddressFamily::Any,
            key_exchange_port: KEY_EXCHANGE_PORT,
            ntp_port: NTP_PORT,
            name_patience: Duration::from_secs(5),
            patience: Duration::from_secs(5),
            terms,
        }
    }
}

/// What became of one host.
#[derive(Debug)]
pub struct Obtained {
    /// The host as it was named.
    pub host: Host,
    /// Its addresses, with the port of the key exchange.
    pub addresses: Vec<SocketAddr>,
    /// The address that was spoken to, or the last that was tried.
    pub address: Option<SocketAddr>,
    /// How long the TCP connection took.
    pub connected_after: Option<Duration>,
    /// How long the key exchange took, the connection included.
    pub took: Option<Duration>,
    /// The certificate that was shown, believed or not.
    pub certificate: Option<Certificate>,
    /// What was agreed, and the NTP server to be asked; or why nothing was.
    pub outcome: Result<(Agreement, SocketAddr), Failure>,
}

/// Why there are no keys, or no server to ask with them.
#[derive(Debug, Error)]
pub enum Failure {
    /// The host's name leads nowhere.
    #[error("{0}")]
    Name(NameError),
    /// The key exchange failed.
    #[error("{0}")]
    Exchange(ExchangeFailure),
    /// The NTP server that the key exchange names leads nowhere.
    #[error("the key exchange names the NTP server {0}: {1}")]
    Server(String, NameError),
}

impl Failure {
    /// In which layer it is.
    pub fn layer(&self) -> Layer {
        match self {
            Self::Name(_) => Layer::Name,
            Self::Exchange(failure) => failure.layer(),
            Self::Server(..) => Layer::Server,
        }
    }
}

/// Obtains keys and cookies of all these hosts at once, in their order.
pub fn obtain(hosts: &[Host], plan: &Plan) -> Vec<Obtained> {
    let service = NameService::new(EveryAddress, plan.name_patience);
    for host in hosts {
        service.begin_forward(host, plan.family);
    }
    let found: Vec<Result<Vec<SocketAddr>, NameError>> = hosts
        .iter()
        .map(|host| {
            let mut addresses = service.forward(host, plan.family)?.addresses;
            addresses.truncate(MAX_ADDRESSES);
            let port = if host.has_port() { host.port() } else { plan.key_exchange_port };
            for address in &mut addresses {
                address.set_port(port);
            }
            Ok(addresses)
        })
        .collect();
    let wish = |(host, addresses): (&Host, &Result<Vec<SocketAddr>, NameError>)| {
        let addresses = addresses.as_ref().ok()?.clone();
        Some(Wish { name: host.name().to_owned(), addresses })
    };
    let wishes: Vec<Wish> = hosts.iter().zip(&found).filter_map(wish).collect();
    let mut exchanged = exchange_all(&wishes, &plan.terms, plan.patience).into_iter();
    let mut all: Vec<Obtained> = hosts
        .iter()
        .zip(found)
        .map(|(host, found)| match found {
            Err(error) => Obtained::nameless(host, error),
            Ok(addresses) => Obtained::exchanged(host, addresses, exchanged.next(), plan.ntp_port),
        })
        .collect();
    service.start_round();
    for name in all.iter().filter_map(Obtained::named_server) {
        service.begin_forward(&Host::named(name), plan.family);
    }
    for obtained in &mut all {
        obtained.find_server(&service, plan);
    }
    all
}

impl Obtained {
    fn nameless(host: &Host, error: NameError) -> Self {
        Self {
            host: host.clone(),
            addresses: Vec::new(),
            address: None,
            connected_after: None,
            took: None,
            certificate: None,
            outcome: Err(Failure::Name(error)),
        }
    }

    fn exchanged(
        host: &Host,
        addresses: Vec<SocketAddr>,
        exchanged: Option<Exchanged>,
        ntp_port: u16,
    ) -> Self {
        let Some(exchanged) = exchanged else { return Self::nameless(host, NameError::TimedOut) };
        let address = exchanged.address;
        let outcome = exchanged.outcome.map_err(Failure::Exchange).and_then(|agreement| {
            // Who names no server means itself (RFC 8915 section 4.1.7), under the address that was spoken to.
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

    fn find_server(&mut self, service: &NameService, plan: &Plan) {
        let Some(name) = self.named_server().map(str::to_owned) else { return };
        let found = service.forward(&Host::named(&name), plan.family);
        let failed = match (&mut self.outcome, found) {
            (Ok((_, server)), Ok(found)) => {
                let port = server.port();
                let Some(first) = found.addresses.first() else { return };
                *server = *first;
                server.set_port(port);
                None
            }
            (_, Err(error)) => Some(Failure::Server(name, error)),
            (Err(_), Ok(_)) => None,
        };
        if let Some(failure) = failed {
            self.outcome = Err(failure);
        }
    }
}

/// What went wrong, and what would work instead.
pub fn advice(failure: &Failure, terms: &Terms) -> (String, &'static str) {
    let now = terms.now;
    let mut text = failure.to_string();
    let hint = match failure {
        Failure::Name(NameError::TimedOut | NameError::Resolver(ResolverError::AGAIN)) => {
            "no name server answered: is the network up?"
        }
        Failure::Name(_) => "is the name spelt right?",
        Failure::Server(..) => "the server's keeper must name an NTP server that exists",
        Failure::Exchange(ExchangeFailure::Connect(_)) => {
            "no NTS key exchange listens there, or a firewall refuses TCP port 4460"
        }
        Failure::Exchange(ExchangeFailure::TimedOut(Layer::Connection)) => {
            "a firewall on the way drops TCP port 4460, or there is no such machine"
        }
        Failure::Exchange(ExchangeFailure::TimedOut(_) | ExchangeFailure::Broken(..)) => {
            "the port is open, and what listens there does not speak TLS, or is overloaded"
        }
        Failure::Exchange(ExchangeFailure::Session(fault)) => match fault {
            ExchangeFault::Name => "name the server as its certificate does",
            ExchangeFault::NotTls => "another service has this port: NTS key exchange is on TCP port 4460",
            ExchangeFault::OldTls => "the server must allow TLS 1.3",
            ExchangeFault::Alpn => "another TLS service has this port: NTS key exchange is on TCP port 4460",
            ExchangeFault::Tls(_) | ExchangeFault::Closed(_) | ExchangeFault::TooLong => {
                "see the log of the server"
            }
            ExchangeFault::NotOffered(_) => "the server's software is broken",
            ExchangeFault::Message(MessageFault::NoAlgorithm) if terms.algorithms.len() == 1 => {
                "without --aead all algorithms are offered"
            }
            ExchangeFault::Message(MessageFault::NoAlgorithm) => {
                "every server must have AEAD_AES_SIV_CMAC_256 (RFC 8915 section 5.1)"
            }
            ExchangeFault::Message(_) => "the server's software is broken, or out of date",
            ExchangeFault::Certificate(fault) => match fault {
                CertificateFault::Expired(end) => {
                    if let Some(end) = end {
                        text += &format!(": it ended on {}, it is {} now", date(*end), date(now));
                    }
                    "the server's keeper must renew it; if this machine's clock is wrong: --nts-trust-time"
                }
                CertificateFault::NotYetValid(begin) => {
                    if let Some(begin) = begin {
                        text += &format!(": it begins on {}, it is {} now", date(*begin), date(now));
                    }
                    "if this machine's clock is behind: --nts-trust-time"
                }
                CertificateFault::UnknownIssuer => {
                    "if it is a private authority: --ca FILE; the server must send the certificates between too"
                }
                CertificateFault::WrongName(_) => "name the server as its certificate does",
                CertificateFault::Other(_) => "the server's keeper must replace the certificate",
            },
        },
    };
    (text, hint)
}

/// A Unix time as a date and a time of day in UTC.
pub fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| "an impossible date".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}
