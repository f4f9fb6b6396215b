//! A report of a chronyd, one of many: the requests that it takes, one after the other.

use crate::cli::output::reason;
use crate::model::chronyd::{Kind, Report};
use crate::net::chronyd::{ChronydError, SOCKET, socket};
use crate::net::host::{AddressFamily, Host as Name};
use crate::net::many::{Found, Job, Step};
use crate::net::seed;
use crate::net::sockets::Sockets;
use crate::session::PathError;
use crate::session::chrony::{Answer, ChronySession, Failure};
use crate::wire::chrony::{Address, Clients, Request, SourceData};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// Maximum number of sources to read.
const SOURCES_LIMIT: u32 = 1024;
/// Maximum number of clients to read.
const CLIENTS_LIMIT: usize = 1 << 17;

/// Where a chronyd is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On this machine: through its Unix socket if this user may, else over UDP.
    Here,
    /// Through this Unix socket.
    Socket(PathBuf),
    /// At this host, as it was named, over UDP.
    Host(String),
}

/// What to ask, and how.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry {
    /// The report.
    pub kind: Kind,
    /// The addresses of a name that are wanted.
    pub family: AddressFamily,
    /// The port of hosts that are named without one.
    pub port: u16,
    /// How long a host may take.
    pub patience: Duration,
    /// Whether sources whose names have no address yet are wanted.
    pub all: bool,
    /// The number of packets below which a client is not wanted.
    pub min_packets: u32,
}

/// Why a report is missing, or is not complete.
#[derive(Debug, Error)]
pub enum Lack {
    /// The name has no usable address.
    #[error("{0}")]
    NoAddress(String),
    /// The Unix socket cannot be used.
    #[error("{0}")]
    Socket(ChronydError),
    /// The daemon does not answer, or refuses.
    #[error("{0}")]
    Failed(Failure),
    /// There is no way to the daemon.
    #[error("{0}")]
    Network(String),
    /// An interrupt came first.
    #[error("interrupted")]
    Interrupted,
}

/// The outcome for one place.
#[derive(Debug)]
pub struct Outcome {
    /// The place.
    pub place: Place,
    /// The address that answered, over UDP.
    pub address: Option<SocketAddr>,
    /// The report, as far as it was read.
    pub report: Option<Report>,
    /// What is missing.
    pub lack: Option<Lack>,
}

impl Outcome {
    /// An outcome without a report.
    pub fn lost(place: Place, lack: Lack) -> Self {
        Self { place, address: None, report: None, lack: Some(lack) }
    }
}

/// The job of asking one place.
#[derive(Debug)]
pub struct ReportJob {
    place: Place,
    host: Option<Name>,
    inquiry: Inquiry,
    /// The requests that are still to be made.
    requests: VecDeque<Request>,
    report: Option<Report>,
    failure: Option<Failure>,
    /// Where the part of the table of clients begins that was asked for last.
    place_in_table: u32,
    until: Duration,
}

impl ReportJob {
    /// The job for a place.
    pub fn new(place: Place, inquiry: Inquiry) -> Self {
        let host = match &place {
            Place::Host(name) => name.parse().ok(),
            Place::Here | Place::Socket(_) => None,
        };
        let host = host.map(|host: Name| if host.has_port() { host } else { host.at_port(inquiry.port) });
        let requests = VecDeque::from([match inquiry.kind {
            Kind::Tracking => Request::Tracking,
            Kind::Sources
            | Kind::SourceStatistics
            | Kind::Selection
            | Kind::Authentication
            | Kind::Measurements => Request::SourceCount,
            Kind::ServerStatistics => Request::ServerStatistics,
            Kind::Activity => Request::Activity,
            Kind::Clients => Request::Clients(0, inquiry.min_packets),
            Kind::RealTimeClock => Request::RealTimeClock,
        }]);
        Self {
            place,
            host,
            inquiry,
            requests,
            report: None,
            failure: None,
            place_in_table: 0,
            until: Duration::ZERO,
        }
    }

    fn lost(&mut self, lack: Lack) -> Step<ChronySession, Sockets, Outcome> {
        Step::Done(Outcome::lost(self.place.clone(), lack))
    }

    fn talk(
        &mut self,
        addresses: &[SocketAddr],
        sockets: Sockets,
        now: Duration,
    ) -> Step<ChronySession, Sockets, Outcome> {
        self.until = now.saturating_add(self.inquiry.patience);
        let mut session = ChronySession::new(addresses, seed());
        self.ask(&mut session);
        Step::Talk(session, sockets)
    }

    fn ask(&mut self, session: &mut ChronySession) {
        if let Some(request) = self.requests.pop_front() {
            session.ask(request, self.until);
        }
    }

    /// Adds an answer to the report, and the requests that it leads to.
    fn take(&mut self, answer: Answer) {
        let Inquiry { kind, min_packets, .. } = self.inquiry;
        match (answer, &mut self.report) {
            (Answer::SourceCount(count), _) => {
                let request = match kind {
                    Kind::SourceStatistics => Request::SourceStatistics,
                    Kind::Selection => Request::Selection,
                    _ => Request::SourceData,
                };
                self.requests.extend((0..count.min(SOURCES_LIMIT)).map(request));
                self.report = Some(match kind {
                    Kind::SourceStatistics => Report::SourceStatistics(Vec::new()),
                    Kind::Selection => Report::Selection(Vec::new()),
                    Kind::Authentication => Report::Authentication(Vec::new()),
                    Kind::Measurements => Report::Measurements(Vec::new()),
                    _ => Report::Sources(Vec::new()),
                });
            }
            (Answer::SourceData(source), Some(Report::Sources(sources))) => sources.push(source),
            (Answer::SourceData(source), Some(Report::Authentication(rows))) => {
                let is_wanted = self.inquiry.all || !matches!(source.address, Address::Unresolved(_));
                if is_host(&source) && is_wanted {
                    rows.push((source.address, crate::wire::chrony::Authentication::default()));
                    self.requests.push_front(Request::Authentication(source.address));
                }
            }
            (Answer::SourceData(source), Some(Report::Measurements(_)))
                if is_host(&source) && matches!(source.address, Address::Ip(_)) =>
            {
                self.requests.push_front(Request::Measurement(source.address));
            }
            (Answer::SourceStatistics(row), Some(Report::SourceStatistics(rows))) => rows.push(row),
            (Answer::Selection(row), Some(Report::Selection(rows))) => rows.push(row),
            (Answer::Authentication(found), Some(Report::Authentication(rows))) => {
                if let Some((_, row)) = rows.last_mut() {
                    *row = found;
                }
            }
            (Answer::Measurement(row), Some(Report::Measurements(rows))) => rows.push(row),
            (Answer::Clients(Clients { clients, next }), report) => {
                if !matches!(report, Some(Report::Clients(_))) {
                    *report = Some(Report::Clients(Vec::new()));
                }
                let Some(Report::Clients(known)) = report else { return };
                known.extend(clients);
                // With a daemon that goes back there would be no end.
                if let Some(next) = next.filter(|next| *next > self.place_in_table)
                    && known.len() < CLIENTS_LIMIT
                {
                    self.place_in_table = next;
                    self.requests.push_back(Request::Clients(next, min_packets));
                }
            }
            (Answer::Tracking(tracking), _) => self.report = Some(Report::Tracking(tracking)),
            (Answer::ServerStatistics(counted), _) => self.report = Some(Report::ServerStatistics(counted)),
            (Answer::Activity(activity), _) => self.report = Some(Report::Activity(activity)),
            (Answer::RealTimeClock(clock), _) => self.report = Some(Report::RealTimeClock(clock)),
            _ => {}
        }
    }

    /// The report; if something failed, without the row that it failed at, and only if there are others.
    fn finished_report(&mut self) -> Option<Report> {
        let mut report = self.report.take()?;
        if self.failure.is_some() {
            if let Report::Authentication(rows) = &mut report {
                rows.pop();
            }
            return Some(report).filter(|report| !report.is_empty());
        }
        Some(report)
    }
}

fn is_host(source: &SourceData) -> bool {
    matches!(source.mode, SourceData::SERVER | SourceData::PEER)
}

impl Job for ReportJob {
    type Session = ChronySession;
    type Endpoint = Sockets;
    type Outcome = Outcome;

    fn host(&self) -> Option<(Name, AddressFamily)> {
        Some((self.host.clone()?, self.inquiry.family))
    }

    fn begin(&mut self, found: Found, now: Duration) -> Step<ChronySession, Sockets, Outcome> {
        match (&self.place, found) {
            (Place::Host(_), Some(Ok(found))) => self.talk(&found.addresses, Sockets::by_address(), now),
            (Place::Host(_), Some(Err(error))) => self.lost(Lack::NoAddress(error.to_string())),
            (Place::Host(_), None) => self.lost(Lack::NoAddress("invalid host name or address".into())),
            (Place::Socket(path), _) => match socket(path) {
                Ok(sockets) => self.talk(&[], sockets, now),
                Err(error) => self.lost(Lack::Socket(error)),
            },
            (Place::Here, _) => match socket(Path::new(SOCKET)) {
                Ok(sockets) => {
                    self.place = Place::Socket(SOCKET.into());
                    self.talk(&[], sockets, now)
                }
                Err(_) => {
                    let port = self.inquiry.port;
                    let addresses = [
                        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
                        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
                    ];
                    self.talk(&addresses, Sockets::by_address(), now)
                }
            },
        }
    }

    fn event(&mut self, session: &mut ChronySession, event: Result<Answer, Failure>) {
        match event {
            Ok(answer) => {
                self.take(answer);
                self.ask(session);
            }
            Err(failure) => self.failure = Some(failure),
        }
    }

    fn end(
        &mut self,
        session: ChronySession,
        result: Result<(), PathError>,
        _: Duration,
    ) -> Step<ChronySession, Sockets, Outcome> {
        let report = self.finished_report();
        let fault = result.err().map(|error| Lack::Network(reason(error.error())));
        let lack = self.failure.map(Lack::Failed).or(fault);
        Step::Done(Outcome { place: self.place.clone(), address: session.address(), report, lack })
    }
}
