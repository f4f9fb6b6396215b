//! What a chronyd reports about itself and its sources: one request after the other, as far as it answers this client.

use super::{Answer, ChronySession, Failure};
use crate::session::{Received, Session, Transmit, Unreachable};
use crate::wire::chrony::{Address, KnownSource, Request, ServerStatistics, SourceData, Status, Tracking};
use std::borrow::BorrowMut;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::time::Duration;

/// Maximum number of sources to read.
const SOURCES_LIMIT: u32 = 1024;

/// How long a survey may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The wait for one answer.
    pub each: Duration,
    /// The wait for all of them.
    pub total: Duration,
}

impl Patience {
    /// With a daemon that is asked as long as it answers: a table of many sources takes a request for each, one after the
    /// other.
    pub const USUAL: Self = Self { each: Duration::from_secs(1), total: Duration::from_secs(10) };

    /// What is left of it after this time.
    #[must_use]
    pub fn after(self, spent: Duration) -> Self {
        Self { total: self.total.saturating_sub(spent), ..self }
    }

    /// When to give up on a request that is made now.
    pub fn until(self, now: Duration) -> Duration {
        now.saturating_add(self.each.min(self.total))
    }
}

/// A wait for an answer that may take all the time.
impl From<Duration> for Patience {
    fn from(limit: Duration) -> Self {
        Self { each: limit, total: limit }
    }
}

/// What to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Extent {
    /// The state of the clock; a daemon that does not report it is asked for nothing else.
    pub tracking: bool,
    /// The sources, with everything that is reported about each.
    pub sources: bool,
    /// The server statistics, which most daemons report only through their Unix socket.
    pub statistics: bool,
}

/// What the daemon has reported.
#[derive(Clone, Debug, Default)]
pub struct Surveyed {
    /// The state of its clock.
    pub tracking: Option<Tracking>,
    /// Its sources. One that disappears meanwhile is omitted.
    pub sources: Vec<KnownSource>,
    /// Its statistics.
    pub statistics: Option<ServerStatistics>,
    /// Why the state of the clock, or the list of sources, is missing.
    pub failure: Option<Failure>,
}

/// The requests of a survey, in a conversation that may have begun before.
#[derive(Debug)]
pub struct Survey<S = ChronySession> {
    session: S,
    patience: Patience,
    /// The end of everything, once the first request is made.
    until: Option<Duration>,
    current: Option<Request>,
    next: VecDeque<Request>,
    /// Which kinds of requests this client may make: measurements, authentication, names.
    open: [bool; 3],
    surveyed: Surveyed,
}

impl<S: BorrowMut<ChronySession>> Survey<S> {
    /// Creates a survey.
    pub fn new(session: S, extent: Extent, patience: Patience) -> Self {
        let Extent { tracking, sources, statistics } = extent;
        let wanted = [
            (tracking, Request::Tracking),
            (sources, Request::SourceCount),
            (statistics, Request::ServerStatistics),
        ];
        let next = wanted.into_iter().filter_map(|(is_wanted, request)| is_wanted.then_some(request));
        Self {
            session,
            patience,
            until: None,
            current: None,
            next: next.collect(),
            open: [true; 3],
            surveyed: Surveyed::default(),
        }
    }

    /// Returns what has been reported.
    pub fn into_surveyed(self) -> Surveyed {
        self.surveyed
    }

    /// Takes the outcome of the current request, and makes the next one.
    fn advance(&mut self, now: Duration) {
        loop {
            while let Some(outcome) = self.session.borrow_mut().poll_event() {
                if let Some(request) = self.current.take() {
                    self.take(request, outcome);
                }
            }
            if self.current.is_some() {
                return;
            }
            let Some(request) = self.next.pop_front() else { return };
            let until = *self.until.get_or_insert_with(|| now.saturating_add(self.patience.total));
            self.current = Some(request);
            // A session without addresses fails at once.
            self.session.borrow_mut().ask(request, now.saturating_add(self.patience.each).min(until));
        }
    }

    fn take(&mut self, request: Request, outcome: Result<Answer, Failure>) {
        self.note_refusal(request, &outcome);
        let found = &mut self.surveyed;
        match (request, outcome) {
            (_, Ok(Answer::Tracking(tracking))) => found.tracking = Some(tracking),
            (_, Ok(Answer::ServerStatistics(statistics))) => found.statistics = Some(statistics),
            (_, Ok(Answer::SourceCount(count))) => {
                let sources = (0..count.min(SOURCES_LIMIT)).map(Request::SourceData);
                let rest = std::mem::take(&mut self.next);
                self.next = sources.chain(rest).collect();
            }
            (Request::SourceData(index), Ok(Answer::SourceData(data))) => {
                found.sources.push(KnownSource { data, ..KnownSource::default() });
                for request in self.about(index, &data).into_iter().flatten().rev() {
                    self.next.push_front(request);
                }
            }
            (Request::Tracking, outcome) => {
                found.failure = Some(outcome.err().unwrap_or(Failure::Silent));
                self.next.clear();
            }
            (Request::SourceCount, Err(failure)) => found.failure = Some(failure),
            // The source is gone.
            (Request::SourceData(_), Ok(_) | Err(Failure::Unreadable(_))) => {}
            (Request::SourceData(_), Err(failure)) => {
                found.failure = Some(failure);
                self.next.retain(|request| !matches!(request, Request::SourceData(_)));
            }
            (_, Ok(answer)) => {
                if let Some(source) = found.sources.last_mut() {
                    complete(source, answer);
                }
            }
            (_, Err(_)) => {}
        }
    }

    /// A kind of request that is refused is not made again.
    fn note_refusal(&mut self, request: Request, outcome: &Result<Answer, Failure>) {
        const GONE: u16 = Status::NO_SUCH_SOURCE.0;
        let kind = match request {
            Request::Measurement(_) => 0,
            Request::Authentication(_) => 1,
            Request::SourceName(_) => 2,
            _ => return,
        };
        if let Some(is_open) = self.open.get_mut(kind) {
            *is_open = matches!(outcome, Ok(_) | Err(Failure::Unreadable(GONE)));
        }
    }

    /// The requests about a source.
    fn about(&self, index: u32, data: &SourceData) -> [Option<Request>; 4] {
        let has_address = data.mode != SourceData::REFERENCE_CLOCK && data.address != Address::None;
        let [measurement, authentication, name] = self.open.map(|is_open| is_open && has_address);
        [
            Some(Request::SourceStatistics(index)),
            measurement.then_some(Request::Measurement(data.address)),
            authentication.then_some(Request::Authentication(data.address)),
            name.then_some(Request::SourceName(data.address)),
        ]
    }
}

/// Adds an answer to what is known about a source.
fn complete(source: &mut KnownSource, answer: Answer) {
    let is_clock = source.data.mode == SourceData::REFERENCE_CLOCK;
    match answer {
        // The list may have changed between two requests.
        Answer::SourceStatistics(found) if is_clock || found.address == source.data.address => {
            source.statistics = Some(found);
        }
        Answer::Measurement(found) => source.measurement = Some(found),
        Answer::Authentication(found) => source.authentication = Some(found),
        Answer::SourceName(name) => source.name = Some(name),
        _ => {}
    }
}

impl<S: BorrowMut<ChronySession>> Session for Survey<S> {
    type Event = Infallible;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        self.advance(now);
        self.session.borrow_mut().poll_transmit(now)
    }

    fn handle(&mut self, received: &Received<'_>) {
        self.session.borrow_mut().handle(received);
        self.advance(received.at);
    }

    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        self.session.borrow_mut().handle_unreachable(notice)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let has_work = !self.is_done() && self.session.borrow().is_done();
        if has_work { Some(Duration::ZERO) } else { self.session.borrow().poll_timeout() }
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.session.borrow_mut().handle_timeout(now);
        self.advance(now);
    }

    fn poll_event(&mut self) -> Option<Infallible> {
        None
    }

    fn is_done(&self) -> bool {
        self.current.is_none() && self.next.is_empty()
    }

    fn give_up(&mut self) {
        self.session.borrow_mut().give_up();
        while let Some(outcome) = self.session.borrow_mut().poll_event() {
            if let Some(request) = self.current.take() {
                self.take(request, outcome);
            }
        }
        let is_cut_short = |request: &Request| *request != Request::ServerStatistics;
        if self.next.iter().any(is_cut_short) {
            self.surveyed.failure.get_or_insert(Failure::Silent);
        }
        self.next.clear();
    }
}

#[cfg(test)]
mod tests;
