//! The questions about each of chronyd's sources. How they are authenticated is not among them: chronyd tells that only through
//! its Unix socket.

use crate::session::chrony::{Answer, Failure};
use crate::wire::chrony::{Address, KnownSource, Request, SourceData, Status, Tracking};

/// What is asked of a source, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Statistics,
    Measurement,
    Name,
}

/// What a daemon answers about a source that it has no more.
const GONE: u16 = Status::NO_SUCH_SOURCE.0;

/// chronyd's sources, and how far they have been asked about.
pub(super) struct Sources {
    tracking: Tracking,
    known: Vec<KnownSource>,
    place: usize,
    part: Part,
    /// Not every daemon shows every client these.
    shows_measurements: bool,
    shows_names: bool,
}

impl Sources {
    pub(super) fn new(tracking: Tracking, sources: Vec<SourceData>) -> Self {
        let known = sources.into_iter().map(|data| KnownSource { data, ..KnownSource::default() }).collect();
        Self {
            tracking,
            known,
            place: 0,
            part: Part::Statistics,
            shows_measurements: true,
            shows_names: true,
        }
    }

    /// The question that is to be asked now; the same until it is answered.
    pub(super) fn next(&mut self) -> Option<Request> {
        loop {
            let source = self.known.get(self.place)?;
            let address = source.data.address;
            let has_host = source.data.mode != SourceData::REFERENCE_CLOCK && address != Address::None;
            match self.part {
                Part::Statistics => {
                    return Some(Request::SourceStatistics(u32::try_from(self.place).ok()?));
                }
                Part::Measurement if has_host && self.shows_measurements => {
                    return Some(Request::Measurement(address));
                }
                Part::Name if has_host && self.shows_names => return Some(Request::SourceName(address)),
                Part::Measurement | Part::Name => self.advance(),
            }
        }
    }

    /// Takes the answer to the last question. A daemon that has answered and does not any more is asked nothing further.
    pub(super) fn take(&mut self, answer: Result<Answer, Failure>) {
        if matches!(answer, Err(Failure::Silent | Failure::Absent)) {
            self.place = self.known.len();
            return;
        }
        let is_shown = matches!(answer, Ok(_) | Err(Failure::Unreadable(GONE)));
        match self.part {
            Part::Measurement => self.shows_measurements &= is_shown,
            Part::Name => self.shows_names &= is_shown,
            Part::Statistics => {}
        }
        if let Some(source) = self.known.get_mut(self.place) {
            match answer {
                Ok(Answer::SourceStatistics(measured)) => {
                    // The list may have moved on between the two questions.
                    let is_clock = source.data.mode == SourceData::REFERENCE_CLOCK;
                    source.statistics =
                        Some(measured).filter(|_| is_clock || measured.address == source.data.address);
                }
                Ok(Answer::Measurement(measured)) => source.measurement = Some(measured),
                Ok(Answer::SourceName(name)) => source.name = Some(name),
                Ok(_) | Err(_) => {}
            }
        }
        self.advance();
    }

    fn advance(&mut self) {
        self.part = match self.part {
            Part::Statistics => Part::Measurement,
            Part::Measurement => Part::Name,
            Part::Name => {
                self.place += 1;
                Part::Statistics
            }
        };
    }

    /// What was learnt.
    pub(super) fn into_known(self) -> (Tracking, Vec<KnownSource>) {
        (self.tracking, self.known)
    }
}
