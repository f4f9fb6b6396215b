//! Queries hosts, any number of them in parallel, each in the protocols it speaks.

use super::hop::{self, Hop, Silence, Source};
use crate::client::conversation::config;
use crate::client::system_error::SystemError;
use crate::compact;
use crate::model::Peer;
use crate::net::epoll::Epoll;
use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::interrupt::Interrupt;
use crate::net::many::{Found, Job, Jobs, Limits, NoNames, Step, run};
use crate::net::seed;
use crate::net::sockets::Sockets;
use crate::session::control::{ControlSession, Failure, Request, RequestId};
use crate::session::either::Either;
use crate::session::look::{LookSession, Questions, Seen};
use crate::session::{PathError, Session};
use crate::wire::AssociationId;
use crate::wire::chrony;
use crate::wire::control::Opcode;
use crate::wire::status::{PeerStatusWord, Selection};
use crate::wire::variables::scan;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

/// The variables to request for a source.
const SOURCE: &[u8] = b"srcadr,srcport";
/// Sockets per host: for its daemon, and for chronyd's command protocol.
const SOCKETS: usize = 2;

/// The result for one host.
pub type Answer = Result<Hop, Silence>;

/// How to query hosts.
#[derive(Clone, Copy, Debug)]
pub struct QuerySettings {
    /// How long a host may take.
    pub patience: Duration,
    /// The minimum selection status of the sources to report.
    pub least: Selection,
    /// The maximum number of sources to query.
    pub most_sources: usize,
    /// How many hosts to query at once.
    pub jobs: Jobs,
}

/// Queries all of these; the results are in their order, and missing after an interrupt.
pub fn ask(
    addresses: &[SocketAddr],
    settings: QuerySettings,
    interrupt: Option<&Interrupt>,
) -> Vec<Option<Answer>> {
    let mut answers: Vec<Option<Answer>> = vec![None; addresses.len()];
    let jobs = addresses.iter().map(|address| Asking::new(*address, settings));
    let asked = Epoll::new(interrupt).and_then(|network| {
        let limits = Limits::chosen(settings.jobs, SOCKETS);
        run(network, NoNames::default(), limits, jobs, &mut |place, answer| {
            if let Some(slot) = answers.get_mut(place) {
                *slot = Some(answer);
            }
            ControlFlow::Continue(())
        })
    });
    if let Err(error) = asked {
        let fault = SystemError::from(error);
        for slot in &mut answers {
            slot.get_or_insert_with(|| Err(Silence::System(fault.clone())));
        }
    }
    answers
}

/// A host: first a look at it, then its sources.
struct Asking {
    address: SocketAddr,
    settings: QuerySettings,
    begun: Duration,
    seen: Option<Seen>,
    /// The sources being queried.
    listed: BTreeMap<RequestId, (AssociationId, PeerStatusWord, bool)>,
    peers: Vec<Peer>,
}

type Talk = Either<LookSession, ControlSession>;

impl Asking {
    fn new(address: SocketAddr, settings: QuerySettings) -> Self {
        let (listed, peers) = (BTreeMap::new(), Vec::new());
        Self { address, settings, begun: Duration::ZERO, seen: None, listed, peers }
    }

    /// Returns the requests about the sources, if there are any.
    fn ask_for_sources(&mut self, now: Duration) -> Option<ControlSession> {
        let control = &self.seen.as_ref()?.control;
        let list = control.associations.as_ref().filter(|_| matches!(control.system, Some(Ok(_))))?;
        let left = self.begun.saturating_add(self.settings.patience).saturating_sub(now);
        let mut session = ControlSession::new(config(left, false));
        let counted = list.iter().filter(|(_, status)| status.selection() >= self.settings.least);
        for (id, status) in counted.take(self.settings.most_sources) {
            let asked = session.submit(Request::open(Opcode::READ_VARIABLES, *id, SOURCE.to_vec()));
            self.listed.insert(asked, (*id, *status, false));
        }
        (!self.listed.is_empty()).then_some(session)
    }

    fn answer(&mut self) -> Answer {
        let mut sources: Vec<Source> = self.peers.iter().filter_map(hop::source).collect();
        compact::sort_by_key(&mut sources, |source| !source.is_followed());
        match &self.seen {
            Some(seen) => Hop::of(seen, sources, self.settings.least),
            None => Err(Silence::NotAsked),
        }
    }
}

impl Job for Asking {
    type Session = Talk;
    type Endpoint = Sockets;
    type Outcome = Answer;

    fn host(&self) -> Option<(Host, AddressFamily)> {
        None
    }

    fn begin(&mut self, _: Found, now: Duration) -> Step<Talk, Sockets, Answer> {
        self.begun = now;
        let questions = Questions {
            sources: false,
            control: true,
            // Another port may belong to one of several daemons; chronyd's command port belongs to only one.
            chrony: (self.address.port() == NTP_PORT).then_some(chrony::PORT),
            time: true,
            patience: self.settings.patience,
        };
        let session = LookSession::new(self.address, questions, seed(), now);
        Step::Talk(Either::One(session), Sockets::stamped_by_address())
    }

    fn event(&mut self, session: &mut Talk, event: <Talk as Session>::Event) {
        let (Either::Other(session), Either::Other((id, outcome))) = (session, event) else { return };
        let Some((association, status, again)) = self.listed.remove(&id) else { return };
        match outcome {
            Ok(reply) => {
                self.peers.push(Peer::from_variables(association, status, &scan(&reply.data)));
            }
            // A daemon that does not know a name is asked for everything.
            Err(Failure::Refused(_)) if !again => {
                let all = Request::open(Opcode::READ_VARIABLES, association, Vec::new());
                self.listed.insert(session.submit(all), (association, status, true));
            }
            Err(_) => {}
        }
    }

    fn end(&mut self, session: Talk, _: Result<(), PathError>, now: Duration) -> Step<Talk, Sockets, Answer> {
        if let Either::One(look) = session {
            self.seen = Some(look.into_seen());
            if let Some(session) = self.ask_for_sources(now)
                && let Ok(sockets) = Sockets::open(self.address)
            {
                return Step::Talk(Either::Other(session), sockets);
            }
        }
        Step::Done(self.answer())
    }
}
