//! The recorded questions to a daemon and its answers, for replay.
//!
//! Commands are blocking code. To query many daemons without a thread for each, a daemon's commands run against the answers
//! known so far and are stopped at the first unanswered question. When its answer has arrived, they run again from the start
//! and get further.

use super::error::QueryError;
use crate::client::diagnosis::Diagnosis;
use crate::client::others::NoChronyd;
use crate::client::view::View;
use crate::session::chrony::survey::Extent;
use crate::session::control::{Config, Note, Reply, Request};
use crate::session::mode7::{self, Items};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

/// Questions asked together.
#[derive(Clone, Debug)]
pub enum Questions {
    /// Any number of questions over mode 6.
    Control(Vec<Request>),
    /// A mode 7 question.
    Mode7(Box<mode7::Request>),
    /// What a chronyd reports, over its own protocol.
    Chronyd(Extent),
}

impl Questions {
    /// The fingerprint that identifies them; of a key only its presence counts.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self {
            Self::Control(requests) => {
                for Request { opcode, association, data, key, beginning_suffices } in requests {
                    (opcode.0, association.0, data, key.is_some(), beginning_suffices).hash(&mut hasher);
                }
            }
            Self::Mode7(request) => {
                let Items { size, count, octets } = &request.items;
                (request.code.0, size, count, octets, request.seal.is_some()).hash(&mut hasher);
            }
            Self::Chronyd(extent) => extent.hash(&mut hasher),
        }
        hasher.finish()
    }
}

/// Their outcomes.
#[derive(Clone, Debug)]
pub enum Answers {
    /// The outcome of each mode 6 question, in order.
    Control(Vec<Result<Reply, QueryError>>, Vec<Note>),
    /// The outcome of the mode 7 question.
    Mode7(Result<mode7::Reply, QueryError>, Vec<mode7::Note>),
    /// The report of the chronyd, or why there is none.
    Chronyd(Result<Arc<View>, NoChronyd>),
}

/// The state of a daemon at some point of the conversation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// The number of abandoned addresses.
    pub(super) given_up: usize,
    /// Whether it has been silent.
    pub(super) is_silent: bool,
    /// The diagnosis of the silence.
    pub(super) diagnosis: Option<Diagnosis>,
    /// Whether mode 7 uses the old implementation.
    pub(super) is_old: bool,
}

/// One round of a conversation.
#[derive(Clone, Debug)]
struct Round {
    /// The fingerprint of its questions.
    asked: u64,
    answers: Answers,
    known: Known,
}

/// The questions to ask next.
#[derive(Debug)]
pub struct Wanted {
    /// The questions.
    pub(super) questions: Questions,
    /// The settings for them, if changed.
    pub(super) config: Option<Config>,
    /// Whether mode 7 uses the old implementation from now on.
    pub(super) assumes_old: bool,
}

/// The conversation with a daemon so far.
#[derive(Debug, Default)]
pub struct Tape {
    /// The outcome of opening a socket, and the number of addresses abandoned for it.
    pub(super) opened: Option<(Result<(), QueryError>, usize)>,
    rounds: Vec<Round>,
    /// The next round to replay.
    at: usize,
    /// Settings changed by commands since the last question.
    pub(super) config: Option<Config>,
    pub(super) assumes_old: bool,
    wanted: Option<Wanted>,
}

impl Tape {
    /// Rewinds the tape.
    pub fn rewind(&mut self) {
        (self.at, self.config, self.assumes_old, self.wanted) = (0, None, false, None);
    }

    /// Returns the answers to these questions. `None` at the end of the tape: the questions are then to be asked.
    pub(super) fn play(&mut self, questions: Questions) -> Option<(Answers, Known)> {
        if self.is_at_end() {
            return None;
        }
        match self.rounds.get(self.at) {
            Some(round) if round.asked == questions.fingerprint() => {
                self.at += 1;
                // These changes preceded the question.
                (self.config, self.assumes_old) = (None, false);
                Some((round.answers.clone(), round.known))
            }
            _ => {
                // The questions differ from the recorded ones: recording continues from here.
                self.rounds.truncate(self.at);
                let (config, assumes_old) = (self.config.take(), self.assumes_old);
                self.wanted = Some(Wanted { questions, config, assumes_old });
                None
            }
        }
    }

    /// Whether an unanswered question was asked, so that everything since is void.
    pub fn is_at_end(&self) -> bool {
        self.wanted.is_some()
    }

    /// The unanswered questions.
    pub fn take_wanted(&mut self) -> Option<Wanted> {
        self.wanted.take()
    }

    /// Records the outcomes of the questions with this fingerprint.
    pub(super) fn record(&mut self, asked: u64, answers: Answers, known: Known) {
        self.rounds.push(Round { asked, answers, known });
    }
}
