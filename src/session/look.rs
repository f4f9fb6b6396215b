//! One look at a host: its time and its daemon's state, queried in parallel through the same sockets.
//!
//! The time is measured by SNTP whatever the daemon reports, so a daemon that is wrong about itself is found out. In
//! parallel the daemon is queried over mode 6, and over chronyd's protocol if mode 6 stays unanswered for a moment. One
//! deadline covers everything.

mod chronyd;
#[cfg(test)]
mod tests;

use self::chronyd::Chronyd;
use super::control::{Config, ControlSession, Failure, Outcome, Request, RequestId};
use super::sntp::{Asking, Exchange, Server, SntpSession};
use super::{PathError, Received, Seed, Session, Transmit, Unreachable, chrony};
use crate::wire::AssociationId;
use crate::wire::chrony::{SourceData, Tracking};
use crate::wire::control::{DEFAULT_VERSION, Opcode};
use crate::wire::status::{PeerStatusWord, Selection};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

/// The shortest interval between time requests to one server.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long to wait for a first reply before trying chronyd's protocol.
const CHRONY_DELAY: Duration = Duration::from_millis(300);
/// How long chronyd may take if the host is known to be up.
const CHRONY_PATIENCE: Duration = Duration::from_millis(1500);
/// Octets per entry of the association list.
const ASSOCIATION_LENGTH: usize = 4;
/// The leap indicator of a clock that is not synchronised.
const ALARM: u16 = 3;
/// The most associations whose variables are read.
const MAX_SOURCES: usize = 64;
/// ntpd's variable for how long it has been running.
pub const UPTIME: &str = "ss_uptime";
/// The variables to read from the system peer.
const SOURCE_VARIABLES: &[u8] = b"srcadr,reach";

/// What to ask a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Questions {
    /// Whether to query over mode 6.
    pub control: bool,
    /// The port for chronyd's protocol, if it is to be used.
    pub chrony: Option<u16>,
    /// Whether to measure the time.
    pub time: bool,
    /// Whether to read the variables of all sources of a daemon whose clock is not synchronised.
    pub sources: bool,
    /// How long everything may take.
    pub patience: Duration,
}

/// What a daemon reports over mode 6.
#[derive(Debug, Default)]
pub struct OverControl {
    /// Its system variables, with the status word.
    pub system: Option<Outcome>,
    /// The status words of its associations, by association ID.
    pub associations: Option<Vec<(AssociationId, PeerStatusWord)>>,
    /// The variables of its system peer.
    pub followed: Option<Outcome>,
    /// The variables of its first associations, if they were requested.
    pub sources: Vec<(AssociationId, Option<Outcome>)>,
    /// How long it has been running, if that was requested.
    pub uptime: Option<Outcome>,
}

/// What chronyd reports.
#[derive(Debug, Default)]
pub struct OverChrony {
    /// The state of its clock.
    pub tracking: Option<Result<Tracking, chrony::Failure>>,
    /// The number of its sources.
    pub source_count: Option<u32>,
    /// Its first sources.
    pub sources: Vec<SourceData>,
}

/// The result of a look.
#[derive(Debug)]
pub struct Seen {
    /// The address that was asked.
    pub address: SocketAddr,
    /// The measurement, if requested.
    pub time: Option<Server>,
    /// What the daemon reports over mode 6.
    pub control: OverControl,
    /// What it reports over chronyd's protocol.
    pub chrony: OverChrony,
    /// Datagrams received from the host, of any kind.
    pub heard: u32,
    /// Why nothing can be sent there, or that nothing listens.
    pub fault: Option<io::Error>,
}

/// The conversation.
#[derive(Debug)]
pub struct LookSession {
    address: SocketAddr,
    until: Duration,
    time: Option<SntpSession>,
    control: Option<ControlSession>,
    asked: Asked,
    chrony: Option<Chronyd>,
    over_control: OverControl,
    over_chrony: OverChrony,
    heard: u32,
    fault: Option<io::Error>,
}

/// The pending mode 6 requests.
#[derive(Debug, Default)]
struct Asked {
    system: Option<RequestId>,
    associations: Option<RequestId>,
    followed: Option<RequestId>,
    uptime: Option<RequestId>,
    sources: Vec<RequestId>,
    /// Whether sources are still to be read if the clock is not synchronised.
    wants_sources: bool,
}

impl LookSession {
    /// Creates a look at this address that begins at `now`. The seed must be unpredictable.
    pub fn new(address: SocketAddr, questions: Questions, seed: Seed, now: Duration) -> Self {
        let mut random = StdRng::from_seed(seed);
        let mut other_seed = || {
            let mut seed = Seed::default();
            random.fill_bytes(&mut seed);
            seed
        };
        let time = questions
            .time
            .then(|| SntpSession::new(asking(questions.patience), &[address], other_seed(), now));
        let until = now.saturating_add(questions.patience);
        let chrony = questions.chrony.map(|port| {
            let begin = if questions.control { now.saturating_add(CHRONY_DELAY) } else { now };
            Chronyd::new(SocketAddr::new(address.ip(), port), other_seed(), begin)
        });
        let mut asked = Asked { wants_sources: questions.sources, ..Asked::default() };
        let control = questions.control.then(|| {
            let config = Config {
                version: DEFAULT_VERSION,
                first_sequence: random.random(),
                silence: questions.patience,
                patience: questions.patience,
                // The time is measured in parallel.
                probe: None,
            };
            let mut session = ControlSession::new(config);
            let mut submit =
                |opcode| session.submit(Request::open(opcode, AssociationId::SYSTEM, Vec::new()));
            asked.system = Some(submit(Opcode::READ_VARIABLES));
            asked.associations = Some(submit(Opcode::READ_STATUS));
            session
        });
        Self {
            address,
            until,
            time,
            control,
            asked,
            chrony,
            over_control: OverControl::default(),
            over_chrony: OverChrony::default(),
            heard: 0,
            fault: None,
        }
    }

    /// Returns the results so far.
    pub fn into_seen(self) -> Seen {
        let Self { address, time, over_control, over_chrony, heard, fault, .. } = self;
        let time = time.and_then(|session| session.into_servers().pop());
        Seen { address, time, control: over_control, chrony: over_chrony, heard, fault }
    }

    /// Whether the daemon has answered over mode 6, even with a refusal.
    fn is_known_by_control(&self) -> bool {
        self.over_control
            .system
            .as_ref()
            .is_some_and(|outcome| matches!(outcome, Ok(_) | Err(Failure::Refused(_))))
    }

    fn is_known_by_chrony(&self) -> bool {
        matches!(self.over_chrony.tracking, Some(Ok(_)))
    }

    /// Collects the results of the conversations and starts the next steps.
    fn advance(&mut self, now: Duration) {
        self.advance_time(now);
        self.advance_control();
        let is_known = self.is_known_by_control();
        let is_there = self.time.as_ref().is_some_and(is_answered);
        if let Some(chrony) = &mut self.chrony {
            let is_alone = self.control.as_ref().is_none_or(Session::is_done);
            if is_known {
                chrony.session.give_up();
                chrony.is_over = true;
            } else {
                let until =
                    if is_there { self.until.min(now.saturating_add(CHRONY_PATIENCE)) } else { self.until };
                chrony.advance(is_alone, until, now, &mut self.over_chrony);
            }
        }
        if self.is_known_by_chrony()
            && !is_known
            && let Some(control) = &mut self.control
        {
            control.give_up();
            self.advance_control();
        }
    }

    fn advance_time(&mut self, now: Duration) {
        let Some(time) = &mut self.time else { return };
        while time.poll_event().is_some() {}
        if is_answered(time) && !time.is_done() {
            time.stop();
            let server = time.servers().first();
            let answered =
                server.and_then(|server| server.exchanges.iter().rfind(|exchange| exchange.answered));
            let took = answered.map_or(Duration::MAX, Exchange::took);
            let reply = server.and_then(|server| server.reply);
            if let (Some(reply), Some(control)) = (reply, &mut self.control) {
                control.note_time_server(reply, took, now);
            }
        }
    }

    fn advance_control(&mut self) {
        let Some(control) = &mut self.control else { return };
        while let Some((id, outcome)) = control.poll_event() {
            let id = Some(id);
            if id == self.asked.system {
                self.over_control.system = Some(outcome);
            } else if id == self.asked.followed {
                self.over_control.followed = Some(outcome);
            } else if id == self.asked.uptime {
                self.over_control.uptime = Some(outcome);
            } else if let Some(place) = self.asked.sources.iter().position(|asked| id == Some(*asked)) {
                if let Some((_, known)) = self.over_control.sources.get_mut(place) {
                    *known = Some(outcome);
                }
            } else if let Ok(reply) = outcome {
                let list = associations(&reply.data);
                let followed = list.iter().find(|(_, status)| status.selection() >= Selection::SystemPeer);
                self.asked.followed = followed.map(|(id, _)| {
                    control.submit(Request::open(Opcode::READ_VARIABLES, *id, SOURCE_VARIABLES.to_vec()))
                });
                self.over_control.associations = Some(list);
            }
        }
        self.ask_for_sources();
    }

    /// Reads the variables of all sources once the daemon has reported that its clock is not synchronised.
    fn ask_for_sources(&mut self) {
        let known = (&mut self.control, &self.over_control.system, &self.over_control.associations);
        let (Some(control), Some(Ok(system)), Some(list)) = known else { return };
        if !std::mem::take(&mut self.asked.wants_sources) || system.status >> 14 != ALARM {
            return;
        }
        self.asked.uptime =
            Some(control.submit(Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, UPTIME.into())));
        for (id, _) in list.iter().take(MAX_SOURCES) {
            self.asked.sources.push(control.submit(Request::open(Opcode::READ_VARIABLES, *id, Vec::new())));
            self.over_control.sources.push((*id, None));
        }
    }
}

/// How to ask for the time: repeatedly, until there is an answer.
fn asking(patience: Duration) -> Asking {
    let tries = usize::try_from(patience.as_millis() / INTERVAL.as_millis()).unwrap_or(usize::MAX);
    Asking::plain(tries.saturating_add(1), INTERVAL, INTERVAL)
}

/// Whether the server answered the time request, even with a refusal.
fn is_answered(time: &SntpSession) -> bool {
    time.servers().iter().all(|server| server.answers() > 0 || server.wants_to_be_left_alone())
}

/// Decodes the association list, ignoring an incomplete last entry.
fn associations(data: &[u8]) -> Vec<(AssociationId, PeerStatusWord)> {
    data.chunks_exact(ASSOCIATION_LENGTH)
        .filter_map(|row| {
            let (id, status) = row.split_first_chunk::<2>()?;
            let status = u16::from_be_bytes(status.try_into().ok()?);
            Some((AssociationId(u16::from_be_bytes(*id)), PeerStatusWord(status)))
        })
        .collect()
}

impl Session for LookSession {
    type Event = Infallible;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        if let Some(transmit) = self.time.as_mut().and_then(|time| time.poll_transmit(now)) {
            return Some(transmit);
        }
        if let Some(transmit) = self.control.as_mut().and_then(|control| control.poll_transmit(now)) {
            return Some(Transmit { to: Some(self.address), ..transmit });
        }
        self.chrony.as_mut().and_then(|chrony| chrony.session.poll_transmit(now))
    }

    fn handle(&mut self, received: &Received<'_>) {
        let from = received.from;
        if self.chrony.as_ref().is_some_and(|chrony| from == Some(chrony.address)) {
            if let Some(chrony) = &mut self.chrony {
                chrony.session.handle(received);
            }
        } else if from == Some(self.address) {
            self.heard = self.heard.saturating_add(1);
            if let Some(time) = &mut self.time {
                time.handle(received);
            }
            if let Some(control) = &mut self.control {
                control.handle(received);
            }
        }
        self.advance(received.at);
    }

    fn handle_departure(&mut self, departure: &super::Departure<'_>) {
        if let Some(time) = &mut self.time {
            time.handle_departure(departure);
        }
    }

    /// One port may be closed while the other answers.
    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        if let Some(chrony) = self.chrony.as_mut().filter(|chrony| notice.to == Some(chrony.address)) {
            let _ = chrony.session.handle_unreachable(notice);
            return ControlFlow::Continue(());
        }
        if self.heard > 0 {
            // The host has been heard, whatever the error says.
            return ControlFlow::Continue(());
        }
        if let Some(time) = &mut self.time {
            let _ = time.handle_unreachable(notice);
            if !matches!(notice.error, PathError::Read(_)) {
                time.give_up();
            }
        }
        if let Some(control) = &mut self.control {
            control.give_up();
        }
        self.fault = Some(notice.error.copied());
        ControlFlow::Continue(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let time = self.time.as_ref().filter(|time| !time.is_done()).and_then(Session::poll_timeout);
        let control = self.control.as_ref().and_then(Session::poll_timeout);
        let chrony = self.chrony.as_ref().and_then(Chronyd::poll_timeout);
        [time, control, chrony, Some(self.until)].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.until <= now {
            self.give_up();
        }
        if let Some(time) = &mut self.time {
            time.handle_timeout(now);
        }
        if let Some(control) = &mut self.control {
            control.handle_timeout(now);
        }
        if let Some(chrony) = &mut self.chrony {
            chrony.session.handle_timeout(now);
        }
        self.advance(now);
    }

    fn poll_event(&mut self) -> Option<Infallible> {
        None
    }

    fn is_done(&self) -> bool {
        self.time.as_ref().is_none_or(Session::is_done)
            && self.control.as_ref().is_none_or(Session::is_done)
            && self.chrony.as_ref().is_none_or(|chrony| chrony.is_over)
    }

    fn give_up(&mut self) {
        if let Some(time) = &mut self.time {
            time.give_up();
        }
        if let Some(control) = &mut self.control {
            control.give_up();
        }
        self.advance_control();
        if let Some(chrony) = &mut self.chrony {
            chrony.session.give_up();
            chrony.take_answers(&mut self.over_chrony);
            chrony.is_over = true;
        }
    }
}
