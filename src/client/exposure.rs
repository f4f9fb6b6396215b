//! What a host answers to strangers: the job of asking one host of many.

use crate::net::host::{AddressFamily, Host as Name, NTP_PORT};
use crate::net::many::{Found, Job, Step};
use crate::net::seed;
use crate::session::exposure::{Answer, ExposureSession, Pace};
use crate::session::{PathError, Session};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use thiserror::Error;

/// How hosts are asked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The addresses of a name that are wanted.
    pub family: AddressFamily,
    /// The port of hosts that are named without one.
    pub port: u16,
    /// The port of chronyd's command protocol.
    pub command_port: u16,
    /// The pace of all hosts together.
    pub pace: Pace,
}

impl Settings {
    /// The usual ports at this pace.
    pub fn new(pace: Pace) -> Self {
        Self { family: AddressFamily::Any, port: NTP_PORT, command_port: crate::wire::chrony::PORT, pace }
    }
}

/// The outcome for one host.
#[derive(Debug)]
pub struct Exposure {
    /// The host as it was named.
    pub name: String,
    /// What its address answers.
    pub result: Result<Asked, NotAsked>,
}

/// The answers of an address.
#[derive(Debug)]
pub struct Asked {
    /// The address.
    pub address: SocketAddr,
    /// The answers, in the order of [`Question::ALL`](crate::session::exposure::Question::ALL).
    pub answers: Vec<Answer>,
    /// Why nothing was sent to the NTP port or received from it.
    pub fault: Option<io::Error>,
}

/// Why a host was not asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAsked {
    /// The name has no usable address.
    #[error("{0}")]
    NoAddress(String),
    /// An interrupt came first.
    #[error("interrupted")]
    Interrupted,
}

/// The questions to one host, through endpoints that this makes. Only its first address is asked.
#[derive(Debug)]
pub struct ExposureJob<E> {
    name: String,
    host: Option<Name>,
    settings: Settings,
    address: Option<SocketAddr>,
    endpoint: fn(SocketAddr) -> E,
}

impl<E> ExposureJob<E> {
    /// The job for a host.
    pub fn new(name: String, settings: Settings, endpoint: fn(SocketAddr) -> E) -> Self {
        let host = name.parse().ok();
        let host = host.map(|host: Name| if host.has_port() { host } else { host.at_port(settings.port) });
        Self { name, host, settings, address: None, endpoint }
    }

    fn not_asked(&self, reason: String) -> Step<ExposureSession, E, Exposure> {
        Step::Done(Exposure { name: self.name.clone(), result: Err(NotAsked::NoAddress(reason)) })
    }
}

impl<E> Job for ExposureJob<E> {
    type Session = ExposureSession;
    type Endpoint = E;
    type Outcome = Exposure;

    fn host(&self) -> Option<(Name, AddressFamily)> {
        Some((self.host.clone()?, self.settings.family))
    }

    fn begin(&mut self, found: Found, now: Duration) -> Step<ExposureSession, E, Exposure> {
        let address = match found {
            Some(Ok(found)) => match found.addresses.first() {
                Some(address) => *address,
                None => return self.not_asked("no address".into()),
            },
            Some(Err(error)) => return self.not_asked(error.to_string()),
            None => return self.not_asked("invalid host name or address".into()),
        };
        self.address = Some(address);
        let Settings { command_port, pace, .. } = self.settings.clone();
        Step::Talk(ExposureSession::new(address, command_port, pace, seed(), now), (self.endpoint)(address))
    }

    fn event(&mut self, _: &mut ExposureSession, event: <ExposureSession as Session>::Event) {
        match event {}
    }

    fn end(
        &mut self,
        session: ExposureSession,
        result: Result<(), PathError>,
        _: Duration,
    ) -> Step<ExposureSession, E, Exposure> {
        let (answers, fault) = session.into_answers();
        let fault = fault.or_else(|| result.err().map(|error| error.copied()));
        let result = match self.address {
            Some(address) => Ok(Asked { address, answers, fault }),
            None => Err(NotAsked::NoAddress("no address".into())),
        };
        Step::Done(Exposure { name: self.name.clone(), result })
    }
}
