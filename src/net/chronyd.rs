//! Asks chronyd through its command protocol.

use super::inquiry::Inquiry;
use crate::clock::Stopwatch;
use crate::wire::chrony::{Reply, Request, SourceData, SourceStatistics, Status, Tracking};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use thiserror::Error;

/// How often a question is asked.
const ATTEMPTS: u16 = 3;
/// How many sources are read.
const SOURCES_LIMIT: u32 = 1024;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
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
}

/// A source, and what was measured of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// The source.
    pub data: SourceData,
    /// What was measured, if that is told.
    pub statistics: Option<SourceStatistics>,
}

/// A chronyd that answers.
#[derive(Debug)]
pub struct Chronyd {
    address: SocketAddr,
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
        let clock = Stopwatch::start();
        let (address, tracking) = ask(addresses, Request::Tracking, limit, &|reply| Tracking::parse(reply))?;
        Ok((Self { address, clock, limit }, tracking))
    }

    /// The address that answered.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads the sources, until one pleases.
    ///
    /// # Errors
    /// [`ChronydError`], when even their number is not told. A source that is gone meanwhile is left out.
    pub fn sources(
        &self,
        statistics: bool,
        pleases: &dyn Fn(&SourceData) -> bool,
    ) -> Result<Vec<Source>, ChronydError> {
        let count = self.ask(Request::SourceCount, &|reply| reply.source_count())?;
        let mut sources = Vec::new();
        for index in 0..count.min(SOURCES_LIMIT) {
            let data = match self.ask(Request::SourceData(index), &|reply| SourceData::parse(reply)) {
                Ok(data) => data,
                Err(ChronydError::Unreadable(_)) => continue,
                Err(error) => return Err(error),
            };
            let measured = if statistics {
                self.ask(Request::SourceStatistics(index), &|reply| SourceStatistics::parse(reply)).ok()
            } else {
                None
            };
            // The list may have moved on between the two questions.
            let same = |measured: &SourceStatistics| {
                data.mode == SourceData::REFERENCE_CLOCK || measured.address == data.address
            };
            sources.push(Source { data, statistics: measured.filter(same) });
            if pleases(&data) {
                break;
            }
        }
        Ok(sources)
    }

    fn ask<T>(&self, request: Request, read: &dyn Fn(&Reply<'_>) -> Option<T>) -> Result<T, ChronydError> {
        let left = self.limit.saturating_sub(self.clock.elapsed());
        ask(&[self.address], request, left, read).map(|(_, answer)| answer)
    }
}

/// Asks until an answer can be read, a few times over.
fn ask<T>(
    addresses: &[SocketAddr],
    request: Request,
    limit: Duration,
    read: &dyn Fn(&Reply<'_>) -> Option<T>,
) -> Result<(SocketAddr, T), ChronydError> {
    let mut sequences = vec![rand::random()];
    let mut inquiry = Inquiry::send(addresses, &request.encode(sequences.first().copied().unwrap_or(0), 0));
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
        if let Some((address, answer)) =
            inquiry.wait(limit * u32::from(attempt) / u32::from(ATTEMPTS), &mut take)
        {
            return answer.map(|answer| (address, answer));
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
