//! A conversation with a daemon in rounds, for running many of them at once ([`many`](crate::net::many)).

use super::error::{QueryError, no_address};
use super::tape::{Answers, Known, Questions, Tape, Wanted};
use super::{Daemon, has_alternative_address, mode7_config};
use crate::client::diagnosis::Diagnosis;
use crate::client::others::{NoChronyd, command_address, view_of_chronyd};
use crate::clock::now;
use crate::net::seed;
use crate::net::sockets::Sockets;
use crate::session::chrony::survey::{Patience, Survey};
use crate::session::chrony::{ChronySession, Failure as NoAnswer};
use crate::session::control::{Config, ControlSession, Failure, Outcome, Reply, Request, RequestId};
use crate::session::drive::ConversationError;
use crate::session::either::Either;
use crate::session::mode7::{self, Mode7Session};
use crate::session::{PathError, Session as _};
use crate::wire::chrony;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

/// A session in any of the protocols.
pub type Talk = Either<ControlSession, Either<Mode7Session, Survey>>;

/// An event of such a session.
type Event = Either<(RequestId, Outcome), Either<mode7::Outcome, Infallible>>;

/// A conversation, recorded on a tape.
#[derive(Debug)]
pub struct Correspondence {
    record: Record,
    /// How many of the addresses have been abandoned.
    given_up: usize,
    sockets: Option<Sockets>,
    /// The sessions, while they are not running.
    control: Option<ControlSession>,
    mode7: Option<Box<Mode7Session>>,
    /// The diagnosis of a daemon that was silent in either protocol.
    silences: [Option<Diagnosis>; 2],
    round: Option<Round>,
}

/// What remains of a conversation when nothing is left to ask.
#[derive(Debug)]
pub struct Record {
    name: String,
    config: Config,
    addresses: Vec<SocketAddr>,
    /// The tape, while it is not being replayed.
    tape: Tape,
}

impl Record {
    /// Returns a daemon that replays the answers so far.
    pub fn replay(&mut self) -> Daemon {
        let tape = std::mem::take(&mut self.tape);
        Daemon::on_tape(self.name.clone(), self.addresses.clone(), self.config, tape)
    }

    /// Takes the tape back; returns the questions that the replaying daemon could not answer.
    pub fn keep(&mut self, daemon: Daemon) -> Option<Wanted> {
        self.tape = daemon.into_tape();
        self.tape.take_wanted()
    }
}

/// The questions in progress.
#[derive(Debug)]
struct Round {
    /// Their fingerprint.
    asked: u64,
    answers: RoundAnswers,
}

#[derive(Debug)]
enum RoundAnswers {
    /// The requests in order of the questions, which is that of their identifiers; the number of unanswered ones; the answers.
    Control {
        ids: Vec<RequestId>,
        open: usize,
        answers: Vec<Option<Result<Reply, QueryError>>>,
    },
    Mode7(Option<mode7::Outcome>),
    /// The session keeps them.
    Chronyd,
}

impl Correspondence {
    /// Creates a conversation with a daemon with this name at the first of these addresses for which a socket can be opened.
    pub fn open(name: String, addresses: Vec<SocketAddr>, config: Config) -> Self {
        let mut this = Self {
            record: Record { name, config, addresses, tape: Tape::default() },
            given_up: 0,
            sockets: None,
            control: Some(ControlSession::new(config)),
            mode7: None,
            silences: [None; 2],
            round: None,
        };
        let opened = match this.socket() {
            Ok(sockets) => {
                this.sockets = Some(sockets);
                Ok(())
            }
            Err(error) => Err(error),
        };
        this.record.tape.opened = Some((opened, this.given_up));
        this
    }

    /// The questions and answers so far.
    pub fn record(&mut self) -> &mut Record {
        &mut self.record
    }

    /// Closes the sockets and keeps only the questions and answers.
    pub fn into_record(self) -> Record {
        self.record
    }

    /// Asks these questions. If nothing can be sent, the failure is recorded at once.
    pub fn ask(&mut self, wanted: Wanted) -> Option<(Talk, Sockets)> {
        let Wanted { questions, config, assumes_old } = wanted;
        if let Some(config) = config {
            self.configure(config);
            self.control.iter_mut().for_each(|session| session.configure(config));
        }
        let asked = questions.fingerprint();
        match questions {
            Questions::Control(requests) => {
                let mut session =
                    self.control.take().unwrap_or_else(|| ControlSession::new(self.record.config));
                self.round = Some(Round { asked, answers: submit(&mut session, requests) });
                self.speak(Either::One(session))
            }
            Questions::Mode7(request) => {
                let fresh = || Box::new(Mode7Session::new(mode7_config(&self.record.config)));
                let mut session = self.mode7.take().unwrap_or_else(fresh);
                if assumes_old {
                    session.assume_old_implementation();
                }
                session.submit(*request);
                self.round = Some(Round { asked, answers: RoundAnswers::Mode7(None) });
                // It must not receive a late answer to an earlier question.
                self.sockets = None;
                self.speak(Either::Other(Either::One(*session)))
            }
            Questions::Chronyd(extent) => {
                self.sockets = None;
                let address = self.address();
                let known = self.known(false, self.mode7.as_ref().is_some_and(|session| session.is_old()));
                let Some(address) = address else {
                    let answer =
                        Answers::Chronyd(Err(NoChronyd { failure: NoAnswer::Silent, port: chrony::PORT }));
                    self.record.tape.record(asked, answer, known);
                    return None;
                };
                self.round = Some(Round { asked, answers: RoundAnswers::Chronyd });
                let session = ChronySession::new(&[command_address(address)], seed());
                let survey = Survey::new(session, extent, Patience::USUAL);
                Some((Either::Other(Either::Other(survey)), Sockets::by_address()))
            }
        }
    }

    /// Asks more questions in a running conversation, if they are of the same kind.
    ///
    /// # Errors
    /// They are not: returns the questions.
    pub fn ask_further(&mut self, session: &mut Talk, wanted: Wanted) -> Result<(), Wanted> {
        match (session, wanted) {
            (Either::One(session), Wanted { questions: Questions::Control(requests), config, .. }) => {
                if let Some(config) = config {
                    self.configure(config);
                    session.configure(config);
                }
                let questions = Questions::Control(requests);
                let asked = questions.fingerprint();
                if let Questions::Control(requests) = questions {
                    self.round = Some(Round { asked, answers: submit(session, requests) });
                }
                Ok(())
            }
            (_, wanted) => Err(wanted),
        }
    }

    /// Processes an event. Returns true once all questions are answered, the answers are recorded and the conversation may
    /// continue.
    pub fn take(&mut self, session: &mut Talk, event: Event) -> bool {
        let Some(Round { answers, .. }) = &mut self.round else { return false };
        match (event, answers, session) {
            (
                Either::One((id, outcome)),
                RoundAnswers::Control { ids, open, answers },
                Either::One(session),
            ) => {
                let slot = ids.binary_search(&id).ok().and_then(|index| answers.get_mut(index));
                if let Some(slot) = slot.filter(|slot| slot.is_none()) {
                    *slot = Some(outcome.map_err(QueryError::Failed));
                    *open -= 1;
                }
                // The diagnosis of silence follows at the end.
                let is_whole = *open == 0 && session.silence().heard;
                if is_whole {
                    self.conclude_control(session, None);
                }
                is_whole
            }
            (Either::Other(Either::One(outcome)), RoundAnswers::Mode7(answer), _) => {
                *answer = Some(outcome);
                false
            }
            _ => false,
        }
    }

    /// Ends a conversation: either another replaces it, if the next address has to be tried, or the answers are recorded.
    pub fn end(&mut self, session: Talk, result: Result<(), PathError>) -> Option<(Talk, Sockets)> {
        let fault = match result {
            Ok(()) => None,
            Err(_) if !was_heard(&session) && self.has_further_address() => return self.ask_next(session),
            Err(error) => Some(ConversationError::Path(error).into()),
        };
        match session {
            Either::One(mut session) => {
                let rest = self.record.addresses.get(self.given_up..).unwrap_or_default();
                let is_shut = !session.silence().heard && session.silence().time.is_some();
                if fault.is_none() && self.round.is_some() && is_shut && has_alternative_address(rest) {
                    // The missing answer is not recorded: the next address gets the same question.
                    self.round = None;
                    self.given_up += 1;
                    session.restart();
                    self.control = Some(session);
                    return None;
                }
                self.conclude_control(&mut session, fault);
                self.control = Some(session);
            }
            Either::Other(Either::One(mut session)) => {
                self.conclude_mode7(&mut session, fault);
                self.mode7 = Some(Box::new(session));
            }
            Either::Other(Either::Other(survey)) => self.conclude_chronyd(survey),
        }
        None
    }

    /// Starts a session with the next address for which a socket can be opened.
    fn speak(&mut self, session: Talk) -> Option<(Talk, Sockets)> {
        match self.socket() {
            Ok(sockets) => return Some((session, sockets)),
            Err(fault) => match session {
                Either::One(mut session) => {
                    self.conclude_control(&mut session, Some(fault));
                    self.control = Some(session);
                }
                Either::Other(Either::One(mut session)) => {
                    self.conclude_mode7(&mut session, Some(fault));
                    self.mode7 = Some(Box::new(session));
                }
                Either::Other(Either::Other(survey)) => self.conclude_chronyd(survey),
            },
        }
        None
    }

    fn ask_next(&mut self, session: Talk) -> Option<(Talk, Sockets)> {
        self.given_up += 1;
        self.speak(match session {
            Either::One(mut session) => {
                session.restart();
                Either::One(session)
            }
            Either::Other(Either::One(mut session)) => {
                session.restart();
                Either::Other(Either::One(session))
            }
            survey @ Either::Other(Either::Other(_)) => survey,
        })
    }

    /// Changes how later sessions ask questions.
    fn configure(&mut self, config: Config) {
        self.record.config = config;
        self.mode7.iter_mut().for_each(|session| session.configure(mode7_config(&config)));
    }

    fn socket(&mut self) -> Result<Sockets, QueryError> {
        if let Some(sockets) = self.sockets.take() {
            return Ok(sockets);
        }
        loop {
            let Some(address) = self.address() else { return Err(no_address()) };
            match Sockets::open(address) {
                Ok(sockets) => return Ok(sockets),
                Err(_) if self.has_further_address() => self.given_up += 1,
                Err(error) => return Err(QueryError::Open(error.into())),
            }
        }
    }

    /// The address in use.
    fn address(&self) -> Option<SocketAddr> {
        self.record.addresses.get(self.given_up).copied()
    }

    fn has_further_address(&self) -> bool {
        self.given_up + 1 < self.record.addresses.len()
    }

    fn conclude_control(&mut self, session: &mut ControlSession, fault: Option<QueryError>) {
        let Some(Round { asked, answers: RoundAnswers::Control { answers, .. } }) = self.round.take() else {
            return;
        };
        let fault = fault.unwrap_or(QueryError::Failed(Failure::TimedOut));
        let answers: Vec<_> =
            answers.into_iter().map(|answer| answer.unwrap_or_else(|| Err(fault.clone()))).collect();
        session.abandon();
        let silence = session.silence();
        self.silences[0] = Diagnosis::of_silence(&silence);
        let is_silent = !silence.heard && answers.contains(&Err(QueryError::Failed(Failure::TimedOut)));
        let known = self.known(is_silent, self.mode7.as_ref().is_some_and(|session| session.is_old()));
        let answers = Answers::Control(answers, session.take_notes());
        self.record.tape.record(asked, answers, known);
    }

    fn conclude_mode7(&mut self, session: &mut Mode7Session, fault: Option<QueryError>) {
        let Some(Round { asked, answers: RoundAnswers::Mode7(answer) }) = self.round.take() else { return };
        session.abandon();
        let silence = session.silence();
        self.silences[1] = Diagnosis::of_silence(&silence);
        let is_silent = matches!(answer, Some(Err(mode7::Failure::TimedOut))) && !silence.heard;
        let known = self.known(is_silent, session.is_old());
        let answer = match (answer, fault) {
            (Some(answer), _) => answer.map_err(QueryError::from),
            (None, fault) => Err(fault.unwrap_or(QueryError::Failed(Failure::TimedOut))),
        };
        self.record.tape.record(asked, Answers::Mode7(answer, session.take_notes()), known);
    }

    fn conclude_chronyd(&mut self, mut survey: Survey) {
        let Some(Round { asked, answers: RoundAnswers::Chronyd }) = self.round.take() else { return };
        survey.give_up();
        let port = self.address().map_or(chrony::PORT, |address| command_address(address).port());
        let view = view_of_chronyd(&survey.into_surveyed(), now());
        let answer = view.map(Arc::new).map_err(|failure| NoChronyd { failure, port });
        let known = self.known(false, self.mode7.as_ref().is_some_and(|session| session.is_old()));
        self.record.tape.record(asked, Answers::Chronyd(answer), known);
    }

    fn known(&self, is_silent: bool, is_old: bool) -> Known {
        let diagnosis = self.silences.iter().flatten().copied().reduce(Diagnosis::with);
        Known { given_up: self.given_up, is_silent, diagnosis, is_old }
    }
}

/// Submits all of these at once.
fn submit(session: &mut ControlSession, requests: Vec<Request>) -> RoundAnswers {
    let ids: Vec<RequestId> = requests.into_iter().map(|request| session.submit(request)).collect();
    RoundAnswers::Control { open: ids.len(), answers: vec![None; ids.len()], ids }
}

fn was_heard(session: &Talk) -> bool {
    match session {
        Either::One(session) => session.silence().heard,
        Either::Other(Either::One(session)) => session.silence().heard,
        // It has only one address.
        Either::Other(Either::Other(_)) => true,
    }
}
