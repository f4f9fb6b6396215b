//! What a daemon was asked and what it answered, to be played again.
//!
//! Commands are code that asks and waits. To ask many daemons without a thread for each, a daemon's commands run against the
//! answers that are known; at the first question that is not, they are cut short. When its answer has come they run again, from
//! the beginning, and come further.

use super::error::QueryError;
use crate::client::diagnosis::Diagnosis;
use crate::session::control::{Config, Note, Reply, Request};
use crate::session::mode7::{self, Items};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// What is asked at once.
#[derive(Clone, Debug)]
pub enum Questions {
    /// Any number of questions over mode 6.
    Control(Vec<Request>),
    /// One over mode 7.
    Mode7(Box<mode7::Request>),
}

impl Questions {
    /// What tells them from others. Of a key it counts whether there is one.
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
        }
        hasher.finish()
    }
}

/// What came of them.
#[derive(Clone, Debug)]
pub enum Answers {
    /// Of each question over mode 6, in their order.
    Control(Vec<Result<Reply, QueryError>>, Vec<Note>),
    /// Of the one over mode 7.
    Mode7(Result<mode7::Reply, QueryError>, Vec<mode7::Note>),
}

/// What is known of a daemon at some time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// How many of its addresses were given up.
    pub(super) given_up: usize,
    /// Whether it has answered nothing.
    pub(super) is_silent: bool,
    /// What that means.
    pub(super) diagnosis: Option<Diagnosis>,
    /// Whether it is asked mode 7 questions in the old way.
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

/// What is to be asked next.
#[derive(Debug)]
pub struct Wanted {
    /// The questions.
    pub(super) questions: Questions,
    /// How they are to be asked, if otherwise than before.
    pub(super) config: Option<Config>,
    /// Whether mode 7 questions are asked in the old way from now on.
    pub(super) assumes_old: bool,
}

/// The conversation with a daemon so far.
#[derive(Debug, Default)]
pub struct Tape {
    /// What came of opening a socket, and how many addresses were given up for it.
    pub(super) opened: Option<(Result<(), QueryError>, usize)>,
    rounds: Vec<Round>,
    /// The round that is played next.
    at: usize,
    /// What commands have changed since the last question.
    pub(super) config: Option<Config>,
    pub(super) assumes_old: bool,
    wanted: Option<Wanted>,
}

impl Tape {
    /// To be played from the beginning.
    pub fn rewind(&mut self) {
        (self.at, self.config, self.assumes_old, self.wanted) = (0, None, false, None);
    }

    /// The answers to these questions. Without, the tape is at its end, and the questions are what is wanted.
    pub(super) fn play(&mut self, questions: Questions) -> Option<(Answers, Known)> {
        if self.is_at_end() {
            return None;
        }
        match self.rounds.get(self.at) {
            Some(round) if round.asked == questions.fingerprint() => {
                self.at += 1;
                // It was asked after these changes.
                (self.config, self.assumes_old) = (None, false);
                Some((round.answers.clone(), round.known))
            }
            _ => {
                // Whoever asks something else now than before goes on from here.
                self.rounds.truncate(self.at);
                let (config, assumes_old) = (self.config.take(), self.assumes_old);
                self.wanted = Some(Wanted { questions, config, assumes_old });
                None
            }
        }
    }

    /// Whether something was asked that is not known: what was done since is void.
    pub fn is_at_end(&self) -> bool {
        self.wanted.is_some()
    }

    /// What was asked and is not known.
    pub fn take_wanted(&mut self) -> Option<Wanted> {
        self.wanted.take()
    }

    /// Keeps what came of the questions with this fingerprint.
    pub(super) fn record(&mut self, asked: u64, answers: Answers, known: Known) {
        self.rounds.push(Round { asked, answers, known });
    }
}
