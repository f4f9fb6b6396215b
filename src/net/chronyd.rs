//! Asks chronyd through its command protocol: over UDP, or as a privileged client through its Unix socket.

use super::client_socket::ClientSocket;
use super::inquiry::Inquiry;
use crate::clock::Stopwatch;
use crate::wire::chrony::{
    Address, KnownSource, Measurement, Reply, Request, SourceData, SourceStatistics, Status, Tracking,
};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use thiserror::Error;

/// Where packages of the daemon put its Unix socket.
pub const SOCKET: &str = "/run/chrony/chronyd.sock";
/// The users that the daemon runs as, apart from root.
const USERS: [&str; 3] = ["_chrony", "chrony", "chronyd"];
/// How often a question is asked.
const ATTEMPTS: u16 = 3;
/// How many sources are read.
const SOURCES_LIMIT: u32 = 1024;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ChronydError {
    /// Nobody listens.
    #[error("nobody listens")]
    Absent,
    /// No answer came in time.
    #[error("no answer")]
    Silent,
    /// The daemon does not tell this client: `opencommands` says what it tells.
    #[error("not open to this client (see opencommands in chrony.conf)")]
    Unauthorized,
    /// The daemon speaks an earlier version of the protocol.
    #[error("speaks an older command protocol (chrony 1.29 or earlier)")]
    TooOld,
    /// The daemon answered, but with nothing that can be read.
    #[error("the answer cannot be read (status {0})")]
    Unreadable(u16),
    /// Its Unix socket cannot be used, for this reason.
    #[error("its socket cannot be used: {0}")]
    Socket(#[source] io::Error),
}

/// A chronyd that answers.
#[derive(Debug)]
pub struct Chronyd {
    inquiry: Inquiry,
    clock: Stopwatch,
    limit: Duration,
}

impl Chronyd {
    /// Asks these addresses at the same time for the state of the clock. The whole conversation, with all
    /// questions that follow, takes no longer than `limit`.
    ///
    /// # Errors
    /// [`ChronydError`], when none of them has a state to tell.
    pub fn find(addresses: &[SocketAddr], limit: Duration) -> Result<(Self, Tracking), ChronydError> {
        Self::begin(limit, |request| Inquiry::send(addresses, request))
    }

    /// The same through a daemon's Unix socket, which tells everything, but only to those who may enter its
    /// folder. The folder and the socket must be root's or the daemon's, and closed to others.
    ///
    /// # Errors
    /// [`ChronydError`], also when the socket is not to be trusted.
    pub fn at_socket(path: &Path, limit: Duration) -> Result<(Self, Tracking), ChronydError> {
        let users: Vec<u32> = users().collect();
        let client = ClientSocket::connect(path, &users).map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused => ChronydError::Absent,
            _ => ChronydError::Socket(error),
        })?;
        Self::begin(limit, |request| Inquiry::through(client, request))
    }

    fn begin(limit: Duration, ask: impl FnOnce(&[u8]) -> Inquiry) -> Result<(Self, Tracking), ChronydError> {
        let clock = Stopwatch::start();
        let sequence = rand::random();
        let mut inquiry = ask(&Request::Tracking.encode(sequence, 0));
        let tracking =
            hear(&mut inquiry, Request::Tracking, sequence, limit, &|reply| Tracking::parse(reply))?;
        inquiry.settle();
        Ok((Self { inquiry, clock, limit }, tracking))
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

    /// Reads the sources with all that is told of them. A source that is gone meanwhile is left out.
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
            let request = Request::SourceStatistics(index);
            let statistics = self.ask(request, &|reply| SourceStatistics::parse(reply)).ok();
            // The list may have moved on between the two questions.
            let same = |measured: &SourceStatistics| is_clock || measured.address == data.address;
            let mut source =
                KnownSource { data, statistics: statistics.filter(same), ..KnownSource::default() };
            if !is_clock && data.address != Address::None {
                source.measurement =
                    self.unless_refused(&mut is_privileged, Request::Measurement(data.address), &|reply| {
                        Measurement::parse(reply)
                    });
                source.name =
                    self.unless_refused(&mut has_names, Request::SourceName(data.address), &|reply| {
                        reply.source_name().map(<[u8]>::to_vec)
                    });
            }
            sources.push(source);
        }
        Ok(sources)
    }

    fn source_count(&mut self) -> Result<u32, ChronydError> {
        let count = self.ask(Request::SourceCount, &|reply| reply.source_count())?;
        Ok(count.min(SOURCES_LIMIT))
    }

    fn source_data(&mut self, index: u32) -> Result<Option<SourceData>, ChronydError> {
        match self.ask(Request::SourceData(index), &|reply| SourceData::parse(reply)) {
            Ok(data) => Ok(Some(data)),
            Err(ChronydError::Unreadable(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks what not every daemon tells every client, as long as it is not refused.
    fn unless_refused<T>(
        &mut self,
        is_open: &mut bool,
        request: Request,
        read: &dyn Fn(&Reply<'_>) -> Option<T>,
    ) -> Option<T> {
        const GONE: u16 = Status::NO_SUCH_SOURCE.0;
        let answer = is_open.then(|| self.ask(request, read))?;
        *is_open = matches!(answer, Ok(_) | Err(ChronydError::Unreadable(GONE)));
        answer.ok()
    }

    fn ask<T>(
        &mut self,
        request: Request,
        read: &dyn Fn(&Reply<'_>) -> Option<T>,
    ) -> Result<T, ChronydError> {
        let left = self.limit.saturating_sub(self.clock.elapsed());
        let sequence = rand::random();
        self.inquiry.ask(&request.encode(sequence, 0));
        hear(&mut self.inquiry, request, sequence, left, read)
    }
}

/// The numbers of the users that the daemon runs as, apart from root.
pub fn users() -> impl Iterator<Item = u32> {
    let number = |name| nix::unistd::User::from_name(name).ok()?.map(|user| user.uid.as_raw());
    USERS.into_iter().filter_map(number)
}

/// Waits for an answer that can be read, and asks again a few times.
fn hear<T>(
    inquiry: &mut Inquiry,
    request: Request,
    sequence: u32,
    limit: Duration,
    read: &dyn Fn(&Reply<'_>) -> Option<T>,
) -> Result<T, ChronydError> {
    let mut sequences = vec![sequence];
    let mut unreadable = None;
    for attempt in 1..=ATTEMPTS {
        let mut take = |datagram: &[u8]| {
            let reply = Reply::parse(datagram, request, &sequences)?;
            match read(&reply) {
                Some(answer) => Some(Ok(answer)),
                // A reply that is too short may be another's forgery; the genuine one is waited for.
                None if reply.status == Status::SUCCESS => {
                    unreadable = Some(reply.status.0);
                    None
                }
                None => Some(Err(refusal(reply.status))),
            }
        };
        if let Some(answer) = inquiry.wait(limit * u32::from(attempt) / u32::from(ATTEMPTS), &mut take) {
            return answer;
        }
        if !inquiry.is_open() {
            break;
        }
        if attempt < ATTEMPTS {
            let sequence = rand::random();
            sequences.push(sequence);
            inquiry.repeat(&request.encode(sequence, attempt));
        }
    }
    Err(match (unreadable, inquiry.fault()) {
        (Some(status), _) => ChronydError::Unreadable(status),
        (None, Some(fault)) if fault.kind() == ErrorKind::ConnectionRefused && !inquiry.is_open() => {
            ChronydError::Absent
        }
        _ => ChronydError::Silent,
    })
}

fn refusal(status: Status) -> ChronydError {
    match status {
        Status::UNAUTHORIZED => ChronydError::Unauthorized,
        Status::BAD_VERSION => ChronydError::TooOld,
        Status(other) => ChronydError::Unreadable(other),
    }
}
