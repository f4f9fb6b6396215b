//! Asks chronyd through its command protocol: over UDP, or as a privileged client through its Unix socket.

use super::client_socket::ClientSocket;
use super::epoll::Epoll;
use super::seed;
use super::sockets::Sockets;
use crate::clock::monotonic;
use crate::session::chrony::{Answer, ChronySession, Failure};
use crate::session::drive::{Hooks, converse};
use crate::wire::chrony::{Address, KnownSource, Request, ServerStatistics, SourceData, Status, Tracking};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use thiserror::Error;

/// Where packages of the daemon put its Unix socket.
pub const SOCKET: &str = "/run/chrony/chronyd.sock";
/// The users that the daemon runs as, apart from root.
const USERS: [&str; 3] = ["_chrony", "chrony", "chronyd"];
/// How many sources are read.
const SOURCES_LIMIT: u32 = 1024;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ChronydError {
    /// The conversation ended without one.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Its Unix socket cannot be used, for this reason.
    #[error("its socket cannot be used: {0}")]
    Socket(#[source] io::Error),
}

/// A chronyd that answers.
#[derive(Debug)]
pub struct Chronyd {
    session: ChronySession,
    sockets: Sockets,
    /// When the whole conversation is over.
    until: Duration,
}

impl Chronyd {
    /// Asks these addresses at the same time for the state of the clock. The whole conversation, with all
    /// questions that follow, takes no longer than `limit`.
    ///
    /// # Errors
    /// [`ChronydError`], when none of them has a state to tell.
    pub fn find(addresses: &[SocketAddr], limit: Duration) -> Result<(Self, Tracking), ChronydError> {
        Self::begin(ChronySession::new(addresses, seed()), Sockets::by_address(), limit)
    }

    /// The same through a daemon's Unix socket, which tells everything, but only to those who may enter its
    /// folder. The folder and the socket must be root's or the daemon's, and closed to others.
    ///
    /// # Errors
    /// [`ChronydError`], also when the socket is not to be trusted.
    pub fn at_socket(path: &Path, limit: Duration) -> Result<(Self, Tracking), ChronydError> {
        let users: Vec<u32> = users().collect();
        let client = ClientSocket::connect(path, &users).map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused => ChronydError::Failed(Failure::Absent),
            _ => ChronydError::Socket(error),
        })?;
        Self::begin(ChronySession::new(&[], seed()), Sockets::local(client), limit)
    }

    fn begin(
        session: ChronySession,
        sockets: Sockets,
        limit: Duration,
    ) -> Result<(Self, Tracking), ChronydError> {
        let mut chronyd = Self { session, sockets, until: monotonic().saturating_add(limit) };
        match chronyd.ask(Request::Tracking)? {
            Answer::Tracking(tracking) => Ok((chronyd, tracking)),
            _ => Err(ChronydError::Failed(Failure::Silent)),
        }
    }

    /// Finds out which source is followed: asks for one after the other, until one pleases.
    ///
    /// # Errors
    /// [`ChronydError`], when even their number is not told, or there is no more time.
    pub fn source(
        &mut self,
        pleases: &dyn Fn(&SourceData) -> bool,
    ) -> Result<Option<SourceData>, ChronydError> {
        for index in 0..self.source_count()? {
            if let Some(data) = self.source_data(index)?
                && pleases(&data)
            {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// Reads the sources with all that is reported about them. A source that is gone meanwhile is left out.
    ///
    /// # Errors
    /// [`ChronydError`], when even their number is not told, or there is no more time.
    pub fn sources(&mut self) -> Result<Vec<KnownSource>, ChronydError> {
        let mut sources = Vec::new();
        let mut is_privileged = true;
        let mut has_names = true;
        for index in 0..self.source_count()? {
            let Some(data) = self.source_data(index)? else { continue };
            let is_clock = data.mode == SourceData::REFERENCE_CLOCK;
            let mut source = KnownSource { data, ..KnownSource::default() };
            if let Ok(Answer::SourceStatistics(measured)) = self.ask(Request::SourceStatistics(index)) {
                // The list may have moved on between the two questions.
                source.statistics = Some(measured).filter(|_| is_clock || measured.address == data.address);
            }
            if !is_clock && data.address != Address::None {
                let measurement = Request::Measurement(data.address);
                if let Some(Answer::Measurement(measured)) =
                    self.unless_refused(&mut is_privileged, measurement)
                {
                    source.measurement = Some(measured);
                }
                let name = Request::SourceName(data.address);
                if let Some(Answer::SourceName(name)) = self.unless_refused(&mut has_names, name) {
                    source.name = Some(name);
                }
            }
            sources.push(source);
        }
        Ok(sources)
    }

    /// Reads the counters of what was served, which most daemons show only through their Unix socket.
    ///
    /// # Errors
    /// [`ChronydError`], when this client is not shown them.
    pub fn statistics(&mut self) -> Result<ServerStatistics, ChronydError> {
        match self.ask(Request::ServerStatistics)? {
            Answer::ServerStatistics(statistics) => Ok(statistics),
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

    /// Asks what not every daemon tells every client, as long as it is not refused.
    fn unless_refused(&mut self, is_open: &mut bool, request: Request) -> Option<Answer> {
        const GONE: u16 = Status::NO_SUCH_SOURCE.0;
        let answer = is_open.then(|| self.ask(request))?;
        *is_open = matches!(answer, Ok(_) | Err(Failure::Unreadable(GONE)));
        answer.ok()
    }

    fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
        self.session.ask(request, self.until);
        let mut outcome = Err(Failure::Silent);
        let mut watch = Hooks {
            event: &mut |_, event| outcome = event,
            datagram: &mut |_, _| {},
            turned: &mut |_| {},
            tick: None,
        };
        let network = Epoll::new(None).map_err(|_| Failure::Silent)?;
        // What ends the conversation otherwise, a signal, leaves no answer.
        let _ = converse(network, &mut self.sockets, &mut self.session, &mut watch);
        outcome
    }
}

/// The numbers of the users that the daemon runs as, apart from root.
pub fn users() -> impl Iterator<Item = u32> {
    let number = |name| nix::unistd::User::from_name(name).ok()?.map(|user| user.uid.as_raw());
    USERS.into_iter().filter_map(number)
}
