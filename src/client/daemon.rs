//! A daemon queried over mode 6: its addresses, its socket, its conversation, and its errors.

mod correspondence;
mod error;
mod instead;
mod replay;
mod tape;

pub use correspondence::{Correspondence, Record, Talk};
pub use error::{QueryError, no_address};
pub use instead::{Finder, PeersOfOther, find, may_be_found};
pub use tape::{Tape, Wanted};

use self::replay::Replay;
use super::choice::DaemonChoice;
use super::diagnosis::Diagnosis;
use crate::clock::monotonic;
use crate::net::epoll::Epoll;
use crate::net::interrupt::Interrupt;
use crate::net::sockets::Sockets;
use crate::session::control::{Config, ControlSession, Failure, Note, Outcome, Reply, Request, RequestId};
use crate::session::drive::{ConversationError, Direction, Hooks, Watch, converse};
use crate::session::mode7::{self, Mode7Session};
use crate::session::mru::{self, MruSession};
use crate::session::{PathError, Session};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// Observes every datagram of a conversation.
pub type Trace<'a> = dyn FnMut(Direction, &[u8]) + 'a;

/// Minimum receive buffer in octets while a list is read, if the system allows it.
const LIST_BUFFER: usize = 4 << 20;
/// Octets of the socket's buffer per fragment, including the system's overhead.
const FRAGMENT_COST: usize = 1536;
/// Maximum number of fragments of a list in flight.
const LIST_WINDOW: usize = 1024;

/// A daemon whose addresses are known.
#[derive(Debug)]
pub struct Daemon {
    name: String,
    addresses: Vec<SocketAddr>,
    sockets: Option<Sockets>,
    interrupt: Option<Arc<Interrupt>>,
    session: ControlSession,
    mode7: Mode7Session,
    /// Which other kind of daemon to query there in its own protocol, if any.
    other: DaemonChoice,
    /// Finds one if mode 6 is not spoken; `None` once tried.
    finder: Option<Finder>,
    /// The one found, until it has been reported.
    found: Option<DaemonChoice>,
    silent: bool,
    diagnosed: bool,
    /// Recorded answers, used instead of the network.
    replay: Option<Box<Replay>>,
}

impl Daemon {
    /// Creates a daemon with this name and these addresses, which are tried in turn until one does not refuse.
    pub fn new(name: String, addresses: Vec<SocketAddr>, config: Config) -> Self {
        Self {
            name,
            addresses,
            sockets: None,
            interrupt: None,
            session: ControlSession::new(config),
            mode7: Mode7Session::new(mode7_config(&config)),
            other: DaemonChoice::Ntpd,
            finder: None,
            found: None,
            silent: false,
            diagnosed: false,
            replay: None,
        }
    }

    /// Its name: the canonical one if it was looked up, otherwise the address.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name with its port.
    pub fn name_with_port(&self) -> String {
        let name = &self.name;
        match self.address().map(|address| address.port()) {
            Some(port) if name.contains(':') => format!("[{name}]:{port}"),
            Some(port) => format!("{name}:{port}"),
            None => name.clone(),
        }
    }

    /// The address in use.
    pub fn address(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// Changes how requests are sent from now on.
    pub fn configure(&mut self, config: Config) {
        self.replay_config(config);
        self.session.configure(config);
        self.mode7.configure(mode7_config(&config));
    }

    /// Lets an interrupt end every wait for answers. It stays pending for the caller.
    pub fn set_interrupt(&mut self, interrupt: Option<Arc<Interrupt>>) {
        self.interrupt = interrupt;
    }

    /// Opens the socket, unless it is open.
    ///
    /// # Errors
    /// [`QueryError::Open`] if no address can be opened.
    pub fn open(&mut self) -> Result<(), QueryError> {
        if self.replay.is_some() {
            return self.replay_opening();
        }
        while self.sockets.is_none() {
            let Some(&address) = self.addresses.first() else {
                return Err(no_address());
            };
            match Sockets::open(address) {
                Ok(sockets) => self.sockets = Some(sockets),
                Err(_) if self.addresses.len() > 1 => drop(self.addresses.remove(0)),
                Err(error) => return Err(QueryError::Open(error.into())),
            }
        }
        Ok(())
    }

    /// Sends all of these requests at once. `each` sees every answer as it arrives, and may return a follow-up request
    /// to take the place of the answered one. The results are in order of the requests.
    ///
    /// A daemon that was silent once is not waited for again.
    pub fn ask_all(
        &mut self,
        requests: &[Request],
        each: &mut dyn FnMut(usize, &Outcome) -> Option<Request>,
        trace: &mut Trace<'_>,
    ) -> Vec<Result<Reply, QueryError>> {
        if self.choice().is_other() {
            return self.ask_other(requests);
        }
        if self.replay.is_some() {
            return self.replay_control(requests, each);
        }
        loop {
            let results = self.ask_at_address(requests, each, trace);
            if !(self.silent
                && self.session.silence().time.is_some()
                && has_alternative_address(&self.addresses))
            {
                return results;
            }
            self.addresses.remove(0);
            self.sockets = None;
            self.session.restart();
            self.silent = false;
        }
    }

    fn ask_at_address(
        &mut self,
        requests: &[Request],
        each: &mut dyn FnMut(usize, &Outcome) -> Option<Request>,
        trace: &mut Trace<'_>,
    ) -> Vec<Result<Reply, QueryError>> {
        let count = requests.len();
        if self.silent {
            return vec![Err(QueryError::Failed(Failure::TimedOut)); count];
        }
        let mut results: Vec<Option<Result<Reply, QueryError>>> = vec![None; count];
        let mut open: BTreeMap<RequestId, usize> = BTreeMap::new();
        for (index, request) in requests.iter().enumerate() {
            open.insert(self.session.submit(request.clone()), index);
        }
        let fault = loop {
            if let Err(error) = self.open() {
                break Some(error);
            }
            let Some(sockets) = &mut self.sockets else { break None };
            let mut outcome = |session: &mut ControlSession, (id, outcome): (RequestId, Outcome)| {
                let Some(index) = open.remove(&id) else { return };
                match each(index, &outcome) {
                    Some(instead) => drop(open.insert(session.submit(instead), index)),
                    None => {
                        if let Some(slot) = results.get_mut(index) {
                            *slot = Some(outcome.map_err(QueryError::Failed));
                        }
                    }
                }
            };
            let mut watch = Hooks { event: &mut outcome, datagram: trace, turned: &mut |_| {}, tick: None };
            match speak(sockets, &mut self.session, &mut watch, self.interrupt.as_deref()) {
                Ok(()) => break None,
                Err(ConversationError::Path(_))
                    if !self.session.silence().heard && self.addresses.len() > 1 =>
                {
                    self.addresses.remove(0);
                    self.sockets = None;
                    self.session.restart();
                }
                Err(error) => break Some(error.into()),
            }
        };
        self.session.abandon();
        let fault = fault.unwrap_or(QueryError::Failed(Failure::TimedOut));
        let results: Vec<_> =
            results.into_iter().map(|slot| slot.unwrap_or_else(|| Err(fault.clone()))).collect();
        self.silent =
            !self.session.silence().heard && results.contains(&Err(QueryError::Failed(Failure::TimedOut)));
        results
    }

    /// Sends one mode 7 request. Each gets its own socket, so that a late reply to an earlier one is not mistaken for
    /// its reply.
    ///
    /// # Errors
    /// [`QueryError`]: why there is no answer.
    pub fn ask_mode7(
        &mut self,
        request: mode7::Request,
        trace: &mut Trace<'_>,
    ) -> Result<mode7::Reply, QueryError> {
        if self.silent {
            return Err(QueryError::Failed(Failure::TimedOut));
        }
        if self.replay.is_some() {
            return self.replay_mode7(request);
        }
        self.mode7.submit(request);
        let mut answer = None;
        let fault = loop {
            self.sockets = None;
            if let Err(error) = self.open() {
                break Some(error);
            }
            let Some(sockets) = &mut self.sockets else { break None };
            let mut outcome = |_: &mut Mode7Session, outcome| answer = Some(outcome);
            let mut watch = Hooks { event: &mut outcome, datagram: trace, turned: &mut |_| {}, tick: None };
            match speak(sockets, &mut self.mode7, &mut watch, self.interrupt.as_deref()) {
                Ok(()) => break None,
                Err(ConversationError::Path(_))
                    if !self.mode7.silence().heard && self.addresses.len() > 1 =>
                {
                    self.addresses.remove(0);
                    self.mode7.restart();
                }
                Err(error) => break Some(error.into()),
            }
        };
        self.mode7.abandon();
        match (answer, fault) {
            (Some(Ok(reply)), _) => Ok(reply),
            (Some(Err(failure)), _) => {
                self.silent = failure == mode7::Failure::TimedOut && !self.mode7.silence().heard;
                Err(failure.into())
            }
            (None, Some(fault)) => Err(fault),
            (None, None) => Err(QueryError::Failed(Failure::TimedOut)),
        }
    }

    /// Switches mode 7 to the old implementation; returns whether this is a change.
    pub fn assume_old_implementation(&mut self) -> bool {
        if self.replay.is_some() {
            return self.replay_old_implementation();
        }
        self.mode7.assume_old_implementation()
    }

    /// Returns the notes of the mode 7 conversation since the last call.
    pub fn take_mode7_notes(&mut self) -> Vec<mode7::Note> {
        match &mut self.replay {
            Some(replay) => std::mem::take(&mut replay.mode7_notes),
            None => self.mode7.take_notes(),
        }
    }

    /// Reads the daemon's MRU list, with a nonce that was just obtained. The watch sees rows as they arrive, and may
    /// stop the reading after any turn. Returns what was read in any case, and the socket's error if there was one.
    pub fn read_list(
        &mut self,
        config: mru::Config,
        nonce: &str,
        watch: &mut dyn Watch<MruSession>,
    ) -> (MruSession, Option<QueryError>) {
        let opened = self.open();
        let granted = self.sockets.as_ref().map_or(0, |sockets| sockets.enlarge_receive_buffer(LIST_BUFFER));
        let window = (granted / FRAGMENT_COST).min(LIST_WINDOW);
        let config = mru::Config { window, ..config };
        let mut session = MruSession::new(config, nonce, self.session.round_trip(), monotonic());
        let Some(sockets) = &mut self.sockets else { return (session, opened.err()) };
        let network = Epoll::new(None).map_err(|error| ConversationError::Path(PathError::Open(error)));
        let read = network.and_then(|network| converse(network, sockets, &mut session, watch));
        (session, read.err().map(QueryError::from))
    }

    /// Forgets that the daemon was silent, so that it is waited for again.
    pub fn retry_after_silence(&mut self) {
        self.silent = false;
    }

    /// Returns the notes of the mode 6 conversation since the last call.
    pub fn take_notes(&mut self) -> Vec<Note> {
        match &mut self.replay {
            Some(replay) => std::mem::take(&mut replay.notes),
            None => self.session.take_notes(),
        }
    }

    /// Returns the diagnosis after a timeout; only the first time, because it does not change.
    pub fn first_diagnosis(&mut self) -> Option<Diagnosis> {
        let diagnosis = self.diagnosis().filter(|_| !self.diagnosed);
        self.diagnosed |= diagnosis.is_some();
        diagnosis
    }

    fn diagnosis(&self) -> Option<Diagnosis> {
        if let Some(replay) = &self.replay {
            return replay.known.diagnosis;
        }
        Diagnosis::of_silence(&self.session.silence().with(self.mode7.silence()))
    }
}

/// Runs a session over sockets until it is done, or until an interrupt.
fn speak<S: Session>(
    sockets: &mut Sockets,
    session: &mut S,
    watch: &mut dyn Watch<S>,
    interrupt: Option<&Interrupt>,
) -> Result<(), ConversationError> {
    let network = Epoll::new(interrupt).map_err(PathError::Open)?;
    converse(network, sockets, session, watch)
}

/// Whether a daemon that serves time but answers no queries at the first of these addresses has another local address to
/// try. `restrict default noquery` with only `restrict 127.0.0.1` blocks `::1`.
fn has_alternative_address(addresses: &[SocketAddr]) -> bool {
    addresses.len() > 1 && addresses.iter().all(|address| address.ip().is_loopback())
}

/// The mode 7 configuration that corresponds to this mode 6 configuration.
fn mode7_config(config: &Config) -> mode7::Config {
    mode7::Config { silence: config.silence, patience: config.patience, probe: config.probe }
}
