//! A daemon that replays a tape.

use super::error::{QueryError, no_address};
use super::tape::{Answers, Known, Questions, Tape};
use super::{Daemon, Failure};
use crate::client::others::NoChronyd;
use crate::client::view::View;
use crate::session::chrony::survey::Extent;
use crate::session::control::{Config, Note, Outcome, Reply, Request};
use crate::session::mode7;
use std::net::SocketAddr;
use std::sync::Arc;

/// The state of the replay.
#[derive(Debug, Default)]
pub(super) struct Replay {
    tape: Tape,
    pub(super) known: Known,
    pub(super) notes: Vec<Note>,
    pub(super) mode7_notes: Vec<mode7::Note>,
}

impl Daemon {
    /// Replays the tape from the beginning.
    pub fn on_tape(name: String, addresses: Vec<SocketAddr>, config: Config, mut tape: Tape) -> Self {
        tape.rewind();
        let replay = Some(Box::new(Replay { tape, ..Replay::default() }));
        Self { replay, ..Self::new(name, addresses, config) }
    }

    /// The tape.
    pub fn into_tape(self) -> Tape {
        self.replay.map(|replay| replay.tape).unwrap_or_default()
    }

    /// Whether a question was asked that is not on the tape.
    pub fn is_at_end_of_tape(&self) -> bool {
        self.replay.as_ref().is_some_and(|replay| replay.tape.is_at_end())
    }

    /// The outcome of opening a socket.
    pub(super) fn replay_opening(&mut self) -> Result<(), QueryError> {
        let Some(replay) = &self.replay else { return Err(no_address()) };
        let Some((opened, given_up)) = replay.tape.opened.clone() else { return Ok(()) };
        self.give_up_addresses(given_up);
        opened
    }

    pub(super) fn replay_config(&mut self, config: Config) {
        if let Some(replay) = &mut self.replay {
            replay.tape.config = Some(config);
        }
    }

    /// As [`Daemon::ask_all`], except that follow-up requests are asked after all questions have been answered.
    pub(super) fn replay_control(
        &mut self,
        requests: &[Request],
        each: &mut dyn FnMut(usize, &Outcome) -> Option<Request>,
    ) -> Vec<Result<Reply, QueryError>> {
        let mut results = vec![Err(QueryError::Interrupted); requests.len()];
        let mut open: Vec<(usize, Request)> = requests.iter().cloned().enumerate().collect();
        while !open.is_empty() {
            if self.silent {
                for (index, _) in open {
                    if let Some(slot) = results.get_mut(index) {
                        *slot = Err(QueryError::Failed(Failure::TimedOut));
                    }
                }
                break;
            }
            let questions = open.iter().map(|(_, request)| request.clone()).collect();
            let Some((Answers::Control(answers, notes), known)) = self.play(Questions::Control(questions))
            else {
                break;
            };
            if let Some(replay) = &mut self.replay {
                replay.notes.extend(notes);
            }
            let mut instead = Vec::new();
            for ((index, _), answer) in open.into_iter().zip(answers) {
                let further = match &answer {
                    Ok(reply) => each(index, &Ok(reply.clone())),
                    Err(QueryError::Failed(failure)) => each(index, &Err(*failure)),
                    // The conversation was cut short.
                    Err(_) => None,
                };
                match (further, results.get_mut(index)) {
                    (Some(further), _) => instead.push((index, further)),
                    (None, Some(slot)) => *slot = answer,
                    (None, None) => {}
                }
            }
            open = instead;
            self.note(known);
        }
        results
    }

    /// As [`Daemon::ask_mode7`].
    pub(super) fn replay_mode7(&mut self, request: mode7::Request) -> Result<mode7::Reply, QueryError> {
        let Some((Answers::Mode7(answer, notes), known)) = self.play(Questions::Mode7(Box::new(request)))
        else {
            return Err(QueryError::Interrupted);
        };
        if let Some(replay) = &mut self.replay {
            replay.mode7_notes.extend(notes);
        }
        self.note(known);
        answer
    }

    /// The report of the chronyd; `None` at the end of the tape.
    pub(super) fn replay_chronyd(&mut self, extent: Extent) -> Option<Result<Arc<View>, NoChronyd>> {
        let (Answers::Chronyd(answer), known) = self.play(Questions::Chronyd(extent))? else { return None };
        self.note(known);
        Some(answer)
    }

    /// As [`Daemon::assume_old_implementation`].
    pub(super) fn replay_old_implementation(&mut self) -> bool {
        let Some(replay) = &mut self.replay else { return false };
        replay.tape.assumes_old = true;
        !std::mem::replace(&mut replay.known.is_old, true)
    }

    fn play(&mut self, questions: Questions) -> Option<(Answers, Known)> {
        self.replay.as_mut()?.tape.play(questions)
    }

    fn note(&mut self, known: Known) {
        self.give_up_addresses(known.given_up);
        self.silent = known.is_silent;
        if let Some(replay) = &mut self.replay {
            replay.known = known;
        }
    }

    /// Abandons this many addresses in total.
    fn give_up_addresses(&mut self, count: usize) {
        let Some(replay) = &mut self.replay else { return };
        let more = count.saturating_sub(replay.known.given_up).min(self.addresses.len());
        replay.known.given_up = replay.known.given_up.max(count);
        self.addresses.drain(..more);
    }
}
