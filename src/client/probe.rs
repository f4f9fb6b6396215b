//! A host as an exporter asks it: a look at it, then what its daemon says of each of its sources.

mod sources;

use self::sources::Sources;
use super::admission::Admission;
use super::look::{self, By, Look, QuerySettings};
use super::view::View;
use crate::client::conversation::config;
use crate::clock;
use crate::model::daemons::{self, variables::Variables};
use crate::model::fleet::Host;
use crate::model::report::{PeerColumns, PeerRow, PeersReport, Report, ReportedVariable, VariablesReport};
use crate::model::{Origin, Peer};
use crate::net::host::{AddressFamily, Host as Name};
use crate::net::many::{Found, Job, Step};
use crate::net::seed;
use crate::session::chrony::ChronySession;
use crate::session::control::{ControlSession, Reply, Request, RequestId};
use crate::session::either::Either;
use crate::session::look::{LookSession, Seen};
use crate::session::{PathError, Session};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::status::{PeerStatusWord, Selection, StatusWord, SystemStatusWord};
use crate::wire::variables::scan;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Associations that are asked about. The most that a daemon keeps by default are ten servers of a pool.
const MAX_ASSOCIATIONS: usize = 128;

/// How endpoints are made: for a look, whatever the address, and for further questions to this address.
#[derive(Debug)]
pub struct Doors<E> {
    /// For a look.
    pub look: fn(SocketAddr) -> E,
    /// For further questions.
    pub ask: fn(SocketAddr) -> io::Result<E>,
}

/// What came of a probe.
#[derive(Debug)]
pub enum Probed {
    /// Its addresses, of which this is the first, may not be asked.
    Forbidden(IpAddr),
    /// What the host is like, and what its daemon reports.
    Seen(Box<Host>, Vec<Report>),
}

/// The conversations of a probe.
pub type Conversation = Either<LookSession, Either<ControlSession, ChronySession>>;

type Next<E> = Step<Conversation, E, Probed>;

/// A probe of one host.
pub struct Probe<E> {
    name: Name,
    named: String,
    settings: QuerySettings,
    admission: Admission,
    look: Look<E>,
    doors: Doors<E>,
    /// When it is over.
    until: Duration,
    details: Details,
    /// Whether the variables of each source are reported as well.
    is_detailed: bool,
}

/// What is known after the look.
enum Details {
    None,
    Control(Box<Asked>),
    Chrony(Box<(Host, SocketAddr, Sources)>),
}

/// The associations of a daemon that speaks mode 6.
struct Asked {
    host: Host,
    address: SocketAddr,
    system: Reply,
    associations: Vec<(AssociationId, PeerStatusWord)>,
    requests: Vec<RequestId>,
    replies: Vec<Option<Reply>>,
}

impl<E> Probe<E> {
    /// A probe of this host. Only addresses that are admitted are asked.
    pub fn new(name: &Name, by: By, patience: Duration, admission: Admission, doors: Doors<E>) -> Self {
        Self::build(name, QuerySettings { by, patience, ..QuerySettings::default() }, admission, doors)
    }

    /// A probe of this host that also reports the variables of each of its sources.
    pub fn detailed(name: &Name, settings: QuerySettings, doors: Doors<E>) -> Self {
        Self { is_detailed: true, ..Self::build(name, settings, Admission::all(), doors) }
    }

    fn build(name: &Name, mut settings: QuerySettings, admission: Admission, doors: Doors<E>) -> Self {
        let (named, by) = (name.to_string(), settings.by);
        // A port that is named is that of the protocol that is asked for.
        let name = if by == By::Chrony && name.has_port() {
            settings.chrony_port = name.port();
            Name::named(name.name())
        } else {
            name.clone()
        };
        let look = Look::new(name.to_string(), settings, doors.look);
        let (until, details) = (Duration::ZERO, Details::None);
        Self { name, named, settings, admission, look, doors, until, details, is_detailed: false }
    }

    fn origin(&self, address: SocketAddr) -> Origin {
        Origin {
            host: self.name.name().to_owned(),
            address: Some(address),
            time: clock::now(),
            authentic: None,
        }
    }

    /// The look as a step of this.
    fn step(next: look::Next<E>) -> Next<E> {
        match next {
            Step::Talk(session, endpoint) => Step::Talk(Either::One(session), endpoint),
            Step::Done(host) => Step::Done(Probed::Seen(Box::new(host), Vec::new())),
        }
    }

    /// Asks further what the look was about.
    fn detail(&mut self, seen: Seen, now: Duration) -> Next<E> {
        let host = look::host(self.named.clone(), &seen, self.settings.by);
        let left = self.until.saturating_sub(now);
        let Seen { address, control, chrony, .. } = seen;
        if let Some(Ok(system)) = control.system {
            let mut associations = control.associations.unwrap_or_default();
            associations.truncate(MAX_ASSOCIATIONS);
            let mut asked = Asked::new(host, address, system, associations);
            return match (self.doors.ask)(address) {
                Ok(endpoint) if !asked.associations.is_empty() && !left.is_zero() => {
                    let session = asked.ask(left);
                    self.details = Details::Control(Box::new(asked));
                    Step::Talk(Either::Other(Either::One(session)), endpoint)
                }
                _ => Step::Done(asked.finish(&self.origin(address), self.is_detailed)),
            };
        }
        if let Some(Ok(tracking)) = chrony.tracking {
            let door = SocketAddr::new(address.ip(), self.settings.chrony_port);
            let mut sources = Sources::new(tracking, chrony.sources);
            let first = sources.next();
            return match ((self.doors.ask)(door), first) {
                (Ok(endpoint), Some(first)) if !left.is_zero() => {
                    let mut session = ChronySession::new(&[], seed());
                    session.ask(first, self.until);
                    self.details = Details::Chrony(Box::new((host, address, sources)));
                    Step::Talk(Either::Other(Either::Other(session)), endpoint)
                }
                _ => Step::Done(finish_chrony(host, sources, &self.origin(address), self.is_detailed)),
            };
        }
        Step::Done(Probed::Seen(Box::new(host), Vec::new()))
    }
}

impl<E> Job for Probe<E> {
    type Session = Conversation;
    type Endpoint = E;
    type Outcome = Probed;

    fn host(&self) -> Option<(Name, AddressFamily)> {
        Some((self.name.clone(), self.settings.family))
    }

    fn begin(&mut self, found: Found, now: Duration) -> Next<E> {
        self.until = now.saturating_add(self.settings.patience);
        let found = match found {
            Some(Ok(mut found)) => {
                let first = found.addresses.first().map(SocketAddr::ip);
                found.addresses.retain(|address| self.admission.admits(address.ip()));
                if let Some(first) = first.filter(|_| found.addresses.is_empty()) {
                    return Step::Done(Probed::Forbidden(first));
                }
                Some(Ok(found))
            }
            other => other,
        };
        Self::step(self.look.begin(found, now))
    }

    fn event(&mut self, session: &mut Conversation, event: <Conversation as Session>::Event) {
        match (session, event, &mut self.details) {
            (_, Either::One(never), _) => match never {},
            (_, Either::Other(Either::One((id, outcome))), Details::Control(asked)) => {
                asked.take(id, outcome.ok());
            }
            (
                Either::Other(Either::Other(session)),
                Either::Other(Either::Other(answer)),
                Details::Chrony(known),
            ) => {
                let (.., sources) = &mut **known;
                sources.take(answer);
                if let Some(next) = sources.next() {
                    session.ask(next, self.until);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, session: Conversation, _: Result<(), PathError>, now: Duration) -> Next<E> {
        let details = std::mem::replace(&mut self.details, Details::None);
        match (session, details) {
            (Either::One(session), _) => match self.look.go_on(session, now) {
                Ok(next) => Self::step(next),
                Err(seen) => self.detail(*seen, now),
            },
            (_, Details::Control(asked)) => {
                let origin = self.origin(asked.address);
                Step::Done(asked.finish(&origin, self.is_detailed))
            }
            (_, Details::Chrony(known)) => {
                let (host, address, sources) = *known;
                Step::Done(finish_chrony(host, sources, &self.origin(address), self.is_detailed))
            }
            // It does not come to this: further questions have their details.
            (_, Details::None) => Step::Done(Probed::Seen(Box::default(), Vec::new())),
        }
    }
}

impl Asked {
    fn new(
        host: Host,
        address: SocketAddr,
        system: Reply,
        associations: Vec<(AssociationId, PeerStatusWord)>,
    ) -> Self {
        let replies = associations.iter().map(|_| None).collect();
        Self { host, address, system, associations, requests: Vec::new(), replies }
    }

    fn ask(&mut self, left: Duration) -> ControlSession {
        let mut session = ControlSession::new(config(left, false));
        let ask = |(id, _): &(AssociationId, _)| Request::open(Opcode::READ_VARIABLES, *id, Vec::new());
        self.requests = self.associations.iter().map(|known| session.submit(ask(known))).collect();
        session
    }

    fn take(&mut self, id: RequestId, reply: Option<Reply>) {
        let place = self.requests.iter().position(|asked| *asked == id);
        if let Some(slot) = place.and_then(|place| self.replies.get_mut(place)) {
            *slot = reply;
        }
    }

    fn finish(self, origin: &Origin, is_detailed: bool) -> Probed {
        let peers = self.associations.iter().zip(&self.replies).filter_map(|((id, _), reply)| {
            let reply = reply.as_ref()?;
            Some(Peer::from_variables(*id, PeerStatusWord(reply.status), &scan(&reply.data)))
        });
        let mut known = reports(origin.clone(), &self.system, peers.collect());
        if is_detailed {
            known.extend(self.replies.iter().flatten().map(|reply| detail(origin.clone(), reply)));
        }
        Probed::Seen(Box::new(self.host), known)
    }
}

/// What chronyd reports, as ntpd would.
fn finish_chrony(host: Host, sources: Sources, origin: &Origin, is_detailed: bool) -> Probed {
    let (tracking, known) = sources.into_known();
    let row = |(source, index): (&_, u16)| daemons::chronyd_peer(index, source, origin.time);
    let peers: Vec<Peer> = known.iter().zip(1_u16..).map(row).collect();
    let followed = peers.iter().find(|peer| peer.status.selection() == Selection::SystemPeer);
    let system = Variables::of_chronyd(&tracking, None).following(followed);
    let view = View::new(system, peers);
    let mut known = of_view(origin.clone(), &view);
    if is_detailed {
        known.extend(details_of_view(origin, &view));
    }
    Probed::Seen(Box::new(host), known)
}

/// The variables of each source of a daemon that does not speak mode 6.
pub fn details_of_view(origin: &Origin, view: &View) -> Vec<Report> {
    let reply = |peer: &Peer| {
        let request = Request::open(Opcode::READ_VARIABLES, peer.association, Vec::new());
        view.answer(&request)?.ok()
    };
    view.peers().iter().filter_map(reply).map(|reply| detail(origin.clone(), &reply)).collect()
}

/// The variables of a source.
fn detail(origin: Origin, reply: &Reply) -> Report {
    Report::Variables(Box::new(VariablesReport {
        origin,
        name: "variables",
        association: reply.association,
        status: StatusWord::Peer(PeerStatusWord(reply.status)),
        variables: ReportedVariable::list(&scan(&reply.data)),
        peer: None,
    }))
}

/// Reports of a daemon that does not speak mode 6.
pub fn of_view(origin: Origin, view: &View) -> Vec<Report> {
    let request = Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, Vec::new());
    match view.answer(&request) {
        Some(Ok(system)) => reports(origin, &system, view.peers().to_vec()),
        _ => Vec::new(),
    }
}

/// Reports on the daemon and its sources.
pub fn reports(origin: Origin, system: &Reply, peers: Vec<Peer>) -> Vec<Report> {
    let variables = VariablesReport {
        origin: origin.clone(),
        name: "variables",
        association: AssociationId::SYSTEM,
        status: StatusWord::System(SystemStatusWord(system.status)),
        variables: ReportedVariable::list(&scan(&system.data)),
        peer: None,
    };
    let name = |peer: &Peer| match (&peer.source_host, &peer.source_address) {
        (Some(host), _) => host.clone(),
        (None, Some(address)) => address.to_string().into_bytes(),
        (None, None) => Vec::new(),
    };
    let peers = peers.into_iter().map(|peer| PeerRow { name: name(&peer), peer }).collect();
    let peers = PeersReport { origin, columns: PeerColumns::default(), peers, missing: Vec::new() };
    vec![Report::Variables(Box::new(variables)), Report::Peers(peers)]
}
