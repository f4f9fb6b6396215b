//! Queries chronyd over its command protocol: by UDP, or as a privileged client through its Unix socket.

use super::client_socket::ClientSocket;
use super::epoll::Epoll;
use super::seed;
use super::sockets::Sockets;
use crate::clock::monotonic;
use crate::session::Session as _;
use crate::session::chrony::survey::{Extent, Patience, Survey, Surveyed};
use crate::session::chrony::{Answer, ChronySession, Failure};
use crate::session::drive::{Hooks, converse};
use crate::wire::chrony::{Activity, KnownSource, Request, ServerStatistics, SourceData, Tracking};
use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use thiserror::Error;

/// Where packages put the daemon's Unix socket.
pub const SOCKET: &str = "/run/chrony/chronyd.sock";
/// The users that the daemon runs as, apart from root.
const USERS: [&str; 3] = ["_chrony", "chrony", "chronyd"];
/// Maximum number of sources to read.
const SOURCES_LIMIT: u32 = 1024;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ChronydError {
    /// The conversation failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Its Unix socket cannot be used.
    #[error("its socket cannot be used: {0}")]
    Socket(#[source] io::Error),
}

/// A responding chronyd.
#[derive(Debug)]
pub struct Chronyd {
    session: ChronySession,
    sockets: Sockets,
    patience: Patience,
    began: Duration,
}

impl Chronyd {
    /// Asks these addresses in parallel for the state of the clock. The patience is that with the whole conversation,
    /// including all later requests.
    ///
    /// # Errors
    /// [`ChronydError`] if none of them reports a state.
    pub fn find(addresses: &[SocketAddr], patience: Patience) -> Result<(Self, Tracking), ChronydError> {
        Self::begin(ChronySession::new(addresses, seed()), Sockets::by_address(), patience)
    }

    /// The same through a daemon's Unix socket, which reports everything, but only to those who may enter its
    /// directory. The directory and the socket must belong to root or the daemon, and must not be open to others.
    ///
    /// # Errors
    /// [`ChronydError`], also if the socket cannot be trusted.
    pub fn at_socket(path: &Path, patience: Patience) -> Result<(Self, Tracking), ChronydError> {
        Self::begin(ChronySession::new(&[], seed()), socket(path)?, patience)
    }

    fn begin(
        session: ChronySession,
        sockets: Sockets,
        patience: Patience,
    ) -> Result<(Self, Tracking), ChronydError> {
        let mut chronyd = Self { session, sockets, patience, began: monotonic() };
        match chronyd.ask(Request::Tracking)? {
            Answer::Tracking(tracking) => Ok((chronyd, tracking)),
            _ => Err(ChronydError::Failed(Failure::Silent)),
        }
    }

    /// The address that answers; `None` for a Unix socket.
    pub fn address(&self) -> Option<SocketAddr> {
        self.session.address()
    }

    /// The patience with the whole conversation.
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// Returns the first source that satisfies the predicate, querying one after the other.
    ///
    /// # Errors
    /// [`ChronydError`] if chronyd does not even report the number of sources, or time runs out.
    pub fn source(
        &mut self,
        predicate: &dyn Fn(&SourceData) -> bool,
    ) -> Result<Option<SourceData>, ChronydError> {
        for index in 0..self.source_count()? {
            if let Some(data) = self.source_data(index)?
                && predicate(&data)
            {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// Reads the sources with everything that is reported about them. A source that disappears meanwhile is omitted.
    ///
    /// # Errors
    /// [`ChronydError`] if chronyd does not even report the number of sources, or time runs out.
    pub fn sources(&mut self) -> Result<Vec<KnownSource>, ChronydError> {
        let left = self.patience.after(monotonic().saturating_sub(self.began));
        let extent = Extent { sources: true, ..Extent::default() };
        let mut survey = Survey::new(&mut self.session, extent, left);
        let network = Epoll::new(None).map_err(|_| Failure::Silent)?;
        // A signal ends the conversation as well, without an answer.
        let mut watch = Hooks {
            event: &mut |_, event: Infallible| match event {},
            datagram: &mut |_, _| {},
            turned: &mut |_| {},
            tick: None,
        };
        let _ = converse(network, &mut self.sockets, &mut survey, &mut watch);
        survey.give_up();
        let Surveyed { sources, failure, .. } = survey.into_surveyed();
        failure.map_or(Ok(sources), |failure| Err(failure.into()))
    }

    /// Reads the server statistics, which most daemons report only through their Unix socket.
    ///
    /// # Errors
    /// [`ChronydError`] if this client may not read them.
    pub fn statistics(&mut self) -> Result<ServerStatistics, ChronydError> {
        match self.ask(Request::ServerStatistics)? {
            Answer::ServerStatistics(statistics) => Ok(statistics),
            _ => Err(Failure::Unreadable(0).into()),
        }
    }

    /// Reads how many sources are polled.
    ///
    /// # Errors
    /// [`ChronydError`], when this client is not shown it.
    pub fn activity(&mut self) -> Result<Activity, ChronydError> {
        match self.ask(Request::Activity)? {
            Answer::Activity(activity) => Ok(activity),
            _ => Err(Failure::Unreadable(0).into()),
        }
    }

    fn source_count(&mut self) -> Result<u32, ChronydError> {
        match self.ask(Request::SourceCount)? {
            Answer::SourceCount(count) => Ok(count.min(SOURCES_LIMIT)),
            _ => Ok(0),
        }
    }

    fn source_data(&mut self, index: u32) -> Result<Option<SourceData>, ChronydError> {
        match self.ask(Request::SourceData(index)) {
            Ok(Answer::SourceData(data)) => Ok(Some(data)),
            Ok(_) | Err(Failure::Unreadable(_)) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
        let now = monotonic();
        self.session.ask(request, self.patience.after(now.saturating_sub(self.began)).until(now));
        let mut outcome = Err(Failure::Silent);
        let mut watch = Hooks {
            event: &mut |_, event| outcome = event,
            datagram: &mut |_, _| {},
            turned: &mut |_| {},
            tick: None,
        };
        let network = Epoll::new(None).map_err(|_| Failure::Silent)?;
        // A signal ends the conversation as well, without an answer.
        let _ = converse(network, &mut self.sockets, &mut self.session, &mut watch);
        outcome
    }
}

/// Connects to a daemon's Unix socket. The directory and the socket must belong to root or the daemon, and must not be
/// open to others. While it is open, signals that would end the process stay pending: only one may be open at a time.
///
/// # Errors
/// [`ChronydError`], also if the socket cannot be trusted.
pub fn socket(path: &Path) -> Result<Sockets, ChronydError> {
    let users: Vec<u32> = users().collect();
    let client = ClientSocket::connect(path, &users).map_err(|error| match error.kind() {
        ErrorKind::ConnectionRefused => ChronydError::Failed(Failure::Absent),
        _ => ChronydError::Socket(error),
    })?;
    Ok(Sockets::local(client))
}

/// The IDs of the users that the daemon runs as, apart from root.
pub fn users() -> impl Iterator<Item = u32> {
    let number = |name| nix::unistd::User::from_name(name).ok()?.map(|user| user.uid.as_raw());
    USERS.into_iter().filter_map(number)
}
